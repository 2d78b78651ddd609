"""The network in virtual time: calls between scripted people, whose clock moves only when they wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, assert_never

from ivr.phone.network.carrier import Carrier
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Event, Spoken
from ivr.phone.network.people import (
    TALK_SECONDS,
    Answer,
    Attention,
    Busy,
    Caller,
    Contacts,
    Failed,
    HangsUp,
    LeavesWhisper,
    NoAnswer,
    Pickup,
    Press,
    Voicemail,
)
from ivr.phone.network.port import (
    Answered,
    ContactAct,
    ContactHangsUp,
    ContactLeg,
    ContactPresses,
    NetworkCall,
    NotAnswered,
)
from ivr.phone.network.sounds import ClipOf, SecondsOf, Voices
from ivr.phone.network.transport import Transport

REACTS_SECONDS = 1.0
"""Seconds until a person who has heard all of the whisper once presses the key."""


class VirtualCarrier(Carrier):
    """A carrier whose calls take no time: `clock` tells theirs, `seconds_of` and `clip_of` how long words last."""

    def __init__(
        self,
        transport: Transport,
        *,
        clock: VirtualClock,
        seconds_of: SecondsOf,
        clip_of: ClipOf | None = None,
        **more: Any,
    ) -> None:
        super().__init__(transport, spoken_of=Voices(seconds_of, clip_of).spoken, **more)
        self._clock = clock

    def call(
        self,
        caller: Caller,
        contacts: Contacts,
        *,
        from_: str = "+358401234567",
        to: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> list[Event]:
        """Make one call between these people; see Carrier.carry."""
        return self.carry(VirtualCall(self._clock, caller, contacts), from_=from_, to=to, extra=extra)


class VirtualCall(NetworkCall):
    """One call between scripted people."""

    def __init__(self, clock: VirtualClock, caller: Caller, contacts: Contacts) -> None:
        self._clock, self._caller, self._contacts = clock, caller, contacts
        self._start = self._utc()

    def _utc(self) -> datetime:
        """Now, in UTC: the difference of two local times would be wrong at a clock change."""
        return self._clock.now().astimezone(UTC)

    @property
    def seconds(self) -> float:
        """Seconds since the call began."""
        return (self._utc() - self._start).total_seconds()

    def hears(self, event: Event) -> None:
        """Tell the caller."""
        self._caller.hears(event)

    def wait(
        self, seconds: float, moment: Attention, contact: ContactLeg | None = None, /
    ) -> Press | HangsUp | ContactAct | None:
        """Ask the caller up to the moment in which the contact acts, and move the clock."""
        due = contact.act_within(seconds) if isinstance(contact, VirtualContact) else None
        offered = due.after if due else seconds
        act = self._caller.key_within(offered, moment)
        if act and not 0 <= act.after <= offered:
            raise ValueError(f"the caller was offered {offered} s and acted after {act.after} s")
        self._clock.advance(act.after if act else offered)
        if act is None and due and isinstance(contact, VirtualContact):
            contact.acted(due)
        return act or due

    def ring(self, number: str, _caller_id: str, /) -> ContactLeg:
        """Ask what the contact does at this ring."""
        return VirtualContact(self._contacts.answers(number), lambda: self.seconds)

    def bridge(self, contact: ContactLeg, /) -> None:
        """Begin the contact's talk."""
        if isinstance(contact, VirtualContact):
            contact.talks()

    def passes(self, seconds: float, /) -> None:
        """Move the clock."""
        self._clock.advance(seconds)

    def answer(self) -> None:
        """Nothing to do: nobody hears."""

    def begin(self, _spoken: Spoken, /) -> None:
        """Nothing to do: nobody hears."""

    def stop(self) -> None:
        """Nothing to do: nobody hears."""

    def ringback(self, *, heard: bool) -> None:
        """Nothing to do: nobody hears."""

    def refuse(self, *, busy: bool) -> None:
        """Nothing to do: the call ends by itself."""

    def hang_up(self) -> None:
        """Nothing to do: the call ends by itself."""


class VirtualContact(ContactLeg):
    """A contact's phone and who answers it; `now` tells the time in seconds."""

    def __init__(self, pickup: Pickup, now: Callable[[], float]) -> None:
        self._pickup, self._now = pickup, now
        self._next: tuple[float, ContactAct] | None = None
        """What is done next, and when."""
        self._first: Spoken | None = None
        self._decided = False
        self._rings()

    def _in(self, seconds: float, act: ContactAct) -> None:
        self._next = (self._now() + seconds, act)

    def _rings(self) -> None:
        match self._pickup:
            case Answer(after=after) | LeavesWhisper(after=after):
                self._in(after, Answered(after))
            case Voicemail(after=after):
                self._in(after, Answered(after, "voicemail"))
            case Busy(after=after):
                self._in(after, NotAnswered(after, "busy"))
            case Failed(after=after):
                self._in(after, NotAnswered(after, "failed"))
            case NoAnswer():
                pass
            case _:
                assert_never(self._pickup)

    def act_within(self, seconds: float) -> ContactAct | None:
        """What is done within `seconds`, if anything."""
        if self._next is None:
            return None
        at, act = self._next
        left = max(0.0, round(at - self._now(), 6))
        return replace(act, after=left) if left <= seconds else None

    def acted(self, act: ContactAct) -> None:
        """An act is done: decide on the next one."""
        self._next = None
        if isinstance(act, Answered):
            match self._pickup:
                case Answer(presses=str(key), listens=seconds) if seconds is not None:
                    self._in(seconds, ContactPresses(key, seconds))
                case LeavesWhisper(listens=seconds):
                    self._in(seconds, ContactHangsUp(seconds))

    def begin(self, spoken: Spoken, /) -> None:
        """Hear words; once the first ones come again, all has been told."""
        if self._first is None:
            self._first = spoken
        elif spoken == self._first:
            self.awaited()

    def awaited(self) -> None:
        """All has been told: a person who listens to all of it decides."""
        match self._pickup:
            case Answer(presses=str(key), listens=None) if not self._decided:
                self._decided = True
                self._in(REACTS_SECONDS, ContactPresses(key, REACTS_SECONDS))

    def talks(self) -> None:
        """Begin the talk, and hang up at its end."""
        match self._pickup:
            case Answer(talks=seconds) | LeavesWhisper(listens=seconds):
                self._in(seconds, ContactHangsUp(seconds))
            case _:
                self._in(TALK_SECONDS, ContactHangsUp(TALK_SECONDS))

    def stop(self) -> None:
        """Nothing to do: nobody hears."""

    def hang_up(self) -> None:
        """Nothing to do: the phone falls silent by itself."""
