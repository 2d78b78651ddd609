"""The calendar of the coming year: public holidays, the exceptions of office.yaml, and what people have decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

from ivr.core.closing import Closing
from ivr.core.exception_days import ExceptionDay
from ivr.core.hours import Day, joined
from ivr.core.offers import end_of_day
from ivr.core.office import Office
from ivr.records.closings import KeptClosing

MONTHS = 12
"""How far ahead the calendar looks."""
HOLIDAY_LANGUAGES = {"en": "en_US", "sv": "sv_FI"}
"""How the package `holidays` calls a language of the pages, where it has another name for it."""


@dataclass(frozen=True)
class CalendarDay:
    """One day. `hours`: service -> its hours. `exceptions`: rows of office.yaml; `closings`: what people decided."""

    day: date
    holiday: str
    hours: tuple[tuple[str, Day], ...]
    exceptions: tuple[ExceptionDay, ...]
    closings: tuple[KeptClosing, ...]

    @property
    def kind(self) -> Literal["closing", "exception", "holiday", ""]:
        """Why it is not as every week: of several reasons, the one that decides."""
        if self.closings:
            return "closing"
        if self.exceptions:
            return "exception"
        return "holiday" if self.holiday else ""

    @property
    def is_special(self) -> bool:
        """Whether it is not as every week."""
        return bool(self.kind)


def year(
    office: Office, kept: Sequence[KeptClosing], today: date, language: str
) -> tuple[tuple[CalendarDay, ...], ...]:
    """The coming months, each with all of its days, from the first of this one on. The closings hold in the office."""
    firsts = [_month_after(today, ahead) for ahead in range(MONTHS + 1)]
    names = holiday_names(office.country, {first.year for first in firsts}, language)
    return tuple(
        tuple(_day(office, kept, first + timedelta(days=ahead), names) for ahead in range((after - first).days))
        for first, after in pairwise(firsts)
    )


def last_day(today: date) -> date:
    """The last day of the calendar."""
    return _month_after(today, MONTHS) - timedelta(days=1)


def calendar_day(office: Office, kept: Sequence[KeptClosing], day: date, language: str) -> CalendarDay:
    """One day of it."""
    return _day(office, kept, day, holiday_names(office.country, {day.year}, language))


def touching(kept: Sequence[KeptClosing], schedule: str, day: date, zone: ZoneInfo) -> tuple[KeptClosing, ...]:
    """The closings of a service that hold for a part of a day."""
    first, last = datetime.combine(day, time(), zone), end_of_day(day, zone)
    return tuple(
        each
        for each in kept
        if isinstance(each.closing, Closing)
        and each.closing.schedule == schedule
        and each.closing.begins < last
        and first < each.closing.ends
    )


def holiday_names(country: str, years: set[int], language: str) -> dict[date, str]:
    """The public holidays of some years by their names in a language, where the package has it."""
    wanted = HOLIDAY_LANGUAGES.get(language, language)
    calendar = getattr(holidays, country)
    known = wanted if wanted in getattr(calendar, "supported_languages", ()) else None
    return dict(holidays.country_holidays(country, years=years, language=known).items())


def _day(office: Office, kept: Sequence[KeptClosing], day: date, names: Mapping[date, str]) -> CalendarDay:
    zone = ZoneInfo(office.zone)
    closings = dict.fromkeys(each for name in office.hours for each in touching(kept, name, day, zone))
    return CalendarDay(
        day=day,
        holiday=names.get(day, ""),
        hours=tuple((name, joined(schedule.day(day))) for name, schedule in office.schedules.items()),
        exceptions=tuple(each for each in office.exceptions if each.first <= day <= each.last),
        closings=tuple(closings),
    )


def _month_after(day: date, ahead: int) -> date:
    months = day.year * 12 + day.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)
