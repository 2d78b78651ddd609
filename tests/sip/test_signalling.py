"""An INVITE that comes again, another in the call, hold, a transfer, any name; and strangers."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.limits import until
from tests.sip.calling import HANGS_UP, calling
from tests.sip.line import NIGHT, TelephoneLine, clean_line
from tests.sip.rtp import RtpEnd
from tests.sip.scenario import (
    Direction,
    answered,
    expect,
    pause,
    receive,
    request,
    response_in_dialog,
    scenario,
    sdp,
    told_to_go_on,
)
from tests.sip.sipp import sipp
from tests.sip.softphone import softphone


@pytest.fixture(scope="module")
def line(town: Path) -> Iterator[TelephoneLine]:
    with clean_line(town, at=NIGHT) as running:
        yield running


def test_an_invite_that_comes_again_is_the_same_call(line: TelephoneLine) -> None:
    """A phone repeats it that has not heard the answer. It is answered again within half a second, in the same call."""
    before = len(line.calls())
    with RtpEnd() as end:
        invite = request("INVITE", 1, sdp(end.port))
        repeats = scenario(invite, answered(), invite, pause(0.8), request("ACK", 1), HANGS_UP)
        with sipp(repeats, calls=line.address) as caller:
            caller.await_message("> ACK")
            caller.go_on()
            caller.finish()
            shown = caller.shown()
            answers = [message for message in caller.messages() if not message.sent and message.what == "200"]
    line.await_shown(max(line.calls()), "the caller hangs up")
    assert len(line.calls()) == before + 1
    assert shown.count("> INVITE") >= 2  # SIPp sends it a third time when the answer comes again
    assert shown[shown.index("> INVITE", 1) :].count("< 200") >= 2  # its own, and that of the BYE
    assert len({answer.header("To") for answer in answers}) == 1


def test_an_invite_in_the_call_moves_its_sound(line: TelephoneLine) -> None:
    with RtpEnd() as other:
        moves = [told_to_go_on(), request("INVITE", 2, sdp(other.port, version=2), again=500)]
        with calling(line, then="\n".join([*moves, answered(), request("ACK", 2), HANGS_UP])) as caller:
            caller.sipp.go_on()
            other.await_sound(25)
            other.start_sending()
            other.press("1")
            caller.awaits("caller presses 1")
            caller.hang_up()


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_a_call_on_hold_goes_on_afterwards(line: TelephoneLine, direction: Direction) -> None:
    """No sound comes while the phone wants none; the call goes on, and is heard where it is then."""
    with RtpEnd() as other:
        holds = [told_to_go_on(), request("INVITE", 2, sdp(other.port, direction=direction, version=2)), answered()]
        back = [told_to_go_on(), request("INVITE", 3, sdp(other.port, version=3)), answered(), request("ACK", 3)]
        with calling(line, then="\n".join([*holds, request("ACK", 2), *back, HANGS_UP])) as caller:
            caller.sipp.go_on()
            caller.sipp.await_message("> ACK", 2)
            caller.awaits("sv: ")  # a sentence on hold
            assert not other.sounds()
            caller.sipp.go_on()
            other.await_sound(25)
            other.start_sending()
            other.press("1")
            caller.awaits("caller presses 1")
            caller.hang_up()


def test_a_softphone_holds_the_call_and_comes_back(line: TelephoneLine) -> None:
    number = max(line.calls(), default=0) + 1
    with softphone() as caller:
        caller.dial(line.sip())
        line.await_shown(number, "fi: ")
        caller.await_event("CALL_ESTABLISHED")
        caller.hold()
        caller.await_event("CALL_REMOTE_SDP", times=2)
        caller.resume()
        caller.await_event("CALL_REMOTE_SDP", times=3)
        caller.press("1")
        line.await_shown(number, "caller presses 1")
        caller.hang_up()
        line.await_shown(number, "the caller hangs up")


def test_a_transfer_by_the_phone_is_refused(line: TelephoneLine) -> None:
    """REFER asks the line to call whom the caller names; it is told that this is declined, and the call goes on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.setblocking(False)
        headers = [f"Refer-To: <sip:else@127.0.0.1:{elsewhere.getsockname()[1]}>"]
        notified = [receive("NOTIFY"), response_in_dialog("200 OK")]
        refers = [told_to_go_on(), request("REFER", 2, headers=headers), expect(202), *notified, *notified]
        with calling(line, then="\n".join([*refers, HANGS_UP])) as caller:
            caller.sipp.go_on()
            caller.sipp.await_message("< NOTIFY", 2)
            told = [message.text for message in caller.sipp.messages() if message.what == "NOTIFY"]
            assert told[-1].rstrip().endswith("SIP/2.0 603 Decline")
            caller.press("1")
            caller.hang_up()
        with pytest.raises(BlockingIOError):
            elsewhere.recv(1)


OFFERS = {
    "no sound that the line has": ("RTP/AVP 0 101", "RTP/AVP 3", 488, "it offers no sound that the line has"),
    "sound elsewhere": ("c=IN IP4 127.0.0.1", "c=IN IP4 192.0.2.1", 500, "its sound is at 192.0.2.1"),
    "sound by IPv6": ("c=IN IP4 127.0.0.1", "c=IN IP6 ::1", 488, "it offers its sound by IPv6 only"),
}
"""What a phone offers: which words of its SDP are others, how it is refused, and what is told where the line runs."""


@pytest.mark.parametrize(("usual", "offered", "status", "why"), OFFERS.values(), ids=OFFERS)
def test_why_a_phone_is_refused_is_told(line: TelephoneLine, usual: str, offered: str, status: int, why: str) -> None:
    offer = sdp(9)
    assert usual in offer
    refused = scenario(
        request("INVITE", 1, offer.replace(usual, offered)), expect(status), request("ACK", 1, of="INVITE 1")
    )
    with sipp(refused, calls=line.address) as caller:
        caller.finish()
    until(lambda: any(why in told for told in line.told), line.all_told)


@pytest.mark.parametrize("name", ["on_call", "+358400291141", "phone", "sip%3Aduty"])
def test_whatever_name_is_dialled_the_line_answers(line: TelephoneLine, name: str) -> None:
    """Nobody can dial through the line: a name never chooses who is rung."""
    with calling(line, name=name) as caller:
        caller.awaits("fi: Kemin sosiaalitoimisto.")
        caller.hang_up()
        assert not [what for what in caller.what() if what.startswith("rings ")]


def test_a_stranger_gets_no_answer_at_all(line: TelephoneLine) -> None:
    """Not even a refusal; it is the same for what is no call."""
    strangers = other_addresses()
    assert strangers, "needs an IPv4 address beside 127.0.0.1: connect this machine to a network"
    before = len(line.calls())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((strangers[0], 0))
        stranger.settimeout(1.0)
        host, port = stranger.getsockname()
        for method in ("OPTIONS", "INVITE"):
            lines = (
                f"{method} sip:kemi@{line.address} SIP/2.0",
                f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK-{method}",
                f"From: <sip:stranger@{host}>;tag=1",
                f"To: <sip:kemi@{line.address}>",
                f"Call-ID: {method}@{host}",
                f"CSeq: 1 {method}",
                f"Contact: <sip:stranger@{host}:{port}>",
                "Content-Length: 0",
            )
            stranger.sendto("".join(f"{line}\r\n" for line in (*lines, "")).encode(), ("127.0.0.1", line.port))
        with pytest.raises(TimeoutError):
            stranger.recv(1)
    with calling(line) as caller:  # others are answered
        caller.hang_up()
    assert len(line.calls()) == before + 1


def other_addresses() -> list[str]:
    """The IPv4 addresses of this machine that are not of the loopback interface."""
    trie = Path("/proc/net/fib_trie").read_text(encoding="ascii")
    found = re.findall(r"\|-- ([\d.]+)\n +/32 host LOCAL", trie)
    return sorted({address for address in found if not address.startswith("127.")})
