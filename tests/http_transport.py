"""Signed requests over real HTTP, to a line that is served."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from ivr.phone.errors import CarrierError
from ivr.phone.network.transport import Reply

HTTP_TIMEOUT_SECONDS = 15.0  # docs/twilio.md, Requests and answers: the hard limit of every call-related request


class HttpTransport:
    """Real HTTP to `base`, as a proxy of the public URL would send it: with the public Host header."""

    def __init__(self, base: str) -> None:
        self._base = urlsplit(base)
        if self._base.scheme not in {"http", "https"} or not self._base.hostname:
            raise ValueError(f"{base!r} is no address of a server; write it like http://127.0.0.1:8000")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Open a connection, post, read the whole answer, close."""
        public = urlsplit(url)
        target = (public.path or "/") + (f"?{public.query}" if public.query else "")
        connection = self._connect()
        try:
            connection.request("POST", target, body, {**headers, "Host": public.netloc})
            response = connection.getresponse()
            return Reply(
                status=response.status,
                content_type=response.getheader("Content-Type", ""),
                body=response.read(),
                location=response.getheader("Location"),
            )
        except (OSError, HTTPException) as error:
            raise CarrierError(f"{url}: no answer over HTTP ({error!r}); Twilio error 11200") from error
        finally:
            connection.close()

    def _connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self._base.scheme == "https" else HTTPConnection
        return kind(self._base.hostname or "", self._base.port, timeout=HTTP_TIMEOUT_SECONDS)
