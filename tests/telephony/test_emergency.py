"""The emergency document (rule O2): when anything breaks, 112 is told and somebody rings; nothing is needed for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import get_args
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.content import Content
from ivr.core.flow import TextRoles
from ivr.core.prompts import Catalogue
from ivr.phone.network.behaviour import ALL_BEHAVIOURS, CarrierBehaviour
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Bridged, Ended, Event, Ringing, Said
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.transport import AttemptLimits, Reply, WsgiTransport
from ivr.phone.network.virtual import VirtualCarrier
from ivr.phone.twiml.document import DialVerb, HangupVerb, SayVerb, read
from ivr.telephony.port import LineNumbers, Route, Webhook
from ivr.telephony.twilio.emergency import EmergencyDocuments, emergency_document, static_document
from tests.phone.carrier.tiny_line import TinyLine, of, ring, said, ten_letters_a_second
from tests.telephony.conftest import DAY, OURS, TOKEN, URL, Line, line_settings

PRIVATE, PRIVATE_TOO, PUBLIC = "+358403333333", "+358404444444", "+358400291141"
NUMBERS = LineNumbers(URL, OURS, {"on_call": (PRIVATE,)}, "FI", {"on_call": 25}, public_number=PUBLIC)
ROUTES: tuple[Route, ...] = get_args(Route)
DANGER = "Soita yksi yksi kaksi."
CALLING, NUMBER_FOLLOWS = "Soitamme.", "Kiireellinen sosiaaliapu:"


@pytest.fixture
def broken(content: Content, monkeypatch: pytest.MonkeyPatch) -> Line:
    """A line on which every step fails."""
    monkeypatch.setattr("ivr.telephony.web.step", lambda *_: 1 / 0)
    return Line(content, settings=line_settings(contacts={"on_call": (PRIVATE,), "social_instructor": (PRIVATE_TOO,)}))


class Proxy(WsgiTransport):
    """Passes on what is below the path of the public address."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], limits: AttemptLimits, /) -> Reply:
        return super().post(url.replace(URL, "http://127.0.0.1:8080"), body, headers, limits)


def call(line: Line, *on_call: str, behaviour: CarrierBehaviour | None = None) -> list[Event]:
    """A caller who presses nothing, and what the number that is rung does each time."""
    carrier = VirtualCarrier(
        Proxy(line.client.application),
        public_url=URL,
        auth_token=TOKEN,
        our_number=OURS,
        clock=VirtualClock(DAY),
        seconds_of=ten_letters_a_second,
        behaviour=behaviour,
    )
    return carrier.call(ScriptedCaller(()), ScriptedContacts({PRIVATE: on_call}))


def words_around_ringing(events: list[Event]) -> list[list[str]]:
    """What is said before the first ringing, between two, and after the last."""
    around: list[list[str]] = [[]]
    for event in events:
        match event:
            case Ringing():
                around.append([])
            case Said(spoken=spoken):
                around[-1].append(spoken.text)
            case _:
                pass
    return around


def rung(events: list[Event]) -> list[str]:
    return [event.number for event in of(events, Ringing)]


class TestOfARunningLine:
    def test_nobody_answers_and_112_is_told_each_time(self, broken: Line) -> None:
        events = call(broken, "no_answer")
        assert rung(events) == [PRIVATE, PRIVATE]
        first, second, third = words_around_ringing(events)
        assert [DANGER in first[0], first[1]] == [True, CALLING]
        assert [DANGER in second[0], second[1]] == [True, NUMBER_FOLLOWS]
        assert " ".join(second[2:12]) == "nolla neljä nolla nolla kaksi yhdeksän yksi yksi neljä yksi"
        assert len(third) == 3
        assert DANGER.lower() in third[0].lower()
        assert [event.by for event in of(events, Ended)] == ["line"]

    @pytest.mark.parametrize("behaviour", ALL_BEHAVIOURS, ids=str)
    @pytest.mark.parametrize("before", [(), ("busy",)])
    def test_after_a_talk_nobody_rings_again(
        self, broken: Line, before: tuple[str, ...], behaviour: CarrierBehaviour
    ) -> None:
        events = call(broken, *before, "answers talks 90", behaviour=behaviour)
        assert len(of(events, Bridged)) == 1
        assert rung(events) == [PRIVATE] * (len(before) + 1)
        assert "yksi yksi kaksi" in " ".join(said(events)[-3:])
        assert [event.by for event in of(events, Ended)] == ["line"]

    def test_a_talk_before_it_broke_is_not_followed_by_another(self, broken: Line) -> None:
        for path in ("/voice/at/on_call", "/voice/at/on_call_second?lang=fi"):
            document = broken.twiml(path, {"DialCallStatus": "completed", "DialBridged": "true"})
            assert document.find(".//Dial") is None
            assert document[-1].tag == "Hangup"

    def test_a_whisper_that_nobody_took_is_no_talk(self, broken: Line) -> None:
        """Without DialBridged only the time tells: up to a minute it may have been a voicemail."""
        told = {"DialCallStatus": "completed", "DialCallDuration": "45"}
        assert broken.twiml("/voice/at/on_call", told).find(".//Dial") is not None
        assert broken.twiml("/voice/emergency", told).find(".//Dial") is None

    def test_who_has_hung_up_rings_nobody(self, broken: Line) -> None:
        for path in ("/voice", "/voice/at/on_call", "/voice/emergency"):
            document = broken.twiml(path, {"DialCallStatus": "canceled", "CallStatus": "completed"})
            assert document.find(".//Dial") is None


class TestWithoutPrivateNumbers:
    """For addresses of calls that began long ago: a request that was kept tells nobody's number."""

    @staticmethod
    def documents(content: Content, numbers: LineNumbers) -> EmergencyDocuments:
        return EmergencyDocuments(content, numbers)

    @staticmethod
    def webhook(query: str = "", **form: str) -> Webhook:
        return Webhook("POST", "/voice/emergency", query, urlencode(form).encode(), {})

    def test_it_rings_the_public_number_alone_to_the_end(self, content: Content) -> None:
        documents = self.documents(content, NUMBERS)
        first = documents.answer(self.webhook(t="1"), "node", public_only=True)
        (dial,) = ElementTree.fromstring(first).iter("Dial")  # noqa: S314 - our own document
        assert [number.text for number in dial] == [PUBLIC]
        query = urlsplit(dial.attrib["action"]).query
        again = documents.answer(self.webhook(query, DialCallStatus="no-answer"), "emergency")
        assert [number.text for number in ElementTree.fromstring(again).iter("Number")] == [PUBLIC]  # noqa: S314
        for answer in (first, again):
            assert PRIVATE.encode() not in answer
            assert read(answer, URL, "caller")

    @pytest.mark.parametrize("query", ["", "public=1"])
    def test_after_a_talk_it_tells_112_and_ends(self, content: Content, query: str) -> None:
        documents = self.documents(content, NUMBERS)
        for route in ("start", "node", "emergency"):
            answer = documents.answer(self.webhook(query, DialBridged="true"), route, public_only=True)
            verbs = read(answer, URL, "nobody").verbs
            assert [type(verb) for verb in verbs] == [SayVerb, SayVerb, SayVerb, HangupVerb]
            assert b"yksi yksi kaksi" in answer

    def test_a_public_number_that_cannot_be_rung_is_told(self, content: Content) -> None:
        documents = self.documents(content, replace(NUMBERS, public_number=None))
        for route in ("start", "node", "emergency"):
            answer = documents.answer(self.webhook(), route, public_only=True)
            verbs = read(answer, URL, "caller").verbs
            assert not any(isinstance(verb, DialVerb) for verb in verbs)
            assert NUMBER_FOLLOWS.encode() in answer
            assert isinstance(verbs[-1], HangupVerb)

    def test_a_line_knows_its_public_number(self, broken: Line) -> None:
        assert PRIVATE in numbers_of(broken.post("/voice/emergency", {"DialCallStatus": "busy"}).data)
        told = broken.post("/voice/emergency?public=1", {"DialCallStatus": "busy"})
        assert numbers_of(told.data) == [PUBLIC]


def numbers_of(document: bytes) -> list[str | None]:
    return [number.text for number in ElementTree.fromstring(document).iter("Number")]  # noqa: S314


def test_its_answers_do_not_depend_on_the_call(content: Content) -> None:
    documents = EmergencyDocuments(content, NUMBERS)
    for route, over, public in product(ROUTES, (False, True), (False, True)):
        form: Mapping[str, str] = {"DialBridged": "true"} if over else {"DialCallStatus": "busy"}
        for other in ({}, {"From": "+358401234567", "Digits": "1", "CallSid": "CA9"}):
            webhook = Webhook("POST", "/voice", "lang=so", urlencode({**form, **other}).encode(), {})
            answer = documents.answer(webhook, route, public_only=public)
            assert answer == emergency_document(content, NUMBERS, route, over=over, public_only=public)


TEXTS = st.text(st.characters(exclude_characters="{}"), min_size=1, max_size=8)
ODD = st.text(st.characters(max_codepoint=31) | st.sampled_from("\x7f\ud800\udfff\ufffe\uffff<&>\"']"), min_size=1)


@pytest.mark.untraced
@given(TEXTS | ODD, TEXTS | ODD)
def test_it_is_well_formed_whatever_the_texts_hold(content: Content, text: str, voice: str) -> None:
    """Also what no XML can hold; a voice's name, too. Braces are slots, which are checked when texts are read."""
    languages = {
        code: language.model_copy(
            update={
                "locale": language.locale + voice,
                "voices": {"provider": language.voices["provider"].model_copy(update={"voice": voice})},
            }
        )
        for code, language in content.languages.languages.items()
        if code in content.languages.before_choice
    }
    ids = [*(getattr(content.flow.roles, name) for name in TextRoles.model_fields), *(f"digit.{n}" for n in range(10))]
    odd = replace(
        content,
        languages=content.languages.model_copy(update={"languages": languages}),
        catalogue=Catalogue({code: dict.fromkeys(ids, text) for code in languages}),
    )
    documents = [
        emergency_document(odd, NUMBERS, route, over=over, public_only=public)
        for route, over, public in product(ROUTES, (False, True), (False, True))
    ]
    for document in (*documents, static_document(odd, PUBLIC, OURS)):
        if document:
            assert ElementTree.fromstring(document).tag == "Response"  # noqa: S314 - our own document


class TestStaticForm:
    def test_a_caller_who_presses_nothing_hears_112_and_ringing(self, content: Content) -> None:
        document = static_document(content, PUBLIC, OURS).decode()
        line = TinyLine({"/voice": document})
        events = ring(line)
        assert rung(events) == [PUBLIC]
        (place,) = (place for place, event in enumerate(events) if isinstance(event, Ringing))
        before, after = ([event.spoken for event in of(part, Said)] for part in (events[:place], events[place:]))
        for language, danger, calling in (
            ("fi-FI", "yksi yksi kaksi", "Soitamme."),
            ("sv-SE", "ett ett två", "Vi ringer."),
            ("en-GB", "one one two", "We are calling."),
        ):
            words = [spoken.text for spoken in before if spoken.language == language]
            assert danger in words[0]
            assert words[-1] == calling
            assert len(words) == 13, "112, whose number, ten digits, calling"
            assert [spoken.text for spoken in after if spoken.language == language] == words[:-1]
        assert [event.by for event in of(events, Ended)] == ["line"]
        assert [target for target, _ in line.asked] == ["/voice", "/voice/status"], "nothing else of ours is asked"

    def test_it_rings_55_seconds_and_names_no_address(self, content: Content) -> None:
        document = static_document(content, PUBLIC, OURS)
        (dial,) = (verb for verb in read(document, URL, "caller").verbs if isinstance(verb, DialVerb))
        assert (dial.timeout, dial.action, dial.whisper, dial.caller_id) == (55, None, None, OURS)
        assert b"http" not in document
        assert b"<Play" not in document

    def test_after_a_talk_112_and_the_end(self, content: Content) -> None:
        events = ring(
            TinyLine({"/voice": static_document(content, PUBLIC, OURS).decode()}),
            contacts={PUBLIC: ["answers talks 60"]},
        )
        assert len(of(events, Bridged)) == len(rung(events)) == 1
        assert "yksi yksi kaksi" in " ".join(said(events)[-36:])

    def test_without_a_number_of_ours_the_callers_own_is_shown(self, content: Content) -> None:
        (dial,) = ElementTree.fromstring(static_document(content, PUBLIC)).iter("Dial")  # noqa: S314
        assert "callerId" not in dial.attrib
