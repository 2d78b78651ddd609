"""What the SIP stack logs, as it is told at the terminal."""

from __future__ import annotations

import logging

import pytest

from ivr.phone.sip.refusals import Refusals


@pytest.mark.parametrize("logged", ["jbuf: invalid ts_arrive header!", "ua: call_alloc: Protocol error [71]"])
def test_what_says_nothing_to_a_person_is_not_told(logged: str, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    record = logging.LogRecord("baresip.native", logging.WARNING, "", 0, logged, None, None)
    Refusals("127.0.0.1", told.append).emit(record)
    assert not told
    assert not caplog.records
