"""Days on which a schedule has other hours than usual: rows of `exceptions` in office.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from datetime import date as date_
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from ivr.core.hours import Day, parse_day
from ivr.core.spelling import LIKE_DATES, parse_date, unquoted_times
from ivr.core.values import BLANK, Frozen, Place, refusal, written_as

LONGEST_EXCEPTION = timedelta(days=400)
"""A range of dates that is longer is taken for a typing error."""
ALL = "all"
"""The name that an exception uses for every schedule that it does not name."""

Name = Annotated[str, written_as("[a-z][a-z_]*", "this is not a name; write small letters and _")]


def _date(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        raise ValueError(f"this is not one date; {LIKE_DATES}")
    return parse_date(value) if isinstance(value, str) else value


def _near(day: date, way: int) -> date:
    """A month later or earlier, as an example of the other end of a range."""
    return date.fromordinal(min(max(day.toordinal() + way * 30, 1), date.max.toordinal()))


def _hours_by_name(value: Any) -> Any:
    """The hours of an exception, once they have the form of `{phone: closed}`."""
    if not value or not isinstance(value, dict):
        written = value if isinstance(value, str) and value not in BLANK else "closed"
        written = f'"{written}"' if "," in written else written
        all_of_them = f"hours: {{{ALL}: {written}}}"
        raise ValueError(f"no service is named; write {all_of_them}, or the name of one service in place of {ALL}")
    faults: dict[Place, str] = {(word,): told for word, told in unquoted_times(value).items()}
    if faults:
        raise refusal(faults)
    return value


WrittenDay = Annotated[Day, BeforeValidator(lambda day: day if isinstance(day, tuple) else parse_day(day))]
WrittenDate = Annotated[date, BeforeValidator(_date)]


class ExceptionDay(Frozen):
    """Other hours for one date, or for each date from one to another, by schedule.

    `all` means every schedule that is not named.
    """

    date: WrittenDate | None = None
    from_: Annotated[WrittenDate | None, Field(alias="from")] = None
    to: WrittenDate | None = None
    why: str = ""
    hours: Annotated[dict[Name, WrittenDay], BeforeValidator(_hours_by_name)] = Field(default={}, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _row(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError("this row has no words; write for example {date: 2026-12-31, hours: {all: closed}}")
        return value

    @model_validator(mode="after")
    def _one_meaning(self) -> ExceptionDay:
        match self.date, self.from_, self.to:
            case (None, None, None):
                raise ValueError("this row has no date; write date: and the day, for example date: 2026-12-31")
            case (None, None, last) if last:
                told = f"write from: and the first day, for example from: {_near(last, -1)}"
                raise ValueError(f"the first day is missing; {told}. For one day only, write date instead of to")
            case (None, first, None) if first:
                told = f"write to: and the last day, for example to: {_near(first, 1)}"
                raise ValueError(f"the last day is missing; {told}. For one day only, write date instead of from")
            case (day, first, last) if day and (first or last):
                raise ValueError(
                    "this row has 'date' and a range; write date: for one day, or from: and to: for several"
                )
        if self.last < self.first:
            raise ValueError(f"{self.last} is before {self.first}; write the earlier day as from, the later as to")
        if self.last - self.first >= LONGEST_EXCEPTION:
            raise ValueError(
                f"{self.dates} is longer than {LONGEST_EXCEPTION.days} days; correct the year, or write two rows"
            )
        return self

    @property
    def first(self) -> date_:
        """The first date."""
        return self.date or self.from_ or date_.min

    @property
    def last(self) -> date_:
        """The last date, which is included."""
        return self.date or self.to or date_.min

    @property
    def dates(self) -> str:
        """The date, or the range, to be read."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"

    def days(self) -> Iterator[date_]:
        """Each date."""
        return (self.first + timedelta(days=ahead) for ahead in range((self.last - self.first).days + 1))


def overlaps(exceptions: tuple[ExceptionDay, ...], schedules: Iterable[str]) -> Iterator[tuple[int, int, date, str]]:
    """Rows that name a day and a schedule of a row above: the first row above, the row, the day, the schedule."""
    rows = [
        (each.first, each.last, {*schedules} if ALL in each.hours else {*each.hours} & {*schedules})
        for each in exceptions
    ]
    for below, (first, last, names) in enumerate(rows):
        for above, (earlier_first, earlier_last, earlier_names) in enumerate(rows[:below]):
            day = max(first, earlier_first)
            if day <= min(last, earlier_last) and (both := names & earlier_names):
                yield above, below, day, min(both)
                break
