"""A call between the simulated carrier, which runs in a thread, and the page, which plays caller and contacts.

The page reports when a sound or a wait is over, so that the time of the call is the time that a person hears.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ivr.phone.errors import CarrierError
from ivr.phone.network.events import Event, Waited
from ivr.phone.network.people import Attention, HangsUp, Pickup, Press, parse_pickup
from ivr.phone.network.virtual import VirtualCarrier

SHOWN_EVERY = 20.0
"""Seconds that a request for messages waits at most."""
PAGE_GONE = 60.0
"""Seconds without a request for messages after which the caller counts as hung up."""
A_MOMENT = 0.05
"""Seconds too short to ask the page for."""

What = Literal["key", "hang up", "passed"]
Message = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """What the caller did in a moment, and after how many of its seconds."""

    what: What
    key: str = ""
    after: float = 0.0


class LiveCall:
    """The messages to the page, and what the page answered: shared by its requests and the carrier's thread.

    A "moment" is time in which the caller may act; a "ring" is a contact's phone that rings. Both are answered by the
    number of their message.
    """

    def __init__(self, show: Callable[[Event], Message | None]) -> None:
        self.steps: list[str] = []
        """What the caller did, as the steps of a golden call."""
        self.contacts: dict[str, list[str]] = {}
        self.events: list[Event] = []
        self.over = False
        self._show = show
        self._messages: list[Message] = []
        self._acts: dict[int, Act] = {}
        self._decisions: dict[int, tuple[str, float]] = {}
        self._changed = threading.Condition()
        self._asked = time.monotonic()
        self._hang_up: Act | None = None

    @property
    def hung_up(self) -> bool:
        """Whether the caller has hung up."""
        return self._hang_up is not None

    # --- the page's side

    def messages(self, after: int) -> tuple[list[Message], bool]:
        """Wait for messages after the first `after`; return them, and whether the call is over."""
        with self._changed:
            self._asked = time.monotonic()
            self._changed.wait_for(lambda: len(self._messages) > after or self.over, SHOWN_EVERY)
            self._asked = time.monotonic()
            return self._messages[after:], self.over

    def act(self, moment: int, act: Act) -> None:
        """Take what the caller did in a moment; a second act for the same moment is ignored."""
        with self._changed:
            if act.what == "hang up":
                self._hang_up = self._hang_up or act
            self._acts.setdefault(moment, act)
            self._changed.notify_all()

    def decide(self, ring: int, what: str, after: float) -> None:
        """Take what a contact does at a ring, after seconds of ringing; a second decision is ignored."""
        with self._changed:
            self._decisions.setdefault(ring, (what, after))
            self._changed.notify_all()

    # --- the carrier's side

    def tell(self, message: Message) -> int:
        """Add a message to the page; return its number."""
        with self._changed:
            number = len(self._messages)
            self._messages.append({"n": number, **message})
            self._changed.notify_all()
            return number

    def hears(self, event: Event) -> None:
        """Keep an event, and show it on the page."""
        self.events.append(event)
        if message := self._show(event):
            self.tell(message)

    def what_is_done(self, moment: int) -> Act:
        """Wait for what the caller does in a moment; hanging up counts at any time."""
        self._await(lambda: moment in self._acts or self.hung_up)
        with self._changed:
            return self._hang_up or self._acts[moment]

    def what_is_decided(self, ring: int) -> tuple[str, float]:
        """Wait for what a contact does at a ring, and after how long; "no answer" if the caller hangs up first."""
        self._await(lambda: ring in self._decisions or self.hung_up)
        return self._decisions.get(ring, ("no answer", self._hang_up.after if self._hang_up else 0.0))

    def _await(self, there: Callable[[], bool]) -> None:
        with self._changed:
            while not self._changed.wait_for(there, 1.0):
                if time.monotonic() - self._asked > PAGE_GONE:
                    self._hang_up = Act("hang up")

    def run(
        self, carrier: VirtualCarrier, names: Mapping[str, str], rings: Mapping[str, int], from_: str, to: str
    ) -> None:
        """Run the whole call; a CarrierError is told to the page, not raised. `rings`: seconds by contact name."""
        people = PageContacts(self, names, rings)
        try:
            carrier.call(PageCaller(self, people), people, from_=from_, to=to)
        except CarrierError as fault:
            self.tell({"kind": "fault", "words": str(fault)})
        finally:
            with self._changed:
                self.over = True
                self._changed.notify_all()


class PageContacts:
    """Contacts for whom the page decides."""

    def __init__(self, call: LiveCall, names: Mapping[str, str], rings: Mapping[str, int]) -> None:
        self._call, self._names, self._rings = call, names, rings
        self.rung_for = 0.0
        """Seconds of ringing that the page has already let pass."""

    def answers(self, contact_number: str) -> Pickup:
        """Let the page's second phone ring, and return what is done there."""
        name = self._names[contact_number]
        seconds = self._rings[name]
        ring = self._call.tell({"kind": "rings", "contact": name, "seconds": seconds})
        what, after = self._call.what_is_decided(ring)
        self.rung_for = min(after, seconds)
        script = _script(what, self.rung_for)
        self._call.contacts.setdefault(name, []).append(script)
        return parse_pickup(script)


class PageCaller:
    """The caller, for whom the page acts."""

    def __init__(self, call: LiveCall, contacts: PageContacts) -> None:
        self._call, self._contacts = call, contacts
        self._at = self._since = 0.0

    def hears(self, event: Event) -> None:
        """Show an event, and note the step "wait" of a golden call."""
        self._at = event.at
        if isinstance(event, Waited):
            self._did("wait")
        self._call.hears(event)

    def _did(self, step: str, after: float = 0.0) -> None:
        self._call.steps.append(step)
        self._since = self._at + after

    def key_within(self, seconds: float, moment: Attention) -> Press | HangsUp | None:
        """Offer the page a moment, and wait for what is done in it."""
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


def _script(what: str, after: float) -> str:
    """What a contact does, as a golden call says it."""
    match what:
        case "answer":
            return f"answers after {after:g}"
        case "voicemail" | "busy":
            return f"{what} after {after:g}"
        case _:
            return "no_answer"
