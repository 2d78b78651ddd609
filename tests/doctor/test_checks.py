"""Each check finds its fault where it is planted, and passes where there is none."""

from __future__ import annotations

import json
import socket
import sqlite3
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import trustme
from twilio.request_validator import RequestValidator

from ivr.app import line_app, operators_app
from ivr.core.closing import Change, Closing, StandIn
from ivr.doctor import kept
from ivr.doctor.examination import CHECKS, examine
from ivr.doctor.examined import Examined
from ivr.doctor.web import NoWebAnswer, Web, WebAnswer
from ivr.journal import Journal
from ivr.metrics import EMERGENCY, Metrics
from ivr.records import schema
from ivr.records.closings import Records
from ivr.records.mirror import to_bytes
from ivr.serving import Current
from ivr.settings.env_file import SettingsError
from ivr.speech.clips import ClipFile
from ivr.speech.voices import VoiceSelector
from tests.content.conftest import FIRST
from tests.doctor.conftest import Healthy, dead_process
from tests.serving import served
from tests.tls import tls_before
from tests.twilio_rest.conftest import FALLBACK, OURS, SWEDISH
from tests.twilio_rest.provider import TOKEN, Answer, in_twilios_form
from tests.twilio_rest.typed import opens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Between = Callable[["WSGIApplication"], "WSGIApplication"]
BUNDLE = "BU" + "5e" * 16
INSTRUCTOR = "IVR_CONTACT_SOCIAL_INSTRUCTOR"
LIST = "ListIncomingPhoneNumber"
ON_CALL = "IVR_CONTACT_ON_CALL"


class Fault(NamedTuple):
    """What is planted, and what the check of that id says of it."""

    check: str
    name: str
    plant: Callable[[Healthy], object]
    seen: str
    state: str = "blocks"


def always(status: int, kind: str = "text/html", body: bytes = b"<html></html>", **headers: str) -> Between:
    """A proxy that answers everything by itself."""

    def between(_app: WSGIApplication) -> WSGIApplication:
        def answer(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            more = [(name.replace("_", "-"), value) for name, value in headers.items()]
            start_response(f"{status} Told", [("Content-Type", kind), ("Content-Length", str(len(body))), *more])
            return [body]

        return answer

    return between


def changing(change: Callable[[WSGIEnvironment], object]) -> Between:
    """A proxy that changes what it passes on."""

    def between(app: WSGIApplication) -> WSGIApplication:
        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            change(environ)
            return app(environ, start_response)

        return answer

    return between


def strip_path(environ: WSGIEnvironment) -> None:
    environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/voice") or "/"
    environ["REQUEST_URI"] = environ["PATH_INFO"]


def proxy(between: Between) -> Callable[[Healthy], object]:
    return outside(between=between)


def of_fallback(*answer: object) -> Callable[[Healthy], object]:
    return outside(fallback=answer)


def outside(**values: object) -> Callable[[Healthy], object]:
    return lambda line: vars(line.outside).update(values)


def account(**values: object) -> Callable[[Healthy], object]:
    return lambda line: vars(line.provider).update(values)


def env(**values: str) -> Callable[[Healthy], object]:
    return lambda line: line.env.update(values)


def without(*variables: str) -> Callable[[Healthy], object]:
    return lambda line: [line.env.pop(variable) for variable in variables]


def held(number: str, **values: object) -> Callable[[Healthy], object]:
    return lambda line: [each.update(values) for each in line.provider.numbers if each["phone_number"] == number]


def both(*plants: Callable[[Healthy], object]) -> Callable[[Healthy], object]:
    return lambda line: [plant(line) for plant in plants]


def answers(operation: str, answer: Answer) -> Callable[[Healthy], object]:
    return account(before=lambda asked: answer if asked == operation else None)


def broken_site(line: Healthy) -> None:
    line.site = line.folder / "broken"
    line.site.mkdir()
    (line.site / "office.yaml").write_text("country: FI\n")


def no_site(line: Healthy) -> None:
    line.site = SettingsError(["there is no site: the folder prompts is not there. Remedy: `ivr new DIR` makes one."])


def without_approval(line: Healthy) -> None:
    of_sv = line.content.safety["sv"]
    safety = {**line.content.safety, "sv": replace(of_sv, unapproved=of_sv.needed)}
    line.proved = replace(line.proved, content=replace(line.content, safety=safety))


def not_offered(line: Healthy, *codes: str, live: bool | None = None) -> None:
    languages = line.content.languages
    sv = languages.languages["sv"].model_copy(update={"live": live})
    languages = languages.model_copy(update={"languages": {**languages.languages, "sv": sv}})
    content = replace(line.content, languages=languages, offered=line.content.offered - {"sv", *codes})
    line.proved = replace(line.proved, content=content)


def presence(line: Healthy, port: int, **changed: object) -> None:
    noted = line.folder / "state" / "processes" / f"{port}.json"
    noted.write_text(json.dumps({**json.loads(noted.read_bytes()), **changed}))


def only_one(line: Healthy) -> None:
    (line.folder / "state" / "processes" / "18081.json").unlink()


def nobody(line: Healthy) -> None:
    only_one(line)
    (line.folder / "state" / "processes" / f"{line.ports[0]}.json").unlink()


def no_watcher(line: Healthy) -> None:
    line.metrics.watched = None
    for port in line.ports:
        presence(line, port, began=0.0)


def closed(*closings: Change, copied: bool = True) -> Callable[[Healthy], object]:
    """An office that has closed something an hour ago; `copied`: the line knows of it."""

    def plant(line: Healthy) -> None:
        records = Records.open(line.env)
        for each in closings:
            records.close(each, "other", "Anna", line.now() - timedelta(hours=1))
        if copied:
            (line.folder / "state" / "closings.json").write_bytes(to_bytes(closings))

    return plant


def copy_is(data: bytes) -> Callable[[Healthy], object]:
    return lambda line: (line.folder / "state" / "closings.json").write_bytes(data)


def records_say(statement: str) -> Callable[[Healthy], object]:
    """What something else than this program has done to the records."""

    def plant(line: Healthy) -> None:
        Records.open(line.env)
        with closing(sqlite3.connect(line.folder / "state" / "records.db")) as database, database:
            database.execute(statement)

    return plant


def read_only(line: Healthy) -> None:
    """Also for root: a file whose format says that only later versions of SQLite may write it."""
    Records.open(line.env)
    with (line.folder / "state" / "records.db").open("r+b") as file:
        file.seek(18)
        file.write(b"\x03")


def no_database(line: Healthy) -> None:
    (line.folder / "state" / "records.db").write_bytes(b"no database" * 1000)


def just_now(line: Healthy) -> None:
    Records.open(line.env).close(TODAY, "other", "Anna", line.now())


BEGAN = datetime.now(UTC) - timedelta(days=1)
TODAY = Closing("phone", BEGAN, BEGAN + timedelta(days=2))
MONTH = Closing("phone", BEGAN, BEGAN + timedelta(days=31))
FOR_EVER = Closing("phone", BEGAN, BEGAN + timedelta(days=700))
TOO_LONG = Closing("phone", BEGAN, BEGAN + timedelta(days=900))
NOBODY_THERE = "postgresql+psycopg://kemi:d4d4d4d4@127.0.0.1:1/kemi"


FAULTS = (
    Fault("records", "damaged", no_database, "is damaged", "wrong"),
    Fault("records", "nobody", env(IVR_DATABASE_URL=NOBODY_THERE), "at 127.0.0.1 cannot be reached", "wrong"),
    Fault("records", "address", env(IVR_DATABASE_URL="d4d4d4d4"), "is no address of a database", "wrong"),
    Fault("records", "newer", records_say("UPDATE alembic_version SET version_num = '9'"), "by a newer", "wrong"),
    Fault("records", "read only", read_only, "cannot be written", "wrong"),
    Fault("records", "lost", copy_is(to_bytes([TODAY])), "is gone or empty, and the line goes on with", "wrong"),
    Fault("closings", "no records", no_database, "records that can be read", "waits"),
    Fault("closings", "month", closed(MONTH), "the phone is closed by hand until ", "wrong"),
    Fault("closings", "for ever", closed(FOR_EVER), "the phone is closed by hand for more than a year", "wrong"),
    Fault("closings", "too long", closed(TOO_LONG), "number 1 is of more than 800 days, so it does nothing", "wrong"),
    Fault("closings", "two", closed(TODAY, replace(MONTH, begins=TODAY.ends)), "closed by hand until ", "wrong"),
    Fault(
        "closings", "schedule", closed(replace(TODAY, schedule="cellar")), "number 1 closes 'cellar', which", "wrong"
    ),
    Fault("closings", "contact", closed(StandIn("aunt", "x", BEGAN, MONTH.ends)), "stands in for 'aunt'", "wrong"),
    Fault(
        "closings",
        "label",
        closed(StandIn("social_instructor", "duty", BEGAN, MONTH.ends)),
        "names a number that IVR_SPARE_SOCIAL_INSTRUCTOR does not have",
        "wrong",
    ),
    Fault(
        "closings",
        "strange",
        both(closed(TODAY), records_say("UPDATE closing SET hours = '?'")),
        "closing 1 was changed",
        "wrong",
    ),
    Fault("closings", "not read", closed(TODAY, copied=False), "the line has not taken over", "wrong"),
    Fault(
        "closings", "not withdrawn", both(closed(), copy_is(to_bytes([TODAY]))), "the line has not taken over", "wrong"
    ),
    Fault("closings", "spoilt", copy_is(b"{}"), "closings.json in IVR_STATE cannot be read", "wrong"),
    Fault("closings", "just now", just_now, "something was closed or opened just now", "unknown"),
    Fault("content", "broken", broken_site, "the site is broken in "),
    Fault("content", "no site", no_site, "there is no site"),
    Fault("environment", "no account", without("TWILIO_ACCOUNT_SID"), "TWILIO_ACCOUNT_SID is missing"),
    Fault("environment", "no token", without("TWILIO_AUTH_TOKEN"), "TWILIO_AUTH_TOKEN is missing"),
    Fault("environment", "no fallback", without("IVR_FALLBACK_URL"), "IVR_FALLBACK_URL is missing"),
    Fault("environment", "unknown", env(IVR_PUBLIC_UR="x"), "IVR_PUBLIC_UR is no setting", "wrong"),
    Fault("environment", "service number", env(**{INSTRUCTOR: "+358800123456"}), "is a service number", "wrong"),
    Fault("languages", "texts", not_offered, "not offered: sv", "wrong"),
    Fault("languages", "none", lambda line: not_offered(line, *FIRST), "no language is offered"),
    Fault("languages", "live", lambda line: not_offered(line, live=True), "not offered, and should be: sv"),
    Fault("approvals", "sv", without_approval, "nobody has approved the safety sentences of sv"),
    Fault(
        "contacts", "other", env(**{ON_CALL: "+358401112223"}), "callers are told another number of on_call", "wrong"
    ),
    Fault("contacts", "the same", env(**{INSTRUCTOR: "+358400291141"}), "ring the same phones", "wrong"),
    Fault("environment", "loop", env(**{INSTRUCTOR: f"+358401234567,{SWEDISH}"}), "is the number of a contact"),
    Fault("environment", "own number", env(**{INSTRUCTOR: OURS}), "is our own number"),
    Fault("processes", "none", nobody, "no process of the line runs here"),
    Fault("processes", "one", only_one, "only one process runs", "wrong"),
    Fault(
        "processes", "killed", lambda line: presence(line, 18081, pid=dead_process()), "port 18081 has ended", "wrong"
    ),
    Fault(
        "processes", "hangs", lambda line: presence(line, 18081, operators="127.0.0.1:1"), "does not answer operators"
    ),
    Fault(
        "processes",
        "cannot be asked",
        lambda line: presence(line, 18081, operators=""),
        "no port for operators",
        "unknown",
    ),
    Fault(
        "processes", "alarm", lambda line: line.metrics.happened(EMERGENCY), "the alarm emergency_documents", "wrong"
    ),
    Fault("watcher", "nobody", no_watcher, "nobody outside asks", "wrong"),
    Fault("watcher", "not yet", lambda line: vars(line.metrics).update(watched=None), "nobody has asked", "unknown"),
    Fault("watcher", "none to ask", nobody, "a process that can be asked", "waits"),
    Fault("address", "unknown name", outside(resolved=None), "the name line.example.fi is not known"),
    Fault("address", "inside", outside(resolved=["192.168.1.4"]), "which nobody outside can reach"),
    Fault("address", "one inside", outside(resolved=["1.2.3.4", "::1"]), "leads to ::1, which nobody"),
    Fault("address", "IPv6 alone", outside(resolved=["2a01:4f9::1"]), "leads to IPv6 alone", "wrong"),
    Fault("certificate", "no name", outside(resolved=None), "a name that is known", "waits"),
    Fault("certificate", "expired", outside(days=-2), "the certificate of line.example.fi has expired"),
    Fault("certificate", "tomorrow", outside(days=1), "ends in 1 days"),
    Fault("certificate", "soon", outside(days=14), "ends in 14 days", "wrong"),
    Fault("certificate", "other name", outside(certificate_of="www.example.fi"), "is that of another name"),
    Fault("certificate", "chain", outside(trusted=False), "its chain is not whole"),
    Fault("certificate", "nobody", outside(alive=False), "takes no connection"),
    Fault("round_trip", "nobody", outside(alive=False), "the public address does not answer"),
    Fault("round_trip", "token", env(TWILIO_AUTH_TOKEN="e5" * 16), "also when asked without the proxy"),
    Fault("round_trip", "path", proxy(changing(strip_path)), "the path does not come through"),
    Fault(
        "round_trip", "signature", proxy(changing(lambda e: e.pop("HTTP_X_TWILIO_SIGNATURE", None))), "the line refuses"
    ),
    Fault(
        "round_trip",
        "query",
        proxy(changing(lambda e: e.update(QUERY_STRING="", REQUEST_URI=e["PATH_INFO"]))),
        "but not when asked without the proxy",
    ),
    Fault("round_trip", "502", proxy(always(502)), "it reaches no process of the line"),
    Fault("round_trip", "password", proxy(always(401)), "the proxy wants a password"),
    Fault(
        "round_trip", "redirect", proxy(always(301, Location="https://www.example.fi/")), "a redirected webhook loses"
    ),
    Fault("round_trip", "limited", proxy(always(429)), "limits how often"),
    Fault("round_trip", "body", proxy(always(413)), "takes no body as long"),
    Fault("round_trip", "500", proxy(always(500)), "/voice answers 500"),
    Fault("round_trip", "another program", proxy(always(200)), "is not this line"),
    Fault("fallback", "gone", of_fallback("404 Not Found", "text/html", b"<html>"), "answers 404 to a GET"),
    Fault("fallback", "no GET", of_fallback("405 Method Not Allowed", "text/xml", b""), "answers 405 to a GET"),
    Fault("fallback", "page", of_fallback("200 OK", "text/xml", b"<!DOCTYPE html><html></html>"), "is no XML"),
    Fault("fallback", "type", of_fallback("200 OK", "text/plain", b"<Response/>"), "is sent as text/plain"),
    Fault("fallback", "old", of_fallback("200 OK", "text/xml", b"<Response/>"), "is not the document of today"),
    Fault(
        "fallback",
        "long",
        of_fallback("200 OK", "text/xml", b"<Response/>" + b" " * 70_000),
        "longer than Twilio takes",
    ),
    Fault("clock", "fast", outside(clock_off=timedelta(minutes=10, seconds=20)), "the clock is 10 minutes fast"),
    Fault("clock", "slow", outside(clock_off=timedelta(minutes=-10, seconds=-20)), "the clock is 10 minutes slow"),
    Fault("clock", "a little", outside(clock_off=timedelta(seconds=90)), " s fast", "wrong"),
    Fault("account", "suspended", account(account={"status": "suspended", "type": "Full"}), "the account is suspended"),
    Fault("account", "trial", account(account={"status": "active", "type": "Trial"}), "it is a trial account"),
    Fault("account", "not told", account(account={"status": "active", "type": None}), "does not say", "unknown"),
    Fault(
        "account", "key", answers("FetchAccount", in_twilios_form(401, 20003)), "this API key may not ask", "unknown"
    ),
    Fault("region", "other", account(regions={OURS: "ie1"}), "IVR_CALLER_ID is handled in ie1"),
    Fault("number", "gone", lambda line: line.provider.numbers.pop(), "number 1 of languages_by_number is no number"),
    Fault("number", "trunk", held(OURS, trunk_sid="TK" + "6f" * 16), "is held by a SIP trunk"),
    Fault("number", "no voice", held(OURS, voice_receive_mode="fax"), "takes no voice calls"),
    Fault("webhooks", "other", held(SWEDISH, voice_url="https://demo.twilio.com/"), "sets it: voice URL"),
    Fault("webhooks", "method", held(OURS, voice_fallback_method="POST"), "sets it: voice fallback method"),
    Fault(
        "webhooks",
        "#",
        lambda line: held(OURS, voice_url="https://line.example.fi/voice")(line),
        "dropped what",
        "wrong",
    ),
    Fault("caller_id", "not ours", lambda line: line.provider.numbers.pop(0), "neither a number of this account"),
    Fault("dialling", "FI", account(dialled={}), "calls to FI are not permitted"),
    Fault("dialling", "costly", account(dialled={"FI": (True, True)}), "costly numbers in FI", "wrong"),
    Fault("dialling", "abroad", env(**{INSTRUCTOR: "+46701234567"}), "calls to SE are not permitted"),
    Fault("dialling", "spare", env(IVR_SPARE_ON_CALL="deputy:+46701234567"), "calls to SE are not permitted"),
    Fault(
        "other_countries", "SE", account(dialled={"FI": (True, False), "SE": (True, False)}), "permitted: SE", "wrong"
    ),
    Fault("other_countries", "costly alone", account(dialled={"SE": (False, True)}), "permitted: SE", "wrong"),
    Fault(
        "papers",
        "new",
        both(held(OURS, bundle_sid=BUNDLE), account(bundles={BUNDLE: ("twilio-parked", None)})),
        "are twilio-parked",
        "unknown",
    ),
    Fault(
        "papers",
        "rejected",
        both(held(OURS, bundle_sid=BUNDLE), account(bundles={BUNDLE: ("twilio-rejected", None)})),
        "are rejected",
    ),
    Fault(
        "papers",
        "waiting",
        both(held(OURS, bundle_sid=BUNDLE), account(bundles={BUNDLE: ("in-review", None)})),
        "still being looked at",
        "wrong",
    ),
    Fault("balance", "none", account(balance="-0.10"), "calls end"),
    Fault("balance", "days", account(balance="3.00"), "enough for 2 days"),
    Fault("balance", "weeks", account(balance="20.00"), "enough for 13 days", "wrong"),
    Fault("balance", "little", account(balance="5.00", spent="0", spent_this_week="0"), "5.00 USD", "wrong"),
    Fault(
        "balance",
        "new line",
        account(balance="30.00", spent="21.00", spent_this_week="21.00"),
        "at the cost of the last 7 days enough for 10 days",
        "wrong",
    ),
    Fault("cost_alarm", "none", account(cost_alarms=0), "nobody is told", "wrong"),
    Fault(
        "cost_alarm",
        "fired",
        account(alarm={"recurring": None, "date_fired": "Sun, 06 Sep 2015 12:58:45 +0000"}),
        "nobody is told",
        "wrong",
    ),
    Fault("alerts", "many", account(alerts=["13224"] * 1000), "there are more than these 1000", "wrong"),
    Fault("alerts", "hidden", account(alerts=["11200", "11200", "13224"]), "2 times 11200", "wrong"),
    Fault("alerts", "new", account(alerts=["99999"]), "once 99999", "wrong"),
    Fault("last_calls", "none", account(calls=[]), "nobody has rung in 7 days", "wrong"),
    Fault(
        "last_calls",
        "failed",
        account(calls=[(OURS, "completed"), (OURS, "failed")]),
        "of the last 2 calls, 1 were",
        "wrong",
    ),
)


@pytest.mark.parametrize("check", [each.id for each in CHECKS])
def test_a_line_that_is_right_passes_each_check(line: Healthy, check: str) -> None:
    found = line.look(check)

    assert [each.state for each in found] == ["ok"], found


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: f"{each.check}-{each.name}")
def test_a_planted_fault_is_found(line: Healthy, fault: Fault) -> None:
    fault.plant(line)

    found = [each for each in line.look(fault.check) if each.state != "ok"]

    told = next((each for each in found if fault.seen in each.seen), None)
    assert told, found
    assert ("blocks" if told.blocks else told.state) == fault.state
    assert told.remedy or told.state == "waits"
    for secret in (OURS, SWEDISH, "358401234567", "d4d4d4d4", "0a0a0a0a"):
        assert secret not in told.seen + told.remedy


def test_records_of_an_earlier_version_are_told(line: Healthy, monkeypatch: pytest.MonkeyPatch) -> None:
    Records.open(line.env)
    monkeypatch.setattr(schema, "NEWEST", "9999")

    (found,) = line.look("records")

    assert (found.seen, found.blocks) == ("the records have the tables of an earlier version", False)
    assert [each.state for each in line.look("closings")] == ["waits"]


def test_what_the_line_has_taken_over_is_right(line: Healthy) -> None:
    """Of what has ended there may be a word left."""
    door, over = replace(TODAY, schedule="door"), replace(TODAY, ends=line.now())
    closed(TODAY, door)(line)
    copy_is(to_bytes([over, TODAY, door]))(line)
    for check in ("records", "closings"):
        assert [each.state for each in line.look(check)] == ["ok"]
    with line.examined() as examined:
        assert "closed or changed by hand, now or to come: 2" in [each.seen for each in kept.closings(examined)]


def test_looking_makes_no_records(line: Healthy) -> None:
    for check in ("records", "closings"):
        line.look(check)

    assert not list((line.folder / "state").glob("records.db*"))


def stripped(environ: WSGIEnvironment) -> None:
    environ.pop("HTTP_X_TWILIO_SIGNATURE", None)


def test_a_proxy_that_strips_the_signature_is_told_from_a_process_with_another_token(line: Healthy) -> None:
    line.outside.between = changing(stripped)

    (found,) = line.look("round_trip")

    assert "but not when asked without the proxy: the proxy changes" in found.seen


@pytest.mark.parametrize(
    ("url", "reason"),
    [("https://nowhere.example.fi/", "its name is not known"), ("http://127.0.0.1:1/", "Connection refused")],
)
def test_why_nobody_answers_is_told_without_the_address(line: Healthy, url: str, reason: str) -> None:
    with line.examined() as examined, pytest.raises(NoWebAnswer) as told:
        examined.web.ask("GET", f"{url}?token=hunter2")

    assert str(told.value) == f"it takes no request: {reason}"


def test_the_round_trip_is_counted_nowhere_and_ends_no_alarm(line: Healthy) -> None:
    """Signed with the token that the line has, it shows nothing of the token that Twilio signs with."""
    line.metrics.refused(names_us=True)

    assert [each.state for each in line.look("round_trip")] == ["ok"]

    assert "signatures_refused" in line.metrics.alarms()
    assert (line.journal.getvalue(), line.metrics.durations()) == ("", {})


def test_looking_once_is_no_watching(line: Healthy) -> None:
    line.metrics.watched = None

    line.look("round_trip")

    assert line.metrics.watched is None


def test_a_slow_answer_is_told(line: Healthy) -> None:
    class Slow(Web):
        def ask(self, method: str, url: str, *more: Any, **named: Any) -> WebAnswer:
            return super().ask(method, url, *more, **named)._replace(seconds=2.5)

    def slow(examined: Examined) -> None:
        examined.web = Slow()

    (found,) = line.look("round_trip", changed=slow)

    assert (found.seen, found.blocks) == ("an answer took 2.5 s; Twilio gives up after 4", False)


def test_the_fallback_is_asked_as_twilio_asks_it(line: Healthy) -> None:
    """A TwiML Bin answers only what is signed, over the address with all that Twilio adds to it."""
    line.look("fallback")

    (asked,) = line.outside.fallback_asked
    address = f"{FALLBACK}?{asked['QUERY_STRING']}"
    assert (asked["REQUEST_METHOD"], "AccountSid=AC" in address) == ("GET", True)
    assert RequestValidator(TOKEN).validate(address, {}, asked["HTTP_X_TWILIO_SIGNATURE"])


def test_a_fallback_that_is_elsewhere_is_followed_there(line: Healthy) -> None:
    """As Twilio does it."""
    line.outside.moved = "/here.xml"

    (found,) = line.look("fallback")

    assert (found.state, len(line.outside.fallback_asked)) == ("ok", 2)


def test_a_fallback_that_a_service_has_set_anew_is_the_same(line: Healthy) -> None:
    spaced = line.today.replace(b"><", b">\n  <")
    line.outside.fallback = ("200 OK", "application/xml; charset=utf-8", spaced)

    (found,) = line.look("fallback")

    assert found.seen == "it is the document of today, but for spaces"


@pytest.mark.parametrize(("written", "as_"), [(b"<Response>", b"<Response><!-- of us -->"), (b". ", b".\n    ")])
def test_a_fallback_with_a_comment_or_wrapped_lines_is_the_same(line: Healthy, written: bytes, as_: bytes) -> None:
    assert written in line.today
    line.outside.fallback = ("200 OK", "text/xml", line.today.replace(written, as_))

    assert [each.state for each in line.look("fallback")] == ["ok"]


def test_one_of_two_processes_that_still_has_the_old_token_is_told(line: Healthy) -> None:
    """The public address leads to the other one just now."""
    settings = replace(line.settings, auth_tokens=("e5" * 16,))
    stale = Current(replace(line.current.serving, settings=settings))
    app = line_app(stale, line.now, time.time, Journal(StringIO()), Metrics())
    with served(app) as address:
        port = urlsplit(address).port
        noted = line.folder / "state" / "processes" / "18081.json"
        noted.write_text(json.dumps({**json.loads(noted.read_bytes()), "host": "0.0.0.0", "port": port}))  # noqa: S104

        (found,) = line.look("round_trip")

    assert (found.seen, found.blocks) == (
        f"the process at port {port} refuses what another takes: it runs with other settings",
        True,
    )


def test_processes_here_are_asked_through_no_proxy(line: Healthy, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_proxy(_examined: Examined) -> None:
        monkeypatch.delenv("NO_PROXY")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    assert [each.state for each in line.look("processes", changed=by_proxy)] == ["ok"]


@pytest.mark.parametrize("passed_on", [False, True])
def test_a_proxy_that_keeps_back_clips_is_told(
    line: Healthy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed_on: bool
) -> None:
    (tmp_path / "one.wav").write_bytes(b"RIFF")
    file = ClipFile(tmp_path, "one", (0, 4, 0, 0), "0" * 32, 1.0)
    monkeypatch.setattr(VoiceSelector, "sound", lambda *_: file.clip)
    monkeypatch.setattr(VoiceSelector, "file", lambda *_: file)
    keeps_back = changing(lambda environ: environ.update(PATH_INFO=environ["PATH_INFO"].replace("audio", "other")))
    line.outside.between = (lambda app: app) if passed_on else keeps_back

    (found,) = line.look("round_trip")

    assert found.blocks != passed_on
    assert ("clips do not come through" in found.seen) != passed_on


def test_when_somebody_watched_is_told_by_the_clock(line: Healthy) -> None:
    """By a clock of its own, a line whose machine began with a wrong time would be called unwatched for ever."""
    app = line_app(
        line.current, lambda: datetime(2026, 3, 1, tzinfo=UTC), lambda: 0.0, Journal(StringIO()), line.metrics
    )

    app.test_client().get("/live", base_url="https://line.example.fi")

    assert line.metrics.watched == datetime(2026, 3, 1, tzinfo=UTC).timestamp()


@contextmanager
def tunnelling(asked: list[bytes]) -> Iterator[str]:
    """A proxy that leads one connection to the port of this machine that is asked for, whatever the name."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def tunnel() -> None:
            with listening.accept()[0] as here:
                asked.append(here.recv(4096))
                port = int(asked[0].split()[1].rpartition(b":")[2])
                with socket.create_connection(("127.0.0.1", port)) as there:
                    here.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    copied = threading.Thread(target=copy, args=(there, here))
                    copied.start()
                    copy(here, there)
                    copied.join()

        def copy(one: socket.socket, other: socket.socket) -> None:
            with suppress(OSError):
                while part := one.recv(4096):
                    other.sendall(part)
                other.shutdown(socket.SHUT_RDWR)

        thread = threading.Thread(target=tunnel)
        thread.start()
        yield f"http://user:word@127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def test_the_certificate_is_looked_at_through_the_proxy_that_all_else_goes_through(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("line.example.fi").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    asked = list[bytes]()
    with (
        served(always(200)(lambda *_: [])) as address,
        tls_before(urlsplit(address).port or 0, context) as port,
        tunnelling(asked) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy)

        assert Web().valid_until("line.example.fi", port) > datetime.now(UTC)

    assert asked[0].startswith(f"CONNECT line.example.fi:{port} ".encode())
    assert b"Proxy-Authorization: Basic dXNlcjp3b3Jk" in asked[0]


@contextmanager
def dripping() -> Iterator[int]:
    """The port of somebody whose answer never ends, and never pauses for long."""
    enough = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            with suppress(OSError), listening.accept()[0] as connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
                while not enough.wait(0.005):
                    connection.sendall(b".")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            enough.set()
            thread.join()


def test_an_answer_that_drips_is_not_waited_for() -> None:
    with dripping() as port, pytest.raises(NoWebAnswer, match="its answer is not whole after"):
        Web(seconds=0.05).ask("GET", f"http://127.0.0.1:{port}/", here=True)


def test_a_server_that_speaks_only_an_old_tls_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            with listening.accept()[0] as connection:
                connection.recv(4096)
                connection.sendall(bytes.fromhex("15 0301 0002 02 46"))  # an alert: protocol_version (RFC 5246, 7.2)

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(NoWebAnswer, match="speaks only a TLS that is too old"):
            Web().valid_until("127.0.0.1", listening.getsockname()[1])
        thread.join()


@pytest.mark.parametrize("status", [401, 404])
def test_a_refusal_of_one_question_does_not_blame_the_key_for_all(line: Healthy, status: int) -> None:
    """A Standard key may not ask all, and a subaccount has no balance: the key and the account are right."""
    line.provider.before = lambda asked: in_twilios_form(status, 20404) if asked == "FetchBalance" else None

    with line.examined() as examined:
        found = {each.check: each for each in examine(examined)}

    assert found["balance"].state == "unknown"
    assert "anew" not in found["balance"].remedy


@pytest.mark.parametrize(
    ("planted", "seen"),
    [
        (
            account(secret="d" * 32),
            "Twilio does not know the account with this API key (HTTP 401, Twilio's code 20003)",
        ),
        (answers(LIST, Answer(502, "<html>Bad gateway</html>", "text/html")), "Twilio has a fault"),
        (answers(LIST, Answer(200, "<html>Hotel login</html>", "text/html")), "the answer is not Twilio's"),
        (answers(LIST, in_twilios_form(429, 20429)), "Twilio has been asked too often (HTTP 429"),
        (answers(LIST, in_twilios_form(403, 70051)), "the API key may not do this (HTTP 403, Twilio's code 70051)"),
    ],
)
def test_an_account_that_does_not_answer_blocks_and_all_of_its_checks_wait(
    line: Healthy, planted: Callable[[Healthy], object], seen: str
) -> None:
    planted(line)

    with line.examined() as examined:
        found = examine(examined)

    (told,) = (each for each in found if each.check == "credentials")
    assert told.blocks
    assert told.seen.startswith(seen)
    assert told.remedy
    waiting = [each.check for each in found if each.state == "waits"]
    assert waiting == [each.id for each in CHECKS[CHECKS_OF_ACCOUNT:]]


CHECKS_OF_ACCOUNT = next(place for place, each in enumerate(CHECKS) if each.id == "clock")


def test_a_silent_account_is_asked_once(line: Healthy, silent: str) -> None:
    line.opens = opens(silent, seconds=0.05)

    with line.examined() as examined:
        found = examine(examined)

    told = {each.check: each for each in found}
    assert "did not answer within" in told["credentials"].seen
    assert told["balance"].state == "waits"


def test_a_question_that_the_account_refuses_leaves_the_others(line: Healthy) -> None:
    """A Restricted key may do what is ticked."""
    line.provider.before = lambda asked: in_twilios_form(403, 70051) if asked == "FetchBalance" else None

    with line.examined() as examined:
        found = {each.check: each for each in examine(examined)}

    assert (found["balance"].state, found["balance"].blocks) == ("unknown", False)
    assert "Phone Numbers" in found["balance"].remedy
    assert found["alerts"].state == "ok"


def test_a_contact_on_aland_is_in_finland(line: Healthy) -> None:
    """Its numbers have the code of Finland, and a permission of their own nowhere."""
    line.env[INSTRUCTOR] = "+3581812345"

    assert [each.state for each in line.look("dialling")] == ["ok"]


@pytest.mark.parametrize(
    ("tokens", "state"),
    [("e5" * 16, "blocks"), (f"{'e5' * 16},{TOKEN}", "wrong"), (TOKEN, "ok")],
    ids=["another", "the second", "the one"],
)
def test_the_token_is_compared_with_that_of_the_account(line: Healthy, tokens: str, state: str) -> None:
    line.env["TWILIO_AUTH_TOKEN"] = tokens

    (found,) = line.look("token")

    assert ("blocks" if found.blocks else found.state) == state
    assert "e5e5" not in found.seen + found.remedy


@pytest.mark.parametrize("told", ["", None])
def test_a_token_that_is_not_told_is_not_known(line: Healthy, told: str | None) -> None:
    line.provider.account = {"status": "active", "type": "Full", "auth_token": told}

    assert [each.state for each in line.look("token")] == ["unknown"]


def test_a_spoilt_clip_is_told(line: Healthy) -> None:
    """Which one is, the voices know; they have tests of their own (tests/speech)."""

    def spoilt(examined: Examined) -> None:
        examined.voices.lost = frozenset({"0" * 32})

    (found,) = (each for each in line.look("clips", changed=spoilt) if each.state != "ok")

    assert found.seen == "gone or spoilt: one clip; another voice says what they say"


@pytest.mark.parametrize(
    ("free", "state"), [(10, "blocks"), (100, "wrong"), (5000, "ok")], ids=["full", "nearly full", "room"]
)
def test_a_disk_is_looked_at(line: Healthy, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=free * 1024 * 1024))

    (found,) = line.look("disk")

    assert ("blocks" if found.blocks else found.state) == state


def test_a_state_that_cannot_be_written_is_told(line: Healthy) -> None:
    line.env["IVR_STATE"] = str(line.folder / "a file" / "state")
    (line.folder / "a file").write_text("no folder")

    assert [(each.state, each.blocks) for each in line.look("disk")] == [("wrong", False)]


def test_processes_with_different_contents_are_told(line: Healthy) -> None:
    other = Current(replace(line.current.serving, key="another content"))
    with served(operators_app(other, Metrics())) as address:
        presence(line, line.ports[1], operators=address.rstrip("/").removeprefix("http://"))

        found = next(each for each in line.look("processes") if each.state != "ok")

    assert "serve different contents" in found.seen


def test_every_check_has_a_planted_fault() -> None:
    elsewhere = {"clips", "disk", "credentials", "token"}  # which have tests of their own

    assert {each.check for each in FAULTS} | elsewhere == {each.id for each in CHECKS}
