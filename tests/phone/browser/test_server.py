"""What the server gives, to whom, and what it refuses."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from ivr.app import create_app
from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.core.utterance import Clip, Utterance
from ivr.journal import Journal
from ivr.phone.browser.app import POLICY, create_phone
from ivr.phone.browser.words import INTERFACES
from ivr.phone.clip_builder import ClipBuilder
from ivr.speech.voices import Audio, VoiceSelector
from tests.conftest import ROOT, TODAY
from tests.phone.browser.helpers import HERE, Message, Page, Tones, get, line_of
from tests.speech.test_voices import make, record
from tests.telephony.conftest import line_settings


class TestSounds:
    @pytest.fixture
    def audio(self, tmp_path: Path, script: Sequence[Utterance]) -> Audio:
        """One sentence is recorded."""
        audio = Audio(tmp_path / "made", tmp_path / "recorded")
        record(audio, next(said for said in script if said.id == "welcome.machine" and said.language == "fi"))
        return audio

    @pytest.fixture
    def recorded(self, content: Content, audio: Audio, script: Sequence[Utterance]) -> str:
        sounds = chain.from_iterable(map(VoiceSelector(content, audio, TODAY, "text"), script))
        return next(sound.name for sound in sounds if isinstance(sound, Clip))

    def test_the_page_gets_the_lines_own_clip_byte_for_byte(
        self, content: Content, audio: Audio, mute: ClipBuilder, recorded: str
    ) -> None:
        lines = list[Flask]()

        def build(content: Content, clock: Callable[[], datetime]) -> Flask:
            lines.append(simulated_app(content, clock, audio))
            return lines[-1]

        client = Client(create_phone(replace(line_of(content, audio), build=build), mute))
        Page(client, dials="fi").goes([], {})
        for name, status in ((recorded, 200), ("0" * 32, 404), ("x", 404)):
            ours, its = get(client, f"/audio/{name}.wav"), Client(lines[-1]).get(f"/audio/{name}.wav", buffered=True)
            assert (ours.status_code, its.status_code) == (status, status)
            assert (ours.data, ours.content_type) == (its.data, its.content_type)
        file = audio.recorded / "fi" / "welcome.machine.wav"
        assert get(client, f"/audio/{recorded}.wav").data == file.read_bytes()

    def test_a_recorded_sentence_is_told_with_the_lines_clip_and_is_no_stand_in(
        self, content: Content, audio: Audio, mute: ClipBuilder, recorded: str
    ) -> None:
        page = Page(Client(create_phone(line_of(content, audio), mute)), dials="fi")
        page.goes([], {})
        heard = {(said["sound"], said["stand_in"], said["seconds"]) for said in page.of("said") if said["sound"]}
        assert heard == {(f"/audio/{recorded}.wav", False, 0.5)}

    def test_what_is_not_recorded_is_heard_by_the_offline_voice(
        self, content: Content, script: Sequence[Utterance], tmp_path: Path
    ) -> None:
        few = [said for said in script if said.prompt == "safety.opening"]
        builder = ClipBuilder(content, few, tmp_path / "made", Tones)
        builder.start()
        client = Client(create_phone(line_of(content), builder))
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
    def test_has_no_route_of_it(self, content: Content) -> None:
        app = create_app(line_settings(), content, lambda: datetime.now(UTC), Journal(io.StringIO()))
        first = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
        assert "audio" in first
        assert Client(app).post("/voice").status_code == 403, "it is asked before there are routes"
        assert not {"", "calls", "making", "offline"} & first
        for path in ("/", "/making", "/calls/x", "/offline/x.wav"):
            assert Client(app).get(path).status_code == 404


class TestOnlyHere:
    @pytest.mark.parametrize("host", ["127.0.0.1:5080", "127.0.0.1", "localhost:5080"])
    def test_every_name_of_this_machine_is_answered(self, client: Client, host: str) -> None:
        assert client.get("/making", base_url=f"http://{host}/").status_code == 200

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "evil.example:5080",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "10.0.0.1",
            "[::1]:5080",
        ],
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

    def test_the_page_names_the_command_that_was_typed(self, content: Content, mute: ClipBuilder) -> None:
        typed = Client(create_phone(line_of(content), mute, "make phone"))
        assert 'data-typed="make phone"' in get(typed, "/").text
        assert '--typed "make phone"' in (ROOT / "Makefile").read_text(encoding="utf-8")

    def test_a_node_without_a_name_is_shown_by_its_id(self, content: Content, mute: ClipBuilder) -> None:
        nodes = {**content.flow.nodes, "new_page": content.flow.nodes["services"]}
        flow = content.flow.model_copy(update={"nodes": nodes})
        html = get(Client(create_phone(line_of(replace(content, flow=flow)), mute)), "/?ui=fi").text
        assert re.search(r'<text [^>]*lang="en">new page</text>', html)
        assert re.search(r"<text [^>]*[^n]\">Palvelut</text>", html)

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
        ("path", "body"),
        [
            ("moments/0", {}),
            ("moments/0", {"what": "sing"}),
            ("moments/0", {"what": "key", "key": "12"}),
            ("moments/0", {"what": "key", "key": "a"}),
            ("moments/0", {"what": "passed", "after": "x"}),
            ("rings/0", {}),
            ("rings/0", {"what": "sing"}),
            ("rings/0", {"what": "answer", "after": "x"}),
        ],
        ids=str,
    )
    def test_an_act_or_a_decision_that_is_none_is_refused(self, client: Client, path: str, body: Message) -> None:
        page = Page(client)
        assert page.posts(path, **body) == 400
        assert page.posts("moments/0", what="hang up") == 204


def test_clips_that_are_made_while_the_page_is_open_are_heard_in_the_next_call(
    content: Content, mute: ClipBuilder, tmp_path: Path
) -> None:
    content = replace(content, offered=content.offered | {"uk"})
    audio = Audio(tmp_path / "made", tmp_path / "recorded")
    audio.rendered.mkdir()
    client = Client(create_phone(line_of(content, audio), mute))

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
