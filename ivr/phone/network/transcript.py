"""How a call reads: one line for everything that a caller or a contact notices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.phone.network.events import (
    Bridged,
    Ended,
    Event,
    NotReached,
    PickedUp,
    Pressed,
    Requested,
    Ringing,
    Said,
    TalkEnded,
    Waited,
)

ENDS = {"line": "the line ends the call", "caller": "the caller hangs up", "rejected": "the call is not taken"}


@dataclass(frozen=True)
class Transcript:
    """What is needed to show a call: contact names by number, and codes of languages by the carrier's names."""

    names: Mapping[str, str]
    codes: Mapping[str, str]


def lines(events: Iterable[Event], transcript: Transcript) -> Iterator[str]:
    """Every event that is noticed, as `m:ss  what happens`; the digits of a number share a line."""
    shown, digits = "", False
    for event in events:
        if (text := line(event, transcript)) is None:
            continue
        if digits and isinstance(event, Said) and _is_word(event):
            shown += f" {event.spoken.text}"
            continue
        if shown:
            yield shown
        shown = f"{int(event.at // 60)}:{int(event.at % 60):02}  {text}"
        digits = isinstance(event, Said) and _is_word(event)
    yield shown


def _is_word(said: Said) -> bool:
    return said.spoken.text.isalpha()


def line(event: Event, transcript: Transcript) -> str | None:
    """One event in words; None for what nobody notices."""
    names = transcript.names
    match event:
        case Said():
            who = "whisper" if event.where == "whisper" else transcript.codes[event.spoken.language]
            return f"{who}: {event.spoken.text}{' (slowly)' if event.spoken.slow else ''}"
        case Pressed():
            return f"caller presses {event.key}"
        case Waited():
            return f"caller has pressed nothing for {event.seconds:g} s"
        case Ringing():
            return f"rings {names[event.number]}"
        case PickedUp():
            return f"{names[event.number]}: {event.how} picks up"
        case Bridged():
            return f"caller and {names[event.number]} talk"
        case TalkEnded():
            return f"the talk ends (by {event.by})"
        case NotReached():
            return f"{names[event.number]} not reached ({event.status})"
        case Ended():
            return ENDS[event.by]
        case Requested():
            return None
