"""The web application of the browser phone. It answers this machine only, and is no part of the served line."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, jsonify, render_template, request, send_file
from waitress import create_server
from werkzeug.test import Client

from ivr.core.utterance import Utterance
from ivr.phone.browser.call import Act, LiveCall
from ivr.phone.browser.event_view import EventView
from ivr.phone.browser.shown import SimulatedLine, shown, shown_offer
from ivr.phone.browser.words import INTERFACES
from ivr.phone.clip_builder import ClipBuilder
from ivr.phone.golden import golden_text
from ivr.phone.hearing import Hearing
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Spoken
from ivr.phone.network.transcript import Transcript
from ivr.phone.simulation import (
    CALLER,
    OUR_NUMBER,
    carrier_for,
    codes_by_locale,
    contact_numbers,
    language_numbers,
    names_by_number,
)
from ivr.web.reached import right_origin

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DECISIONS = frozenset({"answer", "voicemail", "busy", "no answer"})
"""What a contact can do that is rung."""
MOST_CALLS = 20
"""Calls that are kept; a new one replaces the oldest."""
THREADS = 16
"""Each open page keeps one of them waiting for the next message."""
HERE = frozenset({"127.0.0.1", "localhost"})
"""Host names that are answered: a foreign name that resolves to this machine is refused (DNS rebinding)."""


def create_phone(line: SimulatedLine, builder: ClipBuilder, typed: str = "ivr phone") -> Flask:
    """Make the Flask application of the page; `typed`: the command that starts it, as the reader knows it."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024
    calls = _Calls(line, builder)

    @app.before_request
    def only_from_here() -> None:
        if request.host.rsplit(":", 1)[0] not in HERE:
            abort(403)
        right_origin(None)

    @app.after_request
    def strictly(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)  # the room's pages have one of their own
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.get("/")
    def page() -> str:
        has_room = "room" in app.extensions
        return render_template("phone.html", typed=typed, has_room=has_room, **shown(line, builder, _interface()))

    @app.get("/making")
    def making() -> Response:
        return jsonify({**builder.progress()._asdict(), "offer": shown_offer(line, builder, _interface())})

    @app.post("/calls")
    def ring() -> Response:
        wanted = _body()
        waiting = wanted.get("waiting") is True
        return jsonify({"call": calls.ring(wanted.get("at"), wanted.get("dials"), waiting=waiting)})

    @app.get("/calls/<call>")
    def messages(call: str) -> Response:
        told, over = calls[call].messages(request.args.get("after", 0, int))
        return jsonify({"messages": told, "over": over})

    @app.post("/calls/<call>/moments/<int:moment>")
    def act(call: str, moment: int) -> tuple[str, int]:
        did = _body()
        if did.get("what") not in ("key", "hang up", "passed") or did.get("key", "") not in ("", *"0123456789*#"):
            abort(400)
        calls[call].act(moment, Act(did["what"], did.get("key", ""), _seconds(did)))
        return "", 204

    @app.post("/calls/<call>/rings/<int:ring>")
    def decide(call: str, ring: int) -> tuple[str, int]:
        did = _body()
        if did.get("what") not in DECISIONS:
            abort(400)
        calls[call].decide(ring, did["what"], round(_seconds(did), 1))
        return "", 204

    @app.get("/calls/<call>/golden")
    def golden(call: str) -> Response:
        return Response(calls.golden(call), content_type="text/plain; charset=utf-8")

    @app.get("/audio/<name>.wav")
    def clip(name: str) -> Response:
        """A clip exactly as the line serves it to the provider."""
        served = Client(calls.app).get(f"/audio/{name}.wav", buffered=True)
        return Response(served.get_data(), served.status_code, content_type=served.content_type)

    @app.get("/offline/<name>.wav")
    def offline(name: str) -> Response:
        """A clip by the offline voice, in place of the provider's voice."""
        path = builder.path(name)
        if path is None or not path.is_file():
            abort(404)
        return send_file(path.resolve(), mimetype="audio/wav", max_age=3600)

    return app


def _interface() -> str:
    """The language of the page: as it is asked for, else as the browser prefers."""
    chosen = request.args.get("ui") or request.accept_languages.best_match(INTERFACES, "en")
    return chosen if chosen in INTERFACES else "en"


def _body() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400)
    return body


def _seconds(did: dict[str, Any]) -> float:
    """The field `after` of a request: finite seconds, negative ones counted as 0; else the answer is 400."""
    after = did.get("after", 0)
    if isinstance(after, bool) or not isinstance(after, int | float) or not isfinite(after):
        abort(400)
    return max(float(after), 0.0)


def serve_page(app: Flask, port: int, ready: Callable[[str], None]) -> None:
    """Serve the page on this machine until Ctrl-C; `ready` is told its address. OSError if the port is not free."""
    server = create_server(app, host="127.0.0.1", port=port, threads=THREADS, ident=None)
    ready(f"http://127.0.0.1:{server.effective_port}/")
    server.run()


class _Kept(NamedTuple):
    """A call, and what a golden call of it needs to know."""

    call: LiveCall
    moment: datetime
    dials: str | None
    without: tuple[str, ...]


class _Calls:
    """The latest calls by name, and the application that the latest of them called."""

    def __init__(self, line: SimulatedLine, builder: ClipBuilder) -> None:
        self._line, self._builder = line, builder
        self._zone = ZoneInfo(line.content.office.zone)
        self._numbers = contact_numbers(line.content.office.contacts)
        self._transcript = Transcript(names_by_number(self._numbers), codes_by_locale(line.content.languages))
        self._calls: dict[str, _Kept] = {}
        self.app: WSGIApplication = line.build(line.content, lambda: datetime.now(self._zone))

    def __getitem__(self, name: str) -> LiveCall:
        if name not in self._calls:
            abort(404)
        return self._calls[name].call

    def ring(self, at: str | None, dials: str | None, *, waiting: bool) -> str:
        """Begin a call at a local time (None: now) to a language's number (None: ours); return its name.

        `waiting`: it offers the languages too that real callers cannot choose yet.
        """
        try:
            moment = datetime.fromisoformat(at).replace(tzinfo=self._zone) if at else datetime.now(self._zone)
        except (TypeError, ValueError):
            abort(400)
        clock = VirtualClock(moment)
        content = self._line.offering(waiting=waiting)
        self.app = app = self._line.build(content, clock.now)
        view = EventView(content, self._line.script, self._transcript, self._sound)
        call = LiveCall(view.message)
        carrier = carrier_for(app, clock, self._line.seconds_of, hearing=Hearing(app, self._line.subtitle()))
        to = language_numbers(content.languages.languages).get(dials or "", OUR_NUMBER)
        if dials:
            self._builder.hurry(dials)
        arguments = (carrier, self._transcript.names, content.office.rings, CALLER, to)
        threading.Thread(target=call.run, args=arguments, name="call", daemon=True).start()
        name = secrets.token_hex(8)
        without = tuple(sorted(self._line.content.offered - content.offered))
        self._calls[name] = _Kept(call, moment, dials if dials in content.offered else None, without)
        while len(self._calls) > MOST_CALLS:
            self._calls.pop(next(iter(self._calls)))
        return name

    def golden(self, name: str) -> str:
        """The call as the text of a file for tests/calls/."""
        call, kept = self[name], self._calls[name]
        return golden_text(
            kept.moment, call.steps, call.contacts, kept.dials, call.events, self._transcript, kept.without
        )

    def _sound(self, spoken: Spoken, said: Utterance | None) -> str | None:
        """The path of the sound: the line's own clip, or one by the offline voice; None if there is none."""
        if spoken.clip:
            return "/audio/" + Path(spoken.clip).name
        if said is None:
            return None
        self._builder.hurry(said.language)
        name = self._builder.clip(said)
        return f"/offline/{name}.wav" if name else None
