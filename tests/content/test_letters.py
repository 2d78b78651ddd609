"""The table of letters of a draft voice: what it makes of a text, and what is wrong with it or with a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.content.files import letters_name
from ivr.content.letters import LettersFile, read_letters
from ivr.content.load import load
from ivr.core.issue import Issue
from ivr.core.letters import WORD, Letters, UnknownLetter
from tests.conftest import TODAY
from tests.content.conftest import FIRST, Prompts

TABLE = Letters(
    voice="ar",
    letters={"a": "a", "aa": "a:", "d": "d[", "h": "h", "dh": "d", "'": "?", "l": "l"},
    words={"kemi": "k e m i"},
)


@pytest.fixture
def somali(tmp_path: Path) -> Prompts:
    return Prompts.copied_to(tmp_path, *FIRST, "so")


def table(prompts: Prompts) -> LettersFile:
    loaded = load(prompts.folder, TODAY)
    assert loaded.content
    read = read_letters(prompts.folder, "so", loaded.content.catalogue.texts["so"])
    assert read
    return LettersFile(read.letters, read.file, loaded.in_order(read.issues))


def fault(prompts: Prompts) -> Issue:
    (issue,) = table(prompts).issues
    assert (issue.severity, issue.language) == ("note", "so")
    assert issue.remedy
    return issue


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("dhaa", "[[d|a:]]"),
        ("dahaaa", "[[d[|a|h|a:|a]]"),
        ("La'aan", None),
        ("la'aa", "[[l|a|?|a:]]"),
        ("Kemi: da, DA.", "[[k|e|m|i]]: [[d[|a]], [[d[|a]]."),
        ("da-da “da” (da)", "[[d[|a]] [[d[|a]]  [[d[|a]]   [[d[|a]] "),
    ],
)
def test_each_word_is_said_by_its_longest_letters_and_pauses_stay(text: str, spoken: str | None) -> None:
    if spoken is None:
        with pytest.raises(UnknownLetter, match="'n'"):
            TABLE.spoken(text)
    else:
        assert TABLE.spoken(text) == spoken


def test_every_letter_of_every_word_is_said(somali: Prompts) -> None:
    """What is left of a text between its words are blanks and signs, never a letter."""
    read = table(somali)
    assert read.issues == ()
    assert read.letters
    loaded = load(somali.folder, TODAY)
    assert loaded.content
    for text in loaded.content.catalogue.texts["so"].values():
        assert not any(sign.isalnum() for sign in WORD.sub("", text))
    assert set("abcdefghijklmnopqrstuvwxyz") - set("pvz") == {
        each for letter in read.letters.letters for each in letter if each.isalpha()
    }


def test_a_language_without_a_table_has_no_draft_voice(somali: Prompts) -> None:
    assert read_letters(somali.folder, "fi", {}) is None
    somali.path("so.letters.yaml").unlink()
    assert read_letters(somali.folder, "so", {}) is None


def test_a_letter_without_a_row_is_told_once_with_the_line_of_its_text(somali: Prompts) -> None:
    somali.translate("so.po", "welcome.machine", "Mashiin baa kula hadlaya, zebra, zoo. Mashiinku kuma maqlo.")
    issue = fault(somali)
    assert (issue.file, issue.line) == ("prompts/so.po", somali.line("so.po", 'msgctxt "welcome.machine"'))
    assert "'zebra'" in issue.message
    assert "'z'" in issue.message
    assert letters_name("so") in issue.remedy


def test_a_word_of_its_own_needs_no_row(somali: Prompts) -> None:
    somali.translate("so.po", "welcome.machine", "Mashiin baa kula hadlaya, Zebra. Mashiinku kuma maqlo.")
    somali.edit("so.letters.yaml", "words:\n", "words:\n  zebra: z e b R a\n")
    read = table(somali)
    assert read.issues == ()
    assert read.letters
    assert read.letters.phonemes("Zebra") == ("z", "e", "b", "R", "a")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  f: f\n", "  f:\n", "f"),
        ("  f: f\n", "  f: f|g\n", "phonemes"),
        ("  f: f\n", "  f: f]]\n", "phonemes"),
        ("  f: f\n", "  F: f\n", "small letters"),
        ("  f: f\n", "  f f: f\n", "without blanks"),
        ("  f: f\n", "  f: f\n  f: g\n", "'f' is here and also in line"),
        ("pace: 1.1", "pace: fast", "not a number"),
        ("pace: 1.1", "tempo: 1.1", "'tempo' is not a known word"),
        ("voice: ar ", "# ", "'voice' is missing"),
    ],
)
def test_what_is_wrong_in_the_table_is_told_by_its_line_and_stops_no_line(
    somali: Prompts, old: str, new: str, told: str
) -> None:
    somali.edit("so.letters.yaml", old, new)
    issue = fault(somali)
    assert (issue.file, table(somali).letters) == (letters_name("so"), None)
    assert issue.line
    assert told in f"{issue.message}. {issue.remedy}"
    assert load(somali.folder, TODAY).content


def test_a_line_that_reads_the_site_does_not_see_it(somali: Prompts) -> None:
    with_it = load(somali.folder, TODAY)
    somali.write("so.letters.yaml", "no: table\n")
    broken = load(somali.folder, TODAY)
    somali.path("so.letters.yaml").unlink()
    without = load(somali.folder, TODAY)
    assert with_it.issues == broken.issues == without.issues
    assert with_it.content
    assert without.content
    assert with_it.content.languages == without.content.languages
    assert with_it.content.offered == without.content.offered
