"""A real `ivr serve` that a test breaks and mends, the provider that rings it, and the operator who watches it."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ivr.content.load import load
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.phone.network.events import Bridged, Event, FallbackAsked, RequestFailed, Ringing, Said, Spoken
from ivr.speech.espeak import Espeak
from ivr.speech.render import build, jobs
from tests.conftest import ROOT, WORKER
from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE, until

URL, TOKEN = "https://line.example.fi", "a-token-of-the-tests"
ACCOUNT = "AC" + "0" * 32
OURS, ON_CALL, INSTRUCTOR, PUBLIC = "+358753250000", "+358401234502", "+358401234501", "+358400291141"
ENVIRONMENT = {
    "TWILIO_AUTH_TOKEN": TOKEN,
    "IVR_PUBLIC_URL": URL,
    "IVR_CALLER_ID": OURS,
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": INSTRUCTOR,
    "IVR_CONTACT_ON_CALL": ON_CALL,
    "IVR_COUNTS": "off",  # a line that counts is tested in tests/live/test_counting.py
    # Everything is looked at often, so that no test waits long for what must happen soon.
    "IVR_SECONDS_LOOK": "0.1",
    "IVR_SECONDS_TELL": "0.1",
    "IVR_SECONDS_ALARM": "0.5",
    "IVR_SECONDS_STEP": "1",
}
CLIPPED = "uk"
"""A language whose only voice is clips."""
NUMBER_112 = ("yksi yksi kaksi", "ett ett två", "one one two", "один один два")
"""112 in the languages of the template."""
CLIPPED_KEY, CLIPPED_LOCALE = "5", "uk-UA"
ADDRESS = re.compile(r"http://[\d.]+:\d+")


@dataclass
class Served:
    """One line in a folder of its own. `start` and `stop` may be called again and again."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ("-m", "tests.faults.planted", "serve")
    process: subprocess.Popen[str] | None = None
    address: str = ""
    operators: str = ""
    told: list[str] = field(default_factory=list)
    """What the line has written to standard error."""
    unread: threading.Event = field(default_factory=threading.Event)
    """Set: nobody reads standard error any more, until the process has ended."""

    @property
    def prompts(self) -> Prompts:
        return Prompts(self.folder / "prompts")

    @property
    def rendered(self) -> Path:
        return self.folder / "audio" / "rendered"

    @property
    def state(self) -> Path:
        return self.folder / "var"

    @property
    def recordings(self) -> Path:
        return self.state / "recordings"

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    def start(self, port: int = 0) -> None:
        """Start, and wait until it answers."""
        self.launch(port)
        self.answers()

    def answers(self) -> None:
        """Wait until it answers."""
        self.address = until(self._answering, lambda: "".join(self.told) or "nothing was said")

    def launch(self, port: int = 0) -> None:
        """Start, and wait for nothing."""
        self.operators = f"127.0.0.1:{free_port()}"
        self.run(sys.executable, *self.words, "--port", str(port), "--metrics", self.operators)

    def run(self, *command: str) -> None:
        """Start a command as this line, and wait for nothing."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
        (self.folder / "plants").mkdir(exist_ok=True)
        env = {
            **clean,
            **ENVIRONMENT,
            "PYTHONPATH": str(ROOT),
            "IVR_SITE": str(self.prompts.folder),
            "IVR_STATE": str(self.state),
            "IVR_LOG": str(self.journal),
            "IVR_PLANTS": str(self.folder / "plants"),
            **self.environment,
        }
        self.told.clear()
        self.process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=env,
            stdout=subprocess.DEVNULL if self.environment.get("IVR_LOG") != "-" else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr
        fcntl.fcntl(process.stderr.fileno(), fcntl.F_SETPIPE_SZ, 4096)  # so that it is soon full if nobody reads
        with process.stderr as said:
            for line in said:
                self.told.append(line)
                if self.unread.is_set():
                    process.wait()

    def _answering(self) -> str:
        assert self.process
        if self.process.poll() is not None:
            raise AssertionError(f"it has ended with {self.process.returncode}: {''.join(self.told)}")
        said = next((line for line in list(self.told) if line.startswith("answering on")), "")
        found = ADDRESS.search(said)
        return found[0] if found else ""

    def signal(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    def stop(self) -> int:
        """TERM, and how it has ended."""
        assert self.process
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)

    def plant(self, name: str) -> None:
        (self.folder / "plants" / name).touch()

    def mend(self, name: str) -> None:
        (self.folder / "plants" / name).unlink(missing_ok=True)

    def health(self) -> dict[str, Any]:
        """What operators read; an alarm of its own if nobody answers."""
        try:
            with urllib.request.urlopen(f"http://{self.operators}/health", timeout=PATIENCE) as reply:
                return dict(json.load(reply))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))
        except OSError:
            return {"status": "down", "alarms": {"down": "nobody answers"}}

    def alarms(self) -> dict[str, str]:
        alarms: dict[str, str] = self.health()["alarms"]
        return alarms

    def swaps(self) -> float:
        """How often new content has been taken since the start."""
        return float(self.health()["counts"]["content_swaps"])

    def closings(self) -> float:
        """How many closings of the office it knows."""
        return float(self.health()["counts"]["closings"])

    def languages(self) -> list[str]:
        """The languages that it offers now."""
        return sorted(self.health()["languages"])

    def public_status(self) -> int:
        """What the public /health answers."""
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=PATIENCE) as reply:  # noqa: S310
                return int(reply.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def content(self) -> Content:
        content = load(self.prompts.folder, today(), self.recordings).content
        assert content
        return content


@dataclass
class Heard:
    """What one caller went through."""

    events: Sequence[Event]

    @property
    def rang(self) -> list[str]:
        return [event.number for event in self.events if isinstance(event, Ringing)]

    @property
    def talked(self) -> bool:
        return any(isinstance(event, Bridged) for event in self.events)

    @property
    def spoken(self) -> list[Spoken]:
        """What the caller heard, in turn."""
        return [event.spoken for event in self.events if isinstance(event, Said) and event.where != "whisper"]

    @property
    def words(self) -> list[str]:
        return [spoken.text for spoken in self.spoken]

    def said_in(self, locale: str) -> list[str]:
        return [spoken.text for spoken in self.spoken if spoken.language == locale]

    @property
    def failed(self) -> list[str]:
        """The attempts of the provider that failed."""
        return [event.words for event in self.events if isinstance(event, RequestFailed)]

    @property
    def fell_back(self) -> bool:
        """Whether the provider went on with the fallback."""
        return any(isinstance(event, FallbackAsked) for event in self.events)

    @property
    def heard_112(self) -> bool:
        return any(number in text for text in self.words for number in NUMBER_112)


GIVEN = deque[int](maxlen=50)
"""The ports that this process was given last: two that are started at once must not have the same."""


def free_port() -> int:
    """A port that nobody has now, and that nobody gets until a process that is being started listens on it.

    It is below those that the kernel gives to whoever asks for any port (from 32768), and of this worker alone.
    """
    while True:
        port = random.randrange(10_000, 32_000, 100) + worker()  # noqa: S311 - guards no secret
        if port in GIVEN:
            continue
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            GIVEN.append(port)
            return port


def worker() -> int:
    """The number of this process among those that share the tests, below 100."""
    return int(os.environ.get(WORKER, "gw0").removeprefix("gw")) % 100


def today() -> date:
    """The day, as the line reads it."""
    return datetime.now(UTC).date()


def noon_zone() -> str:
    """A zone in which it is noon now, so that the office has a day before it and behind it."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+}" if ahead else "Etc/GMT"  # the sign is the other way round there


def there_today() -> date:
    """The day in the office of the template."""
    return datetime.now(ZoneInfo(noon_zone())).date()


def make_template(folder: Path, *languages: str, clipped: Sequence[str] = (CLIPPED,)) -> None:
    """A site in a few languages, open all day, some of which have clips only; the real engine makes them."""
    prompts = Prompts.copied_to(folder, *FIRST, *languages, *clipped)
    prompts.edit("office.yaml", "zone: Europe/Helsinki", f"zone: {noon_zone()}")
    days = (there_today() + timedelta(days=ahead) for ahead in range(2))
    hours = "".join(f'  - {{date: {day}, hours: {{all: "07:00-20:00"}}}}\n' for day in days)
    prompts.edit("office.yaml", "exceptions: []\n", f"exceptions:\n{hours}")
    content = prompts.load(today()).content
    assert content
    script = [utterance for utterance in closed_set(content, today()) if utterance.language in clipped]
    build(jobs(content, script, "offline"), Espeak(), folder / "audio" / "rendered", lambda _job: None)


def make_proved_template(folder: Path, *languages: str) -> None:
    """The same, already proved: a line that starts in a copy of it soon answers."""
    make_template(folder, *languages)
    line = Served(folder)
    line.start()
    try:
        assert line.stop() == 0, "".join(line.told)
    finally:
        line.kill()
    for left in (line.journal, folder / "plants"):
        left.unlink() if left.is_file() else left.rmdir()


@contextmanager
def served(template: Path, folder: Path, **environment: str) -> Iterator[Served]:
    """A line in a copy of the template; it is killed at the end if it still runs."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    line = Served(folder, environment)
    try:
        yield line
    finally:
        line.kill()
