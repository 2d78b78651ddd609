"""The server of the tests refuses what Twilio's documents do not describe."""

from __future__ import annotations

import pytest

from tests.twilio_rest.openapi import Asked
from tests.twilio_rest.provider import ACCOUNT, DESCRIPTIONS

NUMBERS = f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers"
ONE = f"{NUMBERS}/PN{'0a' * 16}.json"


def faults(
    method: str, path: str, query: dict[str, str] | None = None, form: dict[str, str] | None = None
) -> list[str]:
    asked = Asked(method, path, query or {}, form or {})
    operation = DESCRIPTIONS.operation(asked)
    assert operation, "no such path"
    return list(DESCRIPTIONS.faults(operation, asked))


@pytest.mark.parametrize(
    ("form", "right"),
    [
        ({"VoiceUrl": "https://line.example.fi/voice#rc=2&rp=ct,rt,5xx"}, True),
        ({"VoiceUrl": ""}, True),
        ({"VoiceUrl": "line.example.fi/voice"}, False),
        ({"VoiceUrl": "https://line.example.fi/a b"}, False),
        ({"VoiceMethod": "POST"}, True),
        ({"VoiceMethod": "post"}, False),
        ({"VoiceMethod": ""}, False),
        ({"voice_url": "https://line.example.fi/voice"}, False),
        ({"TrunkSid": "TK1"}, False),
        ({"VoiceReceiveMode": "fax"}, True),
        ({"VoiceReceiveMode": "talk"}, False),
    ],
)
def test_a_form_is_checked_by_name_and_value(form: dict[str, str], right: bool) -> None:
    assert (faults("POST", ONE, form=form) == []) is right


@pytest.mark.parametrize(
    ("query", "right"), [({"PageSize": "1000"}, True), ({"PageSize": "1001"}, False), ({"Number": "1"}, False)]
)
def test_a_query_is_checked(query: dict[str, str], right: bool) -> None:
    assert (faults("GET", f"{NUMBERS}.json", query=query) == []) is right


def test_a_path_is_checked() -> None:
    assert faults("GET", ONE) == []
    assert faults("GET", ONE.replace("PN", "XX")) != []
    assert DESCRIPTIONS.operation(Asked("GET", f"{NUMBERS}.xml", {}, {})) is None
    assert DESCRIPTIONS.operation(Asked("PUT", ONE, {}, {})) is None
