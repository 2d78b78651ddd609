"""One request over HTTP, whole and in time. No redirect is followed: its headers hold a secret."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import NamedTuple, NoReturn
from urllib.error import URLError
from urllib.request import HTTPErrorProcessor, Request, build_opener

READ_AT_ONCE = 1 << 16
"""Bytes."""


class WebReply(NamedTuple):
    """What was answered. `is_framed`: whether the reply says where it ends, so that a cut would have been noticed."""

    status: int
    reason: str
    headers: Message
    body: bytes
    is_framed: bool

    @property
    def kind(self) -> str:
        """The type of the body, such as text/html."""
        return self.headers.get_content_type()

    @property
    def retry_after(self) -> float | None:
        """Seconds after which to ask again, if it says so: as a number, or as a date (which its own date is before)."""
        said = self.headers.get("Retry-After", "").strip()
        if said.isascii() and said.isdigit():
            return float(said)
        try:
            now = parsedate_to_datetime(self.headers.get("Date", ""))
            return max(0.0, (parsedate_to_datetime(said) - now).total_seconds())
        except (TypeError, ValueError):  # no date, or one of the two without a time zone
            return None


class NoWebReply(Exception):
    """Nothing whole was answered; the message says why. `may_pass`: whether to ask again may help."""

    def __init__(self, why: str, *, may_pass: bool = True) -> None:
        super().__init__(why)
        self.may_pass = may_pass


class _AnyStatus(HTTPErrorProcessor):
    """Hands every answer on as it is, where urllib would follow a redirect, or raise."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:  # noqa: ARG002 - urllib's own
        return response

    https_response = http_response


def ask(
    url: str, headers: Mapping[str, str], body: bytes | None, *, seconds: float, most_bytes: int, method: str = "GET"
) -> WebReply:
    """Ask an address, through the proxy that the environment names, if it names one. Raises NoWebReply.

    `seconds`: how long it may be silent, and how long the body may take. `most_bytes`: of the body.
    """
    request = Request(url, data=body, headers=dict(headers), method=method)  # noqa: S310 - the caller's own scheme
    try:
        with build_opener(_AnyStatus).open(request, timeout=seconds) as reply:
            content, is_framed = _body(reply, seconds, most_bytes)
            return WebReply(reply.status, reply.reason, reply.headers, content, is_framed)
    except IncompleteRead:
        raise NoWebReply("its answer was cut off") from None
    except (OSError, HTTPException) as error:
        _explain(error, seconds)


def _body(reply: HTTPResponse, seconds: float, most_bytes: int) -> tuple[bytes, bool]:
    """The body, and whether its end was told. `read1` does not say itself that a body is shorter than promised."""
    promised = reply.length
    late, body = time.monotonic() + seconds, bytearray()
    while promised is None or len(body) < promised:
        part = reply.read1(READ_AT_ONCE)
        body += part
        if len(body) > most_bytes:
            raise NoWebReply(f"its answer has more than {most_bytes} bytes", may_pass=False)
        if not part:
            break
        if time.monotonic() > late:
            raise NoWebReply(f"its answer is not whole after {seconds:g} s")
    if promised is not None and len(body) < promised:
        raise NoWebReply(f"its answer was cut off: {len(body)} of {promised} bytes")
    return bytes(body), promised is not None or bool(reply.chunked)


def _explain(error: OSError | HTTPException, seconds: float) -> NoReturn:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        raise NoWebReply(f"it says nothing for {seconds:g} s") from None
    if isinstance(reason, ssl.SSLCertVerificationError):
        raise NoWebReply(f"its certificate is not trusted ({reason.verify_message})", may_pass=False) from None
    if isinstance(reason, socket.gaierror):
        raise NoWebReply("its name is not known") from None
    words = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason) or type(reason).__name__
    raise NoWebReply(f"no answer comes ({words})") from None
