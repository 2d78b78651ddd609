"""Twilio's signature of a request: HMAC-SHA1 over address and form (RFC 2104; Twilio, "Webhooks Security")."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Sequence
from itertools import chain
from urllib.parse import urlsplit

from ivr.telephony.port import Webhook

HEADER = "X-Twilio-Signature"


class Signature:
    """Checks signatures against one auth token, or two while rotating.

    The signed address is the configured one with the raw path and query: the framework decodes the address, so that
    genuine requests would be refused, and headers of a proxy can be forged. The validator of the twilio package does
    the same ten times slower; the tests sign with it.
    """

    def __init__(self, public_url: str, tokens: Sequence[str]) -> None:
        parts = urlsplit(public_url)
        without_port = parts._replace(netloc=parts.hostname or "").geturl()
        # Voice over https is signed without the port.
        self._bases = tuple(dict.fromkeys((public_url, without_port) if parts.scheme == "https" else (public_url,)))
        self._keyed = [hmac.new(token.encode(), digestmod="sha1") for token in tokens]

    def matches(self, webhook: Webhook) -> bool:
        """Whether one of the tokens signed this request."""
        signature = webhook.headers.get(HEADER, "").encode("utf-8", "replace")
        rest = webhook.path + (f"?{webhook.query}" if webhook.query else "") + _fields(webhook)
        return any(
            hmac.compare_digest(_sign(keyed, base + rest), signature) for base in self._bases for keyed in self._keyed
        )


def _sign(keyed: hmac.HMAC, text: str) -> bytes:
    signing = keyed.copy()  # four times faster than a new HMAC
    signing.update(text.encode())
    return b64encode(signing.digest())


def _fields(webhook: Webhook) -> str:
    """Name and value of each field, sorted by name; of a field that is sent twice, each different value once."""
    return "".join(chain.from_iterable(sorted(set(webhook.fields))))
