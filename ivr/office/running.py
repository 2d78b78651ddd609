"""What the pages know of the line: what it serves, without answering calls; and whether its processes are well."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Literal

from ivr.live.processes import serving_processes

ASK_SECONDS = 2.0
"""How long a process of the line is waited for."""
KEPT_SECONDS = 5.0
"""How long what the processes have said is taken for true: every open page asks every few seconds."""

Wellness = Literal["well", "failing", "partly", "down", "unseen"]
"""How the line is: all answer and nothing is wrong; all answer and one has an alarm; some do not answer; none does;
or none is known on this machine."""


class Processes:
    """The processes of the line that have noted themselves in a state folder, asked as anybody may ask them."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._known: tuple[float, Wellness] | None = None

    def __call__(self) -> Wellness:
        """How they are; asked at most every few seconds, by one thread at a time."""
        with self._lock:
            now = time.monotonic()
            if self._known is None or now - self._known[0] >= KEPT_SECONDS:
                self._known = now, self._ask()
            return self._known[1]

    def _ask(self) -> Wellness:
        try:
            # One that was killed leaves its note: it counts among those that do not answer.
            noted = list(serving_processes(self._state))
        except OSError:
            return "unseen"
        if not noted:
            return "unseen"
        told = [_health(each.address) if each.is_alive else None for each in noted]
        if None in told:
            return "partly" if any(told) else "down"
        return "well" if set(told) == {200} else "failing"


def _health(address: str) -> int | None:
    """The status of `/health`: 200 if nothing is wrong; None where nobody answers."""
    connection = HTTPConnection(address, timeout=ASK_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _today() -> date:
    return datetime.now(UTC).date()
