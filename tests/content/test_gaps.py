"""Every text that is cut out of a language costs that language and nothing else, and is told where it is missing.

A text of an optional page costs only that page in that language, and a date that cannot be said costs nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner

from ivr.commands import main
from ivr.commands.phone import simulated_app
from ivr.content.checks.texts import HALF_HOURS, TIME_TABLES
from ivr.content.load import Loaded
from ivr.content.po import read_po
from ivr.content.yaml import read_yaml
from ivr.core.content import Content
from ivr.core.hours import WEEKDAYS
from ivr.core.issue import Issue
from ivr.core.prompts import slots_of
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Said
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.simulation import carrier_for, codes_by_locale
from ivr.speech.estimate import seconds_by_locale
from tests.calls.golden import GoldenCall, Must, play
from tests.conftest import TODAY
from tests.content.conftest import FIRST, REAL, Prompts

ROWS = frozenset(
    [f"{table}.{digit}" for table in ("key", "digit") for digit in range(10)]
    + [f"day_on.{day}" for day in WEEKDAYS]
    + [f"{table}.{time}" for table in TIME_TABLES for time in HALF_HOURS]
)
SPARE = re.compile(r"hours\.\w+\.opens_on|date\.\d+|month\.\d+")
"""The ids of what any language may leave out."""
OF_A_PAGE = re.compile(r"(?:information\.)?(newcomers|services)(?:\..+)?")
"""The ids of the texts of optional pages; the group is the page."""
UNCHANGED = ("prompts", "fi", "sv")
OTHERS = ("ru", "uk", "fa", "so", "ckb", "sw")
Open = Callable[[str], Prompts]
Example = TypeVar("Example")


@cache
def texts_of(language: str) -> dict[str, str]:
    file, issues = read_po(REAL / f"{language}.po", f"prompts/{language}.po")
    assert file, issues
    return {id_: text.translation for id_, text in file.texts.items()}


def slots_in(texts: dict[str, str]) -> list[tuple[str, str]]:
    return [(id_, slot) for id_, text in texts.items() for slot in slots_of(text)]


ARABIC = texts_of("ar")


def costing_the_language(ids: Iterable[str]) -> list[str]:
    return [id_ for id_ in ids if not (SPARE.fullmatch(id_) or OF_A_PAGE.fullmatch(id_))]


def of_pages(ids: Iterable[str]) -> list[str]:
    return [id_ for id_ in ids if OF_A_PAGE.fullmatch(id_)]


def examples(language: str, candidates: Sequence[Example], count: int) -> list[Example]:
    """Some of many, chosen by chance and the same at every run."""
    return random.Random(language).sample(candidates, count)  # noqa: S311 - guards no secret


SOME_ENTRIES = [
    (language, id_)
    for language in OTHERS
    for candidates, count in ((costing_the_language(texts_of(language).keys() - ROWS), 6), ([*ROWS], 3))
    for id_ in examples(language, sorted(candidates), count)
]
"""Six entries and three rows of tables of each."""
SOME_SLOTS = [
    (language, *slot)
    for language in OTHERS
    for slot in examples(language, [s for s in slots_in(texts_of(language)) if not OF_A_PAGE.fullmatch(s[0])], 3)
]
"""Three slots of each."""


# --- the content with one gap ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def only_with(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """A folder with a language and those that speak first.

    Only the file of that language is ever changed here. All others are read once for each folder: reading them again
    and again would take most of the time.
    """
    kept = cache(read_po)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ivr.content.load.read_yaml", cache(read_yaml))
        patch.setattr(
            "ivr.content.load.read_po", lambda path, name: (kept if path.stem in UNCHANGED else read_po)(path, name)
        )
        yield cache(lambda language: Prompts.copied_to(tmp_path_factory.mktemp(language), language))


def cut_out(prompts: Prompts, language: str, prompt: str) -> None:
    """Write a language's file without one entry and the comments above it."""
    blocks = (REAL / f"{language}.po").read_text(encoding="utf-8").split("\n\n")
    kept = [block for block in blocks if f'msgctxt "{prompt}"\n' not in block]
    assert len(kept) == len(blocks) - 1
    prompts.write(f"{language}.po", "\n\n".join(kept))


def cut_slot(prompts: Prompts, language: str, prompt: str, slot: str) -> None:
    """Write a language's file without one slot of one translation."""
    file = f"{language}.po"
    prompts.write(file, (REAL / file).read_text(encoding="utf-8"))
    entry = prompts.entry(file, prompt)
    source, _, translation = entry.partition("msgstr ")
    assert translation.count(f"{{{slot}}}") == 1
    prompts.edit(file, entry, f"{source}msgstr {translation.replace(f'{{{slot}}}', '')}")


def missing(prompts: Prompts, language: str, prompt: str) -> Issue:
    """What must be told of an entry that is not there: it is missed behind the one before it."""
    file, ids = f"{language}.po", list(texts_of(language))
    before = ids[ids.index(prompt) - 1] if prompt != ids[0] else ""
    line = prompts.line(file, f'msgctxt "{before}"') if before else 1
    told = f"'{prompt}' has no text in {language}"
    return Issue("incomplete", f"prompts/{file}", (prompt, before), told, "Translate it", language, line)


def without_page(issue: Issue, page: str) -> Issue:
    """What must be told if only a page is left out for it: it does not take its language off the line."""
    message = f"{issue.message}; {issue.language} is offered without the page '{page}'"
    return replace(issue, severity="incomplete", message=message, language=None)


def slotless(prompts: Prompts, language: str, prompt: str) -> Issue:
    """What must be told of a translation that lacks a slot."""
    file = f"{language}.po"
    wanted = ", ".join(f"{{{slot}}}" for slot in sorted(slots_of(texts_of(language)[prompt])))
    told = f"'{prompt}' must have {wanted}, as its source has"
    line = prompts.line(file, f'msgctxt "{prompt}"')
    return Issue("incomplete", f"prompts/{file}", (prompt,), told, "Correct the slots", language, line)


def faults(loaded: Loaded) -> list[Issue]:
    return [issue for issue in loaded.issues if issue.severity != "note"]


def offered(loaded: Loaded) -> frozenset[str]:
    assert loaded.content, "the line does not start"
    return loaded.content.offered


# --- every entry, row and slot of Arabic ----------------------------------------------------------------------------


def test_nothing_is_missing_before_anything_is_cut_out(only_with: Open) -> None:
    loaded = only_with("ar").load()
    assert faults(loaded) == []
    assert offered(loaded) == {*FIRST, "ar"}


def test_the_entries_of_arabic_are_all_that_it_needs_and_every_row_and_slot_is_among_them(only_with: Open) -> None:
    texts = only_with("ar").load().texts
    assert texts
    needed = {id_: text.source for id_, text in texts.sources.items() if texts.wants("ar", id_)}
    assert {*ARABIC} == {*needed}
    assert {*ARABIC} > ROWS
    assert sorted(slots_in(ARABIC)) == sorted(slots_in(needed))


@pytest.mark.parametrize("prompt", costing_the_language(ARABIC))
def test_any_entry_cut_out_of_arabic_costs_arabic_and_is_told(only_with: Open, prompt: str) -> None:
    prompts = only_with("ar")
    cut_out(prompts, "ar", prompt)
    loaded = prompts.load()
    assert faults(loaded) == [missing(prompts, "ar", prompt)]
    assert offered(loaded) == {*FIRST}


@pytest.mark.parametrize("prompt", [id_ for id_ in ARABIC if SPARE.fullmatch(id_)])
def test_a_date_cut_out_of_arabic_costs_nothing(only_with: Open, prompt: str) -> None:
    prompts = only_with("ar")
    cut_out(prompts, "ar", prompt)
    loaded = prompts.load()
    assert faults(loaded) == []
    assert offered(loaded) == {*FIRST, "ar"}


@pytest.mark.parametrize("prompt", of_pages(ARABIC))
def test_any_entry_of_an_optional_page_cut_out_of_arabic_costs_that_page_and_is_told(
    only_with: Open, prompt: str
) -> None:
    prompts = only_with("ar")
    cut_out(prompts, "ar", prompt)
    loaded = prompts.load()
    page = OF_A_PAGE.sub(r"\1", prompt)
    assert faults(loaded) == [without_page(missing(prompts, "ar", prompt), page)]
    assert offered(loaded) == {*FIRST, "ar"}
    assert loaded.content
    assert loaded.content.left_out == {(page, "ar")}


@pytest.mark.parametrize(("prompt", "slot"), [s for s in slots_in(ARABIC) if not OF_A_PAGE.fullmatch(s[0])])
def test_any_slot_cut_out_of_arabic_costs_arabic_and_is_told(only_with: Open, prompt: str, slot: str) -> None:
    prompts = only_with("ar")
    cut_slot(prompts, "ar", prompt, slot)
    loaded = prompts.load()
    assert slotless(prompts, "ar", prompt) in faults(loaded)
    assert {(issue.severity, issue.where[0], issue.language) for issue in faults(loaded)} == {
        ("incomplete", prompt, "ar")
    }
    assert offered(loaded) == {*FIRST}


# --- some of every other language -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "prompt"), SOME_ENTRIES)
def test_an_entry_cut_out_of_a_language_costs_that_language_and_is_told(
    only_with: Open, language: str, prompt: str
) -> None:
    prompts = only_with(language)
    cut_out(prompts, language, prompt)
    loaded = prompts.load()
    assert faults(loaded) == [missing(prompts, language, prompt)]
    assert offered(loaded) == {*FIRST}


@pytest.mark.parametrize(("language", "prompt", "slot"), SOME_SLOTS)
def test_a_slot_cut_out_of_a_language_costs_that_language_and_is_told(
    only_with: Open, language: str, prompt: str, slot: str
) -> None:
    prompts = only_with(language)
    cut_slot(prompts, language, prompt, slot)
    loaded = prompts.load()
    assert slotless(prompts, language, prompt) in faults(loaded)
    assert {(issue.severity, issue.where[0], issue.language) for issue in faults(loaded)} == {
        ("incomplete", prompt, language)
    }
    assert offered(loaded) == {*FIRST}


@pytest.mark.parametrize("language", ["ar", *OTHERS])
def test_a_gap_in_one_of_ten_languages_leaves_the_nine_others(tmp_path: Path, language: str) -> None:
    prompts = Prompts.copied_to(tmp_path)
    cut_out(prompts, language, "safety.goodbye")
    loaded = prompts.load()
    assert faults(loaded) == [missing(prompts, language, "safety.goodbye")]
    assert offered(loaded) == {*FIRST, "ar", *OTHERS} - {language}


# --- from the file to the caller's ear ------------------------------------------------------------------------------

DAY = datetime.fromisoformat("2026-11-24T10:00:00+02:00")
NO_LANGUAGE = "8"
"""A digit that belongs to no language of the folders here."""


def without_goodbye(prompts: Prompts) -> Issue:
    cut_out(prompts, "ar", "safety.goodbye")
    return missing(prompts, "ar", "safety.goodbye")


def without_the_day(prompts: Prompts) -> Issue:
    cut_slot(prompts, "ru", "hours.phone.opens", "phone_day")
    return slotless(prompts, "ru", "hours.phone.opens")


Gap = Callable[[Prompts], Issue]
gaps = pytest.mark.parametrize(
    ("language", "gap"), [("ar", without_goodbye), ("ru", without_the_day)], ids=["entry of ar", "slot of ru"]
)


def call(content: Content, *keys: str, dials: str | None = None) -> str:
    """All that happens in a call by day of somebody who presses keys, and then nothing: a line each."""
    golden = GoldenCall(title="", at=DAY, caller=keys, dials=dials, must=Must(last="", ends="line"))
    return play(golden, content, simulated_app, seconds_by_locale(content.languages), CarrierBehaviour()).text()


@gaps
def test_check_tells_file_line_and_remedy_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, gap: Gap
) -> None:
    prompts = Prompts.copied_to(tmp_path, language)
    issue = gap(prompts)
    monkeypatch.setenv("IVR_SITE", str(prompts.folder))
    result = CliRunner().invoke(main, ["check"])
    told = [line for line in result.output.splitlines() if ": incomplete: " in line or ": broken: " in line]
    place = f"{prompts.folder}/{language}.po:{issue.line}: incomplete: "
    assert issue.line > 0
    assert f"{place}{issue.message}. {issue.remedy}." in told
    assert {line.startswith(place) for line in told} == {True}
    assert result.output.endswith("\nlanguages offered: en, fi, sv\n")
    assert result.exit_code == 1


@gaps
def test_the_line_leaves_the_language_out_and_offers_the_others(tmp_path: Path, language: str, gap: Gap) -> None:
    prompts = Prompts.copied_to(tmp_path, language)
    for expected in ({*FIRST, language}, {*FIRST}):
        loaded = prompts.load(TODAY)
        assert loaded.content
        app, languages = simulated_app(loaded.content, lambda: DAY), loaded.content.languages
        carrier = carrier_for(app, VirtualClock(DAY), seconds_by_locale(languages))
        events = carrier.call(ScriptedCaller(()), ScriptedContacts({}))
        heard = {event.spoken.language for event in events if isinstance(event, Said) and event.where != "whisper"}
        assert {codes_by_locale(languages)[locale] for locale in heard} == expected, "each names itself in the menu"
        gap(prompts)


@gaps
def test_a_language_with_a_gap_does_not_name_itself_and_its_digit_is_a_wrong_key(
    tmp_path: Path, language: str, gap: Gap
) -> None:
    prompts = Prompts.copied_to(tmp_path, language)
    whole = prompts.load().content
    gap(prompts)
    content = prompts.load().content
    assert whole
    assert content
    of, says = whole.languages.languages[language], whole.catalogue.texts[language]
    assert f" {language}: {of.name}: " in call(whole)
    assert f" {language}: {says['safety.danger']}\n" in call(whole, of.digit)
    assert f" {language}: {says['welcome.office']}\n" in call(whole, dials=language)
    for happens in (call(content, of.digit), call(content, dials=language)):
        assert f" {language}: " not in happens
        assert of.name not in happens
    assert call(content, of.digit).replace(f"presses {of.digit}", f"presses {NO_LANGUAGE}") == call(
        content, NO_LANGUAGE
    )
    assert call(content, dials=language) == call(content)
