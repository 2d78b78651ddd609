"""Days and times as somebody types them for a closing: 12:00, 31.12.2026, or both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import click

from ivr.core.hours import Day, parse_day
from ivr.core.offers import end_of_day
from ivr.core.spelling import parse_clock, parse_date

LIKE_MOMENTS = '12:00, 31.12.2026, or both: "31.12.2026 12:00"'


@dataclass(frozen=True)
class Typed:
    """A day, a time of day, or both."""

    day: date | None
    clock: time | None

    def begins(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The moment as a beginning: a time is one of today, and a day begins at midnight."""
        return datetime.combine(self.day or now.astimezone(zone).date(), self.clock or time(0), zone)

    def ends(self, begins: datetime, zone: ZoneInfo) -> datetime:
        """The moment as an end: a time is one of the day of the beginning, and a day is closed to its end."""
        day = self.day or begins.astimezone(zone).date()
        return datetime.combine(day, self.clock, zone) if self.clock else end_of_day(day, zone)


def typed(text: str) -> Typed:
    """Read a day, a time or both, in each spelling that office.yaml takes too. ValueError says what to write."""
    try:
        return Typed(None, parse_clock(text))
    except ValueError:
        day, _, clock = text.strip().rpartition(" ")
    try:
        return Typed(parse_date(day), parse_clock(clock))
    except ValueError:
        pass
    try:
        return Typed(parse_date(text), None)
    except ValueError as error:
        if "is not a date" in str(error):
            raise ValueError(f"'{text}' is no day and no time; write for example {LIKE_MOMENTS}") from None
        raise


class MomentType(click.ParamType[Typed]):
    """The type of an option that takes a day, a time or both."""

    name = "moment"

    def convert(self, value: str | Typed, param: click.Parameter | None, ctx: click.Context | None) -> Typed:
        """See `typed`."""
        try:
            return value if isinstance(value, Typed) else typed(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class HoursType(click.ParamType[Day]):
    """The type of an option that takes the hours of a day."""

    name = "hours"

    def convert(self, value: str | Day, param: click.Parameter | None, ctx: click.Context | None) -> Day:
        """See `parse_day`."""
        try:
            return parse_day(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)
