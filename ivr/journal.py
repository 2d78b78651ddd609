"""The journal: one JSON line for each step, with a fixed list of fields and nothing that identifies a caller (P1).

docs/journal.md tells what each field can be.
"""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import select
import stat
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from math import inf
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Protocol

from ivr.call_names import CallNames
from ivr.core.call import CallerGone, CallStarted, KeyPressed, NoInput, StepTaken, TransferEnded
from ivr.files import STDERR, STDOUT, has_room

log = logging.getLogger(__name__)

ENCODE = json.JSONEncoder(ensure_ascii=False).encode
MOST_WAITING = 10_000
"""Lines that wait while they cannot be written, about 10 MB; further ones are lost."""
GATHER_SECONDS = 0.05
"""How long the writer waits for more lines, so that it does not wake for each and slow the answers."""
RETRY_SECONDS = 0.5
"""How long the writer waits before it tries again what could not be written."""
CLOSE_SECONDS = 1.0
"""Longest time to close: a process ends within 8 s whatever its log does (rule O6)."""
TELL_SECONDS = 60
"""Shortest time between two messages about lost lines."""
ROOM_SECONDS = 0.1
MODE = 0o640
EVENTS = {
    CallStarted: "started",
    KeyPressed: "key",
    NoInput: "silence",
    TransferEnded: "transfer_ended",
    CallerGone: "caller_gone",
}


class Output(Protocol):
    """Where the lines go."""

    def write(self, lines: bytes) -> int:
        """Append whole lines; how many bytes were written, 0 if there is no room yet. OSError if that fails."""

    def close(self) -> None:
        """Close it; a file is opened again by the next `write`."""


class Journal:
    """Writes the lines in a thread of its own, so that neither a slow nor a full disk delays an answer.

    Lines that cannot be written wait, and are tried again. `lost` counts those that never will be: too many waited, or
    it was closed. `failing`: lines cannot be written, or were lost since all that waited was last written. `warnings`:
    to be shown at start.
    """

    def __init__(
        self,
        output: Output | io.TextIOBase,
        state: Path | None = None,
        *,
        most_waiting: int = MOST_WAITING,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self._output = _InMemory(output) if isinstance(output, io.TextIOBase) else output
        self._names = CallNames(state, _tell)
        self._most_waiting = most_waiting
        self.warnings = warnings
        self.lost = 0
        self.failing = False
        self._counting = Lock()
        self._told, self._quiet_until, self._reason = 0, 0.0, ""
        self._waiting: SimpleQueue[tuple[StepTaken, datetime] | None] = SimpleQueue()  # None wakes the writer
        self._taken: deque[tuple[StepTaken, datetime]] = deque()  # from the queue, not yet lines
        self._lines: list[bytes] = []  # not yet written
        self._closing, self._deadline, self._given_up = Event(), 0.0, False
        self._reopening = False
        self._writer = Thread(target=self._run, name="journal", daemon=True)
        self._writer.start()

    def record(self, taken: StepTaken) -> None:
        """Queue the line of one step; it is written soon after. Never waits: it is lost if too many wait already."""
        waiting = self._waiting.qsize() + len(self._taken) + len(self._lines)
        if self._closing.is_set() or waiting >= self._most_waiting:
            self._lose(1, "too many are waiting")
        else:
            self._waiting.put((taken, datetime.now(UTC)))

    def reopen(self) -> None:
        """Open the file anew, soon after; a signal handler may call it."""
        self._reopening = True
        self._waiting.put(None)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Write what waits and end, within some seconds whatever the disk or the reader does; the rest is lost."""
        self._deadline = time.monotonic() + seconds / 2
        self._quiet_until = inf  # told once, at the end
        self._closing.set()
        self._waiting.put(None)
        self._writer.join(seconds * 0.8)
        self._given_up = True  # a disk that hangs: the thread is left behind, and ends with the process
        self._writer.join(seconds * 0.2)
        left = len(self._taken) + len(self._lines)
        while not self._waiting.empty():
            left += self._waiting.get() is not None
        self._lose(left, "the journal was closed")
        if not self._writer.is_alive():
            self._output.close()
            self._quiet_until = 0
            self._tell_lost()

    # --- the writer's thread --------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._names.delete_old(datetime.now(UTC).date())
        while not (self._given_up or (self._closing.is_set() and self._waiting.empty())):
            self._gather()
            self._reopen_if_asked()
            self._handle()

    def _gather(self) -> None:
        waiting = [self._waiting.get()]
        self._closing.wait(GATHER_SECONDS)
        while not self._waiting.empty():
            waiting.append(self._waiting.get())
        self._taken.extend(one for one in waiting if one)

    def _handle(self) -> None:
        unwritable, why = 0, ""
        while self._taken and not self._given_up:
            try:
                self._lines.append(f"{self._line(*self._taken[0])}\n".encode("utf-8", "replace"))
            except Exception as error:  # noqa: BLE001 - whatever breaks, the next lines are written
                unwritable, why = unwritable + 1, type(error).__name__
            self._taken.popleft()
        self._write()
        self._lose(unwritable, why)
        self._tell_lost()

    def _write(self) -> None:
        """Write the lines, however often it takes; when closing until the deadline or the first failure."""
        if not self._lines:
            return
        while self._lines and not self._given_up:
            last, failure = self._closing.is_set(), ""
            try:
                self._write_some()
            except Exception as error:  # noqa: BLE001 - whatever breaks, it is tried again
                failure = type(error).__name__  # never its text, rule P1
                self._cannot_write(failure)
            if last and (failure or time.monotonic() > self._deadline):
                break
            if failure:
                self._closing.wait(RETRY_SECONDS)
            self._tell_lost()
        if not self._given_up:
            self.failing = False
            lines, self._lines = self._lines, []
            self._lose(len(lines), failure or "nobody reads them")

    def _write_some(self) -> None:
        self._reopen_if_asked()
        # A pipe takes so many bytes whole or not at all (POSIX, PIPE_BUF).
        chunk, size = self._lines[:1], len(self._lines[0])
        for line in islice(self._lines, 1, None):
            if (size := size + len(line)) > select.PIPE_BUF:
                break
            chunk.append(line)
        lines = b"".join(chunk)
        written = self._output.write(lines)
        if not self._given_up:
            del self._lines[: lines[:written].count(b"\n")]

    def _reopen_if_asked(self) -> None:
        if self._reopening:
            self._reopening = False
            self._output.close()

    def _cannot_write(self, failure: str) -> None:
        if not self.failing:
            _tell(f"the journal cannot be written: {failure}")
        self.failing = True

    def _lose(self, lines: int, reason: str) -> None:
        if lines:
            with self._counting:
                self.lost, self.failing, self._reason = self.lost + lines, True, reason

    def _tell_lost(self) -> None:
        if self.lost > self._told and time.monotonic() >= self._quiet_until:
            lost, self._quiet_until = self.lost, time.monotonic() + TELL_SECONDS
            _tell(f"{lost - self._told} journal lines are lost: {self._reason}")
            self._told = lost

    def _line(self, taken: StepTaken, at: datetime) -> str:
        fields = {
            "event": "step",
            "timestamp": at.isoformat(timespec="milliseconds"),
            "call": self._names.name(taken.call_id, taken.now),
            "node": taken.node,
            "what": EVENTS[type(taken.event)],
            "exit": taken.step.exit,
            "path": taken.step.path,
            "language": taken.step.state.language,
            "matter": taken.step.state.matter,
            "phone": "open" if taken.phone_open else "closed",
            "ms": round(taken.took, 2),
            "second": taken.second,
        }
        return ENCODE(fields)


class _Descriptor:
    """Standard output, or a file. Nothing is buffered: what is not written when the process ends is not there.

    A file is opened anew when another one, or none, has its name: a log has been rotated.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._descriptor: int | None = None if path else STDOUT
        self._in_a_line = False  # a full disk has taken a part of a line only

    def write(self, lines: bytes) -> int:
        if self._path and self._descriptor is not None and not _is_at(self._path, self._descriptor):
            self.close()
        descriptor = self.opened()
        if not has_room(descriptor, ROOM_SECONDS):
            return 0
        try:
            if self._in_a_line:
                os.write(descriptor, b"\n")
                self._in_a_line = False
            written = os.write(descriptor, lines)
        except BlockingIOError:  # another process was faster
            return 0
        self._in_a_line = written > 0 and not lines[:written].endswith(b"\n")
        return written

    def opened(self) -> int:
        """The descriptor, opened if need be. OSError; one of ENXIO for a pipe that nobody reads, which would wait."""
        if self._descriptor is None and self._path:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY
            self._descriptor = os.open(self._path, flags, MODE)
            self._in_a_line = _ends_in_a_line(self._path)
        return STDOUT if self._descriptor is None else self._descriptor

    def close(self) -> None:
        if self._path and self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            with suppress(OSError):  # what could not be written is known already
                os.close(descriptor)


class _InMemory:
    """A text stream that is no file."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self._stream = stream

    def write(self, lines: bytes) -> int:
        self._stream.write(lines.decode())
        return len(lines)

    def close(self) -> None:
        """It is kept open for whoever reads it."""


def open_journal(where: str, state: Path | None = None) -> Journal:
    """A journal on standard output (`-`) or at the end of a file, which is made with mode 0640.

    `state`: the folder where processes share the key of the day. OSError if the file cannot be opened.
    """
    if where == "-":
        return Journal(_Descriptor(None), state)
    path, warnings = Path(where), list[str]()
    output = _Descriptor(path)
    try:
        status = os.fstat(output.opened())
        if stat.S_ISREG(status.st_mode) and status.st_mode & 0o777 & ~(MODE | stat.S_IXUSR):
            warnings.append("IVR_LOG: others can read or change the journal. Remedy: chmod 640 on that file")
    except OSError as error:
        if error.errno != errno.ENXIO or not path.is_fifo():
            raise
        warnings.append("IVR_LOG is a pipe that nobody reads: lines wait until somebody does. Remedy: start its reader")
    return Journal(output, state, warnings=tuple(warnings))


def _tell(message: str) -> None:
    """Log an error, unless standard error is a pipe that nobody reads: that would wait for ever."""
    if has_room(STDERR, ROOM_SECONDS):
        log.error(message)


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _ends_in_a_line(path: Path) -> bool:
    """Whether a file ends within a line: a process before has met a full disk, or the power was cut."""
    with suppress(OSError):
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file:
                file.seek(-1, os.SEEK_END)
                return file.read() != b"\n"
    return False
