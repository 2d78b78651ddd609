"""The state of a call between two requests, the events that can happen to it, and the actions of the line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from ivr.core.flow import Matter
from ivr.core.utterance import Utterance

Outcome = Literal["answered", "declined", "busy", "no_answer", "failed"]
Sight = Literal["step", "accepted", "emergency", "missed", "ended"]
"""Seen of a call: a step, somebody who took it, the emergency document, that its ringing was in vain, the end."""


class CallState(NamedTuple):
    """The state of a call between two requests: the node where it waits, and what it carries along.

    `attempt` counts failed tries at this node: of a menu, how often it was asked in vain; of a transfer, how many
    numbers were rung in vain. `round` counts how often the call has come to a menu with `rounds`; a key that leads
    elsewhere sets it back to 0.
    """

    node: str
    language: str | None = None
    matter: Matter = "guidance"
    attempt: int = 0
    round: int = 0


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call has come in. `caller`: one of our contacts, our own number (a loop), or anyone else (rule T7).

    `language`: the language of the number that was dialled (None: the number has none).
    """

    caller: Literal["anyone", "contact", "ourselves"] = "anyone"
    language: str | None = None


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller has answered a menu by a key. Anything but exactly one key is a nomatch.

    `revision` is the fingerprint of the menu that the caller heard (`Content.revision`; None: not known).
    """

    key: str
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class NoInput:
    """The caller pressed nothing in time (W3C VoiceXML 2.0, `<noinput>`)."""


@dataclass(frozen=True, slots=True)
class TransferEnded:
    """A contact was rung; `outcome` says how that ended."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The caller has hung up: nothing more may ring (rule T6)."""


Event = CallStarted | KeyPressed | NoInput | TransferEnded | CallerGone


@dataclass(frozen=True, slots=True)
class Collect:
    """Listen for one key; after `seconds` without one comes a `NoInput` (rule M5)."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Dial:
    """Say the announcement, then ring one number of a contact: the one at `number_index`, counted from 0."""

    contact: str
    number_index: int
    announce: tuple[Utterance, ...]


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the call without answering it."""


Action = Collect | Dial | HangUp | Reject


class Step(NamedTuple):
    """What the line does next: say `plays`, which a key interrupts, then do `action`.

    `exit` names the exit by which the last node was left, `path` the nodes entered since.
    """

    state: CallState
    plays: tuple[Utterance, ...]
    action: Action
    exit: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step, for the journal. `started`: start of the call in epoch seconds; `took`: duration in milliseconds.

    `second`: seconds since the start, by a clock that nobody sets: `now` may have been set since.
    """

    call_id: str
    node: str
    event: Event
    step: Step
    phone_open: bool
    now: datetime
    started: int
    second: int
    took: float


class CallSeen(NamedTuple):
    """Something that was seen of a call, to be counted.

    `token`: the same for each repeat of one request. `at`: an aware moment. `started`: when the call began, talks not
    counted, in epoch seconds; None where that is not told. `taken`: the step, if it is one.
    """

    call_id: str
    token: str
    what: Sight
    at: datetime
    started: int | None = None
    taken: StepTaken | None = None
