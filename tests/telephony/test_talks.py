"""What was a talk, to the second, and who hears which ring tone."""

from __future__ import annotations

import pytest

from ivr.core.call import Outcome
from ivr.core.content import Content
from ivr.telephony.port import LineNumbers, Webhook
from ivr.telephony.twilio.emergency import EmergencyDocuments
from ivr.telephony.twiml import document
from ivr.telephony.twiml.events import outcome

ON_CALL = "+358400291141"
LINE = LineNumbers("https://line.example.fi", "+358753250000", {"on_call": (ON_CALL,)}, "FI", {"on_call": 25})


@pytest.mark.parametrize(
    ("bridged", "status", "seconds", "by_key", "at_once"),
    [
        ("true", "completed", "0", "answered", "declined"),
        ("true", "completed", "29", "answered", "declined"),
        ("true", "completed", "30", "answered", "answered"),
        ("true", None, None, "answered", "declined"),
        ("false", "completed", "600", "declined", "declined"),
        (None, "completed", "29", "declined", "declined"),
        (None, "completed", "30", "declined", "answered"),
        (None, "completed", "59", "declined", "answered"),
        (None, "completed", "60", "answered", "answered"),
        (None, "completed", None, "declined", "declined"),
        (None, "completed", "1e3", "declined", "declined"),
        (None, "completed", "-60", "declined", "declined"),
        (None, "completed", "²²²", "declined", "declined"),
        (None, "completed", "123456789", "answered", "answered"),
        (None, "completed", "1234567890", "declined", "declined"),
        (None, "busy", "60", "busy", "busy"),
        (None, "no-answer", None, "no_answer", "no_answer"),
        (None, "answered", None, "answered", "answered"),
        (None, "failed", None, "failed", "failed"),
        (None, "canceled", None, "failed", "failed"),
        (None, "something new", None, "failed", "failed"),
        (None, None, None, "failed", "failed"),
    ],
)
def test_what_was_a_talk(
    bridged: str | None, status: str | None, seconds: str | None, by_key: Outcome, at_once: Outcome
) -> None:
    fields = {"DialBridged": bridged, "DialCallStatus": status, "DialCallDuration": seconds}
    form = {name: value for name, value in fields.items() if value is not None}
    assert (outcome(form, at_once=False), outcome(form, at_once=True)) == (by_key, at_once)


@pytest.mark.parametrize(
    ("body", "rings", "rings_again"),
    [
        ("DialCallStatus=completed&DialCallDuration=29", True, True),
        ("DialCallStatus=completed&DialCallDuration=30", True, False),
        ("DialCallStatus=completed&DialCallDuration=59", True, False),
        ("DialCallStatus=completed&DialCallDuration=60", False, False),
        ("DialCallStatus=completed&DialBridged=true", False, False),
        ("DialCallStatus=completed&DialBridged=false&DialCallDuration=600", True, True),
        ("DialCallStatus=busy", True, True),
        ("CallStatus=in-progress", True, True),
        ("CallStatus=completed", False, False),
        ("", True, True),
    ],
)
def test_after_a_talk_an_emergency_rings_nobody(content: Content, body: str, rings: bool, rings_again: bool) -> None:
    """A node may have rung with a whisper, which takes up to a minute; what the document itself rings has none."""
    documents = EmergencyDocuments(content, LINE)
    webhook = Webhook("POST", "/voice/emergency", "", body.encode(), {})
    for route in ("start", "node"):
        assert (f">{ON_CALL}<".encode() in documents.answer(webhook, route)) is rings
    assert (f">{ON_CALL}<".encode() in documents.answer(webhook, "emergency")) is rings_again


TWILIOS_TONES = (
    "at au be bg br ch cl cn cz de dk ee es fi fr gr hu il in it jp lt mx my nl no nz ph pl pt ru se sg th tw us ve za"
)
"""Twilio, "TwiML: Dial", ringTone; `us-old` is left out and `uk` is no country of ISO 3166-1."""


@pytest.mark.parametrize("country", TWILIOS_TONES.upper().split())
def test_callers_hear_the_ring_tone_of_their_country(country: str) -> None:
    line = LineNumbers(LINE.public_url, LINE.caller_id, LINE.contacts, country, LINE.rings)
    assert f'ringTone="{country.lower()}"' in str(document.dial(ON_CALL, 25, line))


@pytest.mark.parametrize("country", ["IS", "LV", "GB", "XX"])
def test_a_country_without_one_hears_twilios(country: str) -> None:
    line = LineNumbers(LINE.public_url, LINE.caller_id, LINE.contacts, country, LINE.rings)
    assert "ringTone" not in str(document.dial(ON_CALL, 25, line))
