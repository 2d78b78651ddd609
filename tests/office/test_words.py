"""The words of the pages: the same in all three languages, all used, and in the language that somebody reads."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from ivr.office.words import INTERFACES, words
from tests.office.conftest import ANNA, Office

FOLDER = Path(__file__).parents[2] / "ivr" / "office"


def slots(text: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name}


def test_all_languages_have_the_same_keys_and_slots() -> None:
    first, *others = ({key: slots(text) for key, text in words(code).items()} for code in INTERFACES)
    assert len(first) > 50
    for other in others:
        assert other == first
    for code in INTERFACES:
        assert [key for key, text in words(code).items() if not text.strip()] == []


@pytest.mark.parametrize("jargon", ["twilio", "yaml says", "yaml sanoo", "yaml säger"])
def test_the_words_name_nothing_that_only_a_programmer_knows(jargon: str) -> None:
    assert [(code, key) for code in INTERFACES for key, text in words(code).items() if jargon in text.lower()] == []


def test_every_area_is_there_in_every_language() -> None:
    areas = {tuple(path.name.split(".")[:2]) for path in (FOLDER / "words").glob("*.yaml")}
    assert areas == {(area, code) for area, _ in areas for code in INTERFACES}


def test_every_text_is_used_and_every_used_one_is_there() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for kind in ("*.py", "*.html") for path in sorted(FOLDER.rglob(kind))
    )
    named = set(re.findall(r"""\bt\(\s*["']([\w-]+)["']\s*[,)]""", source))
    begun = set(re.findall(r"""\bt\(\s*(?:["'](\w+_)["']\s*~|f"(\w+_)\{)""", source))
    beginnings = tuple({each for pair in begun for each in pair if each})
    known = words("fi")
    assert named <= known.keys()
    quoted = {key for key in known if re.search(rf"""["']{re.escape(key)}["']""", source)}
    made = {key for key in known if key.startswith((*beginnings, "to_", "error_"))}
    assert sorted(known.keys() - quoted - made) == []


@pytest.mark.parametrize(
    ("asked", "browser", "found"),
    [
        ("", "", "fi"),
        ("", "de, fr", "fi"),
        ("", "sv-FI, fi;q=0.5", "sv"),
        ("", "en-GB", "en"),
        ("?ui=sv", "en", "sv"),
        ("?ui=de", "en", "en"),
        ("?ui=sv&ui=en", "fi", "sv"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_browsers(office: Office, asked: str, browser: str, found: str) -> None:
    page = office.browser(**{"Accept-Language": browser}).get(f"/log-in{asked}").text
    assert f'<html lang="{found}">' in page


def test_a_chosen_one_is_kept(office: Office) -> None:
    browser = office.browser(**{"Accept-Language": "en"})
    browser.get("/log-in?ui=sv&next=/me")
    page = browser.get("/log-in?next=/me").text
    assert '<html lang="sv">' in page
    assert "?next=%2Fme&amp;ui=fi" in page
    assert browser.log_in(ANNA).status_code == 303
    assert '<html lang="sv">' in browser.get("/me").text
