"""The live server: waitress, and a stop that answers every request first."""

from __future__ import annotations

import gc
import logging
import signal
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from ivr.connections.connection import Limits
from ivr.connections.loop import Loop
from ivr.files import STDERR, has_room

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

WHOLE_SECONDS, HALF_SECONDS, JUST_MADE_SECONDS = 5.5, 3.0, 0.5
"""Longest time to stop: for requests that have come whole, for those half sent, for connections that were just made."""
OPERATORS_CONNECTIONS = 50


class NeverWaits(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to standard error, unless it is a pipe that nobody reads: an answer must not wait for it (rule O6)."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line where there is room for it; else it is lost."""
        if has_room(STDERR):
            super().emit(record)


class WithoutMessages(logging.Formatter):
    """Logs the kind and the places of an error, never its message: it may quote what a caller sent (rule P1)."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - its name in logging
        kind, _, trace = ei
        places = (f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(trace))
        return f"{kind.__name__} at {' > '.join(places)}"


def log_without_words() -> None:
    """Log warnings and errors of every module to standard error, without the messages of exceptions."""
    handler = NeverWaits()
    handler.setFormatter(WithoutMessages("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def ignore_harmless() -> None:
    """Let no signal but TERM and INT end this process: by default each would, also while it starts."""
    for harmless in (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(harmless, signal.SIG_IGN)


Address = tuple["WSGIApplication", str, int]
"""An application, and the host and port where it is asked; port 0 is any free one."""


def serve(
    app: WSGIApplication,
    host: str,
    port: int,
    ready: Callable[[str, int], None],
    *,
    also: Iterable[Address] = (),
    on_hup: Callable[[], None] | None = None,
    on_stop: Callable[[], None] | None = None,
    on_turn: Callable[[], None] | None = None,
    limits: Limits | None = None,
) -> None:
    """Answer until SIGTERM or SIGINT; then take no connection, answer every request, and return within six seconds.

    `ready` is called with host and port once requests are accepted, here and at the addresses of `also`; `on_hup` soon
    after each SIGHUP, `on_stop` as soon as the end begins, `on_turn` several times a second, by the thread that watches
    the connections, while requests find threads that answer. Requests wait while these run. No other signal does
    anything. OSError, with the address as `filename`, if one cannot be bound.
    """
    ignore_harmless()
    loop = Loop(limits or Limits())
    come = set[int]()

    def note(number: int, _frame: FrameType | None) -> None:
        come.add(number)
        loop.wake()

    try:
        port = loop.listen(app, host, port)
        for other in also:
            loop.listen(*other, most=OPERATORS_CONNECTIONS)
        for expected in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(expected, note)
        gc.freeze()  # what is there now mostly stays: the garbage collector need not scan it
        ready(host, port)
        while not come & {signal.SIGTERM, signal.SIGINT}:
            loop.turn()
            if loop.answers:
                _call(on_turn)
            if signal.SIGHUP in come:
                come.discard(signal.SIGHUP)
                _call(on_hup)
        _call(on_stop)
        loop.drain(WHOLE_SECONDS, HALF_SECONDS, JUST_MADE_SECONDS)
    finally:
        loop.close()


def _call(asked: Callable[[], None] | None) -> None:
    """Whatever it raises ends no call."""
    try:
        if asked:
            asked()
    except Exception:
        logging.getLogger(__name__).exception("what was to be done meanwhile failed")
