"""Calls that an administrator starts are answered as any other, and counted nowhere; every call of a caller is."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask

from ivr.app import line_app
from ivr.core.content import Content
from ivr.journal import Journal
from ivr.metrics import EMERGENCY, KINDS, Metrics
from ivr.serving import Current, Serving
from ivr.speech.voices import VoiceSelector
from ivr.telephony.twilio.provider import Twilio
from tests.telephony.conftest import ON_CALL, OURS, SECOND, TOKEN, Line, line_settings, verbs

PROBE, CALLER = "+358753250099", "+358417392846"
NODE = "/voice/at/choose_language?t=1795507140"
WHISPER = "/voice/whisper?lang=en&matter=child"
STARTED, DIALLED = {"Direction": "outbound-api"}, {"Direction": "outbound-dial", "ParentCallSid": "CA2"}
ROUTES = ["/voice", NODE, "/voice/status", "/voice/emergency"]


@dataclass
class Counting(Line):
    """A line whose metrics can be read, and also those of its twin: what either way has counted."""

    counted: list[Metrics] = field(default_factory=list)
    out: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        self.journal = Journal(self.out)
        super().__post_init__()

    def made(self, journal: Journal) -> Flask:
        settings = line_settings(probe_number=PROBE)
        voices = VoiceSelector(self.content, self.audio, self.now.date())
        self.counted.append(Metrics())
        serving = Current(Serving.of(settings, self.content, voices))
        return line_app(serving, lambda: self.now, self.now.timestamp, journal, self.counted[-1])

    @property
    def journalled(self) -> str:
        self.journal.close()
        return self.out.getvalue()

    def is_counted(self) -> bool:
        """Whether anything is; both ways count the same."""
        found = [
            ({name: each.counts for name, each in metrics.durations().items()}, [metrics.total(kind) for kind in KINDS])
            for metrics in self.counted
        ]
        assert found[0][1] == found[1][1]
        assert found[0][0].keys() == found[1][0].keys()
        return found[0] != ({}, [0] * len(KINDS))


@pytest.fixture
def line(content: Content) -> Counting:
    return Counting(content)


@pytest.mark.parametrize("number", [OURS, PROBE, PROBE.removeprefix("+"), f"sip:{PROBE}@sip.example.com"])
@pytest.mark.parametrize("path", ROUTES)
def test_a_call_of_ours_is_answered_and_not_counted(line: Counting, path: str, number: str) -> None:
    assert line.post(path, {"From": number}).status_code in (200, 204)
    assert not line.is_counted()
    assert line.journalled == ""


@pytest.mark.parametrize("key", ["0", ""], ids=["help", "silence, in the last menu before it rings"])
def test_whoever_comes_to_a_ringing_with_the_number_of_the_probe_is_a_caller(line: Counting, key: str) -> None:
    """A probe never does, as is proved before it rings; a person may show its number."""
    node = NODE if key else "/voice/at/main_open?lang=en&try=1&t=1795507140"

    assert "Dial" in verbs(line.twiml(node, {"From": PROBE, **({"Digits": key} if key else {})}))

    assert line.journalled


@pytest.mark.parametrize("number", [CALLER, ON_CALL, SECOND, "", "anonymous", PROBE + "0"])
@pytest.mark.parametrize("path", ROUTES)
def test_a_call_of_anybody_else_is_counted(line: Counting, path: str, number: str) -> None:
    line.post(path, {"From": number})
    assert line.is_counted()
    assert bool(line.journalled) is (path in ("/voice", NODE))


def test_a_number_of_a_language_is_ours(content: Content) -> None:
    office = content.office.model_copy(update={"languages_by_number": {"0753 250 011": "sv"}})
    line = Counting(replace(content, office=office))
    line.post("/voice", {"From": "+358753250011"})
    assert not line.is_counted()


@pytest.mark.parametrize("more", [DIALLED, {}, {"Direction": "inbound"}], ids=["dialled", "not told", "odd"])
@pytest.mark.parametrize("digits", [{}, {"Digits": "5"}], ids=["asked", "key"])
def test_the_whisper_of_a_caller_is_counted_though_the_contact_sees_our_number(
    line: Counting, more: dict[str, str], digits: dict[str, str]
) -> None:
    line.post(WHISPER, {"From": OURS, "To": ON_CALL, **more, **digits})
    assert line.is_counted()


@pytest.mark.parametrize("digits", [{}, {"Digits": "5"}], ids=["asked", "key"])
def test_a_whisper_that_an_administrator_rings_is_not(line: Counting, digits: dict[str, str]) -> None:
    line.post(WHISPER, {"From": OURS, "To": ON_CALL, **STARTED, **digits})
    assert not line.is_counted()


@pytest.mark.parametrize("route", ["/voice/emergency", NODE])
def test_the_transfer_of_a_caller_is_counted(line: Counting, route: str) -> None:
    """It is told on the caller's own leg."""
    line.post(route, {"From": CALLER, "DialCallStatus": "completed", "DialBridged": "true"})
    assert line.is_counted()


def test_the_probe_hears_what_a_caller_hears_and_our_own_number_is_rejected(line: Counting) -> None:
    assert line.post("/voice", {"From": PROBE}).data == line.post("/voice", {"From": CALLER}).data
    assert verbs(line.twiml("/voice", {"From": OURS})) == ["Reject"]


def test_it_does_not_end_the_alarm_of_refused_signatures(line: Counting) -> None:
    line.post("/voice", {"From": CALLER, "To": OURS}, token="another")
    line.post("/voice", {"From": PROBE})
    assert all("signatures_refused" in metrics.alarms() for metrics in line.counted)
    line.post("/voice", {"From": CALLER})
    assert not any(metrics.alarms() for metrics in line.counted)


def test_who_did_not_sign_is_refused_and_counted_whoever_they_say_they_are(line: Counting) -> None:
    assert line.post("/voice", {"From": PROBE, "To": OURS}, token="another").status_code == 403
    assert all("signatures_refused" in metrics.alarms() for metrics in line.counted)


def test_a_fault_in_it_stands_in_the_log(
    line: Counting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr("ivr.telephony.web.step", broken)
    with caplog.at_level(logging.ERROR):
        assert b"<Dial" in line.post("/voice", {"From": PROBE}).data
    assert "start failed: LookupError" in caplog.text
    assert not line.is_counted()
    line.post("/voice", {"From": CALLER})
    assert [metrics.total(EMERGENCY) for metrics in line.counted] == [1, 1]


def test_a_genuine_request_is_answered_and_counted_if_nobody_can_tell_whose_it_is(
    line: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise LookupError

    monkeypatch.setattr(Twilio, "is_of_administrator", broken)
    assert line.post("/voice", {"From": PROBE}, TOKEN).status_code == 200
    assert line.is_counted()
