"""One answer and its limit, by small applications behind the real server: whatever they do, one answer comes."""

from __future__ import annotations

import gc
import socket
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import pytest

from ivr.connections.answer import DEADLINE, SetDeadline, WsgiReply
from ivr.connections.connection import Connection
from ivr.connections.loop import Loop
from ivr.connections.workers import FEW_THREADS, Workers
from tests.limits import PATIENCE, until
from tests.serving import served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOUR = 3600.0
OTHER = WsgiReply("200 OK", [("Content-Length", "5")], b"other")


def other() -> WsgiReply:
    return OTHER


class Asked:
    """An application that does `work` and then answers; `work` gets the function that sets a limit."""

    def __init__(self) -> None:
        self.work: Callable[[SetDeadline], object] = lambda _set_deadline: None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.work(environ[DEADLINE])
        start_response("200 OK", [("Content-Length", "3")])
        return [b"own"]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def link(asked: Asked) -> Iterator[socket.socket]:
    with served(asked) as address:
        parts = urlsplit(address)
        with socket.create_connection((parts.hostname, parts.port), PATIENCE) as link:
            yield link


def whole(link: socket.socket) -> bytes:
    return b"".join(iter(lambda: link.recv(65536), b""))


def connection_of(set_deadline: SetDeadline) -> Connection:
    return cast("Connection", set_deadline.__self__.channel)  # type: ignore[attr-defined]


def test_a_limit_counts_from_when_the_request_came(asked: Asked, link: socket.socket) -> None:
    """Else whoever has waited for a thread waits again for the step in it: longer than the provider does."""
    over = threading.Event()

    def work(set_deadline: SetDeadline) -> None:
        connection_of(set_deadline).queued -= HOUR  # so long no thread was free
        set_deadline(HOUR, other)
        over.wait()

    asked.work = work
    link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        assert whole(link).endswith(b"\r\n\r\nother")
    finally:
        over.set()


def test_waiting_for_a_thread_counts() -> None:
    over, workers = threading.Event(), Workers()

    class Hangs:
        def __init__(self) -> None:
            self.queued, self.abandoned, self.begun = 0.0, False, threading.Event()

        def service(self) -> None:
            self.begun.set()
            over.wait()

    first, last = [Hangs() for _ in range(FEW_THREADS)], Hangs()
    for each in first:
        workers.add_task(cast("Connection", each))
    until(lambda: all(each.begun.is_set() for each in first))
    workers.add_task(cast("Connection", last))
    assert last.queued >= max(each.queued for each in first) > 0
    assert not last.begun.is_set()
    over.set()


@pytest.mark.parametrize("error", [ValueError, OSError, SystemExit])
def test_an_application_that_fails_in_time_is_not_late(
    asked: Asked, link: socket.socket, error: type[BaseException]
) -> None:
    """Nothing hangs: nobody is told so, and no thread is replaced."""
    loops = list[Loop]()

    def work(set_deadline: SetDeadline) -> None:
        loops.append(connection_of(set_deadline).loop)
        set_deadline(HOUR, other)
        raise error

    asked.work = work
    link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    got = whole(link)
    assert got.startswith(b"HTTP/1.1 500 ") or (error is SystemExit and not got)
    assert [*loops[0].deadlines.overdue(float("inf"))] == []


@pytest.mark.parametrize("error", [ValueError, OSError, SystemExit])
def test_an_application_that_fails_too_late_says_nothing(
    asked: Asked, link: socket.socket, error: type[BaseException]
) -> None:
    """The other answer is on its way, however long it takes to be made."""
    making, failed_in = threading.Event(), list[threading.Thread]()

    def waits_or_has_ended() -> bool:
        (thread,) = failed_in
        frame = sys._current_frames().get(thread.ident or 0)
        return frame is None or frame.f_code is threading.Condition.wait.__code__

    def slowly() -> WsgiReply:
        making.set()
        until(lambda: failed_in)
        until(waits_or_has_ended)
        return OTHER

    def work(set_deadline: SetDeadline) -> None:
        set_deadline(0.0, slowly)
        making.wait()
        failed_in.append(threading.current_thread())
        raise error

    asked.work = work
    link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    got = whole(link)
    assert got.endswith(b"\r\n\r\nother")
    assert got.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("why", ["late", "stopping"])
def test_whoever_asks_to_keep_a_connection_is_told_that_it_closes(asked: Asked, link: socket.socket, why: str) -> None:
    """By HTTP/1.0 both may be said, and a proxy that believes the wrong one loses its next request."""
    over = threading.Event()

    def work(set_deadline: SetDeadline) -> None:
        if why == "late":
            set_deadline(0.0, other)
            over.wait()
        else:
            connection_of(set_deadline).loop.draining = True

    asked.work = work
    link.sendall(b"GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n")
    try:
        head = whole(link).partition(b"\r\n\r\n")[0]
    finally:
        over.set()
    assert [line for line in head.split(b"\r\n") if line.startswith(b"Connection")] == [b"Connection: close"]


def test_nothing_of_an_answer_is_kept_once_it_is_sent(asked: Asked, link: socket.socket) -> None:
    """Not until the garbage collector comes: it would find a circle in each answer, and the form of a caller in it."""
    answers = list[weakref.ref[object]]()
    asked.work = lambda set_deadline: answers.append(weakref.ref(set_deadline.__self__))  # type: ignore[attr-defined]
    gc.disable()
    try:
        link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert whole(link).endswith(b"own")
        until(lambda: answers[0]() is None)
    finally:
        gc.enable()
