"""One connection: what it waits for, and whether it keeps the line waiting."""

from __future__ import annotations

import logging
import socket
import threading
import time
from dataclasses import dataclass
from selectors import EVENT_READ, EVENT_WRITE
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.channel import HTTPChannel

from ivr.connections.answer import AnswerTask

if TYPE_CHECKING:
    from ivr.connections.loop import ListeningSocket, Loop

BODY_BYTES = 64 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How long a connection may keep the line waiting, how many there may be, and how much each may send.

    In seconds of the monotonic clock, `whole`: to send a whole request, and between two bytes of an answer that it
    takes; `idle`: from an answer to the next request; proxies keep connections for one or two minutes, and one that we
    close first can lose a request.
    `body`: the longest body of a request, in bytes; a webhook has a few hundred.
    """

    whole: float = 5.0
    idle: float = 150.0
    connections: int = 1000
    body: int = BODY_BYTES


class Connection(HTTPChannel):  # type: ignore[misc]
    """One connection. waitress moves bytes; this says what the loop has to watch it for, and whether it is late."""

    task_class = AnswerTask

    def __init__(self, server: ListeningSocket, sock: socket.socket, address: Any) -> None:
        self.loop: Loop = server.loop
        self.since = time.monotonic()
        """When it began to keep us waiting."""
        self.queued = self.since
        """When the request that is answered had come; limits count from then, also while no thread was free."""
        self._answers = 0
        self.abandoned = False
        """The thread that answers it was given up, and another has its place."""
        self._parked = False
        """Its next request waits until it has taken the last answer: a peer that reads nothing fills no memory."""
        self.watched = 0
        super().__init__(server, sock, address, server.adj, map=server._map)
        self.loop.watch(self, EVENT_READ)

    # What the loop calls, in its own thread.

    def ready(self, fired: int) -> None:
        """Read or write, as the selector says that it can be done."""
        if self.socket is None:
            return  # closed a moment ago, in the same turn
        wanted = self._wanted()
        if fired & ~wanted:
            self.loop.watch(self, wanted)
        if fired & wanted & EVENT_READ:
            wasyncore.read(self)
        if fired & wanted & EVENT_WRITE and self.socket is not None:
            wasyncore.write(self)
        self.settle()

    def settle(self) -> None:
        """Tell the loop what there is to watch and whether a thread is at work, after either may have changed."""
        if self.socket is None:
            self.loop.at_work.discard(self)
            return
        with self.requests_lock:  # service() changes both under this lock
            if self._parked and not self.total_outbufs_len:
                self._parked = False
                self.loop.workers.add_task(self)
            if self.in_work:
                self.loop.at_work.add(self)
            else:
                self.loop.at_work.discard(self)
            wanted = self._wanted()
        if wanted & ~self.watched:  # what is watched in vain is found out when it fires, which is rare
            self.loop.watch(self, wanted)

    def _wanted(self) -> int:
        return (EVENT_READ if self.readable() else 0) | (EVENT_WRITE if self.writable() else 0)

    @property
    def in_work(self) -> bool:
        """Whether a thread has a request of it to answer."""
        return bool(self.requests) and not self._parked

    @property
    def keeps_us_waiting(self) -> bool:
        """Whether it is the peer's turn: to send, or to take an answer."""
        return not self.in_work or bool(self.total_outbufs_len)

    @property
    def owes_something(self) -> bool:
        """Whether part of a request has come, or part of an answer has not been taken."""
        return self.request is not None or bool(self.total_outbufs_len)

    def is_late(self, now: float, limits: Limits) -> bool:
        """Whether it has kept us waiting for too long."""
        if not self.outbuf_lock.acquire(blocking=False):
            return False  # a thread is just writing an answer
        try:
            idle = self._answers and not self.owes_something
            return self.keeps_us_waiting and now - self.since > (limits.idle if idle else limits.whole)
        finally:
            self.outbuf_lock.release()

    # What waitress calls.

    def received(self, data: bytes) -> bool:
        if self._answers and self.request is None:
            self.since = time.monotonic()
        return bool(super().received(data))

    def send_continue(self) -> None:
        if self.request.error:  # too long: 413 at once; waitress would answer 100 and take the body
            self.request.expect_continue = False
        else:
            super().send_continue()

    def _flush_some(self, do_close: bool = True) -> bool:
        sent = bool(super()._flush_some(do_close))
        if sent and self.request is None:
            self.since = time.monotonic()
        return sent

    def park(self) -> bool:
        """Whether the next request has to wait until the last answer is taken; if so, it will be queued then."""
        self._parked = bool(self.total_outbufs_len)
        return self._parked

    def service(self) -> None:
        self._answers += 1
        self.since = time.monotonic()
        super().service()
        if self.close_when_flushed or not self.watched & EVENT_READ:
            self.loop.wake()  # else nothing changes for the loop: the next request is watched for already

    def close_after_answer(self) -> None:
        """Close when all that was written has been taken; any thread may ask for it."""
        with self.requests_lock:
            self.close_when_flushed = True
        self.loop.wake()

    def write_soon(self, data: Any) -> int:
        if not self.total_outbufs_len:
            self.since = time.monotonic()
        written = int(super().write_soon(data))
        if self.total_outbufs_len or self.will_close:
            self.loop.wake()
        return written

    def handle_error(self) -> None:
        _log.exception("a connection failed")  # waitress would quote what was sent (rule P1)
        self.handle_close()

    def handle_close(self) -> None:
        if threading.get_ident() == self.loop.thread:
            super().handle_close()
        else:  # the loop must not find a descriptor gone that it is about to use
            self.will_close = True
            self.loop.wake()

    def del_channel(self, map: Any = None) -> None:
        self.loop.watch(self, 0)
        super().del_channel(map)
