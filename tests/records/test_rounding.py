"""What everybody may see tells of nobody: no number, no table and no two looks give an exact count."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.records.counted import Counts
from ivr.records.counts import CallOutcome, Figures, Period, Row, calls, failed, first_kept
from ivr.records.counts_csv import as_csv
from ivr.records.faults import RecordsFault
from ivr.records.rounding import NotOver, is_complete, last_complete, published, rounded, to_nearest, together

HELSINKI = ZoneInfo("Europe/Helsinki")
MONTH, YEAR = Period(date(2026, 11, 1)), Period(date(2026, 1, 1), 12)
LANGUAGES = ("ar", "fi", "so", "sv", "uk")


def figures(cells: tuple[int, ...], end: CallOutcome = "reached", month: int = 11) -> Figures:
    """A month in which so many calls in each language ended in one way; matters and hours are few."""
    total = {end: sum(cells)} if any(cells) else {}
    return Figures(
        period=Period(date(2026, month, 1)),
        by_language={language: {end: calls} for language, calls in zip(LANGUAGES, cells, strict=False) if calls},
        by_matter={"none": total} if total else {},
        by_hour={(0, 9): total} if total else {},
        hang_ups={},
        ringing={},
        by_month={},
        total=total,
    )


def shown(seen: Figures, cells: int, end: CallOutcome = "reached") -> tuple[int, ...]:
    """The languages and the total, as they are shown."""
    return (*(seen.by_language.get(each, {}).get(end, 0) for each in LANGUAGES[:cells]), seen.total.get(end, 0))


def possible(shown: int, nearest: int) -> range:
    """What may stand behind a number that is shown; written anew, as this is what a reader of the page knows."""
    return range(max(0, shown - nearest // 2), shown + nearest // 2 + 1)


def behind(seen: tuple[int, ...], nearest: int) -> Iterator[tuple[int, ...]]:
    """All counts of the cells that could be behind what is shown, by trying each."""
    for cells in itertools.product(*(possible(each, nearest) for each in seen[:-1])):
        if sum(cells) in possible(seen[-1], nearest):
            yield cells


def is_told(all_possible: set[tuple[int, ...]]) -> bool:
    """Whether a cell or the total is the same in all."""
    return any(len(set(each)) == 1 for each in zip(*all_possible, strict=True)) or len(set(map(sum, all_possible))) == 1


@pytest.mark.parametrize("crafted", [(2, 2, 2, 2), (3, 3, 3, 3), (2, 2, 2, 7), (2, 2, 12, 12)])
def test_a_total_gives_no_cell_away(crafted: tuple[int, ...]) -> None:
    to_five = tuple(to_nearest(each, 5) for each in (*crafted, sum(crafted)))
    assert set(behind(to_five, 5)) == {crafted}, "rounded to five, it could be nothing else"
    seen = rounded(figures(crafted))
    assert seen.nearest == 25
    assert not is_told(set(behind(shown(seen, 4), 25)))


def test_not_even_by_knowing_how_it_is_decided() -> None:
    """Whoever tries all that could have been, by this very program, and looks what would have been shown the same.

    Up to 12, as all that is shown as 0, where it is rounded to 25, stands for no more.
    """
    same = defaultdict[object, set[tuple[int, ...]]](set)
    for cells in itertools.combinations_with_replacement(range(13), 4):
        if rounded(figures(cells)).nearest > 5:
            for order in set(itertools.permutations(cells)):
                same[shown(rounded(figures(order)), 4)].add(order)
    assert len(same) > 1
    assert [each for each in same.values() if is_told(each)] == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 13), min_size=1, max_size=5))
def test_no_count_of_a_table_follows(cells: list[int]) -> None:
    seen = rounded(figures(tuple(cells)))
    assert all(each % seen.nearest == 0 for each in shown(seen, len(cells)))
    all_possible = set(behind(shown(seen, len(cells)), seen.nearest))
    assert tuple(cells) in all_possible
    assert not is_told(all_possible)


TWO = st.lists(st.integers(0, 8), min_size=2, max_size=2)


@settings(max_examples=100, deadline=None)
@given(st.lists(TWO, min_size=2, max_size=3))
def test_nor_from_the_months_of_a_year_beside_it(counted: list[list[int]]) -> None:
    months = [figures(tuple(cells), month=place + 1) for place, cells in enumerate(counted)]
    tables = [rounded(each) for each in months]
    year = rounded(together(YEAR, months), months)
    assert year.by_month == {each.period.first: each.total for each in tables}
    assert all(each % year.nearest == 0 for each in shown(year, 2))
    # Each cell of each month, by trying each, and whatever of it fits the months and the year.
    for_each_month = [list(behind(shown(each, 2), each.nearest)) for each in tables]
    found = set[tuple[int, ...]]()
    for cells in itertools.product(*for_each_month):
        of_year = tuple(map(sum, zip(*cells, strict=True)))
        if all(
            each in possible(seen, year.nearest)
            for each, seen in zip((*of_year, sum(of_year)), shown(year, 2), strict=True)
        ):
            found.add(tuple(itertools.chain(*cells, of_year)))
    assert tuple(itertools.chain(*counted)) in {each[:-2] for each in found}
    assert not is_told(found)


OF_A_ROW: tuple[CallOutcome, ...] = ("reached", "unanswered", "pressed_nothing", "pressed_nothing_reached")


def can_be(reached: int, unanswered: int, pressed_nothing: int, pressed_nothing_reached: int) -> bool:
    """Whether there can be such calls."""
    others = pressed_nothing - pressed_nothing_reached
    return pressed_nothing_reached <= reached and others >= 0 and pressed_nothing <= reached + unanswered


@st.composite
def rows_of_calls(draw: st.DrawFn) -> tuple[int, int, int, int]:
    reached, unanswered = draw(st.integers(0, 8)), draw(st.integers(0, 4))
    also_reached = draw(st.integers(0, reached))
    return reached, unanswered, also_reached + draw(st.integers(0, unanswered)), also_reached


@settings(max_examples=25, deadline=None)
@given(st.tuples(rows_of_calls(), rows_of_calls()))
@example(((2, 1, 3, 2), (2, 1, 3, 2)))  # nobody pressed a key in 6 calls, none of which can be another then
@example(((2, 1, 3, 2), (7, 1, 8, 7)))
def test_nor_from_what_can_be_so_of_a_call(rows: tuple[tuple[int, ...], ...]) -> None:
    total = [*map(sum, zip(*rows, strict=True))]
    of_rows = [dict(zip(OF_A_ROW, row, strict=True)) for row in (*rows, total)]
    made = replace(figures(()), by_language=dict(zip(LANGUAGES, of_rows[:2], strict=False)), total=of_rows[2])
    seen = rounded(made)

    def behind_row(row: Row, near: Sequence[int]) -> list[tuple[int, ...]]:
        """What could be behind a row that is shown, near to what is: that these differ is enough."""
        each = (
            [number for number in possible(row.get(outcome, 0), seen.nearest) if abs(number - is_so) <= 2]
            for outcome, is_so in zip(OF_A_ROW, near, strict=True)
        )
        return [found for found in itertools.product(*each) if can_be(*found)]

    totals = set(behind_row(seen.total, total))
    of_languages = (behind_row(seen.by_language.get(each, {}), row) for each, row in zip(LANGUAGES, rows, strict=False))
    found = set[tuple[int, ...]]()
    for one, other in itertools.product(*of_languages):
        both = tuple(map(sum, zip(one, other, strict=True)))
        if both in totals:
            found.add((*one, *other, *both))
    assert (*rows[0], *rows[1], *total) in found
    assert not is_told(found)


def test_three_in_each_of_two_months() -> None:
    """6 and 6 would be shown as 5 and 5, and 12 as 10: but each month has told that it is no less."""
    months = [figures((3, 3), month=month) for month in (1, 2)]
    assert [rounded(each).nearest for each in months] == [5, 5]
    assert rounded(together(YEAR, months), months).nearest > 25


def test_what_contradicts_itself_is_not_shown() -> None:
    """As after a restore of half of the tables: it must neither hang nor tell."""
    made = figures((40, 30))
    seen = rounded(replace(made, total={"reached": 500}))
    assert (seen.total, seen.by_language, seen.by_hour) == ({}, {}, {})
    assert rounded(replace(made, by_matter={"child": {"unanswered": 9}})).by_matter == {}, "nor what no total has"


def test_a_row_is_there_only_where_its_numbers_are() -> None:
    seen = rounded(figures((2, 1, 0, 9, 30)))
    assert seen.by_language == {"sv": {"reached": 10}, "uk": {"reached": 30}}


class Kept(Counts):
    """Counts since October 2026, of two languages."""

    def __init__(self) -> None:
        self.added, self.kept = 0, date.min

    def figures(self, period: Period) -> Figures:
        assert period.months == 1, "a month that is not over would be in it"
        return figures((period.first.month, 6 + self.added), month=period.first.month)

    def months(self) -> tuple[date, ...]:
        return tuple(month for month in (date(2026, each, 1) for each in (10, 11, 12)) if month >= self.kept)


def test_a_month_is_seen_once_it_has_been_over_for_a_day() -> None:
    counts = Kept()
    just_before, settled = (
        datetime(2026, 12, day, hour, 59 * minute, tzinfo=HELSINKI) for day, hour, minute in ((1, 23, 1), (2, 0, 0))
    )
    assert (is_complete(MONTH, just_before), is_complete(MONTH, settled)) == (False, True)
    assert (last_complete(just_before), last_complete(settled)) == (Period(date(2026, 10, 1)), MONTH)
    with pytest.raises(
        NotOver, match=r"2026-11 is not over, or has been for less than a day\. Remedy: wait until 2026-12-02"
    ):
        published(counts, MONTH, just_before)
    seen = published(counts, MONTH, settled)
    assert seen.by_language == {"ar": {"reached": 10}, "fi": {"reached": 5}}
    assert as_csv(seen) == as_csv(published(counts, MONTH, settled + timedelta(days=700)))
    with pytest.raises(NotOver, match=r"2026-10 is not over"):
        published(counts, YEAR, datetime(2026, 10, 20, tzinfo=HELSINKI))
    counts.added = 30  # of December
    so_far = published(counts, YEAR, settled)
    assert [*so_far.by_month] == [date(2026, each, 1) for each in (10, 11)], "those before were not counted"
    assert so_far.total["reached"] == sum(each["reached"] for each in so_far.by_month.values())
    assert not so_far.by_language, "from month to month, small counts would follow"
    counts.added = 0
    assert published(counts, YEAR, settled + timedelta(days=60)).by_language["ar"] == {"reached": 35}


def test_what_was_not_counted_and_what_is_deleted_is_told() -> None:
    for period, day, told in (
        (
            Period(date(2026, 9, 1)),
            date(2026, 12, 5),
            "the first ones were those of 2026-10. Remedy: name a later month",
        ),
        (Period(date(2026, 12, 1)), date(2026, 12, 5), "is not over"),
        (Period(date(2026, 10, 1)), date(2028, 11, 5), "24 months are kept. Remedy: name a month from 2026-11 on"),
        (Period(date(2026, 9, 1)), date(2028, 11, 5), "24 months are kept. Remedy: name a month from 2026-11 on"),
        (YEAR, date(2028, 11, 5), "not all counts of 2026 are there"),
        (YEAR, date(2028, 12, 5), "not all counts of 2026 are there"),
    ):
        counts = Kept()
        counts.kept = first_kept(day)
        with pytest.raises(RecordsFault, match=told):
            published(counts, period, datetime(day.year, day.month, day.day, 12, tzinfo=HELSINKI))


ENDS_OF_A_ROW = ("unanswered", "hung_up_early", "hung_up_ringing", "informed", "reached")


@settings(max_examples=150, deadline=None)
@example([2, 2, 2, 0, 0])
@example([3, 3, 3, 3, 0])
@example([1, 1, 1, 1, 1])
@given(st.lists(st.integers(0, 9), min_size=5, max_size=5))
def test_nor_from_the_sums_of_a_row_which_are_shown_too(cells: list[int]) -> None:
    row: Row = {end: number for end, number in zip(ENDS_OF_A_ROW, cells, strict=True) if number}  # type: ignore[misc]
    exact = replace(figures(()), by_language={"so": row}, by_matter={"none": row}, by_hour={(0, 9): row}, total=row)
    seen = rounded(exact)
    assert (calls(seen.total), failed(seen.total)) == tuple(
        to_nearest(each, seen.nearest) for each in (sum(cells), sum(cells[:3]))
    )
    shown_ends = [seen.total.get(end, 0) for end in ENDS_OF_A_ROW]  # type: ignore[call-overload]
    behind_it = {
        each
        for each in itertools.product(*(possible(number, seen.nearest) for number in shown_ends))
        if sum(each) in possible(calls(seen.total), seen.nearest)
        and sum(each[:3]) in possible(failed(seen.total), seen.nearest)
    }
    assert tuple(cells) in behind_it
    assert not is_told(behind_it)
    assert len({sum(each[:3]) for each in behind_it}) > 1
