"""The web application of the office. It is no part of the served line, and has an address of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

from ivr.office import log_in, staff
from ivr.office.access import Gate, gate, keep_signed_in, let_in, may, somebody, who_may
from ivr.office.cookies import cookie_name, set_cookie
from ivr.office.navigation import navigation
from ivr.office.passwords import Crowded
from ivr.office.slowing import TooSoon
from ivr.office.words import INTERFACES, interface, t
from ivr.records.faults import RecordsFault
from ivr.records.people import SIGNED_IN, NobodyOfThisName, People
from ivr.settings.office import OfficeSettings
from ivr.web.reached import Forwarded, PagesApp, right_host, right_origin

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""pico.css has its ticks and arrows as images in `data:`, which run nothing."""
MOST_BYTES = 64 * 1024
TOLD = (400, 403, 404, 405, 413, 421, 429, 500, 503)
"""The codes for which there are words; others are told as 400."""
SAFE = ("GET", "HEAD", "OPTIONS")

log = logging.getLogger(__name__)


class RowNumber(IntegerConverter):
    """The number of a row in an address: no longer than a database can look for."""

    regex = r"\d{1,9}"


def create_office(
    people: People, settings: OfficeSettings, now: Callable[[], datetime], blueprints: Iterable[Blueprint] = ()
) -> Flask:
    """Make the Flask application; `now`: the time, in the zone of the office. ValueError if a view is not `@may`."""
    app = PagesApp(__name__)
    secure = settings.url is not None
    app.config.update(
        MAX_CONTENT_LENGTH=MOST_BYTES,
        SECRET_KEY=settings.key,
        SESSION_COOKIE_NAME=cookie_name("session", secure=secure),
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SIGNED_IN,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,  # it ends with the session, and that with the device
        WTF_CSRF_SSL_STRICT=False,  # asks for a Referer; we look at Origin
    )
    app.url_map.converters["int"] = RowNumber
    app.extensions["gate"] = Gate(people, settings, now)
    may("anyone")(app.view_functions["static"])
    for check in (_right_host, _right_origin, let_in):
        app.before_request(check)
    CSRFProtect(app)
    for added in (strictly, keep_signed_in, keep_language):
        app.after_request(added)
    _tell_errors(app)
    app.context_processor(_for_templates)
    for blueprint in (log_in.pages, staff.pages, *blueprints):
        app.register_blueprint(blueprint)
    if unsaid := [name for name, view in app.view_functions.items() if who_may(view) is None]:
        raise ValueError(f"who may use these views is not said: {', '.join(sorted(unsaid))}")
    app.wsgi_app = Forwarded(app.wsgi_app, settings.url, settings.proxy)  # type: ignore[assignment, method-assign]
    return app


def _right_host() -> Response | None:
    return right_host(gate().settings.url)


def _right_origin() -> None:
    """Whatever changes something comes from a page of ours. Where a browser says neither, the form's token tells."""
    if request.method not in SAFE:
        right_origin(gate().settings.url)


def strictly(response: Response) -> Response:
    """What a browser must not do with a page of ours."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    # With `no-referrer` a browser would send the Origin of our own forms as null.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    if gate().settings.url:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def keep_language(response: Response) -> Response:
    """Remember the language that somebody has chosen by a link."""
    if (chosen := request.args.get("ui")) in INTERFACES and chosen:
        set_cookie(response, "language", chosen, SIGNED_IN, "Lax")
    return response


def _for_templates() -> dict[str, Any]:
    found = somebody()
    return {
        "t": t,
        "interface": interface(),
        "interfaces": INTERFACES,
        "in_language": _in_language,
        "me": found.person if found else None,
        "navigation": navigation(found.person) if found else (),
    }


def _in_language(code: str) -> str:
    """The address of this page in another language."""
    return (
        f"?{urlencode([*((key, value) for key, value in request.args.items(multi=True) if key != 'ui'), ('ui', code)])}"
    )


Answer = tuple[str, int] | tuple[str, int, dict[str, str]]


def _tell_errors(app: Flask) -> None:
    """Every error is told in the language of the page, with what to do, and never with what a library says."""

    def told(code: int, key: str, **slots: object) -> Answer:
        return render_template("error.html", said=t(key, **slots)), code

    @app.errorhandler(HTTPException)
    def wrong(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error
        return told(error.code, f"error_{error.code if error.code in TOLD else 400}")

    @app.errorhandler(CSRFError)
    def stale(_: CSRFError) -> Answer:
        return told(400, "error_stale")

    @app.errorhandler(TooSoon)
    def too_soon(error: TooSoon) -> Answer:
        return *told(429, "error_too_soon", seconds=error.seconds)[:2], {"Retry-After": str(error.seconds)}

    @app.errorhandler(Crowded)
    def busy(_: Crowded) -> Answer:
        return *told(503, "error_busy")[:2], {"Retry-After": "1"}

    @app.errorhandler(NobodyOfThisName)
    def gone(_: NobodyOfThisName) -> Answer:
        return told(404, "error_404")

    @app.errorhandler(RecordsFault)
    def no_records(error: RecordsFault) -> Answer:
        log.error("%s", error)
        return told(503, "error_records")
