"""What only a real server shows: that headers of a proxy reach the signature, and an answer comes in one piece."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.request_validator import RequestValidator

from ivr.core.content import Content
from tests.limits import PATIENCE
from tests.serving import served
from tests.telephony.conftest import TOKEN, URL, Line
from tests.telephony.test_hanging import WAYS
from tests.telephony.test_requests import FORM


@pytest.fixture(scope="module")
def address(content: Content) -> Iterator[str]:
    with served(Line(content).app) as address:
        yield address


def posted(address: str, path: str, signed: str, way: str, *headers: str) -> list[bytes]:
    """The pieces in which the answer comes."""
    body = urlencode(FORM)
    signature = RequestValidator(TOKEN).compute_signature(signed, FORM)
    lines = [f"POST {path} HTTP/1.1", *headers, f"X-Twilio-Signature: {signature}", f"Content-Length: {way}{len(body)}"]
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), PATIENCE) as link:
        link.sendall("\r\n".join([*lines, "Connection: close", "", body]).encode())
        return [*iter(lambda: link.recv(1 << 20), b"")]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_proxy_may_tell_how_the_host_was_spelled(address: str, way: str) -> None:
    """A proxy that puts its own Host there passes the first one on; the provider signs that, as somebody typed it."""
    signed = URL.replace("line.example.fi", "lINE.exAMPle.fi") + "/voice"
    told = ("Host: 127.0.0.1:8000", "X-Forwarded-Host: lINE.exAMPle.fi")
    assert posted(address, "/voice", signed, way, *told)[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert posted(address, "/voice", signed, way, told[0])[0].startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_an_answer_is_sent_in_one_piece(address: str, way: str) -> None:
    (whole,) = posted(address, "/voice", f"{URL}/voice", way, "Host: x")
    head, _, body = whole.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert body.endswith(b"</Response>")
