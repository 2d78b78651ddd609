"""Tiny lines that answer fixed TwiML, the documents they answer, and calls to them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from twilio.request_validator import RequestValidator

from ivr.phone.errors import CarrierError
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Event, Said
from ivr.phone.network.people import Attention, Press, ScriptedCaller, ScriptedContacts
from ivr.phone.network.transport import Transport, WsgiTransport
from ivr.phone.network.virtual import VirtualCarrier

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


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
HANGUP = "<Hangup/>"
WHISPER = doc(gather(say("Neuvontapuhelu. Paina."), action="/voice/accept"), "<Hangup/>")
DIAL_PAGES: Mapping[str, Answers] = {
    "/voice": doc(say("Yhdistämme."), dial()),
    "/voice/whisper": doc(
        f'<Gather action="/voice/accept" numDigits="1" finishOnKey="" timeout="5">{say("Paina.")}</Gather>', "<Hangup/>"
    ),
    "/voice/accept": doc(),
    "/voice/after": BYE,
}
MENU: Mapping[str, Answers] = {
    "/voice": doc(gather(say("a" * 30), say("b" * 30))),
    "/voice/next": doc(gather(say("c" * 30), action="/voice/third")),
    "/voice/third": BYE,
}


def ten_letters_a_second(text: str, language: str) -> float:
    return len(text) / 10


def carrier(
    transport: Transport, clock: VirtualClock | None = None, *, strict: bool = True, **more: Any
) -> VirtualCarrier:
    """A carrier for which every fault is an error, unless told otherwise."""
    return VirtualCarrier(
        transport,
        public_url=PUBLIC,
        auth_token=TOKEN,
        our_number=OURS,
        clock=clock or VirtualClock(START),
        seconds_of=ten_letters_a_second,
        strict=strict,
        **more,
    )


def ring(
    line: TinyLine,
    script: Sequence[str] = (),
    contacts: Mapping[str, Sequence[str]] | None = None,
    behaviour: CarrierBehaviour | None = None,
    **more: Any,
) -> list[Event]:
    """Call the line with scripted people."""
    people = ScriptedContacts(contacts or {})
    return carrier(WsgiTransport(line), behaviour=behaviour).call(ScriptedCaller(script), people, **more)


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


def digits(line: TinyLine, path: str = "/voice/next") -> list[str]:
    return [form["Digits"] for form in line.forms(path)]


class Impatient:
    """Presses a key every second, whatever happens."""

    def hears(self, event: Event) -> None:
        pass

    def key_within(self, seconds: float, _moment: Attention, /) -> Press | None:
        return Press("4", 1.0) if seconds >= 1 else None
