"""A limit on the time of each step: work that hangs costs a thread, never the answer (rule O6)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")

SECONDS = 2.5
"""Longest time of a step; the provider gives up after 4 s (`urls.CONNECTION`)."""
MOST_HUNG = 64
"""So many threads may hang at once; beyond that nothing is begun, and every answer is the emergency document."""


class TookTooLong(Exception):
    """The work has not ended in time, or so much hangs that it was not begun."""


class TimeLimit:
    """Does work in threads of its own and waits for `seconds`, no longer. A thread is kept for the next work."""

    def __init__(self, seconds: float = SECONDS, most_hung: int = MOST_HUNG) -> None:
        self._seconds, self._most_hung = seconds, most_hung
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()
        self.hung = 0
        """How many pieces of work have not ended in time and go on now."""

    def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, or its exception. TookTooLong if it does not end in time."""
        if self.hung >= self._most_hung:
            raise TookTooLong
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = _Worker()
        answer: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
        worker.inbox.put((work, answer))
        try:
            done, value = answer.get(timeout=self._seconds)
        except Empty:
            self._abandon(worker, answer)
            raise TookTooLong from None
        self._idle.append(worker)
        if done:
            return value  # type: ignore[no-any-return]
        raise value

    def _abandon(self, worker: _Worker, answer: SimpleQueue[tuple[bool, Any]]) -> None:
        """Count it as hanging until it ends; then its thread is of use again."""
        with self._lock:
            self.hung += 1

        def wait() -> None:
            answer.get()
            with self._lock:
                self.hung -= 1
            self._idle.append(worker)

        threading.Thread(target=wait, name="hung", daemon=True).start()


class _Worker:
    """A thread that does one piece of work after the other."""

    def __init__(self) -> None:
        self.inbox: SimpleQueue[tuple[Callable[[], Any], SimpleQueue[tuple[bool, Any]]]] = SimpleQueue()
        threading.Thread(target=self._run, name="step", daemon=True).start()

    def _run(self) -> None:
        while True:
            work, answer = self.inbox.get()
            try:
                answer.put((True, work()))
            except BaseException as error:  # noqa: BLE001 - it is raised where the work was asked for
                answer.put((False, error))
            del work, answer  # nothing of a call is kept while the thread waits
