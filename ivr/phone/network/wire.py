"""Signed webhooks as Twilio sends them, and which answers it accepts."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from ivr.phone.errors import CarrierError
from ivr.phone.network.transport import Reply, Transport

MAX_TWIML_BYTES = 64 * 1024  # docs/twilio.md, Requests and answers


class Wire:
    """Signs requests and posts them to one line."""

    def __init__(self, transport: Transport, public_url: str, auth_token: str) -> None:
        self._transport = transport
        self._origin = urlsplit(public_url)[:2]
        self._validator = RequestValidator(auth_token)

    def post(self, url: str, form: Mapping[str, str]) -> Reply:
        """Post a form and return a 2xx answer; else CarrierError (docs/twilio.md, Requests and answers)."""
        if urlsplit(url)[:2] != self._origin:
            raise CarrierError(f"{url}: leads away from the line's public URL {'://'.join(self._origin)}")
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": self._validator.compute_signature(_signed(url), form),
        }
        reply = self._transport.post(url, urlencode(form).encode("ascii"), headers)
        if 300 <= reply.status < 400:
            raise CarrierError(f"{url}: redirected to {reply.location}; a redirect loses the Digits")
        if not 200 <= reply.status < 300:
            start = reply.body.decode(errors="replace")[:200]
            raise CarrierError(f"{url}: answered {reply.status} (Twilio error 11200): {start}")
        return reply


def twiml_of(url: str, reply: Reply) -> bytes:
    """The TwiML in an answer; CarrierError if Twilio would not run it (docs/twilio.md, Requests and answers)."""
    if reply.status != 200:
        raise CarrierError(f"{url}: answered {reply.status} where TwiML is due with 200")
    kind, _, parameter = reply.content_type.lower().partition(";")
    if kind.strip() != "text/xml" or parameter.strip().replace('"', "") not in {"", "charset=utf-8"}:
        raise CarrierError(f"{url}: Content-Type {reply.content_type!r} must be text/xml (Twilio error 12300)")
    if len(reply.body) > MAX_TWIML_BYTES:
        raise CarrierError(f"{url}: {len(reply.body)} bytes of TwiML are more than 64 KB (Twilio error 11750)")
    return reply.body


def _signed(url: str) -> str:
    """What the signature covers: Voice drops the port over HTTPS (docs/twilio.md, Signature)."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.port:
        return parts._replace(netloc=parts.hostname or "").geturl()
    return url
