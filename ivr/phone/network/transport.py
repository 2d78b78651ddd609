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


class Transport(Protocol):
    """Sends requests to the line."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send one request and return the answer; redirects are not followed."""
        ...


class WsgiTransport:
    """Calls a WSGI application directly, without cookies."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._client = Client(app, use_cookies=False)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
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
