"""What was counted in a period, in the order in which a team leader reads it: the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple, get_args

from ivr.core.flow import Matter
from ivr.records.counts import (
    FAILED,
    HAPPENINGS,
    NONE,
    RINGING_SECONDS,
    CallOutcome,
    Figures,
    Period,
    Row,
    calls,
    failed,
)

FEW = 10
"""Of fewer calls than these no percentage is shown: one call more or less would change it much. Of numbers that are
rounded it takes so many times more as these are coarser."""
LONG = RINGING_SECONDS.index(60) + 1
"""The first step of the time to the first ringing that is longer than a minute."""
SHADES = 4
"""In so many steps a cell is shaded, besides that of nobody."""
ALL = "all"
"""In place of a language or a matter: calls of every one."""
MATTERS: tuple[str, ...] = (*get_args(Matter), NONE)


class Share(NamedTuple):
    """Some of several calls, under the name of what they have in common."""

    name: str
    part: int
    whole: int
    few: int = FEW

    @property
    def is_share(self) -> bool:
        """Whether these are calls enough for a percentage and its bar."""
        return self.whole >= self.few

    @property
    def percent(self) -> int:
        """The share; only where `is_share`."""
        return round(100 * self.part / self.whole)


class Wait(NamedTuple):
    """Calls in one language, by the step of the time to the first ringing."""

    language: str
    steps: tuple[int, ...]
    few: int = FEW

    @property
    def kinds(self) -> dict[str, int]:
        """The steps as the parts of a chart."""
        return {f"step-{step}": count for step, count in enumerate(self.steps)}

    @property
    def long(self) -> Share:
        """Those that rang after more than a minute."""
        return Share(self.language, sum(self.steps[LONG:]), sum(self.steps), self.few)


class Cell(NamedTuple):
    """The calls of one weekday and hour. `shade`: 0 where nobody was failed, up to SHADES where most were."""

    failed: int
    calls: int
    shade: int


@dataclass(frozen=True)
class Table:
    """Every outcome of calls, by what stands in its columns."""

    columns: tuple[str, ...]
    rows: Mapping[CallOutcome, tuple[int, ...]]
    calls: tuple[int, ...]


@dataclass(frozen=True)
class ShownCounts:
    """The figures of a period, ordered."""

    figures: Figures

    @property
    def period(self) -> Period:
        """Of which they are."""
        return self.figures.period

    @property
    def calls(self) -> int:
        """All calls."""
        return self.figures.calls

    @property
    def failed(self) -> int:
        """Those in which nobody was helped."""
        return failed(self.figures.total)

    @property
    def few(self) -> int:
        """Of fewer calls than these there is no percentage."""
        return FEW * self.figures.nearest

    def of(self, outcome: CallOutcome) -> int:
        """All calls of an outcome."""
        return self.figures.total.get(outcome, 0)

    @cached_property
    def parts(self) -> dict[str, int]:
        """The calls in three parts, as the headline has them."""
        return {"reached": self.of("reached"), "informed": self.of("informed"), "failed": self.failed}

    @property
    def is_rounded(self) -> bool:
        """Whether the numbers are too coarse for an order by shares."""
        return self.figures.nearest > 1

    @cached_property
    def languages(self) -> tuple[Share, ...]:
        """Failed calls by language: the largest share first, of rounded ones that of most calls; no language last."""
        rows = self.figures.by_language.items()
        found = [Share(name, failed(row), calls(row), self.few) for name, row in rows if calls(row)]

        def order(each: Share) -> tuple[object, ...]:
            by_share = () if self.is_rounded else (-each.part / each.whole, -each.part)
            return (each.name == NONE, *by_share, -each.whole, each.name)

        return tuple(sorted(found, key=order))

    @cached_property
    def waits(self) -> tuple[Wait, ...]:
        """The times to the first ringing by language: most long ones first, of rounded ones most calls."""
        found = [Wait(name, steps, self.few) for name, steps in self.figures.ringing.items() if sum(steps)]
        return tuple(sorted(found, key=_most_first if self.is_rounded else _longest_first))

    @cached_property
    def hours(self) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
        """Each hour in which anybody has called, and its cells from Monday to Sunday."""
        most = max(map(failed, self.figures.by_hour.values()), default=0)
        rows = [(hour, tuple(self._cell(weekday, hour, most) for weekday in range(7))) for hour in range(24)]
        return tuple((hour, cells) for hour, cells in rows if any(cell.calls for cell in cells))

    def _cell(self, weekday: int, hour: int, most: int) -> Cell:
        row = self.figures.by_hour.get((weekday, hour), {})
        return Cell(failed(row), calls(row), -(-SHADES * failed(row) // most) if most else 0)

    @cached_property
    def hang_ups(self) -> tuple[Share, ...]:
        """Where callers hung up: the place of most of them first."""
        found = {node: count for node, count in self.figures.hang_ups.items() if count}
        ordered = sorted(found, key=lambda node: (-found[node], node))
        return tuple(Share(node, found[node], sum(found.values())) for node in ordered)

    @cached_property
    def all(self) -> Table:
        """Every outcome of all calls, in one column."""
        return _table({ALL: self.figures.total}, [ALL])

    @cached_property
    def by_language(self) -> Table:
        """Every outcome by language, the language of most calls first."""
        rows = self.figures.by_language
        return _table(rows, sorted(rows, key=lambda name: (-calls(rows[name]), name)))

    @cached_property
    def by_matter(self) -> Table:
        """Every outcome by matter; of calls that rang nobody there is none, it stands last."""
        rows = self.figures.by_matter
        return _table(rows, [*MATTERS, *sorted(rows.keys() - set(MATTERS))])

    @cached_property
    def months(self) -> tuple[tuple[date, int, dict[str, int]], ...]:
        """The months of a year: the calls of each, and their three parts."""
        found = sorted(self.figures.by_month.items())
        return tuple(
            (
                month,
                calls(row),
                {"reached": row.get("reached", 0), "informed": row.get("informed", 0), "failed": failed(row)},
            )
            for month, row in found
            if calls(row)
        )


def _most_first(wait: Wait) -> tuple[object, ...]:
    return (-sum(wait.steps), wait.language)


def _longest_first(wait: Wait) -> tuple[object, ...]:
    longer = [sum(wait.steps[step:]) for step in range(len(wait.steps))]
    whole = longer[0]
    return (-longer[LONG] / whole, *(-each / whole for each in reversed(longer)), -whole, wait.language)


def _table(rows: Mapping[str, Row], names: Sequence[str]) -> Table:
    columns = tuple(name for name in names if any(rows.get(name, {}).values()))
    outcomes: dict[CallOutcome, tuple[int, ...]] = {
        outcome: tuple(rows[name].get(outcome, 0) for name in columns)
        for outcome in ("reached", "informed", *FAILED, *HAPPENINGS)
    }
    return Table(columns, outcomes, tuple(calls(rows[name]) for name in columns))
