"""What the journal is given of a step: the values, and not only their names."""

from __future__ import annotations

import io
import re
import time
from itertools import count

import pytest

from ivr.core.call import CallStarted, KeyPressed, NoInput, StepTaken
from ivr.core.content import Content
from ivr.journal import Journal
from tests.telephony.conftest import DAY, Line

STARTED = int(DAY.timestamp())


class Kept(Journal):
    """A journal that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.taken: list[StepTaken] = []

    def record(self, taken: StepTaken) -> None:
        self.taken.append(taken)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def line(content: Content, kept: Kept) -> Line:
    return Line(content, journal=kept)


def test_the_first_step_of_a_call(line: Line, kept: Kept) -> None:
    line.post("/voice", {"CallSid": "CA7"})
    (taken,) = kept.taken
    assert (taken.call_id, taken.node, taken.event) == ("CA7", "", CallStarted())
    assert (taken.phone_open, taken.now, taken.started) == (True, DAY, STARTED)
    assert taken.step.path[-1] == taken.step.state.node


def test_a_later_step_of_a_call_by_night(content: Content, kept: Kept) -> None:
    night = DAY.replace(hour=22)
    started = int(night.timestamp()) - 60
    line = Line(content, now=night, journal=kept)
    line.post(f"/voice/at/main_closed?lang=sv&matter=child&try=1&t={started}", {"CallSid": "CA7", "Digits": "#"})
    line.post(f"/voice/at/main_closed?lang=sv&matter=child&t={started}", {"CallSid": "CA8"})
    key, silence = kept.taken
    assert (key.call_id, key.node, key.event) == ("CA7", "main_closed", KeyPressed("#", ""))
    assert (key.phone_open, key.now, key.started) == (False, night, started)
    assert (key.step.exit, key.step.state.language, key.step.state.matter) == ("harmless", "sv", "child")
    assert (silence.call_id, silence.node, silence.event) == ("CA8", "main_closed", NoInput())


def test_how_long_it_took_is_in_milliseconds(line: Line, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    quarters = count(1000)
    monkeypatch.setattr(time, "perf_counter", lambda: next(quarters) / 4)
    line.post("/voice")
    assert kept.taken[0].took % 250 == 0
    assert 250 <= kept.taken[0].took <= 250 * 100


def test_an_error_is_told_by_its_kind_and_every_place_down_to_where_it_broke(
    line: Line, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> None:
        raise ValueError("+358401234567 said so")

    monkeypatch.setattr("ivr.telephony.twilio.provider.Twilio.read", broken)
    line.post("/voice")
    (told,) = {record.getMessage() for record in caplog.records if "ValueError" in record.getMessage()}
    places = re.search(r" at ((?:[\w<>]+:\d+ > )+)broken:(\d+)$", told)
    assert places
    assert "_step:" in places[1]
    assert int(places[2]) == broken.__code__.co_firstlineno + 1
    assert "+358" not in told
