"""What somebody decides for a time, and may withdraw: other hours of a service, or another phone for a contact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.core.hours import Day, Interval

DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Closing:
    """For a time, a schedule has other hours than office.yaml says: closed, or those of `hours` on each of its days.

    `begins` is included and `ends` not; both are aware, and count by the whole minute.
    """

    schedule: str
    begins: datetime
    ends: datetime
    hours: Day = ()

    def days(self, zone: ZoneInfo) -> Iterator[date]:
        """Each date that it touches, in a time zone."""
        first, last = self.begins.astimezone(zone).date(), self.ends.astimezone(zone).date()
        yield from (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))

    def on(self, day: date, usual: Day, zone: ZoneInfo) -> Day:
        """The hours of a date whose hours are `usual` without it."""
        begins, ends = _minute_of(self.begins, day, zone), _minute_of(self.ends, day, zone)
        if begins >= ends:
            return usual
        left = [part for interval in usual for part in _outside(_minutes(interval), begins, ends) if part[0] < part[1]]
        inside = [
            (max(opens, begins), min(closes, ends))
            for opens, closes in map(_minutes, self.hours)
            if max(opens, begins) < min(closes, ends)
        ]
        return tuple(Interval(opens=_time(opens), closes=_time(closes)) for opens, closes in sorted([*left, *inside]))


@dataclass(frozen=True)
class StandIn:
    """For a time, a prepared number rings in place of those of a contact: `label`, of `IVR_SPARE_<CONTACT>`.

    `begins` is included and `ends` not; both are aware.
    """

    contact: str
    label: str
    begins: datetime
    ends: datetime


Change = Closing | StandIn
"""What holds for a time in place of office.yaml and of the settings."""


def standing_in(changes: Iterable[Change], now: datetime) -> dict[str, StandIn]:
    """Contact -> who stands in for it at a moment; of two, the later in their order."""
    return {each.contact: each for each in changes if isinstance(each, StandIn) and each.begins <= now < each.ends}


def _minute_of(moment: datetime, day: date, zone: ZoneInfo) -> int:
    """The minute of a date at which something begins or ends: 0 if before it, 1440 if after it."""
    local = moment.astimezone(zone)
    if local.date() != day:
        return 0 if local.date() < day else DAY_MINUTES
    return local.hour * 60 + local.minute


def _outside(minutes: tuple[int, int], begins: int, ends: int) -> Iterator[tuple[int, int]]:
    opens, closes = minutes
    yield opens, min(closes, begins)
    yield max(opens, ends), closes


def _minutes(interval: Interval) -> tuple[int, int]:
    return interval.opens.hour * 60 + interval.opens.minute, interval.closes.hour * 60 + interval.closes.minute


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)
