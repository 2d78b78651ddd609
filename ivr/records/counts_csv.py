"""Counts as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ivr.records.counts import OUTCOMES, Figures, Row

HEADER = ("period", "table", "row", "column", "calls")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
"""What begins with one of these is a formula to some spreadsheet, or hides that it was one."""
Line = tuple[str, str, str, int]


def as_csv(figures: Figures) -> str:
    """One table of all of them (RFC 4180), with a header, in an order that is always the same.

    The names are those of docs/counts.md; a weekday is 1 to 7, as Monday is the first. A number that is not there is 0.
    """
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(HEADER)
    for name, row, column, calls in _lines(figures):
        table.writerow((_harmless(str(figures.period)), name, _harmless(row), _harmless(column), calls))
    return written.getvalue()


def _lines(figures: Figures) -> Iterator[Line]:
    yield "rounding", "", "nearest", figures.nearest
    yield from _row("total", "", figures.total)
    for month, row in sorted(figures.by_month.items()):
        yield from _row("month", f"{month:%Y-%m}", row)
    for language, row in sorted(figures.by_language.items()):
        yield from _row("language", language, row)
    for matter, row in sorted(figures.by_matter.items()):
        yield from _row("matter", matter, row)
    for (weekday, hour), row in sorted(figures.by_hour.items()):
        yield from _row("hour", f"{weekday + 1} {hour:02}", row)
    for node, calls in sorted(figures.hang_ups.items()):
        yield "hang_up", node, "", calls
    for language, steps in sorted(figures.ringing.items()):
        for step, calls in enumerate(steps, 1):
            yield "ringing", language, str(step), calls


def _row(table: str, name: str, row: Row) -> Iterator[Line]:
    return ((table, name, outcome, row.get(outcome, 0)) for outcome in OUTCOMES)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
