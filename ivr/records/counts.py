"""Who was helped and who was failed: what is counted of calls. docs/counts.md says what each count means."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args

End = Literal["unanswered", "hung_up_early", "hung_up_ringing", "informed", "reached"]
"""How a call ended: each has exactly one, so together they are all calls."""
Happening = Literal[
    "pressed_nothing",
    "pressed_nothing_reached",
    "met_closed",
    "urgent_by_key",
    "urgent_by_waiting",
    "urgent_unanswered",
    "emergency",
]
"""What else was so of a call: none, one or several."""
CallOutcome = End | Happening
ENDS: tuple[End, ...] = get_args(End)
HAPPENINGS: tuple[Happening, ...] = get_args(Happening)
OUTCOMES: tuple[CallOutcome, ...] = (*ENDS, *HAPPENINGS)
FAILED: tuple[End, ...] = ("unanswered", "hung_up_early", "hung_up_ringing")
"""The ends of calls in which nobody was helped."""

NONE = "none"
"""In place of a language that was not chosen, and of the matter of a call that rang nobody."""
EMERGENCY = "emergency"
"""In place of the node at which a call waits that was sent the emergency document."""
RINGING_SECONDS: tuple[int, ...] = (15, 30, 60, 90)
"""Upper bounds, in seconds, of the first four steps of the time to the first ringing; the fifth has none."""
SETTLED = timedelta(hours=24)
"""So long after its end nothing is added to a month any more."""
KEPT_MONTHS = 24
"""Counts of so many months are kept, besides those of the month that is not over."""
PERIOD = re.compile(r"(20\d\d)(?:-(0[1-9]|1[0-2]))?")


def ringing_step(second: int) -> int:
    """The step, 0 to 4, of a time to the first ringing."""
    return bisect_left(RINGING_SECONDS, second)


def first_kept(today: date) -> date:
    """The first day of the months whose counts are kept."""
    return _months_from(today, -KEPT_MONTHS)


def _months_from(day: date, months: int) -> date:
    """The first day of the month that is so many months after that of a day."""
    found = day.year * 12 + day.month - 1 + months
    return date(found // 12, found % 12 + 1, 1)


@dataclass(frozen=True)
class Period:
    """A month or a year. `first`: its first day; `end`: the day after its last."""

    first: date
    months: Literal[1, 12] = 1

    @property
    def end(self) -> date:
        """The day after the last one."""
        return _months_from(self.first, self.months)

    @property
    def settled(self) -> datetime:
        """From when on nothing is added any more; in the time zone of the office, and without it."""
        return datetime.combine(self.end, time()) + SETTLED

    @classmethod
    def read(cls, written: str) -> Period | None:
        """`2026-11` is a month, `2026` a year; None for anything else."""
        found = PERIOD.fullmatch(written)
        if not found:
            return None
        year, month = int(found[1]), found[2]
        return cls(date(year, int(month), 1)) if month else cls(date(year, 1, 1), 12)

    def __str__(self) -> str:
        """As `read` takes it."""
        return f"{self.first:%Y-%m}" if self.months == 1 else f"{self.first:%Y}"


Row = Mapping[CallOutcome, int]
"""Calls by outcome; one that is not there is 0."""


@dataclass(frozen=True)
class Figures:
    """What was counted in a period.

    `by_hour`: weekday (Monday is 0) and hour of the start of the call. `hang_ups`: node -> callers who hung up there
    and had reached nobody. `ringing`: language -> calls by the step of the time to the first ringing, five numbers.
    `by_month`: first day of the month -> calls, for a year. `nearest`: every number is rounded to its nearest multiple;
    1 where they are exact.
    """

    period: Period
    by_language: Mapping[str, Row]
    by_matter: Mapping[str, Row]
    by_hour: Mapping[tuple[int, int], Row]
    hang_ups: Mapping[str, int]
    ringing: Mapping[str, tuple[int, ...]]
    by_month: Mapping[date, Row]
    total: Row
    nearest: int = 1

    @property
    def calls(self) -> int:
        """All calls of the period: those of every end."""
        return calls(self.total)


class RoundedRow(dict[CallOutcome, int]):
    """A row in which each number is rounded by itself, that of all its calls and that of the failed ones too."""

    def __init__(self, outcomes: Row, calls: int, failed: int) -> None:
        super().__init__(outcomes)
        self.calls, self.failed = calls, failed


def calls(row: Row) -> int:
    """All calls of a row: those of every end."""
    return row.calls if isinstance(row, RoundedRow) else sum(row.get(end, 0) for end in ENDS)


def failed(row: Row) -> int:
    """The calls of a row in which nobody was helped."""
    return row.failed if isinstance(row, RoundedRow) else sum(row.get(end, 0) for end in FAILED)
