"""How a request reaches the line: into a WSGI application, without a socket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from werkzeug.test import Client

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True)
class Reply:
    """The answer to one request."""

    status: int
    content_type: str
    body: bytes
    location: str | None = None


@dataclass(frozen=True)
class AttemptLimits:
    """Seconds that one attempt may take: to connect, between two packets, and in all."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0


class NoReply(Exception):
    """An attempt without an answer. `after`: seconds that it took; None: the whole limit."""

    def __init__(self, words: str = "", after: float | None = None) -> None:
        super().__init__(words)
        self.after = after


class NoConnection(NoReply):
    """The line did not take the connection, or its certificate is no good."""


class LateReply(NoReply):
    """The line took the connection, and did not answer in time."""


class BrokenReply(NoReply):
    """The connection ended before the answer was whole."""


class Transport(Protocol):
    """Sends requests to the line."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], limits: AttemptLimits, /) -> Reply:
        """Send one request and return the answer, or raise a NoReply; redirects are not followed."""
        ...


class WsgiTransport:
    """Calls a WSGI application directly, without cookies. It always answers, and in no time."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._client = Client(app, use_cookies=False)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], _limits: AttemptLimits, /) -> Reply:
        """Call the application as a server behind the public URL would."""
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
