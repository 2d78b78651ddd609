"""Composition: what answers now, the journal and the metrics become one web application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request

from ivr.core.content import Content
from ivr.journal import Journal
from ivr.metrics import Metrics
from ivr.serving import Current, Serving
from ivr.settings.read import Settings
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from ivr.speech.web import PlainClips, clips_blueprint
from ivr.telephony.web import MOST_BYTES, STEP_SECONDS, Answers, PlainWebhooks, See, blueprint, unseen

DOCTOR = "ivr doctor"
"""As whom our own check asks, which is no watcher: it looks once."""


def create_app(
    settings: Settings, content: Content, clock: Callable[[], datetime], journal: Journal, audio: Audio = NO_AUDIO
) -> Flask:
    """A line with one content for ever; `clock` gives aware moments, `audio` says where clips are.

    SettingsError where a language of `before_choice` has no voice.
    """
    today, required = clock().date(), settings.require_approval
    voices = VoiceSelector(content, audio, today, settings.speech, require_approval=required)
    current = Current(Serving.of(settings, content, voices))
    current.ready = True
    return line_app(current, clock, lambda: clock().timestamp(), journal, Metrics())


def line_app(
    current: Current,
    clock: Callable[[], datetime],
    age: Callable[[], float],
    journal: Journal,
    metrics: Metrics,
    step_seconds: float = STEP_SECONDS,
    see: See = unseen,
) -> Flask:
    """The public face of the line: webhooks, clips, and whether it is alive, ready and well.

    `age` gives epoch seconds that no change of the clock moves; a step may take `step_seconds`. `see` takes
    what is counted of calls.
    """
    answers = Answers(current, clock, age, journal.record, metrics, step_seconds, see)
    app = Flask("ivr", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.url_map.merge_slashes = False  # a redirect would show addresses to strangers
    app.register_blueprint(blueprint(answers))
    app.register_blueprint(clips_blueprint(current.voices, current.voices_changed))
    clips = PlainClips(app.wsgi_app, current.voices)
    app.wsgi_app = PlainWebhooks(clips, answers)  # type: ignore[method-assign]
    metrics.state(
        "journal_failing", lambda: "journal lines are being lost: is the disk full?" if journal.failing else ""
    )
    metrics.state("clips_lost", lambda: _clips_lost(current))
    metrics.count("journal_lines_lost", lambda: journal.lost)
    metrics.count("clips_lost", lambda: len(current.serving.voices.lost))
    metrics.count("steps_hanging", lambda: answers.hung)
    metrics.count("languages_offered", lambda: len(current.serving.content.offered))

    @app.get("/live")
    def live() -> Response:
        """For containers, and for who watches the line from outside: this process answers."""
        public = urlsplit(current.serving.settings.public_url).hostname
        if request.host.partition(":")[0].lower() == public and request.headers.get("User-Agent") != DOCTOR:
            metrics.watched = clock().timestamp()  # by which others tell how long ago it was
        return Response("ok\n", content_type="text/plain")

    @app.get("/ready")
    def ready() -> Response:
        """For proxies: this process may be given calls."""
        return Response("ready\n" if current.ready else "not ready\n", 200 if current.ready else 503)

    @app.get("/health")
    def health() -> tuple[Response, int]:
        """For anybody: well or not, and no more. Operators read the log or the metrics port."""
        return _health(metrics.alarms())

    return app


def operators_app(current: Current, metrics: Metrics, warnings: tuple[str, ...] = ()) -> Flask:
    """What operators see, on a port of their own: `/health` with every detail, and `/metrics`. It shows no number."""
    from ivr.exposition import as_text  # not for a line that nobody asks for its metrics

    app = Flask("ivr.operators", static_folder=None)

    @app.get("/health")
    def health() -> tuple[Response, int]:
        """What is wrong, why, and what to do."""
        serving, alarms = current.serving, metrics.alarms()
        return _health(
            alarms,
            alarms=alarms,
            notices=metrics.notices(),
            languages=serving.sources,
            not_offered=dict(serving.voices.missing()),
            approvals=list(serving.content.approval_notices),
            audio_faults=list(serving.voices.faults()),
            stale_recordings=dict(serving.voices.stale()),
            numbers={name: len(numbers) for name, numbers in serving.contacts.items()},
            content=serving.key,
            watched=metrics.watched,
            counts=metrics.counts(),
            warnings=[*serving.settings.warnings, *warnings],
        )

    @app.get("/metrics")
    def figures() -> Response:
        """For Prometheus."""
        return Response(as_text(metrics), content_type="text/plain; version=0.0.4; charset=utf-8")

    return app


def _health(wrong: Mapping[str, str], **details: object) -> tuple[Response, int]:
    return jsonify({"status": "failing" if wrong else "ok", **details}), 503 if wrong else 200


def _clips_lost(current: Current) -> str:
    lost = len(current.serving.voices.lost)
    remedy = (
        "ivr audio build; where a voice was taken back, let somebody else record, or take the language off the line"
    )
    return f"{lost} clips are lost; the next voice says their sentences. Remedy: {remedy}" if lost else ""
