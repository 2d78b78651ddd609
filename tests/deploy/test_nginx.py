"""deploy/nginx/kemi.conf in a real nginx, before two stand-ins that say what has come to them.

What it does before real lines, whose calls it carries: tests/faults/test_deployed_nginx.py and the rehearsal.
"""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ivr.connections.connection import BODY_BYTES, Limits
from ivr.room.uploads import MOST_SOUND
from ivr.telephony.web import STEP_SECONDS
from tests.faults.served import free_port
from tests.limits import PATIENCE
from tests.nginx import DEPLOYED, OFFICE, ROOM, deployed, listening_at, nginx, replaced
from tests.serving import served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "Line.example.fi:443"
NUMBER = "358401234567"
CLIP = "a" * 32 + ".wav"
PROVIDER_WAITS = 15
"""Seconds in which Twilio wants a whole answer, unless its address says less."""


@dataclass(frozen=True)
class Site:
    """A running nginx, and its folder."""

    port: int
    folder: Path

    def asked(self, line: str, body: bytes = b"") -> tuple[int, str]:
        """The status and the whole answer to a request, whose first line is sent as it is written."""
        head = f"{line} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(head.encode("latin-1") + body)
            with connection.makefile("rb") as reply:
                answer = reply.read().decode("latin-1")
        return int(answer.split(" ", 2)[1]), answer


def stand_in(name: str, status: str = "200 OK") -> WSGIApplication:
    """An application that says what has come to it; below /voice with a status of its own."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        sent = environ["wsgi.input"].read()
        start_response(status if environ["PATH_INFO"].startswith("/voice") else "200 OK", [])
        came = (environ["REQUEST_METHOD"], environ["REQUEST_URI"], environ["HTTP_HOST"], len(sent))
        return [f"{name} has {came}".encode()]

    return app


@pytest.fixture(scope="module", params=["503 Busy", "502 Bad", "gone"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The first of the two processes is in trouble, so that what it should answer has to come from the other."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "rendered").mkdir()
    (folder / "rendered" / CLIP).write_bytes(b"sound")
    with ExitStack() as open_:
        other = open_.enter_context(served(stand_in("other")))
        first = f"http://127.0.0.1:{free_port()}/"
        if request.param != "gone":
            first = open_.enter_context(served(stand_in("first", request.param)))
        ports, listens = [urlsplit(each).port or 0 for each in (first, other)], free_port()
        own = deployed(folder / "nginx", ports, listens, folder / "rendered")
        open_.enter_context(nginx(folder / "nginx", own, listens))
        yield Site(listens, folder / "nginx")


HIDDEN = (
    *("/health", "/ready", "/metrics", "//health", "/health/", "/health?x", "/health/x", "/./health", "/x/../ready"),
    *("/%68ealth", "/%2fhealth", "/health%2fx", "/read%79", "http://elsewhere.example.fi/metrics"),
)


@pytest.mark.parametrize("path", HIDDEN)
def test_how_the_line_is_no_stranger_learns(site: Site, path: str) -> None:
    status, answer = site.asked(f"GET {path}")
    assert (status, " has (" in answer) == (404, False)


@pytest.mark.parametrize("path", ["/live", "/voice/x?a=%2B1&b=c+d", "/v%6Fice//x/../y?", "/voice%2fhealth", "/healthy"])
def test_address_and_host_go_on_as_they_were_written(site: Site, path: str) -> None:
    """The signature is over them."""
    status, answer = site.asked(f"GET {path}")
    assert (status, answer.endswith(str(("GET", path, HOST, 0)))) == (200, True), answer


def test_a_webhook_is_asked_of_the_other_again_and_again(site: Site) -> None:
    """POST too, with its body; and no caller is too many, though all come from one address."""
    body = b"x" * 500
    for _ in range(200):
        status, answer = site.asked("POST /voice", body)
        assert status == 200, answer
        assert answer.endswith(f"other has {('POST', '/voice', HOST, len(body))}")


def test_a_body_may_be_as_long_as_the_line_takes_and_is_never_on_the_disk(site: Site) -> None:
    """Where nginx would write it there is no folder any more."""
    (site.folder / "body").rename(site.folder / "moved")
    try:
        assert site.asked("POST /voice", b"x" * BODY_BYTES)[0] == 200
        assert site.asked("POST /voice", b"x" * (BODY_BYTES + 1))[0] == 413
    finally:
        (site.folder / "moved").rename(site.folder / "body")


def test_a_clip_is_of_the_disk_and_any_other_of_the_line(site: Site) -> None:
    status, answer = site.asked(f"GET /audio/{CLIP}")
    assert (status, answer.endswith("\r\n\r\nsound")) == (200, True)
    assert "\r\nContent-Type: audio/wav\r\n" in answer
    for path in (f"/audio/{'b' * 32}.wav", "/audio/../audio/x.wav", f"/audio/{CLIP}/x"):
        assert f"'GET', '{path}'" in site.asked(f"GET {path}")[1], path


def test_the_pages_of_the_office_hear_who_comes_and_only_from_its_networks(tmp_path: Path) -> None:
    """What a visitor says of its own address is replaced."""

    def pages(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        return [str([environ[f"HTTP_{name}"] for name in ("X_FORWARDED_FOR", "X_FORWARDED_PROTO", "HOST")]).encode()]

    with served(pages) as address:
        inside, outside = free_port(), free_port()
        own = re.sub(r"(?m)^ *ssl_certificate.*\n", "", OFFICE.read_text(encoding="utf-8"))
        own = replaced(own, "proxy_pass http://127.0.0.1:8090", f"proxy_pass {address.rstrip('/')}")
        own = replaced(own, "/var/log/nginx/kemi-office.log", f"{tmp_path}/kemi-office.log")
        ours = replaced(own, "listen 127.0.0.2:443 ssl;", f"listen 127.0.0.1:{inside};")
        strangers = replaced(own, "listen 127.0.0.2:443 ssl;", f"listen 127.0.0.1:{outside};")
        strangers = replaced(strangers, "  allow 127.0.0.0/8;\n", "")
        with nginx(tmp_path / "nginx", ours + strangers, inside):
            for port, status, told in (
                (inside, 200, str(["127.0.0.1", "http", HOST])),
                (outside, 403, "403 Forbidden"),
            ):
                with closing(http.client.HTTPConnection("127.0.0.1", port, PATIENCE)) as connection:
                    connection.request("GET", "/", headers={"X-Forwarded-For": "192.0.2.9", "Host": HOST})
                    answer = connection.getresponse()
                    assert answer.status == status
                    assert told in answer.read().decode()


def test_the_room_takes_a_recording_from_anybody_and_logs_nothing(tmp_path: Path) -> None:
    """As long as the room takes; and it hears who comes, whatever a visitor says of its own address."""

    def pages(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        told = [environ[f"HTTP_{name}"] for name in ("X_FORWARDED_FOR", "X_FORWARDED_PROTO", "HOST")]
        return [str([*told, len(environ["wsgi.input"].read())]).encode()]

    with served(pages, Limits(body=MOST_SOUND)) as address:
        port, folder = free_port(), tmp_path / "nginx"
        own = re.sub(r"(?m)^ *ssl_certificate.*\n", "", ROOM.read_text(encoding="utf-8"))
        own = replaced(own, "proxy_pass http://127.0.0.1:8091", f"proxy_pass {address.rstrip('/')}")
        own = replaced(own, "/var/log/nginx/kemi-room.log", f"{tmp_path}/kemi-room.log")
        with nginx(folder, listening_at(own, f"127.0.0.1:{port}"), port):
            for length, status in ((MOST_SOUND, 200), (MOST_SOUND + 1, 413)):
                with closing(http.client.HTTPConnection("127.0.0.1", port, PATIENCE)) as connection:
                    headers = {"X-Forwarded-For": "192.0.2.9", "Host": HOST}
                    connection.request("PUT", "/takes/a0a1a2", bytes(length), headers)
                    answer = connection.getresponse()
                    assert answer.status == status
                    if status == 200:
                        assert answer.read().decode() == str(["127.0.0.1", "http", HOST, length])
        logs = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert [path for path in logs if b"a0a1a2" in path.read_bytes()] == []


def test_no_number_is_in_a_log(site: Site) -> None:
    """Not where all is well, nor where a process is in trouble."""
    for line in (f"GET /voice?From=%2B{NUMBER}", f"GET /ready?From={NUMBER}", f"GET /audio/{CLIP}?From={NUMBER}"):
        for _ in range(4):  # each of the two is asked
            site.asked(line)
    logs = [path for path in site.folder.rglob("*") if path.is_file()]
    assert "kemi.log" in {path.name for path in logs}
    assert [path for path in logs if NUMBER in path.read_text(encoding="utf-8", errors="replace")] == []


def told(name: str) -> str:
    """The value of an option that stands in the site once."""
    (value,) = re.findall(rf"(?m)^ *{name} (.+);$", DEPLOYED.read_text(encoding="utf-8"))
    return str(value)


def seconds(name: str) -> int:
    return int(told(name).removesuffix("s"))


def test_times_end_in_their_order() -> None:
    """What cannot be waited for in a test: who gives up first."""
    line = Limits()
    for name in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert seconds(name) <= line.whole, name
    assert seconds("keepalive_timeout") < line.idle, "whoever keeps connections closes them first"
    one = seconds("proxy_connect_timeout") + seconds("proxy_send_timeout") + seconds("proxy_read_timeout")
    assert int(told("proxy_next_upstream_tries")) * one < PROVIDER_WAITS
    assert seconds("proxy_read_timeout") > STEP_SECONDS, (
        "a step that hangs is given up by the line itself, which then answers"
    )


def test_no_process_is_left_out_because_it_has_failed() -> None:
    """It may be the only one now. And a body is there whole before one is asked, so that the other can be asked too."""
    servers = re.findall(r"(?m)^ *server [\d.:]+(.*);$", DEPLOYED.read_text(encoding="utf-8"))
    assert servers == 2 * [" max_fails=0"]
    assert told("proxy_request_buffering") == "on"


def test_only_new_ways_of_tls_are_taken_and_both_kinds_of_address() -> None:
    text = DEPLOYED.read_text(encoding="utf-8")
    assert re.findall(r"(?m)^ *listen (.+);$", text) == ["443 ssl", "[::]:443 ssl"]
    assert told("ssl_protocols") == "TLSv1.2 TLSv1.3"
    assert "limit_req" not in text
    assert "limit_conn" not in text
