"""Faults in how a page is left out of a language (rule K3), one at a time: each is caught."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from ivr.core.call import CallState
from ivr.core.content import Content
from ivr.core.flow import Menu, Option
from ivr.core.utterance import Utterance
from ivr.proof.evidence import Evidence
from ivr.proof.prove import prove, walk_all
from tests.conftest import TODAY

pytestmark = pytest.mark.untraced


@pytest.fixture
def lacking(content: Content) -> Content:
    """Finnish and Arabic, which lacks a page."""
    return replace(content, offered=frozenset({"fi", "ar"}), left_out=frozenset({("services", "ar")}))


def told(content: Content) -> set[str]:
    """The counterexamples to K3."""
    (proof,) = (p for p in prove(Evidence(walk_all(content, TODAY), TODAY), "walk") if p.rule == "K3")
    return {issue.message for issue in proof.counterexamples}


def all_options(content: Content, name: str) -> Mapping[str, Option]:
    node = content.flow.nodes[name]
    return node.options if isinstance(node, Menu) else {}


def test_a_page_that_is_left_out_rightly_breaks_no_rule(lacking: Content) -> None:
    walked = Evidence(walk_all(lacking, TODAY), TODAY)
    assert [proof for proof in prove(walked, "walk", "flow", "text") if not proof.holds] == []


def nothing_is_left_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Content, "options", lambda content, name, _language: all_options(content, name))


def its_digit_works(patch: pytest.MonkeyPatch) -> None:
    def option(content: Content, state: CallState, key: str) -> Option | None:
        return all_options(content, state.node).get(key)

    patch.setattr("ivr.core.engine._option", option)


def it_is_said(patch: pytest.MonkeyPatch) -> None:
    def options(speaker: object, name: str, language: str) -> Iterator[Utterance]:
        for key, option in all_options(speaker._content, name).items():  # type: ignore[attr-defined]
            if option.say:
                yield from speaker._utter(option.say, language, {"key": f"key.{key}"})  # type: ignore[attr-defined]

    patch.setattr("ivr.core.speak._Speaker._options", options)


def other_options_go_too(key: str, patch: pytest.MonkeyPatch) -> None:
    right = Content.options

    def options(content: Content, name: str, language: str | None) -> Mapping[str, Option]:
        there = right(content, name, language)
        return {k: option for k, option in there.items() if k != key or language != "ar"}

    patch.setattr(Content, "options", options)


def a_person_goes_too(patch: pytest.MonkeyPatch) -> None:
    other_options_go_too("1", patch)


def a_child_goes_too(patch: pytest.MonkeyPatch) -> None:
    other_options_go_too("2", patch)


FAULTS = {
    "an optional page that is not left out": (nothing_is_left_out, "it is reached in ar, which lacks its texts"),
    "the digit of a page that is left out": (its_digit_works, "5 is no wrong key in ar, which lacks its page"),
    "the name of a page that is left out": (it_is_said, "5 is said in ar, which lacks its page"),
    "a person who is left out": (a_person_goes_too, "1 is left out in ar"),
    "a child that is left out": (a_child_goes_too, "2 is left out in ar"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_each_fault_is_caught(lacking: Content, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    sow, message = FAULTS[what]
    sow(monkeypatch)
    assert f"rule K3: {message}" in told(lacking)
