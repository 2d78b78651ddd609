"""The loop that watches all connections, and the sockets that take new ones."""

from __future__ import annotations

import errno
import heapq
import logging
import os
import resource
import threading
import time
import weakref
from collections.abc import Iterator
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from ivr.connections.connection import Connection, Limits
from ivr.connections.deadline import Deadlines
from ivr.connections.workers import Workers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HEADER_BYTES = 32 * 1024
"""Longest head of a request that is received; an address of ours has a few hundred bytes."""
TICK_SECONDS, QUEUED_TICK_SECONDS = 0.25, 0.05
"""How often the loop looks for connections and answers that are late, and for requests that no thread takes."""
ACCEPTED_AT_ONCE = 64
FILES = 200
"""Descriptors that connections leave to everything else: clips, the journal, the content."""
OPEN_FILES = 4096
"""As many descriptors as we ask for; some systems start a process with 256."""
FULL = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

_log = logging.getLogger(__name__)


class ListeningSocket(TcpWSGIServer):  # type: ignore[misc]
    """One address that is listened on, and its connections (`active_channels`). OSError if it cannot be bound."""

    def __init__(self, loop: Loop, app: WSGIApplication, adjustments: Adjustments, sockinfo: Any, most: int) -> None:
        self.loop, self._most = loop, most
        self.watched = 0
        self._told = False
        super().__init__(app, map={}, dispatcher=loop.workers, adj=adjustments, sockinfo=sockinfo)
        loop.watch(self, EVENT_READ)

    def ready(self, _fired: int) -> None:
        """Accept connections, after all that have sent something were read: they make no room."""
        self.loop.knocked.append(self)

    def accept_some(self) -> bool:
        """Accept connections; whether there may be more of them. Where there are too many, the oldest make room."""
        for accepted in range(ACCEPTED_AT_ONCE):
            try:
                link, address = self.socket.accept()
                self.set_socket_options(link)
                Connection(self, link, address)
            except BlockingIOError:
                return False
            except OSError as error:
                if error.errno not in FULL:
                    continue  # this one is gone already
                if not accepted and not self.loop.draining:  # else nobody may be there: accept() does not look first
                    self._tell(error)
                    self._make_room()
                return False
            if len(self.active_channels) > self._most and not self._make_room():
                return False
        return True

    def _make_room(self) -> bool:
        """Close a tenth: those that have kept us waiting longest. If none does, accept nobody until the next tick."""
        waiting = [connection for connection in self.active_channels.values() if connection.keeps_us_waiting]
        for connection in heapq.nsmallest(max(len(waiting) // 10, 1), waiting, key=lambda each: each.since):
            connection.handle_close()
        if not waiting:
            self.loop.watch(self, 0)
        return bool(waiting)

    def _tell(self, error: OSError) -> None:
        if not self._told:
            _log.warning("cannot accept connections: %s", error.strerror)
            self._told = True

    def close_late(self, now: float, limits: Limits) -> None:
        """Close the connections that have kept us waiting for too long, and accept again."""
        for connection in [*self.active_channels.values()]:
            if connection.is_late(now, limits):
                connection.handle_close()
        if self.accepting and not self.watched:
            self.loop.watch(self, EVENT_READ)

    def add_task(self, task: Connection) -> None:
        if not task.park():
            super().add_task(task)

    def pull_trigger(self) -> None:
        """Nothing: waitress asks after every answer, which would cost a turn each. `Connection` wakes the loop."""

    def stop_listening(self) -> None:
        """Take no connection any more."""
        self.loop.watch(self, 0)
        wasyncore.dispatcher.close(self)


class Loop:
    """Watches every listener and every connection, in the thread that makes it."""

    def __init__(self, limits: Limits) -> None:
        self.thread = threading.get_ident()
        self.workers, self.deadlines = Workers(), Deadlines()
        self.at_work: set[Connection] = set()
        self.knocked: list[ListeningSocket] = []
        self.draining = False
        self._limits = limits
        self._listeners: list[ListeningSocket] = []
        self._selector = DefaultSelector()
        self._woken = False
        self._wakes, self._wake = os.pipe()
        for end in (self._wakes, self._wake):
            os.set_blocking(end, False)
            # Not by `close`: a thread that is left behind may wake it later, by a number that something else has then.
            weakref.finalize(self, os.close, end)
        self._selector.register(self._wakes, EVENT_READ, self._awake)
        self._next_tick = 0.0

    def listen(self, app: WSGIApplication, host: str, port: int, most: int | None = None) -> int:
        """Listen on an address and return its port. OSError, with the address as `filename`, if that cannot be."""
        adjustments: dict[str, Any] = {
            "ident": None, "max_request_header_size": HEADER_BYTES, "max_request_body_size": self._limits.body + 1,
            "clear_untrusted_proxy_headers": False,  # the signature looks at X-Forwarded-Host; nothing trusts it
        }  # fmt: skip
        most = min(most or self._limits.connections, _room_for_connections())
        try:
            adjusted = Adjustments(host=host, port=port, **adjustments)
            added = [ListeningSocket(self, app, adjusted, sockinfo, most) for sockinfo in adjusted.listen]
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"{host}:{port}") from None
        except ValueError:  # what waitress says of a name that it cannot resolve
            raise OSError(errno.EADDRNOTAVAIL, "there is no such address", f"{host}:{port}") from None
        self._listeners += added
        return int(added[0].effective_port)

    @property
    def answers(self) -> bool:
        """Whether requests are taken by threads in time."""
        return not self.workers.starve(time.monotonic())

    def turn(self) -> None:
        """Do what there is to do, or wait for it; at most until the next tick."""
        for key, fired in self._selector.select(QUEUED_TICK_SECONDS if self.workers.waiting else TICK_SECONDS):
            key.data(fired)
        while self.knocked:
            self.knocked.pop().accept_some()
        now = time.monotonic()
        self.workers.grow(now)
        if now >= self._next_tick:
            self._next_tick = now + TICK_SECONDS
            for answer, instead in self.deadlines.overdue(now):
                answer.give_up(instead)
            for listener in self._listeners:
                listener.close_late(now, self._limits)

    def drain(self, whole: float, half: float, just_made: float) -> None:
        """Take no connection any more, and answer what has come: whole requests, half ones, connections just made.

        Each kind has so many seconds, however many there are.
        """
        began = time.monotonic()
        self.draining = True
        for listener in self._listeners:
            while listener.accept_some() and time.monotonic() - began < just_made:
                pass
            listener.stop_listening()
        while any(
            time.monotonic() - began < (whole if each.in_work else half if each.owes_something else just_made)
            for each in self._connections()
        ):
            self.turn()

    def _connections(self) -> Iterator[Connection]:
        for listener in self._listeners:
            yield from [*listener.active_channels.values()]

    def close(self) -> None:
        """Close everything; a thread that hangs is left behind."""
        for connection in self._connections():
            connection.handle_close()
        for listener in self._listeners:
            self.watch(listener, 0)
            listener.close()
        self._selector.close()
        self.workers.close()

    def watch(self, it: Connection | ListeningSocket, events: int) -> None:
        """Watch a socket for these events, and no others."""
        if events == it.watched:
            return
        if not it.watched:
            self._selector.register(it.socket, events, it.ready)
        elif events:
            self._selector.modify(it.socket, events, it.ready)
        else:
            self._selector.unregister(it.socket)
        it.watched = events

    def wake(self) -> None:
        """Begin the next turn now; from any thread, and from a signal handler. Asked often, it writes once."""
        if not self._woken:
            self._woken = True
            os.write(self._wake, b"x")

    def _awake(self, _fired: int) -> None:
        os.read(self._wakes, 4096)
        self._woken = False  # before looking: what changes after this wakes the loop anew
        for connection in [*self.at_work]:
            connection.settle()


def _room_for_connections() -> int:
    """As many as the system gives descriptors for, beside files; asks it for more if it gives few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES:
        soft = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return OPEN_FILES if soft == resource.RLIM_INFINITY else max(soft - FILES, soft // 4)
