"""The pages about people: one's own devices and password; and for team leaders, who is of the staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from ivr.office.access import gate, may, password_is_right, person, sign_in, sign_out, signed_in
from ivr.office.log_in import wrong_new_password
from ivr.office.passwords import SHORTEST
from ivr.office.words import t
from ivr.records.closings import KEPT
from ivr.records.people import INVITED, ROLES, Invitation, LastLeader, NameTaken, NobodyOfThisName, Person, Role

pages = Blueprint("staff", __name__)


@pages.get("/me")
@may("staff")
def me() -> Any:
    """Where I am signed in, and a form for a new password."""
    return _me()


@pages.post("/me/password")
@may("staff")
def password() -> Any:
    """Take a new password, after the old one; all other devices are signed out."""
    if not password_is_right():
        return _me(t("password_wrong")), 403
    if wrong := wrong_new_password(person().name):
        return _me(wrong), 400
    kept = gate().passwords.hash(request.form["new_password"])
    gate().people.change_password(person().id, kept, signed_in().device.id, gate().now())
    response = redirect(url_for("staff.me"), 303)
    sign_in(response, person())  # by a new token: somebody may have a copy of the old one
    flash(t("password_changed"))
    return response


@pages.post("/me/devices/<int:device>")
@may("staff")
def end_device(device: int) -> Any:
    """Sign out on one device."""
    gate().people.sign_out(person().id, device, gate().now())
    flash(t("device_ended"))
    return redirect(url_for("staff.me"), 303)


@pages.post("/me/devices")
@may("staff")
def end_other_devices() -> Any:
    """Sign out everywhere but here."""
    gate().people.sign_out_others(person().id, signed_in().device.id, gate().now())
    flash(t("devices_ended"))
    return redirect(url_for("staff.me"), 303)


@pages.get("/people")
@may("leader")
def people() -> Any:
    """Who is of the staff, and who did what."""
    return _people()


@pages.post("/people")
@may("leader")
def add() -> Any:
    """Take somebody on, and show the link by which they set a password."""
    name = request.form.get("name", "")
    if not password_is_right():
        return _people(t("password_wrong")), 403
    try:
        return _link(gate().people.add(name, _role(), person().name, gate().now()))
    except NameTaken:
        return _people(t("name_taken")), 400
    except ValueError:
        return _people(t("name_unfit")), 400


@pages.get("/people/<int:id>")
@may("leader")
def one(id: int) -> Any:
    """What can be changed of somebody."""
    return _one(_found(id))


@pages.post("/people/<int:id>")
@may("leader")
def change(id: int) -> Any:
    """Make a new link for somebody, give them another role, or let them go."""
    meant, deed = _found(id), request.form.get("deed")
    if not password_is_right():
        return _one(meant, t("password_wrong")), 403
    kept, by, now = gate().people, person().name, gate().now()
    try:
        match deed:
            case "reset":
                return _link(kept.invite(id, by, now))
            case "role":
                kept.set_role(id, _role(), by, now)
                flash(t("role_changed", name=meant.name))
            case "remove":
                kept.remove(id, by, now)
                flash(t("removed", name=meant.name))
            case _:
                abort(400)
    except LastLeader:
        return _one(meant, t("last_leader")), 400
    if deed == "remove" and id == person().id:
        response = redirect(url_for("access.log_in"), 303)
        sign_out(response)
        return response
    # Who leads no longer may not see the people.
    return redirect(url_for("staff.me" if id == person().id else "staff.people"), 303)


@dataclass(frozen=True)
class Happened:
    """Who did what, in words, and when."""

    at: str
    said: str


def _me(wrong: str | None = None) -> str:
    devices = gate().people.devices(person().id, gate().now())
    return render_template(
        "me.html", devices=devices, here=signed_in().device.id, wrong=wrong, shortest=SHORTEST, when=when
    )


def _people(wrong: str | None = None) -> str:
    now = gate().now()
    entries = gate().people.audit(now - KEPT)[::-1]
    history = [Happened(when(each.at), t(f"did_{each.deed}", by=each.by, about=each.about)) for each in entries]
    staff = gate().people.all()
    return render_template("people.html", staff=staff, history=history, wrong=wrong, name=request.form.get("name", ""))


def _one(meant: Person, wrong: str | None = None) -> str:
    return render_template("person.html", meant=meant, wrong=wrong)


def _link(made: Invitation) -> str:
    base = gate().settings.url or request.host_url.rstrip("/")
    link = base + url_for("access.invitation", token=made.token)
    hours = INVITED.total_seconds() / 3600
    return render_template("link.html", meant=made.person, link=link, hours=round(hours))


def _found(id: int) -> Person:
    for each in gate().people.all():
        if each.id == id:
            return each
    raise NobodyOfThisName


def _role() -> Role:
    role = request.form.get("role")
    if role not in ROLES:
        abort(400)
    return role


def when(moment: datetime) -> str:
    """A time in the zone of the office, as it is written in the language of the page."""
    return t("when", at=moment.astimezone(gate().now().tzinfo))
