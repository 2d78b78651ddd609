"""The thin entry and the Flask views behind it answer every request alike, and count and record the same."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from flask import Flask, Response
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ivr.core.call import StepTaken
from ivr.core.content import Content
from ivr.journal import Journal
from ivr.telephony.port import Webhook
from ivr.telephony.web import MOST_BYTES
from tests.telephony.both_ways import unusual
from tests.telephony.conftest import TOKEN, URL
from tests.telephony.test_requests import BEGAN, FORM, Watched

PATHS = (
    *("/voice", "/voice/", "//voice", "/voice/whisper", "/voice/status", "/voice/emergency", "/voice/at/x", "/voice/é"),
    *("/voice/at/main_open", "/voice/at/on_call", "/voice/at/choose_language", "/voice/on_call_third", "/voices", "/"),
)
QUERIES = ("", f"lang=en&matter=help&t={BEGAN}", "lang=ar&try=1&round=2&rev=0", "t=1", "lang=%C3%A4", "a=b&public=1")
FORMS: tuple[dict[str, str], ...] = (
    *({}, {"Digits": "3"}, {"Digits": "12#"}, {"CallStatus": "completed"}, {"DialCallStatus": "busy"}),
    *({"DialCallStatus": "completed", "DialBridged": "true"}, {"From": FORM["To"]}, {"FromCity": "Jyväskylä 💥"}),
)
LENGTHS: dict[str, Callable[[int], str]] = {
    "right": str,
    "too short": lambda size: str(max(size - 1, 0)),
    "none": lambda _size: "",
    "no number": lambda _size: "x",
    "signed": lambda size: f"+{size}",
    "arabic": lambda size: "".join(chr(0x660 + int(digit)) for digit in str(size)),
    "too long": lambda _size: str(MOST_BYTES + 1),
}


class Kept(Journal):
    """Keeps each step."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.kept: list[StepTaken] = []

    def record(self, taken: StepTaken) -> None:
        self.kept.append(replace(taken, took=0.0))


@pytest.fixture(scope="module")
def asked(content: Content) -> Watched:
    """A line that is asked both ways, and its twin; what both have counted and recorded can be read."""
    return Recorded(content)


class Recorded(Watched):
    def made(self, journal: Journal) -> Flask:
        del journal
        return super().made(Kept())

    def __repr__(self) -> str:
        return "a line"


@given(
    st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "HEAD"]),
    st.sampled_from(PATHS),
    st.sampled_from(QUERIES),
    st.sampled_from(FORMS),
    st.sampled_from([TOKEN, TOKEN, TOKEN, "stolen"]),
    st.sampled_from([*LENGTHS]),
    st.one_of(st.just(b""), st.binary(max_size=40)),
)
@example("POST", "/voice", "", {}, TOKEN, "right", b"&a=%ff%zz+&&=&b")
@settings(max_examples=150, deadline=None)
def test_both_answer_alike(
    asked: Watched, method: str, path: str, query: str, form: dict[str, str], token: str, length: str, more: bytes
) -> None:
    """`BothWays` compares status, headers and body; `metrics` the counts."""
    body = urlencode({**FORM, **form}).encode() + more
    target = quote(path) + (f"?{query}" if query else "")
    signed = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    builder = EnvironBuilder(path, method=method, query_string=query, input_stream=io.BytesIO(body))
    builder.headers["X-Twilio-Signature"] = RequestValidator(token).compute_signature(URL + target, signed)
    environ = {**builder.get_environ(), "PATH_INFO": path.encode().decode("latin-1"), "REQUEST_URI": target}
    environ |= {"CONTENT_LENGTH": LENGTHS[length](len(body)), "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    run_wsgi_app(asked.client.application, environ, buffered=True)
    first, second = (journal.kept for journal in asked.counts if isinstance(journal, Kept))
    assert first == second
    assert asked.metrics is not None


def test_most_requests_were_answered_by_the_thin_entry(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test before would compare the views with themselves."""
    line = Recorded(content)
    views = list[str]()
    real = line.app.full_dispatch_request

    def noted() -> Response:
        views.append("asked")
        return real()

    monkeypatch.setattr(line.app, "full_dispatch_request", noted)
    assert line.post("/voice").status_code == 200
    assert line.post(f"/voice/at/main_open?lang=en&t={BEGAN}", {"Digits": "1"}).status_code == 200
    assert views == []
    environ = EnvironBuilder("/voice", method="POST", data=FORM).get_environ()
    run_wsgi_app(line.app, unusual(environ))
    assert views == ["asked"]


@given(st.text(alphabet="ab=&+%;2C3ä\ud7ff ", max_size=30) | st.text(max_size=20))
def test_a_form_is_read_as_the_standard_library_reads_it(text: str) -> None:
    body = text.encode("utf-8", "replace")
    read = Webhook("POST", "/voice", "", body, {}).fields
    assert [*read] == parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
