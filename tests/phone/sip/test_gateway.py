"""Telephones of a few lines ring a gateway on this machine, in real time."""

from __future__ import annotations

import asyncio
import os
import queue
import random
import socket
import struct
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from baresip import CallState, Event, StackEvent

from ivr.phone.network.events import Spoken
from ivr.phone.network.people import Attention, HangsUp, Press
from ivr.phone.network.port import (
    Answered,
    CallerAct,
    ContactAct,
    ContactHangsUp,
    ContactLeg,
    ContactPresses,
    NotAnswered,
)
from ivr.phone.sip.allowed import own_sockets
from ivr.phone.sip.gateway import Gateway, GatewayFault, SipCall
from ivr.phone.sip.stack import SipStack, StackCall
from ivr.phone.sip.tones import RINGING, TALK_ELSEWHERE
from tests.limits import PATIENCE
from tests.phone.sip.bare_phone import HOST, BarePhone

CLIP = bytes(range(256)) * 8
LONG = bytes(random.Random(3).choices(range(256), k=8000 * 8))  # noqa: S311 no secret
SOUNDS = {"clip": CLIP, "long": LONG, "none": b""}


def spoken(name: str) -> Spoken:
    return Spoken("fi", name, len(SOUNDS[name]) / 8000)


@dataclass
class Absent:
    """The leg of a contact without a phone."""

    post: Callable[[ContactAct], None]
    over: threading.Event = field(default_factory=threading.Event)

    def begin(self, spoken: Spoken) -> None:
        """Nobody hears it."""

    def stop(self) -> None:
        """Nothing plays."""

    def awaited(self) -> None:
        """Nobody is waited for."""

    def hang_up(self) -> None:
        """End it."""
        self.over.set()


class Line:
    """A gateway whose calls the test itself carries."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._calls = queue.Queue[SipCall]()
        self._over = threading.Event()

    def serve(self) -> None:
        self.gateway.serve(self._hold)

    def _hold(self, call: SipCall) -> None:
        self._calls.put(call)
        assert self._over.wait(PATIENCE)

    def is_called(self) -> SipCall:
        return self._calls.get(timeout=PATIENCE)

    def ends(self) -> None:
        self._over.set()


@contextmanager
def a_line(phones: Mapping[str, str] | None = None, **options: Any) -> Iterator[Line]:
    with Gateway(
        ("127.0.0.1", 0),
        phones=phones or {},
        allowed=[],
        sound_of=lambda said: SOUNDS[said.text],
        without_phone=lambda _number, post: Absent(post),
        **options,
    ) as gateway:
        line = Line(gateway)
        server = threading.Thread(target=line.serve)
        server.start()
        try:
            yield line
        finally:
            line.ends()
            gateway.stop()
            server.join()


@contextmanager
def a_call(phones: Mapping[str, str] | None = None, codecs: str = "0 8 101") -> Iterator[tuple[BarePhone, SipCall]]:
    """A call that is answered."""
    with BarePhone(codecs) as phone, a_line(phones) as line:
        phone.invite(line.gateway.address)
        call = line.is_called()
        answering = threading.Thread(target=call.answer)
        answering.start()
        phone.established()
        answering.join(PATIENCE)
        yield phone, call


def acts(call: SipCall, contact: ContactLeg | None = None) -> CallerAct | ContactAct | None:
    return call.wait(PATIENCE, Attention.WAITING, contact)


def key_of(act: CallerAct | ContactAct | None) -> str:
    assert isinstance(act, Press | ContactPresses)
    return act.key


def test_any_name_rings_the_line_and_a_clip_is_heard_to_the_byte() -> None:
    with BarePhone() as phone, a_line() as line:
        phone.invite(line.gateway.address, name="+358401234567")
        call = line.is_called()
        phone.gets("SIP/2.0 180")
        answering = threading.Thread(target=call.answer)
        answering.start()
        phone.established()
        answering.join(PATIENCE)
        call.begin(spoken("clip"))
        call.begin(spoken("long"))
        phone.hears(CLIP + LONG[:8000])
        assert call.peer == f"sip:caller@127.0.0.1:{phone.port}"
        phone.hangs_up()
        assert isinstance(acts(call), HangsUp)


def test_a_phone_that_offers_a_law_first_is_sent_a_law() -> None:
    with a_call(codecs="8 0 101") as (phone, call):
        call.begin(spoken("clip"))
        a_law_of_loud = bytes([0x2A] * 3)  # mu-law 0x00, the loudest, becomes the loudest of A-law
        phone.hears(a_law_of_loud[:1])
        assert CLIP[:256] not in phone.heard


def test_a_key_is_told_at_its_start_and_once_however_long_it_is_held() -> None:
    with a_call() as (phone, call):
        held = threading.Thread(target=phone.presses, args=("5",), kwargs={"packets": 50})
        held.start()
        assert key_of(acts(call)) == "5"
        assert held.is_alive()
        held.join()
        phone.presses("5")
        phone.presses("#")
        assert [key_of(acts(call)), key_of(acts(call))] == ["5", "#"]


def test_a_key_during_a_clip_stops_it_and_the_next_clip_is_heard_whole() -> None:
    with a_call() as (phone, call):
        call.begin(spoken("long"))
        phone.hears(LONG[:1600])
        phone.presses("1")
        assert isinstance(acts(call), Press)
        call.stop()
        heard = len(phone.heard)
        call.begin(spoken("clip"))
        at = phone.hears(CLIP)
        assert at - heard < 8000 * 0.5
        assert LONG[-1600:] not in phone.heard


def test_acts_from_before_the_wait_come_first_and_at_once_and_a_hang_up_stays() -> None:
    with a_call() as (phone, call):
        phone.presses("1")
        phone.presses("2")
        phone.hangs_up()
        until_gone(call)
        assert [acts(call) for _ in range(4)] == [Press("1", 0.0), Press("2", 0.0), HangsUp(0.0), HangsUp(0.0)]
        assert call.wait(0.0, Attention.DEAF) == HangsUp(0.0)
        call.begin(spoken("clip"))
        call.answer()


def until_gone(call: SipCall) -> None:
    """Wait until the caller's hang-up has arrived, and take no act."""
    with call._changed:
        assert call._changed.wait_for(lambda: call._gone, PATIENCE)


def test_the_last_words_are_heard_to_their_end() -> None:
    with a_call() as (phone, call):
        call.begin(spoken("clip"))
        assert call.wait(len(CLIP) / 8000, Attention.DEAF) is None
        call.hang_up()
        phone.is_hung_up_on()
        phone.hears(CLIP)


def test_the_last_words_are_heard_to_their_end_also_on_a_machine_that_is_late_with_them() -> None:
    with a_call() as (phone, call):
        call.begin(spoken("clip"))
        call.begin(spoken("clip"))
        call.hang_up()
        phone.is_hung_up_on()
        phone.hears(2 * CLIP)


def test_a_phone_that_falls_silent_is_taken_to_be_gone_and_told() -> None:
    """The transcript shows that the caller hangs up; whoever holds the telephone did not."""
    told = queue.Queue[str]()
    with BarePhone() as phone, a_line(rtp_timeout=1, tell=told.put) as line:
        phone.invite(line.gateway.address)
        call = line.is_called()
        answering = threading.Thread(target=call.answer)
        answering.start()
        phone.established()
        answering.join(PATIENCE)
        phone.sounds = False
        assert isinstance(acts(call), HangsUp)
        words = told.get(timeout=PATIENCE)
        assert words.startswith(f"{call.peer} sent no sound for 1 s, so its call was ended")
        assert "VAD" in words


def test_a_stack_that_fails_is_told() -> None:
    with Gateway(
        ("127.0.0.1", 0),
        phones={},
        allowed=[],
        sound_of=lambda _said: b"",
        without_phone=lambda _number, post: Absent(post),
    ) as gateway:
        gateway._stack._died()
        with pytest.raises(GatewayFault, match="start again"):
            gateway.serve(lambda _call: None)


def test_a_caller_who_is_refused_hears_that_the_line_is_busy() -> None:
    with BarePhone() as phone, a_line() as line:
        phone.invite(line.gateway.address)
        line.is_called().refuse(busy=True)
        phone.gets("SIP/2.0 486")
        phone.ask("ACK", branch=phone.branch)


def test_a_caller_who_hangs_up_before_the_answer() -> None:
    with BarePhone() as phone, a_line() as line:
        phone.invite(line.gateway.address)
        call = line.is_called()
        phone.ask("CANCEL", branch=phone.branch)
        phone.gets("SIP/2.0 487")
        assert isinstance(acts(call), HangsUp)
        call.answer()


def test_the_same_invite_again_is_the_same_call() -> None:
    with BarePhone() as phone, a_line() as line:
        phone.invite(line.gateway.address)
        call = line.is_called()
        phone.ask("INVITE", phone.offer(), branch=phone.branch)
        with pytest.raises(queue.Empty):
            line._calls.get(timeout=0.3)
        call.hang_up()
        phone.gets("SIP/2.0 486")


def test_after_a_hold_the_sound_is_where_the_time_is() -> None:
    with a_call() as (phone, call):
        call.begin(spoken("long"))
        phone.hears(LONG[:1600])
        phone.ask("INVITE", phone.offer("sendonly"))
        phone.gets("SIP/2.0 200", "INVITE")
        phone.ask("ACK")
        before = len(phone.heard)
        assert call.wait(1.0, Attention.SPEAKING) is None
        phone.ask("INVITE", phone.offer())
        phone.gets("SIP/2.0 200", "INVITE")
        phone.ask("ACK")
        phone.hears(LONG[8000 * 3 : 8000 * 3 + 800])
        missing = LONG.index(bytes(phone.heard[-800:])) + 800 - len(phone.heard)
        assert before < 8000
        assert 8000 * 0.8 < missing < 8000 * 1.6


def test_a_renegotiation_loses_no_sound() -> None:
    with a_call() as (phone, call):
        call.begin(spoken("long"))
        phone.hears(LONG[:1600])
        phone.ask("INVITE", phone.offer())
        phone.gets("SIP/2.0 200", "INVITE")
        phone.ask("ACK")
        at = phone.hears(LONG[8000 * 2 : 8000 * 2 + 800])
        assert abs(at - 8000 * 2) < 8000 * 0.2


@contextmanager
def a_ring() -> Iterator[tuple[BarePhone, SipCall, BarePhone, ContactLeg]]:
    """A call whose contact's phone rings."""
    with BarePhone() as contact, a_call({"on_call": contact.address}) as (phone, call):
        yield phone, call, contact, call.ring("on_call", "+358401234567")


def test_a_contact_is_rung_whispered_to_and_bridged_both_ways_until_the_contact_hangs_up() -> None:
    with a_ring() as (phone, call, contact, leg):
        call.ringback(heard=True)
        invite = contact.gets("INVITE")
        assert invite.first.startswith(f"INVITE sip:duty@127.0.0.1:{contact.port}")
        contact.answer(invite, "180 Ringing")
        phone.hears(sent(RINGING, 800))
        contact.answer(invite, "200 OK", contact.offer())
        contact.gets("ACK")
        assert isinstance(acts(call, leg), Answered)
        leg.begin(spoken("clip"))
        contact.hears(CLIP)
        assert CLIP not in phone.heard
        contact.presses("5")
        assert key_of(acts(call, leg)) == "5"
        call.ringback(heard=False)
        leg.stop()
        call.bridge(leg)
        phone.hears(contact.says() * 1600)
        contact.hears(phone.says() * 1600)
        contact.hangs_up()
        assert isinstance(acts(call, leg), ContactHangsUp)
        call.begin(spoken("clip"))
        phone.hears(CLIP)
        call.hang_up()
        phone.is_hung_up_on()


def sent(pcm: bytes, start: int) -> bytes:
    """320 samples of a tone, as mu-law."""
    return bytes(mu_law(sample) for (sample,) in struct.iter_unpack("=h", pcm[2 * start : 2 * start + 640]))


def mu_law(sample: int) -> int:
    """ITU-T G.711."""
    size = abs(sample) + 0x84
    exponent = size.bit_length() - 8
    return ~((0x80 if sample < 0 else 0) | exponent << 4 | size >> exponent + 3 & 0x0F) & 0xFF


def test_a_key_in_the_sound_before_the_answer_says_nothing() -> None:
    with a_ring() as (_phone, call, contact, leg):
        invite = contact.gets("INVITE")
        contact.answer(invite, "183 Session Progress", contact.offer())
        contact.presses("7")
        contact.answer(invite, "200 OK", contact.offer())
        contact.gets("ACK")
        assert isinstance(acts(call, leg), Answered)
        contact.presses("5")
        assert key_of(acts(call, leg)) == "5"


def test_the_name_of_a_phone_does_nothing_to_a_terminal() -> None:
    with BarePhone() as phone, a_line() as line:
        phone.invite(line.gateway.address, caller="\x1b[31mred")
        assert line.is_called().peer == f"sip:?[31mred@127.0.0.1:{phone.port}"


def test_a_phone_that_the_stack_is_slow_to_ring_is_not_left_ringing(monkeypatch: pytest.MonkeyPatch) -> None:
    give = SipStack.give

    def slow(stack: SipStack, command: Coroutine[Any, Any, Any]) -> Future[Any] | None:
        """It does what it is told, and tells nothing of a ring."""
        given = give(stack, command)
        return Future[Any]() if getattr(command, "__name__", "") == "_dial" else given

    monkeypatch.setattr("ivr.phone.sip.stack.COMMAND_SECONDS", 0.0)
    with BarePhone() as contact, a_call({"on_call": contact.address}) as (_phone, call):
        monkeypatch.setattr(SipStack, "give", slow)
        leg = call.ring("on_call", "+358401234567")
        act = acts(call, leg)
        assert isinstance(act, NotAnswered)
        assert act.status == "failed"
        leg.hang_up()
        invite = contact.gets("INVITE")
        contact.answer(invite, "180 Ringing")
        contact.gets("CANCEL")


class RefusedAtOnce:
    """A call that was over before the stack's own object of it began to listen."""

    state, peer, audio = CallState.OUTGOING, "sip:duty@127.0.0.1", None


def test_a_phone_that_refuses_at_once_is_not_remembered() -> None:
    def nothing(_given: object = None) -> None:
        """Nobody is told."""

    stack = SipStack(("127.0.0.1", 0), [], 60, nothing, nothing, nothing)
    call = StackCall(stack, RefusedAtOnce())
    call.takes(StackEvent(Event.CALL_CLOSED, text="486 Busy Here"))
    with ThreadPoolExecutor() as elsewhere:  # the tests of pages leave a running loop in this thread
        elsewhere.submit(asyncio.run, call._hang_up()).result(PATIENCE)
    assert not stack.unanswered


@contextmanager
def a_ring_of(contact: BarePhone) -> Iterator[tuple[SipCall, ContactLeg]]:
    with a_call({"on_call": contact.address}) as (_phone, call):
        yield call, call.ring("on_call", "+358401234567")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("486 Busy Here", "busy"),
        ("600 Busy Everywhere", "busy"),
        ("603 Decline", "busy"),
        ("480 Temporarily Unavailable", "no-answer"),
        ("404 Not Found", "failed"),
        ("302 Moved Temporarily", "failed"),
    ],
)
def test_a_phone_that_refuses(status: str, told: str) -> None:
    with a_ring() as (_phone, call, contact, leg):
        contact.answer(contact.gets("INVITE"), status)
        contact.gets("ACK")
        act = acts(call, leg)
        assert isinstance(act, NotAnswered)
        assert act.status == told
        leg.hang_up()


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("404 Not Found", "404 Not Found: it knows no such name. Remedy: in --contact, the name of its own account"),
        ("302 Moved Temporarily", "302 Moved Temporarily: it forwards its calls. Remedy: forwarding off"),
        ("421 Extension Required", "421 Extension Required: it requires what the line has not. Remedy: 100rel"),
        ("488 Not Acceptable Here", "488 Not Acceptable Here: Remedy: G.711"),
        ("503 Service Unavailable", "503 Service Unavailable"),
    ],
)
def test_why_a_phone_could_not_be_rung_is_told(status: str, why: str) -> None:
    told = queue.Queue[str]()
    with BarePhone() as phone, BarePhone() as contact, a_line({"on_call": contact.address}, tell=told.put) as line:
        phone.invite(line.gateway.address)
        call = line.is_called()
        call.ring("on_call", "+358401234567")
        contact.answer(contact.gets("INVITE"), status)
        assert told.get(timeout=PATIENCE).startswith(f"{contact.address} could not be rung: {why}")


@pytest.mark.parametrize(("codecs", "direction"), [("18", "sendrecv"), ("0", "inactive")])
def test_a_phone_that_answers_and_takes_no_sound_is_no_contact_and_told(codecs: str, direction: str) -> None:
    told = queue.Queue[str]()
    with BarePhone() as phone, BarePhone() as contact, a_line({"on_call": contact.address}, tell=told.put) as line:
        phone.invite(line.gateway.address)
        call = line.is_called()
        leg = call.ring("on_call", "+358401234567")
        contact.codecs = codecs
        contact.answer(contact.gets("INVITE"), "200 OK", contact.offer(direction))
        contact.gets("ACK")
        contact.is_hung_up_on()
        act = acts(call, leg)
        assert isinstance(act, NotAnswered)
        assert act.status == "failed"
        assert told.get(timeout=PATIENCE).startswith(
            f"{contact.address} was answered, and takes no sound that the line"
        )


@pytest.mark.parametrize(
    ("codecs", "sound_at", "status", "why"),
    [
        ("18 101", f"IP4 {HOST}", "488", "offers no sound that the line has. Remedy: G.711 (PCMA or PCMU) on"),
        ("0 8 101", "IP6 fd00::2", "488", "offers its sound by IPv6 only. Remedy: IPv6 off"),
        ("0 8 101", "IP4 192.168.1.9", "500", "its sound is at 192.168.1.9, which cannot be reached from 127.0.0.1"),
    ],
)
def test_a_phone_whose_sound_the_line_cannot_take_is_refused_and_told(
    codecs: str, sound_at: str, status: str, why: str
) -> None:
    told = queue.Queue[str]()
    with BarePhone(codecs, sound_at=sound_at) as phone, a_line(tell=told.put) as line:
        phone.invite(line.gateway.address)
        phone.gets(f"SIP/2.0 {status}")
        words = told.get(timeout=PATIENCE)
        assert words.startswith("a telephone was refused: ")
        assert why in words
        with pytest.raises(queue.Empty):
            line._calls.get_nowait()


@pytest.mark.parametrize("required", ["100rel", "timer"])
def test_a_phone_that_requires_what_the_line_has_not_is_told(required: str) -> None:
    """It is refused by the stack, as the standard has it; nobody at it could know why."""
    told = queue.Queue[str]()
    with BarePhone(headers=(f"Require: {required}",)) as phone, a_line(tell=told.put) as line:
        phone.invite(line.gateway.address)
        phone.gets("SIP/2.0 420")
        words = told.get(timeout=PATIENCE)
        assert words.startswith(f"a telephone was refused: it requires '{required}', which the line has not")


def test_a_phone_that_offers_video_too_is_answered_without_and_never_renegotiated() -> None:
    with BarePhone(more="m=video 9 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n") as phone, a_line() as line:
        phone.invite(line.gateway.address)
        call = line.is_called()
        answering = threading.Thread(target=call.answer)
        answering.start()
        phone.established()
        answering.join(PATIENCE)
        with pytest.raises(AssertionError, match="no INVITE"):
            phone.gets("INVITE", seconds=0.5)
        phone.hangs_up()


def test_a_phone_that_lets_the_line_offer_first() -> None:
    with BarePhone(offers=False) as phone, a_line() as line:
        phone.invite(line.gateway.address)
        call = line.is_called()
        answering = threading.Thread(target=call.answer)
        answering.start()
        phone.is_answered()
        phone.ask("ACK", phone.offer())
        answering.join(PATIENCE)
        call.begin(spoken("clip"))
        phone.hears(CLIP)


def test_a_ring_that_is_given_up_is_cancelled() -> None:
    with a_ring() as (_phone, call, contact, leg):
        invite = contact.gets("INVITE")
        contact.answer(invite, "180 Ringing")
        assert call.wait(0.1, Attention.DEAF, leg) is None
        leg.hang_up()
        contact.is_cancelled(invite)


def test_a_ring_that_is_given_up_before_the_phone_tells_that_it_rings_is_cancelled_then() -> None:
    with a_ring() as (_phone, call, contact, leg):
        invite = contact.gets("INVITE")
        leg.hang_up()
        assert call.wait(0.1, Attention.DEAF) is None
        contact.answer(invite, "180 Ringing")
        contact.is_cancelled(invite)


def test_a_phone_that_answers_without_a_ring_after_it_was_given_up_is_hung_up_on() -> None:
    with a_ring() as (_phone, _call, contact, leg):
        invite = contact.gets("INVITE")
        leg.hang_up()
        contact.answer(invite, "200 OK", contact.offer())
        contact.gets("ACK")
        contact.is_hung_up_on()


def test_leaving_cancels_a_ring_that_begins_then() -> None:
    with BarePhone() as contact:
        with a_ring_of(contact) as (_call, leg):
            invite = contact.gets("INVITE")
            leg.hang_up()
            late = threading.Thread(target=contact.answer, args=(invite, "180 Ringing"))
            late.start()
        late.join()
        contact.gets("CANCEL")


def test_a_caller_who_is_hung_up_on_while_the_answer_arrives() -> None:
    with BarePhone() as phone, a_line() as line:
        phone.invite(line.gateway.address)
        call = line.is_called()
        answering = threading.Thread(target=call.answer)
        answering.start()
        phone.is_answered()
        call.hang_up()
        phone.ask("ACK")
        phone.is_hung_up_on()
        answering.join(PATIENCE)
        assert not answering.is_alive()


def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() -> None:
    with a_ring() as (_phone, call, contact, leg):
        invite = contact.gets("INVITE")
        contact.answer(invite, "180 Ringing")
        assert call.wait(0.1, Attention.DEAF, leg) is None
        leg.hang_up()
        cancel = contact.gets("CANCEL")
        contact.answer(invite, "200 OK", contact.offer())
        contact.answer(cancel, "200 OK")
        contact.gets("ACK")
        contact.is_hung_up_on()


def test_a_caller_who_hangs_up_while_a_phone_rings_comes_before_what_the_contact_does() -> None:
    with a_ring() as (phone, call, contact, leg):
        contact.answer(contact.gets("INVITE"), "200 OK", contact.offer())
        contact.gets("ACK")
        phone.hangs_up()
        until_gone(call)
        assert call.wait(1.0, Attention.DEAF, leg) == HangsUp(0.0)
        leg.hang_up()
        contact.is_hung_up_on()


def test_a_contact_without_a_phone_is_asked_elsewhere_and_the_caller_hears_that_the_talk_goes_on() -> None:
    with a_call() as (phone, call):
        leg = call.ring("nobody", "+358401234567")
        assert isinstance(leg, Absent)
        leg.post(Answered(7.0))
        answered = acts(call, leg)
        assert isinstance(answered, Answered)
        assert answered.after < 7.0  # when it was told, and not what it says of itself
        call.bridge(leg)
        phone.hears(sent(TALK_ELSEWHERE, 200))


def test_what_another_contact_did_is_not_told_of_this_one() -> None:
    with a_call() as (_phone, call):
        first, second = call.ring("one", ""), call.ring("two", "")
        assert isinstance(first, Absent)
        assert isinstance(second, Absent)
        first.post(NotAnswered(0.0, "busy"))
        second.post(Answered(0.0))
        assert isinstance(acts(call, second), Answered)
        assert call.wait(0.0, Attention.DEAF) is None
        assert isinstance(acts(call, first), NotAnswered)


def test_leaving_ends_every_leg() -> None:
    with BarePhone() as contact, BarePhone() as phone:
        with a_line({"on_call": contact.address}) as line:
            phone.invite(line.gateway.address)
            call = line.is_called()
            answering = threading.Thread(target=call.answer)
            answering.start()
            phone.established()
            answering.join(PATIENCE)
            leg = call.ring("on_call", "")
            contact.answer(contact.gets("INVITE"), "200 OK", contact.offer())
            contact.gets("ACK")
            assert isinstance(acts(call, leg), Answered)
        phone.is_hung_up_on()
        contact.is_hung_up_on()


def test_leaving_says_it_again_if_a_phone_does_not_hear_that_it_is_hung_up_on() -> None:
    with BarePhone() as phone:
        with a_line() as line:
            phone.invite(line.gateway.address)
            call = line.is_called()
            answering = threading.Thread(target=call.answer)
            answering.start()
            phone.established()
            answering.join(PATIENCE)
        first, second = phone.gets("BYE"), phone.gets("BYE")
        assert first.headers["CSeq"] == second.headers["CSeq"]


def test_a_call_that_breaks_ends_its_legs_and_the_next_is_carried(caplog: pytest.LogCaptureFixture) -> None:
    def breaks(call: SipCall) -> None:
        call.answer()
        raise RuntimeError("broken")

    with (
        BarePhone() as phone,
        Gateway(
            ("127.0.0.1", 0),
            phones={},
            allowed=[],
            sound_of=lambda _said: b"",
            without_phone=lambda _number, post: Absent(post),
        ) as gateway,
    ):
        server = threading.Thread(target=gateway.serve, args=(breaks,))
        server.start()
        for _ in range(2):
            phone.invite(gateway.address)
            phone.established()
            phone.is_hung_up_on()
        gateway.stop()
        server.join(PATIENCE)
    assert "broken" in caplog.text


def test_a_port_that_is_taken_is_told() -> None:
    with (
        BarePhone() as phone,
        pytest.raises(GatewayFault, match="another program listens there"),
        Gateway(
            ("127.0.0.1", phone.port),
            phones={},
            allowed=[],
            sound_of=lambda _said: b"",
            without_phone=lambda _number, post: Absent(post),
        ),
    ):
        pass


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="private network") as told:
        Gateway(
            ("8.8.8.8", 70000),
            phones={"on_call": "sip:duty@example.com"},
            allowed=[],
            sound_of=lambda _said: b"",
            without_phone=lambda _number, post: Absent(post),
        )
    assert len(str(told.value).splitlines()) == 3


def test_nothing_is_printed_and_no_thread_is_left(capfd: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with a_call() as (phone, _call):
        phone.hangs_up()
    assert threading.active_count() == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has the filter")
def test_each_socket_of_the_stack_is_filtered() -> None:
    others = {socket_of for socket_of, _port, _filter in udp_sockets()}
    with a_ring() as (caller, _call, contact, _leg):
        contact.gets("INVITE")
        phones = {port for phone in (caller, contact) for port in (phone.port, phone.sound_port)}
        filters = [size for of, port, size in udp_sockets() if of not in others and port not in phones]
        assert len(filters) >= 1 + 2 * 2  # signalling; sound and its reports, for each leg
        assert all(filters)


def udp_sockets() -> list[tuple[int, int, int]]:
    """The socket, its port and the size of its filter."""
    found = own_sockets(lambda sock: sock.type == socket.SOCK_DGRAM)
    return [
        (os.fstat(sock.fileno()).st_ino, sock.getsockname()[1], len(sock.getsockopt(socket.SOL_SOCKET, 26, 1024)))
        for sock in found
    ]
