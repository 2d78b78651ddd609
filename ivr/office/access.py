"""Who may see and do what, on every page: `@may`, `person()`, `password_is_right()`."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar, cast

from flask import Response, abort, current_app, g, redirect, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as BaseResponse

from ivr.office.cookies import delete_cookie, get_cookie, set_cookie
from ivr.office.passwords import Passwords
from ivr.office.slowing import Slowing, network_of
from ivr.records.people import LONGEST_NAME, SIGNED_IN, People, Person, SignedIn, name_key
from ivr.settings.office import OfficeSettings
from ivr.web.devices import device_name

Who = Literal["anyone", "staff", "leader"]
"""Who may use a view; a team leader may whatever the staff may."""
View = TypeVar("View", bound=Callable[..., Any])
DEVICE, KNOWN = "device", "known"
"""Cookies: the token of a device that is signed in; and who of the staff was signed in on it once."""
KNOWN_FOR = timedelta(days=400)
"""How long a device stays known: browsers keep no cookie for longer."""
MOST_OWNERS = 20
"""Of how many people a device is known; they who were signed in last."""


@dataclass(frozen=True)
class Gate:
    """What every page of one office shares."""

    people: People
    settings: OfficeSettings
    now: Callable[[], datetime]
    passwords: Passwords = field(default_factory=Passwords)
    slowing: Slowing = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "slowing", Slowing(self.now))


def gate() -> Gate:
    """That of this application."""
    return cast("Gate", current_app.extensions["gate"])


def may(who: Who) -> Callable[[View], View]:
    """Say of a view who may use it. It stands nearest to the function; `create_office` refuses a view without it."""

    def marked(view: View) -> View:
        view.__dict__["may"] = who
        return view

    return marked


def who_may(view: Callable[..., Any]) -> Who | None:
    """Who may use a view; None if nothing says so."""
    return cast("Who | None", getattr(view, "may", None))


def somebody() -> SignedIn | None:
    """Who has sent this request, and from which device; None if nobody is signed in there."""
    return cast("SignedIn | None", g.get("signed_in"))


def signed_in() -> SignedIn:
    """The same on a page that only the staff may use."""
    found = somebody()
    if found is None:
        abort(401)
    return found


def person() -> Person:
    """Who has sent this request, on a page that only the staff may use."""
    return signed_in().person


def let_in() -> Response | None:
    """See who it is, before every request; whoever may not use the view gets another answer."""
    who = who_may(current_app.view_functions[request.endpoint]) if request.endpoint else "anyone"
    if request.endpoint == "static":
        return None
    token = get_cookie(DEVICE)
    found = g.signed_in = gate().people.signed_in(token, gate().now()) if token else None
    _bind_session(found)
    if who == "anyone":
        return None
    if found is None:
        return _log_in_first()
    if who == "leader" and found.person.role != "leader":
        abort(403)
    return None


def _bind_session(found: SignedIn | None) -> None:
    """A session, and the token in its forms (CSRF), is good for one device while it is signed in, and no longer."""
    device = found.device.id if found else None
    if session.get("device") != device:
        session.clear()
        if device is not None:
            session["device"] = device
    if not session.permanent:
        session.permanent = True


def _log_in_first() -> Response:
    if request.headers.get("HX-Request"):  # a part of a page: the page as a whole must go there
        return Response(status=401, headers={"HX-Redirect": url_for("access.log_in")})
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return cast("Response", redirect(url_for("access.log_in", next=back), 303))


def keep_signed_in(response: Response) -> Response:
    """Let the browser keep its cookie for another 90 days, whenever these begin anew."""
    if (found := somebody()) and found.noted and (token := get_cookie(DEVICE)):
        set_cookie(response, DEVICE, token, SIGNED_IN, "Lax")
    return response


def who_logs_in(name: str, password: str) -> Person | None:
    """Who it is, if the password is right. TooSoon or Crowded if that is not looked at yet."""
    asked, address = gate(), ("address", network_of(request.remote_addr or ""))
    named = ("name", name_key(name)[:LONGEST_NAME])
    found = asked.people.find(name)
    device, owners = _known_device()
    known = found is not None and found.id in owners
    if known:  # whatever strangers try elsewhere, somebody on their own device does not wait for it
        counted = keys = [("known", device)]
        asked.slowing.begin(keys)
    else:
        # Who has not mistyped often does not wait for what others have tried with the name: these may never stop.
        keys = [address, named] if asked.slowing.is_slowed(address) else [address]
        counted = [address, named]
        asked.slowing.begin(keys, [each for each in counted if each not in keys])
    if not _is_right(found.id if found else None, password, known=known):
        return None
    asked.slowing.was_right(counted)
    return found


def password_is_right() -> bool:
    """Whether the form has the password of who sends it, in its field `password`: whatever matters asks for it again.

    TooSoon or Crowded, for which the application has an answer, if that is not looked at yet.
    """
    keys = [("device", signed_in().device.id)]  # so whoever has one of somebody's devices keeps no other one waiting
    gate().slowing.begin(keys)
    right = _is_right(person().id, request.form.get("password", ""), known=True)
    if right:
        gate().slowing.was_right(keys)
    return right


def _is_right(id: int | None, password: str, *, known: bool) -> bool:
    people, passwords = gate().people, gate().passwords
    kept = people.password_of(id)
    if not passwords.is_right(kept, password, known=known):
        return False
    if id is not None and kept and (renewed := passwords.rehashed(kept, password)):
        people.rehash(id, kept, renewed)
    return True


def sign_in(response: BaseResponse, person: Person) -> None:
    """Sign somebody in on this device, by a new token whatever the browser had before."""
    if old := get_cookie(DEVICE):
        gate().people.log_out(old)
    gate().people.forget(gate().now())
    token = gate().people.sign_in(person.id, device_name(request.user_agent.string), gate().now())
    g.signed_in = gate().people.signed_in(token, gate().now())
    _bind_session(g.signed_in)
    set_cookie(response, DEVICE, token, SIGNED_IN, "Lax")
    device, owners = _known_device()
    owners = [*(each for each in owners if each != person.id), person.id][-MOST_OWNERS:]
    set_cookie(response, KNOWN, _signer().dumps([device, *owners]), KNOWN_FOR, "Strict")


def sign_out(response: BaseResponse) -> None:
    """Sign out on this device. Its token is worth nothing any more, whoever has it."""
    if token := get_cookie(DEVICE):
        gate().people.log_out(token)
    g.signed_in = None
    session.clear()
    delete_cookie(response, DEVICE)


def _known_device() -> tuple[str, list[int]]:
    """What this device is called in counts, and the ids of those who were signed in on it: for nobody else is it known.

    Else somebody of the staff could collect such cookies, and guess by each of them as if nobody had guessed before.
    """
    try:
        device, *owners = _signer().loads(get_cookie(KNOWN) or "")
    except BadSignature:
        return secrets.token_urlsafe(16), []
    return device, owners


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(gate().settings.key, salt="known device")
