"""What the SIP stack's library writes to standard error by itself.

It writes there what strangers sent ("unhandled request from ..."), past every log, as it came: a terminal would obey
what stands in it. It also waits there: a terminal that stands still would stop all calls. So it writes into a pipe.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ivr.phone.sip.presentable import presentable

STDERR = 2
PIPE_ENDS_SECONDS = 1.0
"""A program that was started meanwhile may hold the pipe open; it is not waited for longer than this."""


@contextmanager
def native_words(tell: Callable[[str], None]) -> Iterator[None]:
    """Tell each line that native code writes to standard error in a with block; Python's own go where they went.

    `tell` must not block. It is called by a thread of its own.
    """
    kept = os.dup(STDERR)
    reading, writing = os.pipe()
    os.dup2(writing, STDERR)
    os.close(writing)
    # Without a buffer, whose lock a thread would hold that writes to a terminal that stands still: closing would wait.
    own = io.TextIOWrapper(io.FileIO(kept, "w"), errors="backslashreplace", write_through=True)
    before = sys.stderr
    if _is_the_descriptor(before):
        sys.stderr = own
    reader = threading.Thread(target=_read, args=(reading, tell), name="native-words", daemon=True)
    reader.start()
    try:
        yield
    finally:
        sys.stderr = before
        os.dup2(kept, STDERR)
        own.close()
        reader.join(PIPE_ENDS_SECONDS)


def _is_the_descriptor(stream: object) -> bool:
    """Whether a stream writes to standard error itself, and not into a test or a page."""
    try:
        return isinstance(stream, io.TextIOBase) and stream.fileno() == STDERR
    except OSError:
        return False


def _read(reading: int, tell: Callable[[str], None]) -> None:
    with open(reading, "rb", buffering=0) as pipe:
        rest = b""
        while data := pipe.read(4096):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                tell(presentable(line.decode(errors="replace")))
            rest = rest[-4096:]
