"""What is spelled in several ways: the address that is signed, the number that calls, a character of a text."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import Headers

from ivr.core.call import CallStarted
from ivr.core.utterance import Utterance
from ivr.telephony.port import LineNumbers, Webhook
from ivr.telephony.twilio.signature import Signature
from ivr.telephony.twiml import document
from ivr.telephony.twiml.events import caller, read_event
from tests.telephony.conftest import TOKEN, spoken

FORM = {"CallSid": "CA1", "From": "+358401234567", "Digits": "#", "FromCity": " Ke mi "}


def genuine(configured: str, signed: str, host: str = "") -> bool:
    """Whether a request that was signed for one address is taken by a line configured with another."""
    signature = RequestValidator(TOKEN).compute_signature(f"{signed}/voice?q=%C3%A4", FORM)
    headers = Headers({"X-Twilio-Signature": signature, "Host": host})
    webhook = Webhook("POST", "/voice", "q=%C3%A4", urlencode(FORM).encode(), headers)
    return Signature(configured, [TOKEN]).matches(webhook)


@pytest.fixture
def numbers() -> LineNumbers:
    return LineNumbers(
        public_url="https://line.example.fi",
        caller_id="+358753250000",
        contacts={"on_call": ("+358400291141",)},
        country="FI",
        languages={"+358753250111": "so"},
    )


@pytest.mark.parametrize(
    ("configured", "signed", "host"),
    [
        ("https://line.example.fi", "https://line.example.fi", ""),
        ("https://line.example.fi", "https://line.example.fi:443", ""),
        ("https://line.example.fi:443", "https://line.example.fi", ""),
        ("https://line.example.fi:8443", "https://line.example.fi:8443", ""),
        ("https://line.example.fi:8443", "https://line.example.fi", ""),
        ("https://line.example.fi:8443/Kemi", "https://line.example.fi:8443/Kemi", ""),
        ("http://line.example.fi", "http://line.example.fi:80", ""),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000", ""),
        ("https://Line.Example.fi", "https://line.example.fi", ""),
        ("https://Line.Example.fi", "https://Line.Example.fi:443", ""),
        ("https://line.example.fi", "https://Line.example.fi", "Line.example.fi"),
        ("https://line.example.fi", "https://LINE.example.fi:443", "LINE.example.fi"),
        ("https://line.example.fi", "https://LINE.example.fi:443", "LINE.example.fi:443"),
        ("https://line.example.fi:", "https://line.example.fi", ""),
        ("https://line.example.fi:0443", "https://line.example.fi", ""),
        ("https://line.example.fi:0443", "https://line.example.fi:0443", ""),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", ""),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]", ""),
        ("https://[2001:db8::1]", "https://[2001:db8::1]:443", ""),
    ],
)
def test_a_genuine_request_is_taken_however_its_address_is_spelled(configured: str, signed: str, host: str) -> None:
    assert genuine(configured, signed, host)


@pytest.mark.parametrize(
    ("configured", "signed", "host"),
    [
        ("https://line.example.fi", "https://line.example.org", "line.example.org"),
        ("https://line.example.fi", "http://line.example.fi", ""),
        ("https://line.example.fi", "https://line.example.fi:444", ""),
        ("https://line.example.fi:8443", "https://line.example.fi:443", ""),
        ("https://line.example.fi:8443", "https://line.example.fi:", ""),
        ("https://line.example.fi/kemi", "https://line.example.fi/KEMI", ""),
        ("https://line.example.fi/kemi", "https://line.example.fi", ""),
    ],
)
def test_what_was_signed_for_another_address_is_refused(configured: str, signed: str, host: str) -> None:
    assert not genuine(configured, signed, host)


@pytest.mark.parametrize(
    "spelled",
    ["+358753250111", "358753250111", "sip:+358753250111@sip.example.com", "tel:+358753250111",
     "sip:358753250111@192.0.2.1:5060;transport=udp", "sips:+358753250111@sip.example.com"],
)  # fmt: skip
def test_a_number_is_known_however_it_is_spelled(numbers: LineNumbers, spelled: str) -> None:
    event = read_event({"From": "+358401234567", "To": spelled}, begins=True, revision="", at_once=False, line=numbers)
    assert event == CallStarted("anyone", "so")
    assert caller(spelled, numbers) == "ourselves"
    assert caller(spelled.replace("358753250111", "358400291141"), numbers) == "contact"
    resting = replace(numbers, resting=frozenset({"+358401234567"}))
    assert caller(spelled.replace("358753250111", "358401234567"), resting) == "contact"


@pytest.mark.parametrize(
    "odd", ["anonymous", "sip:anonymous@anonymous.invalid", "", "+", "112", "+0358753250111", "٣٥٨"]
)
def test_what_is_no_number_is_anyone(numbers: LineNumbers, odd: str) -> None:
    assert caller(odd, numbers) == "anyone"


@pytest.mark.parametrize("odd", ["\x00", "\x0b", "\x1b", "\x1f", "\ud800", "\ufffe", "\uffff"])
@pytest.mark.parametrize("slow", [False, True])
def test_a_character_that_no_document_can_hold_costs_nobody_the_sentence(odd: str, slow: bool) -> None:
    """Twilio refuses a document that is not well-formed, and the caller hears its error in English."""
    written = document.TwimlDocument()
    document.speaker(spoken, "")(written, [Utterance("welcome", "fi", f"Tervetuloa{odd}Kemiin", slow)])
    (say,) = ElementTree.fromstring(str(written).encode())  # noqa: S314 - our own document
    assert "".join(say.itertext()) == "Tervetuloa Kemiin"
