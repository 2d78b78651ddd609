"""Run every measurement and print a table."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from ivr.content.load import load
from ivr.core.script import closed_set
from ivr.proof.prove import walk_all
from ivr.speech.clips import seconds_of
from ivr.speech.espeak import Espeak
from ivr.speech.render import build, jobs
from tests.bench.changes import report_changes
from tests.bench.load import Load, download, put_load, webhook
from tests.bench.strangers import report_strangers
from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE

ROOT = Path(__file__).parent.parent.parent
URL, TOKEN = "https://line.example.fi", "a-token"
FORM = {
    "AccountSid": "AC" + "0" * 32,
    "ApiVersion": "2010-04-01",
    "CallSid": "CA" + "0" * 32,
    "CallStatus": "in-progress",
    "Called": "+358753250000",
    "Caller": "+358401234567",
    "Direction": "inbound",
    "From": "+358401234567",
    "FromCity": "",
    "FromCountry": "FI",
    "To": "+358753250000",
}
ENVIRONMENT = {
    "TWILIO_AUTH_TOKEN": TOKEN,
    "IVR_PUBLIC_URL": URL,
    "IVR_CALLER_ID": "+358753250000",
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": "+358401234501",
}
CALLERS, COUNT, ROUNDS, PAUSE = 64, 3_000, 3, 0.2


@contextmanager
def running(
    *words: str, log: str, prompts: Path = ROOT / "prompts", state: Path | None = None
) -> Iterator[tuple[str, int, float]]:
    """A server process: its address, its process id, and the seconds until it said that it answers.

    `state`: where it keeps what was proved; without it every start proves.
    """
    kept = tempfile.TemporaryDirectory()
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**ENVIRONMENT, "IVR_LOG": log, "IVR_SITE": str(prompts), "IVR_STATE": str(state or kept.name)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    address = re.search(r"http://[\d.]+:\d+", process.stderr.readline())
    assert address
    try:
        yield address[0], process.pid, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(PATIENCE)
        kept.cleanup()


class Running(Protocol):
    """`running`, for other parts of the bench."""

    def __call__(
        self, *words: str, log: str, prompts: Path, state: Path
    ) -> AbstractContextManager[tuple[str, int, float]]:
        """Start a server."""


def webhooks() -> list[bytes]:
    """The steps of a call, as often as they come in calls: opening, language, menu, hours, transfer, whisper."""
    steps = [
        ("/voice", {}),
        ("/voice/at/choose_language?matter=guidance&t=1795500000", {"Digits": "3"}),
        ("/voice/at/main_open?lang=en&matter=guidance&t=1795500000", {"Digits": "9"}),
        ("/voice/at/main_open?lang=fi&matter=guidance&t=1795500000", {"Digits": ""}),
        ("/voice/at/opening_hours?lang=sv&matter=guidance&t=1795500000", {"Digits": "9"}),
        ("/voice/at/main_closed?lang=en&matter=guidance&t=1795500000", {"Digits": "0"}),
        ("/voice/at/on_call?lang=en&matter=help&t=1795500000", {"DialCallStatus": "no-answer", "DialBridged": "false"}),
        ("/voice/whisper?lang=en&matter=help", {}),
    ]
    return [webhook(URL, TOKEN, path, {**FORM, **form}) for path, form in steps]


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


@dataclass(frozen=True)
class Measured:
    """What came of the two servers: under a load as heavy as can be, and under 64 calls, denser than any town's."""

    full: Load
    calls: Load
    megabytes: float
    start: float


def measure(address: str, pid: int, start: float, requests: list[bytes]) -> Measured:
    """One round."""
    full = put_load(address, requests, callers=CALLERS, count=COUNT)
    calls = put_load(address, requests, callers=CALLERS, count=COUNT, pause=PAUSE)
    return Measured(full, calls, memory(pid), start)


def make_clips(folder: Path) -> tuple[float, Path]:
    """Every clip by the offline voice, from nothing: seconds of sound for each second, and a clip.

    In a copy of the content they stand for Google's, so that a line speaks by clips.
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
    clip = rendered / f"{wanted[0].name}.wav"
    for job in jobs(content, script, "google"):
        shutil.copy(clip, rendered / f"{job.name}.wav")
    return lasts / took, clip


def report_clips(folder: Path, requests: list[bytes]) -> None:
    """The rows about clips: making them, serving them, and what a webhook costs with them."""
    times, clip = make_clips(folder)
    print(f"| offline voice: seconds of sound made in a second | {times:.0f} | | |")
    fetch = [download(f"/audio/{clip.stem}.wav")]
    with (
        running("tests.bench.floor", str(clip), log="-") as bare,
        running("ivr", "serve", "--port", "0", log=f"{folder}/j1") as spoken,
        running("ivr", "serve", "--port", "0", log=f"{folder}/j2", prompts=folder / "prompts") as clips,
    ):
        best: dict[str, float] = {}
        sent = {
            "served": (clips, fetch),
            "bare": (bare, fetch),
            "clips": (clips, requests),
            "spoken": (spoken, requests),
        }
        for name, (server, what) in [*sent.items()] * ROUNDS:
            load_ = put_load(server[0], what, callers=CALLERS, count=COUNT)
            best[name] = max(best.get(name, 0), load_.per_second)
        for what_, ours, theirs in (
            ("clips served a second; floor: the same bytes from a bare WSGI callable", best["served"], best["bare"]),
            ("webhooks a second with clips; floor: with the provider's voice", best["clips"], best["spoken"]),
            ("memory with clips, MB; floor: without", memory(clips[1]), memory(spoken[1])),
        ):
            print(f"| {what_} | {ours:.0f} | {theirs:.0f} | {ours / theirs:.2f} |")
        report_strangers(clips[0], requests, fetch[0])


def report_languages(folder: Path, requests: list[bytes]) -> None:
    """What a webhook costs with all languages, against the same with three."""
    three = Prompts.copied_to(folder, *FIRST).folder
    with (
        running("ivr", "serve", "--port", "0", log=f"{folder}/j3", prompts=three) as few,
        running("ivr", "serve", "--port", "0", log=f"{folder}/j4") as all_of_them,
    ):
        best = {"few": 0.0, "all": 0.0}
        for name, server in [("few", few), ("all", all_of_them)] * ROUNDS:
            best[name] = max(best[name], put_load(server[0], requests, callers=CALLERS, count=COUNT).per_second)
        for what, ours, theirs in (
            ("microseconds a webhook with ten languages; floor: with three", 1e6 / best["all"], 1e6 / best["few"]),
            ("memory with ten languages, MB; floor: with three", memory(all_of_them[1]), memory(few[1])),
        ):
            print(f"| {what} | {ours:.0f} | {theirs:.0f} | {ours / theirs:.2f} |")


def walk_seconds() -> float:
    """The walk over the real content, by the provider's own writer and reader."""
    content = load(ROOT / "prompts", date.today()).content  # noqa: DTZ011 - which day it is does not matter
    assert content
    began = time.perf_counter()
    walk_all(content, date.today())  # noqa: DTZ011
    return time.perf_counter() - began


def main() -> None:
    """Floor and line in turn, so that a busy machine slows both; the best round of each counts."""
    requests = webhooks()
    floors, lines = list[Measured](), list[Measured]()
    with (
        tempfile.TemporaryDirectory() as folder,
        running("tests.bench.floor", log="-") as floor,
        running("ivr", "serve", "--port", "0", log=f"{folder}/journal") as line,
    ):
        for _ in range(ROUNDS):
            floors.append(measure(*floor, requests))
            lines.append(measure(*line, requests))
    report(max(lines, key=lambda m: m.full.per_second), max(floors, key=lambda m: m.full.per_second))


def report(line: Measured, floor: Measured) -> None:
    """Print the table of the README."""
    rows = [
        (f"webhooks a second, {CALLERS} connections that never pause", line.full.per_second, floor.full.per_second, 0),
        (f"p50, {CALLERS} calls with a step every {PAUSE:g} s, ms", line.calls.p50, floor.calls.p50, 1),
        (f"p99, {CALLERS} calls with a step every {PAUSE:g} s, ms", line.calls.p99, floor.calls.p99, 1),
        ("memory after it, MB", line.megabytes, floor.megabytes, 0),
        ("start to first answer, rules proved, s", line.start, floor.start, 2),
    ]
    print("| what | line | floor | ratio |\n|---|---|---|---|")
    for what, ours, theirs, digits in rows:
        print(f"| {what} | {ours:.{digits}f} | {theirs:.{digits}f} | {ours / theirs:.2f} |")
    print(f"| the walk over all states, s | {walk_seconds():.2f} | | |")
    with tempfile.TemporaryDirectory() as folder:
        report_clips(Path(folder), webhooks())
    with tempfile.TemporaryDirectory() as folder:
        report_languages(Path(folder), webhooks())
    with tempfile.TemporaryDirectory() as folder:
        report_changes(ROOT / "prompts", Path(folder), webhooks(), running)


if __name__ == "__main__":  # the offline voice starts processes that import this
    main()
