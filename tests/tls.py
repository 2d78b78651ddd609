"""TLS before a server of the tests, and a name service of their own: they ask public addresses without leaving here."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any
from unittest.mock import patch

from tests.limits import PATIENCE


@contextmanager
def tls_before(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """A port of this machine that takes TLS and passes on what comes to `port`."""
    ports = SimpleQueue[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]]()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while part := await reader.read(65536):
                writer.write(part)
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ = [writer]
        try:
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
            open_.append(inner_writer)
            await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))
        except asyncio.CancelledError:  # the server ends; a copy that had not begun has closed nothing
            for each in open_:
                each.transport.abort()
            raise

    async def serve() -> None:
        stop = asyncio.Event()
        async with await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context) as server:
            ports.put((server.sockets[0].getsockname()[1], asyncio.get_running_loop(), stop))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    found, loop, stop = ports.get(timeout=PATIENCE)
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE)


@contextmanager
def names(ports: Mapping[str, int]) -> Iterator[None]:
    """These names lead to ports of this machine, whichever port is asked for; any other name is not known."""
    real = socket.getaddrinfo

    def getaddrinfo(host: str | None, port: Any, *args: Any, **more: Any) -> list[Any]:
        if host is not None and host in ports:
            return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", ports[host]))]
        if host in (None, "127.0.0.1", "localhost"):
            return list(real(host, port, *args, **more))
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with patch("socket.getaddrinfo", getaddrinfo):
        yield
