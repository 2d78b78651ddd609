"""The opening hours against an oracle: a second, naive account of them, minute by minute, that shares no code."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.content import Content
from ivr.core.hours import Day, HoursPrompt, Interval, Schedule, parse_week
from ivr.core.office import Office
from tests.conftest import ROOT

pytestmark = pytest.mark.untraced

# --- the oracle: it imports nothing of the line, no calendar and no time zone -----------------------------------------

CLOSED = {
    # On weekdays, as the office's calendar has them.
    2026: "1.1 6.1 3.4 6.4 1.5 14.5 19.6 24.12 25.12",
    2027: "1.1 6.1 26.3 29.3 6.5 25.6 6.12 24.12",
    2028: "6.1 14.4 17.4 1.5 25.5 23.6 6.12 25.12 26.12",
    # A call at the end of 2028 may hear of an opening in January.
    2029: "1.1 6.1",
}
CLOSED_AT_WEEKENDS = {
    # Easter, Whitsun, Midsummer, All Saints, Independence, Christmas; New Year and the First of May where they fall so.
    2026: "5.4 24.5 20.6 31.10 6.12 26.12",
    2027: "28.3 1.5 16.5 26.6 6.11 25.12 26.12",
    2028: "1.1 16.4 4.6 24.6 4.11 24.12",
}
SUMMERS = {
    # One o'clock at night in UTC, when the clocks of Helsinki go forward and back.
    2026: ("29.3", "25.10"),
    2027: ("28.3", "31.10"),
    2028: ("26.3", "29.10"),
}
FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
MINUTES, AHEAD = 24 * 60, 400


def day_of(year: int, written: str) -> date:
    day, month = written.split(".")
    return date(year, int(month), int(day))


HOLIDAYS = frozenset(
    day_of(year, written)
    for calendar in (CLOSED, CLOSED_AT_WEEKENDS)
    for year, several in calendar.items()
    for written in several.split()
)
CHANGES = tuple(
    datetime.combine(day_of(year, written), time(1), UTC) for year, both in SUMMERS.items() for written in both
)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a clock on a wall tells no time zone


def wall(moment: datetime) -> datetime:
    """What the clock on the office's wall shows at a moment."""
    summer = bisect_right(CHANGES, moment) % 2
    shown = moment.astimezone(UTC) + timedelta(hours=3 if summer else 2)
    return shown.replace(tzinfo=None)


@cache
def open_minutes(written: str) -> tuple[bool, ...]:
    """Whether each minute of a day is within its hours, `09:00-15:00,16:00-17:00` or nothing."""
    minutes = [False] * MINUTES
    for stretch in written.split(","):
        if stretch:
            begin, end = ((int(clock[:2]) * 60 + int(clock[3:])) for clock in stretch.split("-"))
            for minute in range(begin, end):
                minutes[minute] = True
    return tuple(minutes)


@cache
def next_open(written: str) -> tuple[int | None, ...]:
    """For each minute of a day, the first one after it that is open while the one before is not."""
    minutes, found = open_minutes(written), list[int | None]()
    upcoming: int | None = None
    for minute in reversed(range(MINUTES)):
        found.append(upcoming)
        if minutes[minute] and (minute == 0 or not minutes[minute - 1]):
            upcoming = minute
    return (*reversed(found), upcoming)  # and of the minute before the day, which is read as [-1]


@cache
def next_closed(written: str) -> tuple[int, ...]:
    """For each minute of a day, itself or the first one after it that is not open."""
    minutes, found, upcoming = open_minutes(written), list[int](), MINUTES
    for minute in reversed(range(MINUTES)):
        upcoming = minute if not minutes[minute] else upcoming
        found.append(upcoming)
    return tuple(reversed(found))


@dataclass(frozen=True)
class Oracle:
    """The hours of a service, `week` from Monday on. Hours are those on the wall."""

    week: tuple[str, ...]
    exceptions: Mapping[date, str]

    def written(self, day: date) -> str:
        if day in self.exceptions:
            return self.exceptions[day]
        return "" if day in HOLIDAYS else self.week[day.weekday()]

    def closes(self, moment: datetime) -> datetime | None:
        """The minute on the wall at which it closes, or None while it is closed."""
        now = wall(moment)
        minute = now.hour * 60 + now.minute
        end = next_closed(self.written(now.date()))[minute]
        return None if end == minute else midnight(now.date()) + timedelta(minutes=end)

    def opens(self, moment: datetime) -> datetime | None:
        """The minute on the wall at which it opens next, or None if it does not within 400 days, this one included."""
        now = wall(moment)
        minute = now.hour * 60 + now.minute
        for days in range(AHEAD):
            day = now.date() + timedelta(days=days)
            if (found := next_open(self.written(day))[minute if days == 0 else -1]) is not None:
                return midnight(day) + timedelta(minutes=found)
        return None

    def sentence(self, moment: datetime) -> tuple[str, ...]:
        """What a caller hears: the prompt and what stands in its slots."""
        closes = self.closes(moment)
        return told(moment, closes, None if closes else self.opens(moment))


def told(moment: datetime, closes: datetime | None, opens: datetime | None) -> tuple[str, ...]:
    """What a caller hears, by when the service closes and opens."""
    if closes:
        return "open", f"time_until.{closes.hour:02}{closes.minute:02}"
    ahead = (opens.date() - wall(moment).date()).days if opens else AHEAD
    if opens is None or ahead > 300:
        return ("closed_long",)
    weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[opens.weekday()]
    called = ("today", "tomorrow", f"day_on.{weekday}")[min(ahead, 2)]
    if ahead > 6:
        return "opens_on", called, f"date.{opens.day}", f"month.{opens.month}"
    return "opens", called, f"time_at.{opens.hour:02}{opens.minute:02}"


# --- the line -------------------------------------------------------------------------------------------------------

HELSINKI = ZoneInfo("Europe/Helsinki")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parsed(written: str) -> Day:
    return tuple(
        Interval(opens=time.fromisoformat(stretch[:5]), closes=time.fromisoformat(stretch[6:]))
        for stretch in written.split(",")
        if stretch
    )


def schedule_of(oracle: Oracle) -> Schedule:
    week = parse_week({day: written or "closed" for day, written in zip(WEEKDAYS, oracle.week, strict=True)})
    return Schedule(week, {day: parsed(written) for day, written in oracle.exceptions.items()}, HELSINKI, "FI")


def on_the_wall(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    assert moment.tzinfo is HELSINKI
    return moment.replace(tzinfo=None)


def agree(oracle: Oracle, schedule: Schedule, moment: datetime) -> None:
    """The line says of a moment what the oracle says."""
    closes, opens = oracle.closes(moment), oracle.opens(moment)
    assert on_the_wall(schedule.closes(moment)) == closes, moment
    assert schedule.is_open(moment) is (closes is not None), moment
    assert on_the_wall(schedule.next_opening(moment)) == opens, moment
    assert said("phone", schedule.prompt("phone", moment)) == told(moment, closes, opens), moment


def said(name: str, prompt: HoursPrompt) -> tuple[str, ...]:
    """A prompt as the oracle tells it, which leaves out the name of the schedule."""
    assert all(slot.startswith(f"{name}_") for slot, _ in prompt.slots)
    return prompt.prompt.removeprefix(f"hours.{name}."), *(entry for _, entry in prompt.slots)


# --- random hours at random moments ---------------------------------------------------------------------------------


@st.composite
def days(draw: st.DrawFn) -> str:
    """Hours of a day: it opens twice at most; where two neighbours are open, they touch."""
    edges = sorted(draw(st.sets(st.integers(0, MINUTES - 1), max_size=6)))
    clocks = [f"{edge // 60:02}:{edge % 60:02}" for edge in edges]
    stretches = [*pairwise(clocks)]
    is_open = [draw(st.booleans()) for _ in stretches]
    if len(is_open) == 5 and is_open == [True, False] * 2 + [True]:
        is_open[draw(st.integers(0, 4))] ^= True  # the only way to open three times
    return ",".join("-".join(stretch) for stretch, there in zip(stretches, is_open, strict=True) if there)


office_days = st.sampled_from(("", "09:00-15:00", "12:00-15:00", "08:00-11:00,12:00-15:00", "08:00-11:00,11:00-15:00"))
some_days = office_days | days()
dates = st.one_of(
    st.dates(FIRST, LAST),
    st.sampled_from(sorted(HOLIDAYS)).filter(lambda day: day <= LAST),
    st.sampled_from([change.date() for change in CHANGES]),
)


def only(weekday: int, day: str) -> tuple[str, ...]:
    return tuple(day if number == weekday else "" for number in range(7))


weeks = st.one_of(
    st.tuples(*[some_days] * 7),
    office_days.map(lambda day: (day, day, day, day, day, "", "")),
    st.builds(only, st.integers(0, 6), some_days),
)
services = st.builds(Oracle, weeks, st.dictionaries(dates, some_days, max_size=6))


@st.composite
def moments(draw: st.DrawFn, service: Oracle) -> datetime:
    """Any moment in UTC or on the wall of the office; often near an edge, a clock change or a dated exception."""
    day = draw(dates | st.sampled_from([*service.exceptions, FIRST]))
    edges = [clock for stretch in service.written(day).split(",") if stretch for clock in stretch.split("-")]
    at = time.fromisoformat(draw(st.sampled_from([*edges, "03:00", "00:00"])))
    near = st.timedeltas(timedelta(minutes=-2), timedelta(minutes=2)) | st.timedeltas(timedelta(0), timedelta(days=1))
    moment = datetime.combine(day, at, HELSINKI).astimezone(UTC) + draw(near)
    moment = min(max(moment, datetime(2026, 1, 2, tzinfo=UTC)), datetime(2028, 12, 31, 20, tzinfo=UTC))
    return moment if draw(st.booleans()) else moment.astimezone(HELSINKI)


@settings(max_examples=200)
@given(data=st.data(), service=services)
def test_any_hours_at_any_moment(data: st.DataObject, service: Oracle) -> None:
    schedule = schedule_of(service)
    for _ in range(10):
        agree(service, schedule, data.draw(moments(service)))


@settings(max_examples=100)
@given(service=services, change=st.sampled_from(CHANGES), second=st.integers(0, 59))
def test_every_minute_of_the_nights_when_clocks_change(service: Oracle, change: datetime, second: int) -> None:
    schedule = schedule_of(service)
    for minute in range(-90, 150, 7):
        agree(service, schedule, change + timedelta(minutes=minute, seconds=second))


@settings(max_examples=100)
@given(service=services, moment=st.datetimes(datetime(2026, 1, 2), datetime(2028, 12, 31)))  # noqa: DTZ001 - in UTC below
def test_what_was_promised_comes_true_and_not_a_minute_before(service: Oracle, moment: datetime) -> None:
    """By the line's own words: it is open up to the minute at which it closes, and closed up to the one it opens."""
    schedule, now = schedule_of(service), moment.replace(tzinfo=UTC)
    edge = schedule.closes(now) or schedule.next_opening(now)
    if edge is None or any(abs((edge - change).total_seconds()) < 24 * 3600 for change in CHANGES):
        return
    before = edge.astimezone(UTC) - timedelta(minutes=1)
    assert schedule.is_open(edge) is not schedule.is_open(now)
    assert schedule.is_open(before) is schedule.is_open(now)


# --- the hours of the office ----------------------------------------------------------------------------------------

OFFICE = {
    "phone": ("09:00-15:00",) * 5 + ("", ""),
    "walk_in": ("12:00-15:00",) * 5 + ("", ""),
    "door": ("08:00-11:00,12:00-15:00",) * 5 + ("", ""),
}


def every_half_hour() -> Iterator[datetime]:
    moment = datetime(2025, 12, 31, 22, tzinfo=UTC)  # midnight in Helsinki
    while moment < datetime(2028, 12, 31, 22, tzinfo=UTC):
        yield moment
        moment += timedelta(minutes=30)


@pytest.mark.parametrize("name", OFFICE)
def test_every_half_hour_of_three_years(usual: Content, name: str) -> None:
    oracle, schedule = Oracle(OFFICE[name], {}), usual.office.schedules[name]
    for moment in every_half_hour():
        agree(oracle, schedule, moment)


@pytest.mark.parametrize("name", OFFICE)
def test_a_second_before_and_after_every_edge_of_three_years(usual: Content, name: str) -> None:
    oracle, schedule = Oracle(OFFICE[name], {}), usual.office.schedules[name]
    edges = {time.fromisoformat(clock) for clock in OFFICE[name][0].replace(",", "-").split("-")}
    for days_on in range((LAST - FIRST).days + 1):
        for clock in edges:
            edge = datetime.combine(FIRST + timedelta(days=days_on), clock, HELSINKI)
            agree(oracle, schedule, edge - timedelta(seconds=1))
            agree(oracle, schedule, edge + timedelta(seconds=1))


def test_every_service_of_the_office_is_compared(content: Content) -> None:
    assert set(content.office.schedules) == set(OFFICE), f"write the hours of {ROOT / 'prompts/office.yaml'} above too"


# --- the hours to come ----------------------------------------------------------------------------------------------

A_WEEK = [date(2026, 11, 23) + timedelta(days=number) for number in range(7)]
"""From a Monday to a Sunday."""
LAST_DAYS = {day + timedelta(days=AHEAD - 1): f"0{number}:15-1{number}:45" for number, day in enumerate(A_WEEK)}
"""The last of the 400 days from each of them, with hours that no other day has."""


@pytest.fixture(scope="module")
def every_quarter() -> list[tuple[datetime, tuple[tuple[str, ...], ...]]]:
    """What a caller hears of each service, quarter of an hour by quarter of an hour, from that Monday on."""
    oracles = [Oracle(week, LAST_DAYS if name == "phone" else {}) for name, week in OFFICE.items()]
    begin = datetime(2026, 11, 22, 22, tzinfo=UTC)  # midnight in Helsinki
    moments = [begin + timedelta(minutes=minute) for minute in range(0, (AHEAD + len(A_WEEK)) * MINUTES, 15)]
    return [(moment, tuple(oracle.sentence(moment) for oracle in oracles)) for moment in moments]


@pytest.mark.parametrize("today", A_WEEK, ids="{:%A}".format)
def test_the_hours_to_come_are_all_that_a_caller_can_hear_in_400_days(
    today: date, every_quarter: list[tuple[datetime, tuple[tuple[str, ...], ...]]]
) -> None:
    office = Office.model_validate(
        {
            "zone": "Europe/Helsinki",
            "country": "FI",
            "hours": {name: {"mon-fri": week[0].replace(",", ", ")} for name, week in OFFICE.items()},
            "exceptions": [{"date": str(day), "hours": {"phone": hours}} for day, hours in LAST_DAYS.items()],
            "contacts": {"on_call": {"number": "0400 1"}, "social_instructor": {}},
        }
    )
    expected = dict[tuple[tuple[str, ...], ...], datetime]()
    for moment, sentences in every_quarter:
        if midnight(today) <= wall(moment) < midnight(today + timedelta(days=AHEAD)):
            expected.setdefault(sentences, moment)
    found = {
        tuple(said(name, prompt) for name, prompt in zip(OFFICE, prompts, strict=True)): moment
        for moment, prompts in office.hours_to_come(today)
    }
    assert found == expected
