"""A real `ivr serve` process, rung over real HTTP by the simulated carrier."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest
from twilio.request_validator import RequestValidator

from ivr.core.content import Content
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Ended, Event, Ringing, Said
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.sounds import ClipOf
from ivr.phone.network.virtual import VirtualCarrier
from ivr.speech.estimate import seconds_by_locale
from tests.content.conftest import FIRST, Prompts
from tests.http_transport import HttpTransport
from tests.limits import PATIENCE, until

PUBLIC_URL = "https://line.example.fi"
TOKEN = "a-token"
OURS, ON_CALL, INSTRUCTOR = "+358753250000", "+358400291141", "+358401234501"
ENVIRONMENT = {
    "TWILIO_AUTH_TOKEN": TOKEN,
    "IVR_PUBLIC_URL": PUBLIC_URL,
    "IVR_CALLER_ID": OURS,
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": INSTRUCTOR,
    "IVR_COUNTS": "off",  # a line that counts is tested in tests/live/test_counting.py
}


@dataclass
class Server:
    """A running line; `address` is where it really listens, `log` where its journal goes."""

    process: subprocess.Popen[str]
    address: str
    log: Path

    def carrier(self, content: Content, clip_of: ClipOf | None = None) -> VirtualCarrier:
        return VirtualCarrier(
            HttpTransport(self.address),
            public_url=PUBLIC_URL,
            auth_token=TOKEN,
            our_number=OURS,
            clock=VirtualClock(datetime.now(ZoneInfo("Europe/Helsinki"))),
            seconds_of=seconds_by_locale(content.languages),
            clip_of=clip_of,
            strict=True,
        )


def prompts_today(folder: Path, phone: str) -> Path:
    """A copy of the content for an office where it is noon now, and where these are today's hours.

    In three languages: a line is proved at every start, and ten take longer.
    """
    prompts = Prompts.copied_to(folder, *FIRST)
    ahead = 12 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-ahead:+}" if ahead else "Etc/GMT"  # the sign is the other way round there
    today = datetime.now(ZoneInfo(zone)).date()
    prompts.edit("office.yaml", "zone: Europe/Helsinki", f"zone: {zone}")
    prompts.edit("office.yaml", "exceptions: []", f'exceptions: [{{date: {today}, hours: {{all: "{phone}"}}}}]')
    return prompts.folder


def start(folder: Path, prompts: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    """`ivr serve` with more words, on any free port."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "ivr", "serve", "--port", "0", *words],
        cwd=folder,
        env={**clean, "IVR_SITE": str(prompts), "IVR_LOG": str(folder / "journal"), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def running(folder: Path, prompts: Path) -> Iterator[Server]:
    process = start(folder, prompts, **ENVIRONMENT)
    assert process.stderr
    said = process.stderr.readline()
    found = re.search(r"http://[\d.]+:\d+", said)
    if not found:
        process.kill()
        pytest.fail(said + process.stderr.read())
    yield Server(process, found[0], folder / "journal")
    process.terminate()
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert [line for line in errors.splitlines() if "safety sentences" not in line] == [], "but for what to approve"


@pytest.fixture(scope="module")
def by_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("day")
    yield from running(folder, prompts_today(folder, "07:00-20:00"))


@pytest.fixture(scope="module")
def by_night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("night")
    yield from running(folder, prompts_today(folder, "closed"))


def rings(events: list[Event]) -> list[str]:
    return [event.number for event in events if isinstance(event, Ringing)]


def languages(events: list[Event]) -> list[str]:
    """The languages that the caller hears after the choice."""
    said = [event.spoken.language for event in events if isinstance(event, Said) and event.where != "whisper"]
    return sorted(set(said[9:]))


@pytest.mark.parametrize(("key", "locale"), [("1", "fi-FI"), ("2", "sv-SE"), ("3", "en-GB")])
class TestWholeCalls:
    def test_by_day_to_the_instructor(self, by_day: Server, content: Content, key: str, locale: str) -> None:
        contacts = ScriptedContacts({INSTRUCTOR: ["answers"]})
        events = by_day.carrier(content).call(ScriptedCaller([key, "1"]), contacts)
        assert rings(events) == [INSTRUCTOR]
        assert languages(events) == [locale]

    def test_by_night_to_the_urgent_line(self, by_night: Server, content: Content, key: str, locale: str) -> None:
        contacts = ScriptedContacts({ON_CALL: ["answers"]})
        events = by_night.carrier(content).call(ScriptedCaller([key]), contacts)
        assert rings(events) == [ON_CALL]
        assert languages(events) == [locale]

    def test_by_night_nobody_answers(self, by_night: Server, content: Content, key: str, locale: str) -> None:
        events = by_night.carrier(content).call(ScriptedCaller([key]), ScriptedContacts({}))
        assert rings(events) == 5 * [ON_CALL]
        assert languages(events) == [locale]
        assert [event.by for event in events if isinstance(event, Ended)] == ["line"]


def test_an_unsigned_request_gets_403(by_day: Server) -> None:
    connection = http.client.HTTPConnection(urlsplit(by_day.address).netloc, timeout=PATIENCE)
    connection.request("POST", "/voice", "CallSid=CA1", {"Content-Type": "application/x-www-form-urlencoded"})
    response = connection.getresponse()
    assert (response.status, response.read()) == (403, b"")
    connection.close()


def test_the_server_tells_the_path_as_it_was_sent(by_day: Server) -> None:
    """It is signed with its escapes, of which WSGI itself says nothing."""
    form = {"CallSid": "CA1", "From": "+358401234567", "CallStatus": "ringing"}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/v%6Fice?", form)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    for path, status in (("/v%6Fice?", 200), ("/voice?", 403)):
        connection = http.client.HTTPConnection(urlsplit(by_day.address).netloc, timeout=PATIENCE)
        connection.request("POST", path, urlencode(form), headers)
        assert connection.getresponse().status == status
        connection.close()


def test_the_journal_has_a_line_for_each_step_and_no_number(by_day: Server, content: Content) -> None:
    by_day.carrier(content).call(ScriptedCaller(["early 3", "early 1"]), ScriptedContacts({INSTRUCTOR: ["busy"]}))
    written = until(lambda: by_day.log.read_text(encoding="utf-8"))  # it is written behind the answers
    first, *_ = [json.loads(line) for line in written.splitlines()]
    assert set(first) == {
        "event", "timestamp", "call", "node", "what", "exit", "path", "language", "matter", "phone", "ms", "second",
    }  # fmt: skip
    assert first["phone"] == "open"
    for number in (INSTRUCTOR, ON_CALL, OURS, "+358401234567"):
        assert number[4:] not in written


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2])
def test_no_other_signal_ends_a_call(by_day: Server, content: Content, number: signal.Signals) -> None:
    """A terminal that closes sends SIGHUP, some log rotations too."""
    by_day.process.send_signal(number)
    events = by_day.carrier(content).call(ScriptedCaller(["1", "1"]), ScriptedContacts({INSTRUCTOR: ["answers"]}))
    assert rings(events) == [INSTRUCTOR]


def signed_start(netloc: str, *headers: str) -> tuple[bytes, bytes]:
    """The first request of a call: head and body."""
    fields = {"CallSid": "CA1", "From": "+358401234567", "CallStatus": "ringing"}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/voice", fields)
    body = urlencode(fields).encode()
    lines = [
        "POST /voice HTTP/1.1",
        f"Host: {netloc}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        f"X-Twilio-Signature: {signature}",
        "Connection: close",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), body


def address_of(server: Server) -> tuple[str, int]:
    parts = urlsplit(server.address)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def whole(link: socket.socket) -> bytes:
    answer = b""
    while part := link.recv(65536):
        answer += part
    return answer


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /voice HTTP/1.1\r\nHost: x\r\nX-Twilio-Sig",
        b"POST /voice HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nCallSid=",
        b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 20,
    ],
    ids=["nothing", "half a header", "half a body", "never reads"],
)
def test_strangers_who_stall_keep_no_caller_waiting(by_day: Server, sent: bytes) -> None:
    with ExitStack() as strangers:
        for _ in range(150):
            strangers.enter_context(socket.create_connection(address_of(by_day), PATIENCE)).sendall(sent)
        for _ in range(10):
            with socket.create_connection(address_of(by_day), PATIENCE) as link:
                link.sendall(b"".join(signed_start("x")))
                answer = whole(link)
            assert answer.startswith(b"HTTP/1.1 200")
            assert b"<Gather" in answer


def test_sigterm_during_requests_loses_none(tmp_path: Path, content: Content) -> None:
    servers = running(tmp_path, prompts_today(tmp_path, "closed"))
    server = next(servers)
    address = address_of(server)
    head, body = signed_start(urlsplit(server.address).netloc, "Expect: 100-continue")
    answers: list[bytes] = []
    half_sent, stopping = threading.Barrier(21), threading.Event()

    def slow_request() -> None:
        """Half of the request is sent, and the server has seen it, before the signal; the rest is sent after."""
        with socket.create_connection(address, PATIENCE) as link:
            link.sendall(head)
            assert b"100 Continue" in link.recv(1000)
            link.sendall(body[:5])
            half_sent.wait(PATIENCE)
            assert stopping.wait(PATIENCE)
            link.sendall(body[5:])
            answers.append(whole(link))

    def takes_nobody_more() -> bool:
        try:
            socket.create_connection(address, PATIENCE).close()
        except ConnectionError:
            return True
        return False

    threads = [threading.Thread(target=slow_request) for _ in range(20)]
    for thread in threads:
        thread.start()
    half_sent.wait(PATIENCE)
    server.process.send_signal(signal.SIGTERM)
    until(takes_nobody_more)
    stopping.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(answers) == 20
    assert all(answer.startswith(b"HTTP/1.1 200") and b"<Gather" in answer for answer in answers)
    assert server.process.wait(PATIENCE) == 0
    next(servers, None)


class TestRefusesToStart:
    def test_all_faults_of_the_environment_at_once(self, tmp_path: Path) -> None:
        process = start(tmp_path, Prompts.copied_to(tmp_path, *FIRST).folder, IVR_CALLER_ID="112")
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        for variable in ("TWILIO_AUTH_TOKEN", "IVR_PUBLIC_URL", "IVR_CALLER_ID", "IVR_CONTACT_SOCIAL_INSTRUCTOR"):
            assert variable in errors
        assert errors.count("Remedy:") == 4
        assert "Traceback" not in errors

    def test_broken_content(self, tmp_path: Path) -> None:
        prompts = Prompts.copied_to(tmp_path, *FIRST)
        prompts.edit("flow.yaml", "next: front", "next: frnt")
        process = start(tmp_path, prompts.folder, **ENVIRONMENT)
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        line = prompts.line("flow.yaml", "frnt")
        assert f"prompts/flow.yaml:{line}: broken: nodes.welcome.next leads to 'frnt'" in errors

    def test_an_address_that_is_taken(self, tmp_path: Path, by_day: Server) -> None:
        port = urlsplit(by_day.address).port
        process = subprocess.run(
            [sys.executable, "-m", "ivr", "serve", "--port", str(port)],
            cwd=tmp_path,
            env={**os.environ, **ENVIRONMENT, "IVR_SITE": str(Prompts.copied_to(tmp_path, *FIRST).folder)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert process.returncode == 1
        assert f"cannot listen on 127.0.0.1:{port}" in process.stderr
