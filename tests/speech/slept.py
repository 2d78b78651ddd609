"""A clock for engines over a network: nobody waits in a test of how they wait."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ivr.speech import network


class Slept(list[float]):
    """A clock that moves by sleeping alone, which takes no time and is noted, but for moments between two requests."""

    now = 0.0

    def __call__(self, seconds: float) -> None:
        self.now += seconds
        if seconds > 0.01:
            self.append(seconds)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> Slept:
    slept = Slept()
    monkeypatch.setattr(network, "time", SimpleNamespace(monotonic=lambda: slept.now))
    return slept
