"""A voice of the cloud says no safety sentence to callers before somebody has heard it say that sentence."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from ivr.core.content import Content
from ivr.core.languages import Voice
from ivr.core.prompts import SAFETY, Catalogue
from ivr.core.utterance import Utterance
from ivr.proof.voices import voice_issues
from ivr.speech.line_state import LineState, write_line_state
from ivr.speech.offer import offer_of
from ivr.speech.voices import Audio, VoiceSelector
from tests.conftest import TODAY
from tests.speech.test_offered import approved
from tests.speech.test_voices import audio, clip_of, first, make, record, script

__all__ = ["audio"]
SOMALI = "so"


def speaking(content: Content, code: str, **voices: str) -> Content:
    """The content, in which a language has these voices and no others, and is approved."""
    named = {source: Voice(voice=voice) for source, voice in voices.items()}
    language = content.languages.languages[code].model_copy(update={"voices": named})
    languages = content.languages.model_copy(update={"languages": {**content.languages.languages, code: language}})
    return approved(replace(content, languages=languages), code)


@pytest.fixture
def somali(content: Content, audio: Audio) -> Content:
    """The content, in which Somali has all its clips by a voice of the cloud, and no other voice."""
    content = speaking(content, SOMALI, google="so-SO-X")
    for said in script(content, SOMALI):
        make(content, audio, said, "google")
    return content


def safety(content: Content, code: str = SOMALI) -> list[Utterance]:
    """The safety sentences, at the pace at which somebody hears them."""
    return [said for said in script(content, code) if said.prompt.startswith(SAFETY) and not said.slow]


def hear(content: Content, audio: Audio, *sentences: Utterance) -> None:
    """A second reader has heard these and approved them."""
    clips = [make(content, audio, said, "google") for said in sentences]
    names = {clip.stem: hashlib.sha256(clip.read_bytes()).hexdigest() for clip in clips}
    write_line_state(audio.recorded / sentences[0].language, LineState(in_use=True, heard=names))


def test_it_waits_until_all_are_heard(somali: Content, audio: Audio) -> None:
    selector = VoiceSelector(somali, audio, TODAY)
    assert SOMALI not in selector.voiced
    why = "a second reader has not heard its safety sentences by the voice of google: "
    assert selector.missing()[SOMALI].startswith(why)
    assert offer_of(somali, selector).waiting[SOMALI] == ("reader",)
    assert any(why in issue.message and "Invite a reader" in issue.remedy for issue in voice_issues(somali, selector))

    free = [said for said in safety(somali) if said.prompt == f"{SAFETY}free"]
    hear(somali, audio, *(said for said in safety(somali) if said not in free))
    selector.look()
    assert selector.missing()[SOMALI] == f"{why}{SAFETY}free"

    hear(somali, audio, *safety(somali))
    assert selector.look()
    assert SOMALI in selector.offered
    assert selector.unheard_by_a_reader == {}
    slow = next(said for said in script(somali, SOMALI) if said.prompt.startswith(SAFETY) and said.slow)
    usual = next(said for said in safety(somali) if said.id == slow.id)
    assert clip_of(selector, slow) == clip_of(selector, usual)  # nobody has heard the slow one


def test_another_clip_of_the_sentence_was_not_heard(somali: Content, audio: Audio) -> None:
    """Such as by the voice that spoke it before."""
    hear(somali, audio, *safety(somali))
    another = speaking(somali, SOMALI, google="so-SO-Y")
    for said in script(another, SOMALI):
        make(another, audio, said, "google")
    assert SOMALI not in VoiceSelector(another, audio, TODAY).offered


def test_a_clip_that_was_made_again_has_to_be_heard_again(somali: Content, audio: Audio) -> None:
    """It has the same name, and a voice of the cloud may say something else the second time."""
    hear(somali, audio, *safety(somali))
    selector = VoiceSelector(somali, audio, TODAY)
    assert SOMALI in selector.offered
    danger = first(somali, f"{SAFETY}danger", SOMALI)
    file = selector.file(clip_of(selector, danger).name)
    assert file
    path, data = file.path, file.path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert selector.look()
    assert [getattr(sound, "locale", "") for sound in selector(danger)] == ["fi-FI", "sv-SE", "en-GB"]
    assert SOMALI not in VoiceSelector(somali, audio, TODAY).offered
    path.write_bytes(data)
    assert SOMALI in VoiceSelector(somali, audio, TODAY).offered


def test_new_words_have_to_be_heard_anew(somali: Content, audio: Audio) -> None:
    """Their clip has another name, so the sentence alone falls, and nothing is lost of the rest."""
    hear(somali, audio, *safety(somali))
    danger = first(somali, f"{SAFETY}danger", SOMALI)
    texts = {**somali.catalogue.texts[SOMALI], danger.prompt: "Halis? Dhig taleefanka."}
    catalogue = Catalogue({**somali.catalogue.texts, SOMALI: texts}, somali.catalogue.spoken)
    changed = replace(somali, catalogue=catalogue)
    make(changed, audio, first(changed, danger.prompt, SOMALI), "google")
    selector = VoiceSelector(changed, audio, TODAY, keep=frozenset({SOMALI}))
    assert SOMALI in selector.offered
    assert [getattr(sound, "locale", "") for sound in selector(first(changed, danger.prompt, SOMALI))] == [
        "fi-FI",
        "sv-SE",
        "en-GB",
    ]


def test_recorded_by_a_person_no_machine_has_to_be_heard(somali: Content, audio: Audio) -> None:
    for said in safety(somali):
        record(audio, said)
    assert SOMALI in VoiceSelector(somali, audio, TODAY).offered


def test_where_another_voice_can_speak_the_language_falls_to_it_and_that_is_told(
    content: Content, audio: Audio
) -> None:
    content = speaking(content, "uk", google="uk-UA-X", offline="uk")
    for said in script(content, "uk"):
        for engine in ("google", "offline"):
            make(content, audio, said, engine)
    selector = VoiceSelector(content, audio, TODAY)
    assert ("uk" in selector.offered, selector.sources["uk"]) == (True, "offline")
    assert "by the voice of google" in selector.unheard_by_a_reader["uk"]
    hear(content, audio, *safety(content, "uk"))
    assert VoiceSelector(content, audio, TODAY).sources["uk"] == "google"


def test_what_speaks_first_never_waits(content: Content, audio: Audio) -> None:
    content = speaking(content, "fi", google="fi-FI-X", provider="Polly.Suvi")
    for said in script(content, "fi"):
        make(content, audio, said, "google")
    selector = VoiceSelector(content, audio, TODAY, require_approval=True)
    assert (selector.sources["fi"], "fi" in selector.offered) == ("google", True)


def test_a_language_of_the_cloud_alone_waits_for_the_approval_of_its_words_too(somali: Content, audio: Audio) -> None:
    hear(somali, audio, *safety(somali))
    unread = approved(somali, but=())
    assert "nobody has approved its 8 safety sentences" in VoiceSelector(unread, audio, TODAY).missing()[SOMALI]
