"""One canonical JSON line a step: an allow-list of fields, and nothing that tells who called (rule P1)."""

from __future__ import annotations

import hmac
import secrets
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TextIO

import structlog

from ivr.core.call import CallerGone, CallStarted, KeyPressed, NoInput, StepTaken, TransferEnded

EVENTS = {
    CallStarted: "started",
    KeyPressed: "key",
    NoInput: "silence",
    TransferEnded: "transfer_ended",
    CallerGone: "caller_gone",
}


class Journal:
    """Writes the lines; a call to it may raise (a full disk), and the caller of it must not let that end a call.

    A call is named by a keyed hash of its id. The key lives in memory for one day and is then thrown away, so that
    lines of one call belong together and nobody can find out later whose they were.
    """

    def __init__(self, stream: TextIO) -> None:
        self._write = structlog.wrap_logger(
            structlog.WriteLogger(stream),
            processors=[structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer()],
        )
        self._stream = stream
        self._day: date | None = None
        self._key = b""
        self.lost = 0

    def record(self, taken: StepTaken) -> None:
        """Write the line of one step."""
        try:
            self._write.info("step", **self._fields(taken))
        except Exception:
            self.lost += 1
            raise

    def close(self) -> None:
        """Close the file, if it is one of ours."""
        if self._stream is not sys.stdout:
            self._stream.close()

    def _fields(self, taken: StepTaken) -> dict[str, object]:
        return {
            "call": self._hash(taken.call_id, taken.now.date()),
            "node": taken.node,
            "what": EVENTS[type(taken.event)],
            "exit": taken.step.exit,
            "path": taken.step.path,
            "language": taken.step.state.language,
            "about": taken.step.state.about,
            "phone": "open" if taken.phone_open else "closed",
            "ms": round(taken.took, 2),
            "second": int(taken.now.timestamp()) - taken.started,
        }

    def _hash(self, call_id: str, today: date) -> str:
        if today != self._day:
            self._day, self._key = today, secrets.token_bytes(32)
        return hmac.new(self._key, call_id.encode("utf-8", "replace"), sha256).hexdigest()[:12]


def open_journal(where: str) -> Journal:
    """A journal on standard output (`-`) or at the end of a file."""
    return Journal(sys.stdout if where == "-" else Path(where).open("a", encoding="utf-8", buffering=1))
