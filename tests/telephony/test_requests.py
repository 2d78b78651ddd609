"""Requests as they really come: by GET, with odd slashes, hours late, forged, or when a step hangs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from ivr.app import line_app
from ivr.core.content import Content
from ivr.journal import Journal
from ivr.live.line import _steady
from ivr.metrics import EMERGENCY, GET, KINDS, OLD, REFUSED, Metrics
from ivr.serving import Current, Serving
from ivr.speech.voices import VoiceSelector
from ivr.telephony.port import Webhook
from ivr.telephony.twilio.signature import MOST_FIELDS
from ivr.telephony.web import OLDEST_ADDRESS, Address, address_of
from tests.limits import PATIENCE
from tests.telephony.conftest import DAY, OURS, TOKEN, URL, Line, find, line_settings, verbs

PRIVATE, PRIVATE_TOO, PUBLIC = "+358403333333", "+358404444444", "+358400291141"
CONTACTS = {"on_call": (PRIVATE,), "social_instructor": (PRIVATE_TOO,)}
ACCOUNT = "AC" + "0" * 32
HOUR = 3600
BEGAN = int(DAY.timestamp())
FORM = {"CallSid": "CA1", "From": "+358401234567", "CallStatus": "in-progress", "To": OURS}


@dataclass
class Watched(Line):
    """A line whose counts can be read, and where the age of a call and the clock are two things."""

    account: str | None = None
    age: float = float(BEGAN)
    counts: dict[Journal, Metrics] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = line_settings(contacts=CONTACTS, account=self.account)
        super().__post_init__()

    def made(self, journal: Journal) -> Flask:
        voices = VoiceSelector(self.content, self.audio, self.now.date())
        current = Current(Serving.of(self.settings, self.content, voices))
        metrics = self.counts[journal] = Metrics()
        return line_app(current, lambda: self.now, lambda: self.age, journal, metrics)

    @property
    def metrics(self) -> Metrics:
        """What was counted; both ways count the same."""
        first, second = self.counts.values()
        assert [first.total(kind) for kind in KINDS] == [second.total(kind) for kind in KINDS]
        assert first.counts() == second.counts()
        return first

    def get(self, path: str, form: Mapping[str, str]) -> TestResponse:
        """A signed GET: the form stands behind the query of the address."""
        target = f"{path}{'&' if '?' in path else '?'}{urlencode(form)}"
        signature = RequestValidator(TOKEN).compute_signature(URL + target, {})
        parts = urlsplit(target)
        return self.client.get(parts.path, query_string=parts.query, headers={"X-Twilio-Signature": signature})

    def health(self) -> int:
        return self.client.get("/health").status_code


@pytest.fixture
def watched(content: Content) -> Watched:
    return Watched(content)


def numbers_of(document: ElementTree.Element) -> set[str | None]:
    return {number.text for number in document.iter("Number")}


def start_of(address: str) -> int:
    """When the call began, as an address of ours says it."""
    return int(parse_qs(urlsplit(address).query)["t"][0])


class TestAge:
    """An address that somebody kept tells nobody's private number (rule P1)."""

    @pytest.mark.parametrize("path", ["/voice/at/main_open?lang=en", "/voice/at/on_call?lang=en", "/voice/at/gone"])
    def test_after_six_hours_it_rings_the_public_number_alone(self, watched: Watched, path: str) -> None:
        address = f"{path}{'&' if '?' in path else '?'}t={BEGAN}"
        watched.age = BEGAN + OLDEST_ADDRESS + 1
        document = watched.twiml(address, {"Digits": "0"})
        assert numbers_of(document) == {PUBLIC}
        assert document[0].text == "Jos olet vaarassa, lopeta puhelu. Soita yksi yksi kaksi."
        again = watched.twiml(find(document, "Dial").attrib["action"], {"DialCallStatus": "no-answer"})
        assert numbers_of(again) == {PUBLIC}
        assert verbs(again)[-1] == "Hangup"

    def test_it_is_counted_and_no_alarm(self, watched: Watched) -> None:
        watched.age = BEGAN + OLDEST_ADDRESS + 1
        for count in (1, 2):
            watched.twiml(f"/voice/at/main_open?lang=en&t={BEGAN}")
            assert watched.metrics.total(OLD) == count
        assert watched.metrics.alarms() == {}
        assert "old_addresses" in watched.metrics.notices()
        assert watched.metrics.total(EMERGENCY) == 0
        assert watched.health() == 200

    def test_until_then_it_rings_as_ever(self, watched: Watched) -> None:
        watched.age = BEGAN + OLDEST_ADDRESS
        document = watched.twiml(f"/voice/at/main_open?lang=en&t={BEGAN}", {"Digits": "0"})
        assert numbers_of(document) == {PRIVATE}
        assert watched.metrics.total(OLD) == 0

    @pytest.mark.parametrize("start", ["", "&t=", "&t=yesterday", "&t=-1", f"&t={BEGAN + 10**6}", f"&t={'9' * 30}"])
    def test_no_start_or_one_to_come_is_no_reason(self, watched: Watched, start: str) -> None:
        document = watched.twiml(f"/voice/at/main_open?lang=en{start}", {"Digits": "0"})
        assert numbers_of(document) == {PRIVATE}
        assert watched.metrics.total(OLD) == 0

    def test_a_call_begins_with_its_first_request(self, watched: Watched) -> None:
        for hours in (0, 7, 14):
            watched.age = BEGAN + hours * HOUR
            assert start_of(find(watched.twiml("/voice"), "Gather").attrib["action"]) == watched.age
        assert watched.metrics.total(OLD) == 0

    @pytest.mark.parametrize("told", [{"DialBridged": "true"}, {}], ids=["bridged", "by its length alone"])
    def test_two_talks_of_four_hours_leave_the_call_as_young_as_it_was(
        self, watched: Watched, told: dict[str, str]
    ) -> None:
        talk = {"DialCallStatus": "completed", "DialCallDuration": str(4 * HOUR), **told}
        address = f"/voice/at/instructor?lang=en&t={BEGAN}"
        for talks in (1, 2):
            watched.age += 4 * HOUR + 60
            gather = find(watched.twiml(address, talk), "Gather")
            assert "/voice/at/after_talk?" in gather.attrib["action"]
            assert start_of(gather.attrib["action"]) == BEGAN + talks * 4 * HOUR
            address = f"/voice/at/on_call?lang=en&t={start_of(gather.attrib['action'])}"
        assert numbers_of(watched.twiml(address, {"DialCallStatus": "busy"})) <= {PRIVATE, None}
        assert watched.metrics.total(OLD) == 0

    @pytest.mark.parametrize(
        "told", [{"DialCallStatus": "busy"}, {"DialCallStatus": "completed", "DialBridged": "false"}]
    )
    def test_ringing_without_a_talk_is_no_talk(self, watched: Watched, told: dict[str, str]) -> None:
        watched.age += 8 * HOUR
        form = {**told, "DialCallDuration": str(8 * HOUR)}
        assert numbers_of(watched.twiml(f"/voice/at/instructor?lang=en&t={BEGAN}", form)) == {PUBLIC}
        assert watched.metrics.total(OLD) == 1

    @pytest.mark.parametrize("set_by", [-86_400, 86_400])
    def test_a_clock_that_is_set_makes_no_call_old(
        self, watched: Watched, monkeypatch: pytest.MonkeyPatch, set_by: int
    ) -> None:
        steady, wall = _steady(), time.time
        assert abs(steady() - wall()) < PATIENCE
        watched.age = steady()
        address = find(watched.twiml("/voice"), "Gather").attrib["action"]
        monkeypatch.setattr(time, "time", lambda: wall() + set_by)
        watched.age = steady()
        assert verbs(watched.twiml(address, {"Digits": "3"})) == ["Gather", "Redirect"]
        assert watched.metrics.total(OLD) == 0


class TestGet:
    @pytest.mark.parametrize(
        ("path", "form"),
        [
            ("/voice", {}),
            (f"/voice/at/main_open?lang=en&matter=guidance&t={BEGAN}", {"Digits": "4"}),
            (f"/voice/at/instructor?lang=en&t={BEGAN}", {"DialCallStatus": "completed", "DialBridged": "true"}),
            ("/voice/whisper?lang=en&matter=guidance", {}),
            ("/voice/whisper?lang=en&matter=guidance", {"Digits": "5"}),
            ("/voice/emergency", {"DialCallStatus": "no-answer"}),
        ],
    )
    def test_it_is_answered_like_a_post_and_noted(self, watched: Watched, path: str, form: dict[str, str]) -> None:
        answer = watched.get(path, {**FORM, **form})
        posted = watched.post(path, {**FORM, **form})
        assert (answer.status_code, answer.content_type) == (200, "text/xml; charset=utf-8")
        assert answer.data == posted.data
        assert watched.metrics.total(GET) == 1
        assert "set the number to POST" in watched.metrics.notices()["get_requests"]
        assert watched.metrics.alarms() == {}

    def test_a_status_has_no_answer(self, watched: Watched) -> None:
        answer = watched.get("/voice/status", {**FORM, "CallStatus": "completed"})
        assert (answer.status_code, answer.data) == (204, b"")

    def test_a_forged_one_is_refused_and_no_notice(self, watched: Watched) -> None:
        assert watched.client.get("/voice", query_string=urlencode(FORM)).status_code == 403
        assert watched.metrics.total(GET) == 0
        assert watched.metrics.total(REFUSED) == 1


class TestSlashes:
    @pytest.mark.parametrize(
        "path",
        [
            "/voice/",
            "//voice",
            "///voice//",
            "/voice/at/main_open/",
            "//voice//at//main_open",
            "/voice/at/x/",
            "/voice/x/",
        ],
    )
    @pytest.mark.parametrize("method", ["POST", "GET"])
    def test_however_many_there_are_the_call_goes_on(self, watched: Watched, path: str, method: str) -> None:
        """A redirect would lose the form, and a 404 the caller."""
        target = f"{path}?{urlencode(FORM)}" if method == "GET" else path
        fields = {} if method == "GET" else FORM
        builder = EnvironBuilder("/", method=method, data=fields if fields else None)
        builder.headers["X-Twilio-Signature"] = RequestValidator(TOKEN).compute_signature(URL + target, fields)
        query = target.partition("?")[2]
        environ = {**builder.get_environ(), "PATH_INFO": path, "REQUEST_URI": target, "QUERY_STRING": query}
        body, status, headers = run_wsgi_app(watched.client.application, environ, buffered=True)
        assert (status, headers["Content-Type"]) == ("200 OK", "text/xml; charset=utf-8")
        document = ElementTree.fromstring(b"".join(body))  # noqa: S314 - our own document
        assert verbs(document)[-1] in ("Redirect", "Dial")

    @pytest.mark.parametrize(
        ("path", "address"),
        [
            ("/voice", Address("start")),
            ("//voice/", Address("start")),
            ("/voice/whisper/", Address("whisper")),
            ("/voice//status", Address("status")),
            ("/voice/emergency", Address("emergency")),
            ("/voice/at/front/", Address("node", "front")),
            ("/voice/front", Address("node", "front")),
            ("/voice/at/whisper", Address("node", "whisper")),
            ("/voice/at", Address("node", "at")),
            ("/voice/at/front/more", None),
            ("/", None),
            ("", None),
            ("/voices", None),
            ("/health", None),
            ("/audio/voice", None),
        ],
    )
    def test_which_address_a_path_is(self, path: str, address: Address | None) -> None:
        assert address_of(path) == address


class TestRefused:
    def refuse(self, line: Watched, **form: str) -> None:
        answer = line.post("/voice", form, token="stolen")
        assert (answer.status_code, answer.data) == (403, b"")

    def test_our_calls_are_an_alarm_until_one_is_taken(self, watched: Watched) -> None:
        for _ in range(3):
            self.refuse(watched, To=OURS)
        assert watched.metrics.alarms().keys() == {"signatures_refused"}
        assert watched.metrics.alarms()["signatures_refused"].startswith("3 calls")
        assert watched.health() == 503
        watched.twiml("/voice")
        assert watched.metrics.alarms() == {}
        assert watched.health() == 200
        assert watched.metrics.total(REFUSED) == 3

    def test_one_without_a_signature_too(self, watched: Watched) -> None:
        assert watched.client.post("/voice", data={**FORM, "To": OURS}).status_code == 403
        assert watched.metrics.alarms().keys() == {"signatures_refused"}

    @pytest.mark.parametrize("to", [OURS, OURS[1:], f"sip:{OURS}@sip.example.com"])
    def test_our_number_is_known_however_it_is_spelled(self, watched: Watched, to: str) -> None:
        self.refuse(watched, To=to)
        assert watched.metrics.alarms().keys() == {"signatures_refused"}

    @pytest.mark.parametrize("form", [{}, {"To": ""}, {"To": "+358753250001"}, {"From": OURS}, {"AccountSid": ACCOUNT}])
    def test_what_does_not_name_our_number_is_only_counted(self, watched: Watched, form: dict[str, str]) -> None:
        self.refuse(watched, **form)
        assert watched.metrics.alarms() == {}
        assert watched.metrics.total(REFUSED) == 1

    @pytest.mark.parametrize(
        ("form", "alarms"),
        [
            ({"To": OURS, "AccountSid": ACCOUNT}, {"signatures_refused"}),
            ({"To": OURS, "AccountSid": "AC" + "1" * 32}, set()),
            ({"To": OURS}, set()),
            ({"AccountSid": ACCOUNT}, set()),
        ],
    )
    def test_where_our_account_is_known_it_must_be_named_too(
        self, content: Content, form: dict[str, str], alarms: set[str]
    ) -> None:
        line = Watched(content, account=ACCOUNT)
        self.refuse(line, **form)
        assert line.metrics.alarms().keys() == alarms

    def test_a_huge_form_of_a_stranger_is_not_read(self, watched: Watched) -> None:
        self.refuse(watched, To=OURS, **{f"f{n}": "" for n in range(MOST_FIELDS)})
        assert watched.metrics.alarms() == {}
        assert watched.metrics.total(REFUSED) == 1

    def test_whatever_breaks_while_it_is_looked_at_it_is_refused(
        self, watched: Watched, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ivr.telephony.twilio.provider.Twilio.names_us", lambda *_: 1 / 0)
        self.refuse(watched, To=OURS)
        assert watched.metrics.alarms() == {}
        assert watched.metrics.total(REFUSED) == 1


@pytest.mark.parametrize(
    ("path", "ends"), [("/voice", ["Dial"]), ("/voice/at/x", ["Dial"]), ("/voice/emergency", ["Hangup"])]
)
def test_a_form_that_cannot_be_read_brings_the_emergency_document(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str, ends: list[str]
) -> None:
    def form(webhook: Webhook) -> Mapping[str, str]:
        if webhook.body:
            raise UnicodeError(FORM["From"])
        return {}

    monkeypatch.setattr(Webhook, "form", property(form))
    document = watched.twiml(path)
    assert verbs(document)[-1:] == ends
    assert numbers_of(document) == {PRIVATE}
    assert watched.metrics.total(EMERGENCY) == 1
    assert "emergency failed: UnicodeError" in caplog.text
    assert FORM["From"] not in caplog.text
