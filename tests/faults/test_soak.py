"""Thousands of calls while faults come and go: nobody is lost, nothing answers 5xx, and memory stays as it was."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ivr.phone.network.events import Ended
from tests.faults.faults import Scene, clips_back, replace_journal, restore, sends, take_clips
from tests.faults.faults import edit as change
from tests.faults.ring import Telephone
from tests.faults.served import INSTRUCTOR, ON_CALL, PUBLIC, Heard, Served, served
from tests.limits import until

CALLS_A_ROUND, CALLERS = 50, 4
SHORT, LONG = 3, 400
"""Rounds: 150 calls in `make test`, 20,000 in `make faults`."""
WARM = 0.4
"""The part of the rounds after which memory is looked at first.

By then every trouble has been there with the longest calls. Each takes the memory that it needs, which the allocators
give back only in part: the journal keeps lines while its disk is full, a swap has two contents. The largest of them
come by chance: seen was 51.8 MB after 20 rounds, 55.9 after 100, 57.0 after 140, and then 57.1 until the 400th.
"""
GROWTH = 1.03
"""A leak of 150 bytes a call is more."""

Act = Callable[[Scene], object]


def plant(name: str) -> tuple[Act, Act]:
    return lambda scene: scene.line.plant(name), lambda scene: scene.line.mend(name)


def rotate(scene: Scene) -> None:
    scene.line.journal.rename(scene.line.folder / "journal.1")


def full(scene: Scene) -> None:
    scene.line.journal.unlink(missing_ok=True)
    scene.line.journal.symlink_to("/dev/full")


def room_again(scene: Scene) -> None:
    """The next fault waits until the lines are written: else they gather over rounds, up to `journal.MOST_WAITING`."""
    replace_journal(scene)
    until(lambda: "journal_failing" not in scene.line.alarms())


def nothing(_scene: Scene) -> None:
    """All is well."""


TROUBLES: dict[str, tuple[Act, Act]] = {
    "nothing": (nothing, nothing),
    **{
        name: plant(name)
        for name in (
            "step-raises", "memory", "recursion", "read-raises", "write-raises", "dial-raises", "hours-raise",
            "form-raises", "whisper-raises", "record-raises", "exit",
        )
    },
    "clips lost": (take_clips("safety.danger", "choose_language.choice"), clips_back),
    "every clip lost": (take_clips(), clips_back),
    "rotated": (rotate, nothing),
    "disk full": (full, room_again),
    "typing error": (change("office.yaml", "hours:\n", "hours\n"), restore),
    "HUP": (sends(signal.SIGHUP), nothing),
    "state gone": (lambda scene: shutil.rmtree(scene.line.state, ignore_errors=True), nothing),
}  # fmt: skip

keys = st.lists(st.sampled_from([*"0123456789*#", "early 1", "early 0", "wait", "hang up", "now 10"]), max_size=6)
answers = st.sampled_from(["answers", "no_answer", "busy", "failed", "voicemail"])
contacts = st.fixed_dictionaries({number: answers.map(lambda does: [does]) for number in (ON_CALL, INSTRUCTOR, PUBLIC)})
rounds = st.tuples(st.sampled_from(sorted(TROUBLES)), st.lists(st.tuples(keys, contacts), min_size=5, max_size=10))


Caller = tuple[list[str], dict[str, list[str]]]
"""What a caller does, and what whoever is rung does."""
PATIENT: Caller = ([], {number: ["no_answer"] for number in (ON_CALL, INSTRUCTOR, PUBLIC)})
"""Presses nothing, and nobody answers: the call with the most steps."""


def lost(heard: Heard) -> str:
    """Why somebody was left alone by the line; empty if nobody was."""
    (ended,) = (event.by for event in heard.events if isinstance(event, Ended))
    if heard.failed or heard.fell_back:
        return f"the line did not answer: {heard.failed}"
    if ended == "caller" or heard.talked:
        return ""
    if not heard.heard_112:
        return f"ended by {ended} without 112 after {heard.words[-3:]}"
    return "" if heard.rang else "nobody was rung"


def megabytes(line: Served) -> float:
    assert line.process
    status = Path(f"/proc/{line.process.pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def soak(line: Served, rounds_: int) -> None:
    scene = Scene(line, Telephone(line))
    measured, calls = list[float](), 0

    def one_round(name: str, callers: Sequence[Caller]) -> None:
        nonlocal calls
        begin, end = TROUBLES[name]
        scene.kept.clear()
        begin(scene)
        try:
            with ThreadPoolExecutor(CALLERS) as several:
                turns = [callers[turn % len(callers)] for turn in range(CALLS_A_ROUND)]
                for turn, heard in zip(
                    turns, several.map(lambda one: scene.ring(*one[0], contacts=one[1]), turns), strict=True
                ):
                    assert not lost(heard), (name, turn, lost(heard))
                    calls += 1
        finally:
            end(scene)
        measured.append(megabytes(line))

    @settings(max_examples=rounds_, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(rounds)
    def drawn_rounds(drawn: tuple[str, list[Caller]]) -> None:
        one_round(*drawn)

    if rounds_ == LONG:
        for name in TROUBLES:
            one_round(name, [PATIENT])
    begun = len(measured)
    drawn_rounds()
    until(lambda: line.alarms() == {}, lambda: str(line.health()))
    warm = measured[begun + int((len(measured) - begun) * WARM)]
    print(f"{calls} calls in {len(measured)} rounds; memory {warm:.1f} MB, at the end {measured[-1]:.1f} MB")
    assert calls >= rounds_ * CALLS_A_ROUND * 0.9
    if rounds_ == LONG:  # a few rounds have not used everything yet
        assert measured[-1] <= warm * GROWTH, f"memory grew from {warm:.1f} to {measured[-1]:.1f} MB"


@pytest.mark.parametrize("rounds_", [SHORT, pytest.param(LONG, marks=pytest.mark.long)])
def test_nobody_is_lost(rounds_: int, template: Path, tmp_path: Path) -> None:
    with served(template, tmp_path / "line") as line:
        line.start()
        soak(line, rounds_)
        assert line.stop() == 0
