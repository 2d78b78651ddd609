"""Every golden call, as it was heard and, under every way in which a carrier may behave, with what must hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.phone.network.behaviour import ALL_BEHAVIOURS, INSTANT, CarrierBehaviour
from ivr.phone.ring import BuildApp
from ivr.speech.estimate import seconds_by_locale
from tests.calls.counting import CountedLine, without_times
from tests.calls.golden import GoldenCall, Played, broken_promises, play, read_golden, rewrite

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
SHORT = sorted((Path(__file__).parent / "short").glob("*.yaml"))
"""Calls that `tests/sip/` plays in real time too: they are made to be short, and no picture of real callers."""
files = pytest.mark.parametrize("path", [*FILES, *SHORT], ids=lambda path: path.stem)


def read(path: Path) -> GoldenCall:
    golden, issues = read_golden(path)
    assert golden, "\n".join(map(str, issues))
    return golden


def played(
    golden: GoldenCall, content: Content, behaviour: CarrierBehaviour, build: BuildApp = simulated_app
) -> Played:
    return play(golden, content, build, seconds_by_locale(content.languages), behaviour)


def broken(golden: GoldenCall, content: Content, behaviour: CarrierBehaviour) -> list[str]:
    """Which promises are broken, and whether the call is counted otherwise than it was judged."""
    line = CountedLine()
    found = broken_promises(golden, played(golden, content, behaviour, line))
    counted, judged = line.counted(content), golden.must.counted
    if judged is not None and behaviour.delays != INSTANT:
        counted, judged = without_times(counted), without_times(judged)
    if judged not in (None, counted):
        found.append(f"must be counted as '{judged}'; was '{counted}'")
    if line.misdated(content, golden.begins(content)):
        found.append("must be counted when it began")
    return found


@files
def test_is_heard_as_written(path: Path, content: Content, pytestconfig: pytest.Config) -> None:
    golden = read(path)
    heard = played(golden, content, CarrierBehaviour()).text()
    if pytestconfig.getoption("--update"):
        rewrite(path, heard)
        golden = read(path)
    assert golden.heard == heard, "run pytest tests/calls --update and look at the difference"


@files
def test_keeps_its_promises_whatever_the_carrier_does(path: Path, content: Content) -> None:
    golden = read(path)
    found = {behaviour: broken(golden, content, behaviour) for behaviour in ALL_BEHAVIOURS}
    assert not {behaviour: why for behaviour, why in found.items() if why}


def test_there_are_enough() -> None:
    assert len(FILES) >= 25
