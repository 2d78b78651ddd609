"""A real line tells its service manager that it answers, and no longer once it does not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ivr.service_manager import ServiceManager
from tests.faults.served import Served, served
from tests.limits import PATIENCE, until

USEC = "200000"
"""Short, so that a test waits for few seconds; nobody kills the line after it."""


@contextmanager
def socket_at(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(path))
        told.settimeout(PATIENCE)
        yield told


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """What a service manager reads."""
    with socket_at(tmp_path / "notify") as told:
        yield told


@pytest.fixture
def line(template: Path, tmp_path: Path, manager: socket.socket) -> Iterator[Served]:
    with served(template, tmp_path / "line", NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC=USEC) as line:
        yield line


def heard(told: socket.socket) -> str:
    return told.recv(1000).decode()


def unread(told: socket.socket) -> list[str]:
    found = list[str]()
    told.setblocking(False)
    try:
        while True:
            found.append(heard(told))
    except BlockingIOError:
        return found
    finally:
        told.settimeout(PATIENCE)


def test_it_tells_when_it_answers_that_it_goes_on_and_when_it_ends(line: Served, manager: socket.socket) -> None:
    line.launch()
    assert heard(manager) == "READY=1"
    line.answers()
    assert line.public_status() == 200
    assert [heard(manager) for _ in range(3)] == 3 * ["WATCHDOG=1"]
    assert line.stop() == 0
    assert unread(manager)[-1] == "STOPPING=1\nWATCHDOG=1"
    assert "service manager" not in "".join(line.told)


@pytest.mark.parametrize("fault", ["loop-hangs", "no-thread-answers"])
def test_a_line_that_answers_nobody_tells_nothing(
    line: Served, manager: socket.socket, tmp_path: Path, fault: str
) -> None:
    line.start()
    assert [heard(manager), heard(manager)] == ["READY=1", "WATCHDOG=1"]
    line.plant(fault)
    env = {"NOTIFY_SOCKET": str(tmp_path / "other"), "WATCHDOG_USEC": USEC}
    with socket_at(tmp_path / "other") as other, closing(ServiceManager(env)) as beside:

        def would_have_told() -> bool:
            beside.goes_on()
            return bool(unread(other))

        def silent_while_another_would_have_told_ten_times() -> bool:
            unread(manager)
            for _ in range(10):
                until(would_have_told)
            return not unread(manager)

        until(silent_while_another_would_have_told_ten_times)
    assert line.process
    assert line.process.poll() is None, "that the process lives is not enough"
