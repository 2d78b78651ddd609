"""Whether memory stays where it is, call after call."""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path

from tests.bench.load import send
from tests.bench.processes import megabytes
from tests.bench.servers import calls, line, running
from tests.bench.table import row

FIRST, ALL, STEPS, CALLERS = 2_000, 20_000, 5, 64


def report_memory() -> None:
    """Memory after the last of so many calls, beside that after the first of them."""
    with tempfile.TemporaryDirectory() as folder, running(line(Path(folder))) as run:
        requests = calls(ALL)
        send(run.address, islice(requests, FIRST * STEPS), callers=CALLERS)
        before = megabytes(run.pid, "Pss_Anon")
        send(run.address, requests, callers=CALLERS)
        after = megabytes(run.pid, "Pss_Anon")
    print(row(f"memory of its own after {ALL:,} calls, MB; beside: after the first {FIRST:,}", after, before, 1))
