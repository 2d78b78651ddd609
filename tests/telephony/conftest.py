"""A line with real signatures, straight into its WSGI application."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.test import Client, TestResponse

from ivr.app import create_app
from ivr.core.content import Content
from ivr.core.utterance import Sound, SpokenByProvider, Utterance
from ivr.journal import Journal
from ivr.settings.read import Settings
from ivr.speech.voices import NO_AUDIO, Audio
from tests.telephony.both_ways import BothWays

URL = "https://line.example.fi/kemi"
TOKEN, NEW_TOKEN = "old-token", "new-token"
OURS, ON_CALL, INSTRUCTOR, SECOND = "+358753250000", "+358400291141", "+358401111111", "+358402222222"
DAY = datetime.fromisoformat("2026-11-24T10:00:00+02:00")


def line_settings(**changes: object) -> Settings:
    values: dict[str, object] = {
        "public_url": URL,
        "caller_id": OURS,
        "auth_tokens": (TOKEN, NEW_TOKEN),
        "contacts": {"on_call": (ON_CALL,), "social_instructor": (INSTRUCTOR, SECOND)},
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


@dataclass
class Line:
    """Posts to the line as Twilio does."""

    content: Content
    now: datetime = DAY
    settings: Settings = field(default_factory=line_settings)
    journal: Journal = field(default_factory=lambda: Journal(io.StringIO()))
    audio: Audio = NO_AUDIO

    def __post_init__(self) -> None:
        self.app, twin = (self.made(journal) for journal in (self.journal, Journal(io.StringIO())))
        self.client = Client(BothWays(self.app, twin))

    def made(self, journal: Journal) -> Flask:
        """The application."""
        return create_app(self.settings, self.content, lambda: self.now, journal, self.audio)

    def post(self, path: str, form: Mapping[str, str] | None = None, token: str = TOKEN) -> TestResponse:
        """A signed request to a path with its query, or to an address that the line gave."""
        address = path.split("#")[0].removeprefix(URL)
        fields = {"CallSid": "CA1", "From": "+358401234567", "CallStatus": "in-progress", **(form or {})}
        signature = RequestValidator(token).compute_signature(URL + address, fields)
        parts = urlsplit(address)
        return self.client.post(
            parts.path, query_string=parts.query, data=fields, headers={"X-Twilio-Signature": signature}
        )

    def twiml(self, path: str, form: Mapping[str, str] | None = None) -> ElementTree.Element:
        """The document that a signed request is answered with."""
        response = self.post(path, form)
        assert response.status_code == 200, response.status
        assert response.content_type == "text/xml; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store"
        return ElementTree.fromstring(response.data)  # noqa: S314 - our own document


def spoken(utterance: Utterance) -> tuple[Sound, ...]:
    """Any voice of the provider."""
    return (SpokenByProvider("Polly.Any", "fi-FI", utterance.text, utterance.slow),)


@pytest.fixture
def line(content: Content) -> Line:
    return Line(content)


def verbs(document: ElementTree.Element) -> list[str]:
    return [verb.tag for verb in document]


def find(document: ElementTree.Element, verb: str) -> ElementTree.Element:
    """The first element of a kind, which must be there."""
    found = document.find(f".//{verb}")
    assert found is not None, f"no {verb} in {verbs(document)}"
    return found
