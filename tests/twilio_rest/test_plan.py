"""The plan, without a network: what differs, and what is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.telephony.twilio.plan import (
    Change,
    Found,
    OurNumber,
    Planned,
    Webhooks,
    differences,
    line_webhooks,
    lost_connection,
    planned,
    refusals,
)
from ivr.telephony.twiml.urls import CONNECTION

LINE = line_webhooks("https://line.example.fi", "https://files.example.org/fallback.xml")
NUMBER = "+358753250000"
HELD = OurNumber(NUMBER, "PN" + "0" * 32, Webhooks())


def test_what_a_line_needs() -> None:
    assert Webhooks(
        "https://line.example.fi/voice" + CONNECTION, "POST",
        "https://files.example.org/fallback.xml", "GET",
        "https://line.example.fi/voice/status", "POST",
    ) == LINE  # fmt: skip


def test_the_same_has_no_difference() -> None:
    assert differences(LINE, LINE) == ()
    assert Planned(replace(HELD, webhooks=LINE), LINE).changes == ()


@pytest.mark.parametrize("name", ["voice_url", "voice_method", "voice_fallback_url", "status_callback_method"])
def test_each_field_that_differs_is_a_change(name: str) -> None:
    now = replace(LINE, **{name: "other"})
    assert differences(now, LINE) == (Change(name, "other", getattr(LINE, name)),)


def test_an_address_of_before_without_overrides_is_a_change() -> None:
    now = replace(LINE, voice_url="https://line.example.fi/voice")
    assert lost_connection(differences(now, LINE))


@pytest.mark.parametrize("field", ["voice_fallback_url", "status_callback"])
def test_only_the_overrides_of_the_voice_url_may_be_lost(field: str) -> None:
    now = replace(LINE, voice_url="https://line.example.fi/voice", **{field: ""})
    assert not lost_connection(differences(now, LINE))
    assert not lost_connection(differences(replace(LINE, voice_url="https://line.example.fi"), LINE))


def test_a_number_that_is_ours_alone_is_planned() -> None:
    found = [Found(NUMBER, (HELD,), "us1")]
    assert list(refusals(found, "us1")) == []
    (plan,) = planned(found, {NUMBER: LINE})
    assert [change.field for change in plan.changes] == [
        "voice_url", "voice_fallback_url", "voice_fallback_method", "status_callback",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "found",
    [
        Found(NUMBER, ()),
        Found(NUMBER, (HELD, HELD)),
        Found(NUMBER, (HELD,), "au1"),
        Found(NUMBER, (replace(HELD, application=True),)),
        Found(NUMBER, (replace(HELD, trunk=True),)),
        Found(NUMBER, (replace(HELD, takes_calls=False),)),
    ],
)
def test_what_is_not_understood_is_refused_once_with_a_remedy(found: Found) -> None:
    (said,) = refusals([found], "us1")
    assert said.startswith(NUMBER)
    assert "Remedy: " in said


def test_a_number_tells_no_identifier() -> None:
    assert HELD.sid not in repr(HELD)
