"""Days, times and hours as the pages write them, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ivr.core.closing import Change, StandIn
from ivr.core.hours import Day
from ivr.office.calendar import CalendarDay
from ivr.office.words import interface, t, words

Kind = Literal["opens", "from", "until"]
WEEKDAYS: Mapping[Kind, str] = {"opens": "weekdays_on", "from": "weekdays_from", "until": "weekdays_into"}
"""The form of a weekday's name in each kind of phrase: some languages have one for each."""


class Dates:
    """Writes moments as somebody reads them at `now` in a time zone."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        self._now, self._zone = now.astimezone(zone), zone

    @property
    def today(self) -> date:
        """The day of now."""
        return self._now.date()

    def long(self, day: date) -> str:
        """A day with its weekday and year."""
        return t("weekday_date", weekday=_nth("weekdays", day.weekday()), date=self.bare(day))

    def bare(self, day: date) -> str:
        """A day without its weekday."""
        return t("date", day=day.day, month=_nth("months_of", day.month - 1), year=day.year)

    def short(self, day: date) -> str:
        """A day within a month that is named above it."""
        return f"{_nth('weekdays_short', day.weekday())} {day.day}."

    def month(self, day: date) -> str:
        """The month of a day, as a heading."""
        return t("month_heading", month=_nth("months", day.month - 1), year=day.year)

    def month_name(self, day: date) -> str:
        """The month of a day, where its year is known."""
        return _nth("months", day.month - 1)

    def weekday(self, number: int) -> str:
        """A weekday in two letters; 0 is Monday."""
        return _nth("weekdays_short", number)

    def weekday_name(self, number: int) -> str:
        """A weekday as a word of its own."""
        return _nth("weekdays", number)

    def opens(self, moment: datetime) -> str:
        """When something opens: today at nine."""
        return self._at("opens", moment)

    def from_(self, moment: datetime) -> str:
        """Since when something holds."""
        local = moment.astimezone(self._zone)
        if local <= self._now:
            return t("from_now")
        if local.time() == time():
            weekday = _nth(WEEKDAYS["from"], local.weekday())
            return t("when_from_start_of_day", weekday=weekday, date=self.bare(local.date()))
        return self._at("from", moment)

    def until(self, moment: datetime) -> str:
        """Until when something holds. A midnight is the end of the day before it."""
        local = moment.astimezone(self._zone)
        if local.time() == time():
            last = local.date() - timedelta(days=1)
            if last == self.today:
                return t("when_until_end_of_today")
            return t("when_until_end_of_day", weekday=_nth("weekdays_of", last.weekday()), date=self.bare(last))
        return self._at("until", moment)

    def happened(self, moment: datetime) -> str:
        """When somebody did something."""
        local = moment.astimezone(self._zone)
        if local.date() == self.today:
            return t("happened_today", clock=_clock(local.time()))
        return t("happened", date=self.bare(local.date()), clock=_clock(local.time()))

    def clock(self, moment: datetime) -> str:
        """The time of a moment."""
        return _clock(moment.astimezone(self._zone).time())

    def value(self, moment: datetime) -> str:
        """The time of a moment as a form has it."""
        return f"{moment.astimezone(self._zone):%H:%M}"

    def clock_from(self, moment: datetime) -> str:
        """From which time of its day on something holds."""
        local = moment.astimezone(self._zone).time()
        return t("from_clock", clock=_clock(local)) if local != time() else t("at_midnight")

    def beside(self, day: date, ahead: int) -> date:
        """A day so many days ahead of another."""
        return day + timedelta(days=ahead)

    def weeks(self, month: Sequence[CalendarDay]) -> list[list[CalendarDay | None]]:
        """The days of a month in weeks from Monday to Sunday; None for those of another month."""
        padded = [*[None] * month[0].day.weekday(), *month, *[None] * (6 - month[-1].day.weekday())]
        return [padded[first : first + 7] for first in range(0, len(padded), 7)]

    def hours(self, day: Day) -> str:
        """The hours of a day, or that it is closed."""
        parts = [f"{_clock(each.opens)}–{_clock(each.closes)}" for each in day]
        return t("hours_and").join(parts) or t("hours_closed")

    def change(self, change: Change) -> str:
        """What somebody has decided, as one line."""
        until, begun = self.until(change.ends), change.begins <= self._now
        if isinstance(change, StandIn):
            slots = {"contact": name_of("contact", change.contact), "label": change.label}
            kind = "stand_in"
        else:
            slots = {"schedule": name_of("schedule", change.schedule), "hours": self.hours(change.hours)}
            kind = "hours" if change.hours else "closed"
        if begun:
            return t(f"what_{kind}_now", until=until, **slots)
        return t(f"what_{kind}_from", until=until, from_=self.from_(change.begins), **slots)

    def _at(self, kind: Kind, moment: datetime) -> str:
        local = moment.astimezone(self._zone)
        slots = {"clock": _clock(local.time())}
        match (local.date() - self.today).days:
            case 0:
                return t(f"when_{kind}_today", **slots)
            case 1:
                return t(f"when_{kind}_tomorrow", **slots)
        weekday = _nth(WEEKDAYS[kind], local.weekday())
        return t(f"when_{kind}_day", weekday=weekday, date=self.bare(local.date()), **slots)


def name_of(kind: str, name: str) -> str:
    """How the office calls a schedule or a contact; its name in office.yaml, where the pages have none."""
    if f"name_{kind}_{name}" in words(interface()):
        return t(f"name_{kind}_{name}")
    return name.replace("_", " ").capitalize()


def language_name(code: str) -> str:
    """How readers of this page call a language of the line; empty where the pages have no word for it."""
    return words(interface()).get(f"name_language_{code}", "")


def _clock(moment: time) -> str:
    return t("clock", hour=moment.hour, minute=f"{moment.minute:02}")


def _nth(key: str, number: int) -> str:
    return t(key).split()[number]
