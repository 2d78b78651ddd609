"""A clip that is gone costs its sentence a little, never all of it: what speaks instead, one step after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.core.content import Content
from ivr.core.utterance import SpokenByProvider, Utterance
from ivr.speech.voices import Audio, VoiceSelector
from tests.conftest import TODAY
from tests.speech.test_voices import audio, clip_of, first, make, record, script, without_provider

__all__ = ["audio"]


def name_of(selector: VoiceSelector, said: Utterance) -> str:
    return clip_of(selector, said).name


@pytest.fixture
def alone(content: Content) -> Content:
    """Swedish without a voice of the provider."""
    return without_provider(content, "sv")


@pytest.fixture
def selector(alone: Content, audio: Audio) -> VoiceSelector:
    for said in script(alone, "sv"):
        make(alone, audio, said, "google")
    return VoiceSelector(alone, audio, TODAY)


@pytest.mark.parametrize("slow", [False, True])
def test_a_lost_pace_is_said_at_the_other(alone: Content, selector: VoiceSelector, slow: bool) -> None:
    said = replace(first(alone, "nobody_free.sorry", "sv"), slow=slow)
    lost, other = name_of(selector, said), name_of(selector, replace(said, slow=not slow))
    assert lost != other
    selector.lose(lost)
    assert name_of(selector, said) == name_of(selector, replace(said, slow=not slow)) == other


def test_a_language_without_another_voice_falls_to_any_clip_that_is_left(alone: Content, audio: Audio) -> None:
    for said in script(alone, "sv"):
        make(alone, audio, said, "google")
        make(alone, audio, said, "offline")
    selector = VoiceSelector(alone, audio, TODAY)
    said = first(alone, "nobody_free.sorry", "sv")
    google = name_of(selector, said)
    selector.lose(google)
    offline = name_of(selector, said)
    assert google != offline
    file = selector.file(offline)
    assert file
    assert file.path == audio.rendered / f"{offline}.wav"


def test_what_is_lost_is_told_once(alone: Content, selector: VoiceSelector, caplog: pytest.LogCaptureFixture) -> None:
    lost = name_of(selector, first(alone, "nobody_free.sorry", "sv"))
    for _ in range(2):
        selector.lose(lost)
    assert [lost in message for message in caplog.messages] == [True]


class TestVoiced:
    def test_by_clips_by_the_provider_or_not_at_all(self, alone: Content, audio: Audio) -> None:
        spoken = {code for code, language in alone.languages.languages.items() if language.provider_voice}
        assert "sv" not in VoiceSelector(alone, audio, TODAY).voiced
        assert VoiceSelector(alone, audio, TODAY).voiced == spoken
        for said in script(alone, "sv"):
            make(alone, audio, said, "google")
        assert VoiceSelector(alone, audio, TODAY).voiced == spoken | {"sv"}

    def test_text_shows_every_language(self, alone: Content, audio: Audio) -> None:
        selector = VoiceSelector(alone, audio, TODAY, "text")
        assert selector.voiced == alone.offered
        said = replace(first(alone, "nobody_free.sorry", "sv"), slow=True)
        assert selector(said) == (SpokenByProvider("Polly.TextOnly", "sv-SE", said.text, slow=True),)

    def test_say_leaves_out_what_the_provider_cannot_say(self, alone: Content, audio: Audio) -> None:
        for said in script(alone, "sv"):
            make(alone, audio, said, "google")
        assert "sv" not in VoiceSelector(alone, audio, TODAY, "say").voiced

    def test_by_people_who_recorded_all_of_it(self, alone: Content, audio: Audio) -> None:
        quick = [said for said in script(alone, "sv") if not said.slow and not said.ends_group]
        for said in quick[1:]:
            record(audio, said)
        assert "sv" not in VoiceSelector(alone, audio, TODAY).voiced
        record(audio, quick[0])
        assert "sv" in VoiceSelector(alone, audio, TODAY).voiced


class TestSubtitles:
    def test_a_clip_is_shown_as_what_it_says(self, alone: Content, selector: VoiceSelector) -> None:
        for slow in (False, True):
            said = replace(first(alone, "nobody_free.sorry", "sv"), slow=slow)
            assert selector.subtitle(name_of(selector, said)) == ("sv-SE", said.text, slow)
        with pytest.raises(KeyError):
            selector.subtitle("0" * 32)


def test_the_script_of_a_language_is_all_of_it_and_only_it(alone: Content, selector: VoiceSelector) -> None:
    assert selector.script.keys() == alone.languages.languages.keys()
    for code in alone.languages.languages:
        assert selector.script[code] == tuple(script(alone, code))


def test_why_a_language_is_not_offered_names_the_folder_that_cannot_be_read(content: Content, tmp_path: Path) -> None:
    rendered, recorded = tmp_path / "rendered", tmp_path / "recorded"
    rendered.write_text("not a folder", encoding="utf-8")
    recorded.mkdir()
    for code in ("so", "ckb"):
        (recorded / code).write_text("not a folder", encoding="utf-8")
    why = VoiceSelector(content, Audio(rendered, recorded), TODAY).missing()
    assert why["uk"].startswith("it has no clips and no recordings; ")
    assert "rendered cannot be read: Not a directory" in why["uk"]
    assert "rendered cannot be read: Not a directory" in why["so"], "a cloud voice could speak it"
    assert "rendered" not in why["ckb"], "no engine speaks it"
    for code in ("so", "ckb"):
        assert f"recorded/{code}/texts.json cannot be read: Not a directory" in why[code]
