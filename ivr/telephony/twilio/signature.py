"""Twilio's signature of a request: HMAC-SHA1 over address and form (RFC 2104; Twilio, "Webhooks Security")."""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Sequence
from itertools import chain
from urllib.parse import urlsplit

from ivr.telephony.port import Webhook

HEADER = "X-Twilio-Signature"
PORT = re.compile(r":\d*$")


class Signature:
    """Checks signatures against one auth token, or two while rotating.

    The signed address is the configured one with the raw path and query: the framework decodes the address, so that
    genuine requests would be refused, and headers of a proxy can be forged. With or without the port, and in the
    capitals of the configured address or the `Host` header, it is the same. The twilio package is ten times slower.
    """

    def __init__(self, public_url: str, tokens: Sequence[str]) -> None:
        self._url = urlsplit(public_url)
        self._host = PORT.sub("", self._url.netloc)
        self._bases = self._spelled(self._host)
        self._keyed = [hmac.new(token.encode(), digestmod="sha1") for token in tokens]

    def matches(self, webhook: Webhook) -> bool:
        """Whether one of the tokens signed this request."""
        signature = webhook.headers.get(HEADER, "").encode("utf-8", "replace")
        rest = webhook.path + (f"?{webhook.query}" if webhook.query else "") + _fields(webhook)
        bases, host = self._bases, PORT.sub("", webhook.headers.get("Host", ""))
        if host != self._host and host.lower() == self._host.lower():
            bases = (*bases, *self._spelled(host))
        return any(hmac.compare_digest(_sign(keyed, base + rest), signature) for base in bases for keyed in self._keyed)

    def _spelled(self, host: str) -> tuple[str, ...]:
        """The address with and without its port, with the host as it is and in small letters."""
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        hosts = dict.fromkeys(spelled for name in (host, host.lower()) for spelled in (name, f"{name}:{port}"))
        return tuple(self._url._replace(netloc=spelled).geturl() for spelled in hosts)


def _sign(keyed: hmac.HMAC, text: str) -> bytes:
    signing = keyed.copy()  # four times faster than a new HMAC
    signing.update(text.encode())
    return b64encode(signing.digest())


def _fields(webhook: Webhook) -> str:
    """Name and value of each field, sorted by name; of a field that is sent twice, each different value once."""
    return "".join(chain.from_iterable(sorted(set(webhook.fields))))
