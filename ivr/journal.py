"""The journal: one JSON line for each step, with a fixed list of fields and nothing that identifies a caller (P1)."""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TextIO

from ivr.core.call import CallerGone, CallStarted, KeyPressed, NoInput, StepTaken, TransferEnded

log = logging.getLogger(__name__)

ENCODE = json.JSONEncoder(ensure_ascii=False).encode
GATHER_SECONDS = 0.05
"""How long the writer waits for more lines, so that it does not wake for each and slow the answers."""
EVENTS = {
    CallStarted: "started",
    KeyPressed: "key",
    NoInput: "silence",
    TransferEnded: "transfer_ended",
    CallerGone: "caller_gone",
}


class Journal:
    """Writes the lines in a thread of its own, so that neither a slow nor a full disk delays an answer.

    A call is named by a keyed hash of its id (HMAC-SHA256). The key is kept in memory only and replaced every day: the
    lines of a call belong together, and its id cannot be found by trying ids.
    """

    def __init__(self, stream: TextIO, path: Path | None = None) -> None:
        self._stream, self._path = stream, path
        self._day: date | None = None
        self._keyed = hmac.new(b"", digestmod="sha256")
        self.lost = 0  # lines that could not be written
        self.failing = False  # whether the last line was lost
        self._waiting: SimpleQueue[tuple[StepTaken, datetime] | None] = SimpleQueue()
        self._writer = Thread(target=self._write_all, name="journal", daemon=True)
        self._writer.start()

    def record(self, taken: StepTaken) -> None:
        """Queue the line of one step; it is written soon after."""
        self._waiting.put((taken, datetime.now(UTC)))

    def close(self) -> None:
        """Write every queued line, end the thread, and close the stream unless it is standard output."""
        self._waiting.put(None)
        self._writer.join()
        if self._stream is not sys.stdout:
            with suppress(OSError):
                self._stream.close()

    def _write_all(self) -> None:
        lines: list[tuple[StepTaken, datetime] | None] = []
        while None not in lines:  # None comes from close()
            lines = [self._waiting.get()]
            if None not in lines:
                time.sleep(GATHER_SECONDS)
            while not self._waiting.empty():
                lines.append(self._waiting.get())
            self._write([line for line in lines if line])

    def _write(self, lines: list[tuple[StepTaken, datetime]]) -> None:
        try:
            self._follow_name()
            self._stream.write("".join(f"{self._line(*line)}\n" for line in lines))
            self._stream.flush()
            self.failing = False
        except Exception as error:  # noqa: BLE001 - whatever breaks, the next lines are written
            self.lost, self.failing = self.lost + len(lines), True
            log.error("%d journal lines are lost: %s", len(lines), type(error).__name__)  # noqa: TRY400 - no text, rule P1

    def _follow_name(self) -> None:
        """Open the file anew when another one, or none, has its name: a log has been rotated."""
        if self._path and not (self._path.exists() and os.path.samefile(self._path, self._stream.fileno())):  # noqa: PTH121
            rotated, self._stream = self._stream, self._path.open("a", encoding="utf-8")
            with suppress(OSError):  # what could not be written to the old one is lost already
                rotated.close()

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
    return Journal(sys.stdout) if where == "-" else Journal(Path(where).open("a", encoding="utf-8"), Path(where))
