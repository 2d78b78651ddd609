"""The exit by which a node is left is what the journal calls a step by: counts of years rest on these names."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import get_args

import pytest

from ivr.core.call import CallerGone, CallStarted, CallState, Dial, Event, KeyPressed, NoInput, Outcome, TransferEnded
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.flow import Matter
from tests.core.test_engine import DAY, NIGHT

ON_CALL, MAIN_DAY, MAIN_NIGHT = (CallState(name, "en") for name in ("on_call", "main_open", "main_closed"))


def taken(content: Content, state: CallState, event: Event, now: datetime = DAY) -> tuple[str, CallState]:
    found = step(content, state, event, now)
    return found.exit, found.state


@pytest.mark.parametrize(
    ("started", "exit_"),
    [
        (CallStarted(), "started"),
        (CallStarted(language="so"), "started"),
        (CallStarted(language="xx"), "started"),
        (CallStarted("contact"), "started"),
        (CallStarted("contact", "so"), "started"),
        (CallStarted("ourselves"), "loop"),
    ],
)
def test_how_a_call_begins(content: Content, started: CallStarted, exit_: str) -> None:
    assert step(content, CallState(""), started, DAY).exit == exit_


@pytest.mark.parametrize(
    ("state", "event", "exit_", "node"),
    [
        (MAIN_DAY, KeyPressed("0"), "help", "on_call"),
        (MAIN_DAY, KeyPressed("9"), "repeat", "main_open"),
        (MAIN_DAY, KeyPressed("#"), "harmless", "main_open"),
        (MAIN_DAY, KeyPressed("*"), "up", "choose_language"),
        (MAIN_DAY, KeyPressed("2"), "2", "child"),
        (MAIN_DAY, KeyPressed("8"), "nomatch", "main_open"),
        (MAIN_DAY, NoInput(), "noinput", "main_open"),
        (MAIN_DAY._replace(attempt=1), NoInput(), "exhausted", None),
        (MAIN_DAY._replace(attempt=1), KeyPressed("8"), "exhausted", None),
        (CallState("choose_language"), KeyPressed("3"), "3", None),
        (CallState("choose_language"), KeyPressed("0"), "help", "on_call"),
        (CallState("choose_language"), KeyPressed("*"), "up", "choose_language"),
        (ON_CALL, NoInput(), "dial", "on_call"),
        (ON_CALL, KeyPressed("3"), "dial", "on_call"),
        (ON_CALL, KeyPressed("0"), "dial", "on_call"),
        (ON_CALL, KeyPressed("9"), "repeat", "on_call"),
        (CallState("welcome", "en"), KeyPressed("1"), "entered", None),
        (CallState("nowhere", "en"), KeyPressed("1"), "gone", "main_open"),
        (CallState("nowhere"), KeyPressed("1"), "gone", None),
        (CallState("nowhere", "en", round=1), NoInput(), "gone", "on_call"),
        (CallState("nowhere", "en", round=1), KeyPressed("1"), "gone", "main_open"),
        (CallState("nowhere", "en"), CallerGone(), "gone", "nowhere"),
        (ON_CALL, CallerGone(), "gone", "on_call"),
    ],
)
def test_how_a_node_is_left(content: Content, state: CallState, event: Event, exit_: str, node: str | None) -> None:
    exit_taken, entered = taken(content, state, event)
    assert exit_taken == exit_
    assert entered.node == (node or entered.node)


def test_nine_in_the_first_menu_of_languages_brings_the_second(content: Content) -> None:
    assert taken(content, CallState("choose_language"), KeyPressed("9"))[0] == "more"
    few = replace(content, offered=frozenset({"fi", "sv", "en"}))
    assert taken(few, CallState("choose_language"), KeyPressed("9"))[0] == "repeat"


@pytest.mark.parametrize("outcome", get_args(Outcome))
@pytest.mark.parametrize("state", [ON_CALL, CallState("nowhere", "en"), ON_CALL._replace(attempt=1)])
def test_a_transfer_is_left_by_its_outcome(content: Content, state: CallState, outcome: Outcome) -> None:
    several = replace(content, number_counts={"on_call": 2})
    for content_ in (content, several):
        assert taken(content_, state, TransferEnded(outcome))[0] == outcome


@pytest.mark.parametrize("outcome", sorted({*get_args(Outcome)} - {"answered"}))
def test_after_the_last_number_the_transfer_is_unanswered_and_until_then_the_next_one_rings(
    content: Content, outcome: Outcome
) -> None:
    two = replace(content, number_counts={"on_call": 2})
    first = step(two, ON_CALL, TransferEnded(outcome), DAY)
    assert first.action == Dial("on_call", 1, ())
    second = step(two, first.state, TransferEnded(outcome), DAY)
    assert second.state.node != "on_call" or second.state.attempt == 0


def test_numbers_that_have_become_fewer_leave_by_their_own_name(content: Content) -> None:
    fewer = replace(content, number_counts={"on_call": 1})
    assert taken(fewer, ON_CALL._replace(attempt=2), KeyPressed("5"))[0] == "unanswered"


@pytest.mark.parametrize("matter", get_args(Matter))
def test_a_key_without_a_matter_of_its_own_keeps_what_the_call_is_about(content: Content, matter: Matter) -> None:
    at = MAIN_NIGHT._replace(matter=matter)
    assert taken(content, at, KeyPressed("*"), NIGHT)[1].matter == matter
    assert taken(content, at, KeyPressed("0"), NIGHT)[1].matter == "help"


def test_what_a_call_carries_when_it_begins() -> None:
    assert CallState("x") == ("x", None, "guidance", 0, 0)
    assert (CallStarted().caller, CallStarted().language, KeyPressed("1").revision) == ("anyone", None, None)


def test_a_node_that_does_not_listen_forgets_failed_tries(content: Content) -> None:
    assert taken(content, CallState("goodbye", "en", attempt=2), KeyPressed("1"))[1] == CallState("goodbye", "en")


@pytest.mark.parametrize(("key", "slow"), [("9", True), ("#", False)])
def test_what_is_said_before_ringing_is_as_slow_as_asked_for(content: Content, key: str, slow: bool) -> None:
    found = step(content, ON_CALL, KeyPressed(key), DAY)
    assert isinstance(found.action, Dial)
    assert {said.slow for said in (*found.plays, *found.action.announce)} == {slow}
    assert found.action.announce
