"""Times at which a call is worth hearing, for any year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from ivr.core.office import PHONE, Office

SATURDAY, SUNDAY = 5, 6


def presets(office: Office, today: date) -> dict[str, datetime]:
    """The next local time of each kind from a day on, by name."""
    schedule = office.schedules[PHONE]
    week = _days(today)
    weekday = next(day for day in week if schedule.day(day))
    hours = schedule.day(weekday)[0]
    opens, closes = datetime.combine(weekday, hours.opens), datetime.combine(weekday, hours.closes)
    christmas = date(today.year if today <= date(today.year, 12, 24) else today.year + 1, 12, 24)
    return {
        "morning": opens + timedelta(hours=1),
        "before_opening": opens - timedelta(minutes=5),
        "lunch": datetime.combine(weekday, time(11, 30)),
        "before_closing": closes - timedelta(minutes=1),
        "evening": datetime.combine(weekday, time(20, 0)),
        "saturday": datetime.combine(next(day for day in _days(today) if day.weekday() == SATURDAY), time(11, 0)),
        "christmas_eve": datetime.combine(christmas, time(10, 0)),
        "clock_change": datetime.combine(_clock_change(today), time(2, 59)),
    }


def _days(first: date) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range(400))


def _clock_change(today: date) -> date:
    """The next last Sunday of March, when two o'clock is followed by four (Directive 2000/84/EC)."""
    return next(d for d in _days(today) if d.month == 3 and d.weekday() == SUNDAY and (d + timedelta(7)).month == 4)
