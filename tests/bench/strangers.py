"""Signed webhooks beside connections that stall (rule O5)."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from tests.bench.load import Load, put_load
from tests.bench.table import row

STRANGERS = 500
CALLERS, COUNT, PAUSE = 64, 1_280, 0.2
"""Four seconds: the line closes those that stall after five."""


@contextmanager
def stalled(address: str, sent: bytes) -> Iterator[None]:
    """So many connections that send this, then nothing, and never read."""
    parts = urlsplit(address)
    with ExitStack() as links:
        for _ in range(STRANGERS):
            link = links.enter_context(socket.socket())
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            link.connect((parts.hostname, parts.port))
            link.sendall(sent)
        yield


def report_strangers(address: str, requests: Sequence[bytes], fetch: bytes) -> None:
    """A row for each way to stall. RuntimeError if a webhook is not answered."""

    def load() -> Load:
        return put_load(address, requests, callers=CALLERS, count=COUNT, pause=PAUSE)

    webhook = requests[0]
    ways = {
        "send nothing": b"",
        "send half a header": webhook[:100],
        "send half a body": webhook[:-10],
        "ask for clips and do not read": fetch * 50,
    }
    for way, sent in ways.items():
        alone = load()
        with stalled(address, sent):
            beside = load()
        print(row(f"p50 with {STRANGERS} connections that {way}, ms; beside: without", beside.p50, alone.p50, 1))
