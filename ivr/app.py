"""The only place where the parts meet: content, line, voice, provider and journal become one web application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Flask, Response, jsonify

from ivr.core.content import Content
from ivr.journal import Journal
from ivr.settings import Settings
from ivr.speech.ladder import provider_voice
from ivr.telephony.port import Line
from ivr.telephony.twilio.provider import Twilio
from ivr.telephony.web import blueprint

MOST_BYTES = 64 * 1024
"""A webhook is a few hundred bytes; more is no webhook."""


def create_app(settings: Settings, content: Content, clock: Callable[[], datetime], journal: Journal) -> Flask:
    """The web application; `clock` gives aware moments."""
    content = replace(content, lines={name: len(numbers) for name, numbers in settings.contacts.items()})
    provider = Twilio(content, _line(settings, content), settings.auth_tokens, provider_voice(content.languages))
    app = Flask("ivr", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.register_blueprint(blueprint(provider, content, clock, journal.record))

    @app.get("/live")
    def live() -> Response:
        """For containers and proxies: this process answers."""
        return Response("ok\n", content_type="text/plain")

    @app.get("/health")
    def health() -> tuple[Response, int]:
        """For people: whether the line can do its job."""
        state = _health(settings, content, journal)
        return jsonify(state.as_json()), 200 if state.well else 503

    return app


@dataclass(frozen=True)
class Health:
    """What the line has to work with. No number is shown."""

    languages: list[str]
    numbers: dict[str, int]
    journal_lines_lost: int
    warnings: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether calls can be answered and people be rung, and whether that is written down."""
        return bool(self.languages) and all(self.numbers.values()) and not self.journal_lines_lost

    def as_json(self) -> dict[str, object]:
        """The same, to be shown."""
        return {
            "status": "ok" if self.well else "failing",
            "languages": self.languages,
            "numbers": self.numbers,
            "journal_lines_lost": self.journal_lines_lost,
            "warnings": self.warnings,
        }


def _health(settings: Settings, content: Content, journal: Journal) -> Health:
    numbers = {name: len(numbers) for name, numbers in settings.contacts.items()}
    return Health(sorted(content.offered), numbers, journal.lost, settings.warnings)


def _line(settings: Settings, content: Content) -> Line:
    contacts = content.office.contacts
    return Line(
        public_url=settings.public_url,
        caller_id=settings.caller_id,
        contacts=settings.contacts,
        rings={name: contact.ring for name, contact in contacts.items()},
        at_once=frozenset(name for name, contact in contacts.items() if contact.accept == "at_once"),
    )
