"""Which languages a line offers: those that are whole and have a voice, whoever's it is."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.app import create_app
from ivr.core.content import Content
from ivr.core.prompts import SAFETY
from ivr.core.utterance import SpokenByProvider
from ivr.journal import Journal
from ivr.proof.voices import unapproved, unvoiced
from ivr.settings.env_file import SettingsError
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from tests.conftest import TODAY
from tests.speech.test_voices import audio, clip_of, first, make, record, script, without_provider
from tests.telephony.conftest import Line, line_settings

__all__ = ["audio"]
BY_PROVIDER = {"fi", "sv", "en", "ru", "ar"}
BY_MACHINE = {"uk", "fa", "sw"}
BY_PEOPLE = ("so", "ckb")


def offered(content: Content, audio: Audio) -> set[str]:
    return set(VoiceSelector(content, audio, TODAY).offered)


def approved(content: Content, *codes: str, but: tuple[str, ...] = ()) -> Content:
    """Native speakers have approved the safety sentences of these languages, but for some."""
    safety = {
        code: replace(sentences, unapproved=but if code in codes else sentences.needed)
        for code, sentences in content.safety.items()
    }
    return replace(content, safety=safety)


def record_all(content: Content, audio: Audio, code: str) -> None:
    """Stand-ins for a person's recordings of a whole language: they need no slow versions."""
    for said in script(content, code):
        if not said.slow and not said.ends_group:
            record(audio, said)


def test_without_any_clip_those_that_the_provider_speaks(content: Content) -> None:
    assert offered(content, NO_AUDIO) == BY_PROVIDER


def test_with_the_offline_clips_those_that_a_machine_speaks_too(content: Content, audio: Audio) -> None:
    for code in BY_MACHINE:
        for said in script(content, code):
            make(content, audio, said, "offline")
    assert offered(content, audio) == BY_PROVIDER | BY_MACHINE


@pytest.mark.parametrize("code", BY_PEOPLE)
def test_a_language_that_no_machine_speaks_is_offered_the_moment_it_is_recorded_and_approved(
    content: Content, audio: Audio, code: str
) -> None:
    content = approved(content, code)
    assert offered(content, audio) == BY_PROVIDER
    record_all(content, audio, code)
    selector = VoiceSelector(content, audio, TODAY)
    assert set(selector.offered) == BY_PROVIDER | {code}
    for said in script(content, code):
        name = clip_of(selector, said).name
        assert selector.subtitle(name)[0] == content.languages.languages[code].locale


def test_one_recording_missing_and_it_is_not_offered(content: Content, audio: Audio) -> None:
    content = approved(content, "so")
    record_all(content, audio, "so")
    (audio.recorded / "so" / "main.person+1.wav").unlink()
    assert offered(content, audio) == BY_PROVIDER


def test_a_safety_sentence_that_has_changed_since_falls_for_itself_alone(content: Content, audio: Audio) -> None:
    """It is said in the languages that speak first, and all else as before."""
    record_all(content, audio, "so")
    danger, press = first(content, f"{SAFETY}danger", "so"), first(content, "nobody_free.sorry", "so")
    record(audio, press, "Something else.")
    record(audio, danger, "Something else.")
    selector = VoiceSelector(content, audio, TODAY)
    assert "so" in selector.voiced
    assert [getattr(sound, "locale", "") for sound in selector(danger)] == ["fi-FI", "sv-SE", "en-GB"]
    assert clip_of(selector, press)


@pytest.mark.parametrize("code", BY_PEOPLE)
def test_recorded_and_not_approved_it_waits_and_that_is_said(content: Content, audio: Audio, code: str) -> None:
    """Callers would hear what no native speaker has read; nothing of it counts as lost meanwhile."""
    content = approved(content, code, but=(f"{SAFETY}danger", f"{SAFETY}free"))
    assert VoiceSelector(content, audio, TODAY).missing()[code] == (
        "nobody has approved 2 of its 8 safety sentences: safety.danger and safety.free; "
        "it has no clips and no recordings"
    )
    record_all(content, audio, code)
    selector = VoiceSelector(content, audio, TODAY)
    assert code in selector.voiced - selector.offered - selector.kept
    assert selector.missing()[code].endswith("safety sentences: safety.danger and safety.free")
    (audio.recorded / code / "main.person+1.wav").unlink()
    assert selector.look()
    assert selector.lost == frozenset()
    assert VoiceSelector(content, audio, TODAY, "text").offered == content.offered


def test_where_approval_is_required_every_language_waits_but_those_that_speak_first(content: Content) -> None:
    def offered_if_required(content: Content) -> set[str]:
        return set(VoiceSelector(content, NO_AUDIO, TODAY, require_approval=True).offered)

    assert offered(approved(content), NO_AUDIO) == BY_PROVIDER
    assert offered_if_required(approved(content)) == set(content.languages.before_choice)
    assert offered_if_required(approved(content, "ru", "uk")) == {*content.languages.before_choice, "ru"}
    assert offered_if_required(approved(content, "ru", but=(f"{SAFETY}free",))) == set(content.languages.before_choice)


def test_who_waits_for_an_approval_is_told_with_the_remedy(content: Content) -> None:
    content = approved(content, "so")
    issues = unapproved(content, content.unapproved(required=False, cloud=()))
    assert [str(issue) for issue in issues] == [
        "prompts/languages.yaml: note: callers cannot choose Kurdish, Sorani (ckb) yet. "
        'After a native speaker has read its safety sentences: ivr texts review ckb --safety --by "NAME".'
    ]


def test_recordings_and_made_clips_add_up(content: Content, audio: Audio) -> None:
    said = script(content, "uk")
    for utterance in said[1:]:
        make(content, audio, utterance, "offline")
    assert "uk" not in offered(content, audio)
    record(audio, said[0])
    assert "uk" in offered(content, audio)


def test_a_simulated_line_offers_all_and_gives_what_nobody_speaks_to_read(content: Content) -> None:
    selector = VoiceSelector(content, NO_AUDIO, TODAY, "text")
    assert selector.offered == content.offered
    (sound,) = selector(first(content, "nobody_free.sorry", "ckb"))
    assert isinstance(sound, SpokenByProvider)
    assert (selector.lost, selector.missing()) == (frozenset(), {})


def test_what_is_not_offered_is_said_with_its_remedy(content: Content) -> None:
    issues = {issue.where[1]: issue for issue in unvoiced(content, frozenset(BY_PROVIDER))}
    assert set(issues) == BY_MACHINE | {*BY_PEOPLE}
    assert {issue.severity for issue in issues.values()} == {"note"}
    assert issues["uk"].remedy == "Make its clips: ivr audio build --lang uk"
    assert issues["so"].message == "callers cannot choose Somali (so) yet: no voice"
    assert issues["so"].remedy == "Print the page and record it: ivr audio script --lang so --print"


def test_a_language_is_named_in_english_or_as_it_names_itself(content: Content) -> None:
    assert content.name_of("so") == "Somali (so)"
    texts = {code: {} if code == "en" else said for code, said in content.catalogue.texts.items()}
    nameless = replace(content, catalogue=replace(content.catalogue, texts=texts))
    assert nameless.name_of("so") == "Soomaali (so)"


def test_a_number_of_a_language_that_is_not_offered_is_said(content: Content) -> None:
    office = content.office.model_copy(update={"languages_by_number": {"0753 250 111": "so"}})
    issues = unvoiced(replace(content, office=office), frozenset(BY_PROVIDER))
    assert [issue.message for issue in issues if issue.file == "prompts/office.yaml"] == [
        "callers cannot choose Somali (so) yet"
    ]


def test_the_line_does_not_start_without_a_voice_for_a_language_that_speaks_first(content: Content) -> None:
    silent = without_provider(content, "sv")
    with pytest.raises(
        SettingsError, match=r"languages.yaml.*Swedish \(sv\) is needed on every call, and has no voice"
    ):
        create_app(line_settings(), silent, lambda: datetime(2026, 11, 24, tzinfo=UTC), Journal(io.StringIO()))


def test_its_clips_alone_are_not_voice_enough(content: Content, audio: Audio) -> None:
    """When anything breaks the provider speaks, and clips may be what broke."""
    silent = without_provider(content, "sv")
    for said in script(silent, "sv"):
        make(silent, audio, said, "offline")
    (issue,) = [i for i in unvoiced(silent, VoiceSelector(silent, audio, TODAY).voiced) if i.severity == "broken"]
    assert issue.message == "Swedish (sv) has no voice of the provider, which speaks when anything breaks"


def test_when_anything_breaks_no_clip_is_needed(
    content: Content, audio: Audio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in content.languages.before_choice:
        record_all(content, audio, code)
    line = Line(content, audio=audio)
    assert line.twiml("/voice").findall(".//Play")
    monkeypatch.setattr("ivr.telephony.web.step", lambda *_: 1 / 0)
    for path in ("/voice", "/voice/at/gone", "/voice/emergency"):
        document = line.twiml(path, {"DialCallStatus": "no-answer"})
        assert document.findall(".//Say")
        assert not document.findall(".//Play")
