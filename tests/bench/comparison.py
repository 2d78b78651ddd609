"""The line, the floor and what others write, side by side."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.load import Load, put_load
from tests.bench.processes import cpu_seconds, megabytes
from tests.bench.servers import ROOT, Running, Server, floor, forged, line, peers, refuses, running, webhooks
from tests.bench.table import cell

CALLERS, FULL, CALLS, PAUSE = 64, 3_000, 640, 0.2
ROUNDS, STARTS = 5, 3


@dataclass(frozen=True)
class Round:
    """What came of a server in one round: under a load as heavy as can be, and under 64 calls."""

    cpu: float
    full: Load
    calls: Load
    megabytes: float


def report_comparison() -> None:
    """One row a server, each figure with its ratio to the floor's; all were measured in turn, in one run.

    The line speaks as one from a fresh checkout: by the provider's voice, whatever clips were made here.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(ROOT / "prompts", folder / "prompts")
        ours = line(folder / "state", folder / "prompts")
        print(table(*measured([ours, floor(), floor("raw"), *peers()])))


def measured(servers: Sequence[Server]) -> tuple[dict[str, list[Round]], dict[str, float]]:
    """The rounds of each server, by its name, and the seconds from its start to its first answer."""
    starts: dict[str, list[float]] = {server.name: [] for server in servers}
    rounds: dict[str, list[Round]] = {server.name: [] for server in servers}
    requests = webhooks()
    for server in servers:
        with running(server):
            pass  # the line proves its content, once; everybody's files are in the memory of the system
    for server in [*servers] * STARTS:
        with running(server) as run:
            starts[server.name].append(run.seconds)
    with ExitStack() as stack:
        all_ = [(server, stack.enter_context(running(server))) for server in servers]
        for server, run in all_:
            if server.verifies and not refuses(run.address, forged()):
                raise RuntimeError(f"{server.name} takes a forged request")
            put_load(run.address, requests, callers=CALLERS, count=FULL // 10)
        for server, run in all_ * ROUNDS:
            rounds[server.name].append(one_round(run, requests))
    return rounds, {name: median(seconds) for name, seconds in starts.items()}


def one_round(run: Running, requests: Sequence[bytes]) -> Round:
    """One round of one server."""
    before = cpu_seconds(run.pid)
    full = put_load(run.address, requests, callers=CALLERS, count=FULL)
    cpu = (cpu_seconds(run.pid) - before) / FULL
    calls = put_load(run.address, requests, callers=CALLERS, count=CALLS, pause=PAUSE)
    return Round(cpu, full, calls, megabytes(run.pid))


COLUMNS: Sequence[tuple[str, int, Callable[[Round], float]]] = (
    ("CPU a webhook, µs", 0, lambda r: r.cpu * 1e6),
    ("webhooks a second", 0, lambda r: r.full.per_second),
    ("p50, ms", 1, lambda r: r.calls.p50),
    ("p99, ms", 1, lambda r: r.calls.p99),
    ("memory, MB", 0, lambda r: r.megabytes),
)
"""Name, decimal places, and the figure of a round; the median of the rounds is printed."""


def table(rounds: dict[str, list[Round]], starts: dict[str, float]) -> str:
    """A row for each server; of its rounds the median."""

    def figures(name: str) -> list[float]:
        return [median(map(of, rounds[name])) for _, _, of in COLUMNS] + [starts[name]]

    names = [name for name, _, _ in COLUMNS] + ["start to first answer, s"]
    digits = [places for _, places, _ in COLUMNS] + [2]
    base = figures("floor")
    rows = [f"| {name} | {' | '.join(map(cell, figures(name), base, digits))} |" for name in rounds]
    return "\n".join([f"| (to the floor) | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|", *rows])
