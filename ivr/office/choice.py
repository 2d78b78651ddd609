"""What somebody has chosen on the page "Close", as changes; and what may be made by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ivr.core.closing import Change, Closing, StandIn
from ivr.core.exception_days import ALL
from ivr.core.hours import Interval
from ivr.core.offers import end_of_day
from ivr.core.office import DAYS_AHEAD, INSTRUCTOR, ON_CALL, PHONE
from ivr.office.desk import FrontDesk
from ivr.records.closings import Reason, reason

TODAY, DAYS, HOURS = "today", "days", "hours"
"""The ends that are no time of today."""
FURTHEST = timedelta(days=DAYS_AHEAD)
"""How far ahead something may end: a longer one is taken for a slip, and the calendar does not show it."""
LEADERS_ONLY = "leaders_only"
"""The fault that nothing on the page can mend."""
OLDEST = timedelta(days=1)
"""How long after its beginning a change may be confirmed: by then, whoever chose it has forgotten it."""


@dataclass(frozen=True)
class ChosenChanges:
    """Changes that belong together, and why they are made."""

    changes: tuple[Change, ...]
    why: Reason


def wanted(form: Mapping[str, str], desk: FrontDesk, now: datetime) -> tuple[ChosenChanges | None, dict[str, str]]:
    """What a form asks for; or else field -> the key of what is wrong with it."""
    wrong = dict[str, str]()
    schedule, why, label = form.get("schedule", ""), reason(form.get("why", "")), form.get("who", "")
    names = desk.services if schedule == ALL else (schedule,)
    if not set(names) <= {*desk.services}:
        return None, {"schedule": "choose_schedule"}  # without it nothing else can be looked at
    if why is None:
        wrong["why"] = "choose_why"
    begins, ends, hours, fault = _when(form, desk, now, names[0])
    if fault:
        wrong["until"] = fault
    elif ends - now > FURTHEST or begins - now > FURTHEST:
        wrong["until"] = "too_far"
    elif ends <= max(now, begins):
        wrong["until"] = "past_end"
    if label:
        if label not in dict(desk.spares(INSTRUCTOR)):
            wrong["who"] = "choose_who"
        elif schedule != PHONE:
            wrong["who"] = "only_phone"
        elif hours:
            wrong["who"] = "spare_no_hours"
    if wrong or why is None:
        return None, wrong
    if label:
        return ChosenChanges((StandIn(INSTRUCTOR, label, begins, ends),), why), {}
    return ChosenChanges(tuple(Closing(name, begins, ends, hours) for name in names), why), {}


def wanted_stand_in(
    form: Mapping[str, str], contact: str, desk: FrontDesk, now: datetime
) -> tuple[ChosenChanges | None, dict[str, str]]:
    """The same for a prepared number that rings for a contact until the end of a day."""
    wrong = dict[str, str]()
    label, last, why = form.get("label", ""), _date(form.get("last", "")), reason(form.get("why", ""))
    if label not in dict(desk.spares(contact)):
        wrong["label"] = "choose_who"
    if last is None or last < now.astimezone(desk.zone).date():
        wrong["last"] = "past_end"
    elif last - now.astimezone(desk.zone).date() > FURTHEST:
        wrong["last"] = "too_far"
    if why is None:
        wrong["why"] = "choose_why"
    if wrong or why is None or last is None:
        return None, wrong
    return ChosenChanges((StandIn(contact, label, _minute(now), end_of_day(last, desk.zone)),), why), {}


def _when(
    form: Mapping[str, str], desk: FrontDesk, now: datetime, schedule: str
) -> tuple[datetime, datetime, tuple[Interval, ...], str]:
    """Begin, end and hours of what is chosen, and the key of what is wrong with it."""
    until, zone = form.get("until", ""), desk.zone
    begins, today = _minute(now), now.astimezone(zone).date()
    nothing = begins, begins, ()
    if until == TODAY:
        return begins, end_of_day(today, zone), (), ""
    if until == DAYS:
        first, last = _date(form.get("first", "")), _date(form.get("last", ""))
        if first is None or last is None or last < first:
            return *nothing, "wrong_date"
        return max(begins, datetime.combine(first, time(), zone)), _end(last, today, desk), (), ""
    if until == HOURS:
        day, opens, closes = _date(form.get("day", "")), _time(form.get("opens", "")), _time(form.get("closes", ""))
        if day is None or opens is None or closes is None or opens >= closes:
            return *nothing, "wrong_hours"
        hours = (Interval(opens=opens, closes=closes),)
        return max(begins, datetime.combine(day, time(), zone)), _end(day, today, desk), hours, ""
    end = next((each for each in desk.ends(schedule, now) if f"{each.astimezone(zone):%H:%M}" == until), None)
    if end is None:
        return *nothing, "past_end" if _time(until) else "choose_until"
    return begins, end, (), ""


def _end(last: date, today: date, desk: FrontDesk) -> datetime:
    """The end of a day; one too far away to be reckoned with is a day after the furthest."""
    return end_of_day(min(last, today + FURTHEST + timedelta(days=2)), desk.zone)


def refused(changes: tuple[Change, ...], desk: FrontDesk, now: datetime, *, leader: bool) -> str:
    """The key of why changes may not be made, as a page may have been changed, or be old; empty if they may."""
    if not changes or len(changes) > len(desk.services):
        return "choose_schedule"
    for change in changes:
        if needs_leader(change) and not leader:
            return LEADERS_ONLY
        if isinstance(change, StandIn):
            if change.label not in dict(desk.spares(change.contact)):
                return "choose_who"
        elif change.schedule not in desk.services:
            return "choose_schedule"
        if change.ends <= now:
            return "past_end"
        if change.begins < now - OLDEST or change.ends - now > FURTHEST:
            return "too_far"
    return ""


def needs_leader(change: Change) -> bool:
    """Whether only a team leader may make or withdraw it: who answers the urgent line."""
    return isinstance(change, StandIn) and change.contact == ON_CALL


def needs_password(change: Change, desk: FrontDesk, now: datetime) -> bool:
    """Whether the password is asked again: for what outlasts today, and for the urgent line.

    Not for a closing of today: it must be quick, it ends by itself, everybody sees it, and anybody can withdraw it.
    """
    return needs_leader(change) or change.ends > end_of_day(now.astimezone(desk.zone).date(), desk.zone)


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


def _date(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _time(written: str) -> time | None:
    try:
        found = time.fromisoformat(written)
    except ValueError:
        return None
    return found.replace(second=0, microsecond=0) if found.tzinfo is None else None
