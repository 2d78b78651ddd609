"""A step that hangs: the emergency document comes in its place, and the line goes on (rule O6). On the real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator

from ivr.app import line_app
from ivr.core.call import Step
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.journal import Journal
from ivr.metrics import EMERGENCY, HUNG, Metrics
from ivr.serving import Current, Serving
from ivr.speech.voices import VoiceSelector
from ivr.telephony.twiml.urls import CONNECTION
from ivr.telephony.web import STEP_SECONDS
from tests.limits import PATIENCE, until
from tests.serving import served
from tests.telephony.conftest import TOKEN, URL, Line, line_settings, verbs
from tests.telephony.test_requests import CONTACTS, FORM, PRIVATE, numbers_of

WAYS = {"thin entry": "", "views": "000"}
"""What stands before the length of a body: with zeros the thin entry leaves a request to the views."""


@dataclass
class Hanging(Line):
    """A line whose steps hang until they are let go; each may take a tenth of a second."""

    metrics: Metrics = field(default_factory=Metrics)
    address: str = ""

    def made(self, journal: Journal) -> Flask:
        settings = line_settings(contacts=CONTACTS)
        current = Current(Serving.of(settings, self.content, VoiceSelector(self.content, self.audio, self.now.date())))
        counted = self.metrics if journal is self.journal else Metrics()  # the twin's are not read
        return line_app(current, lambda: self.now, self.now.timestamp, journal, counted, 0.1)

    def link(self) -> socket.socket:
        parts = urlsplit(self.address)
        return socket.create_connection((parts.hostname, parts.port), PATIENCE)

    @property
    def hung(self) -> float:
        return self.metrics.counts()["steps_hanging"]

    def answer(self, path: str, way: str) -> bytes:
        """What comes on a connection of its own until that is closed."""
        with self.link() as link:
            link.sendall(signed(path, way))
            return b"".join(iter(lambda: link.recv(65536), b""))


def signed(path: str, way: str, more: Mapping[str, str] | None = None) -> bytes:
    form = {**FORM, **(more or {})}
    body = urlencode(form).encode()
    signature = RequestValidator(TOKEN).compute_signature(URL + path, form)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: {signature}\r\nContent-Length: {way}{len(body)}"
    return f"{head}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + body


@contextmanager
def hanging_line(content: Content, monkeypatch: pytest.MonkeyPatch, calls: list[int]) -> Iterator[Hanging]:
    over = threading.Event()

    def hang(*arguments: object) -> Step:
        calls.append(threading.get_ident())
        over.wait()
        return step(*arguments)  # type: ignore[arg-type]

    for name in ("step", "whisper"):
        monkeypatch.setattr(f"ivr.telephony.web.{name}", hang)
    line = Hanging(content)
    with served(line.app) as line.address:
        try:
            yield line
        finally:
            over.set()
            until(lambda: line.hung == 0, lambda: f"{line.hung} go on")


@pytest.fixture
def begun() -> list[int]:
    """The threads in which steps have begun."""
    return []


@pytest.fixture
def hanging(content: Content, monkeypatch: pytest.MonkeyPatch, begun: list[int]) -> Iterator[Hanging]:
    with hanging_line(content, monkeypatch, begun) as line:
        yield line


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(
    ("path", "ends"), [("/voice", ["Dial"]), ("/voice/at/main_open?lang=en", ["Dial"]), ("/voice/whisper", [])]
)
def test_the_emergency_document_comes(
    hanging: Hanging, path: str, ends: list[str], way: str, caplog: pytest.LogCaptureFixture
) -> None:
    head, _, body = hanging.answer(path, way).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Connection: close\r\n" in head  # the step that hangs may end at any time
    assert b"Content-Type: text/xml; charset=utf-8\r\n" in head
    assert b"Cache-Control: no-store\r\n" in head
    document = ElementTree.fromstring(body)  # noqa: S314 - our own document
    assert verbs(document)[-1:] == ends
    assert numbers_of(document) == ({PRIVATE} if ends else set())
    assert (hanging.metrics.total(HUNG), hanging.metrics.total(EMERGENCY)) == (1, 1)
    assert hanging.metrics.alarms().keys() == {"hung_steps", "emergency_documents"}
    until(lambda: hanging.hung == 1)
    assert hanging.client.get("/health").status_code == 503
    assert "took too long" in caplog.text


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_many_hang_and_each_has_its_answer(hanging: Hanging, begun: list[int], way: str) -> None:
    """More than there are threads at first; and what hangs keeps a thread, never a place."""
    links = [hanging.link() for _ in range(20)]
    for link in links:
        link.sendall(signed("/voice", way))
    for link in links:
        with link:
            assert b"<Dial" in b"".join(iter(lambda link=link: link.recv(65536), b""))  # type: ignore[misc]
    assert len(set(begun)) == len(begun) == 20
    until(lambda: hanging.hung == 20)
    assert hanging.metrics.total(HUNG) == 20


def test_what_is_there_at_last_is_dropped(content: Content, monkeypatch: pytest.MonkeyPatch, begun: list[int]) -> None:
    """Nothing follows the emergency document, and the line answers as if nothing had been."""
    with hanging_line(content, monkeypatch, begun) as line:
        link = line.link()
        link.sendall(signed("/voice", "") + signed("/voice", ""))
        got = link.recv(65536)
        assert b"<Dial" in got
    monkeypatch.undo()
    with link:
        rest = b"".join(iter(lambda: link.recv(65536), b""))
    assert (got + rest).count(b"HTTP/1.1") == 1
    assert line.metrics.total(EMERGENCY) == 1
    assert len(begun) == 1


def test_when_very_much_hangs_nothing_is_begun(
    hanging: Hanging, begun: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.telephony.web.MOST_HUNG", 2)
    for _ in range(2):
        assert b"<Dial" in hanging.answer("/voice", "")
    until(lambda: hanging.hung == 2)
    with hanging.link() as link:
        link.sendall(signed("/voice", ""))
        assert b"<Dial" in link.recv(65536)
    assert len(begun) == 2
    assert hanging.metrics.total(EMERGENCY) == 3


def test_the_limit_ends_before_the_provider_gives_up() -> None:
    """The emergency document must come within 3 s; addresses say `rt`, the milliseconds that the provider waits."""
    patience = dict(part.split("=") for part in CONNECTION.removeprefix("#").split("&"))
    assert STEP_SECONDS < 3 < int(patience["rt"]) / 1000
