"""Signed requests over real HTTP, to a line that is served."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from ivr.phone.network.transport import AttemptLimits, BrokenReply, LateReply, NoConnection, Reply

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HTTP_TIMEOUT_SECONDS = 15.0  # docs/twilio.md, Requests and answers: the hard limit of every call-related request
USUAL = AttemptLimits()


class HttpTransport:
    """Real HTTP to `base`, as a proxy of the public URL would send it: with the public Host header.

    `by_the_clock`: the limits of an attempt are real seconds, for a test of a line that hangs. Else there is only the
    hard limit, so that a busy machine makes no fault. `unusual`: the length of a body has zeros before it, so that the
    thin entry of the line leaves the request to its Flask views. `tls`: whose certificates an https server may have;
    its certificate must be for the name in the public URL.
    """

    def __init__(
        self, base: str, *, by_the_clock: bool = False, unusual: bool = False, tls: ssl.SSLContext | None = None
    ) -> None:
        self._base = urlsplit(base)
        self._by_the_clock, self._unusual, self._tls = by_the_clock, unusual, tls
        if self._base.scheme not in {"http", "https"} or not self._base.hostname:
            raise ValueError(f"{base!r} is no address of a server; write it like http://127.0.0.1:8000")

    def post(self, url: str, body: bytes, headers: Mapping[str, str], limits: AttemptLimits = USUAL, /) -> Reply:
        """Open a connection, post, read the whole answer, close; NoReply tells how that failed."""
        if not self._by_the_clock:
            limits = AttemptLimits(HTTP_TIMEOUT_SECONDS, HTTP_TIMEOUT_SECONDS, HTTP_TIMEOUT_SECONDS)
        public = urlsplit(url)
        target = (public.path or "/") + (f"?{public.query}" if public.query else "")
        length = str(len(body)).zfill(8 if self._unusual else 1)
        sent = {**headers, "Host": public.netloc, "Content-Length": length}
        connection = self._connected(limits.connect, public.hostname or "")
        try:
            with _at_most(connection.sock, limits.total) as late:
                return _asked(connection, target, body, sent, limits, late)
        finally:
            connection.close()

    def get(self, url: str) -> tuple[int, bytes]:
        """Fetch what anybody may have: status and body. OSError or HTTPException if there is no answer."""
        public = urlsplit(url)
        connection = connected(self._base, HTTP_TIMEOUT_SECONDS, public.hostname or "", self._tls)
        try:
            connection.request("GET", public.path, headers={"Host": public.netloc})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _connected(self, seconds: float, name: str) -> HTTPConnection:
        try:
            return connected(self._base, seconds, name, self._tls)
        except TimeoutError as error:
            raise NoConnection(repr(error)) from error
        except OSError as error:
            raise NoConnection(repr(error), after=0.0) from error


def connected(base: SplitResult, seconds: float, name: str, tls: ssl.SSLContext | None) -> HTTPConnection:
    """A connection to `base`; where that is https, the certificate is that of `name`, or it is an OSError."""
    port = base.port or (443 if base.scheme == "https" else 80)
    connection = HTTPConnection(base.hostname or "", port, timeout=seconds)
    connection.connect()
    if base.scheme == "https":
        context = tls or ssl.create_default_context()
        try:
            connection.sock = context.wrap_socket(connection.sock, server_hostname=name)
        except OSError:
            connection.close()
            raise
    return connection


def _asked(
    connection: HTTPConnection,
    target: str,
    body: bytes,
    headers: Mapping[str, str],
    limits: AttemptLimits,
    late: threading.Event,
) -> Reply:
    connection.sock.settimeout(limits.read)
    try:
        connection.request("POST", target, body, dict(headers))
        response = connection.getresponse()
        reply = Reply(
            status=response.status,
            content_type=response.getheader("Content-Type", ""),
            body=response.read(),
            location=response.getheader("Location"),
        )
    except (OSError, HTTPException) as error:
        if late.is_set():
            raise LateReply("time is over", after=limits.total) from error
        if isinstance(error, TimeoutError):
            raise LateReply(repr(error)) from error
        raise BrokenReply(repr(error)) from error
    if late.is_set():  # http.client takes headers that are cut off for whole ones
        raise LateReply("time is over", after=limits.total)
    return reply


def clips_of(base: str) -> WSGIApplication:
    """The clips of a line that is served, for `Hearing`: an application that fetches them over real HTTP."""
    address = urlsplit(base).netloc

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        connection = HTTPConnection(address, timeout=HTTP_TIMEOUT_SECONDS)
        try:
            connection.request("GET", environ["PATH_INFO"])
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        start(f"{response.status} {response.reason}", [("Content-Type", response.getheader("Content-Type", ""))])
        return [body]

    return app


@contextmanager
def _at_most(sock: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """Cut a connection off after seconds, however many packets come; the event tells that it was cut."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        timer.join()
