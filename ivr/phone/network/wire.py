"""Signed webhooks as Twilio sends them, and which answers it accepts."""

from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urldefrag, urlencode, urlsplit
from uuid import uuid4

from twilio.request_validator import RequestValidator

from ivr.phone.errors import CarrierError, ProviderFault
from ivr.phone.network.overrides import Kind, Overrides
from ivr.phone.network.transport import AttemptLimits, BrokenReply, LateReply, NoConnection, NoReply, Reply, Transport

MAX_TWIML_BYTES = 64 * 1024  # docs/twilio.md, Requests and answers
RUN_BY_THE_PROVIDER = frozenset({"text/xml", "application/xml", "text/html", "text/plain"})
"""Content types that the provider takes (docs/twilio.md, Requests and answers); of these we take only the first."""


class _Failed(Exception):
    """One attempt failed: how, what the provider records, and after how many seconds."""

    def __init__(self, kind: Kind, fault: ProviderFault, seconds: float) -> None:
        super().__init__(str(fault))
        self.kind, self.fault, self.seconds = kind, fault, seconds


class Wire:
    """Signs requests and posts them to one line. `elsewhere`: a URL away from it that may be asked too."""

    def __init__(self, transport: Transport, public_url: str, auth_token: str, elsewhere: str | None = None) -> None:
        self._transport = transport
        self._origins = [urlsplit(url)[:2] for url in (public_url, elsewhere) if url]
        self._validator = RequestValidator(auth_token)

    def own(self, url: str) -> SplitResult:
        """The parts of a URL of the line; CarrierError if it leads away."""
        parts = urlsplit(url)
        if parts[:2] not in self._origins:
            raise CarrierError(f"{url}: leads away from the line's public URL {'://'.join(self._origins[0])}")
        return parts

    def post(
        self,
        address: str,
        form: Mapping[str, str],
        passes: Callable[[float], None],
        fails: Callable[[ProviderFault], None],
    ) -> Reply:
        """Post a form as the address asks, and return a 2xx answer; ProviderFault if every attempt fails.

        `passes` is told the seconds that failed attempts take, `fails` each of them.
        """
        how, url = Overrides.of(address), urldefrag(address).url
        self.own(url)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "I-Twilio-Idempotency-Token": str(uuid4()),
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": self._validator.compute_signature(_signed(url), form),
        }
        body, spent, tries = urlencode(form).encode("ascii"), 0.0, 0
        while True:
            try:
                return self._attempt(url, body, headers, how.limits(spent))
            except _Failed as failed:
                passes(failed.seconds)
                spent, tries = spent + failed.seconds, tries + 1
                over = spent >= how.total
                fault = ProviderFault(11203, f"{failed.fault}; {how.total:g} s in all") if over else failed.fault
                fails(fault)
                if over or tries > how.retries or not how.again(failed.kind):
                    raise fault from failed

    def _attempt(self, url: str, body: bytes, headers: Mapping[str, str], limits: AttemptLimits) -> Reply:
        try:
            reply = self._transport.post(url, body, headers, limits)
        except NoReply as lost:
            raise _lost(url, lost, limits) from lost
        if 300 <= reply.status < 400:
            raise CarrierError(f"{url}: redirected to {reply.location}; a redirect loses the Digits")
        if not 200 <= reply.status < 300:
            start = reply.body.decode(errors="replace")[:200]
            fault = ProviderFault(11200, f"{url}: answered {reply.status} (Twilio error 11200): {start}")
            raise _Failed("4xx" if reply.status < 500 else "5xx", fault, 0.0)
        return reply


def _lost(url: str, lost: NoReply, limits: AttemptLimits) -> _Failed:
    """What is recorded of an attempt without an answer (docs/twilio.md, Faults)."""
    kind: Kind
    match lost:
        case NoConnection():
            kind, code, words, limit = "ct", 11205, "no connection", limits.connect
        case LateReply():
            kind, code, words, limit = "rt", 11205, "no answer in time", limits.read
        case BrokenReply():
            kind, code, words, limit = "broken", 11206, "the answer broke off", 0.0
        case _:
            raise AssertionError(f"a transport raises one of the kinds of NoReply, not {lost!r}")
    told = f" ({lost})" if str(lost) else ""
    seconds = limit if lost.after is None else lost.after
    return _Failed(kind, ProviderFault(code, f"{url}: {words}{told} (Twilio error {code})"), seconds)


def twiml_of(url: str, reply: Reply) -> bytes:
    """The TwiML in an answer; CarrierError if it may not be run (docs/twilio.md, Requests and answers)."""
    if reply.status != 200:
        raise CarrierError(f"{url}: answered {reply.status} where TwiML is due with 200")
    kind, _, parameter = reply.content_type.lower().partition(";")
    if kind.strip() != "text/xml" or parameter.strip().replace('"', "") not in {"", "charset=utf-8"}:
        words = f"{url}: Content-Type {reply.content_type!r} must be text/xml (Twilio error 12300)"
        raise CarrierError(words) if kind.strip() in RUN_BY_THE_PROVIDER else ProviderFault(12300, words)
    if len(reply.body) > MAX_TWIML_BYTES:
        words = f"{url}: {len(reply.body)} bytes of TwiML are more than 64 KB (Twilio error 11750)"
        raise ProviderFault(11750, words)
    return reply.body


def _signed(url: str) -> str:
    """What the signature covers: Voice drops the port over HTTPS (docs/twilio.md, Signature)."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.port:
        return parts._replace(netloc=parts.hostname or "").geturl()
    return url
