"""Who is in the room: by an invitation, whose token is exchanged for a session; and who may do what there, `@may`."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import Response, abort, current_app, g, request

from ivr.records.room import InvitationOver, Kind, Room, Visit
from ivr.room.rates import Rates
from ivr.room.site import RoomContent, RoomSite
from ivr.room.spoken import SpokenMeanings
from ivr.settings.room_pages import RoomSettings

View = TypeVar("View", bound=Callable[..., Any])
CONVERTING = 2
"""Recordings that are judged at a time: each takes a processor for a second."""


@dataclass(frozen=True)
class Reception:
    """What every request to one room shares. `base`: the path below which the room is, with a slash at both ends."""

    room: Room
    settings: RoomSettings
    site: RoomSite
    now: Callable[[], datetime]
    base: str = "/"
    rates: Rates = field(default_factory=Rates)
    spoken: SpokenMeanings = field(default_factory=SpokenMeanings)
    converting: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(CONVERTING))

    def keyed(self, text: str) -> str:
        """A name that stands for a text, which nobody without the key can find out, and which stays the same."""
        return hmac.new(self.settings.key, text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()[:32]

    @property
    def cookie(self) -> str:
        """The name of the cookie. `__Host-`: no other host can set it, which needs https and no path."""
        return "__Host-room" if self.settings.url and self.base == "/" else "room"


def reception() -> Reception:
    """That of this application."""
    return cast("Callable[[], Reception]", current_app.extensions["room"])()


def content() -> RoomContent:
    """The site, the same one during a whole request."""
    if "room_content" not in g:
        g.room_content = reception().site.now
    return cast("RoomContent", g.room_content)


def may(*kinds: Kind) -> Callable[[View], View]:
    """Say of a view who may use it; without a kind: anybody, invited or not. It stands nearest to the function."""

    def marked(view: View) -> View:
        view.__dict__["may_enter"] = kinds
        return view

    return marked


def who_may_enter(view: Callable[..., Any]) -> tuple[Kind, ...] | None:
    """Who may use a view; None if nothing says so."""
    return cast("tuple[Kind, ...] | None", getattr(view, "may_enter", None))


def visit() -> Visit:
    """Who has sent this request, in a view that only invited people may use."""
    return cast("Visit", g.visit)


def let_in() -> None:
    """See who it is, before every request. InvitationOver if the view needs somebody and nobody is there; 403 if the
    view is not for their kind.
    """
    kinds = who_may_enter(current_app.view_functions[request.endpoint]) if request.endpoint else ()
    if not kinds:
        return
    here = _visit_of_cookie()
    if here.volunteer.kind not in kinds:
        abort(403)
    g.visit = here


def _visit_of_cookie() -> Visit:
    session, _, _ = request.cookies.get(reception().cookie, "").partition(".")
    if not session:
        raise InvitationOver("unknown")
    return reception().room.visit(session, reception().now())


def has_entered_by(token: str) -> bool:
    """Whether this browser has a good session by this very link: then it is no other device."""
    _, _, link = request.cookies.get(reception().cookie, "").partition(".")
    if not hmac.compare_digest(link.encode(), _stands_for(token).encode()):
        return False
    try:
        _visit_of_cookie()
    except InvitationOver:
        return False
    return True


def keep_session(response: Response, session: str, token: str, ends: datetime) -> None:
    """Let the browser keep a session until the invitation ends."""
    here = reception()
    response.set_cookie(
        here.cookie,
        f"{session}.{_stands_for(token)}",
        max_age=ends - here.now(),
        path=here.base,
        secure=here.settings.url is not None,
        httponly=True,
        samesite="Strict",
    )


def drop_session(response: Response) -> None:
    """Let the browser forget its session."""
    here = reception()
    response.delete_cookie(
        here.cookie, path=here.base, secure=here.settings.url is not None, httponly=True, samesite="Strict"
    )


def _stands_for(token: str) -> str:
    return reception().keyed(f"link {token}")
