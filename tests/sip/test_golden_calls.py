"""Golden calls side by side: as telephones play them in real time, and as they are played in virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.events import Event
from ivr.phone.network.transcript import Transcript, line
from ivr.speech.estimate import seconds_by_locale
from tests.calls.golden import play
from tests.calls.test_golden import FILES, SHORT, read
from tests.sip.side_by_side import play_in_real_time

PLAYED = [
    *SHORT,
    *(
        path
        for path in FILES
        if path.stem in ("caller_hangs_up_while_it_rings", "our_contact_rings_us", "our_own_number_rings_us")
    ),
]
"""Golden calls that take less than 90 seconds."""
APART = 1.0
"""Seconds that an event may be later, or sooner, with real telephones."""


def shown(events: Sequence[Event], transcript: Transcript) -> list[tuple[float, str]]:
    """When everything that people notice happens."""
    return [(event.at, text) for event in events if (text := line(event, transcript)) is not None]


@pytest.mark.sip
@pytest.mark.parametrize("path", PLAYED, ids=lambda path: path.stem)
def test_telephones_hear_what_virtual_time_tells(path: Path, content: Content) -> None:
    golden = read(path)
    seconds_of = seconds_by_locale(content.languages)
    played = play(golden, content, simulated_app, seconds_of, CarrierBehaviour())
    virtual = shown(played.events, played.transcript)
    real = shown(play_in_real_time(golden, content, seconds_of), played.transcript)
    assert [what for _, what in real] == [what for _, what in virtual]
    assert virtual[-1][0] < 90
    apart = [(what, at, there) for (at, what), (there, _) in zip(virtual, real, strict=True) if abs(at - there) > APART]
    assert not apart


def test_there_are_ten() -> None:
    assert len(PLAYED) >= 10
