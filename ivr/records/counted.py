"""The counts, to be read. Nothing here imports a database: `Counts.open` does. A line that counts needs none of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date

from ivr.records.counts import Figures, Period
from ivr.records.faults import RecordsFault


class Counts(ABC):
    """What is counted, to be read. It may be asked from any thread or process; RecordsFault comes within seconds."""

    @staticmethod
    def open(env: Mapping[str, str]) -> Counts:
        """The counts in the records of `IVR_DATABASE_URL`, else of `IVR_STATE`. It brings the tables up to date."""
        try:
            from ivr.records.sql_counts import SqlCounts
        except ImportError:
            raise RecordsFault(
                "what reads and writes the records is not installed", "pip install 'kemi-guidance-line[office]'"
            ) from None
        return SqlCounts.open(env)

    @abstractmethod
    def figures(self, period: Period) -> Figures:
        """The exact figures of a period, all of one moment, whatever is counted meanwhile."""

    @abstractmethod
    def months(self) -> tuple[date, ...]:
        """The first day of each month in which a call was counted, in order."""
