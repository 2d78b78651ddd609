"""Composition: content, settings, voices, provider and journal become one web application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from flask import Flask, Response, jsonify

from ivr.core.content import Content
from ivr.journal import Journal
from ivr.proof.voices import unvoiced
from ivr.settings import Settings, SettingsError, to_e164
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from ivr.speech.web import PlainClips, clips_blueprint
from ivr.telephony.port import LineNumbers
from ivr.telephony.providers import PROVIDER
from ivr.telephony.web import blueprint

MOST_BYTES = 64 * 1024
"""Longest body of a request; a webhook has a few hundred bytes."""


def create_app(
    settings: Settings, content: Content, clock: Callable[[], datetime], journal: Journal, audio: Audio = NO_AUDIO
) -> Flask:
    """The web application; `clock` gives aware moments, `audio` says where clips are.

    It offers the languages that are whole and have a voice. SettingsError where one of `before_choice` has no voice.
    """
    content = replace(content, number_counts={name: len(numbers) for name, numbers in settings.contacts.items()})
    selector = VoiceSelector(content, audio, clock().date(), settings.speech)
    if faults := [str(issue) for issue in unvoiced(content, selector.voiced) if issue.severity == "broken"]:
        raise SettingsError(faults)
    content = replace(content, offered=selector.voiced)
    provider = PROVIDER(content, _line(settings, content), settings.auth_tokens, selector)
    app = Flask("ivr", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.url_map.merge_slashes = False  # a redirect would show addresses to strangers and lose the form of the provider
    app.register_blueprint(blueprint(provider, content, clock, journal.record))
    app.register_blueprint(clips_blueprint(selector, provider.clear_cache))
    app.wsgi_app = PlainClips(app.wsgi_app, selector)  # type: ignore[method-assign]

    @app.get("/live")
    def live() -> Response:
        """For containers and proxies: this process answers."""
        return Response("ok\n", content_type="text/plain")

    @app.get("/health")
    def health() -> tuple[Response, int]:
        """For people: whether the line can do its job."""
        state = _health(settings, content, journal, selector)
        return jsonify(state.as_json()), 200 if state.well else 503

    return app


@dataclass(frozen=True)
class Health:
    """The state of a running line, without any phone number.

    `languages`: offered language -> its voice source. `not_offered`: language with all its texts -> why it is not
    offered. `numbers`: contact -> how many numbers it has. `audio_faults`: what of the audio folders cannot be read.
    """

    languages: dict[str, str]
    not_offered: dict[str, str]
    numbers: dict[str, int]
    journal_failing: bool
    journal_lines_lost: int
    clips_lost: int
    audio_faults: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether calls can be answered, every contact can be rung, and the journal can be written."""
        return bool(self.languages) and all(self.numbers.values()) and not (self.journal_failing or self.clips_lost)

    def as_json(self) -> dict[str, object]:
        """The body of the answer to `/health`."""
        return {"status": "ok" if self.well else "failing", **asdict(self)}


def _health(settings: Settings, content: Content, journal: Journal, selector: VoiceSelector) -> Health:
    numbers = {name: len(numbers) for name, numbers in settings.contacts.items()}
    return Health(
        languages={code: selector.sources[code] or "recorded" for code in sorted(content.offered)},
        not_offered=dict(selector.missing()),
        numbers=numbers,
        journal_failing=journal.failing,
        journal_lines_lost=journal.lost,
        clips_lost=len(selector.lost),
        audio_faults=selector.faults(),
        warnings=settings.warnings,
    )


def _line(settings: Settings, content: Content) -> LineNumbers:
    contacts = content.office.contacts
    return LineNumbers(
        public_url=settings.public_url,
        caller_id=settings.caller_id,
        contacts=settings.contacts,
        country=content.office.country,
        rings=content.office.rings,
        at_once=frozenset(name for name, contact in contacts.items() if contact.accept == "at_once"),
        languages={
            to_e164(number, content.office.country): code for number, code in content.office.languages_by_number.items()
        },
    )
