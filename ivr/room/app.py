"""The listening room as a web application: one page, the same for everybody, and what that page asks for."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request
from werkzeug.routing import IntegerConverter

from ivr.listening.withdrawal import take_back
from ivr.room.access import (
    Reception,
    drop_session,
    has_entered_by,
    keep_session,
    let_in,
    may,
    reception,
    visit,
    who_may_enter,
)
from ivr.room.editing import add_editing, editors_state
from ivr.room.reading import add_reading, readers_state
from ivr.room.sounds import add_sounds
from ivr.room.speaking import add_speaking
from ivr.room.state import common_state, speakers_state
from ivr.room.told import NOTHING, Answer, TooOften, said, tell_errors
from ivr.room.uploads import MOST_JSON, MOST_SOUND, body, text_in
from ivr.room.words import consent_version
from ivr.web.devices import device_name
from ivr.web.reached import Forwarded, PagesApp, right_host, right_origin

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""`blob:` is what a page has recorded itself."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
A_MINUTE, LINKS_A_MINUTE = 600, 60
"""Requests of one session, and links that one address may open. Whoever reads ten sentences in a row needs 60."""
LONGEST_TOKEN = 200


class RoomRow(IntegerConverter):
    """The number of a row in an address: no longer than a database can look for."""

    regex = r"\d{1,9}"


def create_room(here: Reception) -> Flask:
    """Make the application of a room that has a process of its own."""
    app = PagesApp(__name__, static_folder=None, template_folder=None)
    add_room(app, lambda: here, here.base)
    tell_errors(app)
    app.wsgi_app = Forwarded(app.wsgi_app, here.settings.url, here.settings.proxy)  # type: ignore[assignment, method-assign]
    return app


def add_room(app: Flask, here: Callable[[], Reception], base: str) -> None:
    """Add a room to an application, below a path. ValueError if it is not said of a view who may use it.

    `here`: what its requests share; it is asked for at each.
    """
    app.url_map.converters["row"] = RoomRow
    app.extensions["room"] = here
    pages = room_pages()
    app.register_blueprint(pages, url_prefix=base.rstrip("/"))
    views = {name: view for name, view in app.view_functions.items() if name.startswith(f"{pages.name}.")}
    if unsaid := [name for name, view in views.items() if who_may_enter(view) is None]:
        raise ValueError(f"who may use these views is not said: {', '.join(sorted(unsaid))}")


def room_pages() -> Blueprint:
    """The page, and all that it asks for."""
    pages = Blueprint("room", __name__, static_folder="static", static_url_path="/static", template_folder="templates")
    for check in (_right_host, _right_origin, _not_too_long, let_in, _not_too_often):
        pages.before_request(check)
    pages.after_request(strictly)
    tell_errors(pages)

    @pages.get("/")
    @may()
    def page() -> str:
        """The same for everybody, invited or not: what looks at links learns nothing, and uses nothing up."""
        return render_template("room.html")

    @pages.record_once
    def static_is_for_all(state: Any) -> None:
        may()(state.app.view_functions["room.static"])

    _add_visit(pages)
    add_speaking(pages)
    add_reading(pages)
    add_editing(pages)
    add_sounds(pages)
    return pages


def _add_visit(pages: Blueprint) -> None:
    """To come, to agree and to take everything back."""

    @pages.post("/enter")
    @may()
    def enter() -> Any:
        token, here = text_in(body(), "token")[:LONGEST_TOKEN], reception()
        answer, status = said(200)
        if not has_entered_by(token):
            entry = here.room.enter(token, device_name(request.user_agent.string), here.now())
            keep_session(answer, entry.session_token, token, entry.visit.volunteer.ends)
        return answer, status

    @pages.get("/state")
    @may("voice", "reader", "editor")
    def state() -> Answer:
        here = visit()
        more: dict[str, Callable[[], dict[str, Any]]] = {
            "reader": lambda: readers_state(here),
            "voice": lambda: speakers_state(here),
            "editor": lambda: speakers_state(here) | editors_state(here),
        }
        return said(200, **common_state(here), **more[here.volunteer.kind]())

    @pages.post("/consent")
    @may("voice", "reader", "editor")
    def agree() -> Answer | tuple[str, int]:
        me, found, here = visit().volunteer, body(), reception()
        if found.get("adult") is not True or not isinstance(found.get("named"), bool):
            abort(HTTPStatus.BAD_REQUEST)
        version = consent_version(me.language, me.kind)
        if text_in(found, "version") != version:
            return said(HTTPStatus.CONFLICT, why="consent")
        here.room.agree(me.id, version, me.language, here.now(), named=found["named"])
        return NOTHING

    @pages.post("/withdraw")
    @may("voice", "reader", "editor")
    def withdraw() -> Any:
        if body().get("sure") is not True:
            abort(HTTPStatus.BAD_REQUEST)
        here = reception()
        take_back(here.room, here.settings.recordings, visit().volunteer.id, None, here.now())
        answer = Response(status=HTTPStatus.NO_CONTENT)
        drop_session(answer)
        return answer


def _is_open() -> bool:
    """Whether a request is for what everybody may see, and from anywhere: the page and its parts, by a link."""
    return request.endpoint in ("room.page", "room.static")


def _right_host() -> Response | None:
    return right_host(reception().settings.url)


def _right_origin() -> None:
    if not _is_open():
        right_origin(reception().settings.url)


def _not_too_long() -> None:
    """Refuse by its length what would be too long; a sound may be longer than what is written."""
    request.max_content_length = MOST_SOUND if request.method == "PUT" else MOST_JSON
    if (request.content_length or 0) > request.max_content_length:
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _not_too_often() -> None:
    """Whoever is there counts by their session, and whoever opens a link by their address."""
    if _is_open():
        return
    if request.endpoint == "room.enter":
        key, most = (("address", request.remote_addr), LINKS_A_MINUTE)
    else:
        key, most = (("session", str(visit().session)), A_MINUTE)
    if reception().rates.is_too_often(key, most):
        raise TooOften


def strictly(response: Response) -> Response:
    """What a browser must not do with a page of ours, and what nobody keeps on the way."""
    response.headers.update(HEADERS)
    if not _is_open() or "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if reception().settings.url:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
