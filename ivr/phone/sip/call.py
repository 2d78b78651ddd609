"""A call that a telephone makes to the line, and the leg to a contact's telephone (ivr/phone/network/port.py)."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from baresip import Event as Happening
from baresip import StackEvent

from ivr.phone.network.events import Event, Spoken
from ivr.phone.network.people import Attention, HangsUp, Press
from ivr.phone.network.port import (
    Answered,
    CallerAct,
    ContactAct,
    ContactHangsUp,
    ContactLeg,
    ContactPresses,
    NotAnswered,
    NotTaken,
)
from ivr.phone.sip.keys import KeyEvents
from ivr.phone.sip.media import TICK_SECONDS, LegMedia, MediaThread
from ivr.phone.sip.presentable import presentable
from ivr.phone.sip.stack import SipStack, StackCall
from ivr.phone.sip.tones import RINGING, TALK_ELSEWHERE, linear

ESTABLISHED_SECONDS = 40.0
"""The stack itself gives up after 32 s if an answer is not acknowledged."""

LAST_WORDS_SECONDS = 0.3
"""The sound that a contact hears is at most so far behind its time; what is longer is no rest of one that is over."""
ON_ITS_WAY_SECONDS = 2 * TICK_SECONDS
"""So long the last packet may still be on its way when nothing is left to be sent."""
MOST_LAST_WORDS_SECONDS = 5.0
"""The line hangs up on a caller only after its last words; a busy machine may be far behind with them."""

ASKS_WHO = "it asks for a password. Remedy: let it take calls without one, and from anybody"
PLAIN_SOUND = "Remedy: G.711 (PCMA or PCMU) on and encryption (SRTP) off in it"
REMEDIES = {
    "302": "it forwards its calls. Remedy: forwarding off in it",
    "401": ASKS_WHO,
    "404": "it knows no such name. Remedy: in --contact, the name of its own account before the @",
    "407": ASKS_WHO,
    "415": PLAIN_SOUND,
    "421": "it requires what the line has not. Remedy: 100rel (PRACK) and session timers off in it, or optional",
    "488": PLAIN_SOUND,
}
"""What the status of a phone that refuses means mostly, and what to do."""

SoundOf = Callable[[Spoken], bytes]
"""Takes what is said; returns its sound as mu-law, 8000 samples a second, one channel; b"" if there is none."""
WithoutPhone = Callable[[str, Callable[[ContactAct], None]], ContactLeg]
"""Makes the leg of a contact without a SIP phone. Takes the number, and what to tell the contact's acts to."""

Act = TypeVar("Act", CallerAct, ContactAct)


@dataclass(frozen=True)
class Exchange:
    """What every call of a gateway needs: the stack, the thread of the sounds, and whom to ring how."""

    stack: SipStack
    media: MediaThread
    phones: Mapping[str, str]
    sound_of: SoundOf
    without_phone: WithoutPhone


def not_taken(text: str) -> NotTaken:
    """Why a phone was not answered, by the stack's reason, such as "486 Busy Here"."""
    match text.split(" ", 1)[0]:
        case "486" | "600" | "603":
            return "busy"
        case "408" | "480" | "487":
            return "no-answer"
        case _:
            return "no-answer" if "timed out" in text else "failed"


def with_remedy(text: str) -> str:
    """The stack's reason, and what to do about it where that is known."""
    remedy = REMEDIES.get(text.split(" ", 1)[0])
    return f"{presentable(text)}: {remedy}" if remedy else presentable(text)


class ContactPhone:
    """The leg to a contact's SIP phone, which begins to ring; `post` takes what the contact does."""

    def __init__(self, exchange: Exchange, address: str, post: Callable[[ContactAct], None]) -> None:
        self._exchange, self._address, self._post = exchange, address, post
        self._call: StackCall | None = None
        self.media: LegMedia | None = None
        self.on_end: Callable[[], None] = lambda: None
        self._keys = KeyEvents()
        self._established = self._ends = self._soundless = False
        self._over = threading.Event()
        if not exchange.stack.dial(address, self._taken):
            post(NotAnswered(0.0, "failed"))

    def _taken(self, call: StackCall) -> None:
        self._call, self.media = call, LegMedia(call.sound)
        call.happened = self._happened
        if self._ends:  # the stack took so long that nobody waits for it any more
            call.hang_up()

    def begin(self, spoken: Spoken) -> None:
        """Begin a sound that only the contact hears."""
        if self.media:
            self.media.begin(linear(self._exchange.sound_of(spoken)))

    def stop(self) -> None:
        """Stop what plays."""
        if self.media:
            self.media.stop()

    def awaited(self) -> None:
        """A person at a telephone hears that the line waits."""

    def hang_up(self) -> None:
        """End the leg: CANCEL while it rings, else BYE; the stack ends an answer that crosses the CANCEL."""
        if self.media and self._established and not self._over.is_set():
            left = self.media.left()
            self._over.wait(left + ON_ITS_WAY_SECONDS if left <= LAST_WORDS_SECONDS else 0.0)
        self._ends = True
        if self._call:
            self._call.hang_up()

    def _happened(self, event: StackEvent) -> None:
        match event.event:
            case Happening.CALL_ESTABLISHED if not self._established and self.media and self._call:
                if not self.media.flows():  # it shares no codec with us: whoever answered would hear nothing
                    self._soundless = True
                    self._call.hang_up()
                    return
                self._established = True
                self._exchange.media.add(self.media)
                self._post(Answered(0.0))
            case Happening.CALL_DTMF_START | Happening.CALL_DTMF_END if key := self._keys.pressed(event):
                if self._established:  # a key in the sound before the answer says nothing
                    self._post(ContactPresses(key, 0.0))
            case Happening.CALL_CLOSED:
                if self.media:
                    self._exchange.media.remove(self.media)
                    self.media.part()
                self._over.set()
                self.on_end()
                self._post(ContactHangsUp(0.0) if self._established else self._not_answered(event.text or ""))
            case _:
                pass

    def _not_answered(self, text: str) -> NotAnswered:
        """Why the phone was not answered; what the line itself did is no news, nor what people do."""
        status = not_taken(text)
        if self._soundless:
            self._exchange.stack.tell(
                f"{self._address} was answered, and takes no sound that the line has. {PLAIN_SOUND}; a call that it "
                "answers must not begin on hold"
            )
        elif status == "failed" and not self._ends:
            self._exchange.stack.tell(f"{self._address} could not be rung: {with_remedy(text)}")
        return NotAnswered(0.0, status)


class SipCall:
    """A call from a telephone, for the interpreter that runs in a thread of its own; `hears` takes its events."""

    def __init__(self, exchange: Exchange, call: StackCall) -> None:
        self.peer = call.peer
        self.hears: Callable[[Event], None] = lambda _event: None
        self._exchange, self._call = exchange, call
        self._media, self._keys = LegMedia(call.sound), KeyEvents()
        self._began = time.monotonic()
        self._changed = threading.Condition()
        self._acts = deque[tuple[float, CallerAct]]()
        self._contacts: list[tuple[ContactLeg, deque[tuple[float, ContactAct]]]] = []
        self._answers = self._established = self._gone = False
        call.happened = self._happened

    @property
    def seconds(self) -> float:
        """Seconds since the call began."""
        return round(time.monotonic() - self._began, 3)

    def _happened(self, event: StackEvent) -> None:
        match event.event:
            case Happening.CALL_ESTABLISHED:
                self._exchange.media.add(self._media)
                with self._changed:
                    self._established = True
                    self._changed.notify_all()
            case Happening.CALL_DTMF_START | Happening.CALL_DTMF_END if key := self._keys.pressed(event):
                self._post(self._acts, Press(key, 0.0))
            case Happening.CALL_CLOSED:
                self._exchange.media.remove(self._media)
                self._media.part()
                self._is_gone()
            case _:
                pass

    def _is_gone(self) -> None:
        with self._changed:
            if not self._gone:
                self._gone = True
                self._post(self._acts, HangsUp(0.0))

    def _post(self, acts: deque[tuple[float, Act]], act: Act) -> None:
        with self._changed:
            acts.append((time.monotonic(), act))
            self._changed.notify_all()

    def answer(self) -> None:
        """Answer the caller; returns when sound can be heard, or when the caller is gone."""
        if not self._answers:
            self._answers = True
            self._call.answer()
        with self._changed:
            if not self._changed.wait_for(lambda: self._established or self._gone, ESTABLISHED_SECONDS):
                self._call.hang_up()

    def begin(self, spoken: Spoken) -> None:
        """Begin a sound that the caller hears, behind what still plays."""
        self._media.begin(linear(self._exchange.sound_of(spoken)))

    def stop(self) -> None:
        """Stop what plays."""
        self._media.stop()

    def wait(
        self, seconds: float, _moment: Attention, contact: ContactLeg | None = None
    ) -> CallerAct | ContactAct | None:
        """Let seconds pass, up to the next act; a caller who is gone is told at once, again and again."""
        began = time.monotonic()
        with self._changed:
            while not (act := self._next(began, seconds, contact)):
                left = began + seconds - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)
            return act

    def _next(self, began: float, seconds: float, contact: ContactLeg | None) -> CallerAct | ContactAct | None:
        """The next act, and how long after the beginning of the wait it was."""
        queues: list[deque[tuple[float, CallerAct]] | deque[tuple[float, ContactAct]]] = [self._acts]
        queues += [acts for leg, acts in self._contacts if leg is contact]
        if self._gone and not self._acts:
            return HangsUp(0.0)
        for acts in queues:
            if acts:
                at, act = acts.popleft()
                return replace(act, after=min(max(0.0, round(at - began, 3)), seconds))
        return None

    def ring(self, number: str, _caller_id: str) -> ContactLeg:
        """Begin to ring a contact: the SIP phone of that number, else whoever stands in for a contact without one.

        A SIP phone is shown the line's own address.
        """
        acts = deque[tuple[float, ContactAct]]()

        def post(act: ContactAct) -> None:
            self._post(acts, act)

        address = self._exchange.phones.get(number)
        leg = ContactPhone(self._exchange, address, post) if address else self._exchange.without_phone(number, post)
        self._contacts.append((leg, acts))
        return leg

    def ringback(self, *, heard: bool) -> None:
        """Let the caller hear that a phone rings; before the answer the caller's own phone tells it."""
        self._media.tone(RINGING if heard else b"")

    def bridge(self, contact: ContactLeg) -> None:
        """Connect caller and contact, until one of their legs ends."""
        if not isinstance(contact, ContactPhone):
            self._media.tone(TALK_ELSEWHERE)
        elif contact.media:
            contact.on_end = self._media.part
            contact.media.talk(self._media)
            self._media.talk(contact.media)

    def refuse(self, *, busy: bool) -> None:  # noqa: ARG002 the stack has one refusal for both
        """End a call that was never answered; the caller's phone is told 486 (busy) either way."""
        self._call.reject()

    def hang_up(self) -> None:
        """End the caller's leg, whatever its state; the last words are heard to their end."""
        late = time.monotonic() + MOST_LAST_WORDS_SECONDS
        with self._changed:
            # Asked again, as a busy machine is late with the rest too.
            while not self._gone and (left := self._media.left()) > 0 and time.monotonic() < late:
                self._changed.wait_for(lambda: self._gone, max(left, TICK_SECONDS))
            self._changed.wait_for(lambda: self._gone, ON_ITS_WAY_SECONDS)
        self._call.hang_up()

    def passes(self, seconds: float) -> None:
        """Time passes by itself."""

    def end(self) -> None:
        """End every leg of the call; its interpreter is told that the caller is gone, whatever the stack tells."""
        for leg, _acts in self._contacts:
            leg.hang_up()
        self._call.hang_up()
        self._is_gone()
