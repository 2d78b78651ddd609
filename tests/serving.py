"""Applications, served over real HTTP as the product serves them, in a thread of this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING

from ivr.connections.connection import Limits
from ivr.connections.loop import Loop
from tests.limits import PATIENCE

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def served(app: WSGIApplication, limits: Limits | None = None, port: int = 0) -> Iterator[str]:
    """An application, served as the product serves; its address. `port`: 0 for any that is free.

    The development server of the framework leaves a file open where a browser drops the connection.
    """
    listening, over = SimpleQueue[tuple[Loop, int]](), threading.Event()

    def serve() -> None:
        loop = Loop(limits or Limits())  # made in the thread that turns it
        try:
            listening.put((loop, loop.listen(app, "127.0.0.1", port)))
            while not over.is_set():
                loop.turn()
        finally:
            loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    loop, found = listening.get(timeout=PATIENCE)
    try:
        yield f"http://127.0.0.1:{found}/"
    finally:
        over.set()
        loop.wake()
        thread.join(PATIENCE)
