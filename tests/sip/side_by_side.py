"""A golden call in real time: real telephones do, at the same moments, what its caller and its contacts do."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.phone.network.events import Event, Spoken
from ivr.phone.network.people import (
    Answer,
    Attention,
    Busy,
    HangsUp,
    LeavesWhisper,
    NoAnswer,
    Pickup,
    Press,
    ScriptedCaller,
    ScriptedContacts,
)
from ivr.phone.network.port import Answered, CallerAct, ContactAct, ContactLeg, NetworkCall
from ivr.phone.network.sounds import SecondsOf, Voices
from ivr.phone.network.virtual import REACTS_SECONDS
from ivr.phone.simulation import CALLER, OUR_NUMBER, contact_numbers, language_numbers, running_carrier
from ivr.phone.sip.gateway import Gateway, SipCall
from tests.calls.golden import GoldenCall
from tests.limits import PATIENCE
from tests.sip.softphone import Softphone, softphone

LOCAL = ("127.0.0.1", 0)
FROM = {None: CALLER, "ourselves": OUR_NUMBER}


@lru_cache
def sound_of(spoken: Spoken) -> bytes:
    """A sound as long as these words, and like that of no other words; not silence, which is what ends a call."""
    count = round(spoken.seconds * 8000)
    noise = np.random.default_rng(abs(hash((spoken.text, spoken.slow)))).integers(0, 256, count, dtype=np.uint8)
    return noise.tobytes()


class Later:
    """Lets something be done in some seconds; what is due when the context is left is not done any more."""

    def __init__(self) -> None:
        self._timers = list[threading.Timer]()

    def do(self, seconds: float, act: Callable[[], None]) -> threading.Timer:
        """Do it in so many seconds."""
        timer = threading.Timer(max(0.0, seconds), act)
        self._timers.append(timer)
        timer.start()
        return timer

    def __enter__(self) -> Later:
        return self

    def __exit__(self, *_: object) -> None:
        for timer in self._timers:
            timer.cancel()
            timer.join(PATIENCE)


class RealContact(ContactLeg):
    """The leg of a contact whose telephone does what the golden call says; the times are those of virtual.py."""

    def __init__(self, leg: ContactLeg, pickup: Pickup, phone: Softphone, later: Later) -> None:
        self.leg = leg
        self._pickup, self._phone, self._later = pickup, phone, later
        self._first: Spoken | None = None
        self._decided = False
        match pickup:
            case Answer(after=after) | LeavesWhisper(after=after):
                later.do(after, phone.answer)
            case Busy(after=after):
                later.do(after, phone.hang_up)
            case NoAnswer():
                pass
            case _:
                raise NotImplementedError(f"no telephone of the tests can do {pickup}")

    def acted(self, act: ContactAct) -> None:
        """The line has seen an act."""
        match act, self._pickup:
            case Answered(), Answer(presses=str(key), listens=float(seconds)):
                self._later.do(seconds, lambda: self._phone.press(key))
            case Answered(), LeavesWhisper(listens=seconds):
                self._later.do(seconds, self._phone.hang_up)
            case _:
                pass

    def begin(self, spoken: Spoken, /) -> None:
        """Hear words; once the first ones come again, all has been told."""
        self.leg.begin(spoken)
        if self._first is None:
            self._first = spoken
        elif spoken == self._first:
            self.awaited()

    def awaited(self) -> None:
        """All has been told: whoever listens to all of it decides."""
        self.leg.awaited()
        match self._pickup:
            case Answer(presses=str(key), listens=None) if not self._decided:
                self._decided = True
                self._later.do(REACTS_SECONDS, lambda: self._phone.press(key))

    def talks(self) -> None:
        """Talk, and hang up at the end."""
        match self._pickup:
            case Answer(talks=seconds) | LeavesWhisper(listens=seconds):
                self._later.do(seconds, self._phone.hang_up)
            case _:
                pass

    def stop(self) -> None:
        """Stop what plays."""
        self.leg.stop()

    def hang_up(self) -> None:
        """End the leg."""
        self.leg.hang_up()


class RealCall(NetworkCall):
    """A call from a telephone that does what the script of a golden call says."""

    def __init__(
        self,
        call: SipCall,
        caller: ScriptedCaller,
        phone: Softphone,
        contacts: ScriptedContacts,
        phones: Mapping[str, Softphone],
        later: Later,
    ) -> None:
        self._call, self._caller, self._phone = call, caller, phone
        self._contacts, self._phones, self._later = contacts, phones, later
        self._due = False
        """Whether the caller's telephone does something that the line has not seen yet."""

    @property
    def seconds(self) -> float:
        """Seconds since the call began."""
        return self._call.seconds

    def hears(self, event: Event, /) -> None:
        """Tell the caller."""
        self._caller.hears(event)

    def wait(
        self, seconds: float, moment: Attention, contact: ContactLeg | None = None, /
    ) -> CallerAct | ContactAct | None:
        """Ask the script what the caller does within these seconds, and let the telephone do it then."""
        script = copy.deepcopy(self._caller)
        planned = None if self._due else script.key_within(seconds, moment)
        timer = self._later.do(planned.after, lambda: self._do(planned)) if planned else None
        leg = contact.leg if isinstance(contact, RealContact) else None
        act = self._call.wait(seconds, moment, leg)
        if timer and isinstance(act, Press | HangsUp | None):
            self._caller, self._due = script, act is None
        elif timer:  # the contact was first
            timer.cancel()
            self._caller.key_within(act.after, moment) if act else None
        elif act is None and not self._due:
            self._caller = script
        elif isinstance(act, Press | HangsUp):
            self._due = False
        elif act:
            self._caller.key_within(act.after, moment)
        if isinstance(contact, RealContact) and isinstance(act, Answered):
            contact.acted(act)
        return act

    def _do(self, act: CallerAct) -> None:
        if isinstance(act, Press):
            self._phone.press(act.key)
        else:
            self._phone.hang_up()

    def ring(self, number: str, caller_id: str, /) -> ContactLeg:
        """Ring the contact's telephone."""
        leg = self._call.ring(number, caller_id)
        return RealContact(leg, self._contacts.answers(number), self._phones[number], self._later)

    def bridge(self, contact: ContactLeg, /) -> None:
        """Connect caller and contact."""
        assert isinstance(contact, RealContact)
        self._call.bridge(contact.leg)
        contact.talks()

    def answer(self) -> None:
        """Answer the caller."""
        self._call.answer()

    def begin(self, spoken: Spoken, /) -> None:
        """Begin a sound."""
        self._call.begin(spoken)

    def stop(self) -> None:
        """Stop what plays."""
        self._call.stop()

    def ringback(self, *, heard: bool) -> None:
        """Let the caller hear ringing, or no longer."""
        self._call.ringback(heard=heard)

    def refuse(self, *, busy: bool) -> None:
        """Refuse the call."""
        self._call.refuse(busy=busy)

    def hang_up(self) -> None:
        """End the caller's leg."""
        self._call.hang_up()

    def passes(self, seconds: float, /) -> None:
        """Nothing to do: the time passes by itself."""


def running_clock(begins: datetime) -> Callable[[], datetime]:
    """A clock that runs on from a moment."""
    start = time.monotonic()
    zone = begins.tzinfo
    return lambda: (begins.astimezone(UTC) + timedelta(seconds=time.monotonic() - start)).astimezone(zone)


def play_in_real_time(golden: GoldenCall, content: Content, seconds_of: SecondsOf) -> list[Event]:
    """Let telephones play a golden call that changes nothing about the line; its events."""
    numbers = {name: several[0] for name, several in contact_numbers(content.office.contacts).items()}
    events = list[Event]()
    with ExitStack() as opened:
        phones = {number: opened.enter_context(softphone()) for number in numbers.values()}
        phone = opened.enter_context(softphone())
        later = opened.enter_context(Later())
        carrier = running_carrier(
            simulated_app(content, running_clock(golden.begins(content))), Voices(seconds_of, None).spoken
        )
        contacts = ScriptedContacts({numbers[name]: does for name, does in golden.contacts.items()})
        gateway = Gateway(
            LOCAL,
            phones={number: rung.address for number, rung in phones.items()},
            allowed=(),
            sound_of=sound_of,
            without_phone=_nobody,
        )

        def carry(call: SipCall) -> None:
            real = RealCall(call, ScriptedCaller(golden.caller), phone, contacts, phones, later)
            to = language_numbers(content.languages.languages)[golden.dials] if golden.dials else OUR_NUMBER
            try:
                events.extend(carrier.carry(real, from_=_number(golden, numbers), to=to))
            finally:
                gateway.stop()

        with gateway:
            phone.dial(gateway.address)
            gateway.serve(carry)
    return events


def _number(golden: GoldenCall, numbers: Mapping[str, str]) -> str:
    from_ = golden.calls_from
    return FROM[from_] if from_ in FROM else numbers.get(str(from_), str(from_))


def _nobody(number: str, _tell: Callable[[ContactAct], None]) -> ContactLeg:
    raise AssertionError(f"{number} has no telephone in this test")
