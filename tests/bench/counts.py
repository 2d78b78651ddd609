"""What counting adds to a webhook, and to the memory of a line, against one that does not count."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median

from tests.bench.load import send
from tests.bench.processes import cpu_seconds, megabytes
from tests.bench.servers import Server, calls, line, running
from tests.bench.table import row

CALLERS, COUNT, STEPS, PAIRS = 64, 1_200, 5, 9
"""`COUNT`: calls of one turn; each has `STEPS` webhooks, none of which is ever sent again."""
MOST = 60
"""Microseconds that all of counting may add to a webhook, behind its answer too."""


def counts(folder: Path, written: str) -> Server:
    """A line that counts, or does not."""
    server = line(folder)
    return replace(server, environment={**server.environment, "IVR_COUNTS": written})


def report_counts() -> None:
    """CPU in pairs, one after the other, and memory."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with running(counts(folder / "on", "on")) as counting, running(counts(folder / "off", "off")) as plain:
            spent: dict[int, list[float]] = {counting.pid: [], plain.pid: []}
            sent = {pid: calls(COUNT * PAIRS) for pid in spent}
            for run in (counting, plain) * PAIRS:
                before = cpu_seconds(run.pid)
                send(run.address, islice(sent[run.pid], COUNT * STEPS), callers=CALLERS)
                spent[run.pid].append((cpu_seconds(run.pid) - before) / (COUNT * STEPS) * 1e6)
            ours, theirs = spent[counting.pid], spent[plain.pid]
            more = median(one - other for one, other in zip(ours, theirs, strict=True))
            memory, without = megabytes(counting.pid), megabytes(plain.pid)
    print(row("CPU a webhook that is counted, µs; beside: by a line that does not count", median(ours), median(theirs)))
    print(row(f"counting adds to it, µs, median of {PAIRS} pairs; at most {MOST}", more, digits=1))
    print(row("memory of a line that counts, MB; beside: of one that does not", memory, without, 1))
