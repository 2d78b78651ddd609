"""The web application of the office. It is no part of the served line, and has an address of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request
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
from ivr.settings.office import OfficeSettings, is_loopback

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""pico.css has its ticks and arrows as images in `data:`, which run nothing."""
MOST_BYTES = 64 * 1024
TOLD = (400, 403, 404, 405, 413, 421, 429, 500, 503)
"""The codes for which there are words; others are told as 400."""
SAFE = ("GET", "HEAD", "OPTIONS")
SAME_SITE = ("same-origin", "none")

log = logging.getLogger(__name__)


class RowNumber(IntegerConverter):
    """The number of a row in an address: no longer than a database can look for."""

    regex = r"\d{1,9}"


class OfficeApp(Flask):
    """Flask, which logs no address of a page: the one of an invitation is a secret."""

    def log_exception(self, exc_info: Any) -> None:
        """Log the error and the view; whoever formats it leaves out its message (rule P1)."""
        log.error("the page %s failed", request.endpoint, exc_info=exc_info)


def create_office(
    people: People, settings: OfficeSettings, now: Callable[[], datetime], blueprints: Iterable[Blueprint] = ()
) -> Flask:
    """Make the Flask application; `now`: the time, in the zone of the office. ValueError if a view is not `@may`."""
    app = OfficeApp(__name__)
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
    app.wsgi_app = Forwarded(app.wsgi_app, settings)  # type: ignore[assignment, method-assign]
    return app


class Forwarded:
    """Takes from the proxy in front for whom it asks. What anybody else says of that is ignored."""

    def __init__(self, app: WSGIApplication, settings: OfficeSettings) -> None:
        self._app, self._proxy = app, settings.proxy
        self._scheme = "https" if settings.url else "http"

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        address, scheme = environ.pop("HTTP_X_FORWARDED_FOR", ""), environ.pop("HTTP_X_FORWARDED_PROTO", "")
        environ["wsgi.url_scheme"] = self._scheme
        if self._is_proxy(environ.get("REMOTE_ADDR", "")):
            if last := address.rpartition(",")[2].strip():  # the one that the proxy has added itself
                environ["REMOTE_ADDR"] = last
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
        return self._app(environ, start)

    def _is_proxy(self, address: str) -> bool:
        try:
            return self._proxy is not None and ip_address(address) in self._proxy
        except ValueError:
            return False


def _right_host() -> Response | None:
    """Answer by our own name only: a foreign one that leads here is refused (DNS rebinding); http leads to https."""
    url = gate().settings.url
    if url is None:
        if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
            abort(HTTPStatus.MISDIRECTED_REQUEST)
        return None
    if request.host.lower().removesuffix(":443") != urlsplit(url).netloc:
        abort(HTTPStatus.MISDIRECTED_REQUEST)
    if request.scheme != "https":
        query = request.query_string.decode()
        return cast("Response", redirect(url + quote(request.path) + (query and f"?{query}"), 308))
    return None


def _right_origin() -> None:
    """Whatever changes something comes from a page of ours. Where a browser says neither, the form's token tells."""
    if request.method in SAFE:
        return
    ours = gate().settings.url or f"http://{request.host}"
    if request.headers.get("Sec-Fetch-Site", "none") not in SAME_SITE or request.headers.get("Origin", ours) != ours:
        abort(403)


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
