"""The port between the interpreter of a call and a network that carries it: a virtual one, or real telephones.

The interpreter (carrier.py) says what is heard and who is rung, and waits for what people do. A network lets the
time pass: `virtual.py` moves a clock, `ivr/phone/sip/` waits for real. All times are in seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from ivr.phone.network.events import Event, Spoken
from ivr.phone.network.people import Attention, HangsUp, Press
from ivr.phone.twiml.document import PlayVerb, SayVerb

NotTaken = Literal["busy", "no-answer", "failed"]
"""Why a phone that was rung is not answered, as DialCallStatus says it."""

SpokenOf = Callable[[SayVerb | PlayVerb], Spoken]
"""Takes one Say or Play; returns what it says and its seconds. ProviderFault if its clip cannot be had."""


@dataclass(frozen=True)
class Answered:
    """The contact's phone was answered."""

    after: float
    how: Literal["person", "voicemail"] = "person"


@dataclass(frozen=True)
class NotAnswered:
    """The contact's phone will not be answered: it is busy, declined, or cannot be reached."""

    after: float
    status: NotTaken


@dataclass(frozen=True)
class ContactPresses:
    """The contact pressed a key."""

    key: str
    after: float


@dataclass(frozen=True)
class ContactHangsUp:
    """The contact hung up."""

    after: float


CallerAct = Press | HangsUp
ContactAct = Answered | NotAnswered | ContactPresses | ContactHangsUp


class ContactLeg(Protocol):
    """The leg to one contact's phone, from the moment in which it begins to ring."""

    def begin(self, spoken: Spoken, /) -> None:
        """Begin a sound that only the contact hears, behind what still plays; it plays while time passes."""
        ...

    def stop(self) -> None:
        """Stop what plays."""
        ...

    def awaited(self) -> None:
        """The line has told all of it, and waits for a key of the contact; a real telephone needs not know."""
        ...

    def hang_up(self) -> None:
        """End the leg, whatever its state, also one that still rings; nothing happens if it is over."""
        ...


class NetworkCall(Protocol):
    """One call from a caller's phone, and the time that passes in it."""

    @property
    def seconds(self) -> float:
        """Seconds since the call began."""
        ...

    def hears(self, event: Event, /) -> None:
        """Take an event, at the moment it begins."""
        ...

    def answer(self) -> None:
        """Answer the caller; returns when sound can be heard, or when the caller is gone (`wait` tells that)."""
        ...

    def begin(self, spoken: Spoken, /) -> None:
        """Begin a sound that the caller hears, behind what still plays; it plays while time passes."""
        ...

    def stop(self) -> None:
        """Stop what plays: a key was pressed."""
        ...

    def wait(
        self, seconds: float, moment: Attention, contact: ContactLeg | None = None, /
    ) -> CallerAct | ContactAct | None:
        """Let seconds pass, up to the next act; None if nobody acts. What the caller did comes first.

        What was done before this wait, and that no wait has returned yet, is returned at once (after 0.0). Acts of
        the contact are returned only with its leg; without it they stay for a later wait.
        """
        ...

    def ring(self, number: str, caller_id: str, /) -> ContactLeg:
        """Begin to ring a contact's phone; `wait` tells what becomes of it."""
        ...

    def ringback(self, *, heard: bool) -> None:
        """Let the caller hear that a phone rings, or no longer."""
        ...

    def bridge(self, contact: ContactLeg, /) -> None:
        """Connect caller and contact, until one of their legs ends."""
        ...

    def refuse(self, *, busy: bool) -> None:
        """End a call that was never answered."""
        ...

    def hang_up(self) -> None:
        """End the caller's leg, whatever its state; nothing happens if it is over."""
        ...

    def passes(self, seconds: float, /) -> None:
        """Note that seconds passed in which nobody could act: the call is over. Only a virtual network has to."""
        ...
