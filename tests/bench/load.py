"""A load of signed webhooks over keep-alive connections, and how long each answer took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator


@dataclass(frozen=True)
class Load:
    """What came of a load: answers a second, and milliseconds below which half and 99 % of the answers stayed."""

    per_second: float
    p50: float
    p99: float


def webhook(public_url: str, token: str, path: str, form: dict[str, str]) -> bytes:
    """One signed request, ready to be sent."""
    body = urlencode(form).encode()
    signature = RequestValidator(token).compute_signature(public_url + path, form)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(public_url).netloc}\r\nConnection: keep-alive\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nUser-Agent: TwilioProxy/1.1\r\n"
        f"I-Twilio-Idempotency-Token: 5d6e\r\nX-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def download(path: str) -> bytes:
    """One request for a clip, ready to be sent."""
    return f"GET {path} HTTP/1.1\r\nHost: line.example.fi\r\nConnection: keep-alive\r\n\r\n".encode()


def put_load(address: str, requests: Sequence[bytes], *, callers: int, count: int, pause: float = 0.0) -> Load:
    """Send `count` requests by so many callers at once, each pausing so many seconds before it sends the next.

    RuntimeError if any is not answered with 200.
    """
    return asyncio.run(_load(address, requests, callers, count, pause))


async def _load(address: str, requests: Sequence[bytes], callers: int, count: int, pause: float) -> Load:
    times: list[float] = []
    each = count // callers
    began = time.perf_counter()
    await asyncio.gather(*(_caller(address, requests, number, each, times, pause) for number in range(callers)))
    seconds = time.perf_counter() - began
    times.sort()
    return Load(len(times) / seconds, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000)


async def _caller(
    address: str, requests: Sequence[bytes], number: int, each: int, times: list[float], pause: float
) -> None:
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    await asyncio.sleep(pause * (number % 16) / 16)  # callers do not all press at the same moment
    for turn in range(each):
        began = time.perf_counter()
        writer.write(requests[(number + turn) % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - began)
        await asyncio.sleep(pause)
    writer.close()
    await writer.wait_closed()
