"""Calls that version 0.1 began are answered as it would have answered them, from every address that it gave."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from ivr.core.call import Collect, Dial, HangUp, KeyPressed, Step
from ivr.core.content import Content
from ivr.core.engine import SHORT_TIMEOUT, step
from ivr.core.flow import Menu
from ivr.core.speak import whisper
from ivr.telephony.port import CallRequest, LineNumbers, Webhook
from ivr.telephony.twilio.provider import Twilio
from tests.conftest import ROOT
from tests.telephony.conftest import spoken

pytestmark = pytest.mark.untraced

RECORDED = json.loads((ROOT / "tests" / "telephony" / "addresses_of_0_1.json").read_text(encoding="utf-8"))
"""What version 0.1 answered to each form at each of its addresses, by day and by night; recorded, never edited."""
BY_DAY_THE_INSTRUCTOR_IS_RUNG_ONCE_MORE = ("/voice/on_call_fifth", "open")
"""Where version 0.1 ended the call, the line now asks to wait and rings the instructor first."""
SAID_OTHERWISE = {"main.press": None, "choose_language.wait": "main.wait"}
"""Texts of version 0.1 that the line has no more, and what says the same: that one presses, each option says itself."""
NO_OPTION = {"Digits": "12#"}
"""No menu has this key."""
NUMBERS = {name: (f"{name} 1", f"{name} 2") for name in ("on_call", "social_instructor")}
LINE = LineNumbers("https://line.example", "ours", NUMBERS, "FI", dict.fromkeys(NUMBERS, 20))
ACTIONS = {Collect: "listen", Dial: "dial", HangUp: "hang up"}


@pytest.fixture(scope="module")
def line(usual: Content) -> tuple[Content, Twilio]:
    content = replace(usual, number_counts={"on_call": 2, "social_instructor": 2})
    return content, Twilio(content, LINE, ("token",), spoken)


def asked(line: tuple[Content, Twilio], address: dict[str, Any], form: dict[str, str]) -> CallRequest:
    _, provider = line
    webhook = Webhook("POST", address["path"], address["query"], urlencode(form).encode(), {})
    return provider.read(webhook, address["path"].rsplit("/", 1)[1])


def answered(line: tuple[Content, Twilio], address: dict[str, Any], form: dict[str, str], now: datetime) -> Step:
    incoming = asked(line, address, form)
    return step(line[0], incoming.state, incoming.event, now)


def menu_has_changed(line: tuple[Content, Twilio], address: dict[str, Any], form: dict[str, str]) -> bool:
    """Whether the form is an option's key, in a menu that has other options since: then the line asks again."""
    (content, _), incoming = line, asked(line, address, form)
    state, event = incoming.state, incoming.event
    if not isinstance(event, KeyPressed) or event.key not in set("12345678"):
        return False
    return event.revision != content.revision(state.node, state.language)


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


def lost(recorded: dict[str, Any], told: dict[str, Any]) -> list[str]:
    """What version 0.1 said and the line no longer says, or not in that order; it may say more in between.

    So a page that is added offers its key to the callers of version 0.1 too, and none of them misses a text.
    """
    now, before = iter(told["says"]), (SAID_OTHERWISE.get(prompt, prompt) for prompt in recorded["says"])
    return [prompt for prompt in before if prompt and prompt not in now]


def with_the_wait_of_now(recorded: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """The recorded answer; where the line now ends by saying that waiting is fine, it waits as it does after such."""
    says_so = told["says"][-1:] == ["main.wait"] and recorded["does"] == "listen"
    return recorded | {"seconds": SHORT_TIMEOUT} if says_so else recorded


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
        if menu_has_changed(line, address, form):
            index = address[hours][RECORDED["forms"].index(NO_OPTION)]
        recorded, told = RECORDED["answers"][index], in_the_words_of_0_1(answered(line, address, form, now))
        if recorded["does"] == "hang up" and told["does"] != "hang up":
            assert (address["path"], hours) == BY_DAY_THE_INSTRUCTOR_IS_RUNG_ONCE_MORE
            assert told["does"] == "listen"
        else:
            assert told | {"says": recorded["says"]} == with_the_wait_of_now(recorded, told), form
            assert not lost(recorded, told), (form, told["says"])


def test_a_menu_that_is_as_it_was_takes_its_keys(line: tuple[Content, Twilio]) -> None:
    """Were the revision made in another way, every menu would seem to have changed, and every key be asked again."""
    menus = [a for a in RECORDED["addresses"] if isinstance(line[0].flow.nodes.get(a["path"].split("/")[2]), Menu)]
    assert not all(menu_has_changed(line, address, {"Digits": "2"}) for address in menus)


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
