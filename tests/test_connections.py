"""The live server against peers that stall, hang and crowd (rules O5 and O6): real sockets, a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, cast

import pytest

from ivr.connections.workers import FEW_THREADS, STARVED_SECONDS, Workers
from tests.limits import PATIENCE, until

if TYPE_CHECKING:
    from ivr.connections.connection import Connection

HALF_HEADER = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-"
HALF_BODY = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"
STALLS = {"nothing": b"", "half a header": HALF_HEADER, "half a body": HALF_BODY}
SOON = {"whole": 1.0}
"""Time enough for a request of ours on a busy machine."""


class Served:
    """The process, and connections to it that end with the test."""

    def __init__(self, stack: ExitStack, limits: dict[str, float], files: int = 1024, operators: int = 0) -> None:
        self._stack = stack
        command = [sys.executable, "-m", "tests.unruly_app", json.dumps(limits), str(files), str(operators)]
        self.process = stack.enter_context(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )
        self._said: SimpleQueue[str] = SimpleQueue()
        listening = threading.Thread(target=self._listen, daemon=True)
        listening.start()
        stack.callback(listening.join, PATIENCE)  # before what it reads is closed
        stack.callback(self.process.kill)
        self.port = int(self.heard("port").split()[1])

    def heard(self, word: str) -> str:
        """Wait until the process says something that begins with this word."""
        while line := self._said.get(timeout=PATIENCE):
            if line.startswith(word):
                return line
        assert self.process.stderr
        raise AssertionError(self.process.stderr.read())

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._said.put(line.strip())
        self._said.put("")

    def link(self, sent: bytes = b"", port: int = 0) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", port or self.port), PATIENCE)
        self._stack.enter_context(link)
        link.sendall(sent)
        return link

    def get(self, path: str, port: int = 0) -> bytes:
        return answer(self.link(request(path), port))

    def stop(self) -> None:
        """End it, with nothing on standard error."""
        self.process.send_signal(signal.SIGTERM)
        self.heard("stop")
        self.heard("end")
        assert self.process.stderr
        assert (self.process.wait(PATIENCE), self.process.stderr.read()) == (0, "")


Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda **of: Served(stack, of.pop("limits", {}), **of)


def request(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def answer(link: socket.socket) -> bytes:
    """The body of one answer with 200, which leaves the connection open."""
    head = head_of(link)
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    body = bytearray()
    while len(body) < length:
        body += link.recv(min(length - len(body), 65536))
    return bytes(body)


def head_of(link: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = link.recv(1)
        assert part, head
        head += part
    return head


def is_closed(link: socket.socket) -> bool:
    """Whether the other end closes it; waits for that."""
    try:
        return link.recv(1) == b""
    except ConnectionError:
        return True


class TestWhoKeepsUsWaiting:
    @pytest.mark.parametrize("sent", STALLS.values(), ids=STALLS)
    def test_is_closed(self, serve: Serve, sent: bytes) -> None:
        assert is_closed(serve(limits=SOON).link(sent))

    @pytest.mark.parametrize("sent", [HALF_HEADER, HALF_BODY], ids=["header", "body"])
    def test_is_closed_in_a_later_request_too(self, serve: Serve, sent: bytes) -> None:
        link = serve(limits=SOON).link(request("/"))
        assert answer(link) == b"ok"
        link.sendall(sent)
        assert is_closed(link)

    def test_wins_nothing_by_sending_byte_after_byte(self, serve: Serve) -> None:
        link = serve(limits=SOON).link(HALF_HEADER)

        def refused() -> bool:
            try:
                link.sendall(b"x")
            except ConnectionError:
                return True
            return False

        until(refused)

    def test_may_be_idle_for_longer_after_an_answer(self, serve: Serve) -> None:
        """As proxies are."""
        served = serve(limits=SOON)
        kept = served.link(request("/"))
        answer(kept)
        assert is_closed(served.link())
        kept.sendall(request("/"))
        assert answer(kept) == b"ok"

    def test_may_not_be_idle_for_ever(self, serve: Serve) -> None:
        link = serve(limits={"idle": 0.3}).link(request("/"))
        answer(link)
        assert is_closed(link)

    def test_is_closed_although_the_clock_is_set_back_a_day(self, serve: Serve) -> None:
        served = serve(limits=SOON)
        silent = served.link()
        served.get("/back")
        assert is_closed(silent)
        assert is_closed(served.link())
        assert served.get("/") == b"ok"

    def test_is_closed_when_it_does_not_take_its_answer(self, serve: Serve) -> None:
        served = serve(limits=SOON)
        kept = served.link(request("/"))
        answer(kept)

        def descriptors() -> int:
            kept.sendall(request("/descriptors"))
            return int(answer(kept))

        before = descriptors()
        held = [served.link(request("/much")) for _ in range(3)]
        until(lambda: descriptors() > before)
        until(lambda: descriptors() == before)
        assert all(link.fileno() >= 0 for link in held)

    def test_holds_no_thread_while_it_does_not_read_a_stream(self, serve: Serve) -> None:
        served = serve(limits=SOON)
        links = [served.link(request("/endless")) for _ in range(12)]
        assert served.get("/") == b"ok"
        for _ in links:
            served.heard("given up")

    def test_gets_no_second_answer_before_it_has_taken_the_first(self, serve: Serve) -> None:
        """Else a hundred requests in one packet would fill the memory."""
        served = serve()
        link = served.link(request("/much") + request("/count") + request("/count"))
        assert served.get("/") == b"ok"
        assert served.get("/count") == b"1"
        assert [len(answer(link)), answer(link), answer(link)] == [64 * 2**20, b"2", b"3"]


class TestCrowds:
    @pytest.mark.parametrize("sent", STALLS.values(), ids=STALLS)
    def test_the_oldest_make_room(self, serve: Serve, sent: bytes) -> None:
        served = serve(limits={"connections": 20, "whole": PATIENCE})
        links = [served.link(sent) for _ in range(100)]
        assert served.get("/") == b"ok"
        assert is_closed(links[0])
        links[-1].sendall(b"Length: 0\r\n\r\n" if sent == HALF_HEADER else 7 * b"x" if sent else request("/"))
        assert answer(links[-1]) == {b"": b"ok", HALF_HEADER: b"0", HALF_BODY: b"10"}[sent]

    def test_strangers_at_the_address_for_operators_take_nothing_from_callers(self, serve: Serve) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        served = serve(limits={"whole": PATIENCE}, operators=port)
        kept = served.link(request("/"))
        answer(kept)
        for _ in range(150):
            served.link(port=port)
        assert served.get("/", port=port) == b"ok"
        assert served.get("/") == b"ok"
        kept.sendall(request("/"))
        assert answer(kept) == b"ok"
        served.stop()

    def test_an_address_for_operators_that_is_taken_is_named(self, serve: Serve) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(AssertionError, match=f"OSError: .* in use: '127.0.0.1:{port}'"):
                serve(operators=port)

    def test_without_descriptors_who_waits_makes_room(self, serve: Serve) -> None:
        served = serve(files=64)
        kept = served.link(request("/eat"))
        answer(kept)
        assert served.get("/") == b"ok"
        assert is_closed(kept)

    def test_without_descriptors_and_room_one_waits(self, serve: Serve) -> None:
        served = serve(files=64)
        working = served.link(request("/eat_and_hang"))
        served.heard("hangs")
        waiting = served.link(request("/release"))
        assert served.process.stderr
        assert "cannot accept connections: Too many open files" in served.process.stderr.readline()
        served.process.send_signal(signal.SIGHUP)  # frees them
        assert [answer(waiting), answer(working)] == [b"ok", b"late"]

    def test_with_few_descriptors_fewer_connections_are_taken(self, serve: Serve) -> None:
        served = serve(files=64, limits={"whole": PATIENCE})
        for _ in range(100):
            served.link()
        assert served.get("/") == b"ok"
        served.stop()


class TestThreads:
    def test_that_hang_for_ever_take_nothing_from_others(self, serve: Serve) -> None:
        served = serve()
        hung = [served.link(request("/hang")) for _ in range(40)]
        for _ in hung:
            served.heard("hangs")
        assert served.get("/release") == b"ok"
        assert [answer(link) for link in hung] == 40 * [b"late"]

    def test_outlive_a_view_that_exits(self, serve: Serve) -> None:
        served = serve()
        for _ in range(20):
            assert is_closed(served.link(request("/exit")))
        assert served.get("/") == b"ok"


class TestBodies:
    def test_up_to_64_kilobytes_are_taken(self, serve: Serve) -> None:
        link = serve().link(b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + 65536 * b"x")
        assert answer(link) == b"65536"

    @pytest.mark.parametrize("expect", ["", "Expect: 100-continue\r\n"], ids=["sent", "announced"])
    def test_longer_ones_are_refused_before_they_come(self, serve: Serve, expect: str) -> None:
        head = f"POST /length HTTP/1.1\r\nHost: x\r\n{expect}Content-Length: 65537\r\n\r\n"
        assert head_of(serve().link(head.encode())).startswith(b"HTTP/1.1 413")

    def test_longer_ones_in_chunks_too(self, serve: Serve) -> None:
        link = serve().link(b"POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n")
        link.sendall(65537 * b"x")
        assert head_of(link).startswith(b"HTTP/1.1 413")

    def test_long_headers_are_refused(self, serve: Serve) -> None:
        assert b" 431 " in head_of(serve().link(request("/", "X: " + 32768 * "x")))

    def test_what_waitress_stumbles_over_is_told_without_quoting_it(self, serve: Serve) -> None:
        served = serve()
        assert is_closed(served.link(request("/", "Content-Length: " + 5000 * "9")))
        assert served.process.stderr
        told = served.process.stderr.readline()
        assert told == "ERROR ivr.connections.connection: a connection failed\n"
        assert served.process.stderr.readline().startswith("ValueError at ")
        assert served.get("/") == b"ok"

    def test_a_file_is_closed_although_its_bytes_are_not_taken(self, serve: Serve) -> None:
        served = serve()
        link = served.link(request("/file"))
        until(lambda: served.get("/closed") == b"True")
        assert len(answer(link)) == 64 * 2**20


class TestSignals:
    def test_no_request_is_lost_when_others_than_term_come(self, serve: Serve) -> None:
        served = serve()
        flying = [served.link(request("/hang")) for _ in range(50)]
        for _ in flying:
            served.heard("hangs")
        for number in (signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP):
            served.process.send_signal(number)
        served.heard("hup")
        served.get("/release")
        assert [answer(link) for link in flying] == 50 * [b"late"]
        served.stop()

    def test_term_is_told_at_once_and_what_has_come_is_answered(self, serve: Serve) -> None:
        served = serve()
        kept = served.link(request("/"))
        answer(kept)
        working = served.link(request("/hang"))
        served.heard("hangs")
        half = served.link(HALF_BODY)
        served.process.send_signal(signal.SIGTERM)
        served.heard("stop")
        half.sendall(7 * b"x")
        assert answer(half) == b"10"
        kept.sendall(request("/release"))
        assert b"\r\nConnection: close\r\n" in head_of(kept)
        assert answer(working) == b"late"
        served.heard("end")
        assert served.process.wait(PATIENCE) == 0

    def test_term_ends_it_whatever_hangs(self, serve: Serve) -> None:
        served = serve()
        for sent in (request("/hang"), request("/much"), request("/endless"), *STALLS.values()):
            served.link(sent)
        served.heard("hangs")
        served.process.send_signal(signal.SIGTERM)
        served.heard("stop")
        began = time.monotonic()
        served.heard("end")
        assert time.monotonic() - began < PATIENCE / 4
        assert served.process.wait(PATIENCE) == 0


class Hangs:
    """A connection whose request hangs until it is let go."""

    def __init__(self, over: threading.Event) -> None:
        self.begun, self.abandoned, self._over = threading.Event(), False, over

    def service(self) -> None:
        self.begun.set()
        self._over.wait()


def test_a_thread_that_was_given_up_has_a_successor_at_once() -> None:
    """Nobody waits for the loop to notice that all hang, and when they come back there are as many as before."""
    over, workers = threading.Event(), Workers()
    hanging = [Hangs(over) for _ in range(FEW_THREADS)]
    for each in hanging:
        workers.add_task(cast("Connection", each))
    until(lambda: all(each.begun.is_set() for each in hanging))
    for each in hanging:
        workers.replace(cast("Connection", each))
    released = threading.Event()
    released.set()
    later = [Hangs(released) for _ in range(20)]
    for each in later:
        workers.add_task(cast("Connection", each))
    until(lambda: all(each.begun.is_set() for each in later))
    assert workers._count == FEW_THREADS
    over.set()


def test_requests_that_no_thread_takes_are_told_from_those_that_wait_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where every thread that there may be hangs, the loop turns and nobody is answered: a watchdog must hear of it."""
    monkeypatch.setattr("ivr.connections.workers.MOST_THREADS", FEW_THREADS)
    over, workers = threading.Event(), Workers()
    callers = [Hangs(over) for _ in range(FEW_THREADS + 1)]
    try:
        for each in callers:
            workers.add_task(cast("Connection", each))
        until(lambda: sum(each.begun.is_set() for each in callers) == FEW_THREADS)
        now = time.monotonic()
        workers.grow(now + 2 * STARVED_SECONDS)  # there may be no more of them
        assert not workers.starve(now)
        assert workers.starve(now + 2 * STARVED_SECONDS)
    finally:
        over.set()
    until(lambda: callers[-1].begun.is_set())
    assert not workers.starve(time.monotonic() + 2 * STARVED_SECONDS)


def test_waitress_still_has_what_the_connections_build_on() -> None:
    """Names that are no promise of waitress; behind each stands a test above, but this one says it first."""
    from waitress.channel import HTTPChannel
    from waitress.server import TcpWSGIServer
    from waitress.task import Task, WSGITask

    from ivr.connections.answer import AnswerTask, _Instead, _OnePacket
    from ivr.connections.connection import Connection
    from ivr.connections.loop import ListeningSocket

    ours: list[tuple[Any, Any]] = [(Connection, HTTPChannel), (ListeningSocket, TcpWSGIServer), (AnswerTask, WSGITask)]
    ours += [(_OnePacket, Task), (_Instead, Task)]
    added = {"ready", "settle", "in_work", "keeps_us_waiting", "owes_something", "is_late", "park", "accept_some"}
    added |= {"close_late", "stop_listening", "_wanted", "_make_room", "_tell", "close_after_answer"}
    added |= {"_set_deadline", "_in_time", "execute", "give_up", "_send_instead", "instead_sent", "_timed", "_late"}
    added |= {"say_close", "_drop_if_late"}
    for mine, base in ours:
        overridden = {name for name in vars(mine) if not name.startswith("__")} - added
        assert overridden <= set(dir(base)), overridden - set(dir(base))
