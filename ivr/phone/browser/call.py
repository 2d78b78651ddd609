"""One live call: the carrier holds it in a thread, and the page plays the caller and whoever is rung.

The page decides when time has passed: when a sound has ended, or a wait. So what is heard and what is counted agree.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ivr.phone.errors import CarrierError
from ivr.phone.network.carrier import Carrier
from ivr.phone.network.events import Event, Waited
from ivr.phone.network.people import Answer, Attention, Busy, HangsUp, NoAnswer, Pickup, Press, Voicemail

SHOWN_EVERY = 20.0
"""Seconds for which a page that asks for events is kept waiting at most."""
PAGE_GONE = 60.0
"""A page that has not asked for so long is gone, and its caller has hung up."""
A_MOMENT = 0.05
"""Seconds that are not worth asking the page for."""
LISTENS, TALKS = 7.0, 60.0
"""Seconds: whoever answers listens for so long before the key; a talk that nobody ends."""

What = Literal["key", "hang up", "passed"]
Message = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """What the caller did with the time of a moment: `after` seconds of it."""

    what: What
    key: str = ""
    after: float = 0.0


class LiveCall:
    """What both sides of a call know: the messages to the page, in their order, and what the page answered."""

    def __init__(self, show: Callable[[Event], Message | None]) -> None:
        self.steps: list[str] = []
        """What the caller did, in the words of a golden call."""
        self.contacts: dict[str, list[str]] = {}
        self.events: list[Event] = []
        self.over = False
        self._show = show
        self._messages: list[Message] = []
        self._acts: dict[int, Act] = {}
        self._decisions: dict[int, str] = {}
        self._changed = threading.Condition()
        self._asked = time.monotonic()
        self._hang_up: Act | None = None

    @property
    def hung_up(self) -> bool:
        """Whether the caller has hung up."""
        return self._hang_up is not None

    # --- the page's side

    def messages(self, after: int) -> tuple[list[Message], bool]:
        """The messages behind the first `after`, as soon as there is one; and whether the call is over."""
        with self._changed:
            self._asked = time.monotonic()
            self._changed.wait_for(lambda: len(self._messages) > after or self.over, SHOWN_EVERY)
            self._asked = time.monotonic()
            return self._messages[after:], self.over

    def act(self, moment: int, act: Act) -> None:
        """The caller did something at a moment; what comes too late for it counts as nothing."""
        with self._changed:
            if act.what == "hang up":
                self._hang_up = self._hang_up or act
            self._acts.setdefault(moment, act)
            self._changed.notify_all()

    def decide(self, ring: int, what: str) -> None:
        """Whoever is rung does something."""
        with self._changed:
            self._decisions.setdefault(ring, what)
            self._changed.notify_all()

    # --- the carrier's side

    def tell(self, message: Message) -> int:
        """Show the page something; the number of the message."""
        with self._changed:
            number = len(self._messages)
            self._messages.append({"n": number, **message})
            self._changed.notify_all()
            return number

    def hears(self, event: Event) -> None:
        """Everything that happens is shown."""
        self.events.append(event)
        if message := self._show(event):
            self.tell(message)

    def what_is_done(self, moment: int) -> Act:
        """What the caller does at a moment; hanging up counts whenever it comes."""
        self._await(lambda: moment in self._acts or self.hung_up)
        with self._changed:
            return self._hang_up or self._acts[moment]

    def what_is_decided(self, ring: int) -> str:
        """What whoever is rung does; nothing, if the caller hangs up first."""
        self._await(lambda: ring in self._decisions or self.hung_up)
        return self._decisions.get(ring, f"no answer after {self._hang_up.after if self._hang_up else 0}")

    def _await(self, there: Callable[[], bool]) -> None:
        with self._changed:
            while not self._changed.wait_for(there, 1.0):
                if time.monotonic() - self._asked > PAGE_GONE:
                    self._hang_up = Act("hang up")

    def end(self) -> None:
        """Nothing more will happen."""
        with self._changed:
            self.over = True
            self._changed.notify_all()

    def run(self, carrier: Carrier, names: Mapping[str, str], rings: Mapping[str, int], from_: str, to: str) -> None:
        """Hold the call from pick-up to its end; a fault of the line is told, not raised."""
        people = PageContacts(self, names, rings)
        try:
            carrier.call(PageCaller(self, people), people, from_=from_, to=to)
        except CarrierError as fault:
            self.tell({"kind": "fault", "words": str(fault)})
        finally:
            self.end()


class PageContacts:
    """Whoever is rung: the page decides for them."""

    def __init__(self, call: LiveCall, names: Mapping[str, str], rings: Mapping[str, int]) -> None:
        self._call, self._names, self._rings = call, names, rings
        self.rung_for = 0.0
        """Seconds of ringing that the page has already let pass."""

    def answers(self, contact_number: str) -> Pickup:
        """Let the page's second phone ring until somebody does something, or nobody does."""
        name = self._names[contact_number]
        seconds = self._rings[name]
        ring = self._call.tell({"kind": "rings", "contact": name, "seconds": seconds})
        what, _, after = self._call.what_is_decided(ring).partition(" after ")
        self.rung_for = min(float(after or seconds), seconds)
        pickup = self._pickup(what)
        self._call.contacts.setdefault(name, []).append(_as_script(pickup))
        return pickup

    def _pickup(self, what: str) -> Pickup:
        match what:
            case "answer":
                return Answer(after=self.rung_for, listens=LISTENS, talks=TALKS)
            case "voicemail":
                return Voicemail(after=self.rung_for)
            case "busy":
                return Busy(after=self.rung_for)
            case _:
                return NoAnswer()


class PageCaller:
    """Whoever sits at the page."""

    def __init__(self, call: LiveCall, contacts: PageContacts) -> None:
        self._call, self._contacts = call, contacts
        self._at = self._since = 0.0

    def hears(self, event: Event) -> None:
        """Show it, and remember what the caller did as a golden call would say it."""
        self._at = event.at
        if isinstance(event, Waited):
            self._did("wait")
        self._call.hears(event)

    def _did(self, step: str, after: float = 0.0) -> None:
        self._call.steps.append(step)
        self._since = self._at + after

    def key_within(self, seconds: float, moment: Attention) -> Press | HangsUp | None:
        """Ask the page, which plays what there is to hear and counts the time."""
        counted = 0.0
        if moment is Attention.DEAF:
            counted = min(self._contacts.rung_for, seconds)  # the page has let it pass while it rang
            self._contacts.rung_for -= counted
            if seconds - counted < A_MOMENT and not self._call.hung_up:
                return None
        left = round(seconds - counted, 3)
        act = self._call.what_is_done(
            self._call.tell({"kind": "moment", "moment": moment.name.lower(), "seconds": left})
        )
        after = min(counted + max(act.after, 0.0), seconds)
        match act.what:
            case "key":
                self._did(act.key if moment is Attention.WAITING else f"early {act.key}", after)
                return Press(act.key, after)
            case "hang up":
                self._did(f"hang up after {self._at + after - self._since:.0f}")
                return HangsUp(after)
            case _:
                return None


def _as_script(pickup: Pickup) -> str:
    match pickup:
        case Answer(after=after):
            return f"answers after {after:.0f}, listens {LISTENS:.0f}, talks {TALKS:.0f}"
        case Voicemail(after=after):
            return f"voicemail after {after:.0f}"
        case Busy(after=after):
            return f"busy after {after:.0f}"
        case _:
            return "no_answer"
