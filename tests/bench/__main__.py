"""Run every measurement and print a table."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.load import Load, put_load, webhook

ROOT = Path(__file__).parent.parent.parent
URL, TOKEN = "https://line.example.fi", "bench"
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
CALLERS, COUNT, ROUNDS = 64, 12_000, 3


@contextmanager
def running(*words: str, log: str) -> Iterator[tuple[str, int, float]]:
    """A server process: its address, its process id, and the seconds until it said that it answers."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *words], cwd=ROOT, env={**ENVIRONMENT, "IVR_LOG": log}, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    address = re.search(r"http://[\d.]+:\d+", process.stderr.readline())
    assert address
    try:
        yield address[0], process.pid, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(20)


def webhooks() -> list[bytes]:
    """The steps of a call, as often as they come in calls: opening, language, menu, hours, transfer, whisper."""
    steps = [
        ("/voice", {}),
        ("/voice/choose_language?about=guidance&t=1795500000", {"Digits": "3"}),
        ("/voice/main_open?lang=en&about=guidance&t=1795500000", {"Digits": "9"}),
        ("/voice/main_open?lang=fi&about=guidance&t=1795500000", {"Digits": ""}),
        ("/voice/opening_hours?lang=sv&about=guidance&t=1795500000", {"Digits": "9"}),
        ("/voice/main_closed?lang=en&about=guidance&t=1795500000", {"Digits": "0"}),
        ("/voice/on_call?lang=en&about=help&t=1795500000", {"DialCallStatus": "no-answer", "DialBridged": "false"}),
        ("/voice/whisper?lang=en&about=help", {}),
    ]
    return [webhook(URL, TOKEN, path, {**FORM, **form}) for path, form in steps]


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def main() -> None:
    """Floor and line in turn, so that a busy machine slows both."""
    requests = webhooks()
    floors, lines = list[Load](), list[Load]()
    with (
        tempfile.TemporaryDirectory() as folder,
        running("tests.bench.floor", log="-") as (floor, _, floor_start),
        running("ivr", "serve", "--port", "0", log=f"{folder}/journal") as (line, pid, start),
    ):
        for _ in range(ROUNDS):
            floors.append(put_load(floor, requests, callers=CALLERS, count=COUNT // ROUNDS))
            lines.append(put_load(line, requests, callers=CALLERS, count=COUNT // ROUNDS))
        megabytes = memory(pid)
    best_floor, best_line = (max(loads, key=lambda load: load.per_second) for loads in (floors, lines))
    print("| what | line | floor | ratio |\n|---|---|---|---|")
    print(
        f"| webhooks a second, {CALLERS} calls at once | {best_line.per_second:.0f} | {best_floor.per_second:.0f} "
        f"| {best_line.per_second / best_floor.per_second:.2f} |"
    )
    for name in ("p50", "p99"):
        ours, theirs = getattr(best_line, name), getattr(best_floor, name)
        print(f"| {name}, ms | {ours:.1f} | {theirs:.1f} | {ours / theirs:.2f} |")
    print(f"| memory after the load, MB | {megabytes:.0f} | | |")
    print(f"| start to first answer, s | {start:.2f} | {floor_start:.2f} | {start / floor_start:.2f} |")


main()
