"""Twilio's signature over the address it was told and the fields it sent ("Webhooks Security")."""

from __future__ import annotations

from collections.abc import Sequence

from twilio.request_validator import RequestValidator

from ivr.telephony.port import Webhook

HEADER = "x-twilio-signature"


class Signature:
    """Checks signatures against one auth token, or two while rotating.

    The address is the configured one with the raw path and query: a framework's own idea of the address is decoded
    and would refuse genuine requests, and a proxy's headers are not to be trusted.
    """

    def __init__(self, public_url: str, tokens: Sequence[str]) -> None:
        self._public_url = public_url
        self._validators = [RequestValidator(token) for token in tokens]

    def matches(self, webhook: Webhook) -> bool:
        """Whether one of the tokens signed this request."""
        url = self._public_url + webhook.path + (f"?{webhook.query}" if webhook.query else "")
        signature = webhook.headers.get(HEADER, "")
        return any(validator.validate(url, webhook.form, signature) for validator in self._validators)
