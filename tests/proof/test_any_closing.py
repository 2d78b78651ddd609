"""Whatever is closed by hand, every rule of a caller holds: the walk has covered it before anybody closes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.commands.phone import simulated_app
from ivr.core.call import Dial
from ivr.core.closing import Closing
from ivr.core.content import Content
from ivr.core.hours import parse_day, parse_week
from ivr.core.office import INSTRUCTOR, ON_CALL, PHONE, Office
from ivr.core.prompts import said_of
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Ended, Event, Pressed, Ringing
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.simulation import carrier_for, contact_numbers, names_by_number
from ivr.proof.evidence import Evidence
from ivr.proof.prove import walk_all, walk_at
from ivr.proof.registry import rules
from ivr.proof.walk import Moment, Walk, moments, with_any_closing
from ivr.speech.estimate import seconds_by_locale
from tests.conftest import TODAY

HELSINKI = ZoneInfo("Europe/Helsinki")
LONGEST_SILENCE, LONGEST_WHILE_CLOSED = 90, 40
"""Seconds until a phone rings: for who never presses a key (rule F3), and after the language key (rule M4)."""
BY_WALK = [rule for rule in rules().values() if rule.by in ("walk", "flow")]

# --- closings ------------------------------------------------------------------------------------------------------

NIGHTS_OF_SUMMER_TIME = (date(2027, 3, 28), date(2027, 10, 31))
DAYS = st.sampled_from((TODAY, TODAY + timedelta(4), date(2026, 12, 24), date(2027, 7, 1), *NIGHTS_OF_SUMMER_TIME))
MINUTES = st.sampled_from((0, 1, 3 * 60, 490, 539, 540, 541, 719, 720, 899, 900, 1439))
LASTS = st.sampled_from((1, 2, 60, 230, 1439, 1440, 1441, 7 * 1440, 366 * 1440))
HOURS = st.sampled_from(
    (
        "closed",
        "closed",
        "closed",
        "00:00-00:01",
        "05:00-06:00, 19:30-20:00",
        "10:00-14:00",
        "12:00-12:01",
        "00:00-23:59",
    )
).map(parse_day)


def wall(day: date, minute: int) -> datetime:
    """So many minutes after midnight on a clock on the wall."""
    return (datetime.combine(day, time(0)) + timedelta(minutes=minute)).replace(tzinfo=HELSINKI)


@st.composite
def closings(draw: st.DrawFn, names: Sequence[str]) -> Closing:
    day, minute = draw(DAYS), draw(MINUTES)
    begins, ends = wall(day, minute), wall(day, minute + draw(LASTS))
    return Closing(draw(st.sampled_from(names)), begins, ends, draw(HOURS))


ANY_CLOSINGS = st.lists(closings((PHONE, PHONE, "walk_in", "door")), min_size=1, max_size=4).map(tuple)
OF_THE_PHONE = st.lists(closings((PHONE,)), min_size=1, max_size=3).map(tuple)


def edges(changed: Iterable[Closing]) -> Iterator[datetime]:
    """The minutes at which something begins or ends, and those before and after; noon of the days between."""
    for closing in changed:
        for edge in (closing.begins, closing.ends):
            utc = edge.astimezone(UTC)
            yield from ((utc + timedelta(minutes=minutes)).astimezone(HELSINKI) for minutes in (-1, 0, 1))
        for day in (closing.begins.date(), closing.ends.date()):
            for interval in (*closing.hours, *parse_day("08:00-09:00, 12:00-15:00")):
                yield from (datetime.combine(day, each, HELSINKI) for each in (interval.opens, interval.closes))


def is_open(office: Office, changed: Sequence[Closing], moment: datetime) -> bool:
    """Whether the phone is open, worked out anew: by the last of the closings that hold then, else by the file."""
    clock = moment.astimezone(HELSINKI).replace(tzinfo=None)
    for closing in reversed(changed):
        begins, ends = (each.astimezone(HELSINKI).replace(tzinfo=None) for each in (closing.begins, closing.ends))
        if begins <= clock < ends:
            return any(interval.opens <= clock.time() < interval.closes for interval in closing.hours)
    return office.schedules[PHONE].is_open(moment)


# --- the walk ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finnish(content: Content) -> Content:
    """The real content, of which one language is offered: a tenth of the walk."""
    return replace(content, offered=frozenset({"fi"}))


@pytest.fixture(scope="module")
def proved(finnish: Content) -> frozenset[object]:
    """All that can happen in a call, as it was proved."""
    return happens(walk_all(finnish, TODAY))


def happens(walk: Walk) -> frozenset[object]:
    """Every transition, without the words of the hours."""
    return frozenset(
        (
            each.before,
            each.event,
            each.step.state,
            type(each.step.action),
            each.step.action.contact if isinstance(each.step.action, Dial) else None,
            tuple(said_of(play.prompt) or play.prompt for play in each.step.plays),
        )
        for each in walk.transitions
    )


@settings(max_examples=4)
@given(changed=ANY_CLOSINGS)
@pytest.mark.untraced
def test_nothing_happens_in_a_call_that_was_not_proved_before(
    finnish: Content, proved: frozenset[object], changed: tuple[Closing, ...]
) -> None:
    """The walk with these closings alone, at the times that they make: each step is one of the proved walk."""
    closed = finnish.with_closings(changed).with_numbers(dict.fromkeys(finnish.office.contacts, 2))
    schedules = closed.office.schedules
    times = {
        opened: Moment(now, opened)
        for now in edges(changed)
        for opened in [frozenset(name for name, schedule in schedules.items() if schedule.is_open(now))]
    }
    walk = walk_at(closed, tuple(times.values()))

    assert happens(walk) <= proved
    evidence = Evidence(walk, TODAY)
    assert [rule.id for rule in BY_WALK if not rule.prove(evidence).holds] == []


def test_an_office_that_never_closes_is_walked_closed_too(finnish: Content) -> None:
    always = parse_week({"mon-sun": "00:00-23:59"})
    hours = dict.fromkeys(finnish.office.hours, always)
    office = Office.model_construct(**{**{n: getattr(finnish.office, n) for n in Office.model_fields}, "hours": hours})

    walked = with_any_closing(replace(finnish, office=office), TODAY)

    at = moments(walked.office, TODAY)
    everything = frozenset(hours)
    assert {everything, frozenset()} <= {moment.open for moment in at}
    for one in hours:
        for other in everything - {one}:
            assert {(one in moment.open, other in moment.open) for moment in at} == {
                (a, b) for a in (True, False) for b in (True, False)
            }


# --- callers -------------------------------------------------------------------------------------------------------


def call(content: Content, begins: datetime, keys: Sequence[str]) -> Sequence[Event]:
    """A call in which nobody answers; the carrier is a strict one."""
    clock = VirtualClock(begins)
    carrier = carrier_for(simulated_app(content, clock.now), clock, seconds_by_locale(content.languages))
    return carrier.call(ScriptedCaller(keys), ScriptedContacts({}))


def rung(events: Sequence[Event]) -> list[Ringing]:
    return [event for event in events if isinstance(event, Ringing)]


def pressed(events: Sequence[Event]) -> list[float]:
    return [event.at for event in events if isinstance(event, Pressed)]


ALL_DAY = Closing(PHONE, wall(TODAY, 0), wall(TODAY, 1440))
JULY = Closing(PHONE, wall(date(2027, 7, 1), 0), wall(date(2027, 7, 1), 31 * 1440))
NIGHT = Closing(
    PHONE, wall(NIGHTS_OF_SUMMER_TIME[0], 180), wall(NIGHTS_OF_SUMMER_TIME[0], 300), parse_day("00:00-23:59")
)
UNTIL_NOON = Closing(PHONE, wall(TODAY, 490), wall(TODAY, 720))


@st.composite
def near_an_edge(draw: st.DrawFn) -> tuple[tuple[Closing, ...], datetime]:
    """Closings, and the beginning of a call in which one of them begins or ends, or soon after."""
    changed = draw(OF_THE_PHONE)
    edge = draw(st.sampled_from(sorted(edges(changed))))
    return changed, edge.astimezone(UTC) + timedelta(
        seconds=draw(st.integers(-80, 0) | st.sampled_from((60, 600, 5400)))
    )


@settings(max_examples=5)
@given(near_an_edge())
@example(((UNTIL_NOON,), wall(TODAY, 500))).via("closed as it was before it")
@example(((UNTIL_NOON,), wall(TODAY, 715))).via("closed while others of the office are open")
@example(((UNTIL_NOON,), wall(TODAY, 719) + timedelta(seconds=30))).via("it ends between two keys")
@example(((replace(UNTIL_NOON, begins=wall(TODAY, 600)),), wall(TODAY, 599) + timedelta(seconds=20))).via(
    "it begins so"
)
@example(((replace(ALL_DAY, hours=parse_day("19:30-20:00")),), wall(TODAY, 1180))).via("open in the evening")
@example(((ALL_DAY, replace(UNTIL_NOON, hours=parse_day("10:00-11:00"))), wall(TODAY, 610))).via("the later wins")
@example(((replace(ALL_DAY, hours=parse_day("10:00-11:00")), UNTIL_NOON), wall(TODAY, 610))).via(
    "the later wins here too"
)
@example(
    (
        (replace(UNTIL_NOON, hours=parse_day("10:00-11:00")), replace(UNTIL_NOON, ends=wall(TODAY, 540))),
        wall(TODAY, 690),
    )
)
@example(((JULY,), wall(date(2027, 7, 14), 600))).via("a month")
@example(((NIGHT,), wall(NIGHTS_OF_SUMMER_TIME[0], 270))).via("a night without the hour from three to four")
@pytest.mark.untraced
def test_a_person_rings_in_time_and_it_is_the_right_one(
    content: Content, near: tuple[tuple[Closing, ...], datetime]
) -> None:
    """For who says nothing, who only chooses a language, and who asks for a person, near the edge of a closing."""
    changed, begins = near[0], near[1].astimezone(UTC)
    closed = content.with_closings(changed)
    names = names_by_number(contact_numbers(content.office.contacts))

    def was_open(after: float, until: float) -> set[bool]:
        """Whether the phone was open in the seconds of a call: one of both, or both."""
        seconds = {after, *range(ceil(after), int(until) + 1)}
        return {is_open(content.office, changed, begins + timedelta(seconds=each)) for each in seconds}

    silent, waiting, asking = (call(closed, begins.astimezone(HELSINKI), keys) for keys in ((), ("1",), ("1", "1")))

    assert rung(silent)[0].at <= LONGEST_SILENCE
    (chosen,), rings = pressed(waiting), rung(waiting)[0]
    if was_open(chosen, rings.at) == {False}:
        assert rings.at - chosen <= LONGEST_WHILE_CLOSED
        assert names[rings.number] == ON_CALL
    assert rings.at <= LONGEST_SILENCE
    _, asked = pressed(asking)
    assert names[rung(asking)[0].number] == (INSTRUCTOR if was_open(asked, asked) == {True} else ON_CALL)
    for events in (silent, waiting, asking):
        (ended,) = (event for event in events if isinstance(event, Ended))
        assert ended.by == "line"
        everybody = {names[each.number] for each in rung(events)}
        assert everybody == {ON_CALL, INSTRUCTOR} if was_open(0, ended.at) == {True} else ON_CALL in everybody
