"""The simulated carrier, against tiny lines that answer fixed TwiML."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server
from zoneinfo import ZoneInfo

import pytest
from twilio.request_validator import RequestValidator

from ivr.phone.network.carrier import ALL_SWITCHES, Carrier, Switches
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.errors import CarrierError
from ivr.phone.network.events import (
    Bridged,
    Ended,
    Event,
    NotReached,
    PickedUp,
    Pressed,
    Requested,
    Ringing,
    Said,
    Spoken,
    TalkEnded,
    Waited,
)
from ivr.phone.network.people import (
    Answer,
    Busy,
    Failed,
    HangUp,
    Moment,
    NoAnswer,
    Press,
    ScriptedCaller,
    ScriptedContacts,
    Voicemail,
    parse_pickup,
)
from ivr.phone.network.transport import HttpTransport, Reply, Transport, WsgiTransport

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PUBLIC = "https://line.example"
TOKEN = "a secret of both sides"
OURS = "+358931551234"
WORKER = "+358401111111"
OTHER = "+358402222222"
START = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Helsinki"))

Answers = str | Callable[[Mapping[str, str]], str]
E = TypeVar("E", bound=Event)


class TinyLine:
    """A WSGI app that answers fixed TwiML by path, checks each signature and keeps what it was asked."""

    def __init__(self, pages: Mapping[str, Answers], **reply: str) -> None:
        self.pages = dict(pages)
        self.status = reply.get("status", "200 OK")
        self.content_type = reply.get("content_type", "text/xml")
        self.location = reply.get("location")
        self.status_answer = reply.get("status_answer", "204 No Content")
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode("ascii")
        form = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        target = path + (f"?{query}" if query else "")
        self.asked.append((target, form))
        signature = environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        if not RequestValidator(TOKEN).validate(PUBLIC + target, form, signature):
            start("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"bad signature"]
        if path == "/voice/status":
            start(self.status_answer, [])
            return []
        page = self.pages[target]
        answer = page(form) if callable(page) else page
        headers = [("Content-Type", self.content_type)] if self.content_type else []
        start(self.status, [*headers, *([("Location", self.location)] if self.location else [])])
        return [answer.encode()]

    def forms(self, path: str) -> list[dict[str, str]]:
        """What a path was told."""
        return [form for target, form in self.asked if target == path]


def in_turn(*answers: str) -> Callable[[Mapping[str, str]], str]:
    """A page that answers differently each time; the last repeats."""
    left = list(answers)
    return lambda _form: left.pop(0) if len(left) > 1 else left[0]


def doc(*verbs: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>'


def say(text: str, inner: str = "") -> str:
    return f'<Say voice="Polly.Suvi-Neural" language="fi-FI">{text}{inner}</Say>'


def gather(*sounds: str, action: str = "/voice/next", attributes: str = "") -> str:
    usual = f'input="dtmf" numDigits="1" finishOnKey="" timeout="5" actionOnEmptyResult="true" {attributes}'
    return f'<Gather action="{action}" {usual}>{"".join(sounds)}</Gather>'


def dial(*numbers: str, attributes: str = 'action="/voice/after"') -> str:
    inner = "".join(numbers or (number(WORKER),))
    return f'<Dial callerId="{OURS}" answerOnBridge="true" timeout="20" {attributes}>{inner}</Dial>'


def number(of: str = WORKER, attributes: str = 'url="/voice/whisper"') -> str:
    return f"<Number {attributes}>{of}</Number>"


BYE = doc(say("Hei hei."), "<Hangup/>")
WHISPER = doc(gather(say("Neuvontapuhelu. Paina."), action="/voice/accept"), "<Hangup/>")
DIAL_PAGES: Mapping[str, Answers] = {
    "/voice": doc(say("Yhdistämme."), dial()),
    "/voice/whisper": doc(
        f'<Gather action="/voice/accept" numDigits="1" finishOnKey="" timeout="5">{say("Paina.")}</Gather>', "<Hangup/>"
    ),
    "/voice/accept": doc(),
    "/voice/after": BYE,
}


def ten_letters_a_second(text: str, language: str) -> float:
    return len(text) / 10


def carrier(transport: Transport, clock: VirtualClock | None = None, **more: Any) -> Carrier:
    return Carrier(
        transport,
        public_url=PUBLIC,
        auth_token=TOKEN,
        our_number=OURS,
        clock=clock or VirtualClock(START),
        seconds_of=ten_letters_a_second,
        **more,
    )


def ring(
    line: TinyLine,
    script: Sequence[str] = (),
    contacts: Mapping[str, Sequence[str]] | None = None,
    switches: Switches | None = None,
    **more: Any,
) -> list[Event]:
    """Call the line with scripted people."""
    people = ScriptedContacts(contacts or {})
    return carrier(WsgiTransport(line), switches=switches).call(ScriptedCaller(script), people, **more)


def refused(*verbs: str, raw: str | None = None, **reply: str) -> str:
    """Why the carrier refuses a first document."""
    line = TinyLine({"/voice": doc(*verbs) if raw is None else raw}, **reply)
    with pytest.raises(CarrierError) as error:
        ring(line)
    return str(error.value)


def of(transcript: list[Event], kind: type[E]) -> list[E]:
    return [event for event in transcript if isinstance(event, kind)]


def said(transcript: list[Event]) -> list[str]:
    return [event.spoken.text for event in of(transcript, Said)]


# --- the call as a whole


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


def test_the_end_is_reported_like_twilio_does() -> None:
    line = TinyLine({"/voice": doc(say("Hei" * 20), "<Hangup/>")})
    ring(line)
    (form,) = line.forms("/voice/status")
    assert form["CallStatus"] == "completed"
    assert form["CallDuration"] == "6"
    assert form["Timestamp"] == "Tue, 24 Nov 2026 08:00:06 GMT"


def test_a_failing_status_callback_is_an_error() -> None:
    with pytest.raises(CarrierError, match="/voice/status: answered 500"):
        ring(TinyLine({"/voice": BYE}, status_answer="500 Oops"))


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
    fragment = "#rc=2&amp;rp=ct,rt,5xx&amp;ct=2000&amp;rt=4000&amp;tt=14000&amp;sni=y&amp;e=dublin,frankfurt"
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
        "sni=x",
        "e=",
        "rc=1&amp;rc=2",
        "x",
    ],
)
def test_a_wrong_connection_override_is_refused(fragment: str) -> None:
    assert "override" in refused(gather(action=f"/voice/next#{fragment}"))


def test_the_signature_drops_the_port_over_https() -> None:
    seen: list[tuple[str, str]] = []

    class Recorder:
        def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            signer = RequestValidator(TOKEN)
            assert headers["X-Twilio-Signature"] == signer.compute_signature("https://line.example/voice", form)
            seen.append((url, body.decode()))
            return Reply(200, "text/plain", b"")

    phone = Carrier(
        Recorder(),
        public_url="https://line.example:8443/",
        auth_token=TOKEN,
        our_number=OURS,
        clock=VirtualClock(START),
        seconds_of=ten_letters_a_second,
    )
    with pytest.raises(CarrierError, match="Content-Type"):
        phone.call(ScriptedCaller([]), ScriptedContacts({}))
    assert seen[0][0] == "https://line.example:8443/voice"


def test_a_line_with_another_token_refuses() -> None:
    phone = Carrier(
        WsgiTransport(TinyLine({"/voice": BYE})),
        public_url=PUBLIC,
        auth_token="another token",
        our_number=OURS,
        clock=VirtualClock(START),
        seconds_of=ten_letters_a_second,
    )
    with pytest.raises(CarrierError, match=r"answered 403 .*bad signature"):
        phone.call(ScriptedCaller([]), ScriptedContacts({}))


# --- what an answer must be


def test_an_error_answer_is_quoted() -> None:
    message = refused(raw="x" * 500, status="500 Internal Server Error")
    assert "answered 500" in message
    assert message.endswith(": " + "x" * 200)


@pytest.mark.parametrize("status", ["204 No Content", "201 Created"])
def test_twiml_must_come_with_200(status: str) -> None:
    assert "200" in refused(raw="", status=status)


def test_an_http_redirect_is_refused() -> None:
    assert "redirected to /voice/" in refused(raw="", status="307 Temporary Redirect", location="/voice/")


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "text/html", "application/xml", "text/xml; charset=latin-1"]
)
def test_another_content_type_is_refused(content_type: str) -> None:
    assert "12300" in refused(raw=BYE, content_type=content_type)


@pytest.mark.parametrize("content_type", ["text/xml", "text/xml; charset=utf-8", "Text/XML;charset=UTF-8"])
def test_text_xml_is_accepted(content_type: str) -> None:
    assert ring(TinyLine({"/voice": BYE}, content_type=content_type))


def test_more_than_64_kb_are_refused() -> None:
    room = 64 * 1024 - len(BYE.encode())
    assert ring(TinyLine({"/voice": BYE.replace("</Response>", " " * room + "</Response>")}))
    assert "11750" in refused(raw=BYE.replace("</Response>", " " * (room + 1) + "</Response>"))


@pytest.mark.parametrize(
    "raw", ["", "Hello", "<Response>", "<Response>&nbsp;</Response>", "<Response><Say></Response>"]
)
def test_what_is_not_xml_is_refused(raw: str) -> None:
    assert "12100" in refused(raw=raw)


@pytest.mark.parametrize("raw", [" " + doc("<Hangup/>"), "\n<Response><Hangup/></Response>", "<Reply/>"])
def test_a_leading_blank_and_another_root_are_refused(raw: str) -> None:
    assert "12100" in refused(raw=raw)


def test_a_doctype_is_refused() -> None:
    assert "DOCTYPE" in refused(raw='<!DOCTYPE a [<!ENTITY b "c">]><Response><Hangup/></Response>')


def test_an_address_off_the_line_is_refused() -> None:
    assert "leads away" in refused("<Redirect>https://elsewhere.example/voice</Redirect>")
    assert "leads away" in refused("<Redirect>http://line.example/voice</Redirect>")


# --- the grammar

HANGUP = "<Hangup/>"
WRONG: Mapping[str, str] = {
    "unknown verb": "<Record/>",
    "unknown verb in a Gather": gather("<Hangup/>"),
    "lower case": "<hangup/>",
    "text between verbs": "Hello <Hangup/>",
    "text after a verb": "<Hangup/> hello",
    "text in a Gather": gather("Press 1"),
    "attribute of Response": "",
    "unknown attribute": '<Say voice="Polly.Suvi" language="fi-FI" lang="fi">Hei</Say>',
    "Say without a voice": '<Say language="fi-FI">Hei</Say>',
    "Say without a language": '<Say voice="Polly.Suvi">Hei</Say>',
    "Say with an odd voice": '<Say voice="alice" language="fi-FI">Hei</Say>',
    "Say with an odd language": '<Say voice="Polly.Suvi" language="Finnish">Hei</Say>',
    "Say without words": say(" \n "),
    "Say with a break only": say("", '<break time="1s"/>'),
    "Say too long": say("x" * 3000),
    "Say without end": '<Say voice="man" language="fi-FI" loop="0">Hei</Say>',
    "Say within Say": say("a", say("b")),
    "prosody without rate": say("a", "<prosody>b</prosody>"),
    "prosody with an odd rate": say("a", '<prosody rate="10%">b</prosody>'),
    "prosody with a pitch": say("a", '<prosody rate="slow" pitch="low">b</prosody>'),
    "prosody without words": say("a", '<prosody rate="slow"/>'),
    "prosody outside Say": '<prosody rate="slow">b</prosody>',
    "break with an odd time": say("a", '<break time="1"/>'),
    "break with an odd strength": say("a", '<break strength="huge"/>'),
    "other SSML": say("a", "<emphasis>b</emphasis>"),
    "Play of nothing": "<Play/>",
    "Play of digits": '<Play digits="1">a.wav</Play>',
    "Play of an odd URL": "<Play>/audio/päivää.wav</Play>",
    "Play without end": '<Play loop="0">/a.wav</Play>',
    "Pause of nothing": '<Pause length="0"/>',
    "Pause of a fraction": '<Pause length="0.5"/>',
    "Gather without action": "<Gather><Pause/></Gather>",
    "Gather with an empty action": gather(action=""),
    "Gather by GET": gather(attributes='method="GET"'),
    "Gather of speech": '<Gather action="/a" input="dtmf speech"/>',
    "Gather of no digits": '<Gather action="/a" numDigits="0"/>',
    "Gather finished by a word": '<Gather action="/a" finishOnKey="12"/>',
    "Gather without time": '<Gather action="/a" timeout="0"/>',
    "Gather with an odd time": '<Gather action="/a" timeout="auto"/>',
    "Gather with an odd boolean": '<Gather action="/a" actionOnEmptyResult="True"/>',
    "Gather with an odd language": '<Gather action="/a" language="suomi"/>',
    "Dial of nobody": '<Dial action="/a"/>',
    "Dial of eleven": dial(*[number(WORKER)] * 11),
    "Dial of text": f'<Dial action="/a">{WORKER}</Dial>',
    "Dial of a client": '<Dial action="/a"><Client>me</Client></Dial>',
    "Dial by GET": dial(attributes='action="/a" method="GET"'),
    "Dial too short": f'<Dial action="/a" timeout="4">{number()}</Dial>',
    "Dial too long": f'<Dial action="/a" timeout="601">{number()}</Dial>',
    "Dial too long a talk": dial(attributes='action="/a" timeLimit="14401"'),
    "Dial as nobody": f'<Dial action="/a" callerId="anonymous">{number()}</Dial>',
    "Dial with an odd boolean": f'<Dial action="/a" answerOnBridge="yes">{number()}</Dial>',
    "Dial with an odd star": dial(attributes='action="/a" hangupOnStar="1"'),
    "Dial with an odd order": dial(attributes='action="/a" sequential="1"'),
    "Dial with an odd tone": dial(attributes='action="/a" ringTone="xx"'),
    "Dial with an odd recording": dial(attributes='action="/a" record="maybe"'),
    "Number of no number": dial(number("")),
    "Number of a national number": dial(number("0401234567")),
    "Number with spaces": dial(number("+358 40 1234567")),
    "Number of a service": dial(number("112")),
    "Number of the emergency centre": dial(number("+358112")),
    "Number by GET": dial(number(attributes='url="/w" method="GET"')),
    "Number with an odd event": dial(number(attributes='statusCallback="/s" statusCallbackEvent="done"')),
    "Number within Response": number(),
    "Redirect to nowhere": "<Redirect/>",
    "Redirect by GET": '<Redirect method="GET">/a</Redirect>',
    "Hangup with a reason": '<Hangup reason="busy"/>',
    "Hangup holding a verb": f"<Hangup>{say('a')}</Hangup>",
    "Pause with text": "<Pause>a</Pause>",
    "break with text": say("a", "<break>b</break>"),
    "Hangup with text": "<Hangup>a</Hangup>",
    "Reject with text": "<Reject>a</Reject>",
    "Dial with text beside a Number": f'<Dial action="/a">{WORKER}{number()}</Dial>',
    "Dial with an odd action": dial(attributes='action="/a b"'),
    "Number with an odd whisper": dial(number(attributes='url=""')),
    "Number with an odd callback": dial(number(attributes='statusCallback=""')),
    "Reject for another reason": '<Reject reason="tired"/>',
}


@pytest.mark.parametrize("what", WRONG)
def test_what_the_table_does_not_allow_is_refused(what: str) -> None:
    if what == "attribute of Response":
        message = refused(raw='<Response version="1"><Hangup/></Response>')
    else:
        # With a Hangup behind it, so that the only fault is the one meant.
        message = refused(WRONG[what], HANGUP if "action" not in WRONG[what] else "")
    assert message.startswith(f"{PUBLIC}/voice: ")
    assert any(
        sign in message for sign in ("must", "known: ", "is an emergency number, which a machine must never ring")
    ), message
    assert "dead" not in message
    assert "silence" not in message


def test_the_message_names_the_rule_and_shows_the_document() -> None:
    message = refused('<Pause length="0"/>', HANGUP)
    assert "<Response><Pause> length='0' must be a whole number from 1 to 3600" in message
    assert '<Pause length="0"/><Hangup/>' in message


@pytest.mark.parametrize("emergency", ["112", "+358112", "+112", "911", "00358112"])
def test_an_emergency_number_is_never_rung(emergency: str) -> None:
    assert "emergency number" in refused(dial(number(emergency)))


def test_every_allowed_attribute_is_accepted() -> None:
    pages = {
        "/voice": doc(
            '<Say voice="Google.fi-FI-Standard-B" language="fi-FI" loop="2">Hei</Say>',
            '<Pause length="1"/>',
            '<Gather action="/a" method="POST" input="dtmf" numDigits="3" finishOnKey="#" timeout="1"'
            ' language="fi-FI"/>',
            f'<Dial method="POST" timeout="5" timeLimit="10" callerId="{OURS}" answerOnBridge="false" ringTone="fi"'
            ' record="do-not-record" hangupOnStar="false" sequential="false">'
            '<Number url="/w" method="POST" statusCallback="/s" statusCallbackEvent="answered completed">'
            f"{WORKER}</Number>"
            "</Dial>",
            '<Redirect method="POST">/reject</Redirect>',
        ),
        "/reject": doc('<Reject reason="busy"/>'),
        "/s": "",
    }
    assert of(ring(TinyLine(pages)), Ended) == [Ended(7.6, "rejected")]


@pytest.mark.parametrize(
    "verbs",
    [
        [],
        [say("Hei")],
        [say("Hei"), '<Pause length="1"/>'],
        ["<Play>/a.wav</Play>"],
        ['<Gather action="/voice/next"/>'],
        [dial(attributes="")],
    ],
)
def test_a_document_that_can_run_out_is_refused(verbs: list[str]) -> None:
    assert "the call would drop in silence" in refused(*verbs)


@pytest.mark.parametrize(
    "verbs",
    [
        [HANGUP, HANGUP],
        [HANGUP, say("Hei"), HANGUP],
        ["<Redirect>/a</Redirect>", HANGUP],
        ["<Reject/>", HANGUP],
        [dial(), HANGUP],
        [dial(), "<Redirect>/a</Redirect>"],
        [gather(), say("Hei"), HANGUP],
        [gather(), "<Redirect>/a</Redirect>", say("Hei"), HANGUP],
    ],
)
def test_a_verb_that_never_runs_is_refused(verbs: list[str]) -> None:
    assert "dead" in refused(*verbs)


def test_a_redirect_may_stand_behind_a_gather_as_a_belt() -> None:
    line = TinyLine({"/voice": doc(gather(), "<Redirect>/never</Redirect>"), "/voice/next": BYE})
    assert said(ring(line)) == ["Hei hei."]


def test_reject_ends_the_call() -> None:
    line = TinyLine({"/voice": doc("<Reject/>")})
    assert of(ring(line), Ended) == [Ended(0.0, "rejected")]
    assert len(line.forms("/voice/status")) == 1


# --- loops and silence


def test_a_loop_without_time_is_refused() -> None:
    line = TinyLine({"/voice": doc("<Redirect>/voice</Redirect>")})
    with pytest.raises(CarrierError, match="no time has passed"):
        ring(line)
    assert len(line.asked) == 10


def test_an_endless_call_is_refused() -> None:
    line = TinyLine({"/voice": doc(say("Hei"), "<Redirect>/voice</Redirect>")})
    with pytest.raises(CarrierError, match="more than 500 requests"):
        ring(line)
    assert len(line.asked) == 500


@pytest.mark.parametrize(
    "verbs",
    [
        ['<Pause length="3"/>'],
        ["<Pause/>", '<Pause length="2"/>'],
        [gather(say("Hei"), "<Pause/>", "<Pause/>", "<Pause/>")],
        [say("Hei", '<break time="2100ms"/>')],
        [say("Hei", '<break time="1s"/>'), '<Pause length="2"/>'],
        [say("Hei"), "<Pause/>", "<Redirect>/voice</Redirect>"],
    ],
)
def test_a_gap_of_silence_is_refused(verbs: list[str]) -> None:
    pages = {
        "/voice": in_turn(
            doc(*verbs, *([] if "Redirect" in verbs[-1] else [HANGUP])), doc('<Pause length="2"/>', HANGUP)
        )
    }
    with pytest.raises(CarrierError, match=r"/voice: .* s of silence"):
        ring(TinyLine(pages))


def test_two_seconds_of_silence_in_small_parts_are_no_gap() -> None:
    breaks = '<break time="100ms"/>' * 20
    assert ring(TinyLine({"/voice": doc(say("Hei", breaks), HANGUP)}))


def test_words_and_waiting_break_a_silence() -> None:
    line = TinyLine(
        {
            "/voice": doc('<Pause length="2"/>', say("Hei"), '<Pause length="2"/>', gather(action="/a", attributes="")),
            "/a": doc('<Pause length="2"/>', dial(attributes=""), '<Pause length="2"/>', HANGUP),
        }
    )
    assert of(ring(line), Ended) == [Ended(2 + 0.3 + 2 + 5 + 2 + 20 + 2, "line")]


def test_a_clip_breaks_a_silence_and_is_told_by_its_url() -> None:
    line = TinyLine({"/voice": doc("<Pause/>", '<Play loop="2">audio/hei.wav</Play>', '<Pause length="2"/>', HANGUP)})
    asked: list[str] = []

    def clip(url: str) -> Spoken:
        asked.append(url)
        return Spoken("fi-FI", "Hei.", 1.5, clip=url)

    transcript = carrier(WsgiTransport(line), clip_seconds=clip).call(ScriptedCaller([]), ScriptedContacts({}))
    assert asked == [f"{PUBLIC}/audio/hei.wav"] * 2
    assert [event.at for event in of(transcript, Said)] == [1.0, 2.5]
    assert of(transcript, Ended) == [Ended(6.0, "line")]


def test_a_clip_nobody_knows_is_refused() -> None:
    assert "/audio/hei.wav" in refused("<Play>/audio/hei.wav</Play>", HANGUP)


def test_slow_words_and_breaks_take_their_time() -> None:
    inner = '<prosody rate="50%">kaksi <break time="500ms"/> kolme</prosody><break strength="none"/> neljä'
    inner += '<break time="1s"/>'
    (event,) = of(ring(TinyLine({"/voice": doc(say("yksi ", inner), HANGUP)})), Said)
    assert event.spoken == Spoken("fi-FI", "yksi kaksi kolme neljä", 0.4 + 1.0 + 0.5 + 1.0 + 0.5 + 1.0, slow=True)


@pytest.mark.parametrize(("rate", "slow"), [("slow", True), ("x-slow", True), ("fast", False), ("100%", False)])
def test_only_a_rate_below_the_usual_is_slow(rate: str, slow: bool) -> None:
    spoken = say("", f'<prosody rate="{rate}">Hei<break/></prosody>')
    (event,) = of(ring(TinyLine({"/voice": doc(spoken, HANGUP)})), Said)
    assert event.spoken.slow is slow


# --- keys

MENU: Mapping[str, Answers] = {
    "/voice": doc(gather(say("a" * 30), say("b" * 30))),
    "/voice/next": doc(gather(say("c" * 30), action="/voice/third")),
    "/voice/third": BYE,
}


def digits(line: TinyLine, path: str = "/voice/next") -> list[str]:
    return [form["Digits"] for form in line.forms(path)]


def test_a_key_stops_the_words_at_once() -> None:
    line = TinyLine(MENU)
    transcript = ring(line, ["early 3"])
    assert digits(line) == ["3"]
    assert of(transcript, Pressed) == [Pressed(0.5, "3")]
    assert [text[0] for text in said(transcript)] == ["a", "c", "H"]


def test_a_late_key_comes_a_second_after_the_words() -> None:
    line = TinyLine(MENU)
    assert of(ring(line, ["*", "#"]), Pressed) == [Pressed(7.0, "*"), Pressed(11.0, "#")]
    assert (digits(line), digits(line, "/voice/third")) == (["*"], ["#"])


def test_a_late_key_fits_into_a_short_wait() -> None:
    line = TinyLine({**MENU, "/voice": doc('<Gather action="/voice/next" numDigits="1" timeout="1"/>', HANGUP)})
    assert of(ring(line, ["1"]), Pressed) == [Pressed(0.5, "1")]


def test_silence_posts_empty_digits() -> None:
    line = TinyLine(MENU)
    transcript = ring(line, ["wait", "2"])
    assert (digits(line), digits(line, "/voice/third")) == ([""], ["2"])
    assert of(transcript, Waited) == [Waited(11.0, 5.0)]


def test_after_the_last_step_the_caller_is_silent() -> None:
    line = TinyLine(MENU)
    ring(line, [])
    assert (digits(line), digits(line, "/voice/third")) == ([""], [""])


def test_without_action_on_empty_silence_falls_through() -> None:
    line = TinyLine({"/voice": doc('<Gather action="/voice/next" numDigits="1"/>', say("Hei"), HANGUP)})
    transcript = ring(line)
    assert said(transcript) == ["Hei"]
    assert of(transcript, Waited) == [Waited(5.0, 5.0)]
    assert digits(line) == []


def early(switches: Switches) -> tuple[TinyLine, list[Event]]:
    line = TinyLine(MENU)
    return line, ring(line, ["now 10"], switches=switches)


def test_an_early_key_is_buffered_for_the_next_gather() -> None:
    line, transcript = early(Switches(early_keys="buffered"))
    assert (digits(line), digits(line, "/voice/third")) == (["1"], ["0"])
    assert of(transcript, Pressed) == [Pressed(0.5, "1"), Pressed(0.5, "0")]
    assert [text[0] for text in said(transcript)] == ["a", "H"]


def test_an_early_key_is_lost() -> None:
    line, transcript = early(Switches(early_keys="lost"))
    assert (digits(line), digits(line, "/voice/third")) == (["1"], [""])
    assert of(transcript, Pressed) == [Pressed(0.5, "1"), Pressed(0.5, "0")]


class Impatient:
    """Presses a key every second, whatever happens."""

    def hears(self, event: Event) -> None:
        pass

    def key_within(self, seconds: float, _moment: Moment, /) -> Press | None:
        return Press("4", 1.0) if seconds >= 1 else None


@pytest.mark.parametrize(("early_keys", "at"), [("buffered", 3.0), ("lost", 4.0)])
def test_keys_in_plain_words_do_not_stop_them(early_keys: str, at: float) -> None:
    line = TinyLine({"/voice": doc(say("a" * 30), gather(say("b" * 30))), "/voice/next": doc(HANGUP)})
    phone = carrier(WsgiTransport(line), switches=Switches(early_keys=early_keys))  # type: ignore[arg-type]
    transcript = phone.call(Impatient(), ScriptedContacts({}))
    assert digits(line) == ["4"]
    assert of(transcript, Ended) == [Ended(at, "line")]


class Typist:
    """Presses the given keys one by one, each a second into a Gather's waiting."""

    def __init__(self, keys: str) -> None:
        self._keys = list(keys)

    def hears(self, event: Event) -> None:
        pass

    def key_within(self, _seconds: float, moment: Moment, /) -> Press | None:
        return Press(self._keys.pop(0), 1.0) if self._keys and moment is Moment.WAITING else None


@pytest.mark.parametrize(
    ("attributes", "keys", "posted", "finished", "seconds"),
    [
        ('numDigits="3"', "1234", "123", "", 3),
        ('numDigits="3"', "12", "12", "", 7),
        ('numDigits="3"', "1#2", "1", "#", 2),
        ("", "1234567#", "1234567", "#", 8),
        ('finishOnKey="*"', "1#*", "1#", "*", 3),
        ('numDigits="1" finishOnKey=""', "#", "#", "", 1),
        ('actionOnEmptyResult="true"', "#", "", "#", 1),
        ('actionOnEmptyResult="true"', "", "", "", 5),
    ],
)
def test_a_gather_collects_keys(attributes: str, keys: str, posted: str, finished: str, seconds: float) -> None:
    belt = "" if "true" in attributes else HANGUP
    line = TinyLine({"/voice": doc(f'<Gather action="/a" {attributes}/>', belt), "/a": doc(HANGUP)})
    transcript = carrier(WsgiTransport(line)).call(Typist(keys), ScriptedContacts({}))
    (form,) = line.forms("/a")
    assert (form["Digits"], form["FinishedOnKey"]) == (posted, finished)
    assert of(transcript, Requested)[1].at == seconds
    assert bool(of(transcript, Waited)) is (keys == "")


def test_the_finish_key_alone_falls_through() -> None:
    line = TinyLine({"/voice": doc('<Gather action="/a"/>', say("Hei"), HANGUP)})
    transcript = carrier(WsgiTransport(line)).call(Typist("#"), ScriptedContacts({}))
    assert line.forms("/a") == []
    assert said(transcript) == ["Hei"]


def test_now_types_two_digits_into_one_gather() -> None:
    line = TinyLine({"/voice": doc('<Gather action="/a" numDigits="2"/>', HANGUP), "/a": doc(HANGUP)})
    ring(line, ["now 42"])
    assert digits(line, "/a") == ["42"]


def test_early_keys_fill_a_gather_of_two_digits() -> None:
    pages = {
        "/voice": doc(gather(say("a" * 30))),
        "/voice/next": doc('<Gather action="/a" numDigits="2"/>', HANGUP),
        "/a": doc(HANGUP),
    }
    line = TinyLine(pages)

    class Hasty(Typist):
        def key_within(self, _seconds: float, moment: Moment, /) -> Press | None:
            ready = self._keys and moment is not Moment.WAITING
            return Press(self._keys.pop(0), 0.0) if ready else None

    carrier(WsgiTransport(line)).call(Hasty("142"), ScriptedContacts({}))
    assert digits(line, "/a") == ["42"]


@pytest.mark.parametrize("script", [["early 1"], ["now 10"]])
def test_half_a_second_may_span_two_sounds(script: list[str]) -> None:
    line = TinyLine({**MENU, "/voice": doc(gather(say("aaa"), say("bbbbb")))})
    assert of(ring(line, script), Pressed)[0] == Pressed(0.5, "1")
    assert digits(line) == ["1"]


def test_only_a_wait_is_over_with_the_waiting() -> None:
    line = TinyLine(MENU)
    assert of(ring(line, ["hang up after 12"]), Ended) == [Ended(12.0, "caller")]


@pytest.mark.parametrize("after", [-0.1, 5.1])
def test_a_caller_acts_within_the_time_offered(after: float) -> None:
    class Impossible(Impatient):
        def key_within(self, seconds: float, _moment: Moment, /) -> Press | None:
            return Press("1", after) if seconds else None

    line = TinyLine({"/voice": doc(gather())})
    with pytest.raises(ValueError, match=r"offered 5.0 s"):
        carrier(WsgiTransport(line)).call(Impossible(), ScriptedContacts({}))


# --- ringing and talking


def outcome(
    contact: str, pages: Mapping[str, Answers] | None = None, switches: Switches | None = None
) -> tuple[dict[str, str], list[Event]]:
    """What the Dial's action is told, and the call."""
    line = TinyLine({**DIAL_PAGES, **(pages or {})})
    transcript = ring(line, contacts={WORKER: [contact]}, switches=switches)
    (form,) = line.forms("/voice/after")
    told = {key: value for key, value in form.items() if key.startswith("Dial") and key != "DialCallSid"}
    return told, transcript


def test_a_person_who_presses_is_bridged() -> None:
    told, transcript = outcome("answers after 6, listens 3, talks 90")
    assert told == {"DialCallStatus": "completed", "DialCallDuration": "93", "DialBridged": "true"}
    at = 1.1
    assert [event for event in transcript if not isinstance(event, Requested)][1:-2] == [
        Ringing(at, WORKER),
        PickedUp(at + 6, WORKER, "person"),
        Said(at + 6, Spoken("fi-FI", "Paina.", 0.6), "whisper"),
        Bridged(at + 9, WORKER),
        TalkEnded(at + 99, WORKER, "contact"),
    ]


def test_the_whisper_runs_on_the_contacts_leg() -> None:
    line = TinyLine(DIAL_PAGES)
    ring(line, contacts={WORKER: ["answers"]})
    parent = line.forms("/voice")[0]["CallSid"]
    whisper, accept = line.forms("/voice/whisper")[0], line.forms("/voice/accept")[0]
    assert whisper["ParentCallSid"] == accept["ParentCallSid"] == parent
    assert whisper["CallSid"] == accept["CallSid"] == line.forms("/voice/after")[0]["DialCallSid"] != parent
    assert (whisper["From"], whisper["To"]) == (OURS, WORKER)
    assert (whisper["Direction"], whisper["CallStatus"]) == ("outbound-dial", "in-progress")
    assert "Digits" not in whisper
    assert accept["Digits"] == "5"


@pytest.mark.parametrize(
    ("contact", "status", "seconds"),
    [
        ("busy", "busy", 2),
        ("busy after 4", "busy", 4),
        ("failed", "failed", 1),
        ("no_answer", "no-answer", 20),
        ("answers after 21", "no-answer", 20),
        ("voicemail after 20.5", "no-answer", 20),
    ],
)
def test_a_contact_who_is_not_reached(contact: str, status: str, seconds: float) -> None:
    told, transcript = outcome(contact)
    assert told == {"DialCallStatus": status, "DialCallDuration": "0", "DialBridged": "false"}
    assert of(transcript, NotReached) == [NotReached(1.1 + seconds, WORKER, status)]
    assert of(transcript, PickedUp) == []


@pytest.mark.parametrize("declined_as", ["completed", "no-answer"])
@pytest.mark.parametrize(
    "contact", ["voicemail after 8", "answers after 8, presses nothing", "answers after 8, listens 9"]
)
def test_a_declined_call_is_reported_as_the_switch_says(contact: str, declined_as: str) -> None:
    told, transcript = outcome(contact, switches=Switches(declined_as=declined_as))  # type: ignore[arg-type]
    assert told == {"DialCallStatus": declined_as, "DialCallDuration": "6", "DialBridged": "false"}
    assert of(transcript, NotReached) == [NotReached(14.7, WORKER, declined_as)]
    assert of(transcript, Bridged) == []


@pytest.mark.parametrize("contact", ["answers", "voicemail", "busy", "failed", "no_answer"])
def test_dial_bridged_can_be_absent(contact: str) -> None:
    told, _ = outcome(contact, switches=Switches(dial_bridged=False))
    assert "DialBridged" not in told


def test_a_voicemail_is_bridged_when_the_whisper_forgets_to_hang_up() -> None:
    forgetful = {"/voice/whisper": doc('<Gather action="/voice/accept" numDigits="1" timeout="5"/>')}
    told, transcript = outcome("voicemail", forgetful)
    assert told == {"DialCallStatus": "completed", "DialCallDuration": "65", "DialBridged": "true"}
    assert of(transcript, PickedUp) == [PickedUp(11.1, WORKER, "voicemail")]


def test_without_a_whisper_whoever_answers_is_bridged() -> None:
    told, transcript = outcome("voicemail", {"/voice": doc(dial(number(attributes="")))})
    assert told["DialCallDuration"] == "60"
    assert of(transcript, Bridged) == [Bridged(10.0, WORKER)]


def test_a_refusing_key_ends_in_the_hangup_of_its_answer() -> None:
    told, _ = outcome("answers", {"/voice/accept": doc(say("Kiitos."), HANGUP)})
    assert told["DialBridged"] == "false"


def test_a_silent_contact_is_asked_again_by_the_action() -> None:
    again: dict[str, Answers] = {
        "/voice/whisper": doc(gather(say("Paina."), action="/voice/accept")),
        "/voice/accept": in_turn(WHISPER, doc()),
    }
    told, transcript = outcome("answers listens 7", again)
    assert told["DialBridged"] == "true"
    assert [text for text in said(transcript) if "Paina" in text] == ["Paina.", "Neuvontapuhelu. Paina."]
    assert of(transcript, Bridged) == [Bridged(1.1 + 5 + 7, WORKER)]


def test_a_contact_presses_once_and_does_not_try_again() -> None:
    asked_again = {"/voice/accept": in_turn(WHISPER, doc(), doc())}
    told, transcript = outcome("answers", asked_again)
    assert told["DialBridged"] == "true"
    assert of(transcript, Bridged)[0].at == pytest.approx(1.1 + 5 + 4 + 2.2 + 5)


def test_waiting_breaks_the_silence_of_a_whisper() -> None:
    asking = '<Gather action="/voice/accept" timeout="5"><Pause length="2"/></Gather>'
    told, _ = outcome("voicemail", {"/voice/whisper": doc(asking, asking, HANGUP)})
    assert told["DialCallDuration"] == "14"


def test_the_contact_presses_only_once_it_is_asked() -> None:
    words_first = {"/voice/whisper": doc(say("x" * 80), gather(say("y" * 30), action="/voice/accept"), HANGUP)}
    _, transcript = outcome("answers", words_first)
    assert of(transcript, Bridged) == [Bridged(1.1 + 5 + 8, WORKER)]


@pytest.mark.parametrize("verb", ["<Pause/>", dial(), "<Redirect>/voice</Redirect>", "<Reject/>"])
def test_a_whisper_may_not_hold_other_verbs(verb: str) -> None:
    with pytest.raises(CarrierError, match=r"/voice/whisper: a whisper may only Say, Play, Gather and Hangup"):
        outcome("answers", {"/voice/whisper": doc(verb)})


def test_a_whisper_lasts_at_most_thirty_seconds() -> None:
    page = doc(*[f'<Gather action="/voice/accept" timeout="10">{say("x" * 50)}</Gather>'] * 2, HANGUP)
    outcome("voicemail", {"/voice/whisper": page})
    with pytest.raises(CarrierError, match="more than 30 s"):
        outcome("voicemail", {"/voice/whisper": page.replace("xx</Say>", "xxx</Say>")})


def test_a_whisper_has_no_gap_of_silence() -> None:
    page = doc(gather(say("x"), '<Pause length="3"/>', action="/voice/accept"), HANGUP)
    with pytest.raises(CarrierError, match="3 s of silence"):
        outcome("voicemail", {"/voice/whisper": page})


def test_the_caller_does_not_hear_silence_during_the_whisper() -> None:
    silent = {"/voice": doc(dial().replace(' answerOnBridge="true"', ""))}
    with pytest.raises(CarrierError, match="s of silence"):
        outcome("answers", silent)
    told, _ = outcome("answers listens 1", silent)
    assert told["DialBridged"] == "true"


def test_a_talk_ends_at_its_limit() -> None:
    told, transcript = outcome(
        "answers talks 500", {"/voice": doc(dial(attributes='action="/voice/after" timeLimit="60"'))}
    )
    assert told["DialCallDuration"] == "64"
    assert of(transcript, TalkEnded) == [TalkEnded(69.0, WORKER, "limit")]


def test_without_an_action_the_next_verb_follows() -> None:
    line = TinyLine({**DIAL_PAGES, "/voice": doc(dial(attributes=""), say("Soita 112."), dial(attributes=""), HANGUP)})
    transcript = ring(line, contacts={WORKER: ["busy", "answers"]})
    assert [type(event).__name__ for event in transcript if not isinstance(event, Requested)] == (
        ["Ringing", "NotReached", "Said", "Ringing", "PickedUp", "Said", "Bridged", "TalkEnded", "Ended"]
    )
    assert line.forms("/voice/after") == []


def test_dial_without_caller_id_shows_the_callers_number() -> None:
    line = TinyLine({**DIAL_PAGES, "/voice": doc(dial().replace(f'callerId="{OURS}"', ""))})
    ring(line, contacts={WORKER: ["answers"]}, from_="+46701234567")
    assert line.forms("/voice/whisper")[0]["From"] == "+46701234567"
    with pytest.raises(CarrierError, match=r"/voice: Dial without callerId .* 13214"):
        ring(line, from_="anonymous")


def test_several_numbers_ring_at_once_and_the_first_answer_wins() -> None:
    line = TinyLine({**DIAL_PAGES, "/voice": doc(dial(number(WORKER), number(OTHER), number("+358403333333")))})
    transcript = ring(
        line, contacts={WORKER: ["answers after 9"], OTHER: ["answers after 4"], "+358403333333": ["busy"]}
    )
    assert of(transcript, Ringing) == [Ringing(0.0, WORKER), Ringing(0.0, OTHER), Ringing(0.0, "+358403333333")]
    assert of(transcript, NotReached) == [NotReached(2.0, "+358403333333", "busy"), NotReached(4.0, WORKER, "canceled")]
    assert of(transcript, Bridged) == [Bridged(8.0, OTHER)]


def test_sequential_numbers_ring_one_after_the_other() -> None:
    attributes = 'action="/voice/after" sequential="true"'
    line = TinyLine({**DIAL_PAGES, "/voice": doc(dial(number(WORKER), number(OTHER), attributes=attributes))})
    transcript = ring(line, contacts={WORKER: ["no_answer"], OTHER: ["answers after 4"]})
    assert of(transcript, Ringing) == [Ringing(0.0, WORKER), Ringing(20.0, OTHER)]
    assert of(transcript, Bridged) == [Bridged(28.0, OTHER)]


def test_after_a_talk_no_other_number_rings() -> None:
    attributes = 'action="/voice/after" sequential="true"'
    line = TinyLine({**DIAL_PAGES, "/voice": doc(dial(number(WORKER), number(OTHER), attributes=attributes))})
    assert of(ring(line, contacts={WORKER: ["answers"]}), Ringing) == [Ringing(0.0, WORKER)]


@pytest.mark.parametrize(("attribute", "seconds"), [("", 30), ('timeout="25"', 25), ('timeout="5"', 5)])
def test_a_phone_rings_for_the_timeout(attribute: str, seconds: float) -> None:
    page = doc(dial().replace('timeout="20"', attribute))
    _, transcript = outcome("no_answer", {"/voice": page})
    assert of(transcript, NotReached) == [NotReached(seconds, WORKER, "no-answer")]
    _, transcript = outcome(f"answers after {seconds}", {"/voice": page})
    assert of(transcript, PickedUp) == [PickedUp(seconds, WORKER, "person")]


def test_a_number_reports_its_progress_if_asked() -> None:
    events = 'statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed"'
    line = TinyLine({**DIAL_PAGES, "/voice": doc(dial(number(attributes=events))), "/leg": ""})
    ring(line, contacts={WORKER: ["answers talks 30"]})
    forms = line.forms("/leg")
    assert [form["CallStatus"] for form in forms] == ["initiated", "ringing", "in-progress", "completed"]
    assert [form["SequenceNumber"] for form in forms] == ["0", "1", "2", "3"]
    assert forms[-1]["CallDuration"] == "30"
    assert {form["ParentCallSid"] for form in forms} == {line.forms("/voice")[0]["CallSid"]}


def test_a_number_reports_only_its_completion_by_default() -> None:
    line = TinyLine({**DIAL_PAGES, "/voice": doc(dial(number(attributes='statusCallback="/leg"'))), "/leg": ""})
    ring(line)
    assert [form["CallStatus"] for form in line.forms("/leg")] == ["no-answer"]


class Presser(Impatient):
    """Presses one key at a second of the call, wherever that falls."""

    def __init__(self, key: str, second: float) -> None:
        self._key, self._left = key, second

    def key_within(self, seconds: float, _moment: Moment, /) -> Press | None:
        if 0 <= self._left <= seconds:
            press, self._left = Press(self._key, self._left), -1.0
            return press
        self._left -= seconds if self._left >= 0 else 0
        return None


@pytest.mark.parametrize(
    ("hangup_on_star", "key", "by"), [("true", "*", "caller"), ("true", "1", "contact"), ("false", "*", "contact")]
)
def test_star_ends_a_talk_only_where_it_may(hangup_on_star: str, key: str, by: str) -> None:
    attributes = f'action="/voice/after" hangupOnStar="{hangup_on_star}"'
    line = TinyLine({**DIAL_PAGES, "/voice": doc(dial(attributes=attributes)), "/voice/after": doc(gather())})
    line.pages["/voice/next"] = doc(HANGUP)
    transcript = carrier(WsgiTransport(line)).call(Presser(key, 30.0), ScriptedContacts({WORKER: ["answers"]}))
    (ended,) = of(transcript, TalkEnded)
    assert (ended.at, ended.by) == ((30.0, "caller") if by == "caller" else (129.0, "contact"))
    assert digits(line) == [""], "a key pressed in a talk is for the contact, not for the line"


# --- hanging up


def gone(
    script: Sequence[str], pages: Mapping[str, Answers], contacts: Mapping[str, Sequence[str]] | None = None
) -> tuple[list[Event], TinyLine, TinyLine]:
    """The same hang-up without and with the action posted after it."""
    plain, posting = TinyLine(pages), TinyLine(pages)
    transcript = ring(plain, script, contacts)
    ring(posting, script, contacts, Switches(action_after_hangup=True))
    return transcript, plain, posting


def test_hanging_up_in_the_words_of_a_gather() -> None:
    transcript, plain, posting = gone(["hang up"], {**MENU, "/voice/next": BYE})
    assert of(transcript, Ended) == [Ended(1.0, "caller")]
    assert [target for target, _ in plain.asked] == ["/voice", "/voice/status"]
    assert plain.forms("/voice/status")[0]["CallDuration"] == "1"
    assert [target for target, _ in posting.asked] == ["/voice", "/voice/status", "/voice/next"]
    form = posting.forms("/voice/next")[0]
    assert (form["Digits"], form["CallStatus"]) == ("", "completed")


def test_hanging_up_while_a_gather_waits() -> None:
    transcript, _, posting = gone(["hang up after 8"], {**MENU, "/voice/next": BYE})
    assert of(transcript, Ended) == [Ended(8.0, "caller")]
    assert digits(posting) == [""]


def test_hanging_up_in_a_wait_without_words() -> None:
    transcript, _, _ = gone(["hang up"], {"/voice": doc(gather()), "/voice/next": doc()})
    assert of(transcript, Ended) == [Ended(1.0, "caller")]


def test_hanging_up_in_plain_words_leaves_nothing_pending() -> None:
    transcript, _, posting = gone(["hang up"], {"/voice": doc(say("a" * 6), say("b" * 30), HANGUP)})
    assert of(transcript, Ended) == [Ended(1.0, "caller")]
    assert [target for target, _ in posting.asked] == ["/voice", "/voice/status"]


def test_hanging_up_in_the_words_after_a_key() -> None:
    transcript, plain, _ = gone(["early 1", "hang up"], {**MENU, "/voice/third": doc()})
    assert of(transcript, Ended) == [Ended(1.5, "caller")]
    assert digits(plain) == ["1"]


def test_hanging_up_while_it_rings() -> None:
    transcript, plain, posting = gone(["hang up after 10"], DIAL_PAGES, {WORKER: ["no_answer"]})
    assert transcript[-3:-1] == [NotReached(10.0, WORKER, "canceled"), Ended(10.0, "caller")]
    assert plain.forms("/voice/after") == []
    form = posting.forms("/voice/after")[0]
    assert (form["CallStatus"], form["DialCallStatus"], form["DialBridged"]) == ("completed", "canceled", "false")


def test_hanging_up_waits_for_words_while_it_rings() -> None:
    pages = {**DIAL_PAGES, "/voice": doc(dial())}
    transcript, _, _ = gone(["hang up"], pages, {WORKER: ["voicemail"]})
    assert of(transcript, Ended) == [Ended(15.6 + 0.8, "line")]


def test_hanging_up_counts_words_and_not_the_ringing_between() -> None:
    pages = {**DIAL_PAGES, "/voice": doc(say("a" * 5), dial())}
    transcript, _, _ = gone(["hang up"], pages, {WORKER: ["busy"]})
    assert of(transcript, Ended) == [Ended(0.5 + 2 + 0.5, "caller")]


def test_hanging_up_during_the_whisper() -> None:
    transcript, plain, posting = gone(["hang up after 8"], DIAL_PAGES, {WORKER: ["answers"]})
    assert transcript[-3:-1] == [NotReached(8.0, WORKER, "canceled"), Ended(8.0, "caller")]
    assert plain.forms("/voice/accept") == []
    assert posting.forms("/voice/after")[0]["DialCallDuration"] == "2"


def test_hanging_up_in_a_talk() -> None:
    transcript, _, posting = gone(["hang up after 40"], DIAL_PAGES, {WORKER: ["answers"]})
    assert transcript[-3:-1] == [TalkEnded(40.0, WORKER, "caller"), Ended(40.0, "caller")]
    form = posting.forms("/voice/after")[0]
    assert (form["DialCallStatus"], form["DialBridged"], form["DialCallDuration"]) == ("completed", "true", "34")


def test_hanging_up_on_a_dial_without_action_leaves_nothing_pending() -> None:
    pages = {**DIAL_PAGES, "/voice": doc(dial(attributes=""), HANGUP)}
    _, _, posting = gone(["hang up after 10"], pages)
    assert [target for target, _ in posting.asked] == ["/voice", "/voice/status"]


def test_hanging_up_stops_all_that_ring() -> None:
    pages = {**DIAL_PAGES, "/voice": doc(dial(number(WORKER), number(OTHER)))}
    transcript, _, _ = gone(["hang up after 10"], pages)
    assert of(transcript, NotReached) == [NotReached(10.0, WORKER, "canceled"), NotReached(10.0, OTHER, "canceled")]


def test_hanging_up_between_two_documents_leaves_nothing_pending() -> None:
    _, plain, posting = gone(["early 1", "hang up after 0"], MENU)
    assert digits(plain) == digits(posting) == ["1"]
    assert [target for target, _ in posting.asked] == ["/voice", "/voice/next", "/voice/status"]


def test_nothing_rings_for_a_caller_who_is_gone() -> None:
    line = TinyLine({"/voice": doc(gather()), "/voice/next": doc(dial())})
    with pytest.raises(CarrierError, match="nothing more may ring"):
        ring(line, ["hang up"], switches=Switches(action_after_hangup=True))


def test_the_answer_to_a_caller_who_is_gone_is_read_as_strictly() -> None:
    line = TinyLine({"/voice": doc(gather()), "/voice/next": doc("<Record/>")})
    with pytest.raises(CarrierError, match="must not nest <Record>"):
        ring(line, ["hang up"], switches=Switches(action_after_hangup=True))


# --- switches


def test_there_are_sixteen_switches() -> None:
    assert len(set(ALL_SWITCHES)) == len(ALL_SWITCHES) == 16
    assert Switches() in ALL_SWITCHES


@pytest.mark.parametrize("switches", ALL_SWITCHES, ids=str)
@pytest.mark.parametrize("script", [["1"], ["now 10"], [], ["hang up"], ["hang up after 12"], ["hang up after 90"]])
def test_a_simple_line_stands_every_switch(switches: Switches, script: list[str]) -> None:
    pages = {**DIAL_PAGES, "/voice": doc(gather(say("a" * 30))), "/voice/next": lambda form: after_menu(form)}
    transcript = ring(TinyLine(pages), script, {WORKER: ["voicemail", "answers"]}, switches)
    assert len(of(transcript, Ended)) == 1


def after_menu(form: Mapping[str, str]) -> str:
    return doc(HANGUP) if form["CallStatus"] == "completed" else doc(say("Yhdistämme."), dial())


# --- people


@pytest.mark.parametrize(
    "step", ["", "12", "a", "early", "early 12", "now 1", "now 123", "hang  up", "hang up after x", "Wait"]
)
def test_a_step_that_cannot_be_done_is_refused(step: str) -> None:
    with pytest.raises(ValueError, match=r'cannot do .*; a step is one of\n"1" .*') as error:
        ScriptedCaller(["1", step])
    assert '"hang up after 20"' in str(error.value)


@pytest.mark.parametrize(
    ("text", "pickup"),
    [
        ("answers", Answer(5.0, "5", 120.0, 4.0)),
        ("answers after 8, talks 30", Answer(8.0, "5", 30.0, 4.0)),
        ("answers presses *, listens 2.5", Answer(5.0, "*", 120.0, 2.5)),
        ("answers presses nothing", Answer(presses=None)),
        ("voicemail", Voicemail(10.0)),
        ("voicemail after 3", Voicemail(3.0)),
        ("busy", Busy(2.0)),
        ("failed after 0", Failed(0.0)),
        ("no_answer", NoAnswer()),
    ],
)
def test_what_a_contact_does_is_read(text: str, pickup: object) -> None:
    assert parse_pickup(text) == pickup


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sleeps",
        "answers 8",
        "answers after",
        "answers after -1",
        "busy talks 3",
        "no_answer after 3",
        "answers after 1, after 2",
        "answers,",
    ],
)
def test_what_a_contact_cannot_do_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'cannot do .*; it can do one of\n"answers"'):
        parse_pickup(text)


def test_contacts_do_one_thing_a_ring_and_repeat_the_last() -> None:
    contacts = ScriptedContacts({WORKER: ["busy", "failed"]}, default="voicemail")
    assert [contacts.answers(WORKER) for _ in range(3)] == [Busy(), Failed(), Failed()]
    assert contacts.answers(OTHER) == Voicemail()


def test_a_contact_without_anything_to_do_is_refused() -> None:
    with pytest.raises(ValueError, match="say what the contact does"):
        ScriptedContacts({WORKER: []})


# --- time


def test_the_clock_paces_and_moves() -> None:
    slept: list[float] = []
    clock = VirtualClock(START, slept.append)
    carrier(WsgiTransport(TinyLine({"/voice": BYE})), clock).call(ScriptedCaller([]), ScriptedContacts({}))
    assert [seconds for seconds in slept if seconds] == [0.8]
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


# --- over real HTTP


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(app: "WSGIApplication") -> Iterator[str]:
    with make_server("127.0.0.1", 0, app, handler_class=QuietHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_call_over_real_http_is_the_same_call() -> None:
    pages = {
        **DIAL_PAGES,
        "/voice": doc(gather(action="/voice/next?q=%C3%A4")),
        "/voice/next?q=%C3%A4": DIAL_PAGES["/voice"],
    }
    straight = ring(TinyLine(pages), ["1"], {WORKER: ["answers"]})
    line = TinyLine(pages)
    with served(line) as base:
        over_http = carrier(HttpTransport(base)).call(ScriptedCaller(["1"]), ScriptedContacts({WORKER: ["answers"]}))
    assert [event for event in over_http if not isinstance(event, Requested)] == [
        event for event in straight if not isinstance(event, Requested)
    ]
    assert [event.url for event in of(over_http, Requested)] == [event.url for event in of(straight, Requested)]
    assert all(target in {*pages, "/voice/status"} for target, _ in line.asked)


def test_http_sends_the_public_host_and_follows_no_redirect() -> None:
    hosts: list[str] = []

    def app(environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        hosts.append(environ["HTTP_HOST"])
        start("302 Found", [("Location", "https://line.example/"), ("Content-Type", "text/xml")])
        return [b""]

    with served(app) as base:
        reply = HttpTransport(base).post("https://line.example", urlencode({"a": "ä"}).encode(), {})
    assert reply == Reply(302, "text/xml", b"", "https://line.example/")
    assert hosts == ["line.example"]


def test_http_asks_for_the_path_and_query_of_the_public_url() -> None:
    line = TinyLine({"/?x=1": BYE})
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/?x=1", {})
    with served(line) as base:
        reply = HttpTransport(base).post(f"{PUBLIC}?x=1", b"", {"X-Twilio-Signature": signature})
    assert reply.body == BYE.encode()


def test_no_cookies_are_kept() -> None:
    cookies: list[str | None] = []

    def app(environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        cookies.append(environ.get("HTTP_COOKIE"))
        start("200 OK", [("Content-Type", "text/xml"), ("Set-Cookie", "language=fi")])
        return [BYE.encode()]

    carrier(WsgiTransport(app)).call(ScriptedCaller([]), ScriptedContacts({}))
    assert cookies == [None, None]


def test_a_line_that_is_not_there_is_an_error() -> None:
    with served(TinyLine({})) as base:
        pass
    with pytest.raises(CarrierError, match=r"/voice: no answer over HTTP .*11200"):
        carrier(HttpTransport(base)).call(ScriptedCaller([]), ScriptedContacts({}))


@pytest.mark.parametrize("base", ["", "127.0.0.1:8000", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match=r"write it like http://127\.0\.0\.1:8000"):
        HttpTransport(base)


def test_a_live_caller_may_hang_up_by_protocol() -> None:
    class Leaver:
        def hears(self, event: Event, /) -> None:
            pass

        def key_within(self, _seconds: float, moment: Moment, /) -> HangUp | None:
            return HangUp(0.2) if moment is Moment.SPEAKING else None

    transcript = carrier(WsgiTransport(TinyLine(MENU))).call(Leaver(), ScriptedContacts({}))
    assert of(transcript, Ended) == [Ended(0.2, "caller")]
