"""Hours that somebody sets for a time, beside those of office.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.core.hours import Day


@dataclass(frozen=True)
class Closing:
    """For a time, a schedule has other hours than office.yaml says: closed, or those of `hours` on each of its days.

    `begins` is included and `ends` not; both are aware.
    """

    schedule: str
    begins: datetime
    ends: datetime
    hours: Day = ()
