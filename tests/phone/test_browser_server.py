"""The server of the browser phone: what a page asks of it, asked without a browser."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from ivr.app import create_app
from ivr.cli import simulated_app
from ivr.core.content import Content
from ivr.core.office import PHONE
from ivr.core.script import closed_set
from ivr.core.utterance import Clip, Utterance
from ivr.journal import Journal
from ivr.phone.browser import call as live
from ivr.phone.browser import studio as studios
from ivr.phone.browser.app import POLICY, Exchange, create_phone
from ivr.phone.browser.drawing import HEIGHT, WIDTH, Box, drawing
from ivr.phone.browser.presets import presets
from ivr.phone.browser.studio import Progress, Studio
from ivr.phone.browser.words import INTERFACES, words
from ivr.phone.carrier import Switches
from ivr.phone.events import Said
from ivr.phone.golden import GoldenCall, Played, broken_promises, play, read_golden
from ivr.phone.simulation import OUR_NUMBER
from ivr.phone.transcript import line
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.ladder import NO_AUDIO, Audio, Ladder
from ivr.speech.port import EngineFault, Speech, Voicing
from tests.conftest import ROOT
from tests.speech.test_ladder import TODAY, make, record
from tests.telephony.conftest import line_settings

HERE = "http://127.0.0.1:5080/"
BROWSER = ROOT / "ivr" / "phone" / "browser"
BY_DAY = "2026-11-24T10:00"
SOON = 10.0
"""Seconds after which a test gives up waiting for another thread."""
TONE = Speech((0.3 * np.sin(np.arange(1600) * 2 * np.pi * 440 / 8000)).astype(np.float32), 8000)
SAID_FIRST = ("safety.opening", "choose_language.", "calling.short")
Message = dict[str, Any]


@dataclass
class Tones:
    """A speech engine that says everything as a short tone; one that is `counted` waits for leave at each."""

    counted: bool = False
    breaks_at: int = 10_000
    name: str = "tones"
    spoken: list[Voicing] = field(default_factory=list)
    leave: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def speak(self, voicings: Iterable[Voicing]) -> Iterator[tuple[Voicing, Speech]]:
        for voicing in voicings:
            self.asked.release()
            if self.counted:
                assert self.leave.acquire(timeout=SOON)
            if len(self.spoken) >= self.breaks_at:
                raise EngineFault("the tones are broken")
            self.spoken.append(voicing)
            yield voicing, TONE

    def voices(self) -> dict[str, tuple[str, ...]]:
        return {}


@pytest.fixture(scope="module")
def content(content: Content) -> Content:
    """The real content, of which the line offers four languages."""
    return replace(content, offered=frozenset({"fi", "sv", "en", "ar"}))


@pytest.fixture(scope="module")
def script(content: Content) -> tuple[Utterance, ...]:
    return closed_set(content, TODAY)


def exchange_of(content: Content, audio: Audio = NO_AUDIO) -> Exchange:
    return Exchange(
        content,
        closed_set(content, TODAY),
        partial(simulated_app, content, audio=audio),
        lambda: Ladder(content, audio, TODAY, "text").subtitle,
        seconds_by_locale(content.languages),
    )


@pytest.fixture
def mute(content: Content, tmp_path: Path) -> Studio:
    """A studio that has nothing to make."""
    return Studio(content, (), tmp_path / "rendered", Tones)


@pytest.fixture
def client(content: Content, mute: Studio) -> Client:
    return Client(create_phone(exchange_of(content), mute))


def begun(name: str, before: set[threading.Thread]) -> list[threading.Thread]:
    """The threads of a name that run now and did not before."""
    return [thread for thread in set(threading.enumerate()) - before if thread.name == name]


def get(client: Client, path: str, **headers: str) -> TestResponse:
    return client.get(path, base_url=HERE, headers=headers, buffered=True)


class Page:
    """A call as a page holds it: time passes at once, and keys are pressed when the line waits for one."""

    def __init__(self, client: Client, at: str | None = BY_DAY, dials: str | None = None) -> None:
        self._client = client
        answer = client.post("/calls", base_url=HERE, json={"at": at, "dials": dials})
        assert answer.status_code == 200
        self.path = f"/calls/{answer.get_json()['call']}"
        self.told: list[Message] = []

    def asks(self) -> bool:
        """Ask for what has happened; whether the call goes on."""
        answer = get(self._client, f"{self.path}?after={len(self.told)}").get_json()
        self.told += answer["messages"]
        return not answer["over"]

    def posts(self, path: str, **body: object) -> int:
        return self._client.post(f"{self.path}/{path}", base_url=HERE, json=body).status_code

    def until(self, kind: str) -> Message:
        """Let time pass until something happens."""
        return self.goes([], {}, until=kind)

    def goes(self, keys: Sequence[str], rings: Mapping[str, str], until: str = "") -> Message:
        """Press keys, let contacts do what they do (the others do not answer), and let time pass."""
        left, seen = list(keys), len(self.told)
        goes_on = True
        while goes_on:
            goes_on = self.asks()
            for message in self.told[seen:]:
                if message["kind"] == until:
                    return message
                self._does(message, left, rings)
            seen = len(self.told)
        assert not until, f"nothing was {until}"
        assert not left, f"nobody asked for {left}"
        return self.told[-1]

    def _does(self, message: Message, keys: list[str], rings: Mapping[str, str]) -> None:
        if message["kind"] == "rings":
            what = rings.get(message["contact"], "no answer")
            after = message["seconds"] if what == "no answer" else 4.0
            assert self.posts(f"rings/{message['n']}", what=what, after=after) == 204
        if message["kind"] == "moment":
            act = {"what": "passed"}
            if message["moment"] == "waiting" and keys:
                act = {"what": "key", "key": keys.pop(0)}
            assert self.posts(f"moments/{message['n']}", after=1.0, **act) == 204

    def of(self, kind: str) -> list[Message]:
        return [message for message in self.told if message["kind"] == kind]


class TestSounds:
    @pytest.fixture
    def audio(self, tmp_path: Path, script: Sequence[Utterance]) -> Audio:
        """One sentence is recorded."""
        audio = Audio(tmp_path / "made", tmp_path / "recorded")
        record(audio, next(said for said in script if said.id == "welcome.machine" and said.language == "fi"))
        return audio

    @pytest.fixture
    def recorded(self, content: Content, audio: Audio, script: Sequence[Utterance]) -> str:
        sounds = map(Ladder(content, audio, TODAY, "text"), script)
        return next(sound.name for sound in sounds if isinstance(sound, Clip))

    def test_the_page_gets_the_lines_own_clip_byte_for_byte(
        self, content: Content, audio: Audio, mute: Studio, recorded: str
    ) -> None:
        lines = list[Flask]()

        def build(clock: Callable[[], datetime]) -> Flask:
            lines.append(simulated_app(content, clock, audio))
            return lines[-1]

        client = Client(create_phone(replace(exchange_of(content, audio), build=build), mute))
        Page(client, dials="fi").goes([], {})
        for name, status in ((recorded, 200), ("0" * 32, 404), ("x", 404)):
            ours, its = get(client, f"/audio/{name}.wav"), Client(lines[-1]).get(f"/audio/{name}.wav", buffered=True)
            assert (ours.status_code, its.status_code) == (status, status)
            assert (ours.data, ours.content_type) == (its.data, its.content_type)
        file = audio.recorded / "fi" / "welcome.machine.wav"
        assert get(client, f"/audio/{recorded}.wav").data == file.read_bytes()

    def test_a_recorded_sentence_is_told_with_the_lines_clip_and_is_no_stand_in(
        self, content: Content, audio: Audio, mute: Studio, recorded: str
    ) -> None:
        page = Page(Client(create_phone(exchange_of(content, audio), mute)), dials="fi")
        page.goes([], {})
        heard = {(said["sound"], said["stand_in"], said["seconds"]) for said in page.of("said") if said["sound"]}
        assert heard == {(f"/audio/{recorded}.wav", False, 0.5)}

    def test_what_is_not_recorded_is_heard_by_the_offline_voice(
        self, content: Content, script: Sequence[Utterance], tmp_path: Path
    ) -> None:
        few = [said for said in script if said.prompt == "safety.opening"]
        studio = Studio(content, few, tmp_path / "made", Tones)
        studio.start()
        client = Client(create_phone(exchange_of(content), studio))
        page = Page(client)
        page.until("moment")
        said = page.of("said")[0]
        assert said["stand_in"]
        sound = get(client, said["sound"])
        assert (sound.status_code, sound.mimetype, sound.data[:4]) == (200, "audio/wav", b"RIFF")
        assert page.posts("moments/0", what="hang up") == 204

    @pytest.mark.parametrize("name", ["0" * 32, "x", "..%2fwords", "%2e%2e%2f%2e%2e%2fpyproject"])
    def test_nothing_else_of_the_disk_is_given(self, client: Client, name: str) -> None:
        assert get(client, f"/offline/{name}.wav").status_code == 404
        assert get(client, f"/audio/{name}.wav").status_code == 404


class TestTheServedLine:
    def test_does_not_load_the_browser_phone(self) -> None:
        code = "import sys, ivr.app, ivr.serve, ivr.cli; print(*(m for m in sys.modules if m.startswith('ivr.')))"
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
        modules = loaded.stdout.split()
        assert "ivr.serve" in modules
        assert [module for module in modules if module.startswith("ivr.phone.browser")] == []

    def test_has_no_route_of_it(self, content: Content) -> None:
        app = create_app(line_settings(), content, lambda: datetime.now(UTC), Journal(io.StringIO()))
        first = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
        assert {"voice", "audio"} <= first
        assert not {"", "calls", "making", "offline"} & first
        for path in ("/", "/making", "/calls/x", "/offline/x.wav"):
            assert Client(app).get(path).status_code == 404


class TestOnlyHere:
    @pytest.mark.parametrize("host", ["127.0.0.1:5080", "127.0.0.1", "localhost:5080", "[::1]:5080", "[::1]"])
    def test_every_name_of_this_machine_is_answered(self, client: Client, host: str) -> None:
        assert client.get("/making", base_url=f"http://{host}/").status_code == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", "evil.example:5080", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1"]
    )
    def test_another_name_is_refused(self, client: Client, host: str) -> None:
        assert client.get("/", base_url=f"http://{host}/").status_code == 403
        assert client.post("/calls", base_url=f"http://{host}/", json={}).status_code == 403

    @pytest.mark.parametrize(
        ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
    )
    def test_a_page_from_elsewhere_is_refused(self, client: Client, site: str, status: int) -> None:
        assert get(client, "/making", **{"Sec-Fetch-Site": site}).status_code == status

    def test_the_policy_allows_nothing_but_ourselves(self) -> None:
        parts = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))
        assert parts["default-src"] == "'none'"
        assert set(parts.values()) == {"'self'", "'none'"}
        assert {"base-uri", "form-action", "frame-ancestors"} <= {n for n, v in parts.items() if v == "'none'"}

    def test_every_answer_carries_the_policy(self, client: Client) -> None:
        answers = [
            *(get(client, path) for path in ("/", "/making", "/static/phone.js", "/calls/x", "/nothing", "/calls")),
            client.get("/", base_url="http://evil.example/"),
            client.post("/calls", base_url=HERE, json={"at": "never"}),
            client.post("/calls", base_url=HERE, data=b"x" * 20_000, content_type="application/json"),
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 404, 405, 403, 400, 413]
        for answer in answers:
            assert answer.headers["Content-Security-Policy"] == POLICY
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            answer.close()

    def test_the_page_itself_asks_for_nothing_from_elsewhere(self, client: Client) -> None:
        for interface in INTERFACES:
            html = get(client, f"/?ui={interface}").text
            assert f'<html lang="{interface}"' in html
            assert not re.search(r"""(?:src|href)="(?:https?:)?//|<script>|\son[a-z]+=|\sstyle=|<style""", html)

    def test_the_page_speaks_the_browsers_language_and_else_english(self, client: Client) -> None:
        for wanted, given in (("sv-FI,sv;q=0.9", "sv"), ("fi", "fi"), ("de", "en")):
            assert f'<html lang="{given}"' in get(client, "/", **{"Accept-Language": wanted}).text
        assert '<html lang="en"' in get(client, "/?ui=xx").text


class TestBadInput:
    def test_an_unknown_call_is_not_found(self, client: Client) -> None:
        page = Page(client)
        page.path = "/calls/0000"
        assert get(client, "/calls/0000").status_code == 404
        assert get(client, "/calls/0000/golden").status_code == 404
        assert page.posts("moments/0", what="passed") == 404
        assert page.posts("rings/0", what="answer") == 404

    @pytest.mark.parametrize("at", ["yesterday", "2026-13-01T10:00", "2026-02-30T10:00", "25:00", 5])
    def test_a_time_that_is_none_is_refused(self, client: Client, at: object) -> None:
        assert client.post("/calls", base_url=HERE, json={"at": at}).status_code == 400

    @pytest.mark.parametrize("body", [b"", b"{", b'"at"', b"[]"])
    def test_a_call_that_is_no_object_is_refused(self, client: Client, body: bytes) -> None:
        answer = client.post("/calls", base_url=HERE, data=body, content_type="application/json")
        assert answer.status_code == 400

    @pytest.mark.parametrize(
        "act",
        [
            {},
            {"what": "sing"},
            {"what": "key", "key": "12"},
            {"what": "key", "key": "a"},
            {"what": "passed", "after": "x"},
        ],
    )
    def test_an_act_that_is_none_is_refused(self, client: Client, act: Message) -> None:
        page = Page(client)
        assert page.posts("moments/0", **act) == 400
        assert page.posts("moments/0", what="hang up") == 204

    @pytest.mark.parametrize("did", [{}, {"what": "sing"}, {"what": "answer", "after": "x"}])
    def test_a_decision_that_is_none_is_refused(self, client: Client, did: Message) -> None:
        page = Page(client)
        assert page.posts("rings/0", **did) == 400
        assert page.posts("moments/0", what="hang up") == 204


@pytest.fixture(scope="module")
def answered(content: Content, tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, str]:
    """Finnish by day to an answered transfer, and the golden text of it."""
    client = Client(create_phone(exchange_of(content), Studio(content, (), tmp_path_factory.mktemp("x"), Tones)))
    page = Page(client)
    page.goes(["1", "1"], {"social_instructor": "answer"})
    return page, get(client, f"{page.path}/golden").text


def played_again(content: Content, text: str, folder: Path) -> tuple[GoldenCall, Played]:
    """A golden text as whoever keeps it plays it."""
    path = folder / "golden.yaml"
    path.write_text(text, encoding="utf-8")
    golden, issues = read_golden(path)
    assert golden, issues
    return golden, play(golden, content, simulated_app, seconds_by_locale(content.languages), Switches())


def test_clips_that_are_made_while_the_page_is_open_are_heard_in_the_next_call(
    content: Content, mute: Studio, tmp_path: Path
) -> None:
    content = replace(content, offered=content.offered | {"uk"})
    audio = Audio(tmp_path / "made", tmp_path / "recorded")
    audio.rendered.mkdir()
    client = Client(create_phone(exchange_of(content, audio), mute))

    def first_said() -> Message:
        page = Page(client, dials="uk")
        while not page.of("said"):
            assert page.asks()
        return page.of("said")[0]

    assert first_said()["stand_in"]
    for said in closed_set(content, TODAY):
        if said.language == "uk":
            make(content, audio, said, "offline")
    heard = first_said()
    assert not heard["stand_in"]
    assert get(client, heard["sound"]).status_code == 200


class TestACall:
    def test_messages_are_numbered_and_their_times_never_go_back(self, answered: tuple[Page, str]) -> None:
        told = answered[0].told
        assert [message["n"] for message in told] == list(range(len(told)))
        times = [message["at"] for message in told if "at" in message]
        assert times == sorted(times)

    def test_goes_by_two_keys_to_a_talk_and_to_its_end(self, answered: tuple[Page, str]) -> None:
        shown = ("pressed", "ringing", "picked up", "talk", "talk ended", "ended")
        happened = [message for message in answered[0].told if message["kind"] in shown]
        assert [message["kind"] for message in happened] == ["pressed", *shown]
        assert [message["key"] for message in happened[:2]] == ["1", "1"]
        assert {message["contact"] for message in happened[2:-1]} == {"social_instructor"}
        assert (happened[3]["how"], happened[5]["by"], happened[6]["by"]) == ("person", "contact", "line")

    def test_every_line_has_its_language_direction_and_place(self, answered: tuple[Page, str]) -> None:
        said = answered[0].of("said")
        assert {message["where"] for message in said} == {"gather", "plain", "whisper"}
        assert {m["language"]: m["direction"] for m in said} == {"fi": "ltr", "sv": "ltr", "en": "ltr", "ar": "rtl"}
        for message in said:
            assert message["text"]
            assert message["seconds"] > 0
            assert message["sound"] is None  # nothing is recorded, and the studio makes nothing

    def test_every_line_has_finnish_and_english_under_it(self, answered: tuple[Page, str]) -> None:
        for message in answered[0].of("said"):
            assert set(message["under"]) == {"fi", "en"} - {message["language"]}
            assert all(text and "{" not in text for text in message["under"].values())
        under = {message["text"]: message["under"] for message in answered[0].of("said")}
        assert under["Tämä on kone. Se ei kuule sinua."] == {"en": "This is a machine. It cannot hear you."}
        assert under["Svenska: två."] == {"fi": "ruotsi: kaksi", "en": "Swedish: two"}

    def test_its_path_follows_the_exits_of_the_flow_to_its_end(
        self, content: Content, answered: tuple[Page, str]
    ) -> None:
        flow = content.flow
        path = [node for message in answered[0].of("requested") for node in message["path"]]
        assert (path[0], path[-1]) == (flow.start, flow.end)
        assert any(flow.nodes[node].kind == "transfer" for node in path)
        for here, there in pairwise(path):
            assert here == there or there in {target.to for _, target in flow.exits(here)}, (here, there)

    def test_requests_are_shown_with_what_was_sent_and_answered(self, answered: tuple[Page, str]) -> None:
        requested = answered[0].of("requested")
        assert "/voice" in requested[0]["url"]
        assert f"To={OUR_NUMBER}" in requested[0]["form"]
        assert "<Response>" in requested[0]["twiml"]

    def test_its_golden_text_plays_as_it_was_heard(
        self, content: Content, answered: tuple[Page, str], tmp_path: Path
    ) -> None:
        golden, played = played_again(content, answered[1], tmp_path)
        assert golden.caller == ("1", "1", "wait")
        said = [event for event in played.events if isinstance(event, Said)]
        assert [event.spoken.text for event in said] == [message["text"] for message in answered[0].of("said")]
        again = [line(event, played.transcript) for event in said]
        heard = [words.split("  ", 1)[1] for words in golden.heard.splitlines()]
        assert [words for words in heard if words in set(again)] == again

    def test_its_golden_text_keeps_the_promises_that_it_makes(
        self, content: Content, answered: tuple[Page, str], tmp_path: Path
    ) -> None:
        assert broken_promises(*played_again(content, answered[1], tmp_path)) == []

    def test_a_voicemail_is_no_talk(self, client: Client) -> None:
        page = Page(client, dials="fi")
        page.goes(["1"], {"social_instructor": "voicemail"})
        assert page.of("picked up")[0]["how"] == "voicemail"
        assert page.of("talk") == page.of("talk ended") == []
        assert page.of("not reached")[0]["contact"] == "social_instructor"
        assert [message["by"] for message in page.of("ended")] == ["line"]

    def test_a_number_of_a_language_is_answered_in_it(self, client: Client) -> None:
        page = Page(client, dials="ar")
        page.goes([], {})
        assert "ar" in {message["language"] for message in page.of("said")}
        assert "dials: ar\n" in get(client, f"{page.path}/golden").text

    @pytest.mark.parametrize("tells_the_ring", [True, False])
    def test_hanging_up_while_it_rings_ends_it_and_nothing_more_is_told(
        self, client: Client, tells_the_ring: bool
    ) -> None:
        page = Page(client, dials="fi")
        ring = page.goes(["1"], {}, until="rings")
        if tells_the_ring:
            assert page.posts(f"rings/{ring['n']}", what="no answer", after=3.0) == 204
        assert page.posts(f"moments/{len(page.told)}", what="hang up", after=0.0) == 204
        while page.asks():
            pass
        behind = [message for message in page.told[ring["n"] + 1 :] if message["kind"] != "moment"]
        assert {message["kind"] for message in behind} <= {"requested", "ringing", "not reached", "ended"}
        assert page.of("ended")[0]["by"] == "caller"
        ended = list(page.told)
        page.posts(f"moments/{len(ended)}", what="key", key="1", after=0.0)
        assert not page.asks()
        assert page.told == ended

    def test_a_key_that_comes_too_late_counts_as_nothing(self, client: Client) -> None:
        page = Page(client, dials="fi")
        moment = page.until("moment")
        for what in ("passed", "key"):
            assert page.posts(f"moments/{moment['n']}", what=what, key="0", after=0.1) == 204
        page.asks()
        assert page.of("pressed") == []
        assert page.posts("moments/0", what="hang up") == 204

    def test_a_page_that_does_not_ask_any_more_has_hung_up(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live, "PAGE_GONE", 0.1)
        others = set(threading.enumerate())
        page = Page(client, dials="fi")
        for thread in begun("call", others):
            thread.join(SOON)
            assert not thread.is_alive()
        assert not page.asks()
        assert page.of("ended")[0]["by"] == "caller"


class TestStudio:
    @pytest.fixture
    def few(self, script: Sequence[Utterance]) -> list[Utterance]:
        """Three languages: what is said first in each, and two other sentences, one of them slowly too."""
        found = list[Utterance]()
        for code in ("fi", "sv", "en"):
            of_one = [said for said in script if said.language == code]
            found += [said for said in of_one if said.prompt == "safety.opening"]
            found += [said for said in of_one if said.prompt in ("main.press", "welcome.machine")]
        return found

    def finished(self, studio: Studio) -> None:
        """Let it work here until it has ended."""
        others = set(threading.enumerate())
        studio.start()
        for thread in begun("studio", others):
            thread.join(SOON)
            assert not thread.is_alive()

    def languages(self, engine: Tones, few: Sequence[Utterance]) -> list[str]:
        """In which order the languages were made, behind what everybody hears."""
        first = len({(s.language, s.text) for s in few if s.prompt.startswith(SAID_FIRST) and not s.slow})
        return list(dict.fromkeys(voicing.language[:2] for voicing in engine.spoken[first:]))

    def test_what_everybody_hears_first_is_made_first(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        engine = Tones()
        self.finished(Studio(content, few[::-1], tmp_path, lambda: engine))
        first = [voicing.prompt.startswith(SAID_FIRST) for voicing in engine.spoken]
        assert first == sorted(first, reverse=True)
        assert 0 < sum(first) < len(first)

    def test_a_language_that_is_asked_for_comes_before_the_others(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        plain, hurried = Tones(), Tones()
        self.finished(Studio(content, few, tmp_path / "plain", lambda: plain))
        studio = Studio(content, few, tmp_path / "hurried", lambda: hurried)
        studio.hurry("sv")
        studio.hurry("en")
        self.finished(studio)
        assert self.languages(plain, few) == ["fi", "sv", "en"]
        assert self.languages(hurried, few) == ["en", "sv", "fi"]

    def test_a_language_may_be_asked_for_while_another_is_made(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        engine = Tones(counted=True)
        studio = Studio(content, few, tmp_path, lambda: engine)
        studio.start()
        assert engine.asked.acquire(timeout=SOON)
        studio.hurry("en")
        engine.leave.release(len(few))
        assert all(studio.clip(said) for said in few)
        assert self.languages(engine, few) == ["en", "fi", "sv"]

    def test_a_clip_is_waited_for_while_it_is_being_made(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        engine, got = Tones(counted=True), list[str | None]()
        studio = Studio(content, few, tmp_path, lambda: engine)
        studio.start()
        waiting = threading.Thread(target=lambda: got.append(studio.clip(few[0])))
        waiting.start()
        waiting.join(0.05)
        assert (waiting.is_alive(), got) == (True, [])
        engine.leave.release(len(few))
        waiting.join(SOON)
        assert got[0]
        path = studio.path(got[0])
        assert path
        assert path.read_bytes()[:4] == b"RIFF"

    def test_a_clip_that_takes_too_long_is_not_waited_for(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(studios, "PATIENCE", 0.05)
        studio = Studio(content, few, tmp_path, Tones)  # and nobody starts it
        assert studio.clip(few[0]) is None

    def test_what_the_studio_does_not_know_has_no_clip(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        studio = Studio(content, few[:1], tmp_path, Tones)
        assert studio.clip(few[1]) is None
        assert studio.path("0" * 32) is None

    def test_a_fault_is_told_and_nobody_waits_for_what_will_not_come(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        studio = Studio(content, few, tmp_path, partial(Tones, breaks_at=2))
        self.finished(studio)
        progress = studio.progress()
        assert progress.fault == "the tones are broken"
        assert progress.made < progress.wanted
        made = [studio.clip(said) for said in few]
        assert made.count(None) == progress.wanted - progress.made

    def test_a_disk_that_cannot_be_written_is_told(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("no folder", encoding="utf-8")
        studio = Studio(content, few, tmp_path / "file", Tones)
        self.finished(studio)
        assert studio.progress().fault
        assert studio.clip(few[0]) is None

    def test_progress_counts_and_the_page_is_told(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        engine = Tones(counted=True)
        studio = Studio(content, few, tmp_path, lambda: engine)
        client = Client(create_phone(exchange_of(content), studio))
        wanted = studio.progress().wanted
        assert get(client, "/making").get_json() == {"made": 0, "wanted": wanted, "fault": ""}
        studio.start()
        engine.leave.release(len(few))
        assert all(studio.clip(said) for said in few)
        assert studio.progress() == Progress(wanted, wanted, "")
        assert len(list(tmp_path.glob("*.wav"))) == wanted

    def test_nothing_is_made_twice(self, content: Content, few: Sequence[Utterance], tmp_path: Path) -> None:
        first, second, third = Tones(), Tones(), Tones()
        self.finished(Studio(content, few, tmp_path, lambda: first))
        assert max(Counter(first.spoken).values()) == 1
        self.finished(Studio(content, few, tmp_path, lambda: second))
        assert second.spoken == []
        lost = next(tmp_path.glob("*.wav"))
        lost.unlink()
        self.finished(Studio(content, few, tmp_path, lambda: third))
        assert len(third.spoken) == 1
        assert lost.is_file()


@pytest.mark.parametrize("year", range(2025, 2033))
@pytest.mark.parametrize("day", ["01-01", "03-28", "06-18", "10-24", "12-23", "12-24", "12-25", "12-31"])
def test_every_preset_is_what_its_name_says(content: Content, year: int, day: str) -> None:
    zone, schedule = ZoneInfo(content.office.zone), content.office.schedules[PHONE]
    today = date.fromisoformat(f"{year}-{day}")
    found = presets(content.office, today)
    at = {name: moment.replace(tzinfo=zone) for name, moment in found.items()}
    assert all(today <= moment.date() <= today + timedelta(53 * 7) for moment in found.values())
    opening, closing = schedule.next_opening(at["before_opening"]), schedule.closes(at["before_closing"])
    assert opening
    assert closing
    assert timedelta(0) < opening - at["before_opening"] <= timedelta(minutes=5)
    assert timedelta(0) < closing - at["before_closing"] <= timedelta(minutes=1)
    opened = {name for name, moment in at.items() if schedule.is_open(moment)}
    assert opened == {"morning", "lunch", "before_closing"}
    assert at["morning"].hour < 12
    assert at["saturday"].isoweekday() == 6
    assert (at["christmas_eve"].month, at["christmas_eve"].day) == (12, 24)
    change = at["clock_change"]
    later = (change.astimezone(UTC) + timedelta(minutes=1)).astimezone(zone)
    assert (f"{change:%H:%M}", f"{later:%H:%M}", change.date()) == ("02:59", "04:00", later.date())


class TestDrawing:
    def test_shows_every_node_once_and_inside(self, content: Content) -> None:
        shown = drawing(content.flow)
        assert sorted(box.name for box in shown.boxes) == sorted(content.flow.nodes)
        for box in shown.boxes:
            assert box.kind == content.flow.nodes[box.name].kind
            assert 0 <= box.x <= shown.width - WIDTH
            assert 0 <= box.y <= shown.height - HEIGHT

    def test_no_two_boxes_overlap(self, content: Content) -> None:
        def apart(a: Box, b: Box) -> bool:
            return abs(a.x - b.x) >= WIDTH or abs(a.y - b.y) >= HEIGHT

        assert [pair for pair in combinations(drawing(content.flow).boxes, 2) if not apart(*pair)] == []

    def test_has_a_line_for_each_exit_but_up(self, content: Content) -> None:
        flow = content.flow
        exits = {(name, target.to) for name in flow.nodes for exit_, target in flow.exits(name) if exit_ != "up"}
        drawn = [(edge.start, edge.end) for edge in drawing(flow).edges]
        assert len(drawn) == len(set(drawn))
        assert set(drawn) == {(a, b) for a, b in exits if a != b}  # one that leads back to its own box is not drawn


def used_words() -> Iterator[str]:
    """Every key that the template and the scripts name, and a pattern for those that they put together."""
    template = (BROWSER / "templates" / "phone.html").read_text(encoding="utf-8")
    yield from re.findall(r"\bw\.(\w+)", template)
    for path in sorted((BROWSER / "static").glob("*.js")):
        text = path.read_text(encoding="utf-8")
        for call in re.findall(r"\b(?:say|plain|part|trouble)\(([^,){]*)", text):
            yield from re.findall(r'"(\w+)"', call)
        for made in re.findall(r"\b(?:say|plain|told\[?)\(?`([^`]+)`", text):
            yield re.sub(r"\$\{[^}]*\}", r"\\w+", made)


class TestWords:
    def test_all_interfaces_have_the_same_keys_and_none_is_empty(self) -> None:
        assert set(INTERFACES) == {"en", "fi", "sv"}
        for interface in INTERFACES:
            assert words(interface).keys() == words("en").keys()
            assert [key for key, text in words(interface).items() if not text.strip() or text == "None"] == []

    def test_no_text_is_left_untranslated(self) -> None:
        for one, other in combinations(INTERFACES, 2):
            same = [key for key, text in words(one).items() if text == words(other)[key] and len(text.split()) >= 3]
            assert same == [], (one, other)

    def test_all_have_the_same_places_to_fill_in(self) -> None:
        def places(interface: str) -> Mapping[str, list[str]]:
            return {key: sorted(re.findall(r"\{\w*\}", text)) for key, text in words(interface).items()}

        for interface in INTERFACES:
            assert places(interface) == places("en")

    def test_every_word_that_the_page_uses_is_there(self) -> None:
        used = set(used_words())
        assert len(used) > 50
        known = words("en")
        assert [key for key in used if not any(re.fullmatch(key, word) for word in known)] == []

    def test_everything_that_the_server_names_has_a_word(self, content: Content) -> None:
        named = {f"preset_{name}" for name in presets(content.office, TODAY)}
        named |= {f"contact_{name}" for name in content.office.contacts}
        named |= {f"ended_{by}" for by in ("line", "caller", "rejected")}
        named |= {f"talk_ended_{by}" for by in ("contact", "caller", "limit")}
        assert named <= words("en").keys()
