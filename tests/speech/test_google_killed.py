"""`ivr audio build` with Google, killed in the middle: the second run finishes, and asks for nothing that was made."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
import wave
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np

from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.speech.clips import seconds_of
from ivr.speech.render import jobs, missing
from tests.conftest import ROOT, TODAY
from tests.limits import PATIENCE, until
from tests.speech.google_stand_in import StandIn, serving

BUILD = """
import sys
from datetime import date
from pathlib import Path
from ivr.content.load import load
from ivr.core.script import closed_set
from ivr.speech.google import Google
from ivr.speech.render import build, jobs, missing
from tests.limits import PATIENCE
from tests.speech.google_stand_in import client_of

target, folder = sys.argv[1], Path(sys.argv[2])
content = load(Path("prompts"), date(2026, 11, 24)).content
wanted = jobs(content, closed_set(content, date(2026, 11, 24)), "google")[:200]
google = Google(client_factory=lambda _endpoint: client_of(target), parallel=4, per_minute=10**6, timeout=PATIENCE)
build(missing(wanted, folder), google, folder, lambda _job: None)
"""


def speech() -> bytes:
    """Half a second of something like speech."""
    at = np.arange(12_000) / 24_000
    samples = (9000 * np.sin(2 * np.pi * 220 * at) * np.sin(2 * np.pi * 4 * at)).astype("<i2")
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setparams((1, 2, 24_000, 0, "NONE", ""))
        sound.writeframes(samples.tobytes())
    return written.getvalue()


def speech_until(many: int, goes_on: threading.Event) -> Callable[[], bytes]:
    """So many answers; those behind them only when it goes on."""
    given = count()

    def answer() -> bytes:
        if next(given) >= many:
            goes_on.wait(PATIENCE)
        return speech()

    return answer


def run(target: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", BUILD, target, str(folder)], cwd=ROOT)


def test_the_second_run_finishes_and_asks_for_nothing_that_was_made(content: Content, tmp_path: Path) -> None:
    wanted = jobs(content, closed_set(content, TODAY), "google")[:200]
    goes_on = threading.Event()
    answer = speech_until(60, goes_on)
    stand_in = StandIn(by_text={job.request.text: answer for job in wanted})
    with serving(stand_in):
        first = run(stand_in.target, tmp_path)
        until(lambda: len(list(tmp_path.glob("*.wav"))) >= 40 or first.poll() is not None)
        first.send_signal(signal.SIGKILL)
        first.wait(PATIENCE)
        goes_on.set()
        made = {job.name for job in wanted if seconds_of(tmp_path / f"{job.name}.wav")}
        asked_before = len(stand_in.requests)
        assert 40 <= len(made) < len(wanted)
        second = run(stand_in.target, tmp_path)
        assert second.wait(PATIENCE) == 0
    assert missing(wanted, tmp_path) == ()
    again = Counter(request.input.text for request in stand_in.requests[asked_before:])
    texts_made = Counter(job.request.text for job in wanted if job.name in made)
    all_texts = Counter(job.request.text for job in wanted)
    # A text may stand in several clips (a slow one, another ending); none is asked for more often than it is missing.
    assert all(count <= all_texts[text] - texts_made[text] for text, count in again.items() if text in all_texts)
