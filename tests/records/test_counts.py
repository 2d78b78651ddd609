"""Counts are read as they were counted, in both databases; and written down for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Table, event, insert, select, update

from ivr.records.closings import Records
from ivr.records.counted import Counts
from ivr.records.counts import ENDS, HAPPENINGS, KEPT_MONTHS, RINGING_SECONDS, Figures, Period, calls, failed
from ivr.records.counts_csv import HEADER, as_csv
from ivr.records.folding import microseconds
from ivr.records.rounding import rounded
from ivr.records.sql_counts import SqlCounts
from ivr.records.tables import (
    COUNT_HANG_UP,
    COUNT_HOUR,
    COUNT_LANGUAGE,
    COUNT_MATTER,
    COUNT_RINGING,
    COUNTS,
    DAY_KEY,
    FOLDED_CALL,
    PASSING,
    SEEN,
    URGENT_RING,
)
from tests.conftest import ROOT
from tests.records.conftest import Environment

OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in (10, 11, 12))
HALLOWEEN, TUESDAY = date(2026, 10, 31), date(2026, 11, 24)
ROWS: dict[Table, list[tuple[object, ...]]] = {
    COUNT_LANGUAGE: [
        (HALLOWEEN, "fi", "reached", 7),
        (NOVEMBER, "fi", "reached", 40),
        (TUESDAY, "fi", "reached", 2),
        (TUESDAY, "fi", "met_closed", 1),
        (TUESDAY, "so", "unanswered", 3),
        (DECEMBER, "so", "informed", 9),
    ],
    COUNT_MATTER: [(TUESDAY, "child", "unanswered", 3), (DECEMBER, "none", "informed", 9)],
    COUNT_HOUR: [(OCTOBER, 5, 23, "reached", 7), (NOVEMBER, 1, 9, "reached", 42), (DECEMBER, 1, 0, "informed", 9)],
    COUNT_HANG_UP: [(HALLOWEEN, "languages", 1), (NOVEMBER, "languages", 2), (TUESDAY, "languages", 3)],
    COUNT_RINGING: [(NOVEMBER, "fi", 0, 4), (TUESDAY, "fi", 0, 1), (TUESDAY, "fi", 4, 2), (DECEMBER, "so", 1, 9)],
}


def filled(env: Environment) -> SqlCounts:
    counts = SqlCounts.open(env)
    with counts.database.transaction() as connection:
        for table, rows in ROWS.items():
            names = [each.name for each in table.c]
            connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    return counts


def test_what_is_older_than_promised_goes_though_no_line_counts_any_more(env: Environment) -> None:
    counts, now = filled(env), datetime(2026, 12, 2, 9, tzinfo=UTC)
    at = microseconds(now)
    call = {"token": "t", "what": "step", "second": 1, "node": "n", "exit": "", "written": at}
    call |= dict.fromkeys(("key", "told", "closed", "over"), False)
    rows: dict[Table, dict[str, object]] = {
        SEEN: call | {"call": "c", "at": at},
        FOLDED_CALL: {"call": "c", "at": at},
        DAY_KEY: {"day": now.date(), "key": b"k"},
        URGENT_RING: {"token": "one", "at": at, "answered": False},
    }
    assert {*rows} == {*PASSING}
    with counts.database.transaction() as connection:
        for table, row in rows.items():
            connection.execute(insert(table), [row])

    def left() -> set[str]:
        with counts.database.transaction() as connection:
            return {each.name for each in (*PASSING, *COUNTS) if connection.execute(select(each)).first()}

    records = Records.open(env)
    records.forget(now + timedelta(hours=24))
    assert left() == {each.name for each in (*PASSING, *COUNTS)}
    records.forget(now + timedelta(hours=24, minutes=1))
    assert left() == {"day_key", *(each.name for each in COUNTS)}
    records.forget(now + timedelta(days=2))
    assert left() == {each.name for each in COUNTS}
    records.forget(datetime(2028, 11, 30, tzinfo=UTC))
    assert counts.months() == (NOVEMBER, DECEMBER)
    records.forget(datetime(2029, 1, 1, tzinfo=UTC))
    assert left() == set()


def test_a_month_and_a_year(env: Environment) -> None:
    filled(env)
    counts = Counts.open(env)
    assert counts.months() == (OCTOBER, NOVEMBER, DECEMBER)
    assert counts.figures(Period(NOVEMBER)) == Figures(
        period=Period(NOVEMBER),
        by_language={"fi": {"reached": 42, "met_closed": 1}, "so": {"unanswered": 3}},
        by_matter={"child": {"unanswered": 3}},
        by_hour={(1, 9): {"reached": 42}},
        hang_ups={"languages": 5},
        ringing={"fi": (5, 0, 0, 0, 2)},
        by_month={},
        total={"reached": 42, "met_closed": 1, "unanswered": 3},
    )
    year = counts.figures(Period(date(2026, 1, 1), 12))
    assert (year.calls, failed(year.total), year.hang_ups) == (61, 3, {"languages": 6})
    assert {month: calls(row) for month, row in year.by_month.items()} == {OCTOBER: 7, NOVEMBER: 45, DECEMBER: 9}
    assert year.ringing == {"fi": (5, 0, 0, 0, 2), "so": (0, 9, 0, 0, 0)}
    empty = counts.figures(Period(date(2027, 1, 1)))
    assert (empty.calls, empty.by_hour, empty.by_month) == (0, {}, {})


def test_all_figures_are_of_one_moment(env: Environment) -> None:
    """A call that is counted between two tables would be in one of them alone."""
    counts, other = filled(env), SqlCounts.open(env).database
    between = list[str]()

    def count_some(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM count_" in statement and not between:
            between.append(statement)
            with other.transaction() as connection:
                for table in COUNTS:
                    connection.execute(update(table).values(calls=table.c.calls + 1000))

    event.listen(counts.database.engine, "after_cursor_execute", count_some)
    seen = counts.figures(Period(NOVEMBER))
    assert between
    assert (seen.total["reached"], seen.by_hour[1, 9], seen.ringing["fi"][4]) == (42, {"reached": 42}, 2)
    assert counts.figures(Period(NOVEMBER)).hang_ups == {"languages": 2005}


def test_a_table_for_a_spreadsheet(sqlite: Environment) -> None:
    counted = filled(sqlite).figures(Period(NOVEMBER))
    exact = replace(counted, by_matter={"child": counted.total}, by_hour={(1, 9): counted.total})  # all of one month
    seen = rounded(exact)
    written = as_csv(seen)
    assert written.endswith("\r\n")
    assert written == as_csv(rounded(exact))
    header, *lines = csv.reader(io.StringIO(written), delimiter=";")
    assert tuple(header) == HEADER
    found = {tuple(each[1:4]): int(each[4]) for each in lines}
    assert len(found) == len(lines)
    assert {each[0] for each in lines} == {"2026-11"}
    assert found["total", "all", "reached"] == 40
    assert found["hour", "tue-09", "calls"] == found["total", "all", "calls"] == 45
    assert found["language", "so", "unanswered"] == found["hang_up", "languages", "calls"] == 5
    assert (found["total", "all", "met_closed"], found["ringing", "fi", "up_to_15_s"]) == (0, 5)
    assert [each for each in found.values() if each % 5] == []


def test_no_cell_is_a_formula() -> None:
    made = Figures(
        period=Period(NOVEMBER),
        by_language={each: {"reached": 10} for each in ("=1+1", "+1", "-1", "@A1", "\t=1", 'a"b,\r\nc')},
        by_matter={},
        by_hour={},
        hang_ups={"=cmd|'/c calc'!A1": 20},
        ringing={},
        by_month={},
        total={"reached": 60},
    )
    cells = [cell for line in csv.reader(io.StringIO(as_csv(made), newline=""), delimiter=";") for cell in line]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert {"'=1+1", "'=cmd|'/c calc'!A1", 'a"b,\r\nc'} <= {*cells}


def test_the_document_says_what_is_counted() -> None:
    text = (ROOT / "docs/counts.md").read_text(encoding="utf-8")
    codes = [re.findall(r"(?m)^\| `(\w+)` \|", part) for part in text.split("\n## ")]
    assert codes == [[], [*ENDS], [*HAPPENINGS], [each.name for each in (*COUNTS, *PASSING)], []]
    seconds = ", ".join(map(str, RINGING_SECONDS))
    assert f"up to {seconds} seconds, or longer" in " ".join(text.split())
    assert f"| {KEPT_MONTHS} months and the month that is not over |" in text


@pytest.mark.parametrize("written", ["2026-13", "2026-1", "26", "2026-11-01", " 2026", "1999", "2026-11\n"])
def test_what_is_no_period(written: str) -> None:
    assert Period.read(written) is None
