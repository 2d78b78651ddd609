"""Keys (RFC 4733): each press counts once, however long it is held and whatever packets are lost; it stops a clip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sip.calling import calling
from tests.sip.clips import Clips, Sentence, plain, said
from tests.sip.heard import SAME, find, from_alaw, from_mulaw
from tests.sip.line import NIGHT, TelephoneLine, clean_line

GREETING = Sentence("fi", "Kemin sosiaalitoimisto. Hädässä soita yksi yksi kaksi.", slow=False, whole=True)


@pytest.fixture(scope="module")
def line(town: Path) -> Iterator[TelephoneLine]:
    with clean_line(town, at=NIGHT) as running:
        yield running


def test_a_held_key_counts_once(line: TelephoneLine) -> None:
    with calling(line) as caller:
        caller.end.press("1", 1.5)
        caller.awaits("caller presses 1")
        caller.end.press("3")
        caller.awaits("caller presses 3")
        assert caller.pressed() == "13"
        caller.hang_up()


def test_two_keys_alike_count_twice(line: TelephoneLine) -> None:
    with calling(line) as caller:
        caller.end.press("1")
        caller.end.press("1")
        caller.awaits("caller presses 1", 2)
        caller.hang_up()
        assert caller.pressed() == "11"


LOST = {"the first packet": [0], "the last three": [-1, -2, -3], "all but one": [*range(1, 7)]}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_a_key_of_which_packets_are_lost_counts_once(line: TelephoneLine, lost: list[int]) -> None:
    with calling(line) as caller:
        caller.end.press("1", lost=lost)
        caller.awaits("caller presses 1")
        caller.end.press("3")
        caller.awaits("caller presses 3")
        assert caller.pressed() == "13"
        caller.hang_up()


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
def test_a_key_stops_the_clip_that_plays(line: TelephoneLine, clips: Clips, law: str) -> None:
    """The caller hears the clip from its beginning, exactly, and the next one whole behind it."""
    with calling(line, law=law) as caller:
        caller.end.await_sound(50)
        caller.press("1")
        caller.awaits("fi: Tämä on kone")
        caller.hears_out()
        caller.hang_up()
        heard, sentences = caller.end.heard(), [*said(caller.what())]
    begun = clips.sound(GREETING)
    recording = {"PCMU": from_mulaw, "PCMA": from_alaw}[law](heard)
    (whole, *_) = clips.check(recording, sentences)
    first = find(from_mulaw(begun)[:4000], recording)
    assert first.alike >= SAME
    assert whole.begin - first.begin < len(begun)
    if law == "PCMU":
        assert plain(begun)[:4000] in plain(heard)
        assert plain(clips.sound(next(sentence for sentence in sentences if sentence.whole))) in plain(heard)
