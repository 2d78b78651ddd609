"""What Twilio does with a call that is started by its REST API: it asks a real line, and keeps what was answered."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import unescape
from xml.etree import ElementTree

from flask import Flask
from twilio.request_validator import RequestValidator

from ivr.app import create_app
from ivr.core.content import Content
from ivr.journal import Journal
from ivr.settings.read import read_settings
from tests.twilio_rest.conftest import ENVIRONMENT, LINE
from tests.twilio_rest.provider import TOKEN, Leg

PROBE = "+358753250099"
NEXT = re.compile(r'<Gather[^>]* action="([^"]*)"')


@dataclass
class Phones:
    """The phone network. `hears`: which of the keys that are sent the line hears; `presses`: what a contact presses.

    `ends`: how a call ends at each number that is not `completed`. `journal`: of the line that is asked.
    """

    content: Content
    hears: Callable[[str], str] = str
    presses: str = "5"
    ends: dict[str, str] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    journal: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        settings = read_settings({**ENVIRONMENT, "IVR_PROBE_NUMBER": PROBE}, self.content.office)
        self.app: Flask = create_app(settings, self.content, lambda: datetime.now(UTC), Journal(self.journal))

    def __call__(self, form: dict[str, str]) -> list[Leg]:
        """The legs of a call."""
        self.forms.append(form)
        began = datetime.now(UTC)
        values = {"to": form["To"], "from": form["From"], "date_created": format_datetime(began)}
        started = Leg({**values, "direction": "outbound-api"})
        if (ended := self.ends.get(form["To"], "completed")) != "completed":
            started.statuses = ["ringing", ended]
            return [started]
        if "Url" in form:
            started.events = self._asked(form["Url"].partition("#")[0], self.presses, values, "outbound-api")
            return [started]
        keys = "".join(each.get("digits", "") for each in ElementTree.fromstring(form["Twiml"]).iter("Play"))  # noqa: S314
        came = Leg(
            {
                **values,
                "direction": "inbound",
                "duration": "7",
                "start_time": format_datetime(began + timedelta(seconds=1)),
            }
        )
        came.events = self._asked(f"{LINE}/voice", self.hears(keys), values, "inbound")
        return [started, came]

    def _asked(self, address: str, keys: str, ends: dict[str, str], direction: str) -> list[dict[str, object]]:
        """The requests of a call in Twilio's form: one for each key, at the address that the answer before it names."""
        fields = {"CallSid": "CA1", "From": ends["from"], "To": ends["to"], "CallStatus": "in-progress"}
        events, at = [self._one(address, {**fields, "Direction": direction})], datetime.now(UTC)
        for place, key in enumerate(keys, 1):
            if not (found := NEXT.search(str(events[-1]["response"]["response_body"]))):  # type: ignore[index]
                break
            events.append(self._one(unescape(found[1]), {**fields, "Direction": direction, "Digits": key}))
            events[-1]["response"]["date_created"] = format_datetime(at + timedelta(seconds=2 * place))  # type: ignore[index]
        return events

    def _one(self, url: str, fields: dict[str, str]) -> dict[str, object]:
        url = url.partition("#")[0]
        signature = RequestValidator(TOKEN).compute_signature(url, fields)
        path = url.removeprefix(LINE)
        answer = self.app.test_client().post(path, data=fields, headers={"X-Twilio-Signature": signature})
        told = {re.sub("(?<!^)([A-Z])", r"_\1", name).lower(): value for name, value in fields.items()}
        response = {
            "response_code": answer.status_code,
            "request_duration": 50,
            "content_type": answer.content_type,
            "response_body": answer.text,
            "date_created": format_datetime(datetime.now(UTC)),
        }
        return {"request": {"method": "POST", "url": url, "parameters": told}, "response": response}
