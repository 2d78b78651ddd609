"""Rule P1: nothing that a real line prints tells who called, whom it rang or what was sent, even when it breaks."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest
from twilio.request_validator import RequestValidator

from ivr.core.content import Content
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Event, Requested
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.virtual import VirtualCarrier
from ivr.speech.estimate import seconds_by_locale
from tests import limits
from tests.faults.served import free_port
from tests.http_transport import HttpTransport
from tests.limits import PATIENCE
from tests.test_journal import documented
from tests.test_serve import prompts_today

PUBLIC_URL, TOKEN = "https://line.example.fi", "a-token"
CALLER, OURS, ON_CALL, INSTRUCTOR, SECOND = (
    "+358417392846", "+358753259814", "+358400417263", "+358405183697", "+358504936172",
)  # fmt: skip
NUMBERS = (CALLER, OURS, ON_CALL, INSTRUCTOR, SECOND)
ENVIRONMENT = {
    "TWILIO_AUTH_TOKEN": TOKEN,
    "IVR_PUBLIC_URL": PUBLIC_URL,
    "IVR_CALLER_ID": OURS,
    "IVR_CONTACT_ON_CALL": ON_CALL,
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": f"{INSTRUCTOR},{SECOND}",
}
TELLING = {
    "CallerName": "QUIRINIUS SOITTAJA",
    "FromCity": "Naamapalo",
    "FromState": "Outokaira",
    "FromZip": "95970-1",
    "ForwardedFrom": CALLER,
    "SipHeader_X-Who": "Quirinius",
}
SID = "CA5ec0ffee5ec0ffee5ec0ffee5ec0ffee"
WORDS = ("quirinius", "soittaja", "naamapalo", "outokaira")


# --- the search -----------------------------------------------------------------------------------------------------

BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[\s./()\[\]_,\N{NO-BREAK SPACE}\N{NON-BREAKING HYPHEN}\N{EN DASH}-]+(?=[0-9])")
HASHED = re.compile(r'"call": "[0-9a-f]{12}"')
"""The keyed hash of a call: any digits may stand in it by chance."""


def found(text: str, sids: Sequence[str] = (SID,)) -> list[str]:
    """Every number, call and name that a text gives away, however it is written.

    All spellings of a number end with the same six digits, once what stands between digits is gone.
    """
    text = HASHED.sub("", text)
    readings = [text, unquote_plus(text), unquote_plus(unquote_plus(text))]
    digits = [BETWEEN_DIGITS.sub("", reading) for reading in readings]
    letters = [reading.casefold() for reading in readings]
    told = [number for number in NUMBERS if any(number[-6:] in reading for reading in digits)]
    return told + [word for word in (*WORDS, *sids) if any(word.casefold() in reading for reading in letters)]


def spellings(number: str) -> list[str]:
    """How somebody might write a Finnish number."""
    country, rest = number[1:4], number[4:]
    first, middle, last = rest[:2], rest[2:5], rest[5:]
    return [
        number,
        number[1:],
        f"00{country}{rest}",
        f"0{rest}",
        rest,
        f"0{first} {middle} {last}",
        f"0{first}-{middle} {last}",
        f"0{first}-{middle}{last}",
        f"(0{first}) {middle} {last}",
        f"+{country} {first} {middle} {last}",
        f"+{country}-{first}-{middle}-{last}",
        f"+{country} (0){first} {middle} {last}",
        f"0{first}.{middle}.{last}",
        f"0{first}\N{NO-BREAK SPACE}{middle}\N{NO-BREAK SPACE}{last}",
        " ".join(rest),
        quote(number, safe=""),
        quote(f"+{country} {first} {middle} {last}"),
        quote(quote(f"+{country} {first} {middle} {last}")),
        urlencode({"From": f"0{first} {middle} {last}"}),
        rest[-6:],
    ]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("line", ["{}", "rang {} at noon", '{{"from": "{}", "second": 3}}', "/voice?From={}&To=1"])
def test_the_search_knows_a_number_in_every_spelling(number: str, line: str) -> None:
    for spelling in spellings(number):
        assert found(line.format(spelling)) == [number], spelling


def test_the_search_knows_names_and_calls() -> None:
    assert found("Quirinius%20Soittaja") == ["quirinius", "soittaja"]
    assert found(f"call {SID.lower()}") == [SID]


def test_the_search_is_not_frightened_by_what_a_line_prints() -> None:
    line = '{"event": "step", "timestamp": "2026-11-24T10:00:20.392+00:00", "call": "392846392846", "ms": 3.92, '
    assert found(line + '"second": 846}\nanswering on http://127.0.0.1:39284\n') == []


# --- a line ---------------------------------------------------------------------------------------------------------


@dataclass
class Printing:
    """A running line, and everything it prints."""

    process: subprocess.Popen[bytes]
    folder: Path
    operators: str
    heard: list[str] = field(default_factory=list)
    """Answers to strangers, and to operators."""
    events: list[Event] = field(default_factory=list)

    @property
    def address(self) -> str:
        said = re.search(r"http://[\d.]+:\d+", self.printed())
        assert said, self.printed()
        return said[0]

    def printed(self, after: Mapping[str, int] | None = None) -> str:
        """All of it, or what comes after so many characters of each file."""
        return "\n".join(text[(after or {}).get(name, 0) :] for name, text in self._files().items())

    def so_far(self) -> Mapping[str, int]:
        return {name: len(text) for name, text in self._files().items()}

    def _files(self) -> Mapping[str, str]:
        files = [self.folder / name for name in ("out", "err", "journal")]
        return {file.name: file.read_text(encoding="utf-8") for file in files if file.exists()}

    def size(self, name: str) -> int:
        """How much stands in a file; nothing, as long as there is none."""
        file = self.folder / name
        return file.stat().st_size if file.exists() else 0

    def ask(
        self, method: str, target: str, form: Mapping[str, str] | None = None, *, signed: bool = False, at: str = ""
    ) -> tuple[int, str]:
        """Status, body and headers of one request; what has a form is also sent so that the Flask views answer it."""
        if form is not None and method == "POST":
            self._ask(method, target, form, signed, at, zeros=5)
        return self._ask(method, target, form, signed, at)

    def _ask(
        self, method: str, target: str, form: Mapping[str, str] | None, signed: bool, at: str, zeros: int = 0
    ) -> tuple[int, str]:
        sent = urlencode(form or {})
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        if signed:
            headers["X-Twilio-Signature"] = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + target, form or {})
        connection = http.client.HTTPConnection(at or urlsplit(self.address).netloc, timeout=PATIENCE)
        try:
            connection.request(method, target, sent, {**headers, "Content-Length": "0" * zeros + str(len(sent))})
            response = connection.getresponse()
            body = response.read().decode() + str(response.headers)
        finally:
            connection.close()
        if not signed:
            self.heard.append(body)
        return response.status, body

    def operators_read(self) -> str:
        """All that operators are shown."""
        return "".join(self.ask("GET", target, at=self.operators)[1] for target in ("/health", "/metrics"))

    def alarms(self) -> str:
        """What their /health says."""
        return self.ask("GET", "/health", at=self.operators)[1]

    def call(
        self, content: Content, keys: Sequence[str], contacts: Mapping[str, Sequence[str]], *, unusual: bool
    ) -> list[Event]:
        carrier = VirtualCarrier(
            HttpTransport(self.address, unusual=unusual),
            public_url=PUBLIC_URL,
            auth_token=TOKEN,
            our_number=OURS,
            clock=VirtualClock(datetime.now(ZoneInfo("Europe/Helsinki"))),
            seconds_of=seconds_by_locale(content.languages),
            strict=True,
        )
        events = carrier.call(ScriptedCaller(keys), ScriptedContacts(contacts), from_=CALLER, extra=TELLING)
        self.events += events
        return events

    def sids(self) -> list[str]:
        """Every identifier that the provider told in these calls."""
        forms = [event.form for event in self.events if isinstance(event, Requested)]
        return sorted({value for form in forms for name, value in form.items() if name.endswith("CallSid")})


def printing(folder: Path, command: Sequence[str], **environment: str) -> Iterator[Printing]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
    prompts, operators = prompts_today(folder, "07:00-20:00"), f"127.0.0.1:{free_port()}"
    often = {"IVR_SECONDS_LOOK": "0.1", "IVR_SECONDS_TELL": "0.1", "IVR_SECONDS_ALARM": "0.5"}
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, *command, "--port", "0", "--metrics", operators],
            cwd=folder,
            env={**clean, **ENVIRONMENT, **often, "IVR_SITE": str(prompts), **environment},
            stdout=out,
            stderr=err,
        )
    line = Printing(process, folder, operators)
    try:
        until(line, lambda: "answering on" in line.printed())
        yield line
    finally:
        process.terminate()
        process.wait(PATIENCE)


def until(line: Printing, true: Callable[[], bool]) -> None:
    """Wait for what a running line does."""
    limits.until(lambda: true() or line.process.poll() is not None, line.printed)
    assert line.process.poll() is None, line.printed()


@pytest.fixture(scope="module", params=["to a file", "to standard output"])
def line(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Printing]:
    """`ivr serve`, its journal in a file, or on standard output as it is when nothing is said of it."""
    folder = tmp_path_factory.mktemp("printing")
    journal = {"IVR_LOG": str(folder / "journal")} if request.param == "to a file" else {}
    yield from printing(folder, ["-m", "ivr", "serve"], **journal)


def test_whole_calls_leave_no_trace_of_who_called_or_was_rung(line: Printing, content: Content) -> None:
    calls: list[tuple[list[str], dict[str, list[str]]]] = [
        (["3", "1"], {INSTRUCTOR: ["busy"], SECOND: ["answers"]}),
        (["early 2", "early 2"], {ON_CALL: ["voicemail", "failed", "answers"]}),
        (["7", "*", "9", "#", "0", "hang up after 30"], {ON_CALL: ["no_answer"]}),
        (["1", "3", "4"], {}),
    ]
    for (keys, contacts), unusual in product(calls, (False, True)):
        events = line.call(content, keys, contacts, unusual=unusual)
        dialled = {number for number in NUMBERS if any(number in e.twiml for e in events if isinstance(e, Requested))}
        assert dialled >= {OURS}, "calls must ring, or nothing is shown"
    asked = [event for event in line.events if isinstance(event, Requested) and "/status" not in event.url]
    whispers = [event for event in asked if "/voice/whisper" in event.url]
    until(line, lambda: line.printed().count('"event": "step"') >= len(asked) - len(whispers))
    assert len(line.sids()) > 4
    assert found(line.printed() + line.operators_read(), line.sids()) == []


def test_what_is_signed_and_strange_leaves_none_either(line: Printing) -> None:
    strange = CALLER[1:]
    known = ("From", "Digits", "DialCallStatus", "DialBridged", "DialCallDuration", "CallStatus", "CallSid", "Caller")
    forms = [{**TELLING, "CallSid": SID, name: value} for name in known for value in (CALLER, strange, "Quirinius")]
    before = line.printed().count('"event": "step"')
    for form in forms:
        query = urlencode({"lang": "quirinius", "matter": CALLER, "try": strange, "rev": CALLER})
        assert line.ask("POST", "/voice", form, signed=True)[0] == 200
        assert line.ask("POST", f"/voice/at/main_open?{query}", form, signed=True)[0] == 200
        assert line.ask("POST", f"/voice/whisper?{query}", form, signed=True)[0] == 200
        assert line.ask("POST", "/voice/status", form, signed=True)[0] == 204
    until(line, lambda: line.printed().count('"event": "step"') >= before + 4 * len(forms))
    assert found(line.printed() + line.operators_read()) == []


def test_strangers_learn_nothing_and_leave_nothing(line: Printing) -> None:
    for spelling in (CALLER, CALLER[1:], "Quirinius"):
        for path in ("", "/voice", "/voice/", "/health", "/live", "/audio", "//voice/"):
            for method in ("GET", "POST", "OPTIONS", "DELETE"):
                target = f"{path}/{quote(spelling)}?From={quote(spelling)}"
                assert line.ask(method, target, {"From": spelling, **TELLING})[0] in (200, 400, 403, 404, 405)
        for path in ("", "/health", "/metrics", "/voice"):
            line.ask("GET", f"{path}/{quote(spelling)}?From={quote(spelling)}", at=line.operators)
    for path in ("/voice", "/voice/at/main_open", "/voice/whisper", "/voice/status", "/health", "/live", "/ready"):
        for method in ("GET", "POST", "HEAD", "OPTIONS"):
            line.ask(method, path, {"From": CALLER, "Digits": "1" * 70_000})
            line.ask(method, path, {"From": CALLER, **TELLING})
    line.operators_read()
    assert found(line.printed()) == []
    assert [body for body in line.heard if found(body)] == []


def test_alarms_are_told_and_clear_without_a_word_of_who_called(line: Printing) -> None:
    """A call that is refused is told, and what it is told for is over with the next that is taken."""
    before = line.so_far()
    form = {**TELLING, "CallSid": SID, "From": CALLER, "To": OURS}
    assert line.ask("POST", "/voice", form)[0] == 403
    until(line, lambda: "alarm signatures_refused" in line.printed(before))
    shown = line.operators_read()
    assert "2 calls to our number were refused" in shown
    assert 'ivr_alarm{alarm="signatures_refused"} 1' in shown
    assert line.ask("GET", "/health")[0] == 503
    assert line.ask("GET", f"/voice?{urlencode(form)}", signed=True)[0] == 200
    until(line, lambda: "over: signatures_refused" in line.printed(before))
    assert "get_requests" in line.operators_read()
    assert found(line.printed()) == []
    assert [body for body in line.heard if found(body)] == []


def test_the_journal_tells_what_happened_in_a_call(line: Printing, content: Content) -> None:
    def lines() -> list[dict[str, Any]]:
        return [json.loads(text) for text in line.printed().splitlines() if text.startswith("{")]

    before = len(lines())
    events = line.call(content, ["3", "1"], {INSTRUCTOR: ["busy"], SECOND: ["answers"]}, unusual=False)
    (talked,) = (
        int(e.form["DialCallDuration"])
        for e in events
        if isinstance(e, Requested) and e.form.get("DialBridged") == "true"
    )
    until(line, lambda: len(lines()) >= before + 6)
    told = lines()[before:]
    names = ("node", "what", "exit", "path", "language", "matter", "phone")
    assert [tuple(written[name] for name in names) for written in told] == [
        ("", "started", "started", ["opening", "choose_language"], None, "guidance", "open"),
        ("choose_language", "key", "3", ["welcome", "front", "main_open"], "en", "guidance", "open"),
        ("main_open", "key", "1", ["person", "instructor"], "en", "guidance", "open"),
        ("instructor", "transfer_ended", "busy", ["instructor"], "en", "guidance", "open"),
        ("instructor", "transfer_ended", "answered", ["after_talk"], "en", "guidance", "open"),
        ("after_talk", "silence", "noinput", ["goodbye"], "en", "guidance", "open"),
    ]
    assert len({written["call"] for written in told}) == 1
    assert all(0 < written["ms"] < 1000 * PATIENCE for written in told)
    # The talk was told and took no time: the call began so many seconds later.
    late = [written["second"] + (talked if number > 3 else 0) for number, written in enumerate(told)]
    assert all(0 <= seconds < PATIENCE for seconds in late)
    line.ask("POST", "/voice/at/urgent?lang=sv&matter=child", {"CallSid": SID, "CallStatus": "completed"}, signed=True)
    until(line, lambda: len(lines()) > before + 6)
    gone = lines()[-1]
    assert tuple(gone[name] for name in names) == ("urgent", "caller_gone", "gone", [], "sv", "child", "open")
    assert gone["call"] != told[0]["call"]
    (key,) = (line.folder / "var").glob("journal-*")
    assert re.fullmatch(r"journal-\d{4}-\d\d-\d\d\.key", key.name)
    assert key.stat().st_mode & 0o777 == 0o600


def test_journal_lines_have_their_fields_and_no_others(line: Printing) -> None:
    def lines() -> list[dict[str, Any]]:
        return [json.loads(text) for text in line.printed().splitlines() if text.startswith("{")]

    line.ask("POST", "/voice", {"CallSid": SID}, signed=True)
    until(line, lambda: bool(lines()))
    for written in lines():
        assert set(written) == documented("Fields")
        assert re.fullmatch("[0-9a-f]{12}", written["call"])
        assert written["what"] in documented("What happened")
        assert written["exit"] in documented("Exits")
    assert "Traceback" not in line.printed()


# --- a line that breaks ---------------------------------------------------------------------------------------------

BREAKING = '''
"""The line, in which a function can be told to fail in words that tell who called."""

import os
import sys
from pathlib import Path

import flask

import ivr.app
import ivr.commands.line
import ivr.journal
import ivr.live.watcher
import ivr.metrics
import ivr.serving
import ivr.telephony.web
from ivr.telephony.twilio.provider import Twilio

PLACES = {
    "step": (ivr.telephony.web, "step"),
    "whisper": (ivr.telephony.web, "whisper"),
    "address": (ivr.telephony.web, "address_of"),
    "webhook": (ivr.telephony.web, "_webhook"),
    "verify": (Twilio, "verify"),
    "naming us": (Twilio, "names_us"),
    "read": (Twilio, "read"),
    "write": (Twilio, "write"),
    "emergency": (Twilio, "read"),
    "record": (ivr.journal.Journal, "record"),
    "line of the journal": (ivr.journal.Journal, "_line"),
    "health": (ivr.app, "jsonify"),
    "alarms": (ivr.metrics.Metrics, "alarms"),
    "counting": (ivr.metrics.Metrics, "answered"),
    "looking": (ivr.live.watcher.Watcher, "_look"),
    "serving": (ivr.serving.Current, "__call__"),
    "routing": (flask.Flask, "dispatch_request"),
    "answering": (flask.Flask, "process_response"),
    "planted": (ivr.telephony.web, "step"),
    "planted on standard output": (ivr.telephony.web, "step"),
}
told = Path("fault")
record, handle = ivr.journal.Journal.record, ivr.journal.Journal._handle


def counted(name, lines):
    """A sign for each line, in a file: for whoever waits until all that was recorded has been handled."""
    with open(name, "a") as signs:
        signs.write("." * lines)


def counted_record(journal, taken):
    counted("recorded", 1)
    record(journal, taken)


def counted_handle(journal):
    lines = len(journal._taken)
    handle(journal)
    counted("handled", lines)


def may_fail(fault, owner, name):
    real = getattr(owner, name)

    def function(*args, **kwargs):
        if told.read_text() == fault:
            match fault:
                case "planted":
                    print("rang:", os.environ["SECRET"], file=sys.stderr, flush=True)
                case "planted on standard output":
                    print("rang:", os.environ["SECRET"], flush=True)
                case _:
                    raise RuntimeError("RuntimeError about " + os.environ["SECRET"])
        return real(*args, **kwargs)

    setattr(owner, name, function)


if __name__ == "__main__":
    told.write_text("")
    ivr.journal.Journal.record, ivr.journal.Journal._handle = counted_record, counted_handle
    for fault, (owner, name) in PLACES.items():
        may_fail(fault, owner, name)
    may_fail("emergency", Twilio, "emergency")
    ivr.commands.main(["serve", *sys.argv[1:]])
'''
SECRET = f"From={CALLER} To=0{OURS[4:]} rung={ON_CALL} {INSTRUCTOR[:6]} {INSTRUCTOR[6:]} {SID} {TELLING['CallerName']}"
FAULTS = re.findall(r'^    "(.*)": \(', BREAKING, re.MULTILINE)
BY_THEMSELVES = {"looking": "looking for changes failed", "alarms": "alarms cannot be read"}
"""What is done without being asked for, and what is told when it fails."""
PLANTED = [fault for fault in FAULTS if fault.startswith("planted")]


@pytest.fixture(scope="module")
def breaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Printing]:
    folder = tmp_path_factory.mktemp("breaking")
    (folder / "breaking.py").write_text(BREAKING, encoding="utf-8")
    yield from printing(folder, ["breaking.py"], SECRET=SECRET)


def broken_by(line: Printing, fault: str) -> str:
    """All that is printed, and answered to strangers, by and after a fault."""
    before, answered = line.so_far(), len(line.heard)
    (line.folder / "fault").write_text(fault, encoding="utf-8")
    form = {"CallSid": SID, "From": CALLER, "To": OURS, **TELLING}
    for path in (
        f"/voice/at/{FAULTS.index(fault)}",
        "/voice/at/main_open?lang=sv",
        "/voice/whisper",
        "/voice/status",
        "/voice",
    ):
        line.ask("POST", path, form, signed=True)
        line.ask("POST", path, form)
    for path in ("/health", "/live", "/ready", "/nothing"):
        line.ask("GET", path)
    line.operators_read()
    until(line, lambda: line.size("handled") == line.size("recorded"))  # the journal writes behind the answers
    if told := BY_THEMSELVES.get(fault):
        until(line, lambda: told in line.printed(before))
    line.operators_read()
    (line.folder / "fault").write_text("", encoding="utf-8")
    assert line.process.poll() is None
    return "\n".join([line.printed(before), *line.heard[answered:]])


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in PLANTED])
def test_whatever_breaks_is_told_without_its_words(breaking: Printing, fault: str) -> None:
    printed = broken_by(breaking, fault)
    assert "RuntimeError" in printed, "the fault must have been met and told"
    assert "RuntimeError about" not in printed
    assert found(printed) == []


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_leak_is_found(breaking: Printing, fault: str) -> None:
    printed = broken_by(breaking, fault)
    assert set(found(printed)) == {CALLER, OURS, ON_CALL, INSTRUCTOR, SID, "quirinius", "soittaja"}


def test_the_journal_outlives_a_line_that_could_not_be_written(breaking: Printing) -> None:
    broken_by(breaking, "line of the journal")
    lines = breaking.printed().count('"event": "step"')
    breaking.ask("POST", "/voice", {"CallSid": SID}, signed=True)
    until(breaking, lambda: breaking.printed().count('"event": "step"') > lines)
    until(breaking, lambda: "journal_failing" not in breaking.alarms())
    assert re.search(r'"journal_lines_lost": ?[1-9]', breaking.alarms())


def test_looking_for_changes_is_well_again_once_a_look_has_not_failed(breaking: Printing) -> None:
    before = breaking.so_far()
    (breaking.folder / "fault").write_text("looking", encoding="utf-8")
    until(breaking, lambda: "alarm watching_failed" in breaking.printed(before))
    (breaking.folder / "fault").write_text("", encoding="utf-8")
    until(breaking, lambda: "over: watching_failed" in breaking.printed(before))
