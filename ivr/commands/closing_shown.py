"""How closings and stand-ins are shown: in a list, for programs, and before they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from ivr.core.closing import Change, Closing, StandIn, standing_in
from ivr.core.content import Content
from ivr.core.office import INSTRUCTOR, ON_CALL, PHONE, Office
from ivr.core.speak import hours_now
from ivr.records.closings import AuditEntry, KeptClosing
from ivr.records.mirror import as_texts, hours_as_text
from ivr.speech.voices import VoiceSelector

MOST_DAYS = 3
"""Of a long closing, for so many days it is shown what office.yaml says."""


@dataclass(frozen=True)
class Shown:
    """Shows times as the clock of an office has them."""

    zone: ZoneInfo

    def moment(self, at: datetime) -> str:
        """A moment to the minute."""
        return f"{at.astimezone(self.zone):%a %Y-%m-%d %H:%M}"

    def time(self, change: Change) -> str:
        """From when until when something holds."""
        begins, ends = (each.astimezone(self.zone) for each in (change.begins, change.ends))
        if begins.date() == ends.date():
            return f"{begins:%a %Y-%m-%d %H:%M} to {ends:%H:%M}"
        return f"{self.moment(begins)} to {self.moment(ends)}"

    def what(self, change: Change) -> str:
        """What holds meanwhile, without its time."""
        match change:
            case StandIn(contact, label):
                return f"{label} rings in place of {contact}"
            case Closing(schedule, hours=()):
                return f"{schedule} closed"
            case Closing(schedule, hours=hours):
                return f"{schedule} {hours_as_text(hours)}"

    def lines(self, kept: KeptClosing, now: datetime) -> Iterator[str]:
        """One of a list: what and when, then why and by whom."""
        holds = kept.closing.begins <= now < kept.closing.ends and not kept.withdrawn
        yield f"{kept.id:>4}  {self.what(kept.closing)}, {self.time(kept.closing)}{' (now)' if holds else ''}"
        yield f"      {kept.why}; by {kept.by}, {self.moment(kept.created)}"
        if kept.withdrawn:
            yield f"      withdrawn by {kept.withdrawn_by}, {self.moment(kept.withdrawn)}"

    def deed(self, entry: AuditEntry) -> str:
        """One line of who did what."""
        return f"{self.moment(entry.at)}  {entry.by}: {entry.deed} {entry.about}"

    def as_json(self, kept: KeptClosing) -> dict[str, Any]:
        """All that is kept of one, with the names and values that programs may rely on."""
        return {
            "id": kept.id,
            **as_texts(kept.closing),
            "begins": self._iso(kept.closing.begins),
            "ends": self._iso(kept.closing.ends),
            "why": kept.why,
            "by": kept.by,
            "created": self._iso(kept.created),
            "withdrawn": kept.withdrawn and self._iso(kept.withdrawn),
            "withdrawn_by": kept.withdrawn_by,
        }

    def deed_as_json(self, entry: AuditEntry) -> dict[str, Any]:
        """Who did what, for programs."""
        return {"at": self._iso(entry.at), "by": entry.by, "deed": entry.deed, "about": entry.about}

    def _iso(self, at: datetime) -> str:
        return at.astimezone(self.zone).isoformat(timespec="seconds")


@dataclass(frozen=True)
class CommandPreview:
    """What callers will meet, before it is kept. `content` is None where a file of the site is broken.

    `changes`: all that will then hold, the older first. `voices`: those of the content.
    """

    office: Office
    changes: Sequence[Change]
    content: Content | None
    voices: VoiceSelector | None

    @cached_property
    def shown(self) -> Shown:
        """How times are shown."""
        return Shown(ZoneInfo(self.office.zone))

    def lines(self, schedules: Sequence[str], at: datetime) -> Iterator[str]:
        """What callers hear of some schedules at a moment, and which phone rings."""
        for schedule in schedules:
            yield from self._heard(schedule, at)
        if PHONE in schedules:
            yield f"  Whom the phone line rings then: {self._rings(at)}"

    def open_from(self, at: datetime, until: datetime) -> datetime:
        """The moment itself, or when the phone line next opens after it, if it does before another."""
        phone = self._with_closings.schedules[PHONE]
        opens = None if phone.is_open(at) else phone.next_opening(at)
        return opens if opens and opens < until else at

    @cached_property
    def _with_closings(self) -> Office:
        return self.office.with_closings(self._closings)

    @cached_property
    def _closings(self) -> tuple[Closing, ...]:
        return tuple(each for each in self.changes if isinstance(each, Closing))

    def office_says(self, change: Closing) -> Iterator[str]:
        """What office.yaml says of the days of a closing."""
        days = [day for day in change.days(self.shown.zone) if self._touches(change, day)]
        usual = self.office.schedules[change.schedule]
        told = [f"{day:%a %Y-%m-%d} {hours_as_text(usual.day(day))}" for day in days[:MOST_DAYS]]
        more = len(days) - MOST_DAYS
        yield f"  office.yaml says: {'; '.join(told)}{f'; and so on for {more} days more' if more > 0 else ''}"
        if change.hours and (shut := sum(not usual.day(day) for day in days)):
            yield f"  It stays closed on {shut} of these days, as office.yaml says"

    def _touches(self, change: Closing, day: date) -> bool:
        """An end at midnight is in the day after, and takes nothing of it."""
        return change.ends > datetime.combine(day, time(0), self.shown.zone)

    def _heard(self, schedule: str, at: datetime) -> Iterator[str]:
        if self.content is None or self.voices is None:
            yield f"  What callers hear of {schedule} is not known: the site is broken, see `ivr check`"
            return
        content = self.content.with_closings(self._closings)
        yield f"  Callers hear of {schedule}, on {self.shown.moment(at)}:"
        exact, plain = list[str](), list[str]()
        written = dict.fromkeys((content.languages.staff, content.languages.source))
        for code in (each for each in content.languages.languages if each in self.voices.offered):
            wanted = hours_now(content, schedule, code, at)
            said = wanted and self.voices.said(wanted)
            if said and code in written:
                yield f"    {code}: {said.text}"
            (plain if said is None or said.prompt.endswith(".plain") else exact).append(code)
        if exact:
            yield f"    with its day or time in: {', '.join(exact)}"
        if plain:
            yield f"    without it, as its words or its voice are missing, in: {', '.join(plain)}"

    def _rings(self, at: datetime) -> str:
        """Rules K1 and T1: who has the guidance while it is open, else the urgent line."""
        is_open = self._with_closings.schedules[PHONE].is_open(at)
        contact = INSTRUCTOR if is_open else ON_CALL
        instead = standing_in(self.changes, at).get(contact)
        whose = f"the prepared number '{instead.label}'" if instead else "its usual numbers"
        return f"{contact}, {whose}{'' if is_open else ', as in every closed hour'}"
