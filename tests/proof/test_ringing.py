"""The table of seconds until a phone rings is what somebody hears who presses each key as soon as it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.core.flow import LanguageMenu, Menu
from ivr.phone.network import events
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.people import Attention, Caller, Press, ScriptedCaller, ScriptedContacts
from ivr.phone.simulation import carrier_for
from ivr.proof.evidence import Evidence
from ivr.proof.prove import walk_all
from ivr.proof.ringing import RingingTimes, ringing
from ivr.proof.walk import moments
from ivr.speech.estimate import seconds_by_locale
from tests.conftest import TODAY
from tests.content.conftest import FIRST

ROUNDED = 0.01
EARLY = 0.5
"""Seconds: what a carrier rounds its clock to, at most; when a scripted caller presses early."""


class Prompt:
    """Presses the first key at the end of the first sentence that offers it, then the second, and so on."""

    def __init__(self, offers: Sequence[tuple[str, set[str]]]) -> None:
        self._offers, self._hears = list(offers), ""

    def hears(self, event: events.Event) -> None:
        if isinstance(event, events.Said):
            self._hears = event.spoken.text

    def key_within(self, seconds: float, moment: Attention) -> Press | None:
        if moment is not Attention.SPEAKING or not self._offers or self._hears not in self._offers[0][1]:
            return None
        return Press(self._offers.pop(0)[0], seconds)


@pytest.fixture(scope="module")
def three(content: Content) -> Content:
    """The real content, of which three languages are offered."""
    return replace(content, offered=frozenset(FIRST))


def names_itself(content: Content, code: str) -> tuple[str, set[str]]:
    """The key of a language, and the sentence in which it names itself."""
    menu = content.flow.nodes[content.flow.languages]
    assert isinstance(menu, LanguageMenu)
    digit = content.languages.languages[code].digit
    return digit, {content.catalogue.utter(menu.choice, code, {"digit": f"digit.{digit}"}).text}


def offered(content: Content, code: str, key: str) -> tuple[str, set[str]]:
    """A key, and the sentences by which the menus that the caller comes to first offer it."""
    mains = [content.flow.nodes[name] for name in ("main_open", "main_closed")]
    said = [node.options[key].say for node in mains if isinstance(node, Menu)]
    return key, {content.catalogue.utter(say, code, {"key": f"key.{key}"}).text for say in said if say}


def heard(content: Content, caller: Callable[[], Caller]) -> float:
    """Seconds until the first phone rings in a simulated call, at the hour at which it takes longest."""

    def rings() -> Iterator[float]:
        for moment in moments(content.office, TODAY):
            clock = VirtualClock(moment.now)
            carrier = carrier_for(simulated_app(content, clock.now), clock, seconds_by_locale(content.languages))
            told = carrier.call(caller(), ScriptedContacts({}))
            yield next(event.at for event in told if isinstance(event, events.Ringing))

    return max(rings())


@pytest.fixture(scope="module")
def table(three: Content) -> Mapping[str, RingingTimes]:
    """The table, by language."""
    rows = {row.language: row for row in ringing(Evidence(walk_all(three, TODAY), TODAY))}
    assert {*rows} == {*FIRST}
    return rows


@pytest.mark.parametrize("code", FIRST)
@pytest.mark.parametrize(("key", "column"), [("1", "person"), ("2", "child")])
def test_who_presses_each_key_as_soon_as_it_is_said_hears_a_phone_ring_then(
    three: Content, table: Mapping[str, RingingTimes], code: str, key: str, column: str
) -> None:
    counted = heard(three, lambda: Prompt([names_itself(three, code), offered(three, code, key)]))
    # The table knows of callers between whose keys the phone opens, too: they hear the longest of both hours.
    assert counted - ROUNDED <= getattr(table[code], column) <= counted + 1


def test_who_presses_nothing_and_who_presses_0_at_once_hear_a_phone_ring_then(
    three: Content, table: Mapping[str, RingingTimes]
) -> None:
    silent = heard(three, lambda: ScriptedCaller([]))
    at_once = heard(three, lambda: ScriptedCaller(["early 0"])) - EARLY
    for row in table.values():
        assert row.silent == pytest.approx(silent, abs=ROUNDED)
        assert row.help == pytest.approx(at_once, abs=ROUNDED)
