"""The room speaks with volunteers in every language of the line, in the same few texts."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
import yaml

from ivr.content.checks.lint import JOINERS, NOT_APOSTROPHES
from ivr.core.characters import CONTROL, composed
from ivr.core.content import Content
from ivr.room.words import CONSENT_READ, CONSENT_TICKED, NOT_OF_READERS, consent_version, words
from tests.conftest import ROOT

FOLDER = ROOT / "ivr" / "room" / "words"
MOST, LONGEST = 40, 110
LONGEST_LOAN = 3
"""Words that may be right in two languages that are near each other."""
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
SIGNS = {*" .,:?!'’/،؟-", *JOINERS, *string.digits}
"""What a text has beside letters, their marks and slots."""


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_language_of_the_line_has_its_own_words(content: Content) -> None:
    assert set(LANGUAGES) == content.languages.languages.keys()


@pytest.mark.parametrize("language", LANGUAGES)
class TestWords:
    def test_they_are_the_same_few_with_the_same_slots_in_the_same_order(self, language: str) -> None:
        own, english = words(language), words("en")
        assert len(own) <= MOST
        assert list(own) == list(english)
        assert {key: slots(text) for key, text in own.items()} == {key: slots(text) for key, text in english.items()}

    def test_each_is_a_short_text_in_the_letters_of_its_language(self, language: str, content: Content) -> None:
        alphabet = {*content.languages.languages[language].alphabet}
        for key, text in words(language).items():
            assert 0 < len(text) <= LONGEST, key
            assert text == composed(text).strip(), key
            assert not CONTROL.search(text), key
            assert not NOT_APOSTROPHES & {*text}, key
            plain = text.format_map(dict.fromkeys(slots(text), ""))
            strange = {c for c in plain.casefold() if c not in alphabet | SIGNS and not "\u064b" <= c <= "\u0652"}
            assert not strange, f"{key}: {strange}"

    def test_sentences_end_and_what_is_pressed_or_ticked_is_as_in_english(self, language: str) -> None:
        for key, english in words("en").items():
            assert (words(language)[key][-1] in ".?؟") == (english[-1] in ".?"), key

    def test_nothing_is_left_in_another_language(self, language: str) -> None:
        for other in set(LANGUAGES) - {language}:
            same = [text for key, text in words(language).items() if text == words(other)[key]]
            assert all(len(text.split()) <= LONGEST_LOAN for text in same), other

    def test_a_file_has_each_key_once(self, language: str) -> None:
        lines = [line for line in _lines(FOLDER / f"{language}.yaml") if not line.startswith("#")]
        assert len(lines) == len(words(language))

    def test_every_text_is_words(self, language: str) -> None:
        read = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
        assert all(isinstance(text, str) for text in read.values())


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_a_language_without_words_of_its_own_has_the_english_ones() -> None:
    assert words("de") == words("en")
    assert consent_version("de", "voice") == consent_version("en", "voice")


def test_the_consent_is_every_text_of_it_and_each_language_has_a_version_of_its_own() -> None:
    assert [key for key in words("en") if key.startswith("consent_")] == [*CONSENT_READ, *CONSENT_TICKED]
    assert len({consent_version(each, kind) for each in LANGUAGES for kind in ("voice", "reader")}) == 2 * len(
        LANGUAGES
    )


@pytest.mark.parametrize("key", [*CONSENT_READ, *CONSENT_TICKED])
def test_a_consent_in_other_words_has_another_version(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = {**words("fi"), key: "Muuta."}
    monkeypatch.setattr("ivr.room.words.words", {"fi": other}.__getitem__)
    assert consent_version.__wrapped__("fi", "voice") != consent_version("fi", "voice")
    of_readers = consent_version.__wrapped__("fi", "reader") != consent_version("fi", "reader")
    assert of_readers == (key not in NOT_OF_READERS)
