"""A call as its page is told of it, from the first message to the golden text."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from werkzeug.test import Client

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.phone.browser import call as live
from ivr.phone.browser.app import create_phone
from ivr.phone.clip_builder import ClipBuilder
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.events import Said
from ivr.phone.network.people import TALK_SECONDS, Answer, parse_pickup
from ivr.phone.network.transcript import line
from ivr.phone.simulation import OUR_NUMBER
from ivr.phone.terminal import CHOICES
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.voices import Audio
from tests.calls.golden import GoldenCall, Played, broken_promises, play, read_golden
from tests.conftest import TODAY
from tests.limits import PATIENCE
from tests.phone.browser.helpers import Page, Tones, begun, get, line_of
from tests.speech.test_voices import make


@pytest.fixture(scope="module")
def answered(content: Content, tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, str]:
    """Finnish by day to an answered transfer, and the golden text of it."""
    client = Client(create_phone(line_of(content), ClipBuilder(content, (), tmp_path_factory.mktemp("x"), Tones)))
    page = Page(client)
    page.goes(["1", "1"], {"social_instructor": "answer"})
    return page, get(client, f"{page.path}/golden").text


def played_again(content: Content, text: str, folder: Path) -> tuple[GoldenCall, Played]:
    """A golden text as whoever keeps it plays it."""
    path = folder / "golden.yaml"
    path.write_text(text, encoding="utf-8")
    golden, issues = read_golden(path)
    assert golden, issues
    return golden, play(golden, content, simulated_app, seconds_by_locale(content.languages), CarrierBehaviour())


class TestACall:
    def test_messages_are_numbered_and_their_times_never_go_back(self, answered: tuple[Page, str]) -> None:
        told = answered[0].messages
        assert [message["n"] for message in told] == list(range(len(told)))
        times = [message["at"] for message in told if "at" in message]
        assert times == sorted(times)

    def test_goes_by_two_keys_to_a_talk_and_to_its_end(self, answered: tuple[Page, str]) -> None:
        shown = ("pressed", "ringing", "picked up", "talk", "talk ended", "ended")
        happened = [message for message in answered[0].messages if message["kind"] in shown]
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
            assert message["sound"] is None  # nothing is recorded, and the builder makes nothing

    def test_every_line_is_told_in_finnish_swedish_and_english_too(self, answered: tuple[Page, str]) -> None:
        for message in answered[0].of("said"):
            languages = {"fi", "en"} if message["where"] == "whisper" else {"fi", "sv", "en"}
            assert set(message["under"]) == languages - {message["language"]}
            assert all(text and "{" not in text for text in message["under"].values())
        under = {message["text"]: message["under"] for message in answered[0].of("said")}
        assert under["Tämä on kone. Se ei kuule sinua."] == {
            "sv": "Det här är en maskin. Den hör dig inte.",
            "en": "This is a machine. It cannot hear you.",
        }
        assert under["Svenska: tryck två."] == {"fi": "ruotsi: kaksi", "en": "Swedish: two"}

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

    def test_only_where_a_language_names_itself_is_it_told_as_a_choice(self, answered: tuple[Page, str]) -> None:
        choices = [message["text"] for message in answered[0].of("said") if message["choice"]]
        assert choices == ["Suomi: paina yksi.", "Svenska: tryck två.", "English: press three.", "العربية: اضغطوا ستة."]

    def test_the_person_hears_the_matter_before_the_talk(self, answered: tuple[Page, str]) -> None:
        whispered = [message["text"] for message in answered[0].of("said") if message["where"] == "whisper"]
        assert whispered[:3] == ["Paina numeroa. Kemin neuvontapuhelin.", "Kieli: suomi.", "Asia: neuvonta."]

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
        assert page.posts(f"moments/{len(page.messages)}", what="hang up", after=0.0) == 204
        while page.asks():
            pass
        behind = [message for message in page.messages[ring["n"] + 1 :] if message["kind"] != "moment"]
        assert {message["kind"] for message in behind} <= {"requested", "ringing", "not reached", "ended"}
        assert page.of("ended")[0]["by"] == "caller"
        ended = list(page.messages)
        page.posts(f"moments/{len(ended)}", what="key", key="1", after=0.0)
        assert not page.asks()
        assert page.messages == ended

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
        monkeypatch.setattr(live, "PAGE_GONE", 0.0)
        others = set(threading.enumerate())
        page = Page(client, dials="fi")
        for thread in begun("call", others):
            thread.join(PATIENCE)
            assert not thread.is_alive()
        assert not page.asks()
        assert page.of("ended")[0]["by"] == "caller"


def test_whoever_answers_does_the_same_in_the_page_in_the_terminal_and_in_a_golden_call(client: Client) -> None:
    page = Page(client, dials="fi")
    page.goes(["1"], {"social_instructor": "answer"})
    assert "- answers after 4.3\n" in get(client, f"{page.path}/golden").text
    assert parse_pickup("answers after 1") == CHOICES["a"] == Answer(after=1.0)
    talk, over = page.of("talk")[0], page.of("talk ended")[0]
    assert over["at"] - talk["at"] == pytest.approx(TALK_SECONDS)


class TestTheLanguagesOffered:
    """Russian has a voice, Ukrainian could have one, Somali needs people."""

    @pytest.fixture
    def wide(self, content: Content) -> Content:
        return replace(content, offered=content.offered | {"uk", "so"})

    @pytest.fixture
    def phone(self, wide: Content, mute: ClipBuilder) -> Client:
        return Client(create_phone(line_of(wide), mute))

    def chosen_from(self, client: Client, *, waiting: bool = False) -> tuple[set[str], str]:
        page = Page(client, waiting=waiting)
        page.goes(["1"], {})
        named = {message["language"] for message in page.of("said") if message["choice"]}
        return named, get(client, f"{page.path}/golden").text

    def test_are_those_of_a_real_line(self, phone: Client) -> None:
        named, golden = self.chosen_from(phone)
        assert named == {"fi", "sv", "en", "ar"}
        assert "without:\n- so\n- uk\n" in golden

    def test_are_also_those_that_wait_where_that_is_asked_for(self, phone: Client) -> None:
        named, golden = self.chosen_from(phone, waiting=True)
        assert named == {"fi", "sv", "en", "ar", "so", "uk"}
        assert "without" not in golden

    def test_grow_by_the_voices_that_are_made_meanwhile(self, wide: Content, mute: ClipBuilder, tmp_path: Path) -> None:
        audio = Audio(tmp_path / "made", tmp_path / "recorded")
        audio.rendered.mkdir()
        client = Client(create_phone(line_of(wide, audio), mute))
        before = get(client, "/making?ui=en").get_json()["offer"]
        assert "4 languages today" in before["today"]
        assert "5: Ukrainian too." in before["today"]
        for said in closed_set(wide, TODAY):
            if said.language == "uk":
                make(wide, audio, said, "offline")
        after = get(client, "/making?ui=en").get_json()["offer"]
        assert after["now"] == ["fi", "sv", "en", "uk", "ar"]
        assert "5 languages today" in after["today"]
        assert self.chosen_from(client)[0] == {"fi", "sv", "en", "uk", "ar"}

    def test_a_golden_text_of_fewer_languages_plays_as_it_was_heard(
        self, phone: Client, wide: Content, tmp_path: Path
    ) -> None:
        page = Page(phone)
        page.goes(["1", "1"], {"social_instructor": "answer"})
        golden, played = played_again(wide, get(phone, f"{page.path}/golden").text, tmp_path)
        said = [event.spoken.text for event in played.events if isinstance(event, Said)]
        assert said == [message["text"] for message in page.of("said")]
        assert golden.without == ("so", "uk")
