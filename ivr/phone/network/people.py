"""Callers and contacts: what the network asks of them, and scripted ones. Times are in seconds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Protocol

from ivr.phone.network.events import Bridged, Event, PickedUp, Ringing, Said, Waited


class Attention(Enum):
    """What the line does while the caller may press a key."""

    SPEAKING = "words play in a Gather"
    WAITING = "the words of a Gather are over and its time runs"
    DEAF = "words outside a Gather, ringing, a talk, or no time between two documents"


@dataclass(frozen=True)
class Press:
    """A key, `after` seconds into the time offered."""

    key: str
    after: float


@dataclass(frozen=True)
class HangsUp:
    """The caller hangs up, `after` seconds into the time offered."""

    after: float


class Caller(Protocol):
    """Whoever calls the line."""

    def hears(self, event: Event, /) -> None:
        """Take an event, at the moment it begins."""
        ...

    def key_within(self, seconds: float, moment: Attention, /) -> Press | HangsUp | None:
        """Act within the next `seconds`, or return None to let them pass; a live phone may block."""
        ...


TALK_SECONDS = 60.0
"""A simulated talk, with a person or with a voicemail, unless its length is told: in the terminal, in the page and in
golden calls alike."""


@dataclass(frozen=True)
class Answer:
    """A person who picks up, listens, presses a key (None: no key) and talks.

    `listens`: seconds until the key; None: until all of the whisper, the matter too, has been told once.
    """

    after: float = 5.0
    presses: str | None = "5"
    talks: float = TALK_SECONDS
    listens: float | None = None


@dataclass(frozen=True)
class Voicemail:
    """A machine that picks up and presses nothing."""

    after: float = 10.0


@dataclass(frozen=True)
class LeavesWhisper:
    """A person who picks up, listens, presses nothing and hangs up; without a whisper: who hangs up on the caller."""

    after: float = 5.0
    listens: float = 4.0


@dataclass(frozen=True)
class Busy:
    """A phone that is busy."""

    after: float = 2.0


@dataclass(frozen=True)
class NoAnswer:
    """A phone that rings until the Dial gives up."""


@dataclass(frozen=True)
class Failed:
    """A phone that the network cannot reach."""

    after: float = 1.0


Pickup = Answer | LeavesWhisper | Voicemail | Busy | NoAnswer | Failed


class Contacts(Protocol):
    """Whoever the line may ring."""

    def answers(self, contact_number: str, /) -> Pickup:
        """Return what a phone does at this ring."""
        ...


STEPS = """\
"1"                 press 1, one second after the words of the Gather
"early 1"           press 1, half a second into the words of the Gather
"now 10"            press 1 half a second into the words, and 0 at once, before the next words
"wait"              let the Gather time out
"hang up"           hang up, one second into the next words or waiting
"hang up after 20"  hang up after 20 seconds, whatever happens then"""
_KEY = "[0-9*#]"
_STEP = re.compile(
    f"(?P<late>{_KEY})|early (?P<early>{_KEY})|now (?P<now>{_KEY})(?P<next>{_KEY})|(?P<wait>wait)"
    r"|hang up(?: after (?P<seconds>[0-9]+(?:\.[0-9]+)?))?"
)
_LATE, _EARLY, _HANG_UP = 1.0, 0.5, 1.0


class ScriptedCaller:
    """Does the steps of a script in order, then stays silent; ValueError for an unknown step (STEPS)."""

    def __init__(self, script: Sequence[str]) -> None:
        self._steps = [_step(text) for text in script]
        self._next_key: str | None = None
        self._hears_words = False
        self._begin_step()

    def _begin_step(self) -> None:
        self._passed = self._in_gather = self._in_words = 0.0

    def hears(self, event: Event) -> None:
        """A time-out ends the step "wait"; the time of "hang up" does not run while a phone rings."""
        match event:
            case Said(where="gather" | "plain"):
                self._hears_words = True
            case Said() | Ringing() | PickedUp() | Bridged():
                self._hears_words = False
            case Waited() if self._steps and self._steps[0]["wait"]:
                self._end_step()
            case _:
                pass

    def key_within(self, seconds: float, moment: Attention) -> Press | HangsUp | None:
        """Do the current step if it is due within `seconds`."""
        if self._next_key:
            key, self._next_key = self._next_key, None
            return Press(key, 0.0)
        if not self._steps:
            return None
        act = self._act(self._steps[0], seconds, moment)
        if act and act.after <= seconds:
            self._end_step()
            return act
        self._passed += seconds
        self._in_gather += seconds if moment is not Attention.DEAF else 0.0
        self._in_words += seconds if self._counts_for_hang_up(moment) else 0.0
        return None

    def _act(self, step: re.Match[str], seconds: float, moment: Attention) -> Press | HangsUp | None:
        """What the step does and when, if it can be done at this moment."""
        match step.lastgroup, moment:
            case "late", Attention.WAITING:
                return Press(step["late"], min(_LATE, seconds / 2))
            case "early" | "next", Attention.SPEAKING | Attention.WAITING:
                press = Press(step["early"] or step["now"], max(0.0, _EARLY - self._in_gather))
                self._next_key = step["next"] if press.after <= seconds else None
                return press
            case "seconds", _:
                return HangsUp(max(0.0, float(step["seconds"]) - self._passed))
            case None, _ if self._counts_for_hang_up(moment):
                return HangsUp(max(0.0, _HANG_UP - self._in_words))
            case _:
                return None

    def _counts_for_hang_up(self, moment: Attention) -> bool:
        return moment is not Attention.DEAF or self._hears_words

    def _end_step(self) -> None:
        self._steps.pop(0)
        self._begin_step()


def _step(text: str) -> re.Match[str]:
    if step := _STEP.fullmatch(text):
        return step
    raise ValueError(f"a caller cannot do {text!r}; a step is one of\n{STEPS}")


PICKUPS = """\
"answers"     options: after 5, presses 5 (or: presses nothing), talks 60, listens 4 (else: until all is told once)
"hangs_up_in_whisper"   options: after 5, listens 4
"voicemail"   option: after 10
"busy"        option: after 2
"failed"      option: after 1
"no_answer"
such as "answers after 8, talks 30"; numbers are seconds, but for the key pressed"""
_KINDS: Mapping[str, type[Pickup]] = {
    "answers": Answer,
    "hangs_up_in_whisper": LeavesWhisper,
    "voicemail": Voicemail,
    "busy": Busy,
    "failed": Failed,
    "no_answer": NoAnswer,
}
_OPTION = re.compile(
    rf"(?P<seconds>after|talks|listens) (?P<number>[0-9]+(?:\.[0-9]+)?)|presses (?P<key>{_KEY}|nothing)"
)


def parse_pickup(text: str) -> Pickup:
    """Read what a contact does, such as "answers after 8, talks 30"; ValueError if it is not one of PICKUPS."""
    kind, _, rest = text.partition(" ")
    values: dict[str, Any] = {}
    for option in rest.split(",") if rest else []:
        name, value = _option(option.strip()) or (None, None)
        if name is None or name in values:
            raise _no_pickup(text)
        values[name] = value
    make = _KINDS.get(kind)
    if make is None or not values.keys() <= {field.name for field in fields(make)}:
        raise _no_pickup(text)
    return make(**values)


def _option(text: str) -> tuple[str, float | str | None] | None:
    option = _OPTION.fullmatch(text)
    if option is None:
        return None
    if option["seconds"]:
        return option["seconds"], float(option["number"])
    return "presses", None if option["key"] == "nothing" else option["key"]


def _no_pickup(text: str) -> ValueError:
    return ValueError(f"a contact cannot do {text!r}; it can do one of\n{PICKUPS}")


class ScriptedContacts:
    """Contacts that do one thing of their list at each ring and repeat the last; ValueError for an empty list."""

    def __init__(self, script: Mapping[str, Sequence[str]], default: str = "no_answer") -> None:
        if empty := [number for number, texts in script.items() if not texts]:
            raise ValueError(f"{', '.join(empty)}: say what the contact does, one of\n{PICKUPS}")
        self._left = {number: [parse_pickup(text) for text in texts] for number, texts in script.items()}
        self._default = parse_pickup(default)

    def answers(self, contact_number: str) -> Pickup:
        """Return what a phone does at this ring."""
        left = self._left.get(contact_number, [self._default])
        return left.pop(0) if len(left) > 1 else left[0]
