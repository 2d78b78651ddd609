"""Whoever presses nothing, or finds nobody: what is heard until the line has rung whom it can."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sip.calling import IS_HUNG_UP, calling, picks_up_never
from tests.sip.clips import Clips, said
from tests.sip.heard import RATE, from_mulaw, longest_silence, ringback
from tests.sip.line import NIGHT, clean_line
from tests.sip.ports import free_port
from tests.sip.scenario import scenario
from tests.sip.sipp import sipp

RINGS = 3
"""Silence is led to two rings, then to one more in each round of the last words."""
LONGEST = 360
GATHER_SECONDS = 8.0
"""The longest wait for a key; ringing pauses for four seconds. Beside it, clips begin and end softly."""


def test_silence_from_the_language_to_the_ringing(town: Path, clips: Clips) -> None:
    """Every sentence of the menu is heard whole; then somebody is rung, and the caller hears that."""
    port = free_port()
    with (
        clean_line(town, at=NIGHT, contacts={"on_call": f"sip:duty@127.0.0.1:{port}"}) as line,
        sipp(scenario(picks_up_never()), port=port) as phone,
        calling(line) as caller,
    ):
        caller.press("1")
        caller.awaits("rings on_call")
        phone.await_message("> 180")
        caller.hears_out()
        caller.hang_up()
        phone.finish()
        heard, sentences = from_mulaw(caller.end.heard()), [*said(caller.what())]
    found = clips.check(heard, sentences)
    (begins, _), *_ = ringback(heard)
    assert found[-1].end <= round(begins * RATE)
    assert longest_silence(heard) <= GATHER_SECONDS + 1.0


@pytest.mark.sip
def test_silence_from_pick_up_to_the_last_words(town: Path, clips: Clips) -> None:
    """Nothing is ever pressed, nobody ever answers: all of the night's call, in real time."""
    port = free_port()
    with (
        clean_line(town, at=NIGHT, contacts={"on_call": f"sip:duty@127.0.0.1:{port}"}) as line,
        sipp(scenario(picks_up_never()), port=port, number=RINGS, seconds=LONGEST) as phone,
        calling(line, then=IS_HUNG_UP, seconds=LONGEST) as caller,
    ):
        line.await_shown(caller.number, "the line ends the call", patience=float(LONGEST))
        caller.sipp.finish()
        phone.finish()
        heard, told = from_mulaw(caller.end.heard()), caller.what()
    sentences = [*said(told)]
    assert all(sentence.whole for sentence in sentences)
    clips.check(heard, sentences)
    assert told.count("rings on_call") == told.count("on_call not reached (no-answer)") == RINGS
    assert [(last.who, last.text) for last in sentences[-2:]] == [
        ("sv", "Om du är i fara, ring ett ett två."),
        ("en", "If you are in danger, call one one two."),
    ]
    assert longest_silence(heard) <= GATHER_SECONDS + 1.0
