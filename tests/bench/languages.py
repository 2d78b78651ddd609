"""What a webhook costs with all languages, against the same with three."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from tests.bench.load import put_load
from tests.bench.processes import cpu_seconds, megabytes
from tests.bench.servers import line, running, webhooks
from tests.bench.table import row
from tests.content.conftest import FIRST, Prompts

CALLERS, COUNT, ROUNDS = 64, 3_000, 3


def report_languages() -> None:
    """CPU and memory."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        three = Prompts.copied_to(folder / "few", *FIRST).folder
        with running(line(folder / "three", three)) as few, running(line(folder / "all")) as every:
            spent: dict[int, list[float]] = {few.pid: [], every.pid: []}
            for run in (few, every) * ROUNDS:
                before = cpu_seconds(run.pid)
                put_load(run.address, webhooks(), callers=CALLERS, count=COUNT)
                spent[run.pid].append((cpu_seconds(run.pid) - before) / COUNT * 1e6)
            ours, theirs = (median(spent[run.pid]) for run in (every, few))
            print(row("CPU a webhook with ten languages, µs; beside: with three", ours, theirs))
            print(row("memory with ten languages, MB; beside: with three", megabytes(every.pid), megabytes(few.pid)))
