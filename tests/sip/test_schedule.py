"""Twenty calls at once for a minute: when their packets come, and how soon a key stops a clip."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.limits import PATIENCE, until
from tests.sip.calling import dials
from tests.sip.clips import Clips, plain, said
from tests.sip.heard import Samples
from tests.sip.line import NIGHT, clean_line
from tests.sip.rtp import PACKET_SECONDS, SAMPLES, RtpEnd
from tests.sip.scenario import expect, pause, request, scenario
from tests.sip.sipp import sipp

CALLS, MINUTE, KEYS_FROM, APART = 20, 60, 8.0, 0.35
"""How many calls, for how many seconds; when the first of them presses a key, and how much later each other."""
ABOVE_BARE_LOOP = 0.005
HEARD_WITHIN = 0.060
BARE_LOOP = """
import select, sys, time
due = time.monotonic()
while True:
    due += 0.02
    ended, _, _ = select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))
    if ended:
        break
    print(time.time())
"""
"""Tells when it woke, each 20 ms, until its standard input ends."""
SILENT = b"\xff"
Figures = Callable[[str, object], None]


@contextmanager
def bare_loop() -> Iterator[list[float]]:
    """A loop of 20 ms that does nothing, in a process of its own; the moments of its turns, when it has ended."""
    turns = list[float]()
    command = [sys.executable, "-c", BARE_LOOP]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield turns
    finally:
        told, _ = process.communicate(timeout=PATIENCE)
        turns += [float(line) for line in told.split()]


def off(moments: Sequence[float]) -> Samples:
    """For each moment but the first, by how many seconds its distance to the one before is not 20 ms."""
    return np.abs(np.diff(moments) - PACKET_SECONDS)


def told(seconds: Samples) -> str:
    middle, most, all_of_them = np.percentile(seconds, [50, 99, 100]) * 1000
    return f"p50 {middle:.2f} ms, p99 {most:.2f} ms, most {all_of_them:.1f} ms"


def stopped_after(end: RtpEnd, lines: Sequence[str], clips: Clips) -> float:
    """Seconds from the first packet of a key to the last one of the clip that it stopped."""
    key = next(index for index, line in enumerate(lines) if line.startswith("caller presses"))
    (following,) = said([lines[key + 1]])
    heard = plain(end.heard())
    next_clip = heard.index(plain(clips.sound(following)).lstrip(SILENT)[: 4 * SAMPLES])
    last = len(heard[:next_clip].rstrip(SILENT)) - 1
    return end.came(last) - end.presses()[0][0]


@pytest.mark.sip
def test_twenty_calls_at_once(town: Path, clips: Clips, record_property: Figures) -> None:
    calls = scenario(dials("[field0]"), pause(MINUTE), request("BYE", 9, again=500), expect(200))
    with ExitStack() as opened:
        line = opened.enter_context(clean_line(town, at=NIGHT))
        ends = [opened.enter_context(RtpEnd()) for _ in range(CALLS)]
        turns = opened.enter_context(bare_loop())
        rows = [str(end.port) for end in ends]
        callers = opened.enter_context(
            sipp(calls, calls=line.address, number=CALLS, at_once=CALLS, rate=CALLS, rows=rows, seconds=MINUTE + 30)
        )
        for end in ends:
            until(lambda: end.sounds() or callers.ended(), callers.told)  # noqa: B023 - asked in this round
            end.start_sending()
        begun = time.monotonic()
        for number, end in enumerate(ends):
            time.sleep(max(0.0, begun + KEYS_FROM + number * APART - time.monotonic()))
            end.press("1")
        callers.finish()
        for call in range(1, CALLS + 1):
            line.await_shown(call, "the caller hangs up")
        transcripts = [line.what(call) for call in range(1, CALLS + 1)]
    of_calls = np.concatenate([off([packet.at for packet in end.sounds()]) for end in ends])
    of_loop = off(turns)
    of_keys = np.array([stopped_after(ends[caller_of(lines)], lines, clips) for lines in transcripts])
    record_property(f"{CALLS} calls at once, distance of packets from 20 ms", told(of_calls))
    record_property("a bare loop of 20 ms at the same time", told(of_loop))
    record_property("first packet of a key to the last one of the clip that it stops", told(of_keys))
    assert len(of_calls) > 0.98 * CALLS * MINUTE / PACKET_SECONDS
    busy = float(np.percentile(of_loop, 99))
    """How far off even a loop that does nothing is."""
    assert np.percentile(of_calls, 99) <= busy + ABOVE_BARE_LOOP
    assert of_keys.max() <= HEARD_WITHIN, f"on a machine whose bare loop is off by {told(of_loop)}"


def caller_of(lines: Sequence[str]) -> int:
    """Which of SIPp's calls a transcript is of, counted from 0."""
    found = re.match(r"sip:phone-(\d+)@", lines[0])
    assert found, lines[0]
    return int(found[1]) - 1
