"""Rule P2: the line does nothing that its caller did not ask for in this call, and passes their number to nobody."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import cycle, product
from pathlib import Path
from typing import cast, get_args
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import click
import pytest

from ivr.commands import probe
from ivr.commands.hourly import Hourly
from ivr.commands.ring import ring_contact
from ivr.core.content import Content
from ivr.core.flow import Matter
from ivr.core.speak import whisper
from ivr.core.utterance import Clip, Sound, Utterance
from ivr.proof.probe import Probe, ProbeKey
from ivr.proof.prove import walk_all
from ivr.proof.walk import Walk
from ivr.telephony import port
from ivr.telephony.port import Route, Webhook, WhisperRequest
from ivr.telephony.twilio.account import Account
from ivr.telephony.twilio.calls import Calls
from ivr.telephony.twilio.provider import Twilio
from ivr.telephony.twiml.received import FORMS, KEYS
from tests.conftest import ROOT
from tests.telephony.conftest import INSTRUCTOR, ON_CALL, OURS, SECOND, TOKEN, URL, Line, line_settings, spoken

pytestmark = pytest.mark.untraced

CALLER = "+358417392846"
SPARE = "+358403333333"
CONTACTS = {"on_call": (ON_CALL, SPARE), "social_instructor": (INSTRUCTOR, SECOND)}
ALLOWED: Mapping[str, set[str]] = {
    "Response": set(),
    "Say": {"voice", "language"},
    "prosody": {"rate"},
    "break": {"time"},
    "Play": set(),
    "Pause": {"length"},
    "Gather": {"action", "method", "input", "numDigits", "finishOnKey", "timeout", "actionOnEmptyResult"},
    "Dial": {"action", "method", "timeout", "timeLimit", "callerId", "answerOnBridge", "ringTone"},
    "Number": {"url", "method"},
    "Redirect": {"method"},
    "Hangup": set(),
    "Reject": {"reason"},
}
"""All that is asked of the provider: nothing that records, transcribes, writes, reports, or stays after the call."""


@pytest.fixture(scope="module")
def walked(content: Content) -> Walk:
    """In two languages, one of the office's own and another: the rest differ from these in their words alone."""
    return walk_all(replace(content, offered=frozenset({"fi", "ar"})), date(2026, 11, 24))


def played(utterance: Utterance) -> tuple[Sound, ...]:
    """A name as clips have it; Python's own hash differs from run to run, and may hold the end of any number."""
    return (Clip(hashlib.sha256(repr(utterance).encode()).hexdigest()[:32], 1.0),)


def provider(content: Content, voice: port.SoundOf, *at_once: str) -> Twilio:
    line = port.LineNumbers(URL, OURS, CONTACTS, "FI", dict.fromkeys(CONTACTS, 20), frozenset(at_once))
    return Twilio(content, line, (TOKEN,), voice)


def steps(of: Twilio, walked: Walk) -> Iterator[bytes]:
    """Each different step, once."""
    taken = {(step.state, step.plays, step.action): step for step in (each.step for each in walked.transitions)}
    yield from (of.write(step, 0) for step in taken.values())


def whispers(of: Twilio, content: Content) -> Iterator[bytes]:
    for language, matter, accepted in product((None, *content.offered), get_args(Matter), (False, True)):
        yield of.write_whisper(WhisperRequest(language, matter, accepted), whisper(content, language, matter))


def emergency_documents(of: Twilio) -> Iterator[bytes]:
    for route, form in product(get_args(Route), FORMS):
        form = {**form, "From": CALLER}
        if document := of.emergency(Webhook("POST", "/voice", "", urlencode(form).encode(), {}), route):
            yield document


@pytest.fixture(scope="module", params=["spoken", "played", "at once"])
def documents(request: pytest.FixtureRequest, walked: Walk) -> list[ElementTree.Element]:
    """Every different document that the line can write, with either sound, and to contacts with or without a key."""
    content = walked.content
    made = {
        "spoken": partial(provider, content, spoken),
        "played": partial(provider, content, played),
        "at once": partial(provider, content, spoken, *CONTACTS),
    }[request.param]()
    written = {*steps(made, walked), *whispers(made, content), *emergency_documents(made)}
    assert len(written) > 1000
    assert not any(CALLER[-6:].encode() in document for document in written)
    return [ElementTree.fromstring(document) for document in sorted(written)]  # noqa: S314 - our own documents


def unasked(documents: list[ElementTree.Element]) -> set[tuple[str, str]]:
    """Verbs, and attributes of verbs, that are more than to speak, to listen, to ring and to end."""
    elements = [element for document in documents for element in document.iter()]
    verbs = {(element.tag, "") for element in elements if element.tag not in ALLOWED}
    asked = {(element.tag, name) for element in elements for name in element.attrib}
    return verbs | {(tag, name) for tag, name in asked if name not in ALLOWED.get(tag, set())}


def test_nothing_is_asked_but_to_speak_to_listen_to_ring_and_to_end(documents: list[ElementTree.Element]) -> None:
    assert unasked(documents) == set()
    used = {element.tag for document in documents for element in document.iter()}
    assert used >= {"Gather", "Dial", "Number", "Redirect", "Hangup", "Reject"}


@pytest.mark.parametrize(
    "planted", ["<Record/>", "<Sms>Hei</Sms>", '<Dial record="true"/>', '<Number statusCallback="/s"/>', "<Enqueue/>"]
)
def test_a_verb_that_records_or_writes_to_somebody_is_found(planted: str) -> None:
    assert unasked([ElementTree.fromstring(f"<Response>{planted}</Response>")])  # noqa: S314 - our own document


def test_only_the_phones_of_the_office_are_rung_and_they_see_our_number(documents: list[ElementTree.Element]) -> None:
    dials = [dial for document in documents for dial in document.iter("Dial")]
    assert {dial.get("callerId") for dial in dials} == {OURS}
    assert {len(dial) for dial in dials} == {1}, "one phone at a time"
    assert {(dial.text, dial.tail) for dial in dials} == {(None, None)}, "a Dial may hold a number without Number"
    assert {number.text for dial in dials for number in dial} == {ON_CALL, SPARE, INSTRUCTOR, SECOND}


def test_no_address_leads_away_from_the_line(documents: list[ElementTree.Element]) -> None:
    ours = urlsplit(URL)
    addresses = {
        address
        for document in documents
        for element in document.iter()
        for address in (
            *(element.attrib[name] for name in ("action", "url") if name in element.attrib),
            *((element.text or "",) if element.tag in ("Redirect", "Play") else ()),
        )
    }
    assert addresses
    for address in addresses:
        parts = urlsplit(address)
        assert (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
        assert parts.path.startswith((f"{ours.path}/voice/", f"{ours.path}/audio/"))
    texts = {text for document in documents for text in document.itertext()} - addresses
    values = {v for document in documents for element in document.iter() for v in element.attrib.values()} - addresses
    assert not [text for text in texts | values if "//" in text or "@" in text], "no other address anywhere"


def test_who_calls_changes_nothing_that_is_answered(content: Content, walked: Walk) -> None:
    """So nothing of a caller can be spoken to anybody, shown to a contact, or kept in an address."""
    line = Line(content)
    others = {"From": "+358501112223", "Caller": "+358501112223", "CallSid": "CA1"}
    caller = {
        "From": CALLER,
        "Caller": CALLER,
        "CallSid": "CA5ec0ffee",
        "CallerName": "Quirinius",
        "FromCity": "Naamapalo",
        "StirVerstat": "TN-Validation-Passed-A",
        "ForwardedFrom": CALLER,
        "SipDomain": "example",
    }
    happenings = cycle([*FORMS, *({"Digits": key} for key in KEYS)])
    addresses = ["/voice", "/voice/whisper?lang=en&matter=child"]
    for state in walked.after:
        query = (
            f"matter={state.matter}&try={state.attempt}&rev={content.revision(state.node, state.language)}&t=1795507140"
        )
        addresses.append(f"/voice/at/{state.node}?{query}" + (f"&lang={state.language}" if state.language else ""))
    for address, form in zip(addresses, happenings, strict=False):
        answer = line.post(address, {**form, **caller})
        assert answer.data == line.post(address, {**form, **others}).data
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers


# --- calls that an administrator starts -----------------------------------------------------------------------------


class NobodyRung:
    """Takes every call on, and rings nobody. `calls`: itself, as the client has them."""

    def __init__(self) -> None:
        self.rung = list[tuple[str, str]]()
        self.client = self.calls = self

    def create(self, *, to: str, from_: str, **_: object) -> object:
        self.rung.append((to, from_))
        raise KeyboardInterrupt


def test_a_contact_is_rung_at_configured_numbers_alone_and_only_after_a_yes(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = line_settings()
    for contact, numbers in settings.contacts.items():
        for answer in (False, True):
            twilio = NobodyRung()
            monkeypatch.setattr("click.confirm", lambda _question, answer=answer: answer)
            with pytest.raises(click.ClickException):
                ring_contact(Calls(cast("Account", twilio)), settings, content, contact, tell=lambda _words: None)
            assert twilio.rung == ([(numbers[0], OURS)] if answer else [])
    with pytest.raises(click.ClickException, match="is no contact"):
        ring_contact(Calls(cast("Account", NobodyRung())), settings, content, "+358417392846", yes=True)


def test_the_probe_rings_our_own_number_from_its_own_alone(content: Content, tmp_path: Path) -> None:
    planned = Probe("en", (ProbeKey("3", frozenset()),), 2, frozenset(), 4.5, 6, 10.0)
    twilio, settings = NobodyRung(), line_settings(probe_number=SPARE)
    with pytest.raises(click.ClickException, match="not known whether the call was made"):
        probe.make_call(Calls(cast("Account", twilio)), settings, planned, Hourly(tmp_path / "last"))
    assert twilio.rung == [(OURS, SPARE)]


def test_only_these_two_start_a_call_and_nothing_writes_to_anybody() -> None:
    """In all of the program: who makes anything at Twilio, and who starts calls by that.

    The user agent of `ivr phone --sip` is none of these: it rings the telephones of this network that were named.
    """
    found = defaultdict[str, set[str]](set)
    for path in (ROOT / "ivr").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in ("create", "create_async", "create_with_http_info"):
                    found["creates"].add(f"{path.name}: {ast.unparse(node.func)}")
                if node.func.attr == "start" and ast.unparse(node.func.value) == "calls":
                    found["starts"].add(path.name)
    makes = {"calls.py: self._client.calls.create", "stack.py: UserAgent.create"}
    assert found == {"creates": makes, "starts": {"probe.py", "ring.py"}}


def test_serving_brings_nothing_that_could_call_or_write_to_anybody() -> None:
    """The provider's own client, and what it would speak HTTP with, are not even there."""
    program = """
import json, sys
from datetime import UTC, date, datetime
from pathlib import Path

import ivr.commands.phone
from ivr.content.load import load

content = load(Path("prompts"), date(2026, 11, 24)).content
app = ivr.commands.phone.simulated_app(content, lambda: datetime(2026, 11, 24, 8, tzinfo=UTC))
assert app.test_client().get("/live").status_code == 200
json.dump(sorted(sys.modules), sys.stdout)
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = json.loads(ran.stdout)
    assert "twilio.twiml.voice_response" in loaded
    senders = (
        "twilio.rest",
        "twilio.http",
        "twilio.base",
        "requests",
        "aiohttp",
        "urllib3",
        "httpx",
        "smtplib",
        "ftplib",
    )
    assert [name for name in loaded if name.startswith(senders)] == []
