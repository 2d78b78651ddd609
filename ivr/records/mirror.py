"""Closings as bytes: a copy in a file, by which they hold where the database cannot be had.

A line reads it when it starts, so nothing here imports a database; and it names nobody of the staff.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ivr.core.closing import Change, Closing, StandIn
from ivr.core.hours import Day, parse_day

FILE = "closings.json"
"""Its name in `IVR_STATE`."""
VERSION = 1
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
"""A time zone may be a day away: outside of these there are moments that it has no date for."""


def to_bytes(changes: Iterable[Change]) -> bytes:
    """Write closings and stand-ins, in their order. ValueError if one could not be read again as the same."""
    written = [
        as_texts(change) | {"begins": change.begins.isoformat(), "ends": change.ends.isoformat()}
        for change in map(checked, changes)
    ]
    return json.dumps({"version": VERSION, "closings": written}, indent=1).encode() + b"\n"


def from_bytes(data: bytes) -> tuple[Change, ...]:
    """Read what `to_bytes` has written, to the byte; ValueError for anything else."""
    try:
        closings = tuple(
            from_texts(each, datetime.fromisoformat(each["begins"]), datetime.fromisoformat(each["ends"]))
            for each in json.loads(data)["closings"]
        )
        same = to_bytes(closings) == data
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        same = False
    if not same:
        raise ValueError("this is no list of closings that the line has written")
    return closings


def as_texts(change: Change) -> dict[str, str]:
    """What it is, but for its times, as the texts that a file or a database keeps."""
    if isinstance(change, StandIn):
        return {"contact": change.contact, "label": change.label}
    return {"schedule": change.schedule, "hours": hours_as_text(change.hours)}


def from_texts(texts: Mapping[str, Any], begins: datetime, ends: datetime) -> Change:
    """What `as_texts` wrote. LookupError, TypeError or ValueError if it did not."""
    if texts.get("contact") is not None:
        return StandIn(texts["contact"], texts["label"], begins, ends)
    return Closing(texts["schedule"], begins, ends, parse_day(texts["hours"]))


def checked(change: Change) -> Change:
    """The same with its times in UTC; ValueError says why it is none that can be kept."""
    names = (change.contact, change.label) if isinstance(change, StandIn) else (change.schedule,)
    if not all(isinstance(name, str) and name and name.isprintable() for name in names):
        raise ValueError("a closing names its schedule, a stand-in its contact and its label")
    as_texts(change)
    begins, ends = in_utc(change.begins), in_utc(change.ends)
    if begins >= ends:
        raise ValueError("a closing ends after it begins")
    return replace(change, begins=begins, ends=ends)


def in_utc(moment: datetime) -> datetime:
    """An aware moment in UTC; ValueError for any other."""
    if moment.utcoffset() is None:
        raise ValueError("a time without its zone is none")
    try:
        there = moment.astimezone(UTC)
    except OverflowError:
        there = datetime.max.replace(tzinfo=UTC)
    if not FIRST <= there < LAST:
        raise ValueError("a time is within the years 1 to 9999, in every time zone")
    return there


def hours_as_text(day: Day) -> str:
    """The hours of a day as `parse_day` reads them; ValueError if it would read others."""
    text = ", ".join(f"{interval.opens:%H:%M}-{interval.closes:%H:%M}" for interval in day) or "closed"
    if parse_day(text) != day:
        raise ValueError("these hours are no hours of whole minutes")
    return text
