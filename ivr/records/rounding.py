"""Rounding of what everybody may see, so that no number of it, nor all of them together, tells of one call.

A number that is rounded to the nearest five leaves five counts possible, or three where it is 0. Together they leave
fewer, as the cells of a table add up to its total: four cells of 3, shown as 5, and a total of 12, shown as 10, can be
nothing else. So what follows from all that is shown is worked out, and where a count follows, all of it is rounded to
the nearest 25 (125, ...). These are powers of five as then what is shown is also the rounding of what was not shown:
that it was not shown tells little. Rounded to ten, it would tell too much at times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from ivr.records.counted import Counts
from ivr.records.counts import (
    ENDS,
    FAILED,
    HAPPENINGS,
    KEPT_MONTHS,
    OUTCOMES,
    RINGING_SECONDS,
    Figures,
    Period,
    RoundedRow,
    Row,
    failed,
    first_kept,
)
from ivr.records.counts import calls as all_calls
from ivr.records.faults import RecordsFault

ALL, LOST = "calls", "failed"
"""Of a row: its calls, whatever their end, and those in which nobody was helped."""
WITHIN: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    *(((each,), (ALL,)) for each in HAPPENINGS),
    (("pressed_nothing_reached",), ("pressed_nothing",)),
    (("pressed_nothing_reached",), ("reached",)),
    (("urgent_by_key", "urgent_by_waiting"), (ALL,)),
    (("urgent_unanswered",), ("unanswered", "reached")),
)
"""Of each row: the calls of the first are among those of the second."""
MOST = 10**9
"""More than can be counted in a year."""
BASE = 5
"""All is rounded to its multiples, or to those of a power of it."""


class NotOver(RecordsFault):
    """What is asked for may not be seen yet. `since`: the time in the office from when it may be."""

    def __init__(self, period: Period) -> None:
        self.since = period.settled
        super().__init__(
            f"{period} is not over, or has been for less than a day",
            f"wait until {self.since:%Y-%m-%d}; the page of team leaders shows it now",
        )


class NotKept(RecordsFault):
    """Not all that was counted of what is asked for is there any more."""

    def __init__(self, period: Period, kept: date) -> None:
        super().__init__(
            f"not all counts of {period} are there any more: {KEPT_MONTHS} months are kept",
            f"name a month from {kept:%Y-%m} on",
        )


def published(counts: Counts, period: Period, now: datetime) -> Figures:
    """What everybody may see of a period: rounded. `now`: in the time zone of the office.

    A year that is not over has only its months that are and were counted, and as its total the sum of these as they are
    shown: were it rounded anew each month, small counts would follow from one look to the next. For the same reason a
    year is not there once the first of its months is deleted. RecordsFault where a period was not counted; NotKept;
    NotOver.
    """
    months = [each for each in _months(period) if is_complete(each, now)]
    if not months:
        raise NotOver(_months(period)[0])
    counted = counts.months()
    if not counted:
        raise RecordsFault(
            "no call has been counted yet", "see that IVR_COUNTS is not off, and that these are the records of the line"
        )
    if period.first < (kept := first_kept(now.date())):  # whatever of it has been deleted by now
        raise NotKept(period, kept)
    if counted[0] >= period.end:
        raise RecordsFault(
            f"the calls of {period} were not counted: the first ones were those of {counted[0]:%Y-%m}",
            "name a later month",
        )
    if period.months == 1:
        return rounded(counts.figures(period))
    months = [each for each in months if each.first >= counted[0]]  # those before were not counted: they are not 0
    if not months:
        raise NotOver(Period(counted[0]))
    exact = [counts.figures(each) for each in months]
    if is_complete(period, now):
        return rounded(together(period, exact), exact)
    shown = [rounded(each) for each in exact]
    totals = [each.total for each in shown]
    outcomes = {outcome: sum(each.get(outcome, 0) for each in totals) for outcome in OUTCOMES}
    total = RoundedRow(outcomes, sum(map(all_calls, totals)), sum(map(failed, totals)))
    by_month = {each.period.first: each.total for each in shown}
    return Figures(period, {}, {}, {}, {}, {}, by_month, total, max(each.nearest for each in shown))


def is_complete(period: Period, now: datetime) -> bool:
    """Whether nothing is added any more: it has been over for 24 hours. `now`: in the time zone of the office."""
    return now.replace(tzinfo=None) >= period.settled


def last_complete(now: datetime) -> Period:
    """The last month to which nothing is added any more."""
    month = Period(now.date().replace(day=1))
    while not is_complete(month, now):
        month = Period((month.first - timedelta(days=1)).replace(day=1))
    return month


def rounded(figures: Figures, months: Sequence[Figures] = ()) -> Figures:
    """The same, each number rounded to the nearest five; coarser where a count would follow from what is shown.

    `months`: those of a year, in order, exact; the year is their sum. What is rounded to 0 is not there, nor is a row
    of it: that a row is there tells nothing that its numbers do not.
    """
    cells = _shown(figures)
    if not months:
        nearest = _nearest_of_month(cells)
        return _figures(figures.period, _to_nearest(cells, nearest), nearest)
    nearest = _nearest_of_year([_shown(each) for each in months])
    by_month = {each.period.first: rounded(each).total for each in months}
    return _figures(figures.period, _to_nearest(cells, nearest), nearest, by_month)


def together(period: Period, months: Sequence[Figures]) -> Figures:
    """The exact figures of a year, from those of some of its months."""
    cells = defaultdict[_Cell, int](int)
    for month in months:
        for cell, number in _cells(month).items():
            cells[cell] += number
    return _figures(period, cells, 1, {each.period.first: each.total for each in months})


def to_nearest(number: int, nearest: int) -> int:
    """The multiple of an odd number that is nearest."""
    return (number + nearest // 2) // nearest * nearest


def _months(period: Period) -> list[Period]:
    if period.months == 1:
        return [period]
    return [Period(period.first.replace(month=month)) for month in range(1, 13)]


class _Cell(NamedTuple):
    """A place in a table."""

    table: str
    row: Any
    column: Any


Cells = Mapping[_Cell, int]
"""All numbers of some figures that are not 0."""
HOUR = "hour"
TABLES = ("total", "language", "matter", HOUR)
"""Each has a row of outcomes for each of its keys; the total has one."""


def _cells(figures: Figures) -> Cells:
    rows: tuple[Mapping[Any, Row], ...] = ({"": figures.total}, figures.by_language, figures.by_matter, figures.by_hour)
    found = {
        _Cell(table, key, outcome): calls
        for table, of_table in zip(TABLES, rows, strict=True)
        for key, row in of_table.items()
        for outcome, calls in (*row.items(), (ALL, all_calls(row)), (LOST, failed(row)))
    }
    found |= {_Cell("hang_up", node, ""): calls for node, calls in figures.hang_ups.items()}
    found |= {
        _Cell("ringing", language, step): calls
        for language, steps in figures.ringing.items()
        for step, calls in enumerate(steps)
    }
    return {cell: calls for cell, calls in found.items() if calls}


def _shown(figures: Figures) -> Cells:
    """The numbers that are shown: of an hour, whose numbers are small, only its calls and the failed ones."""
    return {cell: calls for cell, calls in _cells(figures).items() if cell.table != HOUR or cell.column in (ALL, LOST)}


def _to_nearest(cells: Cells, nearest: int) -> Cells:
    return {cell: shown for cell, calls in cells.items() if (shown := to_nearest(calls, nearest))}


def _figures(period: Period, cells: Cells, nearest: int, by_month: Mapping[date, Row] | None = None) -> Figures:
    tables: dict[str, dict[Any, dict[Any, int]]] = defaultdict(lambda: defaultdict(dict))
    for (table, row, column), calls in sorted(cells.items()):
        tables[table][row][column] = calls
    total, language, matter, hour, hang_up, ringing = (dict(tables[each]) for each in (*TABLES, "hang_up", "ringing"))
    steps = range(len(RINGING_SECONDS) + 1)
    return Figures(
        period=period,
        by_language={name: _row(columns, nearest) for name, columns in language.items()},
        by_matter={name: _row(columns, nearest) for name, columns in matter.items()},
        by_hour={when: _row(columns, nearest) for when, columns in hour.items()},
        hang_ups={node: calls[""] for node, calls in hang_up.items()},
        ringing={language: tuple(calls.get(step, 0) for step in steps) for language, calls in ringing.items()},
        by_month=by_month or {},
        total=_row(total.get("", {}), nearest),
        nearest=nearest,
    )


def _row(columns: Mapping[Any, int], nearest: int) -> Row:
    """A row of a table; what is rounded is no sum of its parts."""
    outcomes = {outcome: calls for outcome, calls in columns.items() if outcome not in (ALL, LOST)}
    return RoundedRow(outcomes, columns.get(ALL, 0), columns.get(LOST, 0)) if nearest > 1 else outcomes


class _Following:
    """What follows from what is shown: for each count, between which two numbers it must be.

    Counts that are 0 are left out, as if everybody knew them: so more follows here than for anybody who does not.
    """

    def __init__(self) -> None:
        self._bounds: dict[object, tuple[int, int]] = {}
        self._sums: list[tuple[Collection[object], Collection[object]]] = []
        self._about: dict[object, list[int]] = defaultdict(list)
        self._waiting: dict[int, None] = {}

    def at_most(self, smaller: Collection[object], larger: Collection[object]) -> None:
        """Some counts together are at most as many as others together. Everybody knows it."""
        place = len(self._sums)
        self._sums.append((smaller, larger))
        self._waiting[place] = None
        for each in (*smaller, *larger):
            self._about[each].append(place)

    def equal(self, some: Collection[object], others: Collection[object]) -> None:
        """Some counts together are as many as others together."""
        self.at_most(some, others)
        self.at_most(others, some)

    def nearest(self, counts: Iterable[tuple[object, int]]) -> int:
        """To which multiples some counts are rounded so that no count follows from it, and show them so."""
        counts, before, waiting, nearest = tuple(counts), self._bounds, self._waiting, BASE
        while True:
            self._bounds, self._waiting = dict(before), dict(waiting)
            several = all(self._show(each, number, nearest) for each, number in counts) and self._narrow()
            if several or nearest > MOST:  # where numbers contradict each other, none is shown
                return nearest
            nearest *= BASE

    def _show(self, each: object, number: int, nearest: int) -> bool:
        shown = to_nearest(number, nearest)
        return self._between(each, shown - nearest // 2, shown + nearest // 2)

    def _narrow(self) -> bool:
        """Whether each count may still be one of several, after all that follows."""
        while self._waiting:
            smaller, larger = self._sums[self._waiting.popitem()[0]]
            room = sum(self._of(each)[1] for each in larger) - sum(self._of(each)[0] for each in smaller)
            for each in smaller:
                if not self._between(each, 0, self._of(each)[0] + room):
                    return False
            for each in larger:
                if not self._between(each, self._of(each)[1] - room, MOST):
                    return False
        return True

    def _of(self, each: object) -> tuple[int, int]:
        return self._bounds.get(each, (0, MOST))

    def _between(self, each: object, low: int, high: int) -> bool:
        """A count is between two numbers. Whether it may still be one of several."""
        before = self._of(each)
        now = max(before[0], low), min(before[1], high)
        if now != before:
            self._bounds[each] = now
            self._waiting |= dict.fromkeys(self._about[each])
        return now[0] < now[1]


def _nearest_of_month(cells: Cells) -> int:
    following = _Following()
    names = {cell: cell for cell in cells}
    _know_sums(following, names, "month")
    return following.nearest(cells.items())


def _nearest_of_year(months: Sequence[Cells]) -> int:
    """To what a year is rounded, beside its months, each of which is shown too."""
    following, parts, year = _Following(), defaultdict[_Cell, list[object]](list), defaultdict[_Cell, int](int)
    for place, month in enumerate(months):
        of_month = {cell: (place, cell) for cell in month}
        _know_sums(following, of_month, place)
        following.nearest((of_month[cell], calls) for cell, calls in month.items())
        for cell, calls in month.items():
            parts[cell].append(of_month[cell])
            year[cell] += calls
    names = {cell: of_months[0] if len(of_months) == 1 else ("year", cell) for cell, of_months in parts.items()}
    for cell, of_months in parts.items():
        if len(of_months) > 1:  # else it is the same count
            following.equal([names[cell]], of_months)
    _know_sums(following, names, "year")
    return following.nearest((names[cell], calls) for cell, calls in year.items())


def _know_sums(following: _Following, names: Mapping[_Cell, object], period: object) -> None:
    """What everybody knows of the numbers of a period. `names`: that of each count."""
    columns, rows = defaultdict[Any, list[object]](list), defaultdict[Any, dict[str, object]](dict)
    for cell, name in names.items():
        if cell.table in TABLES:
            columns[cell.table, cell.column].append(name)
            rows[cell.table, cell.row][cell.column] = name
    for (table, outcome), parts in columns.items():
        if table != "total":
            following.equal(parts, columns.get(("total", outcome), ()))
    for key, row in rows.items():
        row.setdefault(ALL, (period, *key))  # nobody is shown that of a row of zeros
        if LOST in row:
            following.at_most([row[LOST]], [row[ALL]])
        if key[0] == HOUR:
            continue
        following.equal([row[ALL]], [*_of(row, ENDS)])
        if LOST in row:
            following.equal([row[LOST]], [*_of(row, FAILED)])
        for some, others in WITHIN:
            if smaller := [*_of(row, some)]:
                following.at_most(smaller, [*_of(row, others)])
    if total := rows.get(("total", "")):
        hang_ups = [name for cell, name in names.items() if cell.table == "hang_up"]
        following.at_most(hang_ups, [*_of(total, (*FAILED, "informed"))])
        following.at_most([name for cell, name in names.items() if cell.table == "ringing"], [total[ALL]])


def _of(row: Mapping[str, object], outcomes: Iterable[str]) -> Iterator[object]:
    return (row[each] for each in outcomes if each in row)
