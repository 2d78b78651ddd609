"""A network that loses packets and brings them late and out of order: no key is lost, none counts twice."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.limits import until
from tests.sip.calling import HANGS_UP, Calling, dials
from tests.sip.line import NIGHT, TelephoneLine, clean_line
from tests.sip.rtp import Relay, RtpEnd
from tests.sip.scenario import scenario
from tests.sip.sipp import sipp

KEYS = "1*2*3*4*5*6*1*2*3*"
"""A language and back, again and again."""
SEEDS = range(8)
HELD = 0.12
LOSS, JITTER = 0.03, 0.04


def call_through(line: TelephoneLine, number: int, seed: int, opened: ExitStack) -> Calling:
    """A call whose sound and keys go through a relay."""
    end = opened.enter_context(RtpEnd())
    relay = opened.enter_context(Relay(seed, ("127.0.0.1", end.port), loss=LOSS, jitter=JITTER))
    end.peer = ("127.0.0.1", relay.inside)
    caller = opened.enter_context(sipp(scenario(dials(relay.outside), HANGS_UP), calls=line.address))
    end.await_sound(10)
    end.start_sending()
    line.await_shown(number, "fi: Kemin")
    return Calling(line, caller, end, number)


@pytest.mark.sip
def test_no_key_is_lost(town: Path) -> None:
    with clean_line(town, at=NIGHT) as line, ExitStack() as opened:
        callers = [call_through(line, number, seed, opened) for number, seed in enumerate(SEEDS, 1)]
        for count, key in enumerate(KEYS, 1):
            for caller in callers:
                caller.end.press(key, HELD)
            for caller in callers:
                until(lambda: len(caller.pressed()) >= count, line.all_told)  # noqa: B023 - asked in this round
        for caller in callers:
            caller.hang_up()
            assert caller.pressed() == KEYS
