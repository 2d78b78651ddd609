"""The ends of a closing that the office can choose without writing a time, and what callers then hear.

What is said while a closing lasts until one of them belongs to the closed set (`ivr.core.script`): it has its voice
before anybody closes. Of any other end, and of one that is more than six days ahead, callers hear the twin in a
language without a voice for it (rule W4): each date of a year would be hundreds of sentences to record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.core.closing import Closing
from ivr.core.hours import WEEKDAYS, HoursPrompt, joined, opens_soon
from ivr.core.office import DAYS_AHEAD, Office

TIMES = (time(10), time(12))
"""The times of a day until which a service can be closed by one press."""


def offered_ends(office: Office, schedule: str, now: datetime) -> tuple[datetime, ...]:
    """Until when a service can be closed today: the offered times that are ahead, and the end of the day.

    Each is there only if the service would open or be open before it, and a time only if it opens again after it; so
    there is none where nothing is left to close.
    """
    zone, own = ZoneInfo(office.zone), office.schedules[schedule]
    local = now.astimezone(zone)
    day, hours = local.date(), own.day(local.date())
    ahead = [each for each in hours if each.closes > local.time()]
    if not ahead:
        return ()
    first, last = max(ahead[0].opens, local.time()), ahead[-1].closes
    times = (datetime.combine(day, each, zone) for each in TIMES if first < each < last)
    return (*times, end_of_day(day, zone))


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The end of a closing whose last day is this one: callers hear when the service opens on a day after it."""
    return datetime.combine(day + timedelta(days=1), time(0), zone)


def said_until_offered_ends(office: Office, schedule: str, today: date) -> tuple[HoursPrompt, ...]:
    """What is said of a service while it is closed until an offered end, on any of the next 400 days; each once."""
    return tuple(dict.fromkeys(_said(office, schedule, today)))


def _said(office: Office, schedule: str, today: date) -> Iterator[HoursPrompt]:
    zone, own = ZoneInfo(office.zone), office.schedules[schedule]
    days = (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD))
    for weekday, hours in dict.fromkeys((day.weekday(), own.day(day)) for day in days):
        if not hours:
            continue
        for entry in ("today", "tomorrow", f"day_on.{WEEKDAYS[weekday]}"):
            yield opens_soon(schedule, entry, hours[0].opens)
        begins = datetime.combine(today, time(0), zone)
        for end in TIMES:
            left = Closing(schedule, begins, datetime.combine(today, end, zone)).on(today, joined(hours), zone)
            if hours[0].opens < end and left:
                yield opens_soon(schedule, "today", left[0].opens)
