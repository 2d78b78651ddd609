"""Somebody comes by an invitation: a link that is not used up, on one device and on two, until it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.room.app import create_room
from ivr.room.words import CONSENT_READ, words
from tests.room.conftest import AMINA, EDNA, RAGE, URL, TriedRoom, Visitor, told


def test_somebody_enters_and_sees_what_there_is_to_do(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA, agrees=False)
    state = amina.state
    assert state["me"] == {
        "name": AMINA,
        "kind": "voice",
        "language": "so",
        "called": "Soomaali",
        "direction": "ltr",
        "device": 1,
        "devices": 1,
    }
    assert state["words"]["listen"] == [words("so")["listen"], words("fi")["listen"]]
    assert [own for own, _ in state["consent"]["sentences"]] == [words("so")[key] for key in CONSENT_READ]
    assert len(state["sentences"]) == state["progress"]["all"] > 100
    assert "to_hear" not in state
    assert "suggestions" not in state


def test_the_page_is_the_same_for_everybody_and_uses_nothing_up(tried: TriedRoom) -> None:
    """Whatever looks at links, as chats do before somebody opens them."""
    token, bot = tried.token(AMINA), tried.browser(**{"Sec-Fetch-Site": "cross-site"})
    pages = {bot.get("/").text for _ in range(3)} | {tried.let_in(RAGE).get("/").text}
    assert len(pages) == 1
    assert token not in pages.pop()
    assert tried.browser().enter(token).status_code == 200


def test_what_the_browser_keeps_is_read_by_no_script_and_sent_nowhere_else(tried: TriedRoom) -> None:
    token = tried.token(AMINA)
    answer = tried.browser().enter(token)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("room=")
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert token not in cookie
    assert f"Max-Age={30 * 24 * 3600}" in cookie


def test_over_https_no_other_host_sets_the_cookie(tried: TriedRoom) -> None:
    here = tried.reception
    secure = Visitor(create_room(replace(here, settings=replace(here.settings, url=URL))).test_client(), URL)
    answer = secure.enter(tried.token(AMINA))
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-room=")
    assert "Secure" in cookie.split("; ")
    assert answer.headers["Strict-Transport-Security"]
    assert secure.get("/state").status_code == 200


def test_the_same_link_again_is_the_same_device(tried: TriedRoom) -> None:
    token, amina = tried.token(AMINA), tried.browser()
    for _ in range(3):
        assert amina.enter(token).status_code == 200
    assert (amina.state["me"]["device"], amina.state["me"]["devices"]) == (1, 1)


def test_two_devices_work_and_each_is_told_of_the_other(tried: TriedRoom) -> None:
    token, phone, other = tried.token(AMINA), tried.browser(), tried.browser()
    phone.enter(token)
    other.enter(token)
    assert [(each.state["me"]["device"], each.state["me"]["devices"]) for each in (phone, other)] == [(1, 2), (2, 2)]


def test_another_link_in_the_same_browser_lets_somebody_else_in(tried: TriedRoom) -> None:
    browser = tried.let_in(AMINA)
    assert browser.enter(tried.token(EDNA)).status_code == 200
    assert browser.state["me"]["name"] == EDNA


@pytest.mark.parametrize("token", ["", "x", "x" * 100_000, "ä\x00"])
def test_a_link_that_never_was_lets_nobody_in(tried: TriedRoom, token: str) -> None:
    answer = tried.browser().enter(token)
    if len(token) > 10_000:
        assert answer.status_code == 413
        return
    assert answer.status_code == 410
    assert told(answer)["why"] == "unknown"
    assert told(answer)["words"]["so"] == [words("so")["ended"], words("fi")["ended"]]
    assert {"fi", "sv", "en", "so"} <= told(answer)["words"].keys()


def test_a_link_that_is_over_says_so_in_its_language(tried: TriedRoom) -> None:
    token = tried.token(AMINA)
    tried.clock.pass_(days=30)
    answer = tried.browser().enter(token)
    assert (answer.status_code, told(answer)["why"], [*told(answer)["words"]]) == (410, "over", ["so"])


def test_whose_invitation_ends_is_out_at_the_next_request(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    tried.room.end(tried.id(AMINA), "Anna", tried.clock())
    answer = amina.get("/state")
    assert (answer.status_code, told(answer)["why"], [*told(answer)["words"]]) == (401, "ended", ["so"])
    assert "room=;" in answer.headers["Set-Cookie"]


def test_who_has_agreed_is_asked_again_when_the_words_are_others(
    tried: TriedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = tried.let_in(AMINA)
    assert amina.state["consent"]["agreed"]
    for module in ("app", "state"):
        monkeypatch.setattr(f"ivr.room.{module}.consent_version", lambda *_: "another")
    assert not amina.state["consent"]["agreed"]
    assert amina.record("safety.danger", b"").status_code == 403


def test_a_consent_is_of_what_was_read(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA, agrees=False)
    version = amina.state["consent"]["version"]
    assert amina.post("/consent", {"version": "old", "adult": True, "named": True}).status_code == 409
    for refused in ({"adult": False}, {"adult": 1}, {"named": "yes"}, {"named": None}, {"version": 5}):
        body = {"version": version, "adult": True, "named": False, **refused}
        assert amina.post("/consent", body).status_code == 400
    assert not amina.state["consent"]["agreed"]
    amina.agree(named=True)
    assert (amina.state["consent"]["agreed"], amina.state["consent"]["named"]) == (True, True)
    (kept,) = tried.room.volunteers("so")
    assert kept.consent
    assert (kept.consent.version, kept.consent.read_in, kept.consent.named) == (version, "so", True)


@pytest.mark.parametrize("cookie", ["room=x.\u00e4", "room=.", "room=" + "x" * 3000, "room=x.y; room=z"])
def test_whatever_a_browser_keeps_a_link_lets_its_owner_in(tried: TriedRoom, cookie: str) -> None:
    visitor = tried.browser(Cookie=cookie)
    assert visitor.enter(tried.token(AMINA)).status_code == 200
    assert visitor.get("/state").status_code == 401, "by the cookie that it has sent"
