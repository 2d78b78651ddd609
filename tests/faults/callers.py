"""Callers by the thousand, played over bare signed webhooks as Twilio sends them, and what each of them went through.

What is drawn is drawn from a seed. A call is played by following the documents that come back; each request of it is
given away, and goes on with its answer, so that it may go to any process, be repeated, or wait over midnight.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple
from urllib.parse import parse_qs, urldefrag, urlencode, urlsplit
from uuid import UUID
from xml.etree.ElementTree import Element, fromstring

from tests.bench.load import signature
from tests.faults.served import ACCOUNT, ENVIRONMENT, INSTRUCTOR, ON_CALL, OURS, TOKEN, URL

NODES = "/voice/at/"
SECOND_INSTRUCTOR = "+358401234505"
"""The instructors have two numbers, which ring in turn."""
PROBE = "+358401234506"
CONTACTS = {ON_CALL: "on_call", INSTRUCTOR: "social_instructor", SECOND_INSTRUCTOR: "social_instructor"}
NUMBERS = {
    **ENVIRONMENT,
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": f"{INSTRUCTOR},{SECOND_INSTRUCTOR}",
    "IVR_PROBE_NUMBER": PROBE,
}
"""The settings of a line that these callers ring."""
INFORMATION = frozenset({"opening_hours", "walk_in", "door", "urgent_number"}) | frozenset(
    {"help_with", "health", "newcomers", "services"}
)
"""The nodes of the flow that say what a caller asked for; `information` only offers them."""
SECONDS = (2, 20, 40, 65, 95, 130, 170)
"""After so many seconds of a call come its requests: far below a bound of the times to the first ringing, as a retry
may come late."""
CHOICES, EVERY_KEY = frozenset("12345"), (*"0123456789***#", "12")
TELLING = {"CallerName": "QUIRINIUS SOITTAJA", "FromCity": "Naamapalo"}
"""What a provider may tell of a caller besides."""


class Request(NamedTuple):
    """One webhook; `token` is that of all its repeats."""

    target: str
    form: Mapping[str, str]
    token: str

    @property
    def body(self) -> bytes:
        return urlencode(self.form).encode()

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Host": urlsplit(URL).netloc,
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "I-Twilio-Idempotency-Token": self.token,
            "User-Agent": "TwilioProxy/1.1",
            "X-Forwarded-Proto": "https",
            "X-Twilio-Signature": signature(TOKEN, URL + self.target, dict(self.form)),
        }


class Pressed(NamedTuple):
    """The caller pressed a key, and the line was told."""

    key: str


class Waits(NamedTuple):
    """The line answered, and the call waits here. `language`: the one that it goes on in."""

    node: str
    language: str | None


class Informs(NamedTuple):
    """What is said from here on is information that the caller pressed a key for."""


class Rings(NamedTuple):
    """A number of a contact is rung, unless the caller presses a key next, in the words before.

    `key`: the step that rings it followed a key; `second`: of that step.
    """

    contact: str
    matter: str
    language: str | None
    key: bool
    second: int


class NotAnswered(NamedTuple):
    """A number was rung to its end, and nobody took the call."""

    contact: str


class Talks(NamedTuple):
    """Two people talk."""


class SentEmergency(NamedTuple):
    """The line sent the emergency document: it rings the urgent line."""


class LineEnds(NamedTuple):
    """The line ends the call."""


Event = Pressed | Waits | Informs | Rings | NotAnswered | Talks | SentEmergency | LineEnds


@dataclass
class Call:
    """One call as whoever sits at the provider sees it. `counted`: it is a caller's, no probe and nobody of ours."""

    number: str
    sid: str
    counted: bool = True
    began: float = 0
    open: bool = False
    """Whether the phone was open when it began, as far as the line told: a step that fails says nothing of it."""
    told: bool = False
    """Whether the line was told of its end."""
    asked_after: bool = False
    """Whether it was asked where to go on when the caller had gone."""
    events: list[Event] = field(default_factory=list)

    @property
    def rings_or_talks_last(self) -> bool:
        """Whether, as far as the line was told, it still rings or talks: a call may wait while a talk of it goes on."""
        last = self.events[-1] if self.events else None
        return isinstance(last, Talks) or (isinstance(last, Rings) and not self.asked_after)


Played = Generator[Request, bytes, None]
Asked = Generator[Request, bytes, Request | None]
"""Requests about a contact, and then the next one of the call; None when the line has ended it."""


class _HungUp(Exception):
    """The caller hangs up; `asks`: where the provider may still ask, and by which fields."""

    def __init__(self, address: str = "", **asks: str) -> None:
        super().__init__()
        self.address, self.asks = address, asks


class Caller:
    """One call. `clock`: that of the line, in epoch seconds, by which the addresses of a call are made older.

    How patient, how silent and how lucky somebody is is drawn for each, so that calls end everywhere.
    """

    def __init__(self, seed: str, clock: Callable[[], float], is_open: Callable[[float], bool]) -> None:
        self._random = draw = Random(seed)  # noqa: S311 - guards no secret
        self._clock, self._is_open = clock, is_open
        self._presses, self._leaves = draw.choice((0, 0.5, 0.95)), draw.choice((0.02, 0.08, 0.3))
        self._lucky, self._second = draw.choice((0.1, 0.5)), 0
        self._is_probe = False
        self.call = Call(f"+3584{draw.randrange(10**8):08}", f"CA{draw.getrandbits(128):032x}")
        if draw.random() < 0.04:
            self.call.number, self.call.counted = draw.choice((ON_CALL, INSTRUCTOR, OURS, PROBE, PROBE)), False
            self._is_probe = self.call.number == PROBE
        self._form = {
            "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "CallSid": self.call.sid, "Direction": "inbound",
            "From": self.call.number, "Caller": self.call.number, "To": OURS, "Called": OURS, **TELLING,
        }  # fmt: skip

    def play(self) -> Played:
        """All requests of the call, each of which wants its answer, and what is told after its end."""
        self.call.began = self._clock()
        self.call.open = self._is_open(self.call.began)
        request: Request | None = self._request("/voice", {"CallStatus": "ringing"})
        gone = _HungUp()
        try:
            while request:
                body = yield request
                request = yield from self._hears(fromstring(body), request)  # noqa: S314 - of our own line
        except _HungUp as left:
            gone = left
        over = {"CallStatus": "completed", "CallDuration": str(self._second)}
        self.call.asked_after = bool(gone.address)
        last = [self._request(gone.address, {"CallStatus": "completed", **gone.asks})] if gone.address else []
        self.call.told = self._happens(0.8)
        told = [self._request("/voice/status", over)] * self.call.told
        told += [self._request("/voice/status", over)] * (self.call.told and self._happens(0.2))
        for each in last + told if self._happens(0.5) else told + last:  # noqa: UP028 - a list takes no answers
            yield each

    def _happens(self, odds: float) -> bool:
        return self._random.random() < odds

    def _request(self, address: str, more: Mapping[str, str], talked: int = 0) -> Request:
        """One request of the call, at its second; `talked`: so much of them belongs to a talk."""
        parts = urlsplit(urldefrag(address).url)
        query = {name: value[0] for name, value in parse_qs(parts.query).items()}
        if "t" in query:
            query["t"] = str(int(self._clock()) - self._second - talked)
        target = parts.path + (f"?{urlencode(query)}" if query else "")
        token = str(UUID(int=self._random.getrandbits(128)))
        return Request(target, {**self._form, "CallStatus": "in-progress", **more}, token)

    def _hears(self, document: Element, asked: Request) -> Asked:
        """One document: what the caller does, and what is asked next."""
        events, second = self.call.events, self._second
        later = [each for each in SECONDS if each >= second]
        self._second = self._random.choice(later[:2])
        gather, dial = document.find("Gather"), document.find("Dial")
        if dial is not None and NODES not in (dial.get("action") or ""):
            return self._emergency(dial, asked)
        waits = dial if gather is None else gather
        if waits is None:
            if asked.form.get("DialBridged") == "true" and NODES in asked.target:  # what else ends a call after a talk
                events.append(SentEmergency())
            events.append(LineEnds())
            return None
        address = waits.get("action") or ""
        query = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
        node, key = urlsplit(address).path.rsplit("/", 1)[1], asked.form.get("Digits")
        language = query.get("lang")
        events.append(Waits(node, language))
        if dial is None:
            if node in INFORMATION and key in CHOICES and f"/{node}?" not in asked.target:
                events.append(Informs())
            return self._at_menu(address)
        number = "".join(dial.itertext()).strip()
        events.append(Rings(CONTACTS[number], query["matter"], language, bool(key), second))
        if gather is not None and self._happens(0.2):  # in the words before it rings
            events.append(Pressed(key := self._random.choice("09*#")))
            return self._request(address, {"Digits": key})
        return (yield from self._rung(dial, number))

    def _at_menu(self, address: str) -> Request:
        draw, events = self._random, self.call.events
        steps = sum(isinstance(event, Waits) for event in events)
        if self._happens(self._leaves) or (self._is_probe and steps > 1):
            raise _HungUp(address if self._happens(0.3) else "")
        if self._is_probe or self._happens(self._presses):
            key = draw.choice("123456789" if steps == 1 else "12345" if self._happens(0.8) else EVERY_KEY)
            if self._is_probe:
                key = "3"
            events.append(Pressed(key))
            return self._request(address, {"Digits": key})
        return self._request(address, {})

    def _rung(self, dial: Element, number: str) -> Asked:
        """A number of a contact is rung, and whoever picks up hears the whisper."""
        draw, events = self._random, self.call.events
        address, contact = dial.get("action") or "", CONTACTS[number]
        bridged = {} if self._happens(0.1) else {"DialBridged": "false"}
        if self._happens(0.12):
            asks = {"DialCallStatus": "canceled", **bridged}
            raise _HungUp(address if self._happens(0.5) else "", **asks)
        if self._happens(0.5) and not self._happens(self._lucky):
            ended = {"DialCallStatus": draw.choice(("no-answer", "no-answer", "busy", "failed")), **bridged}
            return self._missed(address, contact, number, ended)
        whisper = dial.findall("Number")[0].get("url") or ""
        leg = {
            "CallSid": f"CA{draw.getrandbits(128):032x}", "ParentCallSid": self.call.sid, "Direction": "outbound-dial",
            "From": OURS, "Caller": OURS, "To": number, "Called": number,
        }  # fmt: skip
        heard = fromstring((yield self._request(whisper, leg)))  # noqa: S314 - of our own line
        listens = heard.find("Gather")
        assert listens is not None
        if self._happens(0.05):
            raise _HungUp
        if not self._happens(self._lucky):  # a voicemail, or somebody who hangs up
            ended = {"DialCallStatus": "completed", "DialCallDuration": "9", "DialBridged": "false"}
            return self._missed(address, contact, number, ended)
        yield self._request(listens.get("action") or "", {**leg, "Digits": draw.choice(EVERY_KEY)})
        events.append(Talks())
        talked = draw.choice((3, 40, 200))
        ended = {"DialCallStatus": "completed", "DialCallDuration": str(talked), "DialBridged": "true"}
        if self._happens(0.5):
            raise _HungUp(address if self._happens(0.5) else "", **ended)
        return self._request(address, ended, talked)

    def _missed(self, address: str, contact: str, number: str, ended: Mapping[str, str]) -> Request:
        if number != INSTRUCTOR:  # the other one rings then
            self.call.events.append(NotAnswered(contact))
        return self._request(address, ended)

    def _failed(self, asked: Request) -> None:
        """The line forgets what a step that failed was told."""
        events = self.call.events
        told = Pressed if "Digits" in asked.form else NotAnswered if "DialCallStatus" in asked.form else None
        if told and NODES in asked.target and events and isinstance(events[-1], told):
            events.pop()

    def _emergency(self, dial: Element, asked: Request) -> Request | None:
        """The emergency document rings without a whisper, and the second one says nothing of how that ended."""
        self._failed(asked)
        events, address = self.call.events, dial.get("action")
        if not address:
            events.append(LineEnds())
            return None
        events.append(SentEmergency())
        self.call.open |= asked.target == "/voice"
        if self._happens(0.2):
            raise _HungUp
        if self._happens(0.4):
            events.append(Talks())
            ended = {"DialCallStatus": "completed", "DialCallDuration": "60", "DialBridged": "true"}
            if self._happens(0.5):
                raise _HungUp(address, **ended)
            return self._request(address, ended)
        events.append(NotAnswered("on_call"))
        return self._request(address, {"DialCallStatus": "no-answer", "DialBridged": "false"})
