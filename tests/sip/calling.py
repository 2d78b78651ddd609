"""A call to the line by SIPp, whose sound and keys are the tests' own; and the phone that the line rings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.limits import until
from tests.sip.line import TelephoneLine
from tests.sip.rtp import RtpEnd
from tests.sip.scenario import (
    answered,
    expect,
    receive,
    request,
    response,
    response_in_dialog,
    response_to_invite,
    rung,
    scenario,
    sdp,
    told_to_go_on,
)
from tests.sip.sipp import Sipp, sipp

HANGS_UP = "\n".join([told_to_go_on(), request("BYE", 9, again=500), expect(200)])
"""The caller hangs up when the test says so."""
IS_HUNG_UP = "\n".join([receive("BYE"), response_in_dialog("200 OK")])
"""The line ends the call."""


def dials(port: int | str, *, law: str = "PCMU", name: str = "kemi") -> str:
    """The caller's phone calls, and is answered; `port`: where it wants the sound."""
    return "\n".join([request("INVITE", 1, sdp(port, law=law), name=name, again=500), answered(), request("ACK", 1)])


def picks_up(port: int) -> str:
    """The contact's phone rings until the test says so, and is answered then."""
    parts = [
        rung(),
        response("180 Ringing"),
        told_to_go_on(),
        response_to_invite("200 OK", sdp(port), again=500),
        receive("ACK"),
    ]
    return "\n".join(parts)


def picks_up_never() -> str:
    """The contact's phone rings until the line gives up."""
    parts = [rung(), response("180 Ringing"), receive("CANCEL"), response_in_dialog("200 OK")]
    return "\n".join([*parts, response_to_invite("487 Request Terminated"), receive("ACK")])


@dataclass
class Calling:
    """A call to the line. `number`: of the call in the line's transcript."""

    line: TelephoneLine
    sipp: Sipp
    end: RtpEnd
    number: int

    def press(self, key: str) -> None:
        """Press a key, and wait until the line has heard it."""
        before = self.pressed()
        self.end.press(key)
        until(lambda: len(self.pressed()) > len(before), self.line.all_told)

    def pressed(self) -> str:
        """The keys that the line has heard."""
        return "".join(what[-1] for what in self.what() if what.startswith("caller presses "))

    def what(self) -> list[str]:
        """The transcript of the call."""
        return self.line.what(self.number)

    def awaits(self, what: str, times: int = 1) -> None:
        """Wait until a line that begins so stands in the transcript."""
        self.line.await_shown(self.number, what, times)

    def rings_on_call(self) -> None:
        """Choose Finnish and help at once, up to the ringing of whoever is on call."""
        self.press("1")
        self.press("0")
        self.awaits("rings on_call")

    def hears_out(self) -> None:
        """Listen a little longer: the end of a sentence is on its way when the transcript shows the next one."""
        self.end.await_sound(len(self.end.sounds()) + 20)

    def hang_up(self) -> None:
        """Hang up, and wait until the line has seen it."""
        self.sipp.go_on()
        self.sipp.finish()
        self.awaits("the caller hangs up")


@contextmanager
def calling(
    line: TelephoneLine, *, law: str = "PCMU", name: str = "kemi", then: str = HANGS_UP, seconds: int = 120
) -> Iterator[Calling]:
    """Call a line. `then`: what SIPp does in the call. `seconds`: after which SIPp gives up."""
    number = max(line.calls(), default=0) + 1
    with (
        RtpEnd(law) as end,
        sipp(scenario(dials(end.port, law=law, name=name), then), calls=line.address, seconds=seconds) as called,
    ):
        until(lambda: end.sounds() or called.ended(), called.told)
        end.start_sending()
        yield Calling(line, called, end, number)
