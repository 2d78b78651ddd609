"""One answer: sent in one packet, and in time, or another in its place (rule O6).

An application sets a limit for its answer by the function that it finds in the WSGI environment as `DEADLINE`. No
thread waits for that but the one that answers: the loop looks at its clock.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from waitress.channel import ClientDisconnected
from waitress.task import Task, WSGITask

if TYPE_CHECKING:
    from waitress.parser import HTTPRequestParser

    from ivr.connections.connection import Connection

DEADLINE = "ivr.deadline"
"""Key of a `SetDeadline` in the WSGI environment."""
SENT_SECONDS = 10.0
"""How long a thread that comes too late waits for the other answer to be sent, before it closes the connection."""

_log = logging.getLogger(__name__)


class WsgiReply(NamedTuple):
    """An answer as WSGI has it."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


Instead = Callable[[], WsgiReply]
InTime = Callable[[], bool]
SetDeadline = Callable[[float, Instead], InTime]
"""Sets the limit of this request: so many seconds after it came, `Instead` is called, in another thread, and its reply
is sent.

The application calls the function that it gets as soon as it has its own answer: False if that is too late, and will be
dropped.
"""


def no_deadline(_seconds: float, _instead: Instead) -> InTime:
    """What a `SetDeadline` is where a server has none: nothing is ever late."""
    return _always


def _always() -> bool:
    return True


class Deadlines:
    """The answers that have a limit, and when it is over. Whoever takes one out of it sends its answer, nobody else."""

    def __init__(self) -> None:
        self._waiting: dict[LimitedAnswer, tuple[float, Instead]] = {}

    def begin(self, answer: LimitedAnswer, due: float, instead: Instead) -> None:
        """It may take until then, on the monotonic clock."""
        self._waiting[answer] = (due, instead)

    def end(self, answer: LimitedAnswer) -> bool:
        """It is there; False if that is too late."""
        return self._waiting.pop(answer, None) is not None  # one step for the interpreter: no two threads get it

    def overdue(self, now: float) -> Iterator[tuple[LimitedAnswer, Instead]]:
        """Take out those whose time is over."""
        for answer, (due, instead) in self._waiting.copy().items():
            if now >= due:
                answer.instead_sent = threading.Event()  # before it is taken: its thread may come at any moment
                if self.end(answer):
                    yield answer, instead


class _OnePacket:
    """Sends the header with the beginning of the body: one packet, and half the system calls."""

    channel: Connection
    request: HTTPRequestParser
    complete: bool
    wrote_header: bool

    def say_close(self) -> None:
        """Close after this answer and say so; of `set_close_on_finish` alone, HTTP/1.0 is told the contrary as well."""
        self.request.headers["CONNECTION"] = "close"

    def write(self, data: bytes) -> None:
        if self.wrote_header or not self.complete:
            super().write(data)  # type: ignore[misc]
            return
        channel, parts = self.channel, _Parts(self.build_response_header())  # type: ignore[attr-defined]
        self.wrote_header, self.channel = True, cast("Connection", parts)
        try:
            super().write(data)  # type: ignore[misc]
        finally:
            self.channel = channel
        channel.write_soon(b"".join(parts.written))


class _Parts:
    """Takes what waitress writes."""

    def __init__(self, header: bytes) -> None:
        self.written = [header]

    def write_soon(self, data: bytes) -> int:
        self.written.append(data)
        return len(data)


class _WholeFile:
    """What `wsgi.file_wrapper` makes of a file: all of it, read at once by the thread that answers.

    waitress's own reads while it sends: the loop would wait for the disk, and each peer would hold a file open.
    """

    def __init__(self, file: IO[bytes], _block: int = 0) -> None:
        self._file = file
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        yield self._file.read()


class LimitedAnswer(_OnePacket, WSGITask):  # type: ignore[misc]
    """An answer of the application."""

    instead_sent: threading.Event | None = None
    """Set when another answer was sent; None as long as this one is in time."""
    _timed, _late = False, False

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment."""
        environment: dict[str, Any] = super().get_environment()
        environment["wsgi.file_wrapper"] = _WholeFile
        environment[DEADLINE] = self._set_deadline
        self.environ = None  # which waitress keeps: it would be a circle, and live until the garbage collector comes
        return environment

    def _set_deadline(self, seconds: float, instead: Instead) -> InTime:
        self._timed = True
        self.channel.loop.deadlines.begin(self, self.channel.queued + seconds, instead)
        return self._in_time

    def _in_time(self) -> bool:
        """Whether this answer may be sent; no other one is from now on."""
        if self._timed:
            self._timed, self._late = False, not self.channel.loop.deadlines.end(self)
        return not self._late

    def service(self) -> None:
        """Ask the application, and send its answer."""
        try:
            super().service()
        except BaseException:
            self._drop_if_late()  # else an error page is sent, which is an answer as well
            raise

    def _drop_if_late(self) -> None:
        if not self._in_time():
            if self.instead_sent:
                self.instead_sent.wait(SENT_SECONDS)
            raise ClientDisconnected  # by which waitress drops an answer

    def build_response_header(self) -> bytes:
        """The header; waitress asks for it before anything is sent."""
        self._drop_if_late()
        if self.channel.loop.draining:
            self.say_close()  # so that the peer sends its next request to somebody else
        header: bytes = super().build_response_header()
        return header

    def give_up(self, instead: Instead) -> None:
        """Send the other answer; its making may hang too, so the loop does not wait for it."""
        self.channel.loop.workers.replace(self.channel)
        try:
            threading.Thread(target=self._send_instead, args=(instead,), name="late", daemon=True).start()
        except RuntimeError:  # the system gives no more threads
            self._send_instead(instead)

    def _send_instead(self, instead: Instead) -> None:
        try:
            _Instead(self.channel, self.request, instead()).service()
        except ClientDisconnected:
            pass  # nobody waits for it any more
        except Exception as error:  # noqa: BLE001 - whatever breaks, the connection is closed
            _log.error("an answer was late, and no other could be sent: %s", type(error).__name__)
        finally:
            self.channel.close_after_answer()
            if self.instead_sent:
                self.instead_sent.set()


class _Instead(_OnePacket, Task):  # type: ignore[misc]
    """The other answer, after which the connection is closed: the first one may come at any time."""

    complete = True

    def __init__(self, channel: Connection, request: object, reply: WsgiReply) -> None:
        super().__init__(channel, request)
        self._reply = reply

    def execute(self) -> None:
        self.status, headers, body = self._reply
        self.response_headers = [*headers]
        self.say_close()
        self.content_length = len(body)
        self.write(body)
