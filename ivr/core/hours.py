"""When a service is open: weekdays, public holidays and dated exceptions, in the time zone of the office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationError, model_validator

from ivr.core.spelling import LIKE_WEEKS, SPELLED_CLOSED, near, parse_clock, parse_weekdays, plain, unquoted_times
from ivr.core.spelling import WEEKDAYS as WEEKDAYS
from ivr.core.spelling import Weekday as Weekday
from ivr.core.values import Frozen, Place, first_told, refusal

WEEK = timedelta(days=7)
HORIZON = timedelta(days=400)
"""How far ahead an opening is looked for."""
FURTHEST_DATE = timedelta(days=300)
"""How far ahead an opening is told by its date: a date without its year must not be taken for that of another year."""
MOST_STRETCHES = 2
"""How often a service may open on one day: callers are told of so many."""


class HoursPrompt(NamedTuple):
    """The prompt that says whether a service is open, and its slots with the ids of their entries."""

    prompt: str
    slots: tuple[tuple[str, str], ...] = ()


class Interval(Frozen):
    """Opening hours within one day, `opens` included and `closes` not; local wall-clock times."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _forward(self) -> Interval:
        if self.opens >= self.closes:
            raise ValueError(
                f"{self.opens:%H:%M}-{self.closes:%H:%M} does not end after it begins; write the earlier time first"
            )
        return self


Day = tuple[Interval, ...]


def parse_day(text: object) -> Day:
    """Read `09:00-15:00`, `08:00-11:00, 12:00-15:00` or `closed`; ValueError says what is wrong and the remedy."""
    if not isinstance(text, str):
        raise ValueError('these are no hours; write one text, for example "08:00-11:00, 12:00-15:00"')
    if plain(text) in SPELLED_CLOSED:
        return ()
    day = tuple(_interval(part, text) for part in plain(text).split(","))
    for before, after in pairwise(day):
        if after.opens < before.closes:
            raise ValueError(f"'{text}': hours overlap or are out of order; write them apart, the earlier first")
    if (times := len(joined(day))) > MOST_STRETCHES:
        raise ValueError(f"'{text}' opens {times} times a day; write two at most, for example 08:00-11:00, 12:00-15:00")
    return day


def joined(day: Day) -> Day:
    """The intervals of a day, those that touch as one: each is a time at which a service opens."""
    found = list[Interval]()
    for interval in day:
        if found and found[-1].closes == interval.opens:
            interval = Interval(opens=found.pop().opens, closes=interval.closes)
        found.append(interval)
    return tuple(found)


def _interval(written: str, day: str) -> Interval:
    try:
        opens, closes = (parse_clock(end) for end in written.split("-"))
    except ValueError:
        told = f"'{day}' is not hours" if day.strip() else "the hours are missing"
        remedy = near(day, SPELLED_CLOSED) or "the opening and the closing time, for example 09:00-15:00, or closed"
        raise ValueError(f"{told}; write {remedy}") from None
    try:
        return Interval(opens=opens, closes=closes)
    except ValidationError as error:
        raise ValueError(first_told(error)) from None


def parse_week(days: object) -> dict[Weekday, Day]:
    """Read `{mon-fri: 09:00-15:00, sat: closed}`; a day that is not named is closed.

    ValueError as in `parse_day`; it tells every fault, each at the key that it is about.
    """
    if not isinstance(days, dict):
        raise ValueError(f"these are no days; {LIKE_WEEKS}")
    week: dict[Weekday, Day] = {}
    faults: dict[Place, str] = {(word,): told for word, told in unquoted_times(days).items()}
    for names, text in days.items():
        if (names,) in faults:
            continue
        try:
            weekdays, day = parse_weekdays(names), parse_day(text)
        except ValueError as error:
            faults[names,] = str(error)
            continue
        if twice := [weekday for weekday in weekdays if weekday in week]:
            faults[names,] = f"'{twice[0]}' is given twice; name each day once"
        week |= dict.fromkeys(weekdays, day)
    if faults:
        raise refusal(faults)
    return week


def has_holidays(country: str) -> bool:
    """Whether the package `holidays` knows a country (ISO 3166-1, two letters)."""
    import holidays  # it takes 60 ms and 17 MB, which a process that is given its schedules need not spend

    return hasattr(holidays, country)


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The days of a year on which offices are closed (for Finland also Midsummer Eve and Christmas Eve)."""
    import holidays

    return frozenset(holidays.country_holidays(country, years=year))


def opens_soon(name: str, day: str, opens: time) -> HoursPrompt:
    """What is said of a service that opens within a week; `day`: the id of today, tomorrow or a weekday."""
    return HoursPrompt(f"hours.{name}.opens", ((f"{name}_day", day), (f"{name}_time", f"time_at.{opens:%H%M}")))


@dataclass(frozen=True, eq=False)
class Schedule:
    """When one service is open. An exception replaces the hours of its date, whatever weekday or holiday it is."""

    week: Mapping[Weekday, Day]
    exceptions: Mapping[date, Day]
    zone: ZoneInfo
    holiday_country: str
    _days: dict[date, Day] = field(default_factory=dict, init=False, repr=False)
    """Cache of `day`. Bounded: the dates up to the horizon."""

    def day(self, day: date) -> Day:
        """The hours of one date."""
        if (cached := self._days.get(day)) is None:
            cached = self._days[day] = self._day(day)
        return cached

    def is_like(self, other: Schedule | None) -> bool:
        """Whether another has the same hours on every day."""
        return other is not None and (self.week, self.exceptions, self.zone, self.holiday_country) == (
            other.week,
            other.exceptions,
            other.zone,
            other.holiday_country,
        )

    def with_days(self, days: Mapping[date, Day]) -> Schedule:
        """The same with other hours on some dates."""
        if all(self.day(day) == hours for day, hours in days.items()):
            return self
        other = replace(self, exceptions={**self.exceptions, **days})
        other._days.update({**self._days, **days})  # a process that was given these need not look for holidays
        return other

    def _day(self, day: date) -> Day:
        if (exception := self.exceptions.get(day)) is not None:
            return exception
        if day in public_holidays(self.holiday_country, day.year):
            return ()
        return self.week.get(WEEKDAYS[day.weekday()], ())

    def is_open(self, now: datetime) -> bool:
        """Whether the service is open at an aware moment."""
        return self.closes(now) is not None

    def closes(self, now: datetime) -> datetime | None:
        """When the service closes next, or None if it is closed now; intervals that touch count as one."""
        local = self._minute(now)
        moment = local.time()
        for interval in self.day(local.date()):
            if interval.opens <= moment < interval.closes:
                moment = interval.closes
        return datetime.combine(local.date(), moment, self.zone) if moment != local.time() else None

    def next_opening(self, now: datetime) -> datetime | None:
        """When the service next goes from closed to open after an aware moment; None if not within 400 days."""
        local = self._minute(now)
        for offset in range(HORIZON.days):
            day, until = local.date() + timedelta(days=offset), None
            for interval in self.day(day):
                if interval.opens != until and (offset or interval.opens > local.time()):
                    return datetime.combine(day, interval.opens, self.zone)
                until = interval.closes
        return None

    def prompt(self, name: str, now: datetime) -> HoursPrompt:
        """What is said of the service `name` at an aware moment.

        If it is open, until when; if it opens within a week, when; if it opens later, on which date; else that it is
        closed for long.
        """
        if closes := self.closes(now):
            return HoursPrompt(f"hours.{name}.open", ((f"{name}_until", f"time_until.{closes:%H%M}"),))
        opens = self.next_opening(now)
        today = now.astimezone(self.zone).date()
        if opens is None or opens.date() - today > FURTHEST_DATE:
            return HoursPrompt(f"hours.{name}.closed_long")
        match (opens.date() - today).days:
            case 0:
                day = "today"
            case 1:
                day = "tomorrow"
            case _:
                day = f"day_on.{WEEKDAYS[opens.weekday()]}"
        if opens.date() - today >= WEEK:
            date_, month = f"date.{opens.day}", f"month.{opens.month}"
            slots = ((f"{name}_day", day), (f"{name}_date", date_), (f"{name}_month", month))
            return HoursPrompt(f"hours.{name}.opens_on", slots)
        return opens_soon(name, day, opens.time())

    def _minute(self, now: datetime) -> datetime:
        return now.astimezone(self.zone).replace(second=0, microsecond=0)

    @cached_property
    def monday_to_friday(self) -> Day | None:
        """The hours of Monday to Friday, if they are the same each day and the weekend is closed, else None.

        Intervals that touch count as one.
        """
        monday, *others = (self.week.get(weekday, ()) for weekday in WEEKDAYS)
        alike = all(day == monday for day in others[:4]) and not any(others[4:])
        return joined(monday) if monday and alike else None
