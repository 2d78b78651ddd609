"""A line that does not answer: what is tried again, the fallback, and what a call goes on without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from ivr.phone.errors import CarrierError, ProviderFault
from ivr.phone.network.behaviour import CarrierBehaviour, Delays
from ivr.phone.network.events import (
    Bridged,
    Ended,
    Event,
    FallbackAsked,
    NotReached,
    Requested,
    RequestFailed,
    Ringing,
    Said,
    Spoken,
    Warned,
)
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.transcript import Transcript, lines
from ivr.phone.network.transport import (
    AttemptLimits,
    BrokenReply,
    LateReply,
    NoConnection,
    NoReply,
    Reply,
    WsgiTransport,
)
from tests.phone.carrier.tiny_line import (
    BYE,
    DIAL_PAGES,
    HANGUP,
    OURS,
    PUBLIC,
    WORKER,
    Answers,
    TinyLine,
    carrier,
    digits,
    doc,
    gather,
    of,
    said,
    say,
)

Fault = Callable[[], NoReply] | int | None
"""What an attempt meets: no answer, a status, or nothing, so that the line answers."""
DOWN: Sequence[Fault] = [NoConnection] * 100


@dataclass
class Faulty:
    """A way to a line that meets faults in turn at some path, and then none."""

    line: TinyLine
    faults: Mapping[str, Sequence[Fault]]
    tried: list[tuple[str, AttemptLimits, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], limits: AttemptLimits, /) -> Reply:
        path = urlsplit(url).path
        met = sum(urlsplit(before).path == path for before, _, _ in self.tried)
        self.tried.append((url, limits, headers))
        faults = self.faults.get(path, ())
        match faults[met] if met < len(faults) else None:
            case None:
                return WsgiTransport(self.line).post(url, body, headers, limits)
            case int(status):
                return Reply(status, "text/plain", b"Oops")
            case lost:
                raise lost()

    def seconds(self) -> list[tuple[float, float, float]]:
        """The limits of every attempt."""
        return [(limits.connect, limits.read, limits.total) for _, limits, _ in self.tried]


def call(
    pages: Mapping[str, Answers],
    faults: Mapping[str, Sequence[Fault]],
    script: Sequence[str] = (),
    *,
    contacts: Mapping[str, Sequence[str]] | None = None,
    **more: Any,
) -> tuple[list[Event], Faulty]:
    """A call that is not strict to a line that cannot always be had."""
    transport = Faulty(TinyLine(pages), faults)
    people = ScriptedContacts(contacts or {})
    return carrier(transport, strict=False, **more).call(ScriptedCaller(script), people), transport


def fallback(*verbs: str) -> bytes:
    return doc(*verbs).encode()


SORRY = fallback(say("Soita 112."), HANGUP)
OVERRIDES = "#rc=2&rp=ct,rt,5xx&ct=2000&rt=4000&tt=14000"


def posted(address: str) -> dict[str, Answers]:
    """A line whose caller presses a key for an address."""
    return {"/voice": doc(gather(action=address.replace("&", "&amp;"))), "/voice/next": BYE}


# --- what is tried again ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """Overrides and faults; how often the line is tried, when the answer is there or given up, and the last error."""

    overrides: str
    faults: Sequence[Fault]
    tries: int
    seconds: float
    code: int | None = None


def slowly(seconds: float) -> Callable[[], NoReply]:
    return lambda: NoConnection(after=seconds)


TRIED: Mapping[str, Tried] = {
    "no connection is tried once more": Tried("", [NoConnection], 2, 5.0),
    "but not twice": Tried("", [NoConnection, NoConnection], 2, 10.0, 11205),
    "a refused connection takes no time": Tried("", [slowly(0.0)], 2, 0.0),
    "no answer is not tried again": Tried("", [LateReply], 1, 15.0, 11203),
    "a server error neither": Tried("", [500], 1, 0.0, 11200),
    "a missing page neither": Tried("", [404], 1, 0.0, 11200),
    "never": Tried("#rc=0", [NoConnection], 1, 5.0, 11205),
    "five times": Tried("#rc=5&rp=5xx", [503] * 5, 6, 0.0),
    "what rp names": Tried("#rp=rt&rt=3000", [LateReply], 2, 3.0),
    "and nothing else": Tried("#rp=rt", [NoConnection], 1, 5.0, 11205),
    "4xx is not 5xx": Tried("#rp=4xx", [500], 1, 0.0, 11200),
    "4xx": Tried("#rp=4xx&rc=2", [400, 429], 3, 0.0),
    "all": Tried("#rp=all&rc=4&rt=1000&ct=1000", [NoConnection, LateReply, 404, 500], 5, 2.0),
    "but no broken answer": Tried("#rp=all", [BrokenReply], 1, 0.0, 11206),
    "the line's own, which hangs twice": Tried(OVERRIDES, [LateReply, LateReply], 3, 8.0),
    "the line's own, which hangs": Tried(OVERRIDES, [LateReply] * 3, 3, 12.0, 11205),
    "the total is kept": Tried("#rc=5&rp=rt&rt=4000&tt=10000", [LateReply] * 5, 3, 10.0, 11203),
}


@pytest.mark.parametrize("row", TRIED.values(), ids=TRIED)
def test_what_is_tried_again(row: Tried) -> None:
    events, transport = call(posted(f"/voice/next{row.overrides}"), {"/voice/next": row.faults}, ["1"], fallback=SORRY)
    tried = [url for url, _, _ in transport.tried if url.endswith("/next")]
    assert len(tried) == row.tries
    failed = of(events, RequestFailed)
    assert len(failed) == min(row.tries, len(row.faults))
    assert {event.url for event in failed} == {f"{PUBLIC}/voice/next"}
    pressed = 1.0
    if row.code is None:
        assert said(events) == ["Hei hei."]
        assert of(events, Requested)[1].at == pytest.approx(pressed + row.seconds)
        assert digits(transport.line) == ["1"]
    else:
        assert failed[-1].code == row.code
        assert of(events, FallbackAsked) == [FallbackAsked(pressed + row.seconds, f"{PUBLIC}/voice/next", row.code)]
        assert said(events) == ["Soita 112."]


def test_each_attempt_has_the_limits_of_its_address_and_what_is_left_of_the_total() -> None:
    _, transport = call(
        posted("/voice/next#rc=2&rp=rt&ct=2000&rt=4000&tt=9000"), {"/voice/next": [LateReply] * 2}, ["1"]
    )
    assert transport.seconds() == [(5, 15, 15), (2, 4, 9), (2, 4, 5), (1, 1, 1), (5, 15, 15)]


def test_attempts_of_one_request_are_alike_and_say_that_they_belong_together() -> None:
    _, transport = call(posted(f"/voice/next{OVERRIDES}"), {"/voice/next": [500, 500]}, ["1"])
    assert [url for url, _, _ in transport.tried[1:4]] == [f"{PUBLIC}/voice/next"] * 3
    tokens = [headers["I-Twilio-Idempotency-Token"] for _, _, headers in transport.tried]
    assert tokens[1] == tokens[2] == tokens[3] != tokens[0]
    assert len({headers["X-Twilio-Signature"] for _, _, headers in transport.tried[1:4]}) == 1


def test_the_number_has_overrides_too() -> None:
    events, transport = call({"/voice": BYE}, {"/voice": [500, LateReply]}, voice_url=f"{PUBLIC}/voice{OVERRIDES}")
    assert of(events, Said)[0].at == 4.0
    assert [limits.read for _, limits, _ in transport.tried[:3]] == [4.0, 4.0, 4.0]


def test_the_caller_may_hang_up_or_press_keys_while_the_line_is_tried() -> None:
    pages = {
        **posted(f"/voice/next{OVERRIDES}"),
        "/voice/next": doc(gather(action="/voice/third")),
        "/voice/third": BYE,
    }
    events, _ = call(pages, {"/voice/next": [LateReply, LateReply]}, ["early 1", "hang up after 6"])
    assert of(events, Ended) == [Ended(6.5, "caller")]


# --- the fallback ----------------------------------------------------------------------------------------------------


def test_without_a_fallback_the_call_ends_by_an_error() -> None:
    events, transport = call({"/voice": BYE}, {"/voice": DOWN})
    assert of(events, Ended) == [Ended(10.0, "error")]
    assert [event.code for event in of(events, RequestFailed)] == [11205, 11205]
    assert said(events) == []
    assert transport.line.forms("/voice/status")[0]["CallStatus"] == "completed"


def test_a_static_fallback_is_a_whole_call_without_the_line() -> None:
    static = fallback(
        say("Hätä? Soita 112."),
        f'<Dial callerId="{OURS}" timeout="55"><Number>{WORKER}</Number></Dial>',
        say("Soita 112."),
        say("nolla neljä"),
        HANGUP,
    )
    down = {"/voice": DOWN, "/voice/status": DOWN}
    events, transport = call({}, down, fallback=static)
    assert said(events) == ["Hätä? Soita 112.", "Soita 112.", "nolla neljä"]
    assert of(events, Ringing) == [Ringing(11.6, WORKER)]
    assert of(events, NotReached) == [NotReached(66.6, WORKER, "no-answer")]
    assert of(events, Ended)[0].by == "line"
    assert [warned.code for warned in of(events, Warned)] == [15003]
    assert transport.line.asked == []
    talked, _ = call({}, down, fallback=static, contacts={WORKER: ["answers"]})
    assert len(of(talked, Bridged)) == 1
    assert said(talked) == ["Hätä? Soita 112.", "Soita 112.", "nolla neljä"]


def test_a_fallback_that_is_asked_is_told_what_failed() -> None:
    pages = {**posted("/voice/next?x=1"), "/fallback": BYE}
    events, transport = call(pages, {"/voice/next": DOWN}, ["7"], fallback=f"{PUBLIC}/fallback")
    (form,) = transport.line.forms("/fallback")
    assert form["ErrorCode"] == "11205"
    assert form["ErrorUrl"] == f"{PUBLIC}/voice/next?x=1"
    assert form["CallStatus"] == "in-progress"
    assert form["CallSid"] == transport.line.forms("/voice")[0]["CallSid"]
    assert said(events) == ["Hei hei."]


def test_a_fallback_may_be_on_another_host_and_have_overrides() -> None:
    class Elsewhere(Faulty):
        def post(self, url: str, body: bytes, headers: Mapping[str, str], limits: AttemptLimits, /) -> Reply:
            if url != "https://other.example/sorry":
                return super().post(url, body, headers, limits)
            self.tried.append((url, limits, headers))
            return Reply(200, "text/xml", SORRY)

    transport = Elsewhere(TinyLine({}), {"/voice": DOWN, "/voice/status": DOWN})
    phone = carrier(transport, strict=False, fallback="https://other.example/sorry#rt=2000")
    assert said(phone.call(ScriptedCaller([]), ScriptedContacts({}))) == ["Soita 112."]
    assert [limits.read for url, limits, _ in transport.tried if "other" in url] == [2.0]


def test_the_call_goes_on_there_and_the_fallback_is_asked_each_time() -> None:
    back = fallback(say("Hetki."), f"<Redirect>{PUBLIC}/voice/third</Redirect>")
    faults = {"/voice/next": DOWN, "/voice/third": [500, 500]}
    events, _ = call({**posted("/voice/next"), "/voice/third": BYE}, faults, ["1"], fallback=back)
    assert said(events) == ["Hetki.", "Hetki.", "Hetki.", "Hei hei."]
    assert [event.code for event in of(events, FallbackAsked)] == [11205, 11200, 11200]
    assert of(events, Ended)[0].by == "line"


def test_a_fallback_that_fails_too_is_the_end() -> None:
    pages = {"/voice": BYE, "/fallback": BYE}
    events, _ = call(pages, {"/voice": DOWN, "/fallback": [500]}, fallback=f"{PUBLIC}/fallback")
    assert [event.code for event in of(events, RequestFailed)] == [11205, 11205, 11200]
    assert of(events, Ended)[0].by == "error"
    events, _ = call({}, {"/voice": DOWN, "/voice/status": DOWN}, fallback=b"no XML")
    assert of(events, Ended)[0].by == "error"


def test_a_fallback_that_leads_back_without_words_is_a_loop() -> None:
    with pytest.raises(CarrierError, match="no time has passed"):
        call({}, {"/voice": [500] * 100}, fallback=fallback(f"<Redirect>{PUBLIC}/voice</Redirect>"))


NO_TWIML: Mapping[str, tuple[str, dict[str, str], int]] = {
    "no XML": ("Hello", {}, 12100),
    "a blank in front": (" " + BYE, {}, 12100),
    "another root": ("<Reply/>", {}, 12100),
    "no content type": (BYE, {"content_type": ""}, 12300),
    "JSON": (BYE, {"content_type": "application/json"}, 12300),
    "too long": (BYE.replace("</Response>", " " * 65536 + "</Response>"), {}, 11750),
}


@pytest.mark.parametrize(("body", "reply", "code"), NO_TWIML.values(), ids=NO_TWIML)
def test_what_is_no_twiml_leads_to_the_fallback(body: str, reply: dict[str, str], code: int) -> None:
    phone = carrier(WsgiTransport(TinyLine({"/voice": body}, **reply)), strict=False, fallback=SORRY)
    events = phone.call(ScriptedCaller([]), ScriptedContacts({}))
    assert [event.code for event in of(events, RequestFailed)] == [code]
    assert said(events) == ["Soita 112."]


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (doc("<Record/>"), {}),
        (doc(say("Hei")), {}),
        (BYE, {"content_type": "application/xml"}),
        (BYE, {"status": "201 Created"}),
        ("", {"status": "307 Temporary Redirect", "location": "/voice/"}),
    ],
)
def test_what_only_we_forbid_is_an_error_all_the_same(body: str, reply: dict[str, str]) -> None:
    phone = carrier(WsgiTransport(TinyLine({"/voice": body}, **reply)), strict=False, fallback=SORRY)
    with pytest.raises(CarrierError):
        phone.call(ScriptedCaller([]), ScriptedContacts({}))


def test_a_strict_carrier_tries_nothing_again() -> None:
    transport = Faulty(TinyLine({"/voice": BYE}), {"/voice": [NoConnection]})
    with pytest.raises(CarrierError, match="no connection"):
        carrier(transport, fallback=SORRY).call(ScriptedCaller([]), ScriptedContacts({}))
    assert len(transport.tried) == 1


# --- other legs and moments ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/voice/whisper", "/voice/accept"])
def test_a_whisper_that_cannot_be_had_reaches_nobody_and_the_call_goes_on(path: str) -> None:
    events, transport = call(DIAL_PAGES, {path: DOWN}, contacts={WORKER: ["answers"]}, fallback=SORRY)
    assert of(events, Bridged) == []
    assert of(events, FallbackAsked) == []
    assert transport.line.forms("/voice/after")[0]["DialBridged"] == "false"
    assert said(events)[-1] == "Hei hei."


def test_what_fails_after_the_caller_has_hung_up_is_told_and_asks_no_fallback() -> None:
    events, _ = call(DIAL_PAGES, {"/voice/after": DOWN}, ["hang up after 10"], fallback=SORRY)
    assert of(events, Ended) == [Ended(10.0, "caller")]
    assert [type(event) for event in events[-2:]] == [RequestFailed, RequestFailed]


# --- clips and voices ------------------------------------------------------------------------------------------------


CLIPS: Mapping[str, Answers] = {
    "/voice": doc("<Play>/audio/gone.wav</Play>", gather("<Play>/audio/hei.wav</Play>", action="/voice/next")),
    "/voice/next": BYE,
}


def clip(url: str) -> Spoken:
    if url.endswith("/gone.wav"):
        raise ProviderFault(11200, f"{url}: 404")
    return Spoken("fi-FI", "Hei.", 1.5, clip=url)


def test_a_lost_clip_is_left_out_and_told() -> None:
    slow = CarrierBehaviour(delays=Delays(sentence=0.5))
    events, _ = call(CLIPS, {}, clip_of=clip, fallback=SORRY, behaviour=slow)
    assert of(events, Warned) == [Warned(0.0, 11200, f"{PUBLIC}/audio/gone.wav: 404")]
    assert said(events) == ["Hei.", "Hei hei."]
    assert of(events, Said)[0].at == 0.5


def test_a_lost_clip_may_lead_to_the_fallback() -> None:
    fatal = CarrierBehaviour(lost_clip="fatal")
    events, _ = call(CLIPS, {}, clip_of=clip, fallback=SORRY, behaviour=fatal)
    assert of(events, FallbackAsked) == [FallbackAsked(0.0, f"{PUBLIC}/audio/gone.wav", 11200)]
    assert said(events) == ["Soita 112."]
    events, _ = call(CLIPS, {}, clip_of=clip, behaviour=fatal)
    assert of(events, Ended)[0].by == "error"


def test_a_clip_lost_in_a_whisper_reaches_nobody_where_it_is_fatal() -> None:
    pages = {**DIAL_PAGES, "/voice/whisper": doc("<Play>/audio/gone.wav</Play>")}
    people = {WORKER: ["answers"]}
    events, _ = call(pages, {}, contacts=people, clip_of=clip, behaviour=CarrierBehaviour(lost_clip="fatal"))
    assert of(events, Bridged) == []
    events, _ = call(pages, {}, contacts=people, clip_of=clip)
    assert len(of(events, Bridged)) == 1


@pytest.mark.parametrize("behaviour", [CarrierBehaviour(), CarrierBehaviour(lost_clip="fatal")])
def test_a_lost_clip_is_an_error_of_a_strict_carrier(behaviour: CarrierBehaviour) -> None:
    phone = carrier(WsgiTransport(TinyLine(CLIPS)), clip_of=clip, behaviour=behaviour)
    with pytest.raises(CarrierError, match=r"gone\.wav: 404"):
        phone.call(ScriptedCaller([]), ScriptedContacts({}))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://elsewhere.example/hei.wav", "leads away"),
        ("http://line.example/hei.wav", "leads away"),
        ("/audio/hei.wav?v=2", "has no query"),
    ],
)
def test_a_clip_elsewhere_or_with_a_query_is_an_error(url: str, why: str) -> None:
    with pytest.raises(CarrierError, match=why):
        call({"/voice": doc(f"<Play>{url}</Play>", HANGUP)}, {}, clip_of=clip)


@pytest.mark.parametrize("voice", ["Polly.Nobody", "Google.fi-FI-Wavenet-Z", "Polly.TextOnly"])
def test_an_unknown_voice_is_told(voice: str) -> None:
    spoken = say("Hei").replace("Polly.Suvi-Neural", voice)
    pages = {"/voice": doc(gather(spoken)), "/voice/next": doc(spoken, HANGUP)}
    events, _ = call(pages, {})
    assert [warned.code for warned in of(events, Warned)] == [13511, 13511]
    assert said(events) == ["Hei", "Hei"]
    with pytest.raises(CarrierError, match=f"no voice '{voice}'.*13511"):
        carrier(WsgiTransport(TinyLine(pages))).call(ScriptedCaller([]), ScriptedContacts({}))
    known = carrier(WsgiTransport(TinyLine(pages)), known_voices=frozenset({voice}))
    assert said(known.call(ScriptedCaller([]), ScriptedContacts({}))) == ["Hei", "Hei"]


# --- how it reads ----------------------------------------------------------------------------------------------------


def test_faults_stand_in_the_transcript() -> None:
    events, _ = call({"/voice": BYE}, {"/voice": DOWN, "/voice/status": DOWN}, fallback=SORRY)
    assert [*lines(events, Transcript({}, {"fi-FI": "fi"}))] == [
        "0:05  error 11205: https://line.example/voice: no connection (Twilio error 11205)",
        "0:10  error 11205: https://line.example/voice: no connection (Twilio error 11205)",
        "0:10  the fallback takes over the call",
        "0:10  fi: Soita 112.",
        "0:11  the line ends the call",
        "0:11  error 15003: https://line.example/voice/status: no connection (Twilio error 11205)",
    ]
    events, _ = call({"/voice": BYE}, {"/voice": DOWN})
    assert "0:10  the provider tells of an error in English, and ends the call" in lines(events, Transcript({}, {}))
