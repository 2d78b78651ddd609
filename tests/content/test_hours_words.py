"""Hours whose sentence is too long are said without day and time; a change of hours is never refused for words (O4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.content.checks.hours import exact_hours
from ivr.core.script import closed_set
from ivr.core.speak import utterances
from ivr.proof.prove import settle
from tests.conftest import TODAY
from tests.content.conftest import Prompts

TWO = frozenset({"fi", "en"})
"""Languages enough where one is too slow: the other keeps its times, and each more takes half a second."""
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Helsinki"))
PHONE = 'phone:   {mon-fri: "09:00-15:00"}'


def test_usual_hours_are_said_whole(prompts: Prompts) -> None:
    content = prompts.load().content
    assert content
    assert content.plain == frozenset()


def test_a_sentence_of_13_words_falls_to_its_twin_and_that_is_told(prompts: Prompts) -> None:
    prompts.edit("office.yaml", PHONE, 'phone: {mon-fri: "10:00-14:30"}')
    loaded = prompts.load()
    assert loaded.content
    assert {(prompt, code) for prompt, _, code in loaded.content.plain} == {("hours.phone.week", "en")}
    notes = [issue for issue in loaded.issues if "without its times" in issue.message]
    assert [(note.severity, note.line > 1, note.message.split(" in ")[1][:2]) for note in notes] == [
        ("note", True, "en")
    ]
    said = {(u.prompt, u.language) for u in closed_set(loaded.content, TODAY)}
    assert ("hours.phone.week.plain", "en") in said
    assert ("hours.phone.week", "en") not in said
    assert ("hours.phone.week", "fi") in said


def test_every_rule_holds_with_the_twin(prompts: Prompts) -> None:
    prompts.edit("office.yaml", PHONE, 'phone: {mon-fri: "10:00-14:30"}')
    content = prompts.load().content
    assert content
    settled = settle(content, TODAY, None, "walk", "flow", "text")
    assert [proof for proof in settled.proofs if not proof.holds] == []
    assert settled.notes == ()  # words were too many, seconds are not


def test_seconds_too_many_fall_to_the_twins_too(prompts: Prompts) -> None:
    """The message about the door takes too long in English until its times are left out, in English only."""
    more = "It is the door on the left of the house. " * 4
    exact = prompts.entry("prompts.pot", "hours.door.week").split('msgid "')[1].split('"')[0]
    prompts.reword("hours.door.week", more + exact)
    content = prompts.load().content
    assert content
    content = replace(content, offered=TWO)
    settled = settle(content, TODAY, None, "walk", "flow", "text")
    assert [proof for proof in settled.proofs if not proof.holds] == []
    english = exact_hours(content, TODAY, frozenset({"en"}))
    assert settled.content.plain == {(u.prompt, u.values, u.language) for u in english}
    assert {u.language for u in english} == settled.without_times == {"en"}
    assert any("'hours.door.week'" in note.message and "rule M1" in note.message for note in settled.notes)


def test_what_hours_are_not_the_reason_for_is_left_as_it_is(prompts: Prompts) -> None:
    more = "It is the door on the left of the house. " * 7
    for prompt in ("hours.door.week.plain", "hours.door.week"):
        text = prompts.entry("prompts.pot", prompt).split('msgid "')[1].split('"')[0]
        prompts.reword(prompt, more + text)
    content = prompts.load().content
    assert content
    content = replace(content, offered=TWO)
    settled = settle(content, TODAY, None, "walk", "flow", "text")
    assert [proof.rule for proof in settled.proofs if not proof.holds] == ["M1"]
    assert (settled.content.plain, settled.notes) == (content.plain, ())


# --- two stretches a day --------------------------------------------------------------------------------------------

TWICE = "08:00-11:00, 12:00-15:00"
USUAL = {"phone": PHONE, "walk_in": 'walk_in: {mon-fri: "12:00-15:00"}'}


@pytest.mark.parametrize("schedule", USUAL)
def test_every_service_may_open_twice_a_day_and_callers_of_all_languages_hear_both(
    tmp_path: Path, schedule: str
) -> None:
    prompts = Prompts.copied_to(tmp_path)
    prompts.edit("office.yaml", USUAL[schedule], f'{schedule}: {{mon-fri: "{TWICE}"}}')
    loaded = prompts.load()
    assert [issue for issue in loaded.issues if issue.severity != "note"] == []
    assert loaded.content
    assert len(loaded.content.offered) == 10
    node = {"phone": "opening_hours", "walk_in": "walk_in"}[schedule]
    for code in loaded.content.offered:
        said = [u.prompt for u in utterances(loaded.content, node, "first", code, NOW)]
        week = said.index(next(each for each in said if f"hours.{schedule}.week" in each))
        assert said[week + 1].removesuffix(".plain") == f"hours.{schedule}.week_2"


def test_three_stretches_are_refused_where_the_office_wrote_them(prompts: Prompts) -> None:
    prompts.edit("office.yaml", PHONE, 'phone: {mon-fri: "08:00-09:00, 10:00-11:00, 12:00-15:00"}')
    issue = prompts.only_broken()
    assert (issue.file, issue.line) == ("prompts/office.yaml", prompts.line("office.yaml", "10:00-11:00"))
    assert issue.message.endswith("opens 3 times a day")
    assert issue.remedy == "Write two at most, for example 08:00-11:00, 12:00-15:00"


def test_days_that_differ_are_not_told_as_a_week(prompts: Prompts) -> None:
    prompts.edit("office.yaml", PHONE, f'phone: {{mon-thu: "{TWICE}", fri: "09:00-12:00"}}')
    content = prompts.load().content
    assert content
    said = [u.prompt for u in utterances(content, "opening_hours", "first", "fi", NOW)]
    assert not any(".week" in each for each in said)
    assert said[0].startswith("hours.phone.open")
