"""How a signed request reaches the line: straight into its WSGI app, or over real HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from werkzeug.test import Client

from ivr.phone.errors import CarrierError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HTTP_TIMEOUT_SECONDS = 15.0  # facts 1.2: the hard limit of every call-related request


@dataclass(frozen=True)
class Reply:
    """What the line answered."""

    status: int
    content_type: str
    body: bytes
    location: str | None = None


class Transport(Protocol):
    """Carries one POST to the line."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send it and return the answer as it came, redirects not followed."""
        ...


class WsgiTransport:
    """Straight into a WSGI app, without a socket and without cookies."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._client = Client(app, use_cookies=False)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Call the app as a server behind the public URL would."""
        parts = urlsplit(url)
        with self._client.post(
            parts.path,
            base_url=f"{parts.scheme}://{parts.netloc}",
            query_string=parts.query,
            data=body,
            headers=dict(headers),
            follow_redirects=False,
        ) as response:
            return Reply(
                status=response.status_code,
                content_type=response.headers.get("Content-Type", ""),
                body=response.get_data(),
                location=response.headers.get("Location"),
            )


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
