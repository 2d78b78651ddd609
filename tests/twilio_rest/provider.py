"""Twilio's REST API as far as `ivr` uses it, over real sockets: it keeps the numbers of one account."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from tests.twilio_rest.openapi import Asked, Descriptions, Operation

ACCOUNT, KEY, SECRET = "AC" + "0a" * 16, "SK" + "1b" * 16, "c2" * 16
TOKEN = "d4" * 16
ACTIVE: Mapping[str, str | None] = {"status": "active", "type": "Full", "auth_token": TOKEN}
DESCRIPTIONS = Descriptions()


class Answer(NamedTuple):
    """What is answered in place of the usual; a body that is not text is JSON."""

    status: int
    body: object = ""
    type: str = "application/json"


class HangUp(Exception):
    """Raised in `Provider.before`: the connection is closed without an answer."""


def in_twilios_form(status: int, code: int) -> Answer:
    """A fault as the API tells it; its words hold what no message of ours may show."""
    return Answer(status, {"code": code, "message": f"Account {ACCOUNT} key {KEY}", "status": status, "more_info": ""})


@dataclass
class Leg:
    """A call as the account has it: each look at it finds the next status, the last for ever."""

    values: dict[str, Any]
    statuses: list[str] = field(default_factory=lambda: ["ringing", "in-progress", "completed"])
    events: list[dict[str, Any]] = field(default_factory=list)
    notifications: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Provider:
    """What the account holds, and what was asked.

    `before` and `after` are called with each operation, before it does and after it did what was asked; an Answer of
    theirs is given in place of the usual. `keeps`: what becomes of an address that is set. `spent`: what everything has
    cost in a month, `spent_this_week` of it in the last days. `rings`: the legs of a call that is started, first the
    one that was asked for; `legs` has them by their SID.
    """

    base: str = ""
    numbers: list[dict[str, Any]] = field(default_factory=list)
    regions: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    secret: str = SECRET
    before: Callable[[str], Answer | None] = lambda _operation: None
    after: Callable[[str], Answer | None] = lambda _operation: None
    keeps: Callable[[str], str] = str
    account: dict[str, str | None] = field(default_factory=lambda: dict(ACTIVE))
    balance: str = "120.50"
    spent: str = "45.00"
    spent_this_week: str = "10.50"
    cost_alarms: int = 1
    alarm: dict[str, str | None] = field(default_factory=dict)
    """What an alarm on cost has other than Twilio's example, which recurs."""
    alerts: list[str] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    """The number that was called, and the status."""
    verified: list[str] = field(default_factory=list)
    dialled: dict[str, tuple[bool, bool]] = field(default_factory=lambda: {"FI": (True, False)})
    """Country -> whether its ordinary numbers may be dialled, and its costly ones."""
    bundles: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """Regulatory bundle -> its status, and until when it is valid."""
    legs: dict[str, Leg] = field(default_factory=dict)
    rings: Callable[[dict[str, str]], list[Leg]] = lambda _form: []

    @property
    def posts(self) -> list[Asked]:
        """What was asked to be changed."""
        return [each for each in self.asked if each.method == "POST"]

    def hold(self, number: str, **values: Any) -> dict[str, Any]:
        """A number of the account, as Twilio's example has it where nothing else is said."""
        new = DESCRIPTIONS.example("FetchIncomingPhoneNumber")
        new |= {"account_sid": ACCOUNT, "phone_number": number, "sid": f"PN{len(self.numbers):032x}", **values}
        self.numbers.append(new)
        return new

    def answer(self, asked: Asked, authorization: str) -> Answer:
        """The answer to a request; one that no document describes is a violation."""
        self.asked.append(asked)
        operation = DESCRIPTIONS.operation(asked)
        if operation is None:
            self.violations.append(f"{asked.method} {asked.path}")
            return in_twilios_form(404, 20404)
        if faults := list(DESCRIPTIONS.faults(operation, asked)):
            self.violations += faults
            return in_twilios_form(400, 20001)
        if authorization != "Basic " + base64.b64encode(f"{KEY}:{self.secret}".encode()).decode():
            return in_twilios_form(401, 20003)
        if operation.in_path.get("AccountSid", ACCOUNT) != ACCOUNT:
            return in_twilios_form(404, 20404)
        return self.before(operation.id) or self._did(operation, asked)

    def _did(self, operation: Operation, asked: Asked) -> Answer:
        answer = self._do(operation, asked)
        return self.after(operation.id) or answer

    def _do(self, operation: Operation, asked: Asked) -> Answer:
        match operation.id:
            case "ListIncomingPhoneNumber":
                part = asked.query.get("PhoneNumber", "")
                page = DESCRIPTIONS.example(operation.id)
                found = [each for each in self.numbers if part in each["phone_number"]]
                return Answer(200, page | {"incoming_phone_numbers": found[: int(asked.query["PageSize"])]})
            case "FetchIncomingPhoneNumber" | "UpdateIncomingPhoneNumber":
                held = next(each for each in self.numbers if each["sid"] == operation.in_path["Sid"])
                for name, value in asked.form.items():
                    held[re.sub("(?<!^)([A-Z])", r"_\1", name).lower()] = self.keeps(value)
                return Answer(200, held)
            case "FetchPhoneNumber":
                number = operation.in_path["PhoneNumber"]
                if number not in self.regions:
                    return in_twilios_form(404, 20404)
                routed = {"phone_number": number, "account_sid": ACCOUNT, "voice_region": self.regions[number]}
                return Answer(200, DESCRIPTIONS.example(operation.id) | routed)
            case "CreateCall":
                made = self.rings(dict(asked.form))
                for leg in made:
                    leg.values = {**DESCRIPTIONS.example("FetchCall"), "account_sid": ACCOUNT, **leg.values}
                    leg.values["sid"] = f"CA{len(self.legs):032x}"
                    self.legs[leg.values["sid"]] = leg
                return Answer(201, made[0].values | {"status": "queued", "start_time": None})
            case "ListCall" if "From" in asked.query:
                ends = {"to": asked.query.get("To"), "from": asked.query.get("From")}
                page = DESCRIPTIONS.example("ListCall") | {"next_page_uri": None}
                found = [each.values for each in self.legs.values() if ends.items() <= each.values.items()]
                return Answer(200, page | {"calls": [each | {"status": "in-progress"} for each in found]})
            case "FetchCall":
                leg = self.legs[operation.in_path["Sid"]]
                status = leg.statuses.pop(0) if len(leg.statuses) > 1 else leg.statuses[0]
                return Answer(200, leg.values | {"status": status})
            case "ListCallEvent":
                events = self.legs[operation.in_path["CallSid"]].events
                return Answer(200, DESCRIPTIONS.example(operation.id) | {"events": events})
            case "ListCallNotification":
                page = DESCRIPTIONS.example(operation.id)
                (one,) = page["notifications"]
                told = self.legs[operation.in_path["CallSid"]].notifications
                return Answer(
                    200, page | {"notifications": [one | {"log": log, "error_code": code} for log, code in told]}
                )
        return Answer(200, self._told(operation, asked))

    def _told(self, operation: Operation, asked: Asked) -> dict[str, Any]:
        """How the account stands: nothing that is asked here changes it."""
        example = DESCRIPTIONS.example(operation.id)

        def page(key: str, rows: Iterable[Mapping[str, object]]) -> dict[str, Any]:
            like = example[key][0]
            end = {"next_page_uri": None} if "next_page_uri" in example else {}
            return {**example, key: [{**like, **row} for row in rows], **end}

        match operation.id:
            case "FetchAccount":
                return example | {"sid": ACCOUNT} | self.account
            case "FetchBalance":
                return example | {"account_sid": ACCOUNT, "balance": self.balance}
            case "ListUsageRecord":
                lately = date.fromisoformat(asked.query["StartDate"]) >= datetime.now(UTC).date() - timedelta(days=8)
                price = self.spent_this_week if lately else self.spent
                return page("usage_records", [{"category": asked.query["Category"], "price": price}])
            case "ListUsageTrigger":
                return page("usage_triggers", [self.alarm] * self.cost_alarms)
            case "ListAlert":
                return page("alerts", ({"error_code": code} for code in self.alerts))
            case "ListCall":
                return page(
                    "calls", ({"to": to, "status": status} for to, status in self.calls if to == asked.query["To"])
                )
            case "ListOutgoingCallerId":
                part = asked.query["PhoneNumber"]
                return page("outgoing_caller_ids", ({"phone_number": each} for each in self.verified if part in each))
            case "FetchDialingPermissionsCountry":
                return example | self._country(operation.in_path["IsoCode"])
            case "ListDialingPermissionsCountry":
                return page("content", map(self._country, {"AF": (False, False), **self.dialled}))
            case "FetchBundle":
                status, until = self.bundles[operation.in_path["Sid"]]
                return example | {"sid": operation.in_path["Sid"], "status": status, "valid_until": until}
        raise NotImplementedError(operation.id)

    def _country(self, code: str) -> dict[str, object]:
        ordinary, costly = self.dialled.get(code, (False, False))
        return {
            "iso_code": code,
            "low_risk_numbers_enabled": ordinary,
            "high_risk_special_numbers_enabled": costly,
            "high_risk_tollfraud_numbers_enabled": costly,
        }


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """The server of a provider, at its `base`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        """Else the body waits 40 ms for the header to be acknowledged."""

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(dict(parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body))))

        def _answer(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), form)
            try:
                answer = provider.answer(asked, self.headers.get("Authorization", ""))
            except HangUp:
                self.close_connection = True
                return
            body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.type)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a test that fails tells what was asked."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
