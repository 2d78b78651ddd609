"""The counts in a database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, extract, func, select

from ivr.records.counted import Counts
from ivr.records.counts import RINGING_SECONDS, CallOutcome, Figures, Period, Row
from ivr.records.database import Database
from ivr.records.sql import SqlRecords
from ivr.records.tables import COUNT_HANG_UP, COUNT_HOUR, COUNT_LANGUAGE, COUNT_MATTER, COUNT_RINGING


class SqlCounts(Counts):
    """Counts in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @staticmethod
    def open(env: Mapping[str, str]) -> SqlCounts:
        """See `Counts.open`."""
        return SqlCounts(SqlRecords.open(env).database)

    def figures(self, period: Period) -> Figures:
        """See `Counts.figures`."""
        language, matter, hour = COUNT_LANGUAGE.c, COUNT_MATTER.c, COUNT_HOUR.c
        with self.database.snapshot() as connection:
            read = _Reading(connection, period)
            return Figures(
                period=period,
                by_language=_rows(read(COUNT_LANGUAGE, language.language, language.outcome)),
                by_matter=_rows(read(COUNT_MATTER, matter.matter, matter.outcome)),
                by_hour=_rows(
                    ((weekday, hour), outcome, calls)
                    for weekday, hour, outcome, calls in read(COUNT_HOUR, hour.weekday, hour.hour, hour.outcome)
                ),
                hang_ups=dict(read(COUNT_HANG_UP, COUNT_HANG_UP.c.node)),
                ringing=_steps(read(COUNT_RINGING, COUNT_RINGING.c.language, COUNT_RINGING.c.step)),
                by_month={
                    date(period.first.year, int(month), 1): row
                    for month, row in _rows(
                        read(COUNT_LANGUAGE, extract("month", language.day), language.outcome)
                    ).items()
                }
                if period.months > 1
                else {},
                total=dict(read(COUNT_LANGUAGE, language.outcome)),
            )

    def months(self) -> tuple[date, ...]:
        """See `Counts.months`."""
        with self.database.transaction() as connection:
            month = COUNT_HOUR.c.month
            return tuple(connection.scalars(select(month).distinct().order_by(month)))


class _Reading:
    """The tables at one moment, as far as they are of a period."""

    def __init__(self, connection: Connection, period: Period) -> None:
        self._connection, self._period = connection, period

    def __call__(self, table: Table, *by: ColumnElement[Any]) -> list[tuple[Any, ...]]:
        """The sums of a table by some columns, in their order."""
        when = table.c.month if table is COUNT_HOUR else table.c.day
        of_the_period = (when >= self._period.first) & (when < self._period.end)
        # PostgreSQL takes a sum of integers for more than one.
        found = select(*by, func.sum(table.c.calls)).where(of_the_period).group_by(*by).order_by(*by)
        return [(*row[:-1], int(row[-1])) for row in self._connection.execute(found)]


def _rows(found: Iterable[tuple[Any, ...]]) -> dict[Any, Row]:
    rows = defaultdict[Any, dict[CallOutcome, int]](dict)
    for key, outcome, calls in found:
        rows[key][outcome] = calls
    return dict(rows)


def _steps(found: Iterable[tuple[Any, ...]]) -> dict[str, tuple[int, ...]]:
    steps = defaultdict[str, list[int]](lambda: [0] * (len(RINGING_SECONDS) + 1))
    for language, step, calls in found:
        steps[language][step] = calls
    return {language: tuple(calls) for language, calls in steps.items()}
