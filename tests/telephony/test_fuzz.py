"""Requests of every kind to a real server: strangers get nothing, the provider gets an answer, nothing breaks."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import BadStatusLine, HTTPResponse
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE
from tests.test_serve import ENVIRONMENT, PUBLIC_URL, TOKEN, Server, start

pytestmark = pytest.mark.untraced

ENDINGS = ("Redirect", "Dial", "Hangup", "Reject")
FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 64 * 1024


LEFT = re.compile(r"ERROR waitress: Exception when servicing <.*>|AttributeError at task\.py:\d+ > channel\.py:\d+")
"""What the server says, and no more, when a stranger leaves while it is told that it sent no HTTP."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A line that must have nothing to complain of when it stops."""
    folder = tmp_path_factory.mktemp("fuzz")
    process = start(folder, Prompts.copied_to(folder, *FIRST).folder, **ENVIRONMENT)
    assert process.stderr
    said = process.stderr.readline()
    found = re.search(r"http://[\d.]+:\d+", said)
    assert found, said
    yield Server(process, found[0], folder / "journal")
    process.terminate()
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    said_of = [line for line in errors.splitlines() if "safety sentences" not in line]  # what is to be approved
    assert [line for line in said_of if not LEFT.fullmatch(line)] == []


# --- the wire -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def connect(server: Server) -> socket.socket:
    parts = urlsplit(server.address)
    return socket.create_connection((parts.hostname, parts.port), PATIENCE)


def answered(link: socket.socket, method: str = "POST") -> Answer | None:
    """What comes back; None: the connection is closed without an answer."""
    with HTTPResponse(link, method=method) as response:
        try:
            response.begin()
            return Answer(response.status, dict(response.getheaders()), response.read())
        except (BadStatusLine, ConnectionError):
            return None


def request(method: bytes, target: bytes, headers: Mapping[str, bytes], body: bytes) -> bytes:
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: line.example.fi", b"Connection: close"]
    lines += [name.encode() + b": " + value for name, value in headers.items()]
    lines += [b"Content-Length: %d" % len(body), b"", b""]
    return b"\r\n".join(lines) + body


def ask(server: Server, method: bytes, target: bytes, headers: Mapping[str, bytes], body: bytes) -> Answer:
    with connect(server) as link:
        link.sendall(request(method, target, headers, body))
        answer = answered(link, method.decode("ascii"))
    assert answer, "no answer"
    return answer


def signed(server: Server, target: str, fields: list[tuple[str, str]]) -> Answer:
    """A genuine request of the provider."""
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + target, MultiDict(fields))
    headers = {"Content-Type": FORM.encode() + b"; charset=UTF-8", "X-Twilio-Signature": signature.encode()}
    return ask(server, b"POST", target.encode("ascii"), headers, urlencode(fields).encode())


def still_answers(server: Server) -> None:
    assert twiml(signed(server, "/voice", [("CallSid", "CA1"), ("CallStatus", "ringing")]))[-1].tag == "Redirect"


def is_open(link: socket.socket) -> bool:
    """Whether the other end has neither answered nor closed."""
    link.setblocking(False)
    try:
        link.recv(1)
    except BlockingIOError:
        return True
    return False


def twiml(answer: Answer) -> ElementTree.Element:
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    document = ElementTree.fromstring(answer.body)  # noqa: S314 - our own document
    assert document.tag == "Response"
    return document


# --- strangers ------------------------------------------------------------------------------------------------------

NODES = ("main_open", "on_call", "choose_language", "whisper", "status", "goodbye", "front", "no_such_node", "0")
octets = st.integers(0, 255).map(lambda code: bytes([code]))
segments = st.one_of(
    st.sampled_from(NODES),
    st.text(max_size=30).map(lambda text: quote(text, safe="")),
    st.binary(max_size=20).map(lambda raw: "".join(f"%{code:02x}" for code in raw)),
    st.sampled_from(("..", ".", "", "%2e%2e", "%2F", "%00", "%", "%zz", "<script>", "a" * 2000)),
)
paths = st.one_of(
    st.just("/voice"),
    segments.map("/voice/{}".format),
    st.lists(segments, max_size=4).map(lambda several: "/" + "/".join(several)),
    st.sampled_from(
        (
            "/",
            "//voice",
            "/voice/",
            "/voice//main_open",
            "/VOICE",
            "/live/",
            "/health/",
            "/static/x",
            "/.env",
            f"/audio/{'0' * 32}.wav",
            "/audio/../office.wav",
        )
    ),
)
queries = st.one_of(
    st.just(""),
    st.dictionaries(
        st.sampled_from(("lang", "matter", "try", "round", "rev", "t", "x")), st.text(max_size=8), max_size=6
    ).map(lambda query: "?" + urlencode(query)),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30).map("?{}".format),
)
printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12).map(str.encode)
methods = st.one_of(
    st.sampled_from((b"POST", b"POST", b"GET", b"HEAD", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"CONNECT")),
    st.text("ABCXYZ-_", min_size=1, max_size=12).map(str.encode),
)
known_fields = st.sampled_from(
    ("CallSid", "From", "To", "CallStatus", "Digits", "DialCallStatus", "DialBridged", "DialCallDuration", "CallerName")
)
words = st.sampled_from(
    ("", "0", "1", "5", "9", "*", "#", "12#", "completed", "ringing", "busy", "no-answer", "true", "false", "-1", "1e9",
     "anonymous", "+358401234567", "9" * 30)
)  # fmt: skip
fields = st.lists(st.tuples(known_fields | st.text(max_size=10), words | st.text(max_size=40)), max_size=8)
sizes = st.sampled_from((0, 1, 1000, MOST_BYTES - 10, MOST_BYTES, MOST_BYTES + 1, 100_000))
bodies = st.one_of(
    st.binary(max_size=300),
    fields.map(lambda several: urlencode(several).encode()),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")),
    st.builds(lambda part, size: (part * size)[:size], octets, sizes),
    sizes.map(lambda size: b"Digits=" + b"1" * size),
    sizes.map(lambda size: b"a&" * (size // 2)),
)
types = st.sampled_from(
    ("", FORM, f"{FORM}; charset=utf-7", "multipart/form-data", "multipart/form-data; boundary=x", "application/json",
     "text/xml", "text/plain; charset=nonsense", "/", ";;;", "\N{LATIN SMALL LETTER A WITH DIAERESIS}")
)  # fmt: skip
signatures = st.one_of(st.none(), st.binary(max_size=40), st.just("ä".encode()), st.just(b"0" * 28), st.just(b"=" * 28))
others = st.dictionaries(
    st.sampled_from(("X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-URL", "X-HTTP-Method-Override", "Cookie",
                     "Accept-Encoding", "Range", "Upgrade", "Content-Encoding")),
    st.sampled_from((b"evil.example", b"https", b"/voice", b"POST", b"gzip", b"bytes=0-1", b"\xff")),
    max_size=3,
)  # fmt: skip


def header(value: bytes) -> bytes:
    """Without what would end the line, and the request with it."""
    return value.translate(None, bytes([*range(32), 127])).strip()


@settings(max_examples=300)
@given(method=methods, path=paths, query=queries, kind=types, signature=signatures, other=others, body=bodies)
@example(b"POST", "/voice", "", FORM, None, {}, b"CallSid=CA1")
@example(b"OPTIONS", "/voice", "", FORM, None, {}, b"")
@example(b"POST", "//voice//main_open", "?lang=fi", FORM, b"x", {}, b"")
def test_a_stranger_gets_nothing(
    server: Server,
    method: bytes,
    path: str,
    query: str,
    kind: str,
    signature: bytes | None,
    other: dict[str, bytes],
    body: bytes,
) -> None:
    headers = {"Content-Type": kind.encode(), **other}
    if signature is not None:
        headers["X-Twilio-Signature"] = header(signature)
    answer = ask(server, method, (path + query).encode("ascii"), headers, body)
    told_nothing(answer)


@settings(max_examples=100)
@given(fields=fields, by=st.sampled_from(("another token", "another address", "other fields", "another query")))
def test_a_signature_of_something_else_is_no_signature(server: Server, fields: list[tuple[str, str]], by: str) -> None:
    token = "another" if by == "another token" else TOKEN
    address = ("https://evil.example" if by == "another address" else PUBLIC_URL) + "/voice/at/main_open?lang=fi"
    over = [*fields, ("Digits", "0 ")] if by == "other fields" else fields
    signature = RequestValidator(token).compute_signature(address, MultiDict(over)).encode()
    target = b"/voice/at/main_open?lang=" + (b"sv" if by == "another query" else b"fi")
    headers = {"Content-Type": FORM.encode(), "X-Twilio-Signature": signature}
    answer = ask(server, b"POST", target, headers, urlencode(fields).encode())
    assert (answer.status, answer.body) == (403, b"")


def told_nothing(answer: Answer) -> None:
    """A refusal, in nobody's words or none."""
    assert answer.status in (400, 403, 404, 405, 413) or (answer.status == 200 and not answer.body), answer
    assert len(answer.body) < 400, answer
    assert b"<Response" not in answer.body
    assert "xml" not in answer.headers.get("Content-Type", "")
    if answer.status == 403:
        assert answer.body == b""


@pytest.mark.parametrize(
    ("target", "told"), [(b"/live", b"ok\n"), (b"/ready", b"ready\n"), (b"/health", b'{"status":"ok"}\n')]
)
def test_anybody_may_ask_whether_it_lives(server: Server, target: bytes, told: bytes) -> None:
    answer = ask(server, b"GET", target, {}, b"")
    assert (answer.status, answer.body) == (200, told)
    assert ask(server, b"POST", target, {}, b"x").status == 405


# --- the provider ---------------------------------------------------------------------------------------------------


# The names of nodes need no escapes, and neither does any that the line may have had before or will have.
plain = st.text("abcxyz_-.~0189ABC", min_size=1, max_size=20).filter(lambda name: name not in (".", ".."))
asked = queries.filter(lambda query: query != "?" and "#" not in query)
addresses = st.just("/voice") | st.one_of(st.sampled_from(NODES), plain).map("/voice/{}".format)


@settings(max_examples=300)
@given(path=addresses, query=asked, fields=fields)
def test_the_provider_is_always_answered(server: Server, path: str, query: str, fields: list[tuple[str, str]]) -> None:
    answer = signed(server, path + query, fields)
    if path == "/voice/status":
        assert (answer.status, answer.body) == (204, b"")
        return
    verbs = [verb.tag for verb in twiml(answer)]
    if path == "/voice/whisper" and dict(fields).get("Digits"):
        assert verbs == []
    else:
        assert verbs[-1] in ENDINGS


@pytest.mark.parametrize(("size", "status"), [(MOST_BYTES, 200), (MOST_BYTES + 1, 413), (100_000, 413)])
def test_only_what_no_provider_sends_is_too_much(server: Server, size: int, status: int) -> None:
    fields = [("CallSid", "CA1"), ("Digits", "1")]
    fields += [("x", "1" * (size - len(urlencode([*fields, ("x", "")]))))]
    assert signed(server, "/voice/at/main_open?lang=fi", fields).status == status


# --- no HTTP at all -------------------------------------------------------------------------------------------------

HEAD = b"POST /voice HTTP/1.1\r\nHost: x\r\n"
broken = st.one_of(
    st.binary(max_size=400),
    st.binary(max_size=100).map(lambda raw: raw + b"\r\n\r\n"),
    st.binary(max_size=100).map(lambda raw: HEAD + raw + b"\r\n\r\n"),
    st.builds(lambda method, target: method + b" " + target + b" HTTP/1.1\r\n\r\n", printable, st.binary(max_size=30)),
    st.integers(1, len(HEAD)).map(lambda length: HEAD[:length]),
    st.builds(
        lambda name, value, body: HEAD + name + b": " + value + b"\r\n\r\n" + body,
        st.sampled_from((b"Content-Length", b"Transfer-Encoding", b"Expect", b"Connection", b" Folded", b"A\x00b")),
        st.sampled_from(
            (
                b"-1",
                b"5",
                b"99999999999",
                b"5, 6",
                b"0x10",
                b"chunked",
                b"chunked, chunked",
                b"gzip",
                b"100-continue",
                b"",
            )
        ),
        st.sampled_from(
            (b"", b"abc", b"5\r\nabcde\r\n0\r\n\r\n", b"ffffffffff\r\n", b"zz\r\n", b"-1\r\n", b"\x00" * 9)
        ),
    ),
    st.just(HEAD + b"X: " + b"a" * 300_000 + b"\r\n\r\n"),
    st.just(HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    st.just(HEAD + b"\r\n" + HEAD + b"Content-Length: 0\r\n\r\n"),
)


@settings(max_examples=200)
@given(raw=broken)
def test_what_is_no_request_is_refused_and_hurts_nobody(server: Server, raw: bytes) -> None:
    with connect(server) as link:
        try:
            link.sendall(raw)
            link.shutdown(socket.SHUT_WR)
        except OSError:  # it has had enough, and may have said so
            pass
        answer = answered(link)
    if answer is None:
        return
    assert 400 <= answer.status < 500 or answer.status == 501, answer
    assert len(answer.body) < 400
    assert b"<Response" not in answer.body


def test_of_a_body_without_end_nothing_is_read(server: Server) -> None:
    with connect(server) as link:
        link.sendall(HEAD + b"Content-Length: 1000000000\r\n\r\nCallSid=")
        answer = answered(link)
    assert answer
    assert answer.status == 413


def test_after_all_that_it_still_answers(server: Server) -> None:
    still_answers(server)
    assert server.process.poll() is None


@pytest.mark.parametrize(
    "sent", [b"", b"POST /vo", HEAD, HEAD + b"Content-Length: 1000\r\n\r\n", HEAD + b"Content-Length: 1000\r\n\r\nCall"]
)
def test_twenty_who_stall_keep_nobody_waiting(server: Server, sent: bytes) -> None:
    with ExitStack() as stalled:
        links = [stalled.enter_context(connect(server)) for _ in range(20)]
        for link in links:
            link.sendall(sent)
        for _ in range(3):
            still_answers(server)
        assert all(map(is_open, links)), "they were not waited for"
