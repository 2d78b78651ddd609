"""Who may see and do what on the pages of the office, and what strangers cannot do."""

from __future__ import annotations

import io
import logging
import re
import time
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from ipaddress import ip_network
from pathlib import Path
from typing import get_args

import argon2
import itsdangerous
import pytest
from flask import Blueprint, Flask
from werkzeug.test import TestResponse

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.office.access import Who, may
from ivr.office.app import MOST_BYTES, POLICY, create_office
from ivr.office.slowing import FREE, LONGEST
from ivr.phone.simulation import PUBLIC_URL
from ivr.records.people import SIGNED_IN, People
from ivr.serve import WithoutMessages
from ivr.settings.office import OfficeSettings
from tests.office.conftest import ANNA, BEA, PASSWORDS, URL, Browser, Clock, Office

ROUTES: dict[tuple[str, str], Who] = {
    ("GET", "/static/<path:filename>"): "anyone",
    ("GET", "/log-in"): "anyone",
    ("POST", "/log-in"): "anyone",
    ("GET", "/forgot"): "anyone",
    ("GET", "/invitation/<token>"): "anyone",
    ("POST", "/invitation/<token>"): "anyone",
    ("POST", "/log-out"): "staff",
    ("GET", "/me"): "staff",
    ("POST", "/me/password"): "staff",
    ("POST", "/me/devices"): "staff",
    ("POST", "/me/devices/<int:device>"): "staff",
    ("GET", "/people"): "leader",
    ("POST", "/people"): "leader",
    ("GET", "/people/<int:id>"): "leader",
    ("POST", "/people/<int:id>"): "leader",
    ("GET", "/counts"): "leader",
    ("GET", "/counts/<period>"): "leader",
    ("GET", "/counts/<period>/print"): "leader",
    ("GET", "/counts/<period>.csv"): "leader",
}
"""Every route, and who may use it. The pages of closings are in the table of their own tests."""
VALUES = {
    "<path:filename>": "frame.css",
    "<token>": "of-nobody",
    "<int:device>": "1",
    "<int:id>": "2",
    "<period>": "2026-11",
}
REFUSED = "Sinulla ei ole oikeutta"
WRONG = "not the password of anybody"
MARKUP = "<b onclick=x>'\"&{{7*7}}"


def path_of(rule: str) -> str:
    for slot, value in VALUES.items():
        rule = rule.replace(slot, value)
    return rule


def routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


class TestRoutes:
    def test_the_table_has_every_route(self, office: Office) -> None:
        assert routes(office.app) == set(ROUTES)
        assert set(ROUTES.values()) == set(get_args(Who))

    @pytest.mark.parametrize(("method", "rule"), ROUTES)
    def test_who_may_use_it(self, office: Office, method: str, rule: str) -> None:
        """With the token of a form, so that nothing but the role decides."""
        who, path = ROUTES[method, rule], path_of(rule)
        before = office.people.audit(office.clock() - timedelta(days=1))
        stranger = office.browser()
        answer = ask(stranger, method, path, "/log-in")
        assert (answer.status_code == 303) == (who != "anyone")
        if who != "anyone":
            assert answer.headers["Location"].startswith("/log-in")
            assert ask(stranger, method, path, "/log-in", **{"HX-Request": "true"}).status_code == 401
        answer = ask(office.browser_of(BEA), method, path, "/me")
        assert (answer.status_code == 403 and REFUSED in answer.text) == (who == "leader")
        assert who == "staff" or office.people.audit(office.clock() - timedelta(days=1)) == before
        assert REFUSED not in ask(office.browser_of(ANNA), method, path, "/me").text

    def test_a_view_of_which_nothing_is_said_is_refused(self, people: People, settings: OfficeSettings) -> None:
        forgotten, said = Blueprint("forgotten", __name__), Blueprint("said", __name__)
        forgotten.add_url_rule("/new", "new", lambda: "new")
        said.add_url_rule("/new", "new", may("staff")(lambda: "new"))
        with pytest.raises(ValueError, match=r"not said: forgotten\.new"):
            create_office(people, settings, Clock(), [forgotten])
        assert ("GET", "/new") in routes(create_office(people, settings, Clock(), [said]))

    def test_other_methods_do_nothing(self, office: Office) -> None:
        browser = office.browser_of(ANNA)
        for _, rule in ROUTES:
            for method in ("PUT", "DELETE", "PATCH"):
                answer = browser.client.open(path_of(rule), method=method, base_url=browser.base)
                assert answer.status_code in (400, 405)


def ask(browser: Browser, method: str, path: str, page: str, **headers: str) -> TestResponse:
    if method == "GET":
        return browser.get(path, **headers)
    return browser.post(path, {}, browser.token(page), **headers)


class TestForms:
    @pytest.mark.parametrize("rule", [rule for method, rule in ROUTES if method == "POST"])
    def test_none_is_taken_without_its_token(self, office: Office, rule: str) -> None:
        browser = office.browser_of(ANNA)
        own = browser.token("/me")
        for wrong in (None, "", "x", own[::-1], office.browser_of(BEA).token("/me")):
            answer = browser.post(path_of(rule), {"password": PASSWORDS[ANNA], "deed": "remove"}, wrong)
            assert answer.status_code == 400
            assert "vanhentunut" in answer.text
        assert browser.get("/me").status_code == 200
        assert office.id(BEA)

    def test_a_token_is_good_for_one_device_while_it_is_signed_in(self, office: Office) -> None:
        browser = office.browser()
        before = browser.token("/log-in")
        assert browser.log_in(ANNA).status_code == 303
        token = browser.token("/me")
        assert browser.post("/me/devices", {}, before).status_code == 400
        assert browser.post("/me/devices", {}, token).status_code == 303
        assert browser.send("/me", {}, "/log-out").status_code == 303
        assert browser.log_in(ANNA).status_code == 303
        assert browser.post("/me/devices", {}, token).status_code == 400

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:1"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8090"},
        ],
    )
    def test_none_is_taken_from_another_site(self, office: Office, headers: dict[str, str]) -> None:
        browser = office.browser_of(ANNA)
        assert browser.send("/me", {}, "/me/devices", **headers).status_code == 403
        ours = {"Origin": "http://127.0.0.1:8090", "Sec-Fetch-Site": "same-origin"}
        assert browser.send("/me", {}, "/me/devices", **ours).status_code == 303

    def test_one_that_stood_open_for_a_day_is_taken(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        browser = office.browser_of(ANNA)
        token, later = browser.token("/me"), int(time.time()) + 24 * 3600
        monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda _: later)
        assert browser.post("/me/devices", {}, token).status_code == 303

    def test_a_form_that_is_too_long_is_refused(self, office: Office) -> None:
        assert office.browser().log_in(ANNA, "x" * MOST_BYTES).status_code == 413


class TestHost:
    @pytest.mark.parametrize("base", ["http://evil.example", "http://127.0.0.1.evil.example:8090", "http://10.0.0.1"])
    def test_only_this_machine_without_an_address(self, office: Office, base: str) -> None:
        assert Browser(office.app.test_client(), base=base).get("/log-in").status_code == 421

    @pytest.mark.parametrize("base", ["http://localhost:8090", "http://[::1]:8090", "http://127.0.0.1"])
    def test_this_machine_has_several_names(self, office: Office, base: str) -> None:
        assert Browser(office.app.test_client(), base=base).get("/log-in").status_code == 200

    def test_only_its_own_with_an_address(self, public: Office) -> None:
        client = public.app.test_client()
        for base in (URL, f"{URL}:443", URL.upper()):
            assert Browser(client, base=base).get("/log-in").status_code == 200
        for base in (f"{URL}:8443", "http://127.0.0.1:8090", "https://evil.example", f"{URL}.evil.example"):
            assert Browser(client, base=base).get("/log-in").status_code == 421


@pytest.fixture
def public(people: People, settings: OfficeSettings, clock: Clock) -> Office:
    """The same behind a proxy that speaks https."""
    behind = replace(settings, url=URL, proxy=ip_network("10.1.0.0/24"))
    return Office(create_office(people, behind, clock), people, clock)


class TestBehindAProxy:
    def test_cookies_are_of_this_host_and_https_alone(self, public: Office) -> None:
        browser = Browser(public.app.test_client(), base=URL)
        asked, answer = browser.get("/log-in"), browser.log_in(ANNA)
        cookies = [*asked.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
        assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-device", "__Host-known", "__Host-session"}
        for cookie in cookies:
            assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
            assert re.search(r"SameSite=(Lax|Strict)", cookie)
            assert "Domain" not in cookie
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        assert browser.get("/people").status_code == 200

    def test_http_leads_to_https(self, public: Office) -> None:
        answer = public.app.test_client().get(
            "/log-in?ui=sv",
            base_url=URL,
            headers={"X-Forwarded-Proto": "http"},
            environ_overrides={"REMOTE_ADDR": "10.1.0.7"},
        )
        assert (answer.status_code, answer.headers["Location"]) == (308, f"{URL}/log-in?ui=sv")

    def test_http_leads_to_https_from_an_odd_address_too(self, public: Office) -> None:
        odd = {"PATH_INFO": "/a\r\nb?c", "REMOTE_ADDR": "10.1.0.7"}
        http = {"X-Forwarded-Proto": "http"}
        answer = public.app.test_client().get("/", base_url=URL, headers=http, environ_overrides=odd)
        assert (answer.status_code, answer.headers["Location"]) == (308, f"{URL}/a%0D%0Ab%3Fc")

    @pytest.mark.parametrize(
        ("sender", "said", "other"),
        [
            ("10.1.0.7", "198.51.100.1, 203.0.113.{}", True),  # the last is what the proxy has seen
            ("10.1.0.7", "203.0.113.{}, 198.51.100.1", False),
            ("10.2.0.7", "203.0.113.{}", False),
            ("not an address", "203.0.113.{}", False),
        ],
    )
    def test_it_alone_says_for_whom_it_asks(self, public: Office, sender: str, said: str, other: bool) -> None:
        """So nobody tries passwords as somebody else, from one new address after the other."""
        slowed = set[int]()
        for number in range(FREE + 3):
            browser = Browser(public.app.test_client(), base=URL)
            answer = browser.client.post(
                "/log-in",
                base_url=URL,
                data={"name": f"nobody {number}", "password": WRONG, "csrf_token": browser.token("/log-in")},
                headers={"X-Forwarded-For": said.format(number)},
                environ_overrides={"REMOTE_ADDR": sender},
            )
            slowed.add(answer.status_code)
        assert (429 not in slowed) == other


class TestDevices:
    def test_a_new_token_at_each_log_in(self, office: Office) -> None:
        """Also where somebody has put one into the browser before (session fixation)."""
        browser, thief = office.browser(), office.browser_of(BEA)
        planted = thief.cookie("device")
        assert planted
        browser.client.set_cookie("office-device", planted, domain="127.0.0.1")
        assert browser.send("/me", {"name": ANNA, "password": PASSWORDS[ANNA]}, "/log-in").status_code == 303
        assert browser.cookie("device") != planted
        assert thief.get("/me").status_code == 303
        first = browser.cookie("device")
        assert browser.send("/me", {}, "/log-out").status_code == 303
        assert browser.log_in(ANNA).status_code == 303
        assert browser.cookie("device") != first

    def test_a_stolen_cookie_is_worth_nothing_after_log_out(self, office: Office) -> None:
        browser, thief = office.browser_of(ANNA), office.browser()
        for name in ("device", "session", "known"):
            value = browser.cookie(name)
            assert value
            thief.client.set_cookie(f"office-{name}", value, domain="127.0.0.1")
        assert thief.get("/people").status_code == 200
        assert browser.send("/me", {}, "/log-out").status_code == 303
        assert thief.get("/people").status_code == 303
        assert browser.get("/people").status_code == 303

    def test_it_is_signed_out_from_another(self, office: Office) -> None:
        phone, desk, other = (office.browser_of(ANNA) for _ in range(3))
        bea = office.browser_of(BEA)
        (device,) = re.findall(r"/me/devices/(\d+)", desk.get("/me").text)[-1:]  # the one that was used longest ago
        assert bea.send("/me", {}, f"/me/devices/{device}").status_code == 303
        assert phone.get("/me").status_code == 200
        assert desk.send("/me", {}, f"/me/devices/{device}").status_code == 303
        assert phone.get("/me").status_code == 303
        assert desk.send("/me", {}, "/me/devices").status_code == 303
        assert [each.get("/me").status_code for each in (other, desk, bea)] == [303, 200, 200]

    def test_a_new_password_signs_out_the_others(self, office: Office) -> None:
        here, there = office.browser_of(ANNA), office.browser_of(ANNA)
        new = "seitsemän hyvää unta"
        form = {"password": PASSWORDS[ANNA], "new_password": new, "again": new}
        assert here.send("/me", form, "/me/password").status_code == 303
        assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 303)
        assert there.log_in(ANNA).status_code == 403
        assert there.log_in(ANNA, new).status_code == 303

    def test_a_new_password_ends_a_copy_of_the_own_cookie_too(self, office: Office) -> None:
        """Also at the first request for long, with whose answer the old cookie would be kept for another 90 days."""
        browser, thief, new = office.browser_of(ANNA), office.browser(), "seitsemän hyvää unta"
        stolen = browser.cookie("device")
        assert stolen
        thief.client.set_cookie("office-device", stolen, domain="127.0.0.1")
        token = browser.token("/me")
        office.clock.pass_(hours=2)
        form = {"password": PASSWORDS[ANNA], "new_password": new, "again": new}
        assert browser.post("/me/password", form, token).status_code == 303
        page = browser.get("/me")
        assert (page.status_code, "Salasana on vaihdettu" in page.text) == (200, True)
        assert len(office.people.devices(office.id(ANNA), office.clock())) == 1
        assert thief.get("/me").status_code == 303

    def test_who_is_removed_is_out(self, office: Office) -> None:
        bea = office.browser_of(BEA)
        form = {"deed": "remove", "password": PASSWORDS[ANNA]}
        assert office.browser_of(ANNA).send(f"/people/{office.id(BEA)}", form).status_code == 303
        assert bea.get("/me").status_code == 303
        assert bea.log_in(BEA).status_code == 403

    def test_it_stays_signed_in_while_it_is_used(self, office: Office) -> None:
        browser = office.browser_of(ANNA)
        office.clock.pass_(days=80)
        assert any("office-device" in cookie for cookie in browser.get("/me").headers.getlist("Set-Cookie"))
        office.clock.pass_(days=80)
        assert browser.get("/me").status_code == 200
        office.clock.time += SIGNED_IN + timedelta(seconds=1)
        assert browser.get("/me").status_code == 303


class TestGuessing:
    def test_it_is_slowed_and_nobody_is_locked_out(self, office: Office) -> None:
        stranger = office.browser()
        codes = [stranger.log_in(ANNA, WRONG).status_code for _ in range(FREE + 2)]
        assert codes == [403] * (FREE + 1) + [429]
        refused = stranger.log_in(ANNA, PASSWORDS[ANNA])  # the right one is not looked at either
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "1"
        for _ in range(20):  # what comes too soon makes it no longer
            assert stranger.log_in(ANNA, WRONG).status_code == 429
        for _ in range(10):
            office.clock.pass_(seconds=LONGEST)
            assert stranger.log_in(ANNA, WRONG).status_code == 403
        office.clock.pass_(seconds=LONGEST)
        assert stranger.log_in(ANNA, PASSWORDS[ANNA]).status_code == 303

    def test_a_known_device_does_not_wait_for_strangers(self, office: Office) -> None:
        known = office.browser_of(ANNA)
        assert known.send("/me", {}, "/log-out").status_code == 303
        stranger = office.browser()
        while stranger.log_in(ANNA, WRONG).status_code != 429:
            pass
        assert known.log_in(ANNA).status_code == 303  # from the same address

    def test_a_known_device_that_guesses_is_slowed_itself(self, office: Office) -> None:
        known = office.browser_of(BEA)
        assert known.send("/me", {}, "/log-out").status_code == 303
        assert [known.log_in(ANNA, WRONG).status_code for _ in range(FREE + 2)] == [403] * (FREE + 1) + [429]

    def test_nobody_makes_a_device_known_but_we(self, office: Office) -> None:
        stranger, codes = office.browser(), set[int]()
        for number in range(FREE + 2):
            stranger.client.set_cookie("office-known", f"ImFiY{number}.c2ln", domain="127.0.0.1")
            codes.add(stranger.log_in(ANNA, WRONG).status_code)
        assert 429 in codes

    def test_who_comes_from_elsewhere_does_not_wait_for_strangers(self, office: Office) -> None:
        stranger, anna = office.browser(), office.browser()
        while stranger.log_in(ANNA, WRONG).status_code != 429:
            pass
        token = anna.token("/log-in")
        form = {"name": ANNA, "password": PASSWORDS[ANNA], "csrf_token": token}
        elsewhere = {"REMOTE_ADDR": "127.0.0.9"}
        answer = anna.client.post("/log-in", base_url=anna.base, data=form, environ_overrides=elsewhere)
        assert answer.status_code == 303

    def test_many_who_come_in_from_one_address_do_not_wait(self, office: Office) -> None:
        for _ in range(2 * FREE):
            office.browser_of(BEA)

    def test_one_name_from_many_addresses_is_slowed_too(self, office: Office) -> None:
        """Each address has its free tries; then the name makes it wait, whichever address had the last try."""

        def guess(address: str) -> int:
            browser = office.browser()
            form = {"name": ANNA, "password": WRONG, "csrf_token": browser.token("/log-in")}
            where = {"REMOTE_ADDR": address}
            return browser.client.post("/log-in", base_url=browser.base, data=form, environ_overrides=where).status_code

        addresses = [f"203.0.113.{number}" for number in range(10)]
        for _ in range(FREE + 1):
            assert {guess(address) for address in addresses} == {403}
        office.clock.pass_(seconds=LONGEST)
        assert [guess(address) for address in addresses] == [403] + [429] * 9

    def test_who_mistypes_does_not_wait_for_strangers_who_never_stop(self, office: Office) -> None:
        stranger, anna = office.browser(), office.browser()
        elsewhere = {"REMOTE_ADDR": "127.0.0.9"}
        token = anna.token("/log-in")

        def come_in(password: str) -> int:
            while stranger.log_in(ANNA, WRONG).status_code != 429:
                pass
            form = {"name": ANNA, "password": password, "csrf_token": token}
            return anna.client.post("/log-in", base_url=anna.base, data=form, environ_overrides=elsewhere).status_code

        assert [come_in(each) for each in (*["mistyped"] * FREE, PASSWORDS[ANNA])] == [403] * FREE + [303]

    @pytest.mark.parametrize("written", [" " * 100 + ANNA, ANNA.replace(" ", " " * 60), f"\u3000{ANNA.upper()} "])
    def test_a_name_is_one_name_however_it_is_written(self, office: Office, written: str) -> None:
        stranger = office.browser()
        while stranger.log_in(ANNA, WRONG).status_code != 429:
            pass
        assert office.app.extensions["gate"].slowing.is_slowed(("name", "anna åkesson"))
        office.clock.pass_(minutes=20)
        while stranger.log_in(written, WRONG).status_code != 429:
            pass
        assert office.app.extensions["gate"].slowing.is_slowed(("name", "anna åkesson"))

    def test_a_colleague_has_no_more_tries_by_devices_of_their_own(self, office: Office) -> None:
        """A device is known of who was signed in on it: else each log-in of Bea's would give her new tries at Anna."""
        devices = [office.browser_of(BEA) for _ in range(FREE + 2)]
        for each in devices:
            assert each.send("/me", {}, "/log-out").status_code == 303
        assert [each.log_in(ANNA, WRONG).status_code for each in devices] == [403] * (FREE + 1) + [429]
        assert [each.log_in(BEA).status_code for each in devices] == [303] * len(devices)

    def test_a_shared_device_is_known_of_all_who_use_it(self, office: Office) -> None:
        shared = office.browser_of(BEA)
        for name in (ANNA, BEA):
            assert shared.send("/me", {}, "/log-out").status_code == 303
            assert shared.log_in(name).status_code == 303
        assert shared.send("/me", {}, "/log-out").status_code == 303
        stranger = office.browser()
        for name in (ANNA, BEA):
            while stranger.log_in(name, WRONG).status_code != 429:
                pass
            assert shared.log_in(name).status_code == 303
            assert shared.send("/me", {}, "/log-out").status_code == 303

    def test_whoever_has_one_device_keeps_no_other_one_waiting(self, office: Office) -> None:
        lost, own, page = office.browser_of(ANNA), office.browser_of(ANNA), f"/people/{office.id(BEA)}"
        form = {"deed": "remove", "password": WRONG}
        while lost.send(page, form).status_code != 429:
            pass
        assert own.send(page, {**form, "password": PASSWORDS[ANNA]}).status_code == 303

    def test_the_password_again_is_slowed_as_well(self, office: Office) -> None:
        browser, page = office.browser_of(ANNA), f"/people/{office.id(BEA)}"
        form = {"deed": "remove", "password": WRONG}
        assert [browser.send(page, form).status_code for _ in range(FREE + 2)] == [403] * (FREE + 1) + [429]
        assert browser.send(page, {**form, "password": PASSWORDS[ANNA]}).status_code == 429
        office.clock.pass_(seconds=LONGEST)
        assert browser.send(page, {**form, "password": PASSWORDS[ANNA]}).status_code == 303

    def test_an_unknown_name_is_told_as_a_wrong_password_is(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And takes as long: one password is checked, and the same is asked of the records."""
        office.people.add("Cia", "staff", "root", office.clock())  # who has set no password yet
        asked, verify = list[str](), argon2.PasswordHasher.verify

        def counted(hasher: argon2.PasswordHasher, kept: str, password: str) -> bool:
            asked.append(kept)
            return verify(hasher, kept, password)

        monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
        told = set[tuple[int, str]]()
        for name in (ANNA, "nobody", "Cia", ""):
            answer = office.browser().log_in(name, WRONG)
            said = re.sub(r'csrf_token" value="[^"]+', "", answer.text).replace(f'value="{name}"', 'value=""')
            told.add((answer.status_code, said))
        assert len(told) == 1
        assert len(asked) == 4
        assert len({argon2.extract_parameters(kept).memory_cost for kept in asked}) == 1


class TestLinks:
    def test_one_sets_a_password_once(self, office: Office) -> None:
        made = office.people.invite(office.id(BEA), ANNA, office.clock())
        page, new = f"/invitation/{made.token}", "uusi ja pitkä salasana"
        browser, form = office.browser(), {"new_password": new, "again": new}
        for _ in range(3):  # whoever shows a preview of it asks for it too
            assert office.browser().get(page).status_code == 200
        token = browser.token(page)
        assert browser.post(page, form, token).status_code == 303
        again = browser.post(page, form, token)
        assert (again.status_code, "jo asetettu" in again.text) == (410, True)
        assert browser.get(page).status_code == 410
        assert browser.log_in(BEA).status_code == 403
        assert browser.log_in(BEA, new).status_code == 303

    def test_one_that_was_made_before_a_new_password_sets_none(self, office: Office) -> None:
        made, new = office.people.invite(office.id(BEA), ANNA, office.clock()), "uusi ja pitkä salasana"
        form = {"password": PASSWORDS[BEA], "new_password": new, "again": new}
        assert office.browser_of(BEA).send("/me", form, "/me/password").status_code == 303
        assert office.browser().get(f"/invitation/{made.token}").status_code == 410

    def test_one_is_over_after_a_day_and_there_are_no_others(self, office: Office) -> None:
        made = office.people.invite(office.id(BEA), ANNA, office.clock())
        assert "Tällaista linkkiä ei ole" in office.browser().get("/invitation/another").text
        office.clock.pass_(days=1)
        assert "ei ole enää voimassa" in office.browser().get(f"/invitation/{made.token}").text

    @pytest.mark.parametrize(
        ("password", "again", "why"),
        [
            ("lyhyt", "lyhyt", "vähintään 12 merkkiä"),
            ("x" * 1001, "x" * 1001, "enintään 1000 merkkiä"),
            ("\ufb2c" * 400, "\ufb2c" * 400, "enintään 1000 merkkiä"),  # each is kept as three characters
            ("yksi pitkä salasana", "toinen pitkä salasana", "eivät ole samat"),
            (" ANNA  åkesson", " ANNA  åkesson", "Nimesi ei kelpaa"),
        ],
    )
    def test_not_every_password_is_taken(self, office: Office, password: str, again: str, why: str) -> None:
        page = f"/invitation/{office.people.invite(office.id(ANNA), ANNA, office.clock()).token}"
        browser = office.browser()
        answer = browser.send(page, {"new_password": password, "again": again})
        assert (answer.status_code, why in answer.text) == (400, True)
        assert browser.log_in(ANNA).status_code == 303

    @pytest.mark.parametrize(
        ("wanted", "leads"),
        [
            ("/me", "/me"),
            ("/people?ui=sv", "/people?ui=sv"),
            ("https://evil.example/", "/people"),
            ("//evil.example/", "/people"),
            ("/\\evil.example/", "/people"),
            ("/\t/evil.example/", "/people"),
            ("javascript:alert(1)", "/people"),
            ("", "/people"),
        ],
    )
    def test_after_log_in_it_leads_to_pages_of_ours(self, office: Office, wanted: str, leads: str) -> None:
        browser, form = office.browser(), {"name": ANNA, "password": PASSWORDS[ANNA]}
        token = browser.token("/log-in")
        answer = browser.client.post(
            "/log-in", base_url=browser.base, query_string={"next": wanted}, data={**form, "csrf_token": token}
        )
        assert (answer.status_code, answer.headers["Location"]) == (303, leads)


class Tags(HTMLParser):
    """The tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found = list[tuple[str, dict[str, str | None]]]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


class TestMarkup:
    def test_it_is_shown_and_never_done(self, office: Office) -> None:
        """In every field that takes words, wherever these are shown afterwards."""
        browser, password = office.browser_of(ANNA), PASSWORDS[ANNA]
        shown = [
            office.browser(**{"User-Agent": f"Chrome {MARKUP}"}).send("/log-in", {"name": MARKUP, "password": MARKUP}),
            browser.send("/people", {"name": MARKUP, "role": "staff", "password": MARKUP}),
            browser.send("/people", {"name": MARKUP, "role": "staff", "password": password}),
            browser.send("/people", {"name": MARKUP, "role": "staff", "password": password}),
            browser.get("/people"),
            browser.get(f"/people/{office.id(MARKUP)}"),
            browser.send(f"/people/{office.id(MARKUP)}", {"deed": "reset", "password": password}),
            browser.get(f"/log-in?next={MARKUP}&ui={MARKUP}"),
            browser.send(f"/people/{office.id(MARKUP)}", {"deed": "remove", "password": password}),
            browser.get("/people"),
        ]
        assert sum("&lt;b onclick=x&gt;" in answer.text for answer in shown) >= 7
        for answer in shown:
            tags = Tags(answer.text).found
            assert not any(tag == "b" or any(name.startswith("on") for name in attrs) for tag, attrs in tags)
            assert "{{7*7}}" in answer.text or "49" not in answer.text

    def test_no_page_has_script_or_style_in_it(self, office: Office) -> None:
        """As the policy would let neither run."""
        browser = office.browser_of(ANNA)
        pages = ("/me", "/people", f"/people/{office.id(BEA)}", "/forgot", "/nothing")
        for answer in (office.browser().get("/log-in"), *map(browser.get, pages)):
            assert answer.headers["Content-Security-Policy"] == POLICY
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
            for tag, attrs in Tags(answer.text).found:
                assert tag != "style"
                assert "style" not in attrs
                assert tag != "script" or "src" in attrs

    def test_the_policy_is_strict(self) -> None:
        rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
        assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/log-in", "ui=sv&next=%ff%00", 200),
        ("/\xff\x00", "", 404),
        (f"/people/{10**9}", "", 404),
        (f"/people/{'9' * 5000}", "", 404),
        (f"/me/devices/{10**18}0", "", 404),
        ("//log-in", "", 200),
    ],
)
def test_no_address_is_too_odd_to_be_answered(office: Office, path: str, query: str, status: int) -> None:
    odd = {"PATH_INFO": path, "QUERY_STRING": query}
    anna = office.browser_of(ANNA)
    for method in ("GET", "POST"):
        form = {"csrf_token": anna.token("/me"), "password": PASSWORDS[ANNA]} if method == "POST" else None
        answer = anna.client.open("/", method=method, base_url=anna.base, data=form, environ_overrides=odd)
        assert answer.status_code < 500
    stranger = office.app.test_client().get("/", base_url=anna.base, environ_overrides=odd)
    assert stranger.status_code == status


def test_logs_hold_no_secret_and_no_name(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(WithoutMessages("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers.insert(0, handler)  # what the first one writes of an error is kept for the others
    monkeypatch.setattr(root, "level", logging.DEBUG)
    try:
        browser, made = office.browser_of(ANNA), office.people.invite(office.id(BEA), ANNA, office.clock())
        office.browser().log_in(ANNA, WRONG)

        def broken(*_: object) -> None:
            raise RuntimeError(f"{ANNA} {PASSWORDS[ANNA]} {made.token}")

        monkeypatch.setattr(type(office.people), "invited", broken)
        office.app.config["PROPAGATE_EXCEPTIONS"] = False
        answer = browser.get(f"/invitation/{made.token}")
    finally:
        root.removeHandler(handler)
    assert (answer.status_code, "Sivussa on vika" in answer.text) == (500, True)
    assert "the page access.invitation failed" in told.getvalue()
    secrets = (ANNA, "Åkesson", BEA, PASSWORDS[ANNA], WRONG, made.token, browser.cookie("device") or "?")
    assert [secret for secret in secrets if secret in told.getvalue()] == []


def test_the_line_serves_none_of_it(content: Content) -> None:
    """Nor does anything but its own command import any of it: the public face of the line has no log-in."""
    client = simulated_app(content, Clock()).test_client()
    for method, rule in ROUTES:
        answer = client.open(path_of(rule), method=method, base_url=PUBLIC_URL)
        assert (answer.status_code, answer.headers.get("Set-Cookie")) == (404, None)
    folder = Path(__file__).parents[2] / "ivr"
    importing = [
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if re.search(r"^\s*(from|import) ivr\.office\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert {name for name in importing if not name.startswith("office/")} == {"commands/office.py"}
