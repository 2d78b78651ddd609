"""Threads that answer: a few, and more when those hang."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.connections.connection import Connection

FEW_THREADS, MOST_THREADS = 8, 200
STUCK_SECONDS = 0.2
"""If no thread has taken a request for so long, threads that have been at work as long are taken for hanging."""
STARVED_SECONDS = 5.0
"""If no thread has taken a request for so long, nobody waits for its answer any more."""
SPARE_SECONDS = 30.0
"""A thread that has had nothing to do for so long ends, if there are more than a few."""

_log = logging.getLogger(__name__)


class Workers:
    """Threads that answer requests: a few, and more of them while requests wait because those hang."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Connection | None] = SimpleQueue()
        """What is to be answered; None ends the thread that takes it."""
        self._arrived: deque[float] = deque()
        self._at_work: dict[Connection, float] = {}
        self._lock = threading.Lock()
        self._count = 0
        self._start(FEW_THREADS)

    def add_task(self, connection: Connection) -> None:
        """Answer the first request of a connection. (waitress asks for this name.)"""
        connection.queued = time.monotonic()
        self._arrived.append(connection.queued)
        self._queue.put(connection)

    @property
    def waiting(self) -> bool:
        """Whether there are requests that no thread has taken."""
        return bool(self._arrived)

    def starve(self, now: float) -> bool:
        """Whether requests wait in vain: every thread that there may be hangs, or the machine gives them no time."""
        try:
            return now - self._arrived[0] > STARVED_SECONDS
        except IndexError:  # none waits; a thread may have taken the last one just now
            return False

    def grow(self, now: float) -> None:
        """Start a thread in the place of each that hangs, while requests wait.

        Where they wait because the machine is busy, more threads would only make it busier.
        """
        if self._arrived and now - self._arrived[0] > STUCK_SECONDS:
            stuck = sum(now - since > STUCK_SECONDS for since in self._at_work.copy().values())
            self._start(min(FEW_THREADS + stuck - self._count, len(self._arrived)))

    def replace(self, connection: Connection) -> None:
        """The thread that answers this one hangs: another takes its place, and it ends when it comes back."""
        connection.abandoned = True
        self._at_work.pop(connection, None)
        with self._lock:
            self._count -= 1
        self._start(1)

    def close(self) -> None:
        """Let each thread end once it has nothing more to answer; one that hangs is left behind."""
        for _ in range(self._count):
            self._queue.put(None)

    def _start(self, more: int) -> None:
        for _ in range(more):
            with self._lock:
                if self._count >= MOST_THREADS:
                    return
                self._count += 1
            try:
                threading.Thread(target=self._work, name="answers", daemon=True).start()
            except RuntimeError:  # the system gives no more threads
                with self._lock:
                    self._count -= 1
                return

    def _work(self) -> None:
        while connection := self._next():
            self._arrived.popleft()
            self._at_work[connection] = time.monotonic()
            try:
                connection.service()
            except BaseException:  # noqa: BLE001 - sys.exit() in a view must not cost a thread
                _log.exception("a request was not answered")
                connection.cancel()
                connection.loop.wake()
            self._at_work.pop(connection, None)
            if connection.abandoned:
                return

    def _next(self) -> Connection | None:
        while True:
            try:
                return self._queue.get(timeout=SPARE_SECONDS)
            except Empty:
                with self._lock:
                    if self._count > FEW_THREADS:
                        self._count -= 1
                        return None
