"""The live face of the line: waitress, and a way to stop it that loses no request."""

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
"""Of a longer body nothing is read; waitress alone would keep a gigabyte of it, for anybody, before it asks us."""
DRAIN_SECONDS = 15
"""As long as the provider waits for an answer."""
MANY, BREATH = 16, 0.001
"""With many connections a turn of the loop is costly; a millisecond's breath lets one turn serve several of them."""
GRACE_SECONDS = 0.5
"""For a request whose connection was made just before we were told to stop."""


class WithoutWords(logging.Formatter):
    """Tells the kind and the places of an error, and never its words: they may quote what a caller sent (rule P1)."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - its name in logging
        kind, _, trace = ei
        places = (f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(trace))
        return f"{kind.__name__} at {' > '.join(places)}"


def log_without_words() -> None:
    """Log to standard error whatever any part of the line, ours or not, has to warn of."""
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutWords("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def serve(app: WSGIApplication, host: str, port: int, ready: Callable[[str, int], None]) -> None:
    """Answer until SIGTERM or SIGINT; then take no new connection, answer what has been asked, and return.

    OSError when the address cannot be had. `ready` is told the address once requests are taken.
    """
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue is no fault: it is answered in its turn
    sockets: dict[int, Any] = {}
    create_server(app, map=sockets, host=host, port=port, threads=THREADS, ident=None, max_request_body_size=BODY_BYTES)
    listeners = [socket for socket in sockets.values() if isinstance(socket, BaseWSGIServer)]
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    ready(host, listeners[0].effective_port)
    gc.freeze()  # the content never changes: it need not be looked through for garbage again and again
    while not stopping:
        _turn(sockets, 0.2)
        if len(sockets) > MANY:
            _accept_all(sockets, listeners)
            time.sleep(BREATH)
    _drain(sockets, listeners)
    listeners[0].task_dispatcher.shutdown()


def _accept_all(sockets: dict[int, Any], listeners: list[BaseWSGIServer]) -> None:
    """Let in everybody who is at the door; waitress alone lets one in at each turn."""
    for listener in listeners:
        before = -1
        while before < (before := len(sockets)) < listener.adj.connection_limit:
            listener.handle_accept()


def _drain(sockets: dict[int, Any], listeners: list[BaseWSGIServer]) -> None:
    """waitress alone would drop what is in its queue and in its buffers."""
    began = time.monotonic()
    _accept_all(sockets, listeners)
    for listener in listeners:
        wasyncore.dispatcher.close(listener)  # its own close() would also close the trigger that wakes the loop
    while (waited := time.monotonic() - began) < DRAIN_SECONDS and (waited < GRACE_SECONDS or _is_busy(sockets)):
        _turn(sockets, 0.05)


def _is_busy(sockets: dict[int, Any]) -> bool:
    channels = [socket for socket in sockets.values() if isinstance(socket, HTTPChannel)]
    return any(channel.requests or channel.request or channel.total_outbufs_len for channel in channels)


def _turn(sockets: dict[int, Any], seconds: float) -> None:
    wasyncore.loop(timeout=seconds, map=sockets, use_poll=True, count=1)
