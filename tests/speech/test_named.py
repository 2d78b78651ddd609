"""Whether a voice that is named is there and speaks the language, by the list of who makes it."""

from __future__ import annotations

import pytest

from ivr.core.content import Content
from ivr.speech.engines import CLOUD, ENGINES, VOICE_SOURCES
from ivr.speech.espeak import Espeak
from ivr.speech.named import NamedVoice, fault_of, named_voices
from tests.speech.azure_service import VOICES

GOOGLES = {"fi-FI-Wavenet-B": ("fi-FI",), "Kore": ("en-US",)}


@pytest.mark.parametrize(
    ("code", "locale", "name"),
    [
        ("so", "so-SO", "so-SO-UbaxNeural"),
        ("so", "so", "so-SO-UbaxNeural"),
        ("so", "so-DJ", "so-SO-UbaxNeural"),
        ("fa", "fa-IR", "en-US-AvaMultilingualNeural"),
    ],
)
def test_a_voice_of_the_language_is_right_whatever_its_country(code: str, locale: str, name: str) -> None:
    assert fault_of(NamedVoice(code, locale, name), VOICES) == ""


def test_one_that_is_not_there_is_told_with_the_names_that_are_most_like_it() -> None:
    told = fault_of(NamedVoice("so", "so-SO", "so-SO-MuseNeural"), VOICES)
    assert told == (
        "IS NOT THERE. Name one of these in languages.yaml: "
        "so-SO-MuuseNeural, so-SO-UbaxNeural, en-US-AvaMultilingualNeural"
    )


def test_one_of_another_language_is_wrong() -> None:
    told = fault_of(NamedVoice("so", "so-SO", "sw-KE-ZuriNeural"), VOICES)
    assert told.startswith("SPEAKS ANOTHER LANGUAGE: sw-KE, and not so-SO. Name one of these in languages.yaml: so-SO-")


def test_where_it_has_no_voice_of_the_language_that_is_told() -> None:
    told = fault_of(NamedVoice("ckb", "ckb-IQ", "ckb-IQ-HanaNeural"), VOICES)
    assert told == "IS NOT THERE. It has none for ckb-IQ: take that line out of languages.yaml"


def test_a_voice_with_its_model_is_looked_for_without_it_and_may_speak_any_language() -> None:
    assert fault_of(NamedVoice("fa", "fa-IR", "gemini-2.5-flash-tts/Kore"), GOOGLES) == ""
    assert fault_of(NamedVoice("fa", "fa-IR", "Kore"), GOOGLES).startswith("SPEAKS ANOTHER LANGUAGE: en-US")
    assert fault_of(NamedVoice("fa", "fa-IR", "gemini-2.5-flash-tts/Core"), GOOGLES).startswith("IS NOT THERE")


def test_nor_is_the_variant_of_one() -> None:
    assert fault_of(NamedVoice("sv", "sv-SE", "sv+f3"), Espeak(1).voices()) == ""


def test_the_content_names_voices_of_its_languages(content: Content) -> None:
    """Their names begin with the locale, at Google and at Azure; the offline engine is asked itself."""
    codes = content.languages.languages
    there = Espeak(1).voices()
    assert {fault_of(voice, there) for voice in named_voices(content, "offline", codes)} == {""}
    for engine in CLOUD:
        for voice in named_voices(content, engine, codes):
            assert voice.name.startswith(f"{voice.locale}-"), voice
    assert [voice.code for voice in named_voices(content, "azure", codes)] == ["fa", "so"]
    assert named_voices(content, "azure", ("sv",)) == ()


def test_the_cloud_is_google_and_azure_and_both_come_before_what_costs_nothing() -> None:
    assert CLOUD == ("google", "azure") == ENGINES[:2]
    assert all(VOICE_SOURCES[engine].cost for engine in CLOUD)
