"""Which voice speaks: sources, recordings and twins."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.core.utterance import Clip, Sound, SpokenByProvider, Utterance
from ivr.speech.clips import Rendered, clip_name, ending_of, request_of
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import TEXTS
from ivr.speech.voices import Audio, VoiceSelector
from tests.conftest import TODAY

A_SECOND = to_wav(np.full(8000, 0.1, np.float32))


@pytest.fixture
def audio(tmp_path: Path) -> Audio:
    where = Audio(tmp_path / "rendered", tmp_path / "recorded")
    where.rendered.mkdir()
    return where


def script(content: Content, code: str) -> list[Utterance]:
    return [said for said in closed_set(content, TODAY) if said.language == code]


def make(content: Content, audio: Audio, said: Utterance, engine: str) -> Path:
    request = request_of(content, said, engine)
    assert request
    path = audio.rendered / f"{clip_name(request, ending_of(content, said), engine)}.wav"
    path.write_bytes(A_SECOND)
    return path


def record(audio: Audio, said: Utterance, text: str | None = None) -> None:
    folder = audio.recorded / said.language
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{said.id}.wav").write_bytes(to_wav(np.full(4000, 0.1, np.float32)))
    texts = folder / TEXTS
    known = json.loads(texts.read_text(encoding="utf-8")) if texts.is_file() else {}
    texts.write_text(json.dumps({**known, said.id: text or said.text}), encoding="utf-8")


def without_provider(content: Content, code: str) -> Content:
    language = content.languages.languages[code]
    voices = {source: voice for source, voice in language.voices.items() if source != "provider"}
    language = language.model_copy(update={"voices": voices})
    languages = {**content.languages.languages, code: language}
    return replace(content, languages=content.languages.model_copy(update={"languages": languages}))


def first(content: Content, prompt: str, code: str = "fi") -> Utterance:
    return next(said for said in script(content, code) if said.prompt == prompt)


def heard(selector: VoiceSelector, said: Utterance) -> Sound:
    """The one sound of an utterance."""
    (sound,) = selector(said)
    return sound


def clip_of(selector: VoiceSelector, said: Utterance) -> Clip:
    sound = heard(selector, said)
    assert isinstance(sound, Clip)
    return sound


def remove(audio: Audio, *clips: Clip) -> None:
    for clip in clips:
        (audio.rendered / f"{clip.name}.wav").unlink()


def test_without_clips_the_provider_speaks(content: Content, audio: Audio) -> None:
    selector = VoiceSelector(content, audio, TODAY)
    spoken = {code for code, language in content.languages.languages.items() if language.provider_voice}
    assert {code for code, source in selector.sources.items() if source == "provider"} == spoken
    said = first(content, "safety.danger")
    assert selector(said) == (SpokenByProvider("Polly.Suvi-Neural", "fi-FI", said.text),)


def test_a_whole_language_by_google_comes_before_the_provider(content: Content, audio: Audio) -> None:
    for said in script(content, "fi"):
        make(content, audio, said, "google")
    selector = VoiceSelector(content, audio, TODAY)
    assert (selector.sources["fi"], selector.sources["sv"], selector.sources["en"]) == (
        "google",
        "provider",
        "provider",
    )
    assert clip_of(selector, first(content, "safety.danger"))
    assert isinstance(heard(selector, first(content, "safety.danger", "sv")), SpokenByProvider)


def test_one_missing_clip_and_the_language_takes_the_next_source(content: Content, audio: Audio) -> None:
    for said in script(content, "fi")[1:]:
        make(content, audio, said, "google")
    assert VoiceSelector(content, audio, TODAY).sources["fi"] == "provider"


def test_a_clip_with_a_twin_is_missing_and_the_language_keeps_its_source(content: Content, audio: Audio) -> None:
    """Rule W4: a change of hours never silences a language."""
    for said in script(content, "uk"):
        if said.prompt != "hours.phone.opens":
            make(content, audio, said, "offline")
    selector = VoiceSelector(content, audio, TODAY)
    assert selector.sources["uk"] == "offline"
    assert "uk" in selector.voiced
    exact, plain = first(content, "hours.phone.opens", "uk"), first(content, "hours.phone.opens.plain", "uk")
    assert selector(exact) == selector(plain) != ()
    assert selector.lost == {
        Rendered(content, audio.rendered).name(said, "offline")
        for said in script(content, "uk")
        if said.prompt == "hours.phone.opens"
    }


def test_offline_speaks_what_the_provider_cannot(content: Content, audio: Audio) -> None:
    content = without_provider(content, "sv")
    assert VoiceSelector(content, audio, TODAY).sources["sv"] is None
    for said in script(content, "sv"):
        make(content, audio, said, "offline")
    assert VoiceSelector(content, audio, TODAY).sources["sv"] == "offline"


def test_say_alone_needs_no_clips_and_takes_none(content: Content, audio: Audio) -> None:
    for said in script(content, "fi"):
        make(content, audio, said, "google")
    selector = VoiceSelector(content, audio, TODAY, "say")
    assert selector.sources["fi"] == "provider"
    assert not selector.look()
    assert selector.file("0" * 32) is None


class TestRecordings:
    def test_a_recording_replaces_one_sentence_of_one_language_and_only_that(
        self, content: Content, audio: Audio
    ) -> None:
        record(audio, first(content, "welcome.machine"))
        selector = VoiceSelector(content, audio, TODAY, "text")
        clips = {(u.language, u.prompt) for u in closed_set(content, TODAY) if isinstance(heard(selector, u), Clip)}
        assert clips == {("fi", "welcome.machine")}
        sound = clip_of(selector, first(content, "welcome.machine"))
        assert sound.seconds == 0.5
        file = selector.file(sound.name)
        assert file
        assert file.path == audio.recorded / "fi" / "welcome.machine.wav"

    @pytest.mark.parametrize("prompt", ["nobody_free.sorry", "safety.danger"])
    def test_a_stale_one_falls_to_the_next_voice_for_itself_alone(
        self, content: Content, audio: Audio, prompt: str
    ) -> None:
        """Rule S4."""
        said, other = first(content, prompt), first(content, "welcome.machine")
        record(audio, said, "Something else.")
        record(audio, other)
        selector = VoiceSelector(content, audio, TODAY)
        assert isinstance(heard(selector, said), SpokenByProvider)
        assert isinstance(heard(selector, other), Clip)
        assert "callers do not hear it" in selector.stale()["fi"]
        assert selector.lost == frozenset()

    def test_where_no_voice_says_the_new_words_the_old_are_heard_but_of_a_safety_sentence(
        self, content: Content, audio: Audio
    ) -> None:
        content = without_provider(content, "fi")
        ordinary, safety = first(content, "nobody_free.sorry"), first(content, "safety.danger")
        record(audio, ordinary, "Something else.")
        record(audio, safety, "Something else, too.")
        selector = VoiceSelector(content, audio, TODAY)
        assert isinstance(heard(selector, ordinary), Clip)
        assert selector.sound(safety) is None
        assert "nobody_free.sorry has other words than the text of today, and callers still" in selector.stale()["fi"]
        assert "safety.danger has other words than the text of today, and callers do not" in selector.stale()["fi"]

    def test_one_without_a_slow_version_is_repeated_as_it_is(self, content: Content, audio: Audio) -> None:
        said = first(content, "nobody_free.sorry")
        record(audio, said)
        selector = VoiceSelector(content, audio, TODAY)
        assert selector(replace(said, slow=True)) == selector(said)
        assert selector.subtitle(clip_of(selector, said).name) == ("fi-FI", said.text, False)

    def test_digits_are_ten_recordings(self, content: Content, audio: Audio) -> None:
        digit = next(u for u in script(content, "fi") if u.prompt == "digit.4" and not u.values)
        record(audio, digit)
        selector = VoiceSelector(content, audio, TODAY)
        assert selector(replace(digit, values=("end",))) == selector(digit)

    def test_a_broken_file_is_no_recording_until_it_is_whole(self, content: Content, audio: Audio) -> None:
        said = first(content, "nobody_free.sorry")
        record(audio, said)
        path = audio.recorded / "fi" / "nobody_free.sorry.wav"
        whole = path.read_bytes()
        path.write_bytes(whole[:500])
        selector = VoiceSelector(content, audio, TODAY)
        assert isinstance(heard(selector, said), SpokenByProvider)
        assert selector.lost == {"fi/nobody_free.sorry"}
        path.write_bytes(whole)
        assert selector.look()
        assert clip_of(selector, said)
        assert selector.lost == frozenset()

    @pytest.mark.parametrize(
        "broken",
        [b"{", b"\xff\xfe", b"[]", b'{"nobody_free.sorry": 1}', b"[" * 100_000, None],
        ids=lambda b: str(b)[:9],
    )
    def test_a_broken_table_of_texts_is_told_and_is_no_recordings(
        self, content: Content, audio: Audio, broken: bytes | None
    ) -> None:
        """None: a folder stands where the file should."""
        said = first(content, "nobody_free.sorry", "so")
        record(audio, said)
        table = audio.recorded / "so" / TEXTS
        good = table.read_bytes()
        table.unlink()
        table.mkdir() if broken is None else table.write_bytes(broken)
        selector = VoiceSelector(content, audio, TODAY)
        assert selector(said) == ()
        (fault,) = selector.faults()
        assert re.fullmatch(f"[^/]+/recorded/so/{TEXTS} (cannot be read: .+|is no table of texts)", fault)
        assert fault in selector.missing()["so"]
        table.rmdir() if broken is None else table.unlink()
        table.write_bytes(good)
        assert selector.look()
        assert clip_of(selector, said)
        assert selector.faults() == ()

    def test_a_table_of_texts_that_breaks_during_operation_takes_nothing_away(
        self, content: Content, audio: Audio
    ) -> None:
        said = first(content, "nobody_free.sorry", "so")
        record(audio, said)
        selector = VoiceSelector(content, audio, TODAY)
        before = selector(said)
        (audio.recorded / "so" / TEXTS).write_bytes(b"{")
        assert selector.look()
        assert (selector(said), len(selector.faults())) == (before, 1)
        assert not selector.look()


def test_the_name_of_a_clip_changes_with_what_is_said_and_how(content: Content) -> None:
    said = first(content, "nobody_free.sorry")
    request = request_of(content, said, "offline")
    assert request
    slow = request_of(content, replace(said, slow=True), "offline")
    assert slow
    names = {
        clip_name(request, "sentence", "offline"),
        clip_name(request, "option", "offline"),
        clip_name(request, "sentence", "google"),
        clip_name(replace(request, text="."), "sentence", "offline"),
        clip_name(replace(request, voice="sv"), "sentence", "offline"),
        clip_name(slow, "sentence", "offline"),
    }
    assert len(names) == 6
    assert Rendered(content, Path("nowhere")).clip(said, "offline") is None
