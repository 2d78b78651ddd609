"""Calls over real HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from twilio.request_validator import RequestValidator

from ivr.phone.errors import CarrierError
from ivr.phone.network.events import Requested
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.transport import Reply, WsgiTransport
from tests.http_transport import HttpTransport
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
)

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
    with pytest.raises(CarrierError, match=r"/voice: no answer over HTTP .*11200"):
        carrier(HttpTransport(base)).call(ScriptedCaller([]), ScriptedContacts({}))


@pytest.mark.parametrize("base", ["", "127.0.0.1:8000", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match=r"write it like http://127\.0\.0\.1:8000"):
        HttpTransport(base)
