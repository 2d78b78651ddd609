"""What every simulated call needs: made-up numbers of the line and its contacts, and a carrier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ivr.core.languages import Languages
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.carrier import Carrier
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.port import SpokenOf
from ivr.phone.network.sounds import ClipOf, SecondsOf
from ivr.phone.network.transport import WsgiTransport
from ivr.phone.network.virtual import VirtualCarrier
from ivr.phone.twiml.voices import VOICES
from ivr.speech.voices import TEXT_ONLY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PUBLIC_URL = "https://guidance-line.example"
AUTH_TOKEN = "simulated"  # noqa: S105 - signs nothing but simulated calls
OUR_NUMBER = "+358753250000"
CALLER = "+358457000000"
SIMULATED: Mapping[str, Any] = {
    "public_url": PUBLIC_URL,
    "auth_token": AUTH_TOKEN,
    "our_number": OUR_NUMBER,
    "strict": True,
    "known_voices": VOICES | {TEXT_ONLY},
}
"""What each carrier is told of the simulated line."""


def contact_numbers(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """One made-up number for each contact."""
    return {name: (f"+35845700{index:04}",) for index, name in enumerate(sorted(names), 1)}


def language_numbers(codes: Iterable[str]) -> dict[str, str]:
    """One made-up number of the line for each language."""
    return {code: f"+35875325{index:04}" for index, code in enumerate(sorted(codes), 1)}


def carrier_for(
    app: WSGIApplication,
    clock: VirtualClock,
    seconds_of: SecondsOf,
    behaviour: CarrierBehaviour | None = None,
    hearing: ClipOf | None = None,
) -> VirtualCarrier:
    """A strict carrier that calls a WSGI application; `hearing` tells what the clip at a URL says."""
    return VirtualCarrier(
        WsgiTransport(app), clock=clock, seconds_of=seconds_of, behaviour=behaviour, clip_of=hearing, **SIMULATED
    )


def running_carrier(app: WSGIApplication, spoken_of: SpokenOf) -> Carrier:
    """The same for calls in real time; `spoken_of` tells what each Say and Play says."""
    return Carrier(WsgiTransport(app), spoken_of=spoken_of, **SIMULATED)


def codes_by_locale(languages: Languages) -> dict[str, str]:
    """Language codes by locale."""
    return {language.locale: code for code, language in languages.languages.items()}


def names_by_number(numbers: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Contact names by number."""
    return {number: name for name, several in numbers.items() for number in several}
