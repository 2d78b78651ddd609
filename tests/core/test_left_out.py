"""Options that lead to a page which a language lacks: not said, a wrong key, and the others keep their digits (K3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.core.call import CallState, Collect, KeyPressed, NoInput
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.flow import Flow
from ivr.core.script import closed_set
from tests.conftest import TODAY

DAY = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Helsinki"))
LACKS_ONE = frozenset({("newcomers", "ar"), ("newcomers", "so")})
LACKS_ALL = frozenset({(page, "ar") for page in ("help_with", "health", "newcomers", "services")})
HEALTH, NEWCOMERS, SERVICES = "3", "4", "5"
KEYS = "12345"


@pytest.fixture
def lacking(content: Content) -> Content:
    """Arabic and Somali lack one page."""
    return replace(content, left_out=LACKS_ONE)


def offers(content: Content, state: CallState) -> list[str]:
    """The options that are said at a menu when the caller asks to hear it again."""
    said = step(content, state, KeyPressed("9"), DAY).plays
    return [utterance.prompt for utterance in said if utterance.values and utterance.values[0].startswith("key.")]


def leads_to(content: Content, state: CallState) -> dict[str, str]:
    """Where each of the digits leads; a wrong key leads to no other node."""
    steps = {key: step(content, state, KeyPressed(key), DAY) for key in KEYS}
    return {key: done.state.node for key, done in steps.items() if done.exit == key}


def test_the_option_is_not_said_and_the_others_keep_their_keys(lacking: Content) -> None:
    for language in ("ar", "so"):
        state = CallState("information", language)
        assert "information.newcomers" not in offers(lacking, state)
        assert leads_to(lacking, state) == {"1": "instructor", "2": "help_with", HEALTH: "health", SERVICES: "services"}
        said = {u.prompt: u.values for u in step(lacking, state, KeyPressed("9"), DAY).plays}
        assert said["information.services"] == (f"key.{SERVICES}",)


def test_its_digit_is_a_wrong_key(lacking: Content) -> None:
    state = CallState("information", "ar")
    wrong = step(lacking, state, KeyPressed(NEWCOMERS), DAY)
    assert (wrong.exit, wrong.state) == ("nomatch", state._replace(attempt=1))
    assert wrong == step(lacking, state, KeyPressed("7"), DAY)
    assert step(lacking, wrong.state, KeyPressed(NEWCOMERS), DAY).exit == "exhausted"


def test_a_language_that_has_the_page_hears_no_change(content: Content, lacking: Content) -> None:
    for language in content.offered - {"ar", "so"}:
        state = CallState("information", language)
        for key in f"{KEYS}09*#":
            assert step(lacking, state, KeyPressed(key), DAY) == step(content, state, KeyPressed(key), DAY)
        assert lacking.revision("information", language) == content.revision("information", language)


def test_the_revision_of_its_menu_is_another(content: Content, lacking: Content) -> None:
    before, now = (each.revision("information", "ar") for each in (content, lacking))
    assert before != now
    assert lacking.revision("information", "so") not in (before, now)
    assert lacking.revision("opening_hours", "ar") == content.revision("opening_hours", "ar")


@pytest.mark.parametrize("key", [NEWCOMERS, SERVICES])
def test_a_caller_who_heard_the_menu_before_a_page_went_presses_a_wrong_key(
    content: Content, lacking: Content, key: str
) -> None:
    """The menu has changed under the call: it is asked again, whichever key was pressed."""
    heard = content.revision("information", "ar")
    again = step(lacking, CallState("information", "ar"), KeyPressed(key, heard), DAY)
    assert (again.exit, again.state.node) == ("nomatch", "information")


def test_a_caller_who_waits_at_the_page_as_it_goes_still_comes_to_a_person(lacking: Content) -> None:
    state = CallState("newcomers", "ar")
    for event in (KeyPressed("1"), NoInput()):
        assert step(lacking, state, event, DAY).state.node == "instructor"
    assert step(lacking, state, KeyPressed("*"), DAY).state.node == "information"
    heard = step(lacking, state, KeyPressed("9"), DAY)
    assert isinstance(heard.action, Collect)
    assert heard.plays


def test_a_menu_whose_every_page_is_gone_goes_with_them(content: Content) -> None:
    lacking = replace(content, left_out=LACKS_ALL)
    main = CallState("main_open", "ar")
    assert offers(lacking, main) == ["main.person", "main.child", "main.hours"]
    assert leads_to(lacking, main) == {"1": "instructor", "2": "child", "3": "opening_hours"}
    assert step(lacking, main, KeyPressed("4"), DAY).exit == "nomatch"
    assert lacking.revision("main_open", "ar") != content.revision("main_open", "ar")
    assert leads_to(lacking, CallState("main_open", "fi"))["4"] == "information"


def test_a_menu_keeps_its_option_while_one_page_is_there(content: Content) -> None:
    lacking = replace(content, left_out=frozenset(sorted(LACKS_ALL)[1:]))
    assert leads_to(lacking, CallState("main_open", "ar"))["4"] == "information"
    assert leads_to(lacking, CallState("information", "ar")) == {"1": "instructor", HEALTH: "health"}


def test_menus_of_menus_go_with_the_last_page(content: Content) -> None:
    """Another menu stands between the main menu and the one whose pages are all gone."""
    written = content.flow.model_dump()
    between = {**written["nodes"]["information"], "options": {}}
    person = written["nodes"]["information"]["options"]["1"]
    between["options"] = {"1": person, "2": {"to": "information", "say": "main.information"}}
    written["nodes"]["between"] = between
    for menu in ("main_open", "main_closed"):
        written["nodes"][menu]["options"]["4"]["to"] = "between"
    flow = Flow.model_validate(written)
    assert leads_to(replace(content, flow=flow), CallState("main_open", "ar"))["4"] == "between"
    assert "4" not in leads_to(replace(content, flow=flow, left_out=LACKS_ALL), CallState("main_open", "ar"))


def test_before_a_language_is_known_no_option_is_said_that_one_of_the_first_languages_lacks(content: Content) -> None:
    lacking = replace(content, left_out=frozenset({("newcomers", "sv"), ("health", "ar")}))
    options = lacking.options("information", None)
    assert [*options] == ["1", "2", HEALTH, SERVICES]
    assert set(offers(lacking, CallState("information"))) >= {"information.health", "information.services"}
    assert "information.newcomers" not in offers(lacking, CallState("information"))


def test_what_is_left_out_is_not_among_what_the_line_can_say(content: Content, lacking: Content) -> None:
    gone = set(closed_set(content, TODAY)) - set(closed_set(lacking, TODAY))
    assert {said.language for said in gone} == {"ar", "so"}
    assert {said.prompt.partition(".")[0] for said in gone} == {"newcomers", "information"}
    assert {said.prompt for said in gone if said.prompt.startswith("information")} == {"information.newcomers"}
    assert {*closed_set(lacking, TODAY)} <= {*closed_set(content, TODAY)}
