"""Whom the line rings, and what becomes of it: busy, declined, nobody there, another address, an answer too late."""

from __future__ import annotations

import socket

import pytest

from tests.sip.calling import calling, picks_up_never
from tests.sip.clips import Clips, said
from tests.sip.heard import from_mulaw, ringback
from tests.sip.line import TelephoneLine
from tests.sip.scenario import receive, response, response_in_dialog, response_to_invite, rung, scenario, sdp
from tests.sip.sipp import sipp

REFUSALS = {
    "486 Busy Here": "busy",
    "603 Decline": "busy",
    "480 Temporarily Unavailable": "no-answer",
    "404 Not Found": "failed",
    "302 Moved Temporarily": "failed",
}
"""How a phone refuses, and how the line takes it."""


def test_a_phone_that_refuses(line: TelephoneLine, duty_port: int) -> None:
    """A phone that names another address is not followed there: nobody but the office's contacts is rung."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere, calling(line) as caller:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.setblocking(False)
        moved = f"Contact: <sip:else@127.0.0.1:{elsewhere.getsockname()[1]}>"
        for time, (status, taken) in enumerate(REFUSALS.items(), 1):
            headers = [moved] if status.startswith("302") else []
            answer = scenario(rung(), response("180 Ringing"), response(status, headers=headers), receive("ACK"))
            with sipp(answer, port=duty_port) as phone:
                if time == 1:
                    caller.rings_on_call()
                else:
                    caller.press("1")
                caller.awaits("rings on_call", time)
                phone.finish()
                caller.awaits("on_call not reached", time)
                reached = [what for what in caller.what() if what.startswith("on_call not")]
                assert reached[-1] == f"on_call not reached ({taken})", status
        caller.hang_up()
        with pytest.raises(BlockingIOError):
            elsewhere.recv(1)


def test_nobody_answers(line: TelephoneLine, duty_port: int, clips: Clips) -> None:
    """The phone stops ringing, and the caller, who heard the ringing, is spoken to at once."""
    rings = scenario(picks_up_never())
    with sipp(rings, port=duty_port) as phone, calling(line) as caller:
        caller.rings_on_call()
        phone.finish()
        caller.awaits("on_call not reached (no-answer)")
        caller.awaits("fi: Yksi yksi kaksi on ilmainen")
        caller.hears_out()
        caller.hang_up()
        heard = from_mulaw(caller.end.heard())
        clips.check(heard, [*said(caller.what())])
        assert [round(end - begin) for begin, end in ringback(heard)] == [1, 1]


def test_an_answer_that_crosses_the_end_of_the_ringing(line: TelephoneLine, duty_port: int) -> None:
    """Whoever answers just when the caller has hung up is not left in a call with nobody."""
    late = scenario(
        rung(),
        response("180 Ringing"),
        receive("CANCEL"),
        response_in_dialog("200 OK"),
        response_to_invite("200 OK", sdp(9)),
        receive("ACK"),
        receive("BYE"),
        response_in_dialog("200 OK"),
    )
    with sipp(late, port=duty_port) as phone, calling(line) as caller:
        caller.rings_on_call()
        phone.await_message("> 180")
        caller.hang_up()
        phone.finish()


def test_the_caller_hangs_up_while_it_rings(line: TelephoneLine, duty_port: int) -> None:
    rings = scenario(picks_up_never())
    with sipp(rings, port=duty_port) as phone, calling(line) as caller:
        caller.rings_on_call()
        phone.await_message("> 180")
        caller.hang_up()
        phone.finish()
