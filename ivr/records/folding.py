"""What the steps of one call say together: to which counts it adds one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import zip_longest
from typing import Literal, NamedTuple

from ivr.core.call import Sight
from ivr.core.office import ON_CALL
from ivr.records.counts import NONE, CallOutcome, End, ringing_step

MAYBE: Literal["maybe"] = "maybe"
"""In place of `step`: one of a call that may have begun on the day before, and so stands under the names of both days.
The name under which nothing but such is seen is not that of a call."""


MICROSECONDS = 1_000_000
"""In a second. As fine as this no two steps of a call come at once."""


class SeenRow(NamedTuple):
    """Something that was seen of a call, as it waits to be folded; never for longer than a day.

    `call`: the name of the call on the day of its start. `token`: the same for each repeat of one request. `at`: epoch
    microseconds. `second`: since the start of the call, talks not counted. `node`: where the call waits from here on;
    `exit`: by which the one before was left. `key`: a key was pressed. `rings`: the contact that rings from here on,
    `matter`: what is told to it. `missed`: the contact that has been rung to its end and has not answered. `told`:
    information that was asked for is said from here on. `closed`: the phone was closed. `over`: the line ends the call.
    """

    call: str
    token: str
    at: int
    what: Sight | Literal["maybe"]
    second: int = 0
    node: str = ""
    exit: str = ""
    key: bool = False
    language: str | None = None
    matter: str | None = None
    rings: str | None = None
    missed: str | None = None
    told: bool = False
    closed: bool = False
    over: bool = False


@dataclass(frozen=True)
class Folded:
    """One call, as it is counted. `started`: in the time zone of the office.

    `hung_up_at`: the node where a caller who reached nobody has hung up; None where the line has ended the call.
    `ringing`: the language and the step of the time to the first ringing; None where nobody was rung.
    """

    started: datetime
    language: str
    matter: str
    outcomes: tuple[CallOutcome, ...]
    hung_up_at: str | None
    ringing: tuple[str, int] | None

    @property
    def day(self) -> date:
        """The day on which it began."""
        return self.started.date()

    @property
    def month(self) -> date:
        """The first day of its month."""
        return self.day.replace(day=1)


def microseconds(moment: datetime) -> int:
    """A moment as it stands in a row."""
    return int(moment.timestamp() * MICROSECONDS)


def fold(rows: Iterable[SeenRow], zone: tzinfo) -> Folded | None:
    """Fold what was seen of one call, in any order; None where there was no call of a caller."""
    seen = sorted(rows, key=lambda row: row.at)
    if not any(row.what in ("step", "emergency") for row in seen):
        return None
    steps = [row for row in seen if row.what in ("step", MAYBE)]
    rung = _rung(steps)
    end = _end(seen, steps, rung)
    last = next(row for row in reversed(seen) if row.what not in ("accepted", "ended"))
    return Folded(
        started=_started(steps or seen).astimezone(zone),
        language=next((row.language for row in reversed(seen) if row.language), NONE),
        matter=next((row.matter for row in reversed(rung) if row.matter), NONE),
        outcomes=(end, *_happenings(seen, steps, rung, end)),
        hung_up_at=None if end == "reached" or last.over else last.node,
        ringing=(rung[0].language or NONE, ringing_step(rung[0].second)) if rung else None,
    )


def _started(rows: Sequence[SeenRow]) -> datetime:
    first = rows[0]
    return datetime.fromtimestamp(first.at / MICROSECONDS, UTC) - timedelta(seconds=first.second)


def _rung(steps: Sequence[SeenRow]) -> Sequence[SeenRow]:
    """The steps by which somebody was rung: where a key follows, it came in the words before, and nobody was."""
    return [step for step, after in zip_longest(steps, steps[1:]) if step.rings and not (after and after.key)]


def _end(seen: Sequence[SeenRow], steps: Sequence[SeenRow], rung: Sequence[SeenRow]) -> End:
    if any(row.what == "accepted" or row.exit == "answered" for row in seen):
        return "reached"
    if any(row.missed for row in seen):
        return "unanswered"
    if rung or any(row.what == "emergency" for row in seen):  # the emergency document rings too
        return "hung_up_ringing"
    return "informed" if any(row.told for row in steps) else "hung_up_early"


def _happenings(
    seen: Sequence[SeenRow], steps: Sequence[SeenRow], rung: Sequence[SeenRow], end: End
) -> Iterable[CallOutcome]:
    if not any(row.key for row in seen):
        yield "pressed_nothing"
        if end == "reached":
            yield "pressed_nothing_reached"
    if steps and steps[0].closed:
        yield "met_closed"
    if urgent := next((row for row in rung if row.rings == ON_CALL), None):
        yield "urgent_by_key" if urgent.key else "urgent_by_waiting"
    if ON_CALL in _missed(seen):
        yield "urgent_unanswered"
    if any(row.what == "emergency" for row in seen):
        yield "emergency"


def _missed(seen: Sequence[SeenRow]) -> Iterator[str]:
    """Who was rung to the end and did not answer: of a short talk the provider may tell what it tells of none."""
    taken = False
    for row in seen:
        if row.missed and not taken:
            yield row.missed
        taken = row.what == "accepted" or (taken and not row.rings)
