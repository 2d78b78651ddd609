"""Closings as bytes: a copy in a file, by which they hold where the database cannot be had.

A line reads it when it starts, so nothing here imports a database; and it names nobody of the staff.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from ivr.core.closing import Closing
from ivr.core.hours import Day, parse_day

FILE = "closings.json"
"""Its name in `IVR_STATE`."""
VERSION = 1


def to_bytes(closings: Iterable[Closing]) -> bytes:
    """Write closings, in their order. ValueError if one could not be read again as the same."""
    written = [
        {
            "schedule": closing.schedule,
            "begins": closing.begins.isoformat(),
            "ends": closing.ends.isoformat(),
            "hours": hours_as_text(closing.hours),
        }
        for closing in map(checked, closings)
    ]
    return json.dumps({"version": VERSION, "closings": written}, indent=1).encode() + b"\n"


def from_bytes(data: bytes) -> tuple[Closing, ...]:
    """Read what `to_bytes` has written, to the byte; ValueError for anything else."""
    try:
        closings = tuple(
            Closing(
                schedule=each["schedule"],
                begins=datetime.fromisoformat(each["begins"]),
                ends=datetime.fromisoformat(each["ends"]),
                hours=parse_day(each["hours"]),
            )
            for each in json.loads(data)["closings"]
        )
        same = to_bytes(closings) == data
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        same = False
    if not same:
        raise ValueError("this is no list of closings that the line has written")
    return closings


def checked(closing: Closing) -> Closing:
    """The same closing with its times in UTC; ValueError says why it is none that can be kept."""
    if not (isinstance(closing.schedule, str) and closing.schedule and closing.schedule.isprintable()):
        raise ValueError("a closing names its schedule")
    hours_as_text(closing.hours)
    begins, ends = in_utc(closing.begins), in_utc(closing.ends)
    if begins >= ends:
        raise ValueError("a closing ends after it begins")
    return Closing(closing.schedule, begins, ends, closing.hours)


def in_utc(moment: datetime) -> datetime:
    """An aware moment in UTC; ValueError for any other."""
    if moment.utcoffset() is None:
        raise ValueError("a time without its zone is none")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time is within the years 1 to 9999") from None


def hours_as_text(day: Day) -> str:
    """The hours of a day as `parse_day` reads them; ValueError if it would read others."""
    text = ", ".join(f"{interval.opens:%H:%M}-{interval.closes:%H:%M}" for interval in day) or "closed"
    if parse_day(text) != day:
        raise ValueError("these hours are no hours of whole minutes")
    return text
