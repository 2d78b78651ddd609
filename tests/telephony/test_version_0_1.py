"""Calls that version 0.1 began are answered as it would have answered them, from every address that it gave."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from ivr.core.call import Collect, Dial, HangUp, Step
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.flow import Menu
from ivr.core.speak import whisper
from ivr.telephony.port import LineNumbers, Webhook
from ivr.telephony.twilio.provider import Twilio
from tests.conftest import ROOT
from tests.telephony.conftest import spoken

RECORDED = json.loads((ROOT / "tests" / "telephony" / "addresses_of_0_1.json").read_text(encoding="utf-8"))
"""What version 0.1 answered to each form at each of its addresses, by day and by night; recorded, never edited."""
BY_DAY_THE_INSTRUCTOR_IS_RUNG_ONCE_MORE = ("/voice/on_call_fifth", "open")
"""Where version 0.1 ended the call, the line now asks to wait and rings the instructor first."""
NUMBERS = {name: (f"{name} 1", f"{name} 2") for name in ("on_call", "social_instructor")}
LINE = LineNumbers("https://line.example", "ours", NUMBERS, "FI", dict.fromkeys(NUMBERS, 20))
ACTIONS = {Collect: "listen", Dial: "dial", HangUp: "hang up"}


@pytest.fixture(scope="module")
def line(content: Content) -> tuple[Content, Twilio]:
    content = replace(content, number_counts={"on_call": 2, "social_instructor": 2})
    return content, Twilio(content, LINE, ("token",), spoken)


def answered(line: tuple[Content, Twilio], address: dict[str, Any], form: dict[str, str], now: datetime) -> Step:
    content, provider = line
    webhook = Webhook("POST", address["path"], address["query"], urlencode(form).encode(), {})
    incoming = provider.read(webhook, address["path"].rsplit("/", 1)[1])
    return step(content, incoming.state, incoming.event, now)


def in_the_words_of_0_1(taken: Step) -> dict[str, Any]:
    """What a caller notices of a step: who rings, whether the line listens, what is said, in which language."""
    told: dict[str, Any] = {
        "does": ACTIONS[type(taken.action)],
        "language": taken.state.language,
        "matter": taken.state.matter,
    }
    match taken.action:
        case Dial() as dial:
            announce = [play.prompt for play in dial.announce]
            told |= {"contact": dial.contact, "number_index": dial.number_index, "announce": announce}
        case Collect() as collect:
            told |= {"seconds": collect.seconds}
    return told | {"says": [play.prompt for play in taken.plays]}


def test_every_node_of_version_0_1_is_recorded() -> None:
    paths = [address["path"] for address in RECORDED["addresses"]]
    assert len(set(paths)) == 47
    assert all(path.startswith("/voice/") and path.count("/") == 2 for path in paths)


@pytest.mark.parametrize("hours", ["open", "closed"])
@pytest.mark.parametrize(
    "address", RECORDED["addresses"], ids=[f"{a['path']}?{a['query']}" for a in RECORDED["addresses"]]
)
def test_its_addresses_are_answered_as_it_would_have(
    line: tuple[Content, Twilio], address: dict[str, Any], hours: str
) -> None:
    now = datetime.fromisoformat(RECORDED["hours"][hours])
    for form, index in zip(RECORDED["forms"], address[hours], strict=True):
        recorded, told = RECORDED["answers"][index], in_the_words_of_0_1(answered(line, address, form, now))
        if recorded["does"] == "hang up" and told["does"] != "hang up":
            assert (address["path"], hours) == BY_DAY_THE_INSTRUCTOR_IS_RUNG_ONCE_MORE
            assert told["does"] == "listen"
        else:
            assert told == recorded, form


@pytest.mark.parametrize("address", RECORDED["whispers"], ids=lambda address: address["query"])
def test_its_whispers_say_the_same(line: tuple[Content, Twilio], address: dict[str, Any]) -> None:
    content, provider = line
    asked = provider.read_whisper(Webhook("POST", address["path"], address["query"], b"", {}))
    said = [".".join((play.prompt, *play.values)) for play in whisper(content, asked.language, asked.matter)]
    assert said == [text.replace("staff.about.", "staff.matter.").replace("+", ".") for text in address["says"]]


def test_a_key_that_has_got_another_meaning_is_asked_again(line: tuple[Content, Twilio]) -> None:
    content, _ = line
    address = next(a for a in RECORDED["addresses"] if a["path"] == "/voice/information" and "lang=fi" in a["query"])
    menu = content.flow.nodes["information"]
    assert isinstance(menu, Menu)
    options = {**menu.options, "2": menu.options["2"].model_copy(update={"to": "door"})}
    nodes = {**content.flow.nodes, "information": menu.model_copy(update={"options": options})}
    changed = replace(content, flow=content.flow.model_copy(update={"nodes": nodes}))
    now = datetime.fromisoformat(RECORDED["hours"]["open"])
    taken = answered((changed, Twilio(changed, LINE, ("token",), spoken)), address, {"Digits": "2"}, now)
    assert (taken.exit, taken.state.node, taken.state.attempt) == ("nomatch", "information", 1)
