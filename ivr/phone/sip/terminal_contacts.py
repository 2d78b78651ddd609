"""Contacts without a SIP phone: whoever sits at the terminal answers for them, while the calls go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from ivr.phone.network.events import Spoken
from ivr.phone.network.people import Pickup
from ivr.phone.network.port import Answered, ContactAct, ContactHangsUp, ContactLeg, NotAnswered
from ivr.phone.network.virtual import VirtualContact
from ivr.phone.sip.shown import number_of_this_call
from ivr.phone.terminal import CHOICES, DECIDES_SECONDS, QUESTION, USUAL, Keyboard

KEYS_HERE = "Keys: while a phone rings here: a answer, v voicemail, b busy, n nobody; in a talk: h hang up"
ASKED = f"{QUESTION} In {DECIDES_SECONDS:.0f} s it is answered by itself"
LOOKS_SECONDS = 0.1
"""Seconds between two looks at what is due."""

Post = Callable[[ContactAct], None]


class TerminalContacts:
    """Makes the legs of contacts whose phones are answered at the terminal (`WithoutPhone`).

    `names`: of contacts by number. `write` shows a line to whoever sits there. One question is open at a time.
    Without a keyboard each phone is answered at once.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        write: Callable[[str], None],
        keyboard: Keyboard | None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._names, self._write, self._keyboard, self._now = names, write, keyboard, now
        self._legs: list[TerminalLeg] = []
        self._asked: TerminalLeg | None = None
        self._decided_by = 0.0
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def __call__(self, number: str, post: Post) -> TerminalLeg:
        """Begin to ring a contact. To be called by the thread that carries the call."""
        leg = TerminalLeg(f"{number_of_this_call()} {self._names[number]}".lstrip(), post, self._now)
        with self._lock:
            self._legs.append(leg)
        return leg

    @contextmanager
    def working(self) -> Iterator[None]:
        """Ask, and read keys, by a thread for the time of a with block."""
        thread = threading.Thread(target=self._work, name="terminal-contacts", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._closed.set()
            thread.join()

    def _work(self) -> None:
        while not self._closed.is_set():
            key = None
            if self._keyboard is None:
                self._closed.wait(LOOKS_SECONDS)
            elif (key := self._keyboard.read(LOOKS_SECONDS)) == "":
                self._keyboard = None  # the terminal is gone
            self.look(key)

    def look(self, key: str | None = None) -> None:
        """Do what is due now, and what a key asks for."""
        with self._lock:
            self._legs = [leg for leg in self._legs if not leg.over]
            legs = tuple(self._legs)
        self._ask(legs)
        if key == "h":
            for leg in [leg for leg in legs if leg.in_call][-1:]:
                leg.hangs_up()
        elif self._asked and (chosen := self._chosen(key)):
            self._asked.decide(chosen)
            self._ask(legs)
        for leg in legs:
            leg.look()

    def _ask(self, legs: tuple[TerminalLeg, ...]) -> None:
        """Ask about the phone that has rung longest, unless a question is open; one is withdrawn when its ring ends."""
        if self._asked and self._asked.undecided:
            return
        if self._asked and self._asked.over:
            self._write(f"{self._asked.who} is no longer rung")
        self._asked = next((leg for leg in legs if leg.undecided), None)
        if self._asked and self._keyboard:
            self._write(f"{self._asked.who} is rung: {ASKED}")
        self._decided_by = self._now() + DECIDES_SECONDS

    def _chosen(self, key: str | None) -> Pickup | None:
        nobody_chooses = self._keyboard is None or self._now() >= self._decided_by
        return USUAL if nobody_chooses else CHOICES.get(key or "")


class TerminalLeg(ContactLeg):
    """The leg to one contact; `who`: the number of the call, and the contact's name."""

    def __init__(self, who: str, post: Post, now: Callable[[], float]) -> None:
        self.who = who
        self.state: Literal["undecided", "rings", "in call", "over"] = "undecided"
        self._post, self._now = post, now
        self._contact: VirtualContact | None = None
        """Who does what was chosen, in their time."""
        self._lock = threading.Lock()

    @property
    def undecided(self) -> bool:
        """Whether nobody has said what the contact does."""
        return self.state == "undecided"

    @property
    def in_call(self) -> bool:
        """Whether the phone was answered, and nobody has hung up."""
        return self.state == "in call"

    @property
    def over(self) -> bool:
        """Whether the leg has ended."""
        return self.state == "over"

    def decide(self, does: Pickup) -> None:
        """Say what the contact does, if nobody has yet."""
        with self._lock:
            if not self.undecided:
                return
            self.state, self._contact = "rings", VirtualContact(does, self._now)

    def look(self) -> None:
        """Post what is due."""
        with self._lock:
            act = self._taken()
        if act:  # outside the lock, as whoever is told may hang up the leg
            self._post(act)

    def hangs_up(self) -> None:
        """The contact hangs up."""
        with self._lock:
            self.state = "over"
        self._post(ContactHangsUp(0.0))

    def begin(self, spoken: Spoken, /) -> None:
        """A whisper begins."""
        with self._lock:
            if self._contact and self.in_call:
                self._contact.begin(spoken)

    def stop(self) -> None:
        """Nothing plays here."""

    def awaited(self) -> None:
        """All has been told: a person presses the key."""
        with self._lock:
            if self._contact and self.in_call:
                self._contact.awaited()

    def hang_up(self) -> None:
        """The line ends the leg."""
        with self._lock:
            self.state = "over"

    def _taken(self) -> ContactAct | None:
        """What is due now; after an answer and after a key, the talk ends in its time."""
        act = self._contact.act_within(0.0) if self._contact and not self.over else None
        if act is None or self._contact is None:
            return None
        self._contact.acted(act)
        match act:
            case Answered():
                self.state = "in call"
            case NotAnswered() | ContactHangsUp():
                self.state = "over"
        if self.in_call:
            self._contact.talks()
        return act
