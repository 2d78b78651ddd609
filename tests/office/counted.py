"""Counts of a line that nobody has called, for the pages: as many as a test wants, by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import TypeVar, get_args
from zoneinfo import ZoneInfo

from ivr.core.flow import Matter
from ivr.records.counted import Counts
from ivr.records.counts import NONE, OUTCOMES, CallOutcome, Figures, Period, Row
from ivr.records.rounding import together

LANGUAGES = ("fi", "sv", "en", "ru", "uk", "ar", "fa", "so", "ckb", "sw", NONE)
HELSINKI = ZoneInfo("Europe/Helsinki")
Name = TypeVar("Name")


def one_month(
    month: date,
    by_language: Mapping[str, Row],
    by_matter: Mapping[str, Row] | None = None,
    by_hour: Mapping[tuple[int, int], Row] | None = None,
    hang_ups: Mapping[str, int] | None = None,
    ringing: Mapping[str, tuple[int, ...]] | None = None,
) -> Figures:
    """The figures of a month; the total is that of the languages."""
    total = dict[CallOutcome, int]()
    for row in by_language.values():
        for outcome, count in row.items():
            total[outcome] = total.get(outcome, 0) + count
    return Figures(Period(month), by_language, by_matter or {}, by_hour or {}, hang_ups or {}, ringing or {}, {}, total)


def full_month(month: date, nodes: Sequence[str]) -> Figures:
    """A month with calls in every language, at every hour, of every outcome and matter, that end at every node."""
    hours = [(weekday, hour) for weekday in range(7) for hour in range(24)]
    most = 5 * len(hours)

    def each(names: Sequence[Name]) -> dict[Name, Row]:
        return {name: dict.fromkeys(OUTCOMES, count) for name, count in zip(names, spread(most, names), strict=True)}

    by_language = each(LANGUAGES)
    rung = {
        name: sum(row[end] for end in ("reached", "unanswered", "hung_up_ringing")) for name, row in by_language.items()
    }
    return one_month(
        month,
        by_language,
        each((*get_args(Matter), NONE)),
        each(hours),
        dict(zip(nodes, spread(3 * most, nodes), strict=True)),
        {name: spread(count, range(5)) for name, count in rung.items()},
    )


def spread(count: int, over: Sequence[object]) -> tuple[int, ...]:
    """A count in as many parts, as equal as they can be."""
    return tuple(count // len(over) + (place < count % len(over)) for place in range(len(over)))


@dataclass
class Counted(Counts):
    """What was counted, by month."""

    by_month: dict[date, Figures] = field(default_factory=dict)

    def months(self) -> tuple[date, ...]:
        return tuple(sorted(self.by_month))

    def figures(self, period: Period) -> Figures:
        found = [self.by_month[month] for month in self.months() if period.first <= month < period.end]
        if period.months == 1:
            return found[0] if found else one_month(period.first, {})
        return together(period, found)


@dataclass(frozen=True)
class TheLine:
    """What the pages must know of the line."""

    zone: ZoneInfo = HELSINKI
    open_hours: frozenset[tuple[int, int]] = frozenset(product(range(5), range(9, 15)))
    languages: Mapping[str, tuple[str, str]] = field(default_factory=lambda: {"tl": ("Tagalog", "ltr")})
