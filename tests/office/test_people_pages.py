"""What a team leader does with people, and everybody with their own devices; and what is told when it fails."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ivr.office.app import TOLD, create_office
from ivr.office.words import words
from ivr.records.faults import RecordsFault
from ivr.web.devices import device_name
from tests.office.conftest import ANNA, BEA, PASSWORDS, URL, Browser, Office

ASKED = {"password": PASSWORDS[ANNA]}


def link_in(page: str) -> str:
    found = re.search(r'id="link" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_somebody_is_added_and_sets_a_password(office: Office) -> None:
    anna, new = office.browser_of(ANNA), "neljä vuodenaikaa"
    added = anna.send("/people", {"name": " Cia  Öhman", "role": "leader", **ASKED})
    link = link_in(added.text)
    assert link.startswith("http://127.0.0.1:8090/invitation/")
    assert "Tämän niminen" in anna.send("/people", {"name": "cia öhman", "role": "staff", **ASKED}).text
    cia = office.browser()
    path = link.removeprefix("http://127.0.0.1:8090")
    assert "Tervetuloa, Cia Öhman." in cia.get(path).text
    assert cia.send(path, {"new_password": new, "again": new}).headers["Location"] == "/log-in"
    assert "Salasana on asetettu" in cia.get("/log-in").text
    assert cia.log_in("CIA ÖHMAN", new).headers["Location"] == "/people"
    page = anna.get("/people").text
    assert f"{ANNA} lisäsi henkilön Cia Öhman" in page
    assert "ei ole vielä asettanut" not in page


def test_a_link_has_the_address_of_the_pages(office: Office) -> None:
    settings = replace(office.app.extensions["gate"].settings, url=URL)
    browser = Browser(create_office(office.people, settings, office.clock).test_client(), base=URL)
    assert browser.log_in(ANNA).status_code == 303
    page = browser.send(f"/people/{office.id(BEA)}", {"deed": "reset", **ASKED}).text
    assert link_in(page).startswith(f"{URL}/invitation/")


@pytest.mark.parametrize("deed", ["reset", "role", "remove"])
def test_nothing_is_done_without_the_password(office: Office, deed: str) -> None:
    anna, page = office.browser_of(ANNA), f"/people/{office.id(BEA)}"
    before, staff = office.people.audit(office.clock()), office.people.all()
    for form in ({}, {"password": ""}, {"password": PASSWORDS[BEA]}):
        answer = anna.send(page, {"deed": deed, "role": "leader", **form})
        assert (answer.status_code, "Salasana on väärin" in answer.text) == (403, True)
    assert anna.send("/people", {"name": "Cia", "role": "staff"}).status_code == 403
    assert (office.people.audit(office.clock()), office.people.all()) == (before, staff)


def test_a_role_is_changed_at_once(office: Office) -> None:
    anna, bea, page = office.browser_of(ANNA), office.browser_of(BEA), f"/people/{office.id(BEA)}"
    assert bea.get("/people").status_code == 403
    assert anna.send(page, {"deed": "role", "role": "leader", **ASKED}).status_code == 303
    assert "Rooli on muutettu: Bea." in anna.get("/people").text
    assert bea.get("/people").status_code == 200
    assert anna.send(page, {"deed": "role", "role": "king", **ASKED}).status_code == 400
    assert anna.send(page, {"deed": "dance", **ASKED}).status_code == 400
    assert anna.send(page, {"deed": "role", "role": "staff", **ASKED}).status_code == 303
    assert bea.get("/people").status_code == 403


def test_the_last_leader_stays(office: Office) -> None:
    anna, own = office.browser_of(ANNA), f"/people/{office.id(ANNA)}"
    for form in ({"deed": "remove"}, {"deed": "role", "role": "staff"}):
        answer = anna.send(own, {**form, **ASKED})
        assert (answer.status_code, "ainakin yksi esihenkilö" in answer.text) == (400, True)
    office.people.set_role(office.id(BEA), "leader", "root", office.clock())
    gone = anna.send(own, {"deed": "remove", **ASKED})
    assert (gone.status_code, gone.headers["Location"]) == (303, "/log-in")
    assert anna.get("/me").status_code == 303
    assert office.browser_of(BEA).get(own).status_code == 404


def test_who_leads_no_longer_is_told_what_was_done(office: Office) -> None:
    office.people.set_role(office.id(BEA), "leader", "root", office.clock())
    anna = office.browser_of(ANNA)
    done = anna.send(f"/people/{office.id(ANNA)}", {"deed": "role", "role": "staff", **ASKED})
    page = anna.get(done.headers["Location"])
    assert (page.status_code, "Rooli on muutettu" in page.text) == (200, True)


def test_a_password_is_changed(office: Office) -> None:
    browser, new = office.browser_of(BEA), "neljä vuodenaikaa"
    form = {"password": PASSWORDS[BEA], "new_password": new, "again": new}
    for wrong, why in (
        ({"password": "?"}, "Salasana on väärin"),
        ({"again": "?"}, "eivät ole samat"),
        ({"new_password": "bea", "again": "bea"}, "vähintään 12"),
    ):
        assert why in browser.send("/me", {**form, **wrong}, "/me/password").text
    assert browser.send("/me", form, "/me/password").status_code == 303
    assert "Salasana on vaihdettu" in browser.get("/me").text
    assert office.browser().log_in(BEA, new).status_code == 303


def test_a_hash_is_renewed_at_log_in(office: Office) -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORDS[BEA])
    kept = office.people.password_of(office.id(BEA))
    assert kept
    office.people.rehash(office.id(BEA), kept, old)
    office.browser_of(BEA)
    assert office.people.password_of(office.id(BEA)) not in (old, kept)
    office.browser_of(BEA)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.1 Safari/605.1.15", "Safari, Mac"),
        ("curl/8.1", ""),
    ],
)  # fmt: skip
def test_a_device_has_a_name_in_plain_words(office: Office, agent: str, name: str) -> None:
    assert device_name(agent) == name
    browser = office.browser(**{"User-Agent": agent})
    assert browser.log_in(BEA).status_code == 303
    assert (name or "Tuntematon laite") in browser.get("/me").text


@pytest.mark.parametrize("interface", ["fi", "sv", "en"])
def test_the_database_away_is_told_in_plain_words(
    office: Office, monkeypatch: pytest.MonkeyPatch, interface: str
) -> None:
    browser = office.browser_of(BEA)

    def away(*_: object) -> None:
        raise RecordsFault("the database cannot be reached", "see that it runs")

    monkeypatch.setattr(type(office.people), "signed_in", away)
    answer = browser.get(f"/me?ui={interface}")
    assert answer.status_code == 503
    assert words(interface)["error_records"] in answer.text
    assert browser.get("/static/frame.css").status_code == 200


def test_every_error_has_words(office: Office) -> None:
    assert {f"error_{code}" for code in TOLD} <= words("en").keys()
    browser = office.browser_of(ANNA)
    for path, status in (("/nothing", 404), ("/log-out", 405), (f"/people/{10**6}", 404)):
        answer = browser.get(path)
        assert (answer.status_code, words("fi")[f"error_{status}"] in answer.text) == (status, True)
    assert "Python" not in browser.get("/nothing").text
