"""Run the measurements and print their tables: all of them, or those that are named."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable

from tests.bench.changes import report_changes
from tests.bench.clips import report_clips
from tests.bench.closings import report_closings
from tests.bench.comparison import report_comparison
from tests.bench.counts import report_counts
from tests.bench.languages import report_languages
from tests.bench.memory import report_memory
from tests.bench.proofs import report_proofs
from tests.bench.table import HEAD

PARTS: dict[str, Callable[[], None]] = {
    "memory": report_memory,
    "clips": report_clips,
    "languages": report_languages,
    "changes": report_changes,
    "proofs": report_proofs,
    "closings": report_closings,
    "counts": report_counts,
}
"""The parts of the second table, in turn: each prints its rows."""
COMPARISON = "comparison"


def machine() -> str:
    """What it ran on, in a line."""
    cores = os.cpu_count() or 1
    return f"{cores} cores, {platform.system()}, Python {platform.python_version()}"


def main() -> None:
    """Print the tables; what is being measured is told on standard error."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=[COMPARISON, *PARTS], help="this part, as often as you like")
    wanted = parser.parse_args().only or [COMPARISON, *PARTS]
    print(f"`make bench` on {machine()}:\n", flush=True)
    if COMPARISON in wanted:
        _told(COMPARISON, report_comparison)
    parts = [name for name in PARTS if name in wanted]
    if parts:
        print(f"\n{HEAD}", flush=True)
    for name in parts:
        _told(name, PARTS[name])


def _told(name: str, report: Callable[[], None]) -> None:
    began = time.monotonic()
    print(f"measuring: {name}", file=sys.stderr, flush=True)
    report()
    sys.stdout.flush()
    print(f"{name} took {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":  # the offline voice starts processes that import this
    main()
