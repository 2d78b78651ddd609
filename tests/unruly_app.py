"""A small application behind the live server, in a process of its own: it hangs, streams, eats and fails when asked."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from itertools import count
from typing import IO, TYPE_CHECKING, Any

from ivr.connections.connection import Limits
from ivr.serve import log_without_words, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MUCH = 64 * 2**20
"""More bytes than the kernels of both ends hold for a peer that does not read."""
released = threading.Event()
counted = count(1)
eaten = list[int]()
sent = list[IO[bytes]]()


def app(environment: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Answers what the path says."""
    body = environment["wsgi.input"].read()
    path = environment["PATH_INFO"]
    headers = [("Content-Type", "text/plain")]
    if path == "/endless":
        start("200 OK", headers)
        return endless()
    if path == "/file":
        sent.append(tempfile.TemporaryFile())  # noqa: SIM115 - the server closes it
        sent[-1].truncate(MUCH)
        start("200 OK", [*headers, ("Content-Length", str(MUCH))])
        return environment["wsgi.file_wrapper"](sent[-1])  # type: ignore[no-any-return]
    answer = ANSWERS[path](body) if path in ANSWERS else b"ok"
    start("200 OK", [*headers, ("Content-Length", str(len(answer)))])
    return [answer]


def endless() -> Iterator[bytes]:
    try:
        while True:
            yield b"x" * 2**20
    finally:
        say("given up")


def hang(_body: bytes) -> bytes:
    say("hangs")
    released.wait()
    return b"late"


def release(_body: bytes) -> bytes:
    released.set()
    return b"ok"


def set_the_clock_back(_body: bytes) -> bytes:
    true = time.time
    time.time = lambda: true() - 86_400
    return b"ok"


def eat(_body: bytes) -> bytes:
    """Use up all descriptors."""
    try:
        while True:
            eaten.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return b"ok"


def eat_and_hang(body: bytes) -> bytes:
    return eat(body) and hang(body)


def spit_out() -> None:
    say("hup")
    while eaten:
        os.close(eaten.pop())


def say(word: str) -> None:
    os.write(1, f"{word}\n".encode())  # at once: threads would mix the parts of print()


ANSWERS: dict[str, Any] = {
    "/count": lambda _body: str(next(counted)).encode(),
    "/length": lambda body: str(len(body)).encode(),
    "/much": lambda _body: b"x" * MUCH,
    "/hang": hang,
    "/release": release,
    "/back": set_the_clock_back,
    "/eat": eat,
    "/eat_and_hang": eat_and_hang,
    "/exit": sys.exit,
    "/descriptors": lambda _body: str(len(os.listdir("/dev/fd"))).encode(),  # noqa: PTH208
    "/closed": lambda _body: str([file.closed for file in sent] == [True]).encode(),
}


def main() -> None:
    """Arguments: fields of `Limits` as JSON; descriptors; the port for operators."""
    limits, files, port = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    log_without_words()
    serve(
        app,
        "127.0.0.1",
        0,
        lambda _host, port: say(f"port {port}"),
        also=[(app, "127.0.0.1", port)] if port else [],
        on_hup=spit_out,
        on_stop=lambda: say("stop"),
        limits=Limits(**limits),
    )
    say("end")


if __name__ == "__main__":
    main()
