"""What a line tells of its calls to whoever counts them: of genuine calls of callers, and never at the cost of one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask

from ivr.app import line_app
from ivr.core.call import CallSeen, Dial
from ivr.core.content import Content
from ivr.journal import Journal
from ivr.metrics import Metrics
from ivr.serving import Current, Serving
from ivr.speech.voices import VoiceSelector
from ivr.telephony.port import Webhook
from tests.telephony.conftest import INSTRUCTOR, ON_CALL, OURS, Line, line_settings

PROBE = "+358753250099"
NODE = "/voice/at/choose_language?t=1795507140"
RINGING = "/voice/at/on_call?lang=en&matter=help&t=1795507140"
GONE = {"CallStatus": "completed"}


@dataclass
class Seeing(Line):
    """Its twin tells the same (`BothWays`), and is not asked here."""

    seen: list[list[CallSeen]] = field(default_factory=list)

    def made(self, journal: Journal) -> Flask:
        self.seen.append([])
        voices = VoiceSelector(self.content, self.audio, self.now.date())
        current = Current(Serving.of(line_settings(probe_number=PROBE), self.content, voices))
        return line_app(current, lambda: self.now, self.now.timestamp, journal, Metrics(), 2.5, self.seen[-1].append)

    def told(self, path: str, form: Mapping[str, str] | None = None) -> list[str]:
        """What a request adds."""
        for each in self.seen:
            each.clear()
        self.post(path, form)
        one, two = self.seen
        assert [(seen.what, seen.call_id) for seen in one] == [(seen.what, seen.call_id) for seen in two]
        return [seen.what for seen in one]


@pytest.fixture
def line(content: Content) -> Seeing:
    return Seeing(content, journal=Journal(io.StringIO()))


@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        ("/voice", {}, ["step"]),
        (NODE, {"Digits": "3"}, ["step"]),
        (NODE, GONE, ["step"]),
        (RINGING, {"DialCallStatus": "no-answer"}, ["step"]),
        (RINGING, {"DialCallStatus": "completed", "DialBridged": "true", **GONE}, ["step", "accepted"]),
        (RINGING, {"DialCallStatus": "canceled", **GONE}, ["step"]),
        ("/voice/whisper?lang=en&matter=help", {}, []),
        ("/voice/whisper?lang=en&matter=help", {"Digits": "5", "ParentCallSid": "CA1", "CallSid": "CA2"}, ["accepted"]),
        ("/voice/emergency", {"DialCallStatus": "no-answer"}, ["missed"]),
        ("/voice/emergency", {"DialCallStatus": "completed", "DialCallDuration": "90"}, ["accepted"]),
        ("/voice/emergency", {"DialCallStatus": "canceled", **GONE}, []),
        ("/voice/emergency", {"ErrorCode": "11200"}, ["emergency"]),
        ("/voice/status", GONE, ["ended"]),
        ("/voice/status", {"CallStatus": "in-progress"}, []),
        ("/voice/status", {**GONE, "ParentCallSid": "CA9"}, []),
    ],
)  # fmt: skip
def test_what_is_told_of_a_caller_and_nothing_of_us(
    line: Seeing, path: str, form: dict[str, str], expected: list[str]
) -> None:
    assert line.told(path, form) == expected
    assert all(seen.call_id == "CA1" for seen in line.seen[0])
    if "whisper" not in path:
        for number in (INSTRUCTOR, ON_CALL, OURS, PROBE):
            assert line.told(path, {**form, "From": number}) == []


def test_a_ringing_is_told_though_the_number_is_that_of_the_probe(line: Seeing) -> None:
    assert line.told(NODE, {"Digits": "0", "From": PROBE}) == ["step"]
    (seen,) = line.seen[0]
    assert seen.taken
    assert isinstance(seen.taken.step.action, Dial)
    assert (seen.started, seen.at) == (1795507140, line.now)


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_seconds_of_a_call_are_right_though_the_clock_was_set(line: Seeing, hours: int) -> None:
    """Else all calls would seem to ring at once, or late, and to have begun at another hour, until it restarts."""
    began = int(line.now.timestamp()) - 20
    line.now += timedelta(hours=hours)  # what tells the age of a call goes on as before
    line.told(f"/voice/at/choose_language?t={began}", {"Digits": "3"})
    (seen,) = line.seen[0]
    assert seen.taken
    assert (seen.at, seen.taken.second) == (line.now, 20)


def test_a_step_that_fails_is_an_emergency_document(line: Seeing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.telephony.web.step", lambda *_: 1 / 0)
    assert line.told("/voice") == ["emergency"]
    assert line.told(NODE, {"Digits": "3"}) == ["emergency"]
    assert line.told(NODE, {"Digits": "3", "From": PROBE}) == []


@pytest.mark.parametrize("broken", ["report", "see"])
def test_counting_that_fails_ends_no_call(
    line: Seeing, broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("+358417392846")

    if broken == "report":
        monkeypatch.setattr("ivr.telephony.twilio.provider.Twilio.report", fail)
    else:
        monkeypatch.setattr("ivr.telephony.web.CallSeen", fail)
    for path in ("/voice", NODE, "/voice/whisper", "/voice/emergency", "/voice/status"):
        assert line.post(path, {"Digits": "3"}).status_code in (200, 204)
    assert "counts failed: LookupError" in caplog.text
    assert "start failed" not in caplog.text
    assert "+358" not in caplog.text


def test_a_repeated_request_has_the_same_token_and_another_has_another(line: Seeing) -> None:
    provider = Current(
        Serving.of(line_settings(), line.content, VoiceSelector(line.content, line.audio, line.now.date()))
    )()[1]

    def token(body: bytes = b"CallSid=CA1", query: str = "t=1", header: str = "") -> str:
        headers = {"I-Twilio-Idempotency-Token": header} if header else {}
        return provider.report(Webhook("POST", "/voice", query, body, headers), "start").token

    assert token() == token()
    assert len({token(), token(b"CallSid=CA2"), token(query="t=2")}) == 3
    assert token(header="a") == token(b"CallSid=CA2", header="a") == "a"
