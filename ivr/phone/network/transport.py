"""How a signed request reaches the line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from werkzeug.test import Client

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


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
