"""Every golden call, as it was heard and, under every way in which a carrier may behave, with what must hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.phone.network.carrier import ALL_BEHAVIOURS, CarrierBehaviour
from ivr.speech.estimate import seconds_by_locale
from tests.calls.golden import GoldenCall, Played, broken_promises, play, read_golden, rewrite

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
files = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def read(path: Path) -> GoldenCall:
    golden, issues = read_golden(path)
    assert golden, "\n".join(map(str, issues))
    return golden


def played(golden: GoldenCall, content: Content, behaviour: CarrierBehaviour) -> Played:
    return play(golden, content, simulated_app, seconds_by_locale(content.languages), behaviour)


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
    broken = {
        behaviour: found
        for behaviour in ALL_BEHAVIOURS
        if (found := broken_promises(golden, played(golden, content, behaviour)))
    }
    assert not broken


def test_there_are_enough() -> None:
    assert len(FILES) >= 25
