"""A whole office: two processes of its line, its pages and its people, by a clock that a test sets (libfaketime)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.core.hours import public_holidays
from tests.conftest import ROOT
from tests.content.conftest import Prompts
from tests.faults.served import ENVIRONMENT, Served
from tests.limits import PATIENCE, until
from tests.tools import FETCHED

CLOCK = "clock"
"""The file by which the clock is set."""
HELSINKI = ZoneInfo("Europe/Helsinki")
LIBRARY = "usr/lib/*/faketime/libfaketimeMT.so.1"
ADDRESS = re.compile(r"http://[\d.]+:\d+")
LINK = re.compile(r"http\S+/invitation/\S+")
SPARES = {"IVR_SPARE_SOCIAL_INSTRUCTOR": "mobile 2:+358401234577", "IVR_SPARE_ON_CALL": "duty officer:+358401234588"}


def libfaketime() -> Path:
    """The library by which a program has another clock. A test that needs it fails where it is missing."""
    found = [*Path("/").glob(LIBRARY), *(FETCHED.parent / "faketime").glob(LIBRARY)]
    assert found, "libfaketime is missing: `make tools` brings it (on Debian, as root)"
    return found[0]


def a_working_day() -> date:
    """The next day that is a working day and is followed by one: browsers keep no cookie of a day that is long past."""
    day = datetime.now(HELSINKI).date() + timedelta(days=1)
    while not all(_is_working_day(each) for each in (day, day + timedelta(days=1))):
        day += timedelta(days=1)
    return day


def _is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in public_holidays("FI", day.year)


@dataclass
class Town:
    """`day`: the day that it is there. Each line answers at an address of its own; `pages`: where the staff go."""

    folder: Path
    day: date
    lines: tuple[Served, Served]
    environment: dict[str, str]
    pages: str = ""
    links: dict[str, str] = field(default_factory=dict)

    def set_clock(self, hour: int, minute: int = 0, second: int = 0) -> None:
        """From now on it is this time there, and goes on from it."""
        set_clock(self.folder, self.day, hour, minute, second)

    def ivr(self, *words: str) -> str:
        """Run a command there, and give what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "ivr", *words],
            cwd=self.folder,
            env=self._env(),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def _env(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
        return clean | ENVIRONMENT | {"PYTHONPATH": str(ROOT)} | self.environment

    def start_pages(self) -> subprocess.Popen[str]:
        told = self.folder / "pages.told"
        with told.open("w", encoding="utf-8") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "ivr", "office", "--port", "0"],
                cwd=self.folder,
                env=self._env(),
                stdout=said,
                stderr=said,
                text=True,
            )

        def address() -> re.Match[str] | None:
            written = told.read_text(encoding="utf-8")
            assert process.poll() is None, written
            return ADDRESS.search(written) if "answering on" in written else None

        found = until(address, lambda: told.read_text(encoding="utf-8"))
        assert found
        self.pages = found[0]
        return process


def prepare(folder: Path, add: Callable[[Path], None], *languages: str) -> None:
    """A site whose rules a line has proved, so that those in copies of it soon answer; `add`: what else is in it."""
    Prompts.copied_to(folder, *languages)
    add(folder)
    line = Served(folder, _environment(folder), ("-m", "ivr", "serve"))
    set_clock(folder, a_working_day(), 8, 10)
    line.start()
    try:
        assert line.stop() == 0, "".join(line.told)
    finally:
        line.kill()


def set_clock(folder: Path, day: date, hour: int, minute: int, second: int = 0) -> None:
    """From now on it is this time for all that runs in a folder, and goes on from it."""
    there = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=HELSINKI)
    new = folder / "clock.new"
    new.write_text(f"{there.timestamp() - time.time():+.3f}", encoding="ascii")
    new.replace(folder / CLOCK)


def _environment(folder: Path) -> dict[str, str]:
    return {
        "LD_PRELOAD": str(libfaketime()),
        "FAKETIME_TIMESTAMP_FILE": str(folder / CLOCK),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # what waits for seconds waits for real ones
        "NO_FAKE_STAT": "1",
        "IVR_SITE": str(folder / "prompts"),
        "IVR_STATE": str(folder / "var"),
        "IVR_SECONDS_STEP": "10",
        **SPARES,
    }


@contextmanager
def town(prepared: Path, folder: Path, **environment: str) -> Iterator[Town]:
    """A town at ten past eight on a working day, with Anna, who leads, and Bea, who have links to set a password."""
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    env = _environment(folder) | environment
    one, two = (Served(folder, env, ("-m", "ivr", "serve")) for _ in range(2))
    found = Town(folder, a_working_day(), (one, two), env)
    found.set_clock(8, 10)
    pages = None
    try:
        for line in found.lines:
            line.launch()
        for line in found.lines:
            line.answers()
        pages = found.start_pages()
        for name, words in {"Anna": ["--leader"], "Bea": []}.items():
            link = LINK.search(found.ivr("staff", "add", name, *words))
            assert link
            found.links[name] = ADDRESS.sub(found.pages, link[0])
        yield found
    finally:
        if pages:
            pages.terminate()
            pages.wait(PATIENCE)
        for line in found.lines:
            line.kill()
