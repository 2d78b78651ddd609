"""The live server: waitress, and a stop that answers every request first."""

from __future__ import annotations

import gc
import logging
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 8
BODY_BYTES = 2**20
"""Longest body that is received; waitress by itself would receive a gigabyte before it calls the application."""
DRAIN_SECONDS = 15
"""Longest time to stop: as long as the provider waits for an answer (docs/twilio.md)."""
MANY_CONNECTIONS, PAUSE_SECONDS = 16, 0.001
"""With many connections one poll is expensive; after a pause, one poll serves several of them."""
GRACE_SECONDS = 0.5
"""Shortest time to stop, for requests on connections that were made just before."""


class WithoutMessages(logging.Formatter):
    """Logs the kind and the places of an error, never its message: it may quote what a caller sent (rule P1)."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - its name in logging
        kind, _, trace = ei
        places = (f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(trace))
        return f"{kind.__name__} at {' > '.join(places)}"


def log_without_words() -> None:
    """Log warnings and errors of every module to standard error, without the messages of exceptions."""
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutMessages("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def serve(app: WSGIApplication, host: str, port: int, ready: Callable[[str, int], None]) -> None:
    """Answer until SIGTERM or SIGINT (no other signal); then take no connection, answer every request, and return.

    `ready` is called with host and port once requests are accepted. OSError if the address cannot be bound.
    """
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns whenever a request has to queue
    sockets: dict[int, Any] = {}
    create_server(app, map=sockets, host=host, port=port, threads=THREADS, ident=None, max_request_body_size=BODY_BYTES)
    listeners = [socket for socket in sockets.values() if isinstance(socket, BaseWSGIServer)]
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for harmless in (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(harmless, signal.SIG_IGN)  # by default each would end the process, and every call with it
    ready(host, listeners[0].effective_port)
    gc.freeze()  # the content never changes: the garbage collector need not scan it
    while not stopping:
        _poll(sockets, 0.2)
        if len(sockets) > MANY_CONNECTIONS:
            _accept_all(sockets, listeners)
            time.sleep(PAUSE_SECONDS)
    _drain(sockets, listeners)
    listeners[0].task_dispatcher.shutdown()


def _accept_all(sockets: dict[int, Any], listeners: list[BaseWSGIServer]) -> None:
    """Accept every pending connection; waitress by itself accepts one at each poll."""
    for listener in listeners:
        before = -1
        while before < (before := len(sockets)) < listener.adj.connection_limit:
            listener.handle_accept()


def _drain(sockets: dict[int, Any], listeners: list[BaseWSGIServer]) -> None:
    """Answer every request that has arrived; waitress by itself would drop its queue and its buffers."""
    began = time.monotonic()
    _accept_all(sockets, listeners)
    for listener in listeners:
        wasyncore.dispatcher.close(listener)  # its own close() would also close the trigger that wakes the loop
    while (waited := time.monotonic() - began) < DRAIN_SECONDS and (waited < GRACE_SECONDS or _is_busy(sockets)):
        _poll(sockets, 0.05)


def _is_busy(sockets: dict[int, Any]) -> bool:
    channels = [socket for socket in sockets.values() if isinstance(socket, HTTPChannel)]
    return any(channel.requests or channel.request or channel.total_outbufs_len for channel in channels)


def _poll(sockets: dict[int, Any], seconds: float) -> None:
    wasyncore.loop(timeout=seconds, map=sockets, use_poll=True, count=1)
