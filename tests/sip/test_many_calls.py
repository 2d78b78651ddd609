"""Five hundred short calls in a row leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.limits import until
from tests.sip.calling import dials
from tests.sip.line import NIGHT, clean_line
from tests.sip.rtp import RtpEnd
from tests.sip.scenario import expect, pause, request, scenario
from tests.sip.sipp import sipp

CALLS, SECONDS = 500, 0.1


@pytest.mark.sip
def test_five_hundred_calls_in_a_row(town: Path) -> None:
    """No thread, no socket and no file stays open (`clean_line`), and no call is left in the transcript."""
    short = scenario(dials("[field0]"), pause(SECONDS), request("BYE", 9, again=500), expect(200))
    with clean_line(town, at=NIGHT) as line, RtpEnd() as end:
        with sipp(short, calls=line.address, number=CALLS, rate=50, rows=[str(end.port)], seconds=240) as callers:
            callers.finish(240)
        until(lambda: sum(said.endswith("the caller hangs up") for said in [*line.said]) == CALLS, line.all_told)
        assert len(line.calls()) == CALLS
        sources = {packet.source for packet in end.packets}
        assert len(sources) == CALLS  # each of them heard something
