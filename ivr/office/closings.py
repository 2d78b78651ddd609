"""The pages by which the office sees what its line does, closes it and opens it again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from markupsafe import Markup

from ivr.core.closing import Change
from ivr.core.exception_days import ALL
from ivr.core.office import INSTRUCTOR, ON_CALL, PHONE
from ivr.office.access import may, password_is_right, person, somebody
from ivr.office.choice import (
    LEADERS_ONLY,
    ChosenChanges,
    needs_leader,
    needs_password,
    refused,
    wanted,
    wanted_stand_in,
)
from ivr.office.dates import Dates, language_name, name_of
from ivr.office.desk import FrontDesk
from ivr.office.words import interface, t
from ivr.records import mirror
from ivr.records.closings import REASONS, KeptClosing, NothingToWithdraw, reason
from ivr.records.faults import RecordsFault

POLL_SECONDS = 10
"""How often an open page of today asks whether anything has changed."""


def closings_pages(desk: FrontDesk, now: Callable[[], datetime]) -> Blueprint:
    """The pages as a blueprint; `now`: the time."""
    pages = Blueprint("closings", __name__)
    view = _Views(desk, now)

    @pages.context_processor
    def _formats() -> dict[str, Any]:
        found = somebody()  # nobody, where an error is told before it is known who asks
        return {
            "dates": Dates(now(), desk.zone),
            "name_of": name_of,
            "language_name": language_name,
            "languages": desk.languages,
            "needs_leader": needs_leader,
            "is_leader": found is not None and found.person.role == "leader",
        }

    @pages.get("/")
    @may("staff")
    def today() -> Any:
        """What holds now."""
        return view.today()

    @pages.get("/now")
    @may("staff")
    def changed() -> Any:
        """The same without its frame, if it has changed since the page was shown."""
        return view.changed()

    @pages.get("/close")
    @may("staff")
    def choose() -> Any:
        """The first step: what, until when, why."""
        return view.choose({})

    @pages.get("/close/confirm")
    @may("staff")
    def look() -> Any:
        """The second step: what callers will hear, and who is rung."""
        found, wrong = wanted(request.args, desk, now())
        return view.confirm(found) if found else view.choose(wrong)

    @pages.post("/close/confirm")
    @may("staff")
    def confirm() -> Any:
        """Do it; again and again the same, it is done once."""
        return view.make()

    @pages.route("/withdraw/<int:id>", methods=["GET", "POST"])
    @may("staff")
    def withdraw(id: int) -> Any:
        """Look at what follows, and withdraw."""
        return view.withdraw(id)

    @pages.get("/calendar")
    @may("staff")
    def calendar() -> Any:
        """The coming year."""
        return render_template("calendar.html", months=desk.year(now(), interface()))

    @pages.get("/calendar/<day>")
    @may("staff")
    def day(day: str) -> Any:
        """One day, and what callers hear on it."""
        return view.day(day)

    @pages.get("/contacts")
    @may("staff")
    def contacts() -> Any:
        """Who is rung."""
        return render_template("contacts.html", contacts=desk.contacts(now()))

    @pages.get("/contacts/<contact>")
    @may("staff")
    def stand_in(contact: str) -> Any:
        """Choose a prepared number for a contact."""
        return view.stand_in(contact, {})

    @pages.get("/contacts/<contact>/confirm")
    @may("staff")
    def look_at_stand_in(contact: str) -> Any:
        """Look at what follows."""
        found, wrong = wanted_stand_in(request.args, contact, desk, now())
        return view.confirm(found) if found else view.stand_in(contact, wrong)

    @pages.get("/sound/<string(length=32):name>.wav")
    @may("staff")
    def sound(name: str) -> Any:
        """A clip, with the very bytes that the line gives the provider."""
        return view.sound(name)

    return pages


class _Views:
    def __init__(self, desk: FrontDesk, now: Callable[[], datetime]) -> None:
        self._desk, self._now = desk, now

    def today(self) -> str:
        return render_template("today.html", every=POLL_SECONDS, **self._shown())

    def changed(self) -> Any:
        shown = self._shown()
        if request.args.get("seen") == shown["seen"]:
            return "", 204  # htmx leaves the page as it is, and with it whoever reads or listens
        return render_template("now.html", **shown)

    def _shown(self) -> dict[str, Any]:
        today = self._desk.today(self._now())
        ends = self._desk.ends(PHONE, today.now)
        body = render_template("today_body.html", today=today, ends=ends)
        state = render_template("today_state.html", today=today)
        dates = Dates(today.now, self._desk.zone)
        day = f"{t('today_title')}, {dates.long(dates.today)}"
        seen = hashlib.sha256((day + state + body).encode()).hexdigest()[:32]
        return {"day": day, "body": Markup(body), "state": Markup(state), "seen": seen}  # noqa: S704 - our own templates

    def choose(self, wrong: Mapping[str, str]) -> Any:
        asked = request.args.to_dict()
        schedule = asked.setdefault("schedule", PHONE)
        if schedule not in (ALL, *self._desk.services):
            abort(404)
        now = self._now()
        dates = Dates(now, self._desk.zone)
        shown = render_template(
            "close.html",
            asked=asked,
            wrong=wrong,
            schedules=(*self._desk.services, ALL),
            ends=self._desk.ends(PHONE if schedule == ALL else schedule, now),
            reasons=REASONS,
            spares=self._desk.masked_spares(INSTRUCTOR) if schedule == PHONE else (),
            first=dates.today,
            last=self._desk.furthest(now),
        )
        return shown, 422 if wrong else 200

    def stand_in(self, contact: str, wrong: Mapping[str, str]) -> Any:
        spares, now = self._desk.masked_spares(contact), self._now()
        if contact == ON_CALL and person().role != "leader":
            abort(403)
        shown = render_template(
            "stand_in.html",
            contact=contact,
            spares=spares,
            asked=request.args.to_dict(),
            wrong=wrong,
            reasons=REASONS,
            first=Dates(now, self._desk.zone).today,
            last=self._desk.furthest(now),
        )
        return shown if spares else abort(404), 422 if wrong else 200

    def confirm(self, wanted: ChosenChanges, token: str = "", fault: str = "") -> Any:
        now = self._now()
        if not fault:
            fault = refused(wanted.changes, self._desk, now, leader=person().role == "leader")
        if fault == LEADERS_ONLY:
            abort(403)
        shown = render_template(
            "confirm.html",
            wanted=wanted,
            written=mirror.to_bytes(wanted.changes).decode(),
            token=token or str(uuid4()),
            preview=self._desk.preview(wanted.changes, now),
            ask_password=self._matter(wanted.changes, now),
            fault=fault,
        )
        return shown, 422 if fault else 200

    def make(self) -> Any:
        found, token = self._confirmed(), request.form.get("token", "")
        now, by = self._now(), person()
        if fault := refused(found.changes, self._desk, now, leader=by.role == "leader"):
            if fault == LEADERS_ONLY:
                abort(403)
            return render_template("not_made.html", fault=fault), 422
        if self._matter(found.changes, now) and not password_is_right():
            return self.confirm(found, token, "password_wrong")
        try:
            self._desk.make(found.changes, found.why, by.name, now, UUID(token))
        except RecordsFault:
            written = mirror.to_bytes(found.changes).decode()
            ask = self._matter(found.changes, now)
            return render_template("uncertain.html", written=written, why=found.why, token=token, ask_password=ask), 503
        flash(t("done_closed"))
        return redirect(url_for("closings.today"), 303)

    def _confirmed(self) -> ChosenChanges:
        """What the form of the second step has; 400 if it is not as we wrote it."""
        form = request.form
        why = reason(form.get("why"))
        try:
            # Browsers write the ends of lines in their own way.
            changes = mirror.from_bytes(form.get("changes", "").replace("\r\n", "\n").encode())
            UUID(form.get("token", ""))
        except ValueError:
            abort(400)
        if why is None:
            abort(400)
        return ChosenChanges(changes, why)

    def _matter(self, changes: tuple[Change, ...], now: datetime) -> bool:
        return any(needs_password(change, self._desk, now) for change in changes)

    def withdraw(self, id: int) -> Any:
        now, fault = self._now(), ""
        found = self._desk.preview_without(id, now)
        if found is None:  # one that comes a moment later is not withdrawn: who may was not asked
            return self._nothing_to_withdraw(self._desk.known(id, now))
        kept, preview = found
        if needs_leader(kept.closing) and person().role != "leader":
            abort(403)
        ask = needs_password(kept.closing, self._desk, now)
        if request.method == "POST":
            if ask and not password_is_right():
                fault = "password_wrong"
            else:
                try:
                    self._desk.withdraw(id, person().name, now)
                except NothingToWithdraw as error:
                    return self._nothing_to_withdraw(error.kept)
                flash(t("done_withdrawn"))
                return redirect(url_for("closings.today"), 303)
        shown = render_template("withdraw.html", kept=kept, preview=preview, ask_password=ask, fault=fault)
        return shown, 422 if fault else 200

    def _nothing_to_withdraw(self, kept: KeptClosing | None) -> Any:
        # Pressed twice, by the same person: it is as they want it.
        if request.method == "POST" and kept and kept.withdrawn_by == person().name:
            flash(t("done_withdrawn"))
            return redirect(url_for("closings.today"), 303)
        return render_template("nothing_to_withdraw.html", kept=kept), 409

    def day(self, written: str) -> Any:
        try:
            day = date.fromisoformat(written)
        except ValueError:
            abort(404)
        now = self._now()
        first, last = Dates(now, self._desk.zone).today, self._desk.furthest(now)
        if not first.replace(day=1) <= day <= last:
            abort(404)
        found, stages = self._desk.day(day, interface(), now)
        return render_template("day.html", found=found, stages=stages, first=first.replace(day=1), last=last)

    def sound(self, name: str) -> Response:
        found = self._desk.clip(name)
        if found is None:
            abort(404)
        try:
            return send_file(found.path, mimetype="audio/wav", conditional=True, etag=name)
        except OSError:
            abort(404)
