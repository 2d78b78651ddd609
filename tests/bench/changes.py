"""Starts, the first webhook of a line, and new content under a load (rule O4)."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from statistics import median

from tests.bench.load import Load, put_load
from tests.bench.servers import ROOT, free_port, line, running, webhooks
from tests.bench.table import row
from tests.limits import until

CALLERS, COUNT, PAUSE, STARTS = 64, 2_560, 0.2, 3
"""Eight seconds: a change is live before they are over."""


def swaps(operators: str) -> int:
    """How often new content was taken."""
    with urllib.request.urlopen(f"http://{operators}/health") as reply:
        return int(json.load(reply)["counts"]["content_swaps"])


def report_changes() -> None:
    """Starts with and without a proof to be made, and what a change costs."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        site = folder / "prompts"
        shutil.copytree(ROOT / "prompts", site)
        proved, stamped = list[float](), list[float]()
        for number in range(STARTS):
            for seconds in (proved, stamped):
                with running(line(folder / f"state-{number}", site)) as run:
                    seconds.append(run.seconds)
        what = "start to first answer, s; beside: where this content was proved before"
        print(row(what, median(proved), median(stamped), 2))
        operators = f"127.0.0.1:{free_port()}"
        with running(line(folder / "state-0", site, "--metrics", operators)) as run:
            alone, beside, live = change(run.address, operators, site)
    print(row("a changed office.yaml is live after, under that load, s", live, digits=1))
    print(row("p50 while it is proved, ms; beside: without", beside.p50, alone.p50, 1))
    print(row("p99 while it is proved, ms; beside: without", beside.p99, alone.p99, 1))


def change(address: str, operators: str, site: Path) -> tuple[Load, Load, float]:
    """The load alone, then the load while hours change, and the seconds until they are live."""

    def load() -> Load:
        return put_load(address, webhooks(), callers=CALLERS, count=COUNT, pause=PAUSE)

    alone, found = load(), list[Load]()
    calling = threading.Thread(target=lambda: found.append(load()))
    calling.start()
    office = (site / "office.yaml").read_text(encoding="utf-8")
    began, before = time.perf_counter(), swaps(operators)
    (site / "office.yaml").write_text(office.replace("15:00", "14:30"), encoding="utf-8")
    until(lambda: swaps(operators) > before)
    live = time.perf_counter() - began
    calling.join()
    return alone, found[0], live
