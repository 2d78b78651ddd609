"""Rounding: no count of the public tables tells of one call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ivr.records.counts import Counts, Figures, Period


def published(counts: Counts, period: Period, now: datetime) -> Figures:
    """What everybody may see of a period: rounded. `now`: in the zone of the office.

    A year has its months that are over, in `by_month`. NotOver (a RecordsFault) where nothing of it may be seen yet.
    """
    raise NotImplementedError


def rounded(figures: Figures, months: Sequence[Figures] = ()) -> Figures:
    """The same, each number rounded to the nearest five; to more where an exact one would follow from all of them.

    `months`: the exact figures of the months of a year, in order. Rows and cells of which nothing is left are not there.
    """
    raise NotImplementedError


def is_complete(period: Period, now: datetime) -> bool:
    """Whether nothing is added any more: it has been over for 24 hours. `now`: in the zone of the office."""
    raise NotImplementedError
