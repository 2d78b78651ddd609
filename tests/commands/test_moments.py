"""Days and times as somebody types them for a closing."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.commands.moments import typed
from ivr.core.offers import end_of_day

HELSINKI = ZoneInfo("Europe/Helsinki")
NIGHT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
"""It is the 25th in Finland."""


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("12:00", "2026-11-25T12:00:00+02:00", "2026-11-25T12:00:00+02:00"),
        (" 9 ", "2026-11-25T09:00:00+02:00", "2026-11-25T09:00:00+02:00"),
        ("12.30", "2026-11-25T12:30:00+02:00", "2026-11-25T12:30:00+02:00"),
        ("2026-12-31", "2026-12-31T00:00:00+02:00", "2027-01-01T00:00:00+02:00"),
        ("31. 12. 2026", "2026-12-31T00:00:00+02:00", "2027-01-01T00:00:00+02:00"),
        ("31.12.2026 12:00", "2026-12-31T12:00:00+02:00", "2026-12-31T12:00:00+02:00"),
        ("2027-03-28 0:00", "2027-03-28T00:00:00+02:00", "2027-03-28T00:00:00+02:00"),
        ("2027-03-28", "2027-03-28T00:00:00+02:00", "2027-03-29T00:00:00+03:00"),
    ],
)
def test_each_spelling_is_understood(text: str, begins: str, ends: str) -> None:
    found, today = typed(text), datetime.fromisoformat("2026-11-25T08:00:00+02:00")
    assert found.begins(NIGHT, HELSINKI).isoformat() == begins
    assert found.ends(today, HELSINKI).isoformat() == ends


def test_a_time_is_one_of_the_day_of_the_beginning() -> None:
    begins = typed("31.12.2026 8:10").begins(NIGHT, HELSINKI)
    assert typed("10:00").ends(begins, HELSINKI) == datetime(2026, 12, 31, 10, tzinfo=HELSINKI)
    assert end_of_day(begins.date(), HELSINKI) == datetime(2027, 1, 1, tzinfo=HELSINKI)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("noon", "'noon' is no day and no time; write for example 12:00, 31.12.2026"),
        ("", "'' is no day and no time"),
        ("25:00", "'25:00' is no day and no time"),
        ("12/31/2026", "'12/31/2026' is no day and no time"),
        ("31.12.2026 noon", "'31.12.2026 noon' is no day and no time"),
        ("31.13.2026", "there is no month 13"),
        ("30.2.2027", "February 2027 has no day 30"),
    ],
)
def test_what_is_none_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as wrong:
        typed(text)
    assert str(wrong.value).startswith(told)
