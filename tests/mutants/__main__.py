"""Plant faults and tell how many were not noticed; ends with 1 if that is three in a hundred or more."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from random import Random

from tests.mutants.equivalent import is_equivalent, outdated
from tests.mutants.faults import Fault, drawn, faults_of
from tests.mutants.trial import AREAS, ROOT, Area, Scratch, warm_up

MOST_UNNOTICED = 0.03
SLACK, LEAST_SECONDS = 5, 60
"""Tests that take this many times as long as without a fault, and a minute more, hang: that is noticed too."""

scratch: Scratch
"""The copy of the tree of this worker."""


def begin(folder: str) -> None:
    """Begin a worker: with a copy of the tree of its own."""
    global scratch
    scratch = Scratch(Path(tempfile.mkdtemp(dir=folder)))


def without_fault(stage: tuple[str, ...]) -> tuple[float, str]:
    """The seconds that a stage takes without a fault, and what it printed if it does not pass."""
    began = time.monotonic()
    noticed = scratch.notices(stage, 3600)
    return time.monotonic() - began, scratch.told if noticed else ""


def is_noticed(fault: Fault, stages: Sequence[tuple[str, ...]], seconds: Sequence[float]) -> tuple[Fault, bool]:
    """Whether the tests of any stage notice a fault."""
    with scratch.planted(fault):
        return fault, any(scratch.notices(*stage) for stage in zip(stages, seconds, strict=True))


def area_of(fault: Fault) -> Area:
    """The first area that a fault belongs to."""
    return next(area for area in AREAS if area.has(fault.path))


def choose(only: Sequence[str], seed: int, count: int) -> tuple[list[Fault], list[Fault]]:
    """The faults to plant, and those among them that are known to change nothing, which do not count."""
    places = [place for area in AREAS for place in area.places]
    every = faults_of(ROOT, places)
    if stale := outdated(every):
        say(f"equivalent.txt names what is not there any more: {'; '.join(stale)}")
    wanted = [fault for fault in every if not only or fault.path.startswith(tuple(only))]
    chosen, same = list[Fault](), list[Fault]()
    for fault in drawn(ROOT, wanted, Random(seed)):  # noqa: S311 - a draw that can be repeated, no secret
        (same if is_equivalent(fault) else chosen).append(fault)
        if len(chosen) == count:
            break
    say(f"{len(wanted)} faults could be planted; {len(chosen)} are, and {len(same)} change nothing")
    return chosen, same


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)


def told(fault: Fault) -> str:
    """A fault on two lines."""
    return f"{fault.path}:{fault.line}: {fault.kind}: {fault.change}\n    {fault.source_line}"


def main() -> int:
    """Choose, plant, run, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="which faults are drawn (7)")
    parser.add_argument("--count", type=int, default=100, help="how many are planted (100)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many at a time (one a core)")
    parser.add_argument("only", nargs="*", help="only in files whose path begins so, such as ivr/core")
    asked = parser.parse_args()
    chosen, same = choose(asked.only, asked.seed, asked.count)
    stages = list(dict.fromkeys(stage for fault in chosen for stage in area_of(fault).stages if stage))
    warm_up()
    unnoticed = list[Fault]()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="mutants-") as folder,
        ProcessPoolExecutor(asked.workers, multiprocessing.get_context("fork"), begin, (folder,)) as pool,
    ):
        limits = dict[tuple[str, ...], float]()
        for stage, (seconds, failed) in zip(stages, pool.map(without_fault, stages), strict=True):
            say(f"{seconds:4.0f} s without a fault: {' '.join(stage[:3])} and {max(len(stage) - 3, 0)} more files")
            if failed:
                say(f"{failed}\nThese tests fail without any fault. Mend them first.")
                return 2
            limits[stage] = SLACK * seconds + LEAST_SECONDS
        trials = []
        for fault in chosen:
            own = [stage for stage in area_of(fault).stages if stage]
            trials.append((fault, own, [limits[stage] for stage in own]))
        done = as_completed(pool.submit(is_noticed, *trial) for trial in trials)
        for number, (fault, noticed) in enumerate((trial.result() for trial in done), 1):
            seen = "      " if noticed else "UNSEEN"
            say(f"{number:4}/{len(trials)} {time.monotonic() - began:5.0f} s {seen} {told(fault)}")
            if not noticed:
                unnoticed.append(fault)
    for title, faults in (("Known to change nothing", same), ("Not noticed", unnoticed)):
        if faults:
            print(f"{title}:", *map(told, faults), sep="\n")
    share = len(unnoticed) / max(len(chosen), 1)
    print(f"{len(chosen)} faults planted, {len(unnoticed)} not noticed ({share:.1%})")
    return int(share >= MOST_UNNOTICED)


if __name__ == "__main__":
    sys.exit(main())
