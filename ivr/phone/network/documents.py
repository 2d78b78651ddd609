"""Fetches the documents of a call: tried again, from the fallback, or not at all (docs/twilio.md, Faults)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from ivr.phone.errors import CarrierError, ProviderFault
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.events import FallbackAsked, Requested, RequestFailed, Warned
from ivr.phone.network.port import SpokenOf
from ivr.phone.network.wire import Wire, twiml_of
from ivr.phone.twiml.document import Audience, Document, read

if TYPE_CHECKING:
    from ivr.phone.network.leg import CallLeg

MAX_REQUESTS = 500
MAX_REQUESTS_AT_ONCE = 10
STATIC_FALLBACK = "https://fallback.example/voice.xml"
"""Stands for the address of a fallback that is a file on another host."""


class NoDocument(Exception):
    """No document could be had, the fallback's neither; the events tell why."""


@dataclass(frozen=True)
class Network:
    """What every call of a carrier has: how the line is reached, and what becomes of faults.

    `strict`: a fault that the provider rides out is an error. `fallback`: a URL, or the bytes of a file elsewhere.
    """

    wire: Wire
    spoken_of: SpokenOf
    behaviour: CarrierBehaviour
    strict: bool
    fallback: str | bytes | None
    known_voices: frozenset[str]


class Documents:
    """Asks the line for what a call does next, and keeps the events of what fails."""

    def __init__(self, network: Network, leg: CallLeg) -> None:
        self._network, self._leg = network, leg
        self._requests = self._at_once = 0
        self._asked_at: tuple[float, int] | None = None
        self._latest = ""

    def fetch(self, url: str, form: Mapping[str, str], audience: Audience = "caller") -> Document:
        """Post a webhook and read its answer, for the caller also that of the fallback; NoDocument if there is none.

        CarrierError if an answer breaks a rule.
        """
        try:
            document = self._document(url, form, audience)
        except ProviderFault as fault:
            if audience != "caller":
                raise NoDocument from fault
            document = self.fall_back(url, form, fault)
        if audience == "caller":
            self._leg.deaf(0.0, "between")  # a key pressed between two documents
        return document

    def fall_back(self, url: str, form: Mapping[str, str], fault: ProviderFault) -> Document:
        """Go on with the fallback's document; NoDocument without one."""
        fallback, asked = self._network.fallback, _bare(url)
        if fallback is None:
            raise NoDocument from fault
        self._leg.emit(FallbackAsked(self._leg.at, asked, fault.code))
        try:
            if isinstance(fallback, str):
                return self._document(fallback, {**form, "ErrorCode": str(fault.code), "ErrorUrl": asked}, "caller")
            self._count_request(STATIC_FALLBACK)
            return self._taken(read(fallback, STATIC_FALLBACK, "caller"), STATIC_FALLBACK)
        except ProviderFault as broken:
            raise NoDocument from broken

    def notify(self, url: str, form: Mapping[str, str]) -> None:
        """Post a status callback, whose answer controls nothing (docs/twilio.md, Status callbacks)."""
        self._count_request(url)
        try:
            self._network.wire.post(url, form, lambda _seconds: None, lambda _fault: None)
        except ProviderFault as fault:
            self._leg.emit(Warned(self._leg.at, 15003, str(fault)))
        else:
            self._leg.emit(Requested(self._leg.at, _bare(url), form, ""))

    def fault(self, rule: str) -> CarrierError:
        """The error for a rule that the latest document broke."""
        return CarrierError(f"{self._latest}: {rule}")

    def failed(self, url: str, fault: ProviderFault) -> None:
        """Note an attempt that failed."""
        self._not_if_strict(fault)
        self._leg.emit(RequestFailed(self._leg.at, _bare(url), fault.code, str(fault)))

    def warn(self, fault: ProviderFault) -> None:
        """Note what the call does without."""
        self._not_if_strict(fault)
        self._leg.emit(Warned(self._leg.at, fault.code, str(fault)))

    def _not_if_strict(self, fault: ProviderFault) -> None:
        if self._network.strict:
            raise CarrierError(str(fault)) from fault

    def _document(self, url: str, form: Mapping[str, str], audience: Audience) -> Document:
        self._count_request(url)
        # After the end of the call there is nobody whose time could pass.
        passes = self._leg.call.passes if audience == "nobody" else self._wait
        if takes := self._network.behaviour.delays.request:
            passes(takes)
        reply = self._network.wire.post(url, form, passes, lambda fault: self.failed(url, fault))
        asked = _bare(url)
        self._leg.emit(Requested(self._leg.at, asked, form, reply.body.decode(errors="replace")))
        try:
            return self._taken(read(twiml_of(asked, reply), asked, audience), asked)
        except ProviderFault as fault:
            self.failed(url, fault)
            raise

    def _taken(self, document: Document, url: str) -> Document:
        self._latest = url
        for voice in sorted(document.voices() - self._network.known_voices):
            words = f"the provider knows no voice {voice!r} (Twilio error 13511; ivr/phone/twiml/voices.py lists them)"
            self.warn(ProviderFault(13511, f"{url}: {words}"))
        return document

    def _wait(self, seconds: float) -> None:
        self._leg.deaf(seconds, "between")

    def _count_request(self, url: str) -> None:
        # The requests that several early keys make at the same moment are no loop.
        now = (self._leg.at, self._leg.early_keys_taken)
        self._at_once = self._at_once + 1 if now == self._asked_at else 1
        self._asked_at = now
        self._requests += 1
        if self._at_once > MAX_REQUESTS_AT_ONCE:
            raise CarrierError(f"{url}: a loop: more than {MAX_REQUESTS_AT_ONCE} requests and no time has passed")
        if self._requests > MAX_REQUESTS:
            raise CarrierError(f"{url}: more than {MAX_REQUESTS} requests in one call")


def _bare(url: str) -> str:
    """A URL without the overrides in its fragment, as it is requested and signed."""
    return urldefrag(url).url
