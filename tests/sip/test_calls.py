"""Whole calls, from the first word to the end: what each end of them hears, clip by clip."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from tests.sip.clips import WHISPER, Clips, said
from tests.sip.heard import RATE, SAME, Found, Samples, find, longest_silence, ringback
from tests.sip.line import DAY, clean_line
from tests.sip.softphone import softphone

PIECE = RATE // 10
"""What is late in a talk is dropped; so short a piece comes through also on a busy machine."""


def voice(seed: int) -> Samples:
    """A sound that no other is like, for a talk of half a minute."""
    return np.clip(np.random.default_rng(seed).normal(0.0, 3000.0, 30 * RATE), -30000, 30000)


def pieces_of(spoken: Samples, recording: Samples) -> list[Found]:
    """Where the pieces of a voice are heard that are heard at all."""
    pieces = [spoken[begin : begin + PIECE] for begin in range(0, len(spoken), PIECE)]
    return [found for piece in pieces if (found := find(piece, recording)).alike >= SAME]


def talk(seconds: float) -> None:
    """People talk; that takes its time."""
    time.sleep(seconds)


def test_a_day_call_to_an_accepted_transfer(town: Path, clips: Clips) -> None:
    """Both ends hear each clip as it is, then each other; the caller hears ringing until they are connected."""
    voices = voice(1), voice(2)
    with (
        softphone(says=voices[1], codecs=["PCMA"]) as worker,
        softphone(says=voices[0], codecs=["PCMU"]) as caller,
        clean_line(town, at=DAY, contacts={"social_instructor": worker.address}) as line,
    ):
        caller.dial(line.sip())
        line.await_shown(1, "sv: ")  # so the first sentence is whole
        caller.press("1")
        line.await_shown(1, "fi: Jos olet vaarassa")
        caller.press("1")
        line.await_shown(1, "rings social_instructor")
        worker.await_event("CALL_INCOMING")
        talk(1.2)  # it rings for a second, then pauses
        worker.answer()
        line.await_shown(1, "whisper: Kieli")  # so the first one is whole
        worker.press("5")
        line.await_shown(1, "caller and social_instructor talk")
        talk(3.0)
        worker.hang_up()
        line.await_shown(1, "fi: Puhu taas")
        talk(0.3)  # the end of the sentence before it is on its way
        caller.hang_up()
        line.await_shown(1, "the caller hangs up")
        told = line.what(1)
    (heard,), (heard_there,) = caller.recordings, worker.recordings
    sentences = [*said(told)]
    here = clips.check(heard, [sentence for sentence in sentences if sentence.who != WHISPER])
    there = clips.check(heard_there, [sentence for sentence in sentences if sentence.who == WHISPER])
    talked, talked_there = pieces_of(voices[1], heard), pieces_of(voices[0], heard_there)
    rings = [(round(begin * RATE), round(end * RATE)) for begin, end in ringback(heard)]
    assert min(len(talked), len(talked_there)) >= 5
    *before, ended = here
    assert before[-1].end <= rings[0][0]
    assert rings[-1][1] <= talked[0].begin
    assert talked[-1].end <= ended.begin
    assert there[-1].end <= talked_there[0].begin
    assert longest_silence(heard) < 4.5  # the pause of ringing is 4 s
