"""Contacts without a SIP phone: whoever sits at the terminal answers for them, while the calls go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from ivr.phone.network.events import Spoken
from ivr.phone.network.people import TALK_SECONDS, Answer, Busy, Pickup, Voicemail
from ivr.phone.network.port import Answered, ContactAct, ContactHangsUp, ContactLeg, ContactPresses, NotAnswered
from ivr.phone.network.virtual import REACTS_SECONDS
from ivr.phone.sip.shown import number_of_this_call
from ivr.phone.terminal import CHOICES, Keyboard

KEYS_HERE = "Keys: while a phone rings here: a answer, v voicemail, b busy, n nobody; in a talk: h hang up"
DECIDES_SECONDS = 8.0
"""Seconds after which a phone is answered though nobody has chosen."""
WHAT_IT_DOES = (
    f"(a)nswer and press a key, (v)oicemail, (b)usy, (n)obody? In {DECIDES_SECONDS:.0f} s it is answered by itself"
)
LOOKS_SECONDS = 0.1
"""Seconds between two looks at what is due."""
USUAL = CHOICES["a"]

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
            self._write(f"{self._asked.who} is rung: {WHAT_IT_DOES}")
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
        self._due: tuple[float, ContactAct] | None = None
        """What the contact does next, and when."""
        self._does: Pickup | None = None
        self._first: Spoken | None = None
        self._told = False
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
            self.state, self._does = "rings", does
            match does:
                case Answer(after=after):
                    self._due = self._now() + after, Answered(0.0)
                case Voicemail(after=after):
                    self._due = self._now() + after, Answered(0.0, "voicemail")
                case Busy(after=after):
                    self._due = self._now() + after, NotAnswered(0.0, "busy")
                case _:
                    self._due = None  # it rings until the line gives up

    def look(self) -> None:
        """Post what is due."""
        with self._lock:
            act = self._taken()
        if act:  # outside the lock, as whoever is told may hang up the leg
            self._post(act)

    def hangs_up(self) -> None:
        """The contact hangs up."""
        with self._lock:
            self._due = self._now(), ContactHangsUp(0.0)
        self.look()

    def begin(self, spoken: Spoken, /) -> None:
        """A whisper begins; once its first words come again, all has been told."""
        if spoken == self._first:
            self.awaited()
        self._first = self._first or spoken

    def stop(self) -> None:
        """Nothing plays here."""

    def awaited(self) -> None:
        """All has been told: a person presses the key."""
        with self._lock:
            if self.in_call and isinstance(self._does, Answer) and self._does.presses and not self._told:
                self._told = True
                self._due = self._now() + REACTS_SECONDS, ContactPresses(self._does.presses, 0.0)

    def hang_up(self) -> None:
        """The line ends the leg."""
        with self._lock:
            self.state, self._due = "over", None

    def _taken(self) -> ContactAct | None:
        """What is due now; after an answer and after a key, the talk ends in its time."""
        if self._due is None or self._now() < self._due[0]:
            return None
        _, act = self._due
        match act:
            case Answered():
                self.state = "in call"
            case NotAnswered() | ContactHangsUp():
                self.state = "over"
        self._due = (self._now() + TALK_SECONDS, ContactHangsUp(0.0)) if self.in_call else None
        return act
