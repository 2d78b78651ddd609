"""A simulated call as a whole: what is told of it, what is sent and signed, the switches and the clock."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from twilio.request_validator import RequestValidator

from ivr.phone.errors import CarrierError
from ivr.phone.network.behaviour import ALL_BEHAVIOURS, CarrierBehaviour
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Ended, Event, Pressed, Requested, Said, Spoken, Warned
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.transport import AttemptLimits, Reply, WsgiTransport
from ivr.phone.network.virtual import VirtualCarrier
from tests.phone.carrier.tiny_line import (
    BYE,
    DIAL_PAGES,
    HANGUP,
    OURS,
    PUBLIC,
    START,
    TOKEN,
    WORKER,
    TinyLine,
    carrier,
    dial,
    doc,
    gather,
    of,
    refused,
    ring,
    say,
    ten_letters_a_second,
)


def test_a_call_is_told_from_pick_up_to_hang_up() -> None:
    line = TinyLine({"/voice": doc(say("Terve."), gather(say("Paina."))), "/voice/next": BYE})
    transcript = ring(line, ["1"])
    without_requests = [event for event in transcript if not isinstance(event, Requested)]
    assert without_requests == [
        Said(0.0, Spoken("fi-FI", "Terve.", 0.6), "plain"),
        Said(0.6, Spoken("fi-FI", "Paina.", 0.6), "gather"),
        Pressed(2.2, "1"),
        Said(2.2, Spoken("fi-FI", "Hei hei.", 0.8), "plain"),
        Ended(3.0, "line"),
    ]
    assert [(event.at, event.url) for event in of(transcript, Requested)] == [
        (0.0, f"{PUBLIC}/voice"),
        (2.2, f"{PUBLIC}/voice/next"),
        (3.0, f"{PUBLIC}/voice/status"),
    ]
    assert of(transcript, Requested)[1].twiml == BYE
    assert of(transcript, Requested)[1].form["Digits"] == "1"


def test_the_caller_is_told_everything_as_it_happens() -> None:
    class Listener(ScriptedCaller):
        def __init__(self) -> None:
            super().__init__([])
            self.heard: list[Event] = []

        def hears(self, event: Event) -> None:
            self.heard.append(event)

    listener = Listener()
    transcript = carrier(WsgiTransport(TinyLine({"/voice": BYE}))).call(listener, ScriptedContacts({}))
    assert listener.heard == transcript


def test_the_standard_parameters_are_sent() -> None:
    line = TinyLine({"/voice": doc(gather(say("Paina."))), "/voice/next": BYE})
    ring(line, ["7"], from_="anonymous ä", extra={"FromCountry": "FI"})
    first, second = line.forms("/voice")[0], line.forms("/voice/next")[0]
    assert first["CallStatus"] == "ringing"
    assert second["CallStatus"] == "in-progress"
    assert second["Digits"] == "7"
    assert second["FinishedOnKey"] == ""
    assert first["CallSid"] == second["CallSid"]
    assert len(first["CallSid"]) == 34
    assert int(first["CallSid"].removeprefix("CA"), 16)
    assert first["AccountSid"].startswith("AC")
    assert first | {"CallSid": "", "AccountSid": "", "CallStatus": ""} == {
        "CallSid": "",
        "AccountSid": "",
        "CallStatus": "",
        "From": "anonymous ä",
        "Caller": "anonymous ä",
        "To": OURS,
        "Called": OURS,
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
        "FromCountry": "FI",
    }


def test_two_calls_have_two_sids() -> None:
    line = TinyLine({"/voice": BYE})
    ring(line)
    ring(line)
    assert len({form["CallSid"] for form in line.forms("/voice")}) == 2


def test_the_end_of_the_call_is_reported() -> None:
    line = TinyLine({"/voice": doc(say("Hei" * 20), "<Hangup/>")})
    ring(line)
    (form,) = line.forms("/voice/status")
    assert form["CallStatus"] == "completed"
    assert form["CallDuration"] == "6"


def test_a_failing_status_callback_is_a_warning() -> None:
    line = TinyLine({"/voice": BYE}, status_answer="500 Oops")
    transcript = ring(line)
    (warned,) = of(transcript, Warned)
    assert warned.code == 15003
    assert "/voice/status: answered 500" in warned.words
    assert of(transcript, Ended) == [Ended(0.8, "line")]
    assert len(line.forms("/voice/status")) == 1


def test_relative_urls_resolve_against_the_document_and_keep_their_query() -> None:
    line = TinyLine(
        {
            "/voice": doc("<Redirect>/voice/a/one?lang=fi</Redirect>"),
            "/voice/a/one?lang=fi": doc("<Redirect>two?q=%C3%A4&amp;b=</Redirect>"),
            "/voice/a/two?q=%C3%A4&b=": doc(f"<Redirect>{PUBLIC}/bye</Redirect>"),
            "/bye": BYE,
        }
    )
    ring(line)
    assert [target for target, _ in line.asked][-2:] == ["/bye", "/voice/status"]


def test_connection_overrides_are_stripped_before_signing() -> None:
    fragment = "#rc=2&amp;rp=ct,rt,5xx&amp;ct=2000&amp;rt=4000&amp;tt=14000"
    line = TinyLine({"/voice": doc(gather(action="/voice/next?x=1" + fragment)), "/voice/next?x=1": BYE})
    transcript = ring(line)
    assert of(transcript, Requested)[1].url == f"{PUBLIC}/voice/next?x=1"


@pytest.mark.parametrize(
    "fragment",
    [
        "zz=1",
        "rc=6",
        "rc=",
        "ct=99",
        "ct=10001",
        "rt=15001",
        "tt=99",
        "rp=3xx",
        "rp=",
        "sni=y",
        "e=dublin",
        "rc=1&amp;rc=2",
        "x",
    ],
)
def test_a_wrong_connection_override_is_refused(fragment: str) -> None:
    assert "override" in refused(gather(action=f"/voice/next#{fragment}"))


def test_the_signature_drops_the_port_over_https() -> None:
    seen: list[tuple[str, str]] = []

    class Recorder:
        def post(self, url: str, body: bytes, headers: Mapping[str, str], _limits: AttemptLimits, /) -> Reply:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            signer = RequestValidator(TOKEN)
            assert headers["X-Twilio-Signature"] == signer.compute_signature("https://line.example/voice", form)
            seen.append((url, body.decode()))
            return Reply(200, "text/plain", b"")

    phone = VirtualCarrier(
        Recorder(),
        public_url="https://line.example:8443/",
        auth_token=TOKEN,
        our_number=OURS,
        clock=VirtualClock(START),
        seconds_of=ten_letters_a_second,
        strict=True,
    )
    with pytest.raises(CarrierError, match="Content-Type"):
        phone.call(ScriptedCaller([]), ScriptedContacts({}))
    assert seen[0][0] == "https://line.example:8443/voice"


def test_a_line_with_another_token_refuses() -> None:
    phone = VirtualCarrier(
        WsgiTransport(TinyLine({"/voice": BYE})),
        public_url=PUBLIC,
        auth_token="another token",
        our_number=OURS,
        clock=VirtualClock(START),
        seconds_of=ten_letters_a_second,
        strict=True,
    )
    with pytest.raises(CarrierError, match=r"answered 403 .*bad signature"):
        phone.call(ScriptedCaller([]), ScriptedContacts({}))


@pytest.mark.parametrize("behaviour", ALL_BEHAVIOURS, ids=str)
@pytest.mark.parametrize("script", [["1"], ["now 10"], [], ["hang up"], ["hang up after 12"], ["hang up after 90"]])
def test_a_simple_line_stands_every_switch(behaviour: CarrierBehaviour, script: list[str]) -> None:
    pages = {**DIAL_PAGES, "/voice": doc(gather(say("a" * 30))), "/voice/next": lambda form: after_menu(form)}
    transcript = ring(TinyLine(pages), script, {WORKER: ["voicemail", "answers"]}, behaviour)
    assert len(of(transcript, Ended)) == 1


def after_menu(form: Mapping[str, str]) -> str:
    return doc(HANGUP) if form["CallStatus"] == "completed" else doc(say("Yhdistämme."), dial())


def test_the_clock_moves_with_the_call() -> None:
    clock = VirtualClock(START)
    carrier(WsgiTransport(TinyLine({"/voice": BYE})), clock).call(ScriptedCaller([]), ScriptedContacts({}))
    assert clock.now() == START + timedelta(seconds=0.8)


def test_the_clock_keeps_time_through_a_clock_change() -> None:
    before = datetime(2026, 10, 25, 3, 59, 59, tzinfo=ZoneInfo("Europe/Helsinki"))
    clock = VirtualClock(before)
    clock.advance(2)
    assert clock.now().astimezone(UTC) - before.astimezone(UTC) == timedelta(seconds=2)
    assert clock.now().strftime("%H:%M %z") == "03:00 +0200"


def test_a_call_keeps_its_seconds_through_a_clock_change() -> None:
    before = datetime(2026, 10, 25, 3, 59, 59, tzinfo=ZoneInfo("Europe/Helsinki"))
    line = TinyLine({"/voice": doc(say("a" * 30), HANGUP)})
    transcript = carrier(WsgiTransport(line), VirtualClock(before)).call(ScriptedCaller([]), ScriptedContacts({}))
    assert of(transcript, Ended) == [Ended(3.0, "line")]
    assert line.forms("/voice/status")[0]["CallDuration"] == "3"


def test_the_clock_refuses_a_time_without_zone_and_going_back() -> None:
    with pytest.raises(ValueError, match="time zone"):
        VirtualClock(datetime(2026, 11, 24, 10, 0))  # noqa: DTZ001 - the fault meant
    with pytest.raises(ValueError, match="go back"):
        VirtualClock(START).advance(-1)
