"""`ivr phone --sip` as a process, rung from outside: what it tells, and what it holds open."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.conftest import ROOT
from tests.limits import PATIENCE, until
from tests.sip.ports import files_of, is_free, sockets_of, threads_of

T = TypeVar("T")

DAY, NIGHT = "2026-11-24 10:00", "2026-11-24 23:00"
_READY = re.compile(r"the line is at sip:kemi@(?P<host>[\d.]+):(?P<port>\d+) ")
_SHOWN = re.compile(r"#(?P<call>\d+) +(?P<minutes>\d+):(?P<seconds>\d\d) +(?P<what>.*)")


@dataclass(frozen=True)
class Shown:
    """One line of a transcript. `at`: whole seconds since the call began."""

    call: int
    at: int
    what: str


@dataclass
class TelephoneLine:
    """A running line."""

    process: subprocess.Popen[str]
    told: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._more = threading.Condition()
        streams = ((self.process.stderr, self.told), (self.process.stdout, self.said))
        self._readers = [threading.Thread(target=self._read, args=each) for each in streams]
        for reader in self._readers:
            reader.start()
        self.port = 0

    def await_ready(self) -> None:
        """Wait until it can be rung."""
        ready = self._await(self._ready)
        assert ready
        self.port = int(ready["port"])

    @property
    def address(self) -> str:
        """Where it is reached, as SIPp takes it."""
        return f"127.0.0.1:{self.port}"

    def sip(self, name: str = "kemi") -> str:
        """Its SIP address under a name."""
        return f"sip:{name}@{self.address}"

    def shown(self, call: int) -> list[Shown]:
        """The transcript of a call up to now."""
        found = [_SHOWN.fullmatch(line) for line in [*self.said]]
        return [
            Shown(int(m["call"]), int(m["minutes"]) * 60 + int(m["seconds"]), m["what"])
            for m in found
            if m and int(m["call"]) == call
        ]

    def calls(self) -> set[int]:
        """The numbers of all calls that were shown."""
        return {int(found["call"]) for line in [*self.said] if (found := _SHOWN.fullmatch(line))}

    def what(self, call: int) -> list[str]:
        """The same without times."""
        return [shown.what for shown in self.shown(call)]

    def await_shown(self, call: int, what: str, times: int = 1, *, patience: float = PATIENCE) -> None:
        """Wait until a line that begins so stands in the transcript of a call, for some seconds at most."""
        self._await(
            lambda: sum(line.startswith(what) for line in self.what(call)) >= times, f"#{call} {what}", patience
        )

    def held(self) -> tuple[int, int, int]:
        """How many UDP sockets, threads, and files of all kinds it has."""
        process = self.process.pid
        return len(sockets_of(process)["udp"]), threads_of(process), files_of(process)

    def faults(self) -> list[str]:
        """What it has told that it never should."""
        return [line for line in self.told if "Traceback" in line or "broke a rule" in line or "no sound, as" in line]

    def stop(self) -> int:
        """End it as Ctrl-C does, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """End it, however."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def all_told(self) -> str:
        """Everything that it has written."""
        return "\n".join([*self.told, *self.said])

    def _read(self, stream: Iterable[str], lines: list[str]) -> None:
        for line in stream:
            with self._more:
                lines.append(line.rstrip("\n"))
                self._more.notify_all()
        with self._more:
            self._more.notify_all()

    def _ready(self) -> re.Match[str] | None:
        return next((found for line in self.told if (found := _READY.search(line))), None)

    def _await(self, there: Callable[[], T], what: str = "the line is ready", patience: float = PATIENCE) -> T:
        def there_or_over() -> T | bool:
            return there() or self.process.poll() is not None

        with self._more:
            self._more.wait_for(there_or_over, patience)
            found = there()
        assert found, f"not {what}:\n{self.all_told()}"
        return found


@contextmanager
def telephone_line(
    site: Path, *, at: str = DAY, contacts: Mapping[str, str] | None = None, more: Sequence[str] = ()
) -> Iterator[TelephoneLine]:
    """A line of a site. `contacts`: name -> SIP address; whoever has none answers at once, as there is no terminal."""
    named = [f"--contact={name}={address}" for name, address in (contacts or {}).items()]
    command = [
        sys.executable,
        "-m",
        "ivr",
        "--site",
        str(site),
        "phone",
        "--sip=127.0.0.1:0",
        f"--at={at}",
        *named,
        *more,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryDirectory(prefix="line.") as folder:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = TelephoneLine(process)
        try:
            line.await_ready()
            yield line
        finally:
            line.close()


@contextmanager
def clean_line(
    site: Path, *, at: str = DAY, contacts: Mapping[str, str] | None = None, more: Sequence[str] = ()
) -> Iterator[TelephoneLine]:
    """The same, which must have left nothing behind when its calls are over, nor when it has ended."""
    with telephone_line(site, at=at, contacts=contacts, more=more) as line:
        before = line.held()
        yield line
        until(lambda: line.held() == before, lambda: f"{before} became {line.held()}\n{line.all_told()}")
        assert line.stop() == 0
        assert not line.faults(), line.all_told()
        assert is_free("127.0.0.1", line.port, socket.SOCK_DGRAM)  # it has listened by UDP only
