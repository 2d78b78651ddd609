"""The line stops answering at any request of a call: the number's static fallback is heard, and urgent help rings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.phone.network.behaviour import ALL_BEHAVIOURS, CarrierBehaviour
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Ended, Event, FallbackAsked, RequestFailed, Ringing, Said
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.transport import AttemptLimits, LateReply, NoConnection, Reply, WsgiTransport
from ivr.phone.network.virtual import VirtualCarrier
from ivr.phone.simulation import AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL
from ivr.phone.twiml.voices import VOICES
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.voices import TEXT_ONLY
from ivr.telephony.twiml.urls import CONNECTION

DAY = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Helsinki"))
URGENT = "+358400291141"
STATIC = f"""<?xml version="1.0" encoding="UTF-8"?><Response>
<Say voice="Polly.Suvi-Neural" language="fi-FI">Hätä? Soita yksi yksi kaksi. Soitamme apua.</Say>
<Dial callerId="{OUR_NUMBER}" answerOnBridge="true" timeout="55"><Number>{URGENT}</Number></Dial>
<Say voice="Polly.Suvi-Neural" language="fi-FI">Soita yksi yksi kaksi.</Say>
<Say voice="Polly.Suvi-Neural" language="fi-FI">nolla neljä nolla nolla</Say>
<Hangup/></Response>""".encode()
"""All of it spoken, one ringing, then 112, the number and the end (rule O2)."""
TOTAL = 14.0
"""Seconds after which the addresses of the line give up (their `tt`)."""

Stops = Callable[[], Reply]


def refuses() -> Reply:
    raise NoConnection(after=0.0)


def hangs() -> Reply:
    raise LateReply


def breaks() -> Reply:
    return Reply(500, "text/html", b"Internal Server Error")


@dataclass
class StopsAfter:
    """A line that answers some requests and then none."""

    line: WsgiTransport
    left: int
    stops: Stops

    def post(self, url: str, body: bytes, headers: Mapping[str, str], limits: AttemptLimits, /) -> Reply:
        self.left -= 1
        return self.line.post(url, body, headers, limits) if self.left >= 0 else self.stops()


def call(content: Content, transport: StopsAfter, behaviour: CarrierBehaviour, clock: VirtualClock) -> list[Event]:
    carrier = VirtualCarrier(
        transport,
        public_url=PUBLIC_URL,
        auth_token=AUTH_TOKEN,
        our_number=OUR_NUMBER,
        clock=clock,
        seconds_of=seconds_by_locale(content.languages),
        behaviour=behaviour,
        voice_url=f"{PUBLIC_URL}/voice{CONNECTION}",
        fallback=STATIC,
        known_voices=VOICES | {TEXT_ONLY},
    )
    return carrier.call(ScriptedCaller(["1", "1"]), ScriptedContacts({}, default="answers presses nothing"))


@pytest.mark.parametrize("stops", [refuses, hangs, breaks])
def test_whenever_the_line_stops_answering_112_is_told_and_urgent_help_rings(content: Content, stops: Stops) -> None:
    clock = VirtualClock(DAY)
    line = WsgiTransport(simulated_app(content, lambda: clock.now()))
    for answered in range(12):
        behaviour = ALL_BEHAVIOURS[answered % len(ALL_BEHAVIOURS)]
        clock = VirtualClock(DAY)
        events = call(content, StopsAfter(line, answered, stops), behaviour, clock)
        (asked,) = [event for event in events if isinstance(event, FallbackAsked)]
        behind = events[events.index(asked) :]
        assert [event.number for event in behind if isinstance(event, Ringing)] == [URGENT]
        assert [event.spoken.text for event in behind if isinstance(event, Said)] == [
            "Hätä? Soita yksi yksi kaksi. Soitamme apua.",
            "Soita yksi yksi kaksi.",
            "nolla neljä nolla nolla",
        ]
        assert [event.by for event in events if isinstance(event, Ended)] == ["line"]
        failed = [event.at for event in events if isinstance(event, RequestFailed) and event.url == asked.url]
        assert len(failed) == 3  # once, and two retries
        assert asked.at - failed[0] <= TOTAL


@pytest.mark.parametrize("stops", [refuses, hangs, breaks])
def test_one_request_that_fails_twice_is_not_noticed(content: Content, stops: Stops) -> None:
    class FailsTwice(StopsAfter):
        def post(self, url: str, body: bytes, headers: Mapping[str, str], limits: AttemptLimits, /) -> Reply:
            self.left -= 1
            return self.stops() if self.left in (-1, -2) else self.line.post(url, body, headers, limits)

    def heard(transport: StopsAfter) -> list[str]:
        events = call(content, transport, CarrierBehaviour(), clock)
        assert not any(isinstance(event, FallbackAsked) for event in events)
        return [event.spoken.text for event in events if isinstance(event, Said)]

    clock = VirtualClock(DAY)
    line = WsgiTransport(simulated_app(content, lambda: clock.now()))
    usual = heard(StopsAfter(line, 10_000, stops))
    for answered in range(8):
        clock = VirtualClock(DAY)
        assert heard(FailsTwice(line, answered, stops)) == usual
