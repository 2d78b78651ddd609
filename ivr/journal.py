"""One canonical JSON line a step: an allow-list of fields, and nothing that tells who called (rule P1)."""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TextIO

from ivr.core.call import CallerGone, CallStarted, KeyPressed, NoInput, StepTaken, TransferEnded

log = logging.getLogger(__name__)

ENCODE = json.JSONEncoder(ensure_ascii=False).encode
GATHER_SECONDS = 0.05

EVENTS = {
    CallStarted: "started",
    KeyPressed: "key",
    NoInput: "silence",
    TransferEnded: "transfer_ended",
    CallerGone: "caller_gone",
}


class Journal:
    """Writes the lines behind the answers, in a thread of its own: neither a slow nor a full disk keeps a caller.

    A call is named by a keyed hash of its id. The key lives in memory for one day and is then thrown away, so that
    lines of one call belong together and nobody can find out later whose they were.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._day: date | None = None
        self._keyed = hmac.new(b"", digestmod="sha256")
        self.lost = 0
        """Lines that could not be written."""
        self._waiting: SimpleQueue[tuple[StepTaken, datetime] | None] = SimpleQueue()
        self._writer = Thread(target=self._write_all, name="journal", daemon=True)
        self._writer.start()

    def record(self, taken: StepTaken) -> None:
        """Have the line of one step written."""
        self._waiting.put((taken, datetime.now(UTC)))

    def close(self) -> None:
        """Write what waits, and close the file if it is one of ours."""
        self._waiting.put(None)
        self._writer.join()
        if self._stream is not sys.stdout:
            self._stream.close()

    def _write_all(self) -> None:
        going_on = True
        while going_on:
            lines = []
            for waiting in self._next_lines():
                if waiting is None:
                    going_on = False
                else:
                    lines.append(waiting)
            self._write(lines)

    def _next_lines(self) -> Iterator[tuple[StepTaken, datetime] | None]:
        """Wait for a line and then a little longer: a thread that wakes for each would slow the answers."""
        first = self._waiting.get()
        yield first
        if first is not None:
            time.sleep(GATHER_SECONDS)
        while not self._waiting.empty():
            yield self._waiting.get()

    def _write(self, lines: list[tuple[StepTaken, datetime]]) -> None:
        try:
            self._stream.write("".join(f"{self._line(*line)}\n" for line in lines))
            self._stream.flush()
        except Exception as error:  # noqa: BLE001 - whatever breaks, the next lines are written
            self.lost += len(lines)
            log.error("%d journal lines are lost: %s", len(lines), type(error).__name__)  # noqa: TRY400 - no text, rule P1

    def _line(self, taken: StepTaken, at: datetime) -> str:
        fields = {
            "event": "step",
            "timestamp": at.isoformat(timespec="milliseconds"),
            "call": self._hash(taken.call_id, taken.now.date()),
            "node": taken.node,
            "what": EVENTS[type(taken.event)],
            "exit": taken.step.exit,
            "path": taken.step.path,
            "language": taken.step.state.language,
            "matter": taken.step.state.matter,
            "phone": "open" if taken.phone_open else "closed",
            "ms": round(taken.took, 2),
            "second": int(taken.now.timestamp()) - taken.started,
        }
        return ENCODE(fields)

    def _hash(self, call_id: str, today: date) -> str:
        if today != self._day:
            self._day, self._keyed = today, hmac.new(secrets.token_bytes(32), digestmod="sha256")
        name = self._keyed.copy()
        name.update(call_id.encode("utf-8", "replace"))
        return name.hexdigest()[:12]


def open_journal(where: str) -> Journal:
    """A journal on standard output (`-`) or at the end of a file."""
    return Journal(sys.stdout if where == "-" else Path(where).open("a", encoding="utf-8"))
