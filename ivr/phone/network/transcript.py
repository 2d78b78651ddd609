"""A call as text: one line for each event that a caller or a contact notices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.phone.network import events

ENDS = {
    "line": "the line ends the call",
    "caller": "the caller hangs up",
    "rejected": "the call is not taken",
    "error": "the provider tells of an error in English, and ends the call",
}


@dataclass(frozen=True)
class Transcript:
    """What the text of a call needs: contact names by number, and language codes by locale.

    `remarks`: language code -> what is told with each of its sentences that has no clip, such as that its voice is a
    draft.
    """

    names: Mapping[str, str]
    codes: Mapping[str, str]
    remarks: Mapping[str, str] = field(default_factory=dict)


def lines(happened: Iterable[events.Event], transcript: Transcript) -> Iterator[str]:
    """The events that are noticed, as `m:ss  what happens`; the digits of a number share a line."""
    shown, digits = "", False
    for event in happened:
        if (text := line(event, transcript)) is None:
            continue
        if digits and isinstance(event, events.Said) and _is_word(event):
            shown += f" {event.spoken.text}"
            continue
        if shown:
            yield shown
        shown = f"{int(event.at // 60)}:{int(event.at % 60):02}  {text}"
        digits = isinstance(event, events.Said) and _is_word(event)
    yield shown


def _is_word(said: events.Said) -> bool:
    return said.spoken.text.isalpha()


def line(event: events.Event, transcript: Transcript) -> str | None:
    """One event as text; None for what nobody notices."""
    names = transcript.names
    match event:
        case events.Said():
            code = transcript.codes[event.spoken.language]
            who = "whisper" if event.where == "whisper" else code
            remark = transcript.remarks.get(code) if event.spoken.clip is None else None
            told = f" ({remark})" if remark else ""
            return f"{who}: {event.spoken.text}{' (slowly)' if event.spoken.slow else ''}{told}"
        case events.Pressed():
            return f"caller presses {event.key}"
        case events.Waited():
            return f"caller has pressed nothing for {event.seconds:g} s"
        case events.Ringing():
            return f"rings {names[event.number]}"
        case events.PickedUp():
            return f"{names[event.number]}: {event.how} picks up"
        case events.Bridged():
            return f"caller and {names[event.number]} talk"
        case events.TalkEnded():
            return f"the talk ends (by {event.by})"
        case events.NotReached():
            return f"{names[event.number]} not reached ({event.status})"
        case events.Ended():
            return ENDS[event.by]
        case events.RequestFailed() | events.Warned():
            return f"error {event.code}: {event.words}"
        case events.FallbackAsked():
            return "the fallback takes over the call"
        case events.Requested():
            return None
