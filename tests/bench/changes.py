"""The first webhook of a line, and new content under a load (rule O4)."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.bench.load import Load, put_load
from tests.limits import until

if TYPE_CHECKING:
    from tests.bench.__main__ import Running

CALLERS, COUNT, PAUSE = 64, 2_560, 0.2
"""Eight seconds: a change is live before they are over."""


def first_webhook(address: str, request: bytes) -> float:
    """Milliseconds until the first signed request of a line is answered."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port)) as link:
        began = time.perf_counter()
        link.sendall(request)
        assert link.recv(65536).startswith(b"HTTP/1.1 200")
        return (time.perf_counter() - began) * 1000


def swaps(operators: str) -> int:
    """How often new content was taken."""
    with urllib.request.urlopen(f"http://{operators}/health") as reply:
        return int(json.load(reply)["counts"]["content_swaps"])


def report_changes(prompts: Path, folder: Path, requests: Sequence[bytes], running: Running) -> None:
    """Starts with and without a proof to be made, the first webhook, and what a change costs."""
    site = folder / "prompts"
    shutil.copytree(prompts, site)
    operators = "127.0.0.1:9464"
    words = ("ivr", "serve", "--port", "0", "--metrics", operators)
    with running(*words, log=f"{folder}/j5", prompts=site, state=folder / "state") as (_, _, proved):
        pass
    with running(*words, log=f"{folder}/j6", prompts=site, state=folder / "state") as (address, _, stamped):
        first = first_webhook(address, requests[0])
        alone = put_load(address, requests, callers=CALLERS, count=COUNT, pause=PAUSE)
        found = list[Load]()
        load = threading.Thread(
            target=lambda: found.append(put_load(address, requests, callers=CALLERS, count=COUNT, pause=PAUSE))
        )
        load.start()
        office = (site / "office.yaml").read_text(encoding="utf-8")
        began, before = time.perf_counter(), swaps(operators)
        (site / "office.yaml").write_text(office.replace("15:00", "14:30"), encoding="utf-8")
        until(lambda: swaps(operators) > before)
        live = time.perf_counter() - began
        load.join()
    print(f"| start to first answer; floor: where this content was proved before, s | {proved:.2f} | {stamped:.2f} | |")
    print(f"| the first webhook after the start, ms | {first:.1f} | | |")
    print(f"| a changed office.yaml is live after, under that load, s | {live:.1f} | | |")
    for name, ours, theirs in (("p50", found[0].p50, alone.p50), ("p99", found[0].p99, alone.p99)):
        print(f"| {name} while it is proved, ms; floor: without | {ours:.1f} | {theirs:.1f} | {ours / theirs:.2f} |")
