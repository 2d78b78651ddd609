"""What a service manager is told, by a real socket of its kind: sd_notify(3) and sd_watchdog_enabled(3)."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ivr.service_manager import ServiceManager

LIMIT = 10_000_000


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["a path", "an abstract name"])
def listening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """A name for the environment, and the socket that has it."""
    name = str(tmp_path / "notify") if request.param == "a path" else f"@{tmp_path}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(name.replace("@", "\0"))
        told.setblocking(False)
        yield name, told


def words(told: socket.socket) -> list[str]:
    """All that has been told and was not read."""
    found = list[str]()
    try:
        while True:
            found.append(told.recv(1000).decode())
    except BlockingIOError:
        return found


def test_it_is_told_what_begins_and_ends(listening: tuple[str, socket.socket]) -> None:
    name, told = listening
    with closing(ServiceManager({"NOTIFY_SOCKET": name})) as manager:
        manager.ready()
        assert words(told) == ["READY=1"]
        manager.goes_on()
        assert words(told) == [], "nobody watches"
        manager.stopping()
        assert words(told) == ["STOPPING=1"]


def test_the_watchdog_is_told_four_times_in_its_limit(listening: tuple[str, socket.socket]) -> None:
    name, told = listening
    clock = Clock()
    env = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": str(LIMIT), "WATCHDOG_PID": str(os.getpid())}
    with closing(ServiceManager(env, clock)) as manager:
        for _ in range(41):  # ten seconds of turns, four a second
            manager.goes_on()
            clock.now += 0.25
        assert words(told) == 5 * ["WATCHDOG=1"]
        manager.stopping()
        assert words(told) == ["STOPPING=1\nWATCHDOG=1"], "what is answered at the end has the whole limit"


@pytest.mark.parametrize("watched", [{"WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": ""}])
def test_another_process_is_watched_or_nobody(
    listening: tuple[str, socket.socket], watched: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    name, told = listening
    with closing(ServiceManager({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": str(LIMIT), **watched})) as manager:
        manager.goes_on()
    assert words(told) == []
    assert caplog.messages == []


@pytest.mark.parametrize("name", ["", "vsock:2:1234", "notify"])
def test_where_there_is_none_nothing_is_told(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with closing(ServiceManager({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": str(LIMIT)})) as manager:
        manager.ready()
        manager.goes_on()
        manager.stopping()
    assert caplog.messages == []


@pytest.mark.parametrize("name", ["/there/is/none", "/" + 200 * "x"], ids=["gone", "too long"])
def test_one_that_cannot_be_told_is_a_warning_once(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), closing(ServiceManager({"NOTIFY_SOCKET": name})) as manager:
        manager.ready()
        manager.stopping()
    (message,) = caplog.messages
    assert message.startswith("the service manager cannot be told READY=1: ")


def test_one_that_reads_nothing_keeps_nobody_waiting(listening: tuple[str, socket.socket]) -> None:
    name, told = listening
    with closing(ServiceManager({"NOTIFY_SOCKET": name})) as manager:
        for _ in range(5000):  # far more than a queue holds
            manager.ready()
        assert 0 < len(words(told)) < 5000
        manager.ready()
        assert words(told) == ["READY=1"], "it hears again"
