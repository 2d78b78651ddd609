"""Somebody of the staff sees what holds, closes, withdraws; two at once, twice the same, and killed in between."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ivr.core.closing import Closing, StandIn
from ivr.core.content import Content
from ivr.core.office import INSTRUCTOR, ON_CALL
from ivr.office.app import create_office
from ivr.office.closings import closings_pages
from ivr.office.desk import FrontDesk
from ivr.office.words import INTERFACES, words
from ivr.records import mirror
from ivr.records.closings import AuditEntry, KeptClosing, Records
from ivr.records.faults import RecordsFault
from ivr.records.people import People
from ivr.settings.office import OfficeSettings
from tests.office.closed import NUMBERS, SPARES, at, serving
from tests.office.conftest import ANNA, BEA, PASSWORDS, START, Browser, Clock, Office
from tests.office.test_security import routes

TODAY_CLOSED = {"schedule": "phone", "until": "today", "why": "no-staff"}
END_OF_DAY = at(0, day=25)


@dataclass
class Unsure:
    """Records that keep what they are told and then say that they do not know, while they are `failing`.

    `dies_after`: the process is killed when so many are kept.
    """

    real: Records
    failing: bool = False
    dies_after: int | None = None
    made: int = 0

    def close(self, *words: object, **more: object) -> KeptClosing:
        if self.dies_after == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        kept: KeptClosing = self.real.close(*words, **more)  # type: ignore[arg-type]
        self.made += 1
        if self.made == self.dies_after:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.failing:
            raise RecordsFault("the database cannot be reached", "see that it runs")
        return kept

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


@dataclass
class Line:
    """The pages, and what is behind them."""

    office: Office
    desk: FrontDesk
    records: Records
    unsure: Unsure
    wellness: str = "well"

    def kept(self) -> list[Closing | StandIn]:
        return [each.closing for each in self.records.current(self.office.clock())]


@pytest.fixture
def line(usual: Content, people: People, settings: OfficeSettings, clock: Clock, tmp_path: Path) -> Line:
    records = Records.open({"IVR_STATE": str(tmp_path)})
    unsure, served = Unsure(records), serving(usual)
    desk = FrontDesk(lambda: served, unsure, lambda: found.wellness)  # type: ignore[arg-type, return-value]
    app = create_office(people, settings, clock, [closings_pages(desk, clock)])
    found = Line(Office(app, people, clock), desk, records, unsure)
    return found


def words_of(page: str) -> str:
    """What is read on a page, without its frame."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main))).strip()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form of a page that is in its middle."""
    main = page[page.index("<main") : page.index("</main>")]
    fields = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', main)
    return {name: unescape(value) for name, value in fields}


def look(browser: Browser, chosen: Mapping[str, str]) -> str:
    page = browser.get(f"/close/confirm?{urlencode(chosen)}")
    assert page.status_code == 200, words_of(page.text)
    return page.text


def close(browser: Browser, chosen: Mapping[str, str], **more: str) -> str:
    """Through both steps; where it leads."""
    done = browser.post("/close/confirm", {**hidden(look(browser, chosen)), **more})
    return done.headers["Location"] if done.status_code == 303 else f"{done.status_code}: {words_of(done.text)}"


# --- close ------------------------------------------------------------------------------------------------------------


def test_closed_for_today_in_two_steps_from_the_first_page(line: Line) -> None:
    bea = line.office.browser_of(BEA)
    today = bea.get("/").text
    link = re.search(r'href="(/close\?[^"]*until=today[^"]*)"', today)
    assert link
    choose = bea.get(unescape(link[1])).text
    assert re.search(r'name="until" value="today" required checked', choose)
    page = look(bea, TODAY_CLOSED)
    assert line.kept() == [], "looking changes nothing"
    assert "Puhelinpalvelumme on kiinni. Se aukeaa huomenna aamulla kello yhdeksän." in words_of(page)
    assert "Näppäin 1: Sosiaalipäivystys, numero …02" in words_of(page)
    assert "password" not in hidden(page)
    assert close(bea, TODAY_CLOSED) == "/"
    assert line.kept() == [Closing("phone", line.office.clock().replace(second=0), END_OF_DAY)]
    after = words_of(bea.get("/").text)
    assert "Puhelinpalvelu on kiinni. Se aukeaa keskiviikkona" not in after
    assert "Puhelinpalvelu on kiinni. Se aukeaa huomenna klo 9.00." in after
    assert "Tavallisesti tänään auki 9.00–15.00." in after
    assert "Bea, tänään klo 8.10. Kukaan ei ole vastaamassa." in after


@pytest.mark.parametrize("until", ["10:00", "12:00"])
def test_closed_until_an_hour(line: Line, until: str) -> None:
    assert close(line.office.browser_of(BEA), {**TODAY_CLOSED, "until": until}) == "/"
    assert line.kept() == [Closing("phone", at(8, 10), at(int(until[:2])))]


def test_several_days_other_hours_and_every_service(line: Line) -> None:
    bea = line.office.browser_of(BEA)
    july = {**TODAY_CLOSED, "schedule": "all", "until": "days", "first": "2027-07-01", "last": "2027-07-31"}
    password = {"password": PASSWORDS[BEA]}
    assert close(bea, july, **password) == "/"
    begins = at(0).replace(year=2027, month=7, day=1)
    assert line.kept() == [Closing(name, begins, begins.replace(month=8)) for name in ("phone", "walk_in", "door")]
    hours = {**TODAY_CLOSED, "until": "hours", "day": "2026-11-24", "opens": "10:00", "closes": "11:30"}
    page = words_of(look(bea, hours))
    assert "klo 10.00 alkaen" in page
    assert "Puhelinpalvelumme on nyt auki" in page
    assert close(bea, hours) == "/"
    assert line.desk.today(at(9)).phone.until == at(10)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"why": ""}, "choose_why"),
        ({"until": ""}, "choose_until"),
        ({"until": "08:00"}, "past_end"),
        ({"until": "days"}, "wrong_date"),
        ({"until": "days", "first": "2026-12-02", "last": "2026-12-01"}, "wrong_date"),
        ({"until": "days", "first": "2026-11-01", "last": "2026-11-02"}, "past_end"),
        ({"until": "days", "first": "2026-12-01", "last": "9999-12-31"}, "too_far"),
        ({"until": "hours", "day": "2026-11-24", "opens": "11:00", "closes": "10:00"}, "wrong_hours"),
        ({"who": "nobody"}, "choose_who"),
        ({"who": "mobile 2", "schedule": "door"}, "only_phone"),
        (
            {"who": "mobile 2", "until": "hours", "day": "2026-11-24", "opens": "10:00", "closes": "11:00"},
            "spare_no_hours",
        ),
    ],
)
def test_what_is_chosen_wrongly_is_told_and_kept_in_the_form(line: Line, wrong: dict[str, str], told: str) -> None:
    page = line.office.browser_of(BEA).get(f"/close/confirm?{urlencode({**TODAY_CLOSED, **wrong})}")
    assert page.status_code == 422
    assert words("fi")[told] in words_of(page.text)
    assert ("why" in wrong) == ("no-staff" not in re.findall(r'value="([a-z-]+)" required checked', page.text))


@pytest.mark.parametrize("schedule", ["", "sauna", "sauna&until=12:00"])
def test_a_service_that_is_not_there_is_told(line: Line, schedule: str) -> None:
    bea = line.office.browser_of(BEA)
    assert bea.get("/close/confirm").status_code == 422
    assert bea.get(f"/close/confirm?schedule={schedule}").status_code == 404


def test_what_outlasts_today_asks_for_the_password(line: Line) -> None:
    bea = line.office.browser_of(BEA)
    tomorrow = {**TODAY_CLOSED, "until": "days", "first": "2026-11-24", "last": "2026-11-25"}
    assert words("fi")["password_wrong"] in close(bea, tomorrow)
    assert words("fi")["password_wrong"] in close(bea, tomorrow, password=PASSWORDS[ANNA])
    assert line.kept() == []
    assert close(bea, tomorrow, password=PASSWORDS[BEA]) == "/"
    (made,) = line.records.current(START)
    assert words("fi")["password_wrong"] in words_of(bea.send(f"/withdraw/{made.id}", {}).text)
    assert bea.send(f"/withdraw/{made.id}", {"password": PASSWORDS[BEA]}).status_code == 303
    assert line.kept() == []


# --- once, or not at all ----------------------------------------------------------------------------------------------


def test_pressed_twice_it_is_done_once(line: Line) -> None:
    bea = line.office.browser_of(BEA)
    form = hidden(look(bea, TODAY_CLOSED))
    line.office.clock.pass_(minutes=2)
    for _ in range(3):
        assert bea.post("/close/confirm", form).status_code == 303
    assert len(line.kept()) == 1


def test_killed_after_it_was_kept_the_same_page_does_it_once(line: Line) -> None:
    """Nobody knows whether it was kept; the page says so, and its button is as good as the first one."""
    bea = line.office.browser_of(BEA)
    line.unsure.failing = True
    every = {**TODAY_CLOSED, "schedule": "all"}
    form = hidden(look(bea, every))
    unsure = bea.post("/close/confirm", form)
    assert unsure.status_code == 503
    assert words("fi")["not_kept"] in words_of(unsure.text)
    assert len(line.kept()) == 1, "killed after the first of three"
    line.unsure.failing = False
    again = hidden(unsure.text)
    assert again == {**form, "csrf_token": again["csrf_token"]}
    assert bea.post("/close/confirm", again).status_code == 303
    assert [each.schedule for each in line.kept() if isinstance(each, Closing)] == ["phone", "walk_in", "door"]


@pytest.mark.parametrize("done", [0, 1, 3])
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # what it does there is one request
def test_a_process_that_is_killed_between_confirm_and_answer_has_done_it_once_or_not_at_all(
    line: Line, done: int
) -> None:
    """Killed before the first of three services is kept, between two, or with all kept and nothing answered."""
    bea, all_ = line.office.browser_of(BEA), {**TODAY_CLOSED, "schedule": "all"}
    form = hidden(look(bea, all_))
    process = os.fork()
    if not process:
        try:
            line.unsure.dies_after = done
            bea.post("/close/confirm", form)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
    assert len(line.kept()) == done
    for _ in range(2):
        assert bea.post("/close/confirm", form).status_code == 303
        assert [each.schedule for each in line.kept() if isinstance(each, Closing)] == ["phone", "walk_in", "door"]


@pytest.mark.parametrize(
    "changed",
    [
        {"changes": "[]"},
        {"changes": '{"version": 1, "closings": []}\n'},
        {"why": "ill"},
        {"token": "1"},
        {"changes": ""},
    ],
)
def test_a_page_that_was_tampered_with_does_nothing(line: Line, changed: dict[str, str]) -> None:
    bea = line.office.browser_of(BEA)
    done = bea.post("/close/confirm", {**hidden(look(bea, TODAY_CLOSED)), **changed})
    assert done.status_code in (400, 422)
    assert line.kept() == []


@pytest.mark.parametrize(
    "change",
    [
        Closing("sauna", at(8), at(12)),
        Closing("phone", at(8), at(12) + timedelta(days=4000)),
        Closing("phone", at(8) - timedelta(days=4000), at(12)),
        Closing("phone", at(7), at(8)),
        StandIn(INSTRUCTOR, "+358401234599", at(8), at(12)),
        StandIn(ON_CALL, "mobile 2", at(8), at(12)),
    ],
    ids=["service", "end", "begin", "past", "number", "other contact"],
)
def test_no_form_can_ask_for_more_than_the_pages_offer(line: Line, change: Closing | StandIn) -> None:
    anna = line.office.browser_of(ANNA)
    form = {**hidden(look(anna, TODAY_CLOSED)), "changes": mirror.to_bytes([change]).decode()}
    assert anna.post("/close/confirm", {**form, "password": PASSWORDS[ANNA]}).status_code == 422
    assert line.kept() == []


# --- two people -------------------------------------------------------------------------------------------------------


def test_two_close_the_same_day_and_one_withdraws(line: Line) -> None:
    """Nothing is lost: both are kept, both see it, and what one withdraws leaves the other's."""
    anna, bea = line.office.browser_of(ANNA), line.office.browser_of(BEA)
    forms = hidden(look(anna, TODAY_CLOSED)), hidden(look(bea, {**TODAY_CLOSED, "until": "12:00", "why": "meeting"}))
    for browser, form in zip((anna, bea), forms, strict=True):
        assert browser.post("/close/confirm", form).status_code == 303
    for browser in (anna, bea):
        page = words_of(browser.get("/").text)
        assert "Puhelinpalvelu: suljettu tämän päivän loppuun asti" in page
        assert "Puhelinpalvelu: suljettu klo 12.00 asti" in page
        assert words("fi")["open_again_several"] in page, "one withdrawal alone does not open it"
    first, second = line.records.current(START)
    assert (first.by, second.by) == (ANNA, BEA)
    page = bea.get(f"/withdraw/{first.id}").text
    assert "Se aukeaa tänään päivällä kello kaksitoista." in words_of(page), "Bea's closing holds on"
    assert bea.send(f"/withdraw/{first.id}", {}).status_code == 303
    assert line.records.current(START) == (second,)
    again = bea.get("/").text
    assert words("fi")["open_again"] in again
    assert words("fi")["open_again_several"] not in again
    told = anna.get(f"/withdraw/{first.id}")
    assert told.status_code == 409
    assert "Bea on jo perunut tämän, tänään klo 8.10." in words_of(told.text)
    assert anna.post(f"/withdraw/{first.id}", {}, anna.token("/")).status_code == 409
    assert bea.post(f"/withdraw/{first.id}", {}, bea.token("/")).status_code == 303, "pressed twice by herself"
    done = [(each.by, each.deed) for each in line.records.audit(START - timedelta(hours=1)) if is_of_closings(each)]
    assert done == [(ANNA, "close"), (BEA, "close"), (BEA, "withdraw")]


def test_what_holds_stands_before_what_is_to_come_whenever_each_was_decided(line: Line) -> None:
    bea = line.office.browser_of(BEA)
    later = {**TODAY_CLOSED, "until": "days", "first": "2027-07-01", "last": "2027-07-31"}
    close(bea, later, password=PASSWORDS[BEA])
    assert "Muutos on puhelinlinjalla kymmenessä sekunnissa." in words_of(bea.get("/").text), "callers hear it in July"
    close(bea, TODAY_CLOSED)
    page = words_of(bea.get("/").text)
    assert page.index("suljettu tämän päivän loppuun asti") < page.index("suljettu torstaista 1.7.2027 alkaen")


@pytest.mark.parametrize(("interface", "arabic"), [("fi", "(arabia)"), ("sv", "(arabiska)"), ("en", "(Arabic)")])
def test_a_language_is_named_for_whoever_cannot_read_it(line: Line, interface: str, arabic: str) -> None:
    page = line.office.browser_of(BEA).get(f"/?ui={interface}").text
    assert f"العربية {arabic}" in words_of(page)
    assert "suomi (suomi)" not in words_of(page)


def test_the_reader_sees_first_what_is_said_in_her_own_language(line: Line) -> None:
    page = words_of(line.office.browser_of(BEA).get("/?ui=sv").text)
    assert page.index("Vår telefontjänst") < page.index("Puhelinpalvelumme")


def test_an_open_page_knows_that_a_new_day_has_begun(line: Line) -> None:
    """On Sunday a closed phone opens "on Monday" as it did on Saturday: the day alone is another."""
    line.office.clock.time = at(12, day=28)
    bea = line.office.browser_of(BEA)
    page = bea.get("/").text
    seen = re.search(r'id="seen" name="seen" value="(\w+)"', page)
    assert seen
    assert "Tänään, lauantai 28.11.2026" in page
    line.office.clock.time = at(12, day=29)
    changed = bea.get(f"/now?seen={seen[1]}")
    assert '<h1 class="quiet" id="day" hx-swap-oob="innerHTML">Tänään, sunnuntai 29.11.2026</h1>' in changed.text


def is_of_closings(each: AuditEntry) -> bool:
    return each.deed in ("close", "withdraw")


def test_an_open_page_is_told_of_changes_and_left_alone_otherwise(line: Line) -> None:
    anna, bea = line.office.browser_of(ANNA), line.office.browser_of(BEA)
    seen = re.search(r'name="seen" value="([0-9a-f]{32})"', bea.get("/").text)
    assert seen
    line.office.clock.pass_(seconds=30)
    assert bea.get(f"/now?seen={seen[1]}", **{"HX-Request": "true"}).status_code == 204
    close(anna, {**TODAY_CLOSED, "until": "12:00"})
    changed = bea.get(f"/now?seen={seen[1]}")
    assert changed.status_code == 200
    assert "Puhelinpalvelu: suljettu klo 12.00 asti" in unescape(changed.text)
    assert "<html" not in changed.text


# --- who answers ------------------------------------------------------------------------------------------------------


def test_somebody_else_answers_and_the_phone_stays_open(line: Line) -> None:
    bea = line.office.browser_of(BEA)
    line.office.clock.time = at(10)
    chosen = {**TODAY_CLOSED, "who": "mobile 2"}
    page = words_of(look(bea, chosen))
    assert "heti alkaen: Näppäin 1: Sosiaaliohjaaja, mobile 2, tavallisen numeron sijasta (numero …77)." in page
    assert "klo 15.00 alkaen: Näppäin 1: Sosiaalipäivystys, numero …02." in page
    assert "Puhelinpalvelumme on nyt auki" in page
    assert close(bea, chosen) == "/"
    assert line.kept() == [StandIn(INSTRUCTOR, "mobile 2", at(10), END_OF_DAY)]
    assert "Puhelu menee tähän: mobile 2" in words_of(bea.get("/contacts").text)


def test_only_a_leader_chooses_who_answers_the_urgent_line_with_the_password_again(line: Line) -> None:
    anna, bea = line.office.browser_of(ANNA), line.office.browser_of(BEA)
    asked = (
        f"/contacts/on_call/confirm?{urlencode({'label': 'duty officer', 'last': '2026-11-24', 'why': 'technical'})}"
    )
    assert bea.get(asked).status_code == 403
    assert bea.get("/contacts/on_call").status_code == 403
    form = hidden(anna.get(asked).text)
    assert bea.post("/close/confirm", {**form, "password": PASSWORDS[BEA]}, bea.token("/")).status_code == 403
    assert anna.post("/close/confirm", form).status_code == 422
    assert line.kept() == []
    assert anna.post("/close/confirm", {**form, "password": PASSWORDS[ANNA]}).status_code == 303
    (made,) = line.records.current(START)
    assert made.closing == StandIn(ON_CALL, "duty officer", at(8, 10), END_OF_DAY)
    assert f"/withdraw/{made.id}" not in bea.get("/").text
    assert bea.get(f"/withdraw/{made.id}").status_code == 403
    assert bea.post(f"/withdraw/{made.id}", {"password": PASSWORDS[BEA]}, bea.token("/")).status_code == 403
    assert anna.send(f"/withdraw/{made.id}", {}).status_code == 422
    assert anna.send(f"/withdraw/{made.id}", {"password": PASSWORDS[ANNA]}).status_code == 303


def test_nobody_withdraws_what_was_not_there_when_it_was_asked_who_may(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of the next one is known: who asks again and again comes between two looks."""
    bea = line.office.browser_of(BEA)
    token = bea.token("/")
    urgent = StandIn(ON_CALL, "duty officer", at(8), END_OF_DAY)
    made = line.records.close(urgent, "technical", ANNA, at(8, 10))
    with monkeypatch.context() as before:
        before.setattr(line.desk, "held", lambda _: ())
        assert bea.post(f"/withdraw/{made.id}", {}, token).status_code == 409
    assert line.kept() == [urgent]
    assert bea.post(f"/withdraw/{10**9}", {}, token).status_code == 404


# --- the other pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interface", INTERFACES)
def test_every_page_in_every_language(line: Line, interface: str) -> None:
    """Each renders, says no key and no word of a program, and shows no number."""
    bea = line.office.browser_of(BEA)
    close(bea, {**TODAY_CLOSED, "until": "12:00"})
    (made,) = line.records.current(START)
    pages = (
        "/",
        "/close",
        "/close?schedule=all",
        f"/close/confirm?{urlencode({**TODAY_CLOSED, 'schedule': 'all'})}",
        f"/withdraw/{made.id}",
        "/calendar",
        "/calendar/2026-12-24",
        "/contacts",
        "/contacts/social_instructor",
    )
    for path in pages:
        page = bea.get(f"{path}{'&' if '?' in path else '?'}ui={interface}")
        assert page.status_code == 200, path
        shown = words_of(page.text)
        assert not re.search(r"\{|\}|None|social_instructor|on_call|walk_in", shown), path
        for number in (*NUMBERS.values(), *SPARES.values()):
            for each in number.values() if isinstance(number, Mapping) else number:
                assert each not in page.text


@pytest.mark.parametrize(
    ("interface", "told"),
    [
        ("fi", "Puhelinpalvelu: suljettu torstaista 31.12.2026 alkaen, perjantain 1.1.2027 loppuun asti"),
        ("sv", "Telefontjänsten: stängt från torsdag 31.12.2026, till slutet av fredag 1.1.2027"),
        ("en", "Phone service: closed from Thursday, 31 December 2026, until the end of Friday, 1 January 2027"),
    ],
)
def test_days_are_written_as_in_the_language_of_the_page(line: Line, interface: str, told: str) -> None:
    year = {**TODAY_CLOSED, "until": "days", "first": "2026-12-31", "last": "2027-01-01", "ui": interface}
    assert told in words_of(look(line.office.browser_of(BEA), year))


def test_whether_the_line_is_well_is_said(line: Line) -> None:
    bea = line.office.browser_of(BEA)
    for wellness in ("well", "failing", "partly", "down", "unseen"):
        line.wellness = wellness
        assert words("fi")[f"line_{wellness}"] in words_of(bea.get("/").text)


def test_the_calendar_names_holidays_and_closings(line: Line) -> None:
    bea = line.office.browser_of(BEA)
    close(bea, {**TODAY_CLOSED, "until": "days", "first": "2026-12-31", "last": "2026-12-31"}, password=PASSWORDS[BEA])
    page = words_of(bea.get("/calendar").text)
    assert "to 24. Jouluaatto" in page
    assert "to 31. Puhelinpalvelu: suljettu" in page
    assert bea.get("/calendar/2028-12-24").status_code == 404
    assert bea.get("/calendar/soon").status_code == 404


def test_only_clips_of_the_line_can_be_heard(line: Line) -> None:
    bea = line.office.browser_of(BEA)
    for name in ("0" * 32, "..%2f..%2fetc%2fpasswd", "a" * 31):
        assert bea.get(f"/sound/{name}.wav").status_code == 404


# --- who may ----------------------------------------------------------------------------------------------------------

ROUTES = {
    ("GET", "/"),
    ("GET", "/now"),
    ("GET", "/close"),
    ("GET", "/close/confirm"),
    ("POST", "/close/confirm"),
    ("GET", "/withdraw/<int:id>"),
    ("POST", "/withdraw/<int:id>"),
    ("GET", "/calendar"),
    ("GET", "/calendar/<day>"),
    ("GET", "/contacts"),
    ("GET", "/contacts/<contact>"),
    ("GET", "/contacts/<contact>/confirm"),
    ("GET", "/sound/<string(length=32):name>.wav"),
}
"""Every route of closings: all are for the staff. What of the urgent line is for leaders alone is tested above."""
VALUES = {"<int:id>": "1", "<day>": "2026-11-24", "<contact>": INSTRUCTOR, "<string(length=32):name>": "0" * 32}


def test_the_table_has_every_route_of_closings(
    line: Line, people: People, settings: OfficeSettings, clock: Clock
) -> None:
    others = routes(create_office(people, settings, clock))
    assert routes(line.office.app) - others == ROUTES


@pytest.mark.parametrize(("method", "rule"), sorted(ROUTES))
def test_a_stranger_sees_and_does_nothing(line: Line, method: str, rule: str) -> None:
    close(line.office.browser_of(BEA), TODAY_CLOSED)
    before = line.records.current(START)
    for slot, value in VALUES.items():
        rule = rule.replace(slot, value)
    stranger = line.office.browser()
    token = stranger.token("/log-in")
    done = stranger.get(rule) if method == "GET" else stranger.post(rule, {}, token)
    assert done.status_code == 303
    assert done.headers["Location"].startswith("/log-in")
    assert "Puhelinpalvelu" not in done.text
    assert line.records.current(START) == before


def test_what_is_refused_before_anybody_is_known_is_told_too(line: Line) -> None:
    foreign = Browser(line.office.app.test_client(), base="http://evil.example")
    assert foreign.get("/").status_code == 421
    assert line.office.browser().post("/close/confirm", {}, Origin="http://evil.example").status_code == 403


def test_nothing_is_done_without_the_token_of_a_form(line: Line) -> None:
    bea = line.office.browser_of(BEA)
    form = hidden(look(bea, TODAY_CLOSED))
    assert bea.post("/close/confirm", {**form, "csrf_token": ""}).status_code == 400
    assert line.kept() == []
    assert bea.post("/close/confirm", form).status_code == 303
    (made,) = line.records.current(START)
    assert bea.post(f"/withdraw/{made.id}", {}).status_code == 400
    assert line.records.current(START) == (made,)


def test_markup_in_any_field_is_no_markup(line: Line) -> None:
    bea, markup = line.office.browser_of(BEA), "\"><b onclick=x>{{7*7}}'"
    empty = dict.fromkeys(("first", "last", "day", "opens", "closes", "who", "label", "schedule", "until", "why"), "")
    for kind in ("today", "days", "hours"):
        for field in empty:
            asked = urlencode({**empty, **TODAY_CLOSED, "until": kind, field: markup})
            for path in ("/close", "/close/confirm", f"/contacts/{INSTRUCTOR}/confirm"):
                page = bea.get(f"{path}?{asked}").text
                assert "<b onclick" not in page
                assert "49" not in words_of(page)
