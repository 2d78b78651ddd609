"""Each side hangs up, at each moment: the other one is told at once, and no phone is left in a call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.limits import until
from tests.sip.calling import IS_HUNG_UP, Calling, calling, picks_up
from tests.sip.line import TelephoneLine
from tests.sip.ports import free_port
from tests.sip.rtp import RtpEnd
from tests.sip.scenario import answered, expect, request, request_by_called, scenario, sdp, told_to_go_on
from tests.sip.sipp import Sipp, sipp

CONTACT_HANGS_UP = "\n".join([told_to_go_on(), request_by_called("BYE", 1), expect(200)])


@contextmanager
def in_whisper(line: TelephoneLine, port: int, then: str) -> Iterator[tuple[Calling, Sipp, RtpEnd]]:
    """A call, and the phone of whoever is on call, which hears the whisper. `then`: what this phone does next."""
    with RtpEnd() as end, sipp(scenario(picks_up(end.port), then), port=port) as phone, calling(line) as caller:
        caller.rings_on_call()
        phone.await_message("> 180")
        phone.go_on()
        caller.awaits("whisper: ")
        end.await_sound(10)
        end.start_sending()
        yield caller, phone, end


def test_the_caller_before_the_answer(line: TelephoneLine) -> None:
    """The answer comes within some milliseconds and may cross the CANCEL: whoever called ends that call too."""
    before = len(line.calls())
    hurry = scenario(
        request("INVITE", 1, sdp(free_port())),
        request("CANCEL", 1, of="INVITE 1"),
        answered(),
        request("ACK", 1),
        request("BYE", 9, again=500),
        expect(200),
    )
    with sipp(hurry, calls=line.address) as caller:
        until(lambda: len(line.calls()) > before, caller.told)
        line.await_shown(max(line.calls()), "the caller hangs up")


def test_the_caller_in_the_first_words(line: TelephoneLine) -> None:
    with calling(line) as caller:
        caller.hang_up()
        assert caller.what()[-1] == "the caller hangs up"


def test_the_caller_in_the_whisper(line: TelephoneLine, duty_port: int) -> None:
    with in_whisper(line, duty_port, IS_HUNG_UP) as (caller, phone, _):
        caller.hang_up()
        phone.finish()
        assert "on_call not reached (canceled)" in caller.what()


def test_the_caller_in_the_talk(line: TelephoneLine, duty_port: int) -> None:
    with in_whisper(line, duty_port, IS_HUNG_UP) as (caller, phone, end):
        end.press("5")
        caller.awaits("caller and on_call talk")
        caller.hang_up()
        phone.finish()
        assert "the talk ends (by caller)" in caller.what()


def test_the_contact_in_the_whisper(line: TelephoneLine, duty_port: int) -> None:
    with in_whisper(line, duty_port, CONTACT_HANGS_UP) as (caller, phone, _):
        phone.go_on()
        phone.finish()
        caller.awaits("on_call not reached (completed)")
        caller.awaits("fi: Jos olet vaarassa", 2)
        caller.hang_up()


def test_the_contact_in_the_talk(line: TelephoneLine, duty_port: int) -> None:
    with in_whisper(line, duty_port, CONTACT_HANGS_UP) as (caller, phone, end):
        end.press("5")
        caller.awaits("caller and on_call talk")
        phone.go_on()
        phone.finish()
        caller.awaits("the talk ends (by contact)")
        caller.awaits("fi: Keskustelu päättyi.")
        caller.hang_up()
