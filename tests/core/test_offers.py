"""The ends of a closing that the office is offered, and that what callers then hear belongs to the closed set."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.core.closing import Closing
from ivr.core.content import Content
from ivr.core.offers import end_of_day, offered_ends, said_until_offered_ends
from ivr.core.office import PHONE

HELSINKI = ZoneInfo("Europe/Helsinki")
TUESDAY = date(2026, 11, 24)
MIDNIGHT = "00:00"


def at(hour: int, minute: int = 0, day: date = TUESDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), HELSINKI)


@pytest.mark.parametrize(
    ("schedule", "now", "offered"),
    [
        (PHONE, at(8, 10), ["10:00", "12:00", MIDNIGHT]),
        (PHONE, at(10), ["12:00", MIDNIGHT]),
        (PHONE, at(14, 59), [MIDNIGHT]),
        (PHONE, at(15), []),
        (PHONE, at(8, day=TUESDAY + timedelta(4)), []),
        ("door", at(11, 30), [MIDNIGHT]),
        ("walk_in", at(8), [MIDNIGHT]),
    ],
)
def test_an_end_is_offered_where_it_changes_something(
    content: Content, schedule: str, now: datetime, offered: list[str]
) -> None:
    assert [f"{end:%H:%M}" for end in offered_ends(content.office, schedule, now)] == offered


def test_what_is_closed_already_is_offered_for_longer_only(content: Content) -> None:
    office = content.office.with_closings((Closing(PHONE, at(8), at(12)),))

    assert [f"{end:%H:%M}" for end in offered_ends(office, PHONE, at(8, 10))] == [MIDNIGHT]


def test_on_a_night_of_summer_time_a_day_ends_at_midnight(content: Content) -> None:
    end = end_of_day(date(2027, 3, 28), ZoneInfo(content.office.zone))

    assert end - datetime(2027, 3, 28, tzinfo=HELSINKI) == timedelta(days=1)
    assert end.timestamp() - datetime(2027, 3, 28, tzinfo=HELSINKI).timestamp() == timedelta(hours=23).total_seconds()


def test_all_that_is_said_until_an_offered_end_is_known(content: Content) -> None:
    """Closed at any minute of any working day until any end, also the end of each of the six days ahead."""
    for name in content.office.hours:
        known = {*said_until_offered_ends(content.office, name, TUESDAY)}
        for ahead in range(60):
            day = TUESDAY + timedelta(ahead)
            for now in (at(0, day=day), at(8, 10, day), at(11, day=day), at(13, day=day)):
                days = [end_of_day(day + timedelta(more), HELSINKI) for more in range(6)]
                for end in (*offered_ends(content.office, name, now), *days):
                    closed = content.office.with_closings((Closing(name, now, end),)).schedules[name]
                    if not closed.is_open(now):
                        said = closed.prompt(name, now)
                        assert said in known or said.prompt.endswith((".opens_on", ".closed_long")), (now, end, said)
