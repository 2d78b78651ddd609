"""Counts as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ivr.records.counts import NONE, OUTCOMES, RINGING_SECONDS, Figures, Row, calls, failed

HEADER = ("period", "table", "row", "column", "calls")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
"""What begins with one of these is a formula to some spreadsheet, or hides that it was one."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEPS = (*(f"up_to_{each}_s" for each in RINGING_SECONDS), "longer")
Line = tuple[str, str, str, int]


def as_csv(figures: Figures) -> str:
    """One table of all of them, with a header, in an order that is always the same.

    The names are those of docs/counts.md. A row that is not there is 0. As RFC 4180, but by semicolons: where a comma
    divides decimals, as in Finland, spreadsheets would show a line with commas as one cell.
    """
    written = io.StringIO()
    table = csv.writer(written, delimiter=";")
    table.writerow(HEADER)
    for name, row, column, number in _lines(figures):
        table.writerow((str(figures.period), name, _harmless(row), _harmless(column), number))
    return written.getvalue()


def _lines(figures: Figures) -> Iterator[Line]:
    yield "rounding", "all", "nearest", figures.nearest
    yield from _row("total", "all", figures.total)
    for month, row in sorted(figures.by_month.items()):
        yield from _row("month", f"{month:%Y-%m}", row)
    for language, row in sorted(figures.by_language.items()):
        yield from _row("language", language, row)
    for matter, row in sorted(figures.by_matter.items()):
        yield from _row("matter", matter, row)
    for (weekday, hour), row in sorted(figures.by_hour.items()):
        yield from _row("hour", f"{WEEKDAYS[weekday]}-{hour:02}", row, outcomes=False)
    for node, callers in sorted(figures.hang_ups.items()):
        yield "hang_up", node or NONE, "calls", callers
    for language, steps in sorted(figures.ringing.items()):
        for step, number in zip(STEPS, steps, strict=True):
            yield "ringing", language, step, number


def _row(table: str, name: str, row: Row, *, outcomes: bool = True) -> Iterator[Line]:
    yield table, name, "calls", calls(row)
    yield table, name, "failed", failed(row)
    if outcomes:
        yield from ((table, name, outcome, row.get(outcome, 0)) for outcome in OUTCOMES)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
