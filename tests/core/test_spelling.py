"""How an office writes days, dates and times: what has one meaning is understood, all else told how to be written."""

from __future__ import annotations

import re
from datetime import date

import pytest
from pydantic import ValidationError

from ivr.core.hours import parse_day, parse_week
from ivr.core.spelling import SPELLED_WEEKDAYS, parse_date


@pytest.mark.parametrize("day", ["9-15", "09-15", "9.00-15.00", "09.00–15.00", "9:00 — 15:00", "9−15"])
def test_a_time_has_one_meaning_in_every_spelling(day: str) -> None:
    assert parse_day(day) == parse_day("09:00-15:00")


@pytest.mark.parametrize("day", ["Closed", "CLOSED ", "suljettu", "Suljettu", "kiinni", "stängt", "sta\u0308ngt"])
def test_closed_has_one_meaning_in_every_spelling(day: str) -> None:
    assert parse_day(day) == ()


@pytest.mark.parametrize("days", ["Mon-Fri", "ma-pe", "MA – PE", "maanantai-perjantai", "mån-fre", "Monday-perjantai"])
def test_a_weekday_has_one_meaning_in_every_spelling(days: str) -> None:
    assert parse_week({days: "9-15"}) == parse_week({"mon-fri": "09:00-15:00"})


def test_every_spelling_of_a_weekday_means_one() -> None:
    spelled = [spelling for spelling in SPELLED_WEEKDAYS if SPELLED_WEEKDAYS[spelling] == "thu"]
    assert spelled == ["thu", "thur", "thurs", "thursday", "to", "torstai", "tor", "tors", "torsdag"]
    assert all(len([*parse_week({spelling: "closed"})]) == 1 for spelling in SPELLED_WEEKDAYS)


def test_every_fault_of_a_week_is_told_at_its_own_day() -> None:
    with pytest.raises(ValidationError) as told:
        parse_week({"mon": "9-15", "tues day": "closed", "wed": "9-", "sat-sun": "closed"})
    assert [fault["loc"] for fault in told.value.errors()] == [("tues day",), ("wed",)]


# --- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["2026-12-01", "1.12.2026", "01.12.2026", "1. 12. 2026", " 2026-12-1 "])
def test_a_date_has_one_meaning_in_every_spelling(text: str) -> None:
    assert parse_date(text) == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("20261231", "is not a date; write 2026-12-31"),
        ("20261331", "is not a date; write day.month.year, for example 31.12.2026"),
        ("24.12.", "is not a date; write the year too, for example 24.12.2026"),
        ("24.12", "is not a date; write the year too, for example 24.12.2026"),
        ("24.12.26", "is not a date; write 24.12.2026"),
        ("2026-2-30", "February 2026 has no day 30; write a day that exists, for example 2026-02-28"),
        ("31.11.2026", "November 2026 has no day 31; write a day that exists, for example 2026-11-30"),
        ("0.11.2026", "November 2026 has no day 0; write a day that exists, for example 2026-11-01"),
        ("12.24.2026", "there is no month 24; write 24.12.2026"),
        ("40.40.2026", "there is no month 40; write day.month.year, for example 31.12.2026"),
        ("12/24/2026", "'12/24/2026' is not a date; write 24.12.2026"),
        ("24/12/2026", "'24/12/2026' is not a date; write 24.12.2026"),
        ("5/6/2026", "is not a date; write 5.6.2026 or 6.5.2026, with the day first"),
        ("5/5/2026", "is not a date; write 5.5.2026"),
        ("24/24/2026", "is not a date; write day.month.year, for example 31.12.2026"),
        ("12/24/26", "is not a date; write day.month.year, for example 31.12.2026"),
        ("1798675200", "is not a date; write day.month.year, for example 31.12.2026"),
        ("2206-12-31", "is not in this century; write day.month.year, for example 31.12.2026"),
        ("٢٠٢٦-١٢-٣١", "is not a date; write day.month.year, for example 31.12.2026"),
        ("", "is not a date; write day.month.year, for example 31.12.2026"),
    ],
)
def test_what_is_no_date_is_told_how_to_be_written(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"{re.escape(told)}$"):
        parse_date(text)
