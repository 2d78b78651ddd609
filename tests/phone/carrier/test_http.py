"""Calls over real HTTP."""

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from twilio.request_validator import RequestValidator

from ivr.phone.errors import CarrierError, ProviderFault
from ivr.phone.hearing import Hearing
from ivr.phone.network.events import FallbackAsked, Requested, Spoken
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.transport import AttemptLimits, BrokenReply, LateReply, NoReply, Reply, WsgiTransport
from tests import http_transport
from tests.http_transport import HttpTransport, clips_of
from tests.limits import PATIENCE
from tests.phone.carrier.tiny_line import (
    BYE,
    DIAL_PAGES,
    PUBLIC,
    TOKEN,
    WORKER,
    TinyLine,
    carrier,
    doc,
    gather,
    of,
    ring,
    said,
)
from tests.speech.test_voices import A_SECOND

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(app: "WSGIApplication") -> Iterator[str]:
    with make_server("127.0.0.1", 0, app, handler_class=QuietHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_call_over_real_http_is_the_same_call() -> None:
    pages = {
        **DIAL_PAGES,
        "/voice": doc(gather(action="/voice/next?q=%C3%A4")),
        "/voice/next?q=%C3%A4": DIAL_PAGES["/voice"],
    }
    straight = ring(TinyLine(pages), ["1"], {WORKER: ["answers"]})
    line = TinyLine(pages)
    with served(line) as base:
        over_http = carrier(HttpTransport(base)).call(ScriptedCaller(["1"]), ScriptedContacts({WORKER: ["answers"]}))
    assert [event for event in over_http if not isinstance(event, Requested)] == [
        event for event in straight if not isinstance(event, Requested)
    ]
    assert [event.url for event in of(over_http, Requested)] == [event.url for event in of(straight, Requested)]
    assert all(target in {*pages, "/voice/status"} for target, _ in line.asked)


def test_http_sends_the_public_host_and_follows_no_redirect() -> None:
    hosts: list[str] = []

    def app(environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        hosts.append(environ["HTTP_HOST"])
        start("302 Found", [("Location", "https://line.example/"), ("Content-Type", "text/xml")])
        return [b""]

    with served(app) as base:
        reply = HttpTransport(base).post("https://line.example", urlencode({"a": "ä"}).encode(), {})
    assert reply == Reply(302, "text/xml", b"", "https://line.example/")
    assert hosts == ["line.example"]


def test_http_asks_for_the_path_and_query_of_the_public_url() -> None:
    line = TinyLine({"/?x=1": BYE})
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/?x=1", {})
    with served(line) as base:
        reply = HttpTransport(base).post(f"{PUBLIC}?x=1", b"", {"X-Twilio-Signature": signature})
    assert reply.body == BYE.encode()


def test_no_cookies_are_kept() -> None:
    cookies: list[str | None] = []

    def app(environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        cookies.append(environ.get("HTTP_COOKIE"))
        start("200 OK", [("Content-Type", "text/xml"), ("Set-Cookie", "language=fi")])
        return [BYE.encode()]

    carrier(WsgiTransport(app)).call(ScriptedCaller([]), ScriptedContacts({}))
    assert cookies == [None, None]


def test_a_line_that_is_not_there_is_an_error() -> None:
    with served(TinyLine({})) as base:
        pass
    with pytest.raises(CarrierError, match=r"/voice: no connection .*11205"):
        carrier(HttpTransport(base)).call(ScriptedCaller([]), ScriptedContacts({}))


def test_clips_of_a_served_line_are_heard_over_http() -> None:
    def app(environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        if environ["PATH_INFO"] != "/audio/hei.wav":
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"none"]
        start("200 OK", [("Content-Type", "audio/wav")])
        return [A_SECOND]

    with served(app) as base:
        hearing = Hearing(clips_of(base), lambda name: ("fi-FI", f"{name}!", False))
        assert hearing(f"{PUBLIC}/audio/hei.wav") == Spoken("fi-FI", "hei!", 1.0, clip=f"{PUBLIC}/audio/hei.wav")
        with pytest.raises(ProviderFault, match="404") as lost:
            hearing(f"{PUBLIC}/audio/gone.wav")
    assert lost.value.code == 11200


@contextmanager
def answering(sends: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that takes one connection, reads a little and then sends what it likes until it is left alone."""

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.recv(100)
                sends(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    thread.join()


def nothing_at_all(connection: socket.socket) -> None:
    while connection.recv(1000):
        pass


def a_byte_at_a_time(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:  # until the other side has had enough
        connection.sendall(b"x")
        connection.recv(1000, socket.MSG_DONTWAIT) if select.select([connection], [], [], 0.01)[0] else None


def half_an_answer(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<Response>")
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("sends", "limits", "fault", "after"),
    [
        (nothing_at_all, AttemptLimits(read=0.1, total=PATIENCE), LateReply, None),
        (a_byte_at_a_time, AttemptLimits(read=PATIENCE, total=0.3), LateReply, 0.3),
        (half_an_answer, AttemptLimits(read=PATIENCE, total=PATIENCE), BrokenReply, None),
        (lambda _connection: None, AttemptLimits(read=PATIENCE, total=PATIENCE), BrokenReply, None),
    ],
    ids=["hangs", "drips", "breaks off", "says nothing and closes"],
)
def test_http_by_the_clock_tells_how_a_line_fails(
    sends: Callable[[socket.socket], None], limits: AttemptLimits, fault: type[NoReply], after: float | None
) -> None:
    with answering(sends) as base, pytest.raises(fault) as raised:
        HttpTransport(base, by_the_clock=True).post(f"{PUBLIC}/voice", b"a=b", {}, limits)
    assert raised.value.after == after


def test_a_real_line_that_hangs_leads_to_the_fallback() -> None:
    with answering(nothing_at_all) as base:
        phone = carrier(
            HttpTransport(base, by_the_clock=True),
            strict=False,
            voice_url=f"{PUBLIC}/voice#rc=0&rt=100",
            fallback=BYE.encode(),
        )
        listening = phone.call(ScriptedCaller([]), ScriptedContacts({}))
    assert of(listening, FallbackAsked) == [FallbackAsked(0.1, f"{PUBLIC}/voice", 11205)]
    assert said(listening) == ["Hei hei."]


def test_only_the_hard_limit_counts_if_not_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_transport, "HTTP_TIMEOUT_SECONDS", 0.1)
    patient = AttemptLimits(PATIENCE, PATIENCE, PATIENCE)
    with answering(nothing_at_all) as base, pytest.raises(LateReply):
        HttpTransport(base).post(f"{PUBLIC}/voice", b"a=b", {}, patient)


@pytest.mark.parametrize("base", ["", "127.0.0.1:8000", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match=r"write it like http://127\.0\.0\.1:8000"):
        HttpTransport(base)
