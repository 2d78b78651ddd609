"""What a webhook costs while closings are in force, against a line without records."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from ivr.core.closing import Change, Closing, StandIn
from ivr.core.office import INSTRUCTOR, PHONE
from ivr.records.closings import Records
from tests.bench.load import put_load
from tests.bench.processes import cpu_seconds, megabytes
from tests.bench.servers import line, running, webhooks
from tests.bench.table import row

CALLERS, COUNT, PAIRS = 64, 6_000, 9
MOST = 10
"""Microseconds that closings may add to a webhook."""
SPARE = {"IVR_SPARE_SOCIAL_INSTRUCTOR": "deputy:+358401234503"}


def make_closings(state: Path) -> None:
    """One that holds now, a number that stands in, and a year of those to come."""
    records, now = Records.open({"IVR_STATE": str(state)}), datetime.now(UTC)
    days = (now + timedelta(days=7 * week) for week in range(52))
    changes: list[Change] = [StandIn(INSTRUCTOR, "deputy", now, now + timedelta(days=1))]
    changes += [Closing(PHONE, day, day + timedelta(days=1)) for day in days]
    for change in changes:
        records.close(change, "other", "Anna", now)


def report_closings() -> None:
    """CPU in pairs, one after the other, and memory."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with_them, without = folder / "with", folder / "without"
        make_closings(with_them)
        servers = [replace(each, environment={**each.environment, **SPARE}) for each in map(line, (with_them, without))]
        with running(servers[0]) as closed, running(servers[1]) as plain:
            spent: dict[int, list[float]] = {closed.pid: [], plain.pid: []}
            for run in (closed, plain) * PAIRS:
                before = cpu_seconds(run.pid)
                put_load(run.address, webhooks(), callers=CALLERS, count=COUNT)
                spent[run.pid].append((cpu_seconds(run.pid) - before) / COUNT * 1e6)
            ours, theirs = spent[closed.pid], spent[plain.pid]
            more = median(one - other for one, other in zip(ours, theirs, strict=True))
            memory, without_any = megabytes(closed.pid), megabytes(plain.pid)
    print(row("CPU a webhook with 52 closings, µs; beside: without records", median(ours), median(theirs)))
    print(row(f"closings add to it, µs, median of {PAIRS} pairs; at most {MOST}", more, digits=1))
    print(row("memory with closings, MB; beside: without records", memory, without_any, 1))
