"""What the pages show, worked out from what the line serves and from the records: values only, no page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from ivr.core.closing import Change, Closing, StandIn, standing_in
from ivr.core.content import Content
from ivr.core.hours import WEEKDAYS, Day, joined
from ivr.core.offers import offered_ends
from ivr.core.office import INSTRUCTOR, ON_CALL, PHONE, Office
from ivr.core.prompts import NOW_PROMPT
from ivr.core.speak import elsewhere, utterances
from ivr.core.utterance import Clip, Utterance
from ivr.office.calendar import CalendarDay, calendar_day, last_day, touching, year
from ivr.office.running import Wellness
from ivr.records.closings import KEPT, KeptClosing, Reason, Records
from ivr.serving import Serving
from ivr.speech.clips import ClipFile
from ivr.speech.voices import VoiceSelector

SHOWN_DIGITS = 2
"""How much of a number a page shows: enough to tell two apart, too little to dial."""

Voice = Literal["clip", "provider"]


@dataclass(frozen=True)
class HeardSentence:
    """One sentence as callers hear it.

    `voice`: a clip, or the voice of the provider. `clip`: the name of what can be played, which for the provider's
    voice is the same words by another one; empty if there is nothing.
    """

    language: str
    text: str
    voice: Voice
    clip: str = ""


@dataclass(frozen=True)
class Heard:
    """What a caller of one language hears of a service. `exact`: with the day and time; else callers hear its twin."""

    language: str
    exact: bool
    sentences: tuple[HeardSentence, ...]


@dataclass(frozen=True)
class Stage:
    """What callers hear from a moment on, in each language."""

    begins: datetime
    heard: tuple[Heard, ...]


@dataclass(frozen=True)
class Service:
    """One schedule now. `until`: when that changes, if it is known. `written`: the hours of today by office.yaml."""

    name: str
    is_open: bool
    until: datetime | None
    heard: tuple[Heard, ...]
    written: Day
    hours: Day
    closings: tuple[KeptClosing, ...] = ()


@dataclass(frozen=True)
class WhoRings:
    """Who rings: a contact by its masked numbers, or the prepared number that stands in for it."""

    contact: str
    numbers: tuple[str, ...]
    stand_in: StandIn | None = None


@dataclass(frozen=True)
class Today:
    """All of the page of today. `kept`: what holds, then what is to come, in the order in which it begins."""

    now: datetime
    services: tuple[Service, ...]
    person: WhoRings
    urgent: WhoRings
    kept: tuple[KeptClosing, ...]
    wellness: Wellness

    @property
    def phone(self) -> Service:
        """The phone guidance."""
        return next(service for service in self.services if service.name == PHONE)


@dataclass(frozen=True)
class ClosingPreview:
    """What follows from changes on their first day: service -> what callers hear from when on, and whom key 1 rings.

    `urgent`: whom key 0 rings. `written`: service -> its hours by office.yaml. `others`: what is decided already.
    """

    stages: tuple[tuple[str, tuple[Stage, ...]], ...]
    rings: tuple[tuple[datetime, WhoRings], ...]
    urgent: WhoRings
    written: tuple[tuple[str, Day], ...]
    others: tuple[KeptClosing, ...]


@dataclass(frozen=True)
class Spare:
    """A prepared number: its label, and the number masked."""

    label: str
    number: str


@dataclass(frozen=True)
class ContactNow:
    """A contact: who rings now, and who could stand in."""

    name: str
    numbers: tuple[str, ...]
    stand_in: KeptClosing | None
    spares: tuple[Spare, ...]


class FrontDesk:
    """Answers what the pages ask. `line`: what the line serves; `processes`: how its processes are."""

    def __init__(self, line: Callable[[], Serving], records: Records, processes: Callable[[], Wellness]) -> None:
        self._line, self._records, self._processes = line, records, processes

    # --- what holds ---

    @property
    def office(self) -> Office:
        """What office.yaml says."""
        return self._line().content.office

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the office."""
        return ZoneInfo(self.office.zone)

    @property
    def services(self) -> tuple[str, ...]:
        """The schedules, in the order of office.yaml."""
        return tuple(self.office.hours)

    def ends(self, schedule: str, now: datetime) -> tuple[datetime, ...]:
        """Until when a service can be closed today by one press; none where nothing is left to close."""
        return offered_ends(self.office, schedule, now)

    def held(self, now: datetime) -> tuple[KeptClosing, ...]:
        """What holds now or will. RecordsFault where the records cannot be read."""
        return self._records.current(now)

    def today(self, now: datetime) -> Today:
        """All of the page of today."""
        serving = self._line()
        kept = self.held(now)
        changes = _changes(kept)
        content = _with(serving.content, changes)
        day = now.astimezone(self.zone).date()
        services = tuple(
            _service(content, serving, name, now, touching(kept, name, day, self.zone)) for name in self.services
        )
        person = _person(content, serving, changes, now)
        urgent = _ringing(serving, ON_CALL, changes, now)
        in_order = tuple(sorted(kept, key=lambda each: max(now, each.closing.begins)))
        return Today(now, services, person, urgent, in_order, self._processes())

    def preview(self, changes: Sequence[Change], now: datetime) -> ClosingPreview:
        """What follows if these are made now."""
        serving = self._line()
        kept = self.held(now)
        return self._preview(serving, (*_changes(kept), *changes), changes, kept, now)

    def preview_without(self, id: int, now: datetime) -> tuple[KeptClosing, ClosingPreview] | None:
        """One that holds or will, and what follows if it is withdrawn now; None if there is none such."""
        kept = self.held(now)
        gone = next((each for each in kept if each.id == id), None)
        if gone is None:
            return None
        others = tuple(each for each in kept if each.id != id)
        return gone, self._preview(self._line(), _changes(others), [gone.closing], others, now)

    def _preview(
        self,
        serving: Serving,
        then: tuple[Change, ...],
        changes: Sequence[Change],
        kept: tuple[KeptClosing, ...],
        now: datetime,
    ) -> ClosingPreview:
        content, zone = _with(serving.content, then), self.zone
        moment, ends = max(now, min(change.begins for change in changes)), max(change.ends for change in changes)
        day = moment.astimezone(zone).date()
        names = [name for name in self.services if any(_concerns(change, name) for change in changes)]
        stages = {name: tuple(_stages(content, serving, name, moment, zone, ends)) for name in names}
        rings = [(stage.begins, _person(content, serving, then, stage.begins)) for stage in stages.get(PHONE, ())]
        if all(isinstance(change, StandIn) for change in changes):
            stages = {name: found[:1] for name, found in stages.items()}  # the hours stay as they are
        return ClosingPreview(
            stages=tuple(stages.items()),
            rings=tuple(each for place, each in enumerate(rings) if place == 0 or each[1] != rings[place - 1][1]),
            urgent=_ringing(serving, ON_CALL, then, moment),
            written=tuple((name, serving.content.office.schedules[name].day(day)) for name in names),
            others=tuple(each for each in kept if any(_meet(each.closing, change) for change in changes)),
        )

    def make(self, wanted: Sequence[Change], why: Reason, by: str, now: datetime, token: UUID) -> None:
        """Make changes, each once however often one token comes. RecordsFault: nobody knows whether they are made."""
        for number, change in enumerate(wanted):
            self._records.close(change, why, by, now, token=uuid5(token, str(number)))

    def withdraw(self, id: int, by: str, now: datetime) -> None:
        """Withdraw one. NothingToWithdraw where somebody has done so, or it has ended or never was."""
        self._records.withdraw(id, by, now)

    def known(self, id: int, now: datetime) -> KeptClosing | None:
        """One that holds, has ended or was withdrawn within the last 12 months."""
        return next((each for each in self._records.all(now - KEPT) if each.id == id), None)

    def contacts(self, now: datetime) -> tuple[ContactNow, ...]:
        """Every contact of the office, by whom a transfer rings."""
        serving = self._line()
        kept = self.held(now)
        instead = {
            name: _ringing(serving, name, _changes(kept), now).stand_in for name in serving.content.office.contacts
        }
        return tuple(
            ContactNow(
                name,
                tuple(map(masked, serving.settings.contacts[name])),
                next((each for each in reversed(kept) if each.closing == stand_in), None),
                self.masked_spares(name),
            )
            for name, stand_in in instead.items()
        )

    def spares(self, contact: str) -> tuple[tuple[str, str], ...]:
        """The prepared numbers of a contact, as label and number."""
        return tuple(self._line().settings.spares.get(contact, {}).items())

    def masked_spares(self, contact: str) -> tuple[Spare, ...]:
        """The same to be shown."""
        return tuple(Spare(label, masked(number)) for label, number in self.spares(contact))

    # --- the calendar ---

    def furthest(self, now: datetime) -> date:
        """The last day of the calendar."""
        return last_day(now.astimezone(self.zone).date())

    def year(self, now: datetime, language: str) -> tuple[tuple[CalendarDay, ...], ...]:
        """The coming months, each with all of its days, from the first of this one on."""
        kept = self.held(now)
        office = _with(self._line().content, _changes(kept)).office
        return year(office, kept, now.astimezone(self.zone).date(), language)

    def day(
        self, day: date, language: str, now: datetime
    ) -> tuple[CalendarDay, tuple[tuple[str, tuple[Stage, ...]], ...]]:
        """One day, and what callers hear on it of each service from when on."""
        serving = self._line()
        kept = self.held(now)
        content = _with(serving.content, _changes(kept))
        midnight = datetime.combine(day, time(), self.zone)
        stages = tuple((name, tuple(_stages(content, serving, name, midnight, self.zone))) for name in self.services)
        return calendar_day(content.office, kept, day, language), stages

    # --- languages and sounds ---

    @property
    def languages(self) -> dict[str, tuple[str, str]]:
        """Offered language -> its own name and its direction."""
        content = self._line().content
        known = content.languages.languages
        return {code: (known[code].name, known[code].direction) for code in known if code in content.offered}

    @property
    def open_hours(self) -> frozenset[tuple[int, int]]:
        """Weekday (Monday is 0) and hour in which the phone is usually open, wholly or for a part."""
        week = self.office.schedules[PHONE].week
        return frozenset(
            (number, hour)
            for number, weekday in enumerate(WEEKDAYS)
            for hour in range(24)
            if any(each.opens <= time(hour, 59) and each.closes > time(hour) for each in week.get(weekday, ()))
        )

    def clip(self, name: str) -> ClipFile | None:
        """The file that the line serves by this name."""
        return self._line().voices.file(name)


def masked(number: str) -> str:
    """The last digits of a number."""
    return f"…{number[-SHOWN_DIGITS:]}"


# --- what is said ---


def heard(content: Content, voices: VoiceSelector, schedule: str, now: datetime) -> tuple[Heard, ...]:
    """What callers hear of a service at a moment in each offered language; nothing of one that no node speaks of."""
    node = next((name for name, said in content.schedules_said.items() if schedule in said), None)
    if node is None:
        return ()
    wanted = content.office.hours_now(now)[schedule].prompt
    codes = [code for code in content.languages.languages if code in content.offered]
    return tuple(_heard_in(content, voices, node, schedule, wanted, code, now) for code in codes)


def _heard_in(
    content: Content, voices: VoiceSelector, node: str, schedule: str, wanted: str, language: str, now: datetime
) -> Heard:
    said = [
        each
        for each in utterances(content, node, "first", language, now)
        if (match := NOW_PROMPT.fullmatch(each.prompt)) and match[1] == schedule
    ]
    spoken = dict.fromkeys(each for own in said for each in _as_heard(content, voices, own))
    exact = bool(spoken) and all(each.prompt == wanted for each in spoken)
    return Heard(language, exact, tuple(_sentence(voices, each) for each in spoken))


def _as_heard(content: Content, voices: VoiceSelector, said: Utterance) -> Iterator[Utterance]:
    """Whose words are heard of an utterance: its own or its twin's, else those in other languages (rule O1)."""
    if own := voices.said(said):
        yield own
    else:
        yield from filter(None, map(voices.said, elsewhere(content, said.prompt, said.language, said.values)))


def _sentence(voices: VoiceSelector, said: Utterance) -> HeardSentence:
    sound = voices.sound(said)
    if isinstance(sound, Clip):
        return HeardSentence(said.language, said.text, "clip", sound.name)
    other = voices.same_words(said)
    return HeardSentence(said.language, said.text, "provider", other.name if other else "")


def _stages(
    content: Content, serving: Serving, schedule: str, begins: datetime, zone: ZoneInfo, ends: datetime | None = None
) -> Iterator[Stage]:
    """What is said from a moment to the end of its day, or until it `ends`, as often as it changes."""
    own, day = content.office.schedules[schedule], begins.astimezone(zone).date()
    edges = {datetime.combine(day, edge, zone) for each in own.day(day) for edge in (each.opens, each.closes)}
    before: object = None
    for moment in sorted({begins, *(edge for edge in edges if begins < edge and (ends is None or edge < ends))}):
        said = own.prompt(schedule, moment)
        if said != before:
            yield Stage(moment, heard(content, serving.voices, schedule, moment))
        before = said


def _service(
    content: Content, serving: Serving, name: str, now: datetime, closings: tuple[KeptClosing, ...]
) -> Service:
    schedule, day = content.office.schedules[name], now.astimezone(ZoneInfo(content.office.zone)).date()
    closes = schedule.closes(now)
    return Service(
        name=name,
        is_open=closes is not None,
        until=closes or schedule.next_opening(now),
        heard=heard(content, serving.voices, name, now),
        written=joined(serving.content.office.schedules[name].day(day)),
        hours=joined(schedule.day(day)),
        closings=closings,
    )


# --- who rings ---


def _person(content: Content, serving: Serving, changes: Sequence[Change], now: datetime) -> WhoRings:
    """Whom key 1 rings at a moment (rules K1, T3)."""
    contact = INSTRUCTOR if content.office.schedules[PHONE].is_open(now) else ON_CALL
    return _ringing(serving, contact, changes, now)


def _ringing(serving: Serving, contact: str, changes: Sequence[Change], now: datetime) -> WhoRings:
    """Who rings for a contact at a moment."""
    spares = serving.settings.spares.get(contact, {})
    known = [each for each in changes if isinstance(each, StandIn) and each.label in spares]
    if instead := standing_in(known, now).get(contact):
        return WhoRings(contact, (masked(spares[instead.label]),), instead)
    return WhoRings(contact, tuple(map(masked, serving.settings.contacts[contact])))


# --- closings ---


def _changes(kept: Sequence[KeptClosing]) -> tuple[Change, ...]:
    return tuple(each.closing for each in kept)


def _with(content: Content, changes: Sequence[Change]) -> Content:
    return content.with_closings(tuple(each for each in changes if isinstance(each, Closing)))


def _concerns(change: Change, schedule: str) -> bool:
    """Whether it changes what is said of a service, or who answers it."""
    return change.schedule == schedule if isinstance(change, Closing) else schedule == PHONE


def _meet(one: Change, other: Change) -> bool:
    same = (
        one.schedule == other.schedule
        if isinstance(one, Closing) and isinstance(other, Closing)
        else isinstance(one, StandIn) and isinstance(other, StandIn) and one.contact == other.contact
    )
    return same and one.begins < other.ends and other.begins < one.ends
