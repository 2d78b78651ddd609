"""Clips: making them, serving them by the line and by nginx, and what a webhook costs with them."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from ivr.content.load import load
from ivr.core.script import closed_set
from ivr.speech.clips import seconds_of
from ivr.speech.espeak import Espeak
from ivr.speech.render import build, jobs
from tests.bench.load import download, put_load
from tests.bench.processes import cpu_seconds, megabytes
from tests.bench.servers import ROOT, Running, floor, free_port, line, running, webhooks
from tests.bench.strangers import report_strangers
from tests.bench.table import row
from tests.nginx import Nginx, deployed, nginx

CALLERS, COUNT, ROUNDS, SECONDS = 64, 3_000, 3, 2


@dataclass(frozen=True)
class Made:
    """The site whose line speaks by clips, their folder, one of middle length, and seconds of sound made in one."""

    site: Path
    rendered: Path
    clip: Path
    speed: float


def make_clips(folder: Path) -> Made:
    """Every clip by the offline voice, from nothing, in a copy of the content.

    One of middle length stands for each of Google's too, so that a line speaks by clips.
    """
    content = load(ROOT / "prompts", date.today()).content  # noqa: DTZ011
    assert content
    shutil.copytree(ROOT / "prompts", folder / "prompts")
    rendered = folder / "audio" / "rendered"
    script = closed_set(content, date.today())  # noqa: DTZ011
    wanted = jobs(content, script, "offline")
    began = time.perf_counter()
    build(wanted, Espeak(), rendered, lambda _job: None)
    took = time.perf_counter() - began
    lasts = sum(seconds_of(rendered / f"{job.name}.wav") or 0 for job in wanted)
    by_size = sorted((rendered / f"{job.name}.wav" for job in wanted), key=lambda path: path.stat().st_size)
    clip = by_size[len(by_size) // 2]
    for job in jobs(content, script, "google"):
        shutil.copy(clip, rendered / f"{job.name}.wav")
    return Made(folder / "prompts", rendered, clip, lasts / took)


def report_clips() -> None:
    """All rows about clips, and about strangers who ask for them."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        made = make_clips(folder)
        print(row("offline voice: seconds of sound made in a second", made.speed))
        with running(line(folder / "clips", made.site)) as spoken:
            path = f"/audio/{made.clip.stem}.wav"
            port = urlsplit(spoken.address).port or 0
            listens = free_port()
            own = deployed(folder, [port, port], listens, made.rendered)
            with running(floor("clip", str(made.clip))) as bare, nginx(folder / "nginx", own, listens) as proxy:
                servers: dict[str, Running | Nginx] = {"line": spoken, "bare": bare, "nginx": proxy}
                found: dict[str, list[Fetched]] = {name: [] for name in servers}
                for name, server in [*servers.items()] * ROUNDS:
                    found[name].append(fetch(server.address + path, server.pid))
            speed = {name: median(each.per_second for each in rounds) for name, rounds in found.items()}
            cpu = {name: median(each.cpu for each in rounds) * 1e6 for name, rounds in found.items()}
            bare_what = "the same bytes from a bare WSGI callable"
            print(row(f"clips served a second; beside: {bare_what}", speed["line"], speed["bare"]))
            print(row("clips served a second by nginx; beside: by the line", speed["nginx"], speed["line"]))
            print(row("CPU of nginx for a clip, µs; beside: of the line", cpu["nginx"], cpu["line"], 1))
            report_webhooks(folder, spoken.address, spoken.pid)
            longest = max(made.rendered.glob("*.wav"), key=lambda path: path.stat().st_size)  # no buffer holds many
            report_strangers(spoken.address, webhooks(), download(f"/audio/{longest.stem}.wav"))


def report_webhooks(folder: Path, address: str, pid: int) -> None:
    """What a webhook costs a line that speaks by clips, beside one that speaks by the provider's voice."""
    with running(line(folder / "said")) as said:
        spent: dict[int, list[float]] = {pid: [], said.pid: []}
        for where, process in [(address, pid), (said.address, said.pid)] * ROUNDS:
            before = cpu_seconds(process)
            put_load(where, webhooks(), callers=CALLERS, count=COUNT)
            spent[process].append((cpu_seconds(process) - before) / COUNT * 1e6)
        ours, theirs = (median(spent[process]) for process in (pid, said.pid))
        print(row("CPU a webhook with clips, µs; beside: with the provider's voice", ours, theirs))
        print(row("memory with clips, MB; beside: without", megabytes(pid), megabytes(said.pid)))


@dataclass(frozen=True)
class Fetched:
    """How many clips a second were fetched, and the CPU seconds of the server for each."""

    per_second: float
    cpu: float


def fetch(url: str, pid: int) -> Fetched:
    """Ask for a clip by wrk, whose thread asks faster than nginx's answers. RuntimeError if any is not had."""
    before = cpu_seconds(pid)
    words = ["wrk", "--threads", "1", "--connections", str(CALLERS), "--duration", f"{SECONDS}s", url]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return fetched(told, cpu_seconds(pid) - before)


def fetched(told: str, cpu: float) -> Fetched:
    """What wrk has told. RuntimeError if it tells of errors."""
    if re.search("Socket errors|Non-2xx", told):
        raise RuntimeError(told)
    count, per_second = re.findall(r"(\d+) requests in", told), re.findall(r"Requests/sec: +([\d.]+)", told)
    return Fetched(float(per_second[0]), cpu / int(count[0]))
