"""The pages by which somebody comes in and goes: log-in, log-out, the link that sets a password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from ivr.office.access import gate, may, sign_in, sign_out, somebody, who_logs_in
from ivr.office.navigation import first_page
from ivr.office.passwords import LONGEST, SHORTEST, Crowded, unfit
from ivr.office.slowing import TooSoon
from ivr.office.words import t
from ivr.records.people import InvitationEnded

pages = Blueprint("access", __name__)


@pages.get("/log-in")
@may("anyone")
def log_in() -> Any:
    """Ask for name and password."""
    if found := somebody():
        return redirect(_wanted() or first_page(found.person))
    return _log_in_form()


@pages.post("/log-in")
@may("anyone")
def log_in_now() -> Any:
    """Look at name and password; a wrong name and a wrong password are told alike."""
    name = request.form.get("name", "")
    try:
        found = who_logs_in(name, request.form.get("password", ""))
    except TooSoon as error:
        return _log_in_form(t("error_too_soon", seconds=error.seconds)), 429, {"Retry-After": str(error.seconds)}
    except Crowded:
        return _log_in_form(t("error_busy")), 503, {"Retry-After": "1"}
    if found is None:
        return _log_in_form(t("log_in_wrong")), 403
    response = redirect(_wanted() or first_page(found), 303)
    sign_in(response, found)
    return response


@pages.post("/log-out")
@may("staff")
def log_out() -> Any:
    """Sign out on this device."""
    response = redirect(url_for("access.log_in"), 303)
    sign_out(response)
    flash(t("logged_out"))
    return response


@pages.get("/forgot")
@may("anyone")
def forgot() -> Any:
    """Say who makes a new link."""
    return render_template("forgot.html")


@pages.route("/invitation/<token>", methods=["GET", "POST"])
@may("anyone")
def invitation(token: str) -> Any:
    """Set a password by a link. To look at it does not use it up: programs that show a preview do that too."""
    wrong = None
    try:
        person = gate().people.invited(token, gate().now())
        if request.method == "POST":
            wrong = wrong_new_password(person.name)
            if not wrong:
                gate().people.accept(token, gate().passwords.hash(request.form["new_password"]), gate().now())
                flash(t("password_set"))
                return redirect(url_for("access.log_in"), 303)
    except InvitationEnded as error:
        return render_template("error.html", said=t(f"invitation_{error.why}")), 410
    return render_template("invitation.html", person=person, wrong=wrong, shortest=SHORTEST), 400 if wrong else 200


def wrong_new_password(name: str) -> str | None:
    """What is wrong with the new password in a form, in words; None if somebody of this name may have it."""
    password, again = request.form.get("new_password", ""), request.form.get("again", "")
    if key := unfit(password, name):
        return t(key, shortest=SHORTEST, longest=LONGEST)
    return None if password == again else t("password_differs")


def _log_in_form(wrong: str | None = None) -> str:
    return render_template("log_in.html", wrong=wrong, name=request.form.get("name", ""))


def _wanted() -> str | None:
    """The page of ours that somebody wanted before they had to log in."""
    wanted = request.args.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if ours else None
