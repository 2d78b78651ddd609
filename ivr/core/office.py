"""What the office decides: its hours and exceptions, whom a transfer rings, and the numbers that are spoken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationInfo, field_validator

from ivr.core.closing import Closing
from ivr.core.exception_days import ALL, Name, overlaps
from ivr.core.exception_days import ExceptionDay as ExceptionDay
from ivr.core.hours import WEEK, Day, HoursPrompt, Schedule, Weekday, has_holidays, parse_week
from ivr.core.languages import Code
from ivr.core.spelling import near
from ivr.core.values import Frozen, Place, refusal, written_as

PHONE = "phone"
"""The schedule of the phone guidance: the rules mean this one by open and closed."""
ON_CALL, INSTRUCTOR = "on_call", "social_instructor"
"""The two contacts that the rules name (K1, K2, T3)."""
DAYS_AHEAD = 400
"""How far ahead `hours_to_come` looks: more than a year, so that every holiday is in it."""
MOST_EXCEPTIONS = 1000
"""How many rows of exceptions are read."""
MINUTES_KEPT = 64
"""How many minutes `hours_now` keeps, before it begins anew."""

NUMBER = re.compile(r"[0+][0-9]+( [0-9]+)*")
SIGNED_NUMBER = re.compile(r"\(?0[0-9() ./-]{5,24}")
"""A number as others write it: 0400-291141, (016) 259 111."""


def _grouped(value: Any) -> Any:
    """A number in groups of digits; ValueError tells how to write one that has other signs between them."""
    if isinstance(value, str) and not NUMBER.fullmatch(value) and SIGNED_NUMBER.fullmatch(value):
        groups = re.findall("[0-9]+", value)
        threes = (re.sub("(...)(?=...)", r"\1 ", group) if len(group) > 5 else group for group in groups)
        raise ValueError(f"a number has only digits and single spaces; write {' '.join(threes)}")
    return value


WrittenWeek = Annotated[dict[Weekday, Day], BeforeValidator(parse_week)]
PhoneNumber = Annotated[
    str,
    BeforeValidator(_grouped),
    written_as(NUMBER.pattern, "this is not a number; write it in groups, for example 0400 123 456"),
]


class Contact(Frozen):
    """Somebody whom a transfer can ring.

    `number`: the public number as it is spoken; its spaces group the digits. The environment may change which number
    is dialled, never which is spoken. `accept`: `any_key` connects only after the person has pressed a key, so that no
    caller ends in a voicemail; `at_once` connects whoever picks up. `ring`: seconds that each number rings.
    """

    number: Annotated[PhoneNumber, written_as("0.*", "write the number from 0 on, for example 0400 123 456")] | None = (
        None
    )
    accept: Literal["any_key", "at_once"] = "any_key"
    ring: Annotated[int, Field(ge=10, le=30)] = 20


class Office(Frozen):
    """`office.yaml`, validated.

    `zone`: an IANA time zone. `country`: whose public holidays, phone numbers and ring tone apply, in two letters (ISO
    3166-1). `languages_by_number`: numbers of ours whose callers need not choose a language.
    """

    zone: str
    country: Annotated[str, written_as("[A-Z]{2}", "write two capital letters, for example FI")]
    hours: dict[Name, WrittenWeek]
    exceptions: Annotated[tuple[ExceptionDay, ...], Field(max_length=MOST_EXCEPTIONS)] = ()
    contacts: dict[Name, Contact]
    languages_by_number: dict[PhoneNumber, Code] = Field(default_factory=dict)
    _closings: tuple[Closing, ...] = PrivateAttr(default=())

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"'{zone}' is not a time zone; write for example Europe/Helsinki") from None
        return zone

    @field_validator("country")
    @classmethod
    def _known_country(cls, country: str) -> str:
        if not has_holidays(country):
            raise ValueError(f"no public holidays are known for '{country}'; write for example FI")
        return country

    @field_validator("hours")
    @classmethod
    def _with_phone(cls, hours: dict[str, Day]) -> dict[str, Day]:
        if PHONE not in hours:
            raise ValueError(f"{PHONE} is missing, and the line cannot work without; add it, under this very name")
        if ALL in hours:
            raise refusal({(ALL,): f"no service can be called '{ALL}', which means every one; give it another name"})
        return hours

    @field_validator("contacts")
    @classmethod
    def _with_those_of_the_rules(cls, contacts: dict[str, Contact]) -> dict[str, Contact]:
        if missing := [name for name in (ON_CALL, INSTRUCTOR) if name not in contacts]:
            told = f"{', '.join(missing)} missing, and the line cannot work without"
            raise ValueError(f"{told}; add it, under this very name")
        if contacts[ON_CALL].number is None:
            told = f"{ON_CALL} has no number; write the public number, it is spoken to callers"
            raise refusal({(ON_CALL,): told})
        return contacts

    @field_validator("exceptions")
    @classmethod
    def _fit_together(cls, exceptions: tuple[ExceptionDay, ...], info: ValidationInfo) -> tuple[ExceptionDay, ...]:
        """Every name is that of a schedule, and no two rows give hours to one schedule on one day."""
        schedules = info.data.get("hours")
        if schedules is None:
            return exceptions
        faults: dict[Place, str] = {}
        other: dict[Place, tuple[str, ...]] = {}
        known = sorted({ALL, *schedules})
        for index, exception in enumerate(exceptions):
            for name in exception.hours.keys() - {*known}:
                remedy = near(name, known) or f"one of these: {', '.join(known)}"
                faults[index, "hours", name] = f"'{name}' is not a known service; write {remedy}"
        for one, two, day, name in overlaps(exceptions, schedules):
            both = name in exceptions[one].hours and name in exceptions[two].hours
            told = f"{name if both else f'{name}, which {ALL} includes,'} has hours twice for {day}, here"
            faults[two,] = f"{told}; change the dates in one of them, so that no day is in both"
            other[two,] = ("exceptions", str(one))
        if faults:
            raise refusal(faults, other)
        return exceptions

    def with_closings(self, closings: tuple[Closing, ...]) -> Office:
        """The same office, in which these hold for their time, whatever its file says; the later of two wins."""
        # Made anew: a copy would also have what is cached of the schedules.
        other = type(self).model_construct(**{name: getattr(self, name) for name in type(self).model_fields})
        other._closings = closings
        # The schedules that are the same know the holidays of the days to come already.
        other.written.update(
            {name: each for name, each in self.written.items() if each.is_like(other.written.get(name))}
        )
        return other

    @property
    def closings(self) -> tuple[Closing, ...]:
        """What holds for its time in place of the file."""
        return self._closings

    @cached_property
    def schedules(self) -> dict[str, Schedule]:
        """The schedule of each service, exceptions, holidays and closings included."""
        return {name: self._with_closings(name, written) for name, written in self.written.items()}

    @cached_property
    def written(self) -> dict[str, Schedule]:
        """The same without closings."""
        return {
            name: Schedule(week, self._exceptions_of(name), self._zone, self.country)
            for name, week in self.hours.items()
        }

    def _with_closings(self, name: str, written: Schedule) -> Schedule:
        changed = dict[date, Day]()
        for closing in (each for each in self._closings if each.schedule == name):
            for day in closing.days(self._zone):
                usual = changed[day] if day in changed else written.day(day)
                changed[day] = closing.on(day, usual, self._zone)
        return written.with_days(changed)

    @property
    def rings(self) -> dict[str, int]:
        """Contact -> the seconds that each of its numbers rings."""
        return {name: contact.ring for name, contact in self.contacts.items()}

    def hours_now(self, now: datetime) -> Mapping[str, HoursPrompt]:
        """Schedule -> its hours prompt at an aware moment; a call depends on the time through these only.

        Cached by the minute: they change at whole minutes only.
        """
        minute = int(now.timestamp()) // 60
        if (cached := self._by_minute.get(minute)) is None:
            if len(self._by_minute) >= MINUTES_KEPT:
                self._by_minute.clear()
            at = datetime.fromtimestamp(60 * minute, self._zone)
            cached = {name: schedule.prompt(name, at) for name, schedule in self.schedules.items()}
            self._by_minute[minute] = cached
        return cached

    def hours_to_come(self, today: date) -> tuple[tuple[datetime, tuple[HoursPrompt, ...]], ...]:
        """Every combination of hours prompts, in the order of the schedules, of the next 400 days.

        Each comes with the first moment at which it holds. Cached by the day.
        """
        if (cached := self._to_come.get(today)) is None:
            first: dict[tuple[HoursPrompt, ...], datetime] = {}
            for now in self._edges(today):
                first.setdefault(tuple(self.hours_now(now).values()), now)
            cached = self._to_come[today] = tuple((now, prompts) for prompts, now in first.items())
        return cached

    def _edges(self, today: date) -> Iterator[datetime]:
        """Midnight, and every opening and closing time, of each of the next days that is not like one before it."""
        days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + WEEK.days)]
        hours = [[schedule.day(day) for day in days] for schedule in self.schedules.values()]
        before = set[object]()
        for ahead, day in enumerate(days[:DAYS_AHEAD]):
            week = [tuple(own[ahead : ahead + WEEK.days]) for own in hours]
            if (alike := _what_is_said_depends_on(day, week)) in before:
                continue
            before.add(alike)
            edges = {time(0, 0)}
            for own in week:
                edges |= {edge for interval in own[0] for edge in (interval.opens, interval.closes)}
            yield from (datetime.combine(day, edge, self._zone) for edge in sorted(edges))

    @cached_property
    def _to_come(self) -> dict[date, tuple[tuple[datetime, tuple[HoursPrompt, ...]], ...]]:
        return {}

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _by_minute(self) -> dict[int, Mapping[str, HoursPrompt]]:
        return {}

    def _exceptions_of(self, name: str) -> dict[date, Day]:
        hours: dict[date, Day] = {}
        for exception in self.exceptions:
            if (day := exception.hours.get(name, exception.hours.get("all"))) is not None:
                hours |= dict.fromkeys(exception.days(), day)
        return hours


def _what_is_said_depends_on(day: date, week: list[tuple[Day, ...]]) -> object:
    """All that is said of the hours on a day depends on this: its weekday, and the hours of seven days from it on.

    Where a service does not open on the six that follow, a date may be said, so that no other day is like it.
    """
    return (day.weekday(), *week) if all(any(own[1:]) for own in week) else day
