"""What a call is between two requests, what can happen to it, and what the line does next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from ivr.core.flow import Matter
from ivr.core.utterance import Utterance

Outcome = Literal["answered", "declined", "busy", "no_answer", "failed"]


class CallState(NamedTuple):
    """A call between two requests: the node where it waits, and the little it remembers.

    `attempt` counts failed tries at this node: times a menu was asked in vain, numbers of a contact that were rung.
    `round` counts how often the call has come to a menu with `rounds`; a key that leads elsewhere sets it back to 0.
    """

    node: str
    language: str | None = None
    matter: Matter = "guidance"
    attempt: int = 0
    round: int = 0


@dataclass(frozen=True, slots=True)
class CallStarted:
    """Somebody rings. `caller`: one of our contacts, our own number (a loop), or anyone else (rule T7).

    `language`: what the number that was dialled belongs to (None: to none).
    """

    caller: Literal["anyone", "contact", "ourselves"] = "anyone"
    language: str | None = None


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller's answer to a menu. Anything but exactly one key is a wrong key.

    `revision` is the fingerprint of the menu that the caller heard (None: not known).
    """

    key: str
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class NoInput:
    """The caller pressed nothing in time."""


@dataclass(frozen=True, slots=True)
class TransferEnded:
    """A contact was rung, and `outcome` is how that ended."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The caller has hung up: nothing more may ring (rule T6)."""


Event = CallStarted | KeyPressed | NoInput | TransferEnded | CallerGone


@dataclass(frozen=True, slots=True)
class Collect:
    """Listen for one key; silence after this many seconds is an event (rule M5)."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Dial:
    """Say the announcement, then ring the number of a contact at `number_index` (0 is the first)."""

    contact: str
    number_index: int
    announce: tuple[Utterance, ...]


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Do not take the call at all."""


Action = Collect | Dial | HangUp | Reject


class Step(NamedTuple):
    """What the line does next: say `plays` (a key stops them), then do `action`.

    `exit` names the way by which the last node was left, `path` the nodes entered since.
    """

    state: CallState
    plays: tuple[Utterance, ...]
    action: Action
    exit: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepTaken:
    """What the journal is told of one step. `started`: start of the call in epoch seconds; `took`: milliseconds."""

    call_id: str
    node: str
    event: Event
    step: Step
    phone_open: bool
    now: datetime
    started: int
    took: float
