"""What docs/counts.md says that is counted of calls, worked out anew from what the callers went through.

It knows no code of the counting, and nothing of steps, rows or tokens: only who pressed, waited, rang and talked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults.callers import Call, Informs, LineEnds, NotAnswered, Pressed, Rings, SentEmergency, Talks, Waits

ZONE = ZoneInfo("Europe/Helsinki")
BOUNDS = (15, 30, 60, 90)
Row = tuple[Any, ...]
Tables = Mapping[str, Counter[Row]]
TABLES = ("count_language", "count_matter", "count_hour", "count_hang_up", "count_ringing")


def expected(calls: Iterable[Call]) -> Tables:
    """Every row of the five tables, by its key, and how many calls it counts."""
    tables = {name: Counter[Row]() for name in TABLES}
    for call in calls:
        if not call.counted:
            continue
        began = datetime.fromtimestamp(call.began, ZONE)
        day, month = str(began.date()), str(began.date().replace(day=1))
        end = _end(call)
        for outcome in (end, *_happenings(call, end)):
            tables["count_language"][day, _language(call), outcome] += 1
            tables["count_matter"][day, _matter(call), outcome] += 1
            tables["count_hour"][month, began.weekday(), began.hour, outcome] += 1
        if end != "reached" and not _have(call, LineEnds):
            tables["count_hang_up"][day, _node(call)] += 1
        if rings := _rung(call):
            step = sum(rings[0].second > bound for bound in BOUNDS)
            tables["count_ringing"][day, rings[0].language or "none", step] += 1
    return tables


def differences(found: Tables, wanted: Tables) -> list[str]:
    """Each number that is another."""
    return [
        f"{name} {key}: {found[name][key]} is counted, {wanted[name][key]} is right"
        for name in wanted
        for key in sorted({*found[name], *wanted[name]}, key=str)
        if found[name][key] != wanted[name][key]
    ]


def _have(call: Call, kind: type[Any]) -> list[Any]:
    return [event for event in call.events if isinstance(event, kind)]


def _rung(call: Call) -> list[Rings]:
    """Not those before which the caller pressed a key."""
    after = [*call.events[1:], None]
    pairs = zip(call.events, after, strict=False)
    return [event for event, next_ in pairs if isinstance(event, Rings) and not isinstance(next_, Pressed)]


def _end(call: Call) -> str:
    if _have(call, Talks):
        return "reached"
    if _have(call, NotAnswered):
        return "unanswered"
    if _rung(call) or _have(call, SentEmergency):
        return "hung_up_ringing"
    return "informed" if _have(call, Informs) else "hung_up_early"


def _happenings(call: Call, end: str) -> Iterator[str]:
    if not _have(call, Pressed):
        yield "pressed_nothing"
        if end == "reached":
            yield "pressed_nothing_reached"
    if not call.open:
        yield "met_closed"
    if urgent := [event for event in _rung(call) if event.contact == "on_call"]:
        yield "urgent_by_key" if urgent[0].key else "urgent_by_waiting"
    if any(event.contact == "on_call" for event in _have(call, NotAnswered)):
        yield "urgent_unanswered"
    if _have(call, SentEmergency):
        yield "emergency"


def _language(call: Call) -> str:
    """The one chosen last, also where the caller has gone back to the choice."""
    return next((event.language for event in reversed(_have(call, Waits)) if event.language), "none")


def _matter(call: Call) -> str:
    rings = _rung(call)
    return rings[-1].matter if rings else "none"


def _node(call: Call) -> str:
    if _have(call, SentEmergency):
        return "emergency"
    waits = _have(call, Waits)
    return waits[-1].node if waits else ""
