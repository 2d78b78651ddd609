"""Writes a call as a golden call: a file that people can read and the tests play again (tests/calls/)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

import yaml

from ivr.phone.network.events import Ended, Event, Ringing, Said
from ivr.phone.network.transcript import Transcript, lines


def golden_text(
    at: datetime,
    steps: Sequence[str],
    contacts: Mapping[str, Sequence[str]],
    dials: str | None,
    events: Sequence[Event],
    transcript: Transcript,
    without: Sequence[str] = (),
) -> str:
    """The text of a file for tests/calls/; whoever keeps it corrects its title and what must hold.

    `without`: the languages that this call did not offer, though they have their texts.
    """
    rung = [event for event in events if isinstance(event, Ringing)]
    rings = [f"{transcript.names[ring.number]} by {math.ceil(ring.at)}" for ring in rung]
    said = [event.spoken.text for event in events if isinstance(event, Said) and event.where != "whisper"]
    ended = next((event.by for event in events if isinstance(event, Ended)), "caller")
    by_hand = {
        "title": "What this call shows",
        "at": f"{at:%Y-%m-%d %H:%M}",
        "caller": list(steps),
        "contacts": {name: list(does) for name, does in contacts.items()},
        **({"dials": dials} if dials else {}),
        **({"without": list(without)} if without else {}),
        "must": {"rings": rings, "last": said[-1] if said else "", "ends": ended},
    }
    heard = "".join(f"  {line}\n" for line in lines(events, transcript))
    return f"{yaml.safe_dump(by_hand, sort_keys=False, allow_unicode=True, width=120)}heard: |\n{heard}"
