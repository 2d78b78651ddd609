"""The processes of a line on a machine, in the folder of their state: so `ivr doctor` finds them without a setting."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ivr.files import open_ours, write_atomically

FOLDER = "processes"
MOST_BYTES = 4096
MOST_PID = 2**31 - 1
SPOILT = (ValueError, TypeError, RecursionError)
"""What reading a note raises that is none of ours."""


@dataclass(frozen=True)
class ServingProcess:
    """A process that answers calls: its id, where, and where operators ask it (empty: nowhere). `began`: epoch s."""

    pid: int
    host: str
    port: int
    operators: str
    began: float

    @property
    def is_alive(self) -> bool:
        """Whether there is a process with its id; it may be another one by now."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # it is another user's
        return True

    @property
    def address(self) -> str:
        """Where calls are answered, as this machine asks there: HOST:PORT."""
        return asked_here(self.host, self.port)


def asked_here(host: str, port: int) -> str:
    """HOST:PORT at which this machine asks who listens at a host, which may stand for all of its addresses."""
    host = {"": "127.0.0.1", "*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - none is bound
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Presence:
    """The note that this process answers at a port, while it does. One that is killed leaves it: that is told too."""

    def __init__(self, state: Path, operators: tuple[str, int] | None) -> None:
        self._folder = state / FOLDER
        self._operators = asked_here(*operators) if operators and operators[1] else ""
        self._noted: Path | None = None

    def begins(self, host: str, port: int) -> None:
        """It answers from now on. A note of an earlier process at the same port is replaced."""
        here = ServingProcess(os.getpid(), host, port, self._operators, time.time())
        noted = self._folder / f"{port}.json"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(noted, json.dumps(asdict(here)).encode(), mode=0o600)
            self._noted = noted
        except OSError:
            pass  # that nothing can be kept is told at the start; `ivr doctor` will not find this process

    def ends(self) -> None:
        """It answers no more. A note that another process has written since is left."""
        if self._noted is None:
            return
        try:
            if _read(self._noted).pid == os.getpid():
                self._noted.unlink()
        except (OSError, *SPOILT):
            pass  # it is gone, or will be told as that of a process that is gone


def serving_processes(state: Path) -> Iterator[ServingProcess]:
    """Every process that has noted itself and not ended in order, by port. OSError where the notes cannot be read."""
    folder = state / FOLDER
    if folder.is_dir():
        for path in sorted(folder.glob("*.json")):
            try:
                yield _read(path)
            except (FileNotFoundError, *SPOILT):
                continue


def _read(path: Path) -> ServingProcess:
    with open_ours(path) as file:
        written: Any = json.loads(file.read(MOST_BYTES))
    found = ServingProcess(**written)
    kinds = (found.pid, int), (found.host, str), (found.port, int), (found.operators, str), (found.began, float)
    if not all(isinstance(value, kind) for value, kind in kinds):
        raise TypeError("no process")
    if not 0 < found.pid <= MOST_PID:  # 0 and below would ask for a group of processes, more cannot be asked for
        raise ValueError("no id of a process")
    return found
