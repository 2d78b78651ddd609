"""`ivr counts`, as somebody who plans the work of an office types it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert

import ivr.commands.counts as module
from ivr.commands import main
from ivr.records.counts import Figures, Period, Row
from ivr.records.sql_counts import SqlCounts
from ivr.records.tables import COUNT_HANG_UP, COUNT_HOUR, COUNT_LANGUAGE, COUNT_MATTER, COUNT_RINGING
from tests.content.conftest import FIRST, Prompts

Ivr = Callable[..., Result]


@pytest.fixture
def ivr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ivr:
    """In the folder of a line that has counted in October and November, on the 5th of December."""
    prompts = Prompts.copied_to(tmp_path, *FIRST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IVR_DATABASE_URL", raising=False)
    monkeypatch.setenv("IVR_SITE", str(prompts.folder))
    monkeypatch.setenv("IVR_STATE", "state")
    monkeypatch.setattr(module, "now", lambda: datetime(2026, 12, 5, 9, tzinfo=UTC))
    return lambda *words: CliRunner().invoke(main, ["counts", *words])


@pytest.fixture
def counted(ivr: Ivr) -> None:
    """23 reached in October; in November 41 and 12 failed in Finnish, 13 failed in Somali; 4 in December."""
    with SqlCounts.open({"IVR_STATE": "state"}).database.transaction() as connection:
        for day, language, outcome, calls in (
            (date(2026, 10, 2), "fi", "reached", 23),
            (date(2026, 11, 3), "fi", "reached", 41),
            (date(2026, 11, 3), "fi", "unanswered", 12),
            (date(2026, 11, 30), "so", "hung_up_early", 13),
            (date(2026, 11, 30), "so", "pressed_nothing", 13),
            (date(2026, 12, 2), "fi", "reached", 4),
        ):
            connection.execute(insert(COUNT_LANGUAGE).values((day, language, outcome, calls)))
            connection.execute(insert(COUNT_MATTER).values((day, "none", outcome, calls)))
            connection.execute(insert(COUNT_HOUR).values((day.replace(day=1), day.weekday(), 9, outcome, calls)))
        connection.execute(insert(COUNT_HANG_UP).values((date(2026, 11, 30), "languages", 13)))
        connection.execute(insert(COUNT_RINGING).values((date(2026, 11, 3), "fi", 1, 53)))


def rows(printed: str) -> list[list[str]]:
    return [line.replace("│", " ").split() for line in printed.splitlines() if line.strip()]


@pytest.mark.usefixtures("counted")
def test_the_last_month_and_who_is_failed_first(ivr: Ivr) -> None:
    done = ivr()
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("2026-11: of 65 calls 25 were failed, 0 were informed, 40 reached a person.")
    assert (
        "rounded to the nearest 5; 0, or a row that is not there, may be up to 2. "
        "Each is rounded by itself, sums too: so they do not always add up."
    ) in done.stdout
    assert max(map(len, done.stdout.splitlines()[1:])) <= 80
    found = rows(done.stdout)
    assert ["all", "25", "10", "15", "0", "0", "40"] in found
    languages = [row[0] for row in found if row[0] in ("so", "fi")]
    assert languages[:2] == ["so", "fi"], "who is failed most stands first"
    assert ["languages", "15"] in found
    assert ["fi", "0", "55", "0", "0", "0"] in found
    assert ["09", "15/15", "10/55"] in found
    assert done.stdout == ivr("2026-11").stdout


@pytest.mark.usefixtures("counted")
def test_a_year_that_is_not_over_has_its_months_that_are(ivr: Ivr) -> None:
    printed = ivr("2026").stdout
    assert printed.startswith("2026, up to 2026-11: of 90 calls 25 were failed")
    assert ["2026-10", "0", "0", "0", "0", "0", "25"] in rows(printed)
    assert ["2026-11", "25", "10", "15", "0", "0", "40"] in rows(printed)
    assert "2026-12" not in printed
    assert "The numbers of the year add up those of its months, and are off by more." in printed
    assert "Those of a single month are rounded as when it is printed alone." in printed


@pytest.mark.usefixtures("counted")
def test_a_table_for_a_spreadsheet(ivr: Ivr, tmp_path: Path) -> None:
    printed = ivr("2026-11", "--csv", "-").stdout_bytes
    assert ivr("2026-11", "--csv", "counts.csv").exit_code == 0
    assert (tmp_path / "counts.csv").read_bytes() == printed
    lines = list(csv.reader(io.StringIO(printed.decode()), delimiter=";"))
    assert ["2026-11", "language", "so", "hung_up_early", "15"] in lines
    for nowhere in ("nowhere/counts.csv", "", "/", "nowhere/.."):
        done = ivr("2026-11", "--csv", nowhere)
        assert (done.exit_code, done.stderr.startswith(f"Error: {nowhere or '.'}")) == (1, True), done.stderr


@pytest.mark.usefixtures("counted")
def test_an_hour_without_calls_has_no_row(ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    row: Row = {"reached": 5}
    hours: dict[tuple[int, int], Row] = {(0, 9): row, (0, 22): {"met_closed": 5}}
    seen = Figures(Period(date(2026, 11, 1)), {"fi": row}, {"none": row}, hours, {}, {}, {}, row, 5)
    monkeypatch.setattr(module, "published", lambda *_: seen)
    found = rows(ivr("2026-11").stdout)
    assert ["09", "0/5"] in found
    assert ["22"] not in found


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("period", "code", "told"),
    [
        ("2026-12", 1, "2026-12 is not over, or has been for less than a day. Remedy: wait until 2027-01-02"),
        ("2026-09", 1, "were not counted: the first ones were those of 2026-10. Remedy: name a later month"),
        ("november", 2, "'november' is no month or year. Remedy: write it like 2026-11 or 2026"),
    ],
)
def test_what_cannot_be_shown_is_told(ivr: Ivr, period: str, code: int, told: str) -> None:
    done = ivr(period)
    assert (done.exit_code, told in done.stderr) == (code, True), done.stderr


def test_where_nothing_is_counted(ivr: Ivr) -> None:
    done = ivr()
    assert (done.exit_code, "no call has been counted yet. Remedy: see that IVR_COUNTS" in done.stderr) == (1, True)
