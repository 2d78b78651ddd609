"""What callers hear of any hours and closures, in every language, against a naive account of it.

The times are those of the oracle in tests/core, the words are read from the PO files by polib alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ivr.content.checks.hours import plain_where_too_long
from ivr.core.content import Content
from ivr.core.office import Office
from ivr.core.prompts import Catalogue
from ivr.core.script import closed_set, twin
from ivr.core.speak import utterances
from ivr.proof.evidence import Evidence
from ivr.proof.prove import settle
from ivr.proof.walk import Walk
from ivr.speech.estimate import estimate
from tests.conftest import TODAY
from tests.core.test_hours_oracle import Oracle, wall
from tests.phone.languages.book import Book
from tests.phone.languages.town import CODES

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SCHEDULES = ("phone", "walk_in", "door")
HALF_HOURS = [f"{hour:02}:{minute}" for hour in range(7, 21) for minute in ("00", "30")][:-1]
SENTENCE = re.compile(r"(?<=[.:])\s+")
WITHOUT = {"opens_on": "closed_long", "open": "open.plain", "opens": "opens.plain"}
"""The sentence that is said where the exact one would be too long."""
SLOTS = {
    "open": ("until",),
    "opens": ("day", "time"),
    "opens_on": ("day", "date", "month"),
    "closed_long": (),
    "week": ("week_from", "week_until"),
    "week_2": ("week_from_2", "week_until_2"),
}
SAID_AT = {"main_open": ("phone",), "opening_hours": ("phone",), "walk_in": ("walk_in",), "door": ("door",)}
book = cache(Book)


# --- the naive account ----------------------------------------------------------------------------------------------


def words_of(code: str, schedule: str, kind: str, *entries: str) -> str:
    """A sentence in a language; its twin if it would be longer than twelve words."""
    slots = {f"{schedule}_{slot}": entry for slot, entry in zip(SLOTS[kind], entries, strict=True)}
    exact = book(code).fill(f"hours.{schedule}.{kind}", **slots)
    if max(len(sentence.split()) for sentence in SENTENCE.split(exact)) <= 12:
        return exact
    return book(code).fill(f"hours.{schedule}.{WITHOUT.get(kind, kind + '.plain')}")


def told(code: str, schedule: str, oracle: Oracle, now: datetime, *, week: bool) -> Iterator[str]:
    """What is said of a service: whether it is open now, and the week if its five days are alike."""
    yield words_of(code, schedule, *oracle.sentence(now))
    monday, *rest = oracle.week
    if week and monday and rest == [*[monday] * 4, "", ""]:
        for kind, stretch in zip(("week", "week_2"), monday.split(","), strict=False):
            opens, closes = stretch.replace(":", "").split("-")
            yield words_of(code, schedule, kind, f"time_from.{opens}", f"time_until.{closes}")


# --- the line -------------------------------------------------------------------------------------------------------


def office_of(services: dict[str, Oracle]) -> Office:
    dates = sorted({day for oracle in services.values() for day in oracle.exceptions})
    closed = [
        {"date": str(day), "hours": {name: "closed" for name, oracle in services.items() if day in oracle.exceptions}}
        for day in dates
    ]
    hours = {
        name: {day: written or "closed" for day, written in zip(WEEKDAYS, oracle.week, strict=True)}
        for name, oracle in services.items()
    }
    people = {"on_call": {"number": "0400 291 141"}, "social_instructor": {}}
    return Office.model_validate(
        {"zone": "Europe/Helsinki", "country": "FI", "hours": hours, "exceptions": closed, "contacts": people}
    )


def line_of(content: Content, services: dict[str, Oracle]) -> Content:
    settled, _ = plain_where_too_long(replace(content, office=office_of(services)), TODAY)
    return settled


@st.composite
def stretches(draw: st.DrawFn) -> str:
    """One or two stretches of half hours that do not touch, or a closed day."""
    count = draw(st.sampled_from((0, 2, 2, 4, 4)))
    edges = sorted(draw(st.sets(st.integers(0, len(HALF_HOURS) - 1), min_size=count, max_size=count)))
    return ",".join(f"{HALF_HOURS[a]}-{HALF_HOURS[b]}" for a, b in zip(edges[::2], edges[1::2], strict=True))


@st.composite
def closures(draw: st.DrawFn) -> dict[date, str]:
    """Times in which a service is shut, of a day or of months."""
    closed = dict[date, str]()
    for _ in range(draw(st.integers(0, 2))):
        first = TODAY + timedelta(days=draw(st.integers(0, 380)))
        closed |= {first + timedelta(days=day): "" for day in range(draw(st.sampled_from((1, 7, 8, 31, 350))))}
    return closed


weeks = stretches().map(lambda day: (*[day] * 5, "", "")) | st.tuples(*[stretches()] * 7)
services = st.builds(Oracle, weeks, closures())


@pytest.mark.untraced
@settings(max_examples=6, phases=[Phase.generate])  # to shrink an example takes minutes
@given(data=st.data(), phone=services, walk_in=services, door=services)
def test_every_language_says_of_any_hour_what_is_true(
    content: Content, data: st.DataObject, phone: Oracle, walk_in: Oracle, door: Oracle
) -> None:
    oracles = {"phone": phone, "walk_in": walk_in, "door": door}
    line = line_of(content, oracles)
    for _ in range(5):
        minutes = data.draw(st.integers(0, 390 * 24 * 2)) * 30 - data.draw(st.integers(0, 1))
        now = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) + timedelta(minutes=minutes)
        for node, schedules in SAID_AT.items():
            for code in CODES:
                said = utterances(line, node, "first", code, now)
                heard = [utterance.text for utterance in said if utterance.prompt.startswith("hours.")]
                expected = [
                    sentence
                    for name in schedules
                    for sentence in told(code, name, oracles[name], now, week=node != "main_open")
                ]
                assert heard == expected, (node, code, wall(now))


# --- what every change of hours may ask for -------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_date_of_a_year_can_be_said_in_at_most_twelve_words(content: Content, schedule: str, code: str) -> None:
    said = set()
    for day in (date(2028, 1, 1) + timedelta(days=number) for number in range(366)):
        for weekday in WEEKDAYS:
            entries = (f"day_on.{weekday}", f"date.{day.day}", f"month.{day.month}")
            slots = dict(zip((f"{schedule}_{slot}" for slot in SLOTS["opens_on"]), entries, strict=True))
            text = content.catalogue.utter(f"hours.{schedule}.opens_on", code, slots).text
            assert max(len(sentence.split()) for sentence in SENTENCE.split(text)) <= 12, text
            said.add(text)
    assert len(said) == 7 * 366, "each date is told apart from every other"


@pytest.mark.untraced
def test_only_the_dates_to_come_are_among_what_the_line_can_say(content: Content) -> None:
    july = {date(2027, 7, 1) + timedelta(days=number): "" for number in range(31)}
    usual = Oracle(("09:00-15:00",) * 5 + ("", ""), {})
    shut = replace(usual, exceptions=july)
    line = line_of(content, {"phone": shut, "walk_in": usual, "door": usual})
    dated = {said.id for said in closed_set(line, TODAY) if said.prompt.endswith(".opens_on")}
    assert dated == {"hours.phone.opens_on+mon+2+8"}
    there = {(said.prompt, said.language, said.slow) for said in closed_set(line, TODAY)}
    assert {("hours.phone.closed_long", code, slow) for code in CODES for slow in (False, True)} <= there


@pytest.mark.untraced
@pytest.mark.parametrize("written", ["10:00-14:30", "08:00-11:00,12:00-15:00", ""])
def test_after_any_change_of_hours_each_new_sentence_has_a_twin_that_was_there_before(
    content: Content, written: str
) -> None:
    """So that no language falls silent until the new sentences are recorded (rule W4)."""
    before = {*closed_set(content, TODAY)}
    july = {date(2027, 7, 1) + timedelta(days=number): "" for number in range(31)}
    line = line_of(content, dict.fromkeys(SCHEDULES, Oracle((written,) * 5 + ("", ""), july)))
    new = {*closed_set(line, TODAY)} - before
    assert {twin(line, utterance) for utterance in new} <= before
    assert {utterance.prompt for utterance in new} >= (
        {"hours.phone.opens_on", "hours.walk_in.open"} if written else set()
    )


def lacking(content: Content, code: str, *ids: str) -> Content:
    """The content without some texts of a language."""
    texts = {id_: text for id_, text in content.catalogue.texts[code].items() if id_ not in ids}
    return replace(content, catalogue=Catalogue({**content.catalogue.texts, code: texts}, content.catalogue.spoken))


@pytest.mark.parametrize("gone", ["hours.phone.opens_on", "date.2", "month.8"])
@pytest.mark.parametrize("code", ["fi", "ar"])
def test_a_language_that_lacks_a_word_of_the_date_says_that_it_is_closed_for_long(
    content: Content, code: str, gone: str
) -> None:
    shut = Oracle(("09:00-15:00",) * 5 + ("", ""), {date(2027, 7, 1) + timedelta(days=day): "" for day in range(31)})
    line = lacking(line_of(content, dict.fromkeys(SCHEDULES, shut)), code, gone)
    now = datetime(2027, 7, 9, 10, 0, tzinfo=UTC)
    said = {code: utterances(line, "main_open", "first", code, now)[0] for code in CODES}
    assert said.pop(code).prompt == "hours.phone.closed_long"
    assert {utterance.prompt for utterance in said.values()} == {"hours.phone.opens_on"}


# --- every half hour (rules O4, W1, M1, M4) -------------------------------------------------------------------------


ALL_EDGES = [f"{opens}-{closes}" for at, opens in enumerate(HALF_HOURS) for closes in HALF_HOURS[at + 1 :]]


@pytest.mark.untraced
@pytest.mark.parametrize("written", ["07:30-12:30,13:30-19:30"])
def test_every_rule_holds_for_any_hours_of_the_phone_in_all_languages(content: Content, written: str) -> None:
    usual = Oracle(("09:00-15:00",) * 5 + ("", ""), {})
    phone = Oracle((written,) * 5 + ("", ""), {})
    settled = settle(line_of(content, {"phone": phone, "walk_in": phone, "door": usual}), TODAY, None, "walk", "text")
    assert [proof for proof in settled.proofs if not proof.holds] == []
    assert settled.content.offered == {*CODES}


@pytest.mark.untraced
@pytest.mark.long
def test_no_sentence_is_too_long_whatever_half_hours_the_office_opens_and_closes(content: Content) -> None:
    for at in range(0, len(ALL_EDGES), 3):
        several = (ALL_EDGES[at : at + 3] * 3)[:3]
        oracles = {name: Oracle((day,) * 5 + ("", ""), {}) for name, day in zip(SCHEDULES, several, strict=True)}
        line = line_of(content, oracles)
        for node in ("opening_hours", "walk_in", "door"):
            for code in CODES:
                for said in utterances(line, node, "first", code, datetime(2026, 11, 24, 4, 0, tzinfo=UTC)):
                    assert max(len(sentence.split()) for sentence in SENTENCE.split(said.text)) <= 12
        assert line.offered == {*CODES}


def test_whatever_is_said_of_the_hours_counts_as_the_longest_of_it(content: Content) -> None:
    """The seconds of all are proved at any moment: before a short and before a long closure ends."""
    july = {date(2027, 7, 1) + timedelta(days=number): "" for number in range(31)}
    usual = Oracle(("09:00-15:00",) * 5 + ("", ""), july)
    line = line_of(content, dict.fromkeys(SCHEDULES, usual))
    evidence = Evidence(Walk(line, (), (), {}, 0), TODAY)
    for code in CODES:
        closed = [
            said
            for said in closed_set(line, TODAY)
            if said.language == code
            and not said.slow
            and re.fullmatch(r"hours\.phone\.(opens.*|closed_long)", said.prompt)
        ]
        assert {said.prompt for said in closed} >= {
            f"hours.phone.{kind}" for kind in ("opens", "opens_on", "closed_long")
        }
        longest = max(estimate(line.languages, said) for said in closed)
        assert {evidence.seconds(said) for said in closed} == {longest}
