"""The pages of team leaders on languages: who helps with each, what is missing, and taking it into use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from ivr.content.approval import NotSigned
from ivr.content.merge import Unreadable
from ivr.files import NotWritten
from ivr.listening.release import Missing, NotReady, Standing, is_volunteer
from ivr.listening.trial import BrokenSite
from ivr.office.access import may, password_is_right, person
from ivr.office.dates import language_name
from ivr.office.language_desk import LanguageDesk, SiteBroken
from ivr.office.staff import Happened, when
from ivr.office.words import interface, t, words
from ivr.records.faults import RecordsFault
from ivr.records.people import name_key
from ivr.records.room import INVITED, KEPT, KINDS, Gone, Kind, NewInvitation, OneKindOnly, OwnWork, Volunteer
from ivr.speech.engines import CLOUD

Page = str | tuple[str, int] | BaseResponse


def languages_pages(desk: LanguageDesk, now: Callable[[], datetime]) -> Blueprint:
    """The pages as a blueprint; `now`: the time, in the zone of the office."""
    pages = Blueprint("languages", __name__)
    view = _LanguageViews(desk, now)

    @pages.context_processor
    def _formats() -> dict[str, Any]:
        return {"language_name": language_name, "speaks": _speaks, "when": when}

    @pages.get("/languages")
    @may("leader")
    def all_() -> Any:
        """Every language, and how far it is."""
        return view.all()

    @pages.get("/languages/<code>")
    @may("leader")
    def one(code: str) -> Any:
        """One language: its people, its safety sentences, what is missing."""
        return view.one(view.known(code))

    @pages.post("/languages/<code>/use")
    @may("leader")
    def use(code: str) -> Any:
        """Take it into use."""
        return view.use(view.known(code))

    @pages.post("/languages/<code>/off")
    @may("leader")
    def off(code: str) -> Any:
        """Take it off the line."""
        return view.off(view.known(code))

    @pages.post("/languages/<code>/people")
    @may("leader")
    def invite(code: str) -> Any:
        """Invite somebody, and show their link."""
        return view.invite(view.known(code))

    @pages.post("/languages/<code>/people/<int:id>")
    @may("leader")
    def change(code: str, id: int) -> Any:
        """Make a new link for somebody, or end their invitation."""
        return view.change(view.known(code), id)

    @pages.route("/languages/<code>/people/<int:id>/voice", methods=["GET", "POST"])
    @may("leader")
    def voice(code: str, id: int) -> Any:
        """Look at what callers lose, and take a voice back."""
        return view.voice(view.known(code), id)

    @pages.route("/languages/<code>/texts", methods=["GET", "POST"])
    @may("leader")
    def texts(code: str) -> Any:
        """Look at what accepted words change in the texts, and write them."""
        return view.texts(view.known(code))

    @pages.get("/languages/<code>/sound/<string(length=32):name>.wav")
    @may("leader")
    def sound(code: str, name: str) -> Any:
        """A take, what a reader has said aloud, or a clip that they heard."""
        return view.sound(view.known(code), name)

    return pages


@dataclass(frozen=True)
class MissingShown:
    """What is missing, as it is told: a sentence of ours, and the sentences of the language that it is about."""

    said: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class SpokenSentence:
    """A take in the list of all; `by`: whose it is."""

    text: str
    by: str
    name: str


class _LanguageViews:
    def __init__(self, desk: LanguageDesk, now: Callable[[], datetime]) -> None:
        self._desk, self._now = desk, now

    @property
    def _today(self) -> date:
        return self._now().date()

    def known(self, code: str) -> str:
        """404 for what is no language of the line."""
        if code not in self._desk.codes:
            abort(404)
        return code

    def all(self) -> Page:
        desk, wrong = self._desk, None
        try:
            rows = desk.rows(self._today)
        except SiteBroken:
            rows, wrong = tuple(map(desk.row, desk.codes)), t("site_broken")
        except RecordsFault:
            rows, wrong = tuple(map(desk.row, desk.codes)), t("room_away")
        return render_template("languages.html", rows=rows, wrong=wrong)

    # --- one language ---

    def one(self, code: str, wrong: str | None = None, status: int = 200, pressed: tuple[Missing, ...] = ()) -> Page:
        """The page of a language. `pressed`: what a press has found missing, which looks at more than the page."""
        try:
            shown = self._shown(code, pressed)
        except SiteBroken:
            shown, wrong = {"shown": None}, wrong or t("site_broken")
        except RecordsFault:
            shown, wrong = {"shown": None}, wrong or t("room_away")
        first = code in self._desk.first
        return render_template(
            "language.html", code=code, row=self._desk.row(code), first=first, wrong=wrong, **shown
        ), status

    def _shown(self, code: str, pressed: tuple[Missing, ...]) -> dict[str, Any]:
        desk = self._desk
        people = [each for each in desk.room.volunteers(code) if not each.forgotten]
        names = {each.id: each.name or each.voice for each in people}
        standing = desk.standing(code, self._chosen(people), self._today)
        content = desk.content(self._today)
        texts = {**content.catalogue.texts.get(code, {}), **self._texts_of(standing)}
        takes = desk.room.takes(code)
        return {
            "shown": standing,
            "direction": content.languages.languages[code].direction,
            "people": people,
            "names": names,
            "chosen": self._chosen(people),
            "speakers": [each for each in people if any(take.volunteer == each.id for take in takes)],
            "recorded_by": Counter(each.volunteer for each in takes if each.replaced is None),
            "is_own": is_volunteer(tuple(people), person().name),
            "missing": _lacking(standing.missing or pressed, texts),
            "kinds": KINDS,
            "now": self._now(),
            "all_takes": [
                SpokenSentence(take.text, names.get(take.volunteer, ""), take.file) for take in standing.takes.values()
            ],
            "suggestions": desk.suggestions(code),
            "waiting": desk.waiting(code, self._today),
            "can_write": desk.can_write,
            "history": self._history(code),
        }

    def _texts_of(self, standing: Standing) -> dict[str, str]:
        takes = {take.sentence: take.text for take in standing.takes.values()}
        return takes | {each.sentence: each.text for each in standing.safety}

    def _chosen(self, people: list[Volunteer]) -> int | None:
        """Whose voice is preferred, as the form or the address says."""
        written = request.form.get("voice") or request.args.get("voice") or ""
        return next((each.id for each in people if str(each.id) == written), None)

    def _history(self, code: str) -> list[Happened]:
        events = self._desk.room.events(self._now() - KEPT)[::-1]
        own = [each for each in events if each.language == code]
        return [Happened(when(each.at), t(f"room_did_{each.deed}", by=each.by, about=each.about)) for each in own]

    # --- on and off the line ---

    def use(self, code: str) -> Page:
        if not password_is_right():
            return self.one(code, t("password_wrong"), 403)
        if refused := self._own_work(code):
            return refused
        desk, people = self._desk, list(self._desk.room.volunteers(code))
        voice = self._chosen(people)
        try:
            desk.press(code, voice, request.form.get("seen", ""), person().name, self._now())
        except Gone:
            return self.one(code, t("changed_since"), 409)
        except NotReady as error:
            return self.one(code, t("not_ready"), 409, error.missing)
        except (NotWritten, NotSigned):
            return self.one(code, t("not_written"), 503)
        flash(t("is_in_use"))
        return self._back(code)

    def off(self, code: str) -> Page:
        """Whoever leads may do it, also a volunteer of the language: it lets nobody hear anything."""
        try:
            self._desk.off(code, person().name, self._now())
        except NotReady:
            return self.one(code, t("missing_first"), 409)
        except NotWritten:
            return self.one(code, t("not_written"), 503)
        flash(t("is_off"))
        return self._back(code)

    def _own_work(self, code: str) -> Page | None:
        """A page that says why, where this leader is a volunteer of the language."""
        try:
            self._desk.refuse_own_work(code, person().name)
        except OwnWork:
            return self.one(code, t("own_work"), 403)
        return None

    def _back(self, code: str) -> BaseResponse:
        return redirect(url_for("languages.one", code=code), 303)

    # --- people ---

    def invite(self, code: str) -> Page:
        if refused := self._own_work(code):
            return refused
        kind = self._kind()
        try:
            made = self._desk.room.invite(code, request.form.get("name", ""), kind, person().name, self._now())
        except OneKindOnly:
            return self.one(code, t("one_kind_only"), 400)
        except ValueError:
            return self.one(code, t("name_unfit"), 400)
        return self._link(code, made)

    def change(self, code: str, id: int) -> Page:
        if refused := self._own_work(code):
            return refused
        meant = self._volunteer(code, id)
        deed = request.form.get("deed")
        if deed == "renew":
            return self._link(code, self._desk.room.renew(meant.id, person().name, self._now()))
        if deed != "end":
            abort(400)
        self._desk.room.end(meant.id, person().name, self._now())
        flash(t("invitation_ended", name=meant.name))
        return self._back(code)

    def voice(self, code: str, id: int) -> Page:
        """Their own voice anybody may take back; that of others, who is no volunteer of the language."""
        meant = self._volunteer(code, id)
        if name_key(meant.name) != name_key(person().name) and (refused := self._own_work(code)):
            return refused
        if request.method == "GET":
            return self._ask_voice(code, meant)
        if not password_is_right():
            return self._ask_voice(code, meant, t("password_wrong")), 403
        try:
            fallen = self._desk.take_back(meant, person().name, self._now())
        except NotWritten:
            return self._ask_voice(code, meant, t("not_all_deleted")), 503
        flash(t("voice_deleted", count=len(fallen)))
        return self._back(code)

    def _ask_voice(self, code: str, meant: Volunteer, wrong: str | None = None) -> str:
        falls = self._desk.falls(code, meant, self._today)
        goes = bool(falls) and self._desk.is_spoken_by_people_alone(code)
        return render_template("language_voice.html", code=code, meant=meant, falls=falls, goes=goes, wrong=wrong)

    def _volunteer(self, code: str, id: int) -> Volunteer:
        try:
            return self._desk.volunteer(code, id)
        except Gone:
            abort(404)

    def _kind(self) -> Kind:
        kind = request.form.get("kind")
        if kind not in KINDS:
            abort(400)
        return kind

    def _link(self, code: str, made: NewInvitation) -> str:
        link = f"{self._desk.place.url}/#{made.token}"
        return render_template("language_link.html", code=code, meant=made.volunteer, link=link, days=INVITED.days)

    # --- texts and sounds ---

    def texts(self, code: str) -> Page:
        if refused := self._own_work(code):
            return refused
        desk = self._desk
        try:
            if request.method == "POST":
                if not desk.can_write:
                    abort(HTTPStatus.FORBIDDEN)
                if desk.write(code, person().name, self._now()).written:
                    flash(t("texts_written"))
                    return self._back(code)
            shown = desk.would_write(code, self._today)
        except NotWritten:
            return self.one(code, t("not_written"), 503)
        except (Unreadable, BrokenSite, OSError):
            return self.one(code, t("site_broken"), 503)
        lines = shown.diff.splitlines()[2:]  # without the names of the file
        return render_template("language_texts.html", code=code, shown=shown, lines=lines, can_write=desk.can_write)

    def sound(self, code: str, name: str) -> Response:
        if (path := self._desk.sound(code, name, self._today)) is None:
            abort(404)
        try:
            response = send_file(path.absolute(), mimetype="audio/wav", conditional=True)
        except OSError:
            abort(404)
        response.headers["Cache-Control"] = "no-store"
        return response


def _lacking(missing: tuple[Missing, ...], texts: Mapping[str, str]) -> list[MissingShown]:
    """What is missing, the sentences of one kind together."""
    kinds = dict.fromkeys(each.what for each in missing)
    return [
        MissingShown(
            t(f"missing_{what}", count=sum(each.count for each in same) or len(same), all=same[0].all),
            tuple(texts.get(each.sentence, each.sentence) for each in same if each.sentence),
        )
        for what in kinds
        for same in ([each for each in missing if each.what == what],)
    ]


def _speaks(source: str) -> str:
    """Whose voice speaks, in words."""
    if source in CLOUD:
        return t("speaks_cloud")
    return t(f"speaks_{source}") if f"speaks_{source}" in words(interface()) else source
