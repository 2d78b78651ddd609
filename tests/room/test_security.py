"""What strangers, foreign pages, other kinds and other languages get from the room: nothing. Every route is asked."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from ivr.records.faults import RecordsFault
from ivr.records.room import Kind
from ivr.room.access import who_may_enter
from ivr.room.app import A_MINUTE, LINKS_A_MINUTE, POLICY, add_room, create_room
from ivr.serve import WithoutMessages
from ivr.settings.room_pages import RoomSettings
from tests.content.conftest import Prompts
from tests.room.conftest import (
    AMINA,
    BAHAR,
    COOKIE,
    EDNA,
    HERE,
    KEY,
    KINDS_OF,
    RAGE,
    URL,
    RoomClock,
    TriedRoom,
    Visitor,
    opened,
    spoken,
    told,
)

DANGER = "safety.danger"
NAMES: dict[Kind, str] = {"voice": AMINA, "reader": RAGE, "editor": EDNA}
TAKE, SAID = "a" * 32, "e" * 32


@dataclass(frozen=True)
class Asked:
    """One request as a page makes it. `good`: what the right person gets."""

    method: str
    path: str
    kinds: tuple[Kind, ...]
    body: object = None
    good: int = 204

    def ask(self, visitor: Visitor, **headers: str) -> TestResponse:
        """Ask it."""
        if self.method == "PUT":
            return visitor.put(self.path, spoken(), **headers)
        return (
            visitor.get(self.path, **headers) if self.method == "GET" else visitor.post(self.path, self.body, **headers)
        )


def requests(words: str, sound: str, version: str, suggestion: int) -> dict[str, Asked]:
    """Endpoint -> a request to it that is right."""
    text = {"sentence": DANGER, "words": words}
    return {
        "room.state": Asked("GET", "/state", ("voice", "reader", "editor"), good=200),
        "room.agree": Asked(
            "POST", "/consent", ("voice", "reader", "editor"), {"version": version, "adult": True, "named": True}
        ),
        "room.keep_take": Asked("PUT", f"/takes/{TAKE}?sentence={DANGER}&words={words}", ("voice", "editor"), good=200),
        "room.judge": Asked("POST", "/judge", ("voice", "editor"), {**text, "verdict": "right"}),
        "room.suggest": Asked("POST", "/suggest", ("voice", "editor"), {**text, "said": "Haa."}),
        "room.keep_meaning": Asked("PUT", f"/meanings/{SAID}?sound={sound}", ("reader",), good=200),
        "room.hear": Asked("POST", "/heard", ("reader",), {"sound": sound, "meaning": "x", "verdict": "right"}),
        "room.accept_suggestion": Asked(
            "POST",
            f"/suggestions/{suggestion}/accept",
            ("editor",),
            {"changes": {DANGER: "Haddii khatar, wac 1."}},
            422,
        ),
        "room.reject": Asked("POST", f"/suggestions/{suggestion}/reject", ("editor",), {}),
        "room.sound": Asked("GET", f"/sound/{sound}.wav", ("reader",), good=200),
        "room.withdraw": Asked("POST", "/withdraw", ("voice", "reader", "editor"), {"sure": True}),
    }


@dataclass
class Full:
    """A room in which everybody has done something, and the requests that each may make."""

    tried: TriedRoom
    people: dict[Kind, Visitor]
    asked: dict[str, Asked]

    def left(self) -> str:
        """All that is in the room, but for who has come."""
        room = self.tried.room
        kept = [[*read("so")] for read in (room.takes, room.readings, room.suggestions, room.hearings)]
        agreed = [each.consent for each in room.volunteers("so")]
        return str([kept, agreed, room.accepted("so"), sorted(self.tried.takes.iterdir())])


@dataclass(frozen=True)
class Done:
    """What is left of a room in which everybody has done something: its folder, and the session of each."""

    recordings: Path
    sessions: dict[Kind, str]
    asked: dict[str, Asked]


@pytest.fixture(scope="module")
def done(made_records: Path, somali_site: Prompts, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Done once: each test has a copy."""
    folder = tmp_path_factory.mktemp("done")
    shutil.copy(made_records, folder)
    tried = opened(RoomSettings(folder, KEY), somali_site, RoomClock())
    people = {kind: tried.let_in(name) for kind, name in NAMES.items()}
    bahar = tried.let_in(BAHAR)
    assert bahar.record(DANGER, spoken(), "b" * 32).status_code == 200
    words = bahar.sentence(DANGER)["words"]
    assert bahar.post("/suggest", {"sentence": DANGER, "words": words, "said": "Haa."}).status_code == 204
    sound = people["reader"].state["to_hear"][0]["sound"]
    version, suggestion = bahar.state["consent"]["version"], people["editor"].state["suggestions"][0]["id"]
    sessions = {kind: visitor.session for kind, visitor in people.items()}
    return Done(folder, sessions, requests(words, sound, version, suggestion))


@pytest.fixture
def full(done: Done, somali_site: Prompts, clock: RoomClock, tmp_path: Path) -> Full:
    recordings = Path(shutil.copytree(done.recordings, tmp_path / "recordings"))
    tried = opened(RoomSettings(recordings, KEY), somali_site, clock)
    people = {kind: tried.browser() for kind in done.sessions}
    for kind, visitor in people.items():
        visitor.client.set_cookie(COOKIE, done.sessions[kind], domain="127.0.0.1")
    return Full(tried, people, done.asked)


ENDPOINTS = [*requests("", "", "", 0)]
OPEN = {"room.page", "room.static", "room.enter"}


def test_every_route_is_among_those_that_are_asked_here(tried: TriedRoom) -> None:
    assert set(tried.app.view_functions) == {*ENDPOINTS, *OPEN}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_only_whom_it_is_for_gets_an_answer(full: Full, endpoint: str) -> None:
    asked = full.asked[endpoint]
    assert who_may_enter(full.tried.app.view_functions[endpoint]) == (
        ("voice", "reader", "editor") if endpoint == "room.sound" else asked.kinds
    )
    for kind, visitor in full.people.items():
        before = full.left()
        own = replace(
            asked, path=asked.path.replace(TAKE, hashlib.md5(kind.encode(), usedforsecurity=False).hexdigest())
        )
        answer = own.ask(visitor)
        if endpoint == "room.agree" and kind == "reader":
            assert answer.json == {"why": "consent"}, "a reader reads another consent"
        elif kind in asked.kinds:
            assert answer.status_code == asked.good, answer.text
        else:
            assert answer.status_code in (403, 404)
            assert full.left() == before
        if endpoint == "room.reject" and kind in asked.kinds:
            assert full.left() != before


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_who_has_not_entered_gets_nothing(full: Full, endpoint: str) -> None:
    before = full.left()
    for headers in ({}, {"Cookie": "room=x.y"}, {"Cookie": "room="}, {"Cookie": "__Host-room=x.y; office-device=z"}):
        answer = full.asked[endpoint].ask(full.tried.browser(**headers))
        assert (answer.status_code, told(answer)["why"]) == (401, "unknown")
    assert full.left() == before


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_whose_invitation_has_ended_gets_nothing(full: Full, endpoint: str) -> None:
    for kind in full.asked[endpoint].kinds:
        full.tried.room.end(full.tried.id(NAMES[kind]), "Anna", full.tried.clock())
        before = full.left()
        answer = full.asked[endpoint].ask(full.people[kind])
        assert (answer.status_code, told(answer)["why"]) == (401, "ended")
        assert full.left() == before


@pytest.mark.parametrize("endpoint", [*ENDPOINTS, "room.enter"])
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Host", "rebound.example:8091"),
        ("Host", "127.0.0.1.example.fi"),
        ("Origin", "https://elsewhere.example"),
        ("Origin", "null"),
        ("Origin", "http://127.0.0.1:8123"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ],
)
def test_a_foreign_page_or_name_gets_nothing(full: Full, endpoint: str, header: str, value: str) -> None:
    token = full.tried.token(AMINA)
    asked = full.asked.get(endpoint) or Asked("POST", "/enter", ("voice",), {"token": token}, 200)
    before = full.left()
    visitor = full.people[asked.kinds[0]]
    answer = asked.ask(visitor, **{header: value})
    assert answer.status_code == (421 if header == "Host" else 403)
    assert "Set-Cookie" not in answer.headers
    assert full.left() == before
    assert asked.ask(visitor, Origin=HERE, **{"Sec-Fetch-Site": "same-origin"}).status_code == asked.good


@pytest.mark.parametrize(
    "endpoint", [each for each in ENDPOINTS if each not in ("room.state", "room.agree", "room.withdraw")]
)
def test_who_is_there_for_another_language_gets_nothing_of_this_one(full: Full, endpoint: str) -> None:
    asked = full.asked[endpoint]
    name = NAMES[asked.kinds[-1]]
    other = full.tried.let_in(name, "sv")
    before = full.left()
    assert asked.ask(other).status_code in (404, 409)
    assert full.left() == before


@pytest.mark.parametrize("token", ["", "\ud800", "\0", "x" * 9000])
def test_a_token_that_is_none_is_told_as_any_other(tried: TriedRoom, token: str) -> None:
    assert tried.browser().enter(token).status_code == 410


def test_json_that_is_nested_too_deeply_is_refused(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    for data in (b"[" * 30_000, b'{"sentence":' * 2_500):
        assert amina.client.post(f"{amina.base}/judge", data=data, content_type="application/json").status_code == 400


def test_nobody_hears_a_sound_that_is_not_theirs(full: Full) -> None:
    """Whatever its name: neither another's take, nor what a reader hears, nor a clip of another language."""
    take, opaque = "b" * 32, full.asked["room.sound"].path
    for kind, visitor in full.people.items():
        assert visitor.get(f"/sound/{take}.wav").status_code == 404
        assert (visitor.get(opaque).status_code == 200) == (kind == "reader")
    for path in ("/sound/../room.db", "/sound/%2e%2e/room.key.wav", "/sound/x/y.wav", "/sound/.wav"):
        assert full.people["voice"].get(path).status_code == 404


def test_what_a_browser_must_not_do_is_said_of_every_answer(tried: TriedRoom) -> None:
    visitor = tried.browser()
    for answer in (visitor.get("/"), visitor.get("/static/room.js"), visitor.get("/state"), visitor.enter("x")):
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Permissions-Policy"].startswith("microphone=(self)")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert visitor.get("/").headers["Cache-Control"] == visitor.get("/state").headers["Cache-Control"] == "no-store"
    assert "unsafe" not in POLICY
    assert "data:" not in POLICY
    assert "Set-Cookie" not in visitor.get("/").headers


def test_http_leads_to_https_and_only_the_proxy_says_which_it_is(tried: TriedRoom) -> None:
    here = tried.reception
    settings = replace(here.settings, url=URL, proxy=ip_network("127.0.0.1"))
    client = create_room(replace(here, settings=settings)).test_client()
    http = {"X-Forwarded-Proto": "http", "X-Forwarded-For": "192.0.2.1"}
    led = client.get("/", base_url=URL, headers=http)
    assert (led.status_code, led.headers["Location"]) == (308, f"{URL}/")
    assert client.get("/", base_url=URL, headers=http, environ_overrides={"REMOTE_ADDR": "10.0.0.1"}).status_code == 200
    assert client.get("/", base_url="https://other.example").status_code == 421


def test_whoever_asks_far_too_often_waits_and_the_others_do_not(tried: TriedRoom) -> None:
    amina, bahar = tried.let_in(AMINA), tried.let_in(BAHAR)
    answers = [amina.get("/sound/x.wav") for _ in range(A_MINUTE)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"]
    assert told(answers[-1])["words"]["again"]
    assert bahar.get("/state").status_code == 200


def test_whoever_tries_links_waits(tried: TriedRoom) -> None:
    visitor = tried.browser()
    assert {visitor.enter(str(number)).status_code for number in range(LINKS_A_MINUTE)} == {410}
    assert visitor.enter("x").status_code == 429


@contextmanager
def logged() -> Iterator[list[str]]:
    """What is logged, as the product writes it."""
    lines, form = list[str](), WithoutMessages("%(levelname)s %(name)s: %(message)s")

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            record.exc_text = None  # as another handler has written it
            lines.append(form.format(record))

    handler, root = Kept(), logging.getLogger()
    root.addHandler(handler)
    try:
        yield lines
    finally:
        root.removeHandler(handler)


def test_no_token_name_or_word_is_in_a_log_or_an_error(full: Full, monkeypatch: pytest.MonkeyPatch) -> None:
    token = full.tried.token(AMINA)

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError(f"{token} {AMINA} Khatar")

    for name in ("enter", "visit"):
        monkeypatch.setattr(type(full.tried.room), name, breaks)
    answers = list[str]()
    with logged() as lines:
        answers.append(full.tried.browser().enter(token).text)
        answers += [asked.ask(full.people[asked.kinds[0]]).text for asked in full.asked.values()]
    assert any("room.enter failed" in line for line in lines)
    for text in (*lines, *answers):
        assert not {token, AMINA, "Khatar", "e" * 32, DANGER} & {text, *text.split()}
        assert token not in text
        assert AMINA not in text
        assert "Traceback" not in text


def test_records_that_cannot_be_asked_are_told_without_their_name(full: Full, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RecordsFault("the database secret.example is locked", "wait")

    monkeypatch.setattr(type(full.tried.room), "takes", fails)
    answer = full.people["voice"].get("/state")
    assert (answer.status_code, told(answer)["why"], [*told(answer)["words"]]) == (503, "records", ["again"])
    assert "secret" not in answer.text


def test_a_view_of_which_nobody_says_who_may_use_it_is_refused(
    tried: TriedRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgotten(pages: Flask) -> None:
        @pages.get("/forgotten")
        def nobody_says() -> str:
            return ""

    monkeypatch.setattr("ivr.room.app.add_sounds", forgotten)
    with pytest.raises(ValueError, match=r"room\.nobody_says"):
        add_room(Flask("other"), lambda: tried.reception, "/")


def test_the_kinds_of_the_tests_are_all_there_are() -> None:
    assert set(KINDS_OF.values()) == set(NAMES)
