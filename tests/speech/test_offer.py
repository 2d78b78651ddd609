"""What a real line offers, and what each other language waits for, in values and in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.core.content import Content
from ivr.phone.browser.words import INTERFACES
from ivr.phone.offered import in_words
from ivr.speech.line_state import LineState, write_line_state
from ivr.speech.offer import Offer, offer_of
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from tests.conftest import TODAY
from tests.speech.test_offered import approved, record_all
from tests.speech.test_voices import audio, make, script

__all__ = ["audio"]
BY_PROVIDER = ("fi", "sv", "en", "ru", "ar")
BY_MACHINE = ("uk", "fa", "sw")
PEOPLE, PEOPLE_OR_CLOUD = ("recordings", "approval"), ("cloud", "approval")


def offer(content: Content, audio: Audio = NO_AUDIO) -> Offer:
    return offer_of(content, VoiceSelector(content, audio, TODAY))


def test_without_clips_the_provider_speaks_a_build_adds_the_machines_and_people_are_needed(content: Content) -> None:
    found = offer(content)
    assert found.now == BY_PROVIDER
    assert found.after_build == BY_MACHINE
    assert found.waiting == {"uk": ("clips",), "fa": ("clips",), "so": PEOPLE_OR_CLOUD, "ckb": PEOPLE, "sw": ("clips",)}
    assert found.can_be_shown == ("uk", "fa", "so", "ckb", "sw")


def test_what_is_built_is_offered_and_waits_no_more(content: Content, audio: Audio) -> None:
    for said in script(content, "uk"):
        make(content, audio, said, "offline")
    found = offer(content, audio)
    assert found.now == ("fi", "sv", "en", "ru", "uk", "ar")
    assert found.after_build == ("fa", "sw")


@pytest.mark.parametrize(
    ("prepare", "waits"),
    [(lambda content: content, ("approval",)), (lambda content: approved(content, "so"), None)],
    ids=["recorded", "recorded and approved"],
)
def test_what_people_record_waits_for_their_approval_only(
    content: Content, audio: Audio, prepare: Callable[[Content], Content], waits: tuple[str, ...] | None
) -> None:
    record_all(content, audio, "so")
    found = offer(prepare(content), audio)
    assert found.waiting.get("so") == waits
    assert ("so" in found.now) == (waits is None)


def test_what_a_cloud_voice_speaks_waits_for_a_reader_and_an_approval_too(content: Content, audio: Audio) -> None:
    """Whoever builds it has paid for a voice that nobody who knows the language has heard."""
    clips = [make(content, audio, said, "azure") for said in script(content, "so")]
    assert offer(content, audio).waiting["so"] == ("reader", "approval")
    heard = {clip.stem: hashlib.sha256(clip.read_bytes()).hexdigest() for clip in clips}
    assert offer(approved(content, "so"), audio).waiting["so"] == ("reader",)
    write_line_state(audio.recorded / "so", LineState(in_use=True, heard=heard))
    assert offer(content, audio).waiting["so"] == ("approval",)
    assert "so" in offer(approved(content, "so"), audio).now
    assert "so" in VoiceSelector(content, audio, TODAY).unapproved


def test_a_language_with_a_cloud_voice_and_another_speaks_by_that_until_a_reader_has_heard(
    content: Content, audio: Audio
) -> None:
    for said in script(content, "fa"):
        make(content, audio, said, "azure")
    assert offer(content, audio).waiting["fa"] == ("reader",)
    for said in script(content, "fa"):
        make(content, audio, said, "offline")
    assert "fa" in offer(content, audio).now
    assert VoiceSelector(content, audio, TODAY).sources["fa"] == "offline"


def test_where_approval_is_required_a_build_alone_adds_nothing(content: Content) -> None:
    found = offer_of(content, VoiceSelector(content, NO_AUDIO, TODAY, require_approval=True))
    assert found.now == ("fi", "sv", "en")
    assert found.after_build == ()
    assert (found.waiting["ru"], found.waiting["uk"]) == (("approval",), ("clips", "approval"))


def test_where_only_the_provider_may_speak_a_build_adds_nothing(content: Content) -> None:
    found = offer_of(content, VoiceSelector(content, NO_AUDIO, TODAY, "say"))
    assert found.now == BY_PROVIDER
    assert found.after_build == ()
    assert found.waiting["uk"] == ("provider",)


def test_what_is_not_translated_cannot_even_be_shown(content: Content) -> None:
    found = offer(replace(content, offered=content.offered - {"sw"}))
    assert found.waiting["sw"] == ("texts",)
    assert "sw" not in found.can_be_shown


def test_is_told_in_one_line(content: Content) -> None:
    assert in_words(offer(content), content).line == (
        "A real line offers 5 languages today: Finnish, Swedish, English, Russian and Arabic. "
        "After ivr audio build it offers 8: Ukrainian, Dari/Persian and Swahili too. "
        "Waiting: Ukrainian, Dari/Persian and Swahili (the voice is not made yet). "
        "Waiting: Somali (nobody has recorded it, and its cloud voice, which costs money, is not made; "
        "no native speaker has approved its safety sentences). "
        "Waiting: Sorani Kurdish (no machine speaks it, and nobody has recorded it; "
        "no native speaker has approved its safety sentences)."
    )


def test_is_told_in_the_language_of_each_reader(content: Content) -> None:
    told = {interface: in_words(offer(content), content, interface) for interface in INTERFACES}
    names = {"fi": "ukraina, dari/persia ja suahili", "sv": "ukrainska, dari/persiska och swahili"}
    for interface, of_them in names.items():
        assert of_them in told[interface].today
    assert len({told[interface].line for interface in INTERFACES}) == len(INTERFACES)


def test_a_language_that_the_page_has_no_word_for_is_named_by_the_content(content: Content) -> None:
    languages = content.languages.languages
    known = content.languages.model_copy(update={"languages": {**languages, "xx": languages["so"]}})
    names = {"en": {"language.xx": "Esperanto"}}
    texts = {code: {**texts, **names.get(code, {})} for code, texts in content.catalogue.texts.items()}
    made = replace(content, languages=known, catalogue=replace(content.catalogue, texts=texts))
    found = Offer(("fi", "xx"), (), {})
    assert in_words(found, made, "sv").today.endswith("2 språk: finska och Esperanto.")
