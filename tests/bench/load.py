"""A load of signed webhooks over keep-alive connections, and how long each answer took.

One thread and bare sockets: it takes less time for a request than any server of the bench, which is what is measured.
"""

from __future__ import annotations

import gc
import heapq
import hmac
import re
import select
import socket
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, cycle, islice
from urllib.parse import urlencode, urlsplit

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
MOMENTS = 16
"""Callers who pause begin at so many different moments: they do not all press at once."""


@dataclass(frozen=True)
class Load:
    """What came of a load: answers a second, and milliseconds below which half and 99 % of the answers stayed."""

    per_second: float
    p50: float
    p99: float


def signature(token: str, url: str, form: dict[str, str]) -> str:
    """What Twilio sends in `X-Twilio-Signature`; several times faster than the vendor's own: calls are many."""
    signed = url + "".join(name + value for name, value in sorted(form.items()))
    return b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


TOKENS = count(1)
"""Each request has its own: only retries of one share it."""


def webhook(public_url: str, token: str, path: str, form: dict[str, str]) -> bytes:
    """One signed request, as a proxy that ends https passes it on."""
    body = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(public_url).netloc}\r\nConnection: keep-alive\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nUser-Agent: TwilioProxy/1.1\r\n"
        f"I-Twilio-Idempotency-Token: {next(TOKENS):032x}\r\n"
        f"X-Twilio-Signature: {signature(token, public_url + path, form)}\r\n"
        f"X-Forwarded-Proto: https\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def download(path: str) -> bytes:
    """One request for a clip, ready to be sent."""
    return f"GET {path} HTTP/1.1\r\nHost: line.example.fi\r\nConnection: keep-alive\r\n\r\n".encode()


def put_load(address: str, requests: Sequence[bytes], *, callers: int, count: int, pause: float = 0.0) -> Load:
    """Send `count` requests, these over and over, as `send` does."""
    return send(address, islice(cycle(requests), count), callers=callers, pause=pause)


def send(address: str, requests: Iterable[bytes], *, callers: int, pause: float = 0.0) -> Load:
    """Send the requests by so many callers at once, each of whom waits for its answer, then pauses so many seconds.

    RuntimeError if any is not answered with 200.
    """
    gc.freeze()  # a collection of all that the bench holds would be told as a slow answer
    clients = _Callers(address, iter(requests), callers, pause)
    began = time.perf_counter()
    try:
        clients.run()
        seconds = time.perf_counter() - began
    finally:
        clients.close()
    times = sorted(clients.times)
    return Load(len(times) / seconds, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000)


def whole(answer: bytes | bytearray) -> bool:
    """Whether an answer has come whole. RuntimeError if it is another one than 200, or does not say how long it is."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    length = LENGTH.search(answer, 0, end + 2)
    if not answer.startswith(b"HTTP/1.1 200") or not length:
        raise RuntimeError(answer[:end].decode("latin-1"))
    return len(answer) >= end + 4 + int(length[1])


class _Callers:
    """Callers by their numbers. Each connects with its first request, as a proxy does, and keeps its connection."""

    def __init__(self, address: str, requests: Iterator[bytes], callers: int, pause: float) -> None:
        self.times: list[float] = []
        self._address = urlsplit(address)
        self._requests, self._pause = requests, pause
        self._poll = select.epoll()
        self._links: dict[int, socket.socket] = {}
        self._callers: dict[int, int] = {}  # descriptor -> caller
        self._due: list[tuple[float, int, bytes]] = []
        self._come: dict[
            int, tuple[float, bytearray]
        ] = {}  # since when an answer is waited for, and what has come of it
        now = time.perf_counter()
        for number in range(callers):
            self._next(number, now + pause * (number % MOMENTS) / MOMENTS)

    def run(self) -> None:
        """Until all requests are answered."""
        while self._due or self._come:
            now = time.perf_counter()
            if self._due and self._due[0][0] <= now:
                self._ask(*heapq.heappop(self._due)[1:])
                continue
            for descriptor, _ in self._poll.poll(self._due[0][0] - now if self._due else None):
                self._read(self._callers[descriptor])

    def _next(self, number: int, when: float) -> None:
        if (request := next(self._requests, None)) is not None:
            heapq.heappush(self._due, (when, number, request))
        elif link := self._links.get(number):
            self._poll.unregister(link)

    def _ask(self, number: int, request: bytes) -> None:
        link = self._links.get(number) or self._connected(number)
        self._come[number] = time.perf_counter(), bytearray()
        link.sendall(request)

    def _connected(self, number: int) -> socket.socket:
        link = self._links[number] = socket.create_connection((self._address.hostname, self._address.port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._callers[link.fileno()] = number
        self._poll.register(link, select.EPOLLIN)
        return link

    def _read(self, number: int) -> None:
        data = self._links[number].recv(65536)
        if not data or number not in self._come:
            raise RuntimeError("a connection was closed, or sent what nobody asked for")
        began, come = self._come[number]
        come += data
        if whole(come):
            now = time.perf_counter()
            self.times.append(now - began)
            del self._come[number]
            self._next(number, now + self._pause)

    def close(self) -> None:
        """Close all connections."""
        self._poll.close()
        for link in self._links.values():
            link.close()
