"""The sentences of a language stand in the order of a call, safety first, and each says where in a call it is."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ivr.content.places import places
from ivr.core.content import Content
from ivr.core.script import to_record
from ivr.listening.sentences import RoomSentence, in_order, nodes_in_order
from tests.conftest import TODAY


@pytest.fixture(scope="module")
def somali(content: Content) -> tuple[RoomSentence, ...]:
    return in_order(content, TODAY, "so")


def test_each_sentence_that_is_recorded_is_there_once(content: Content, somali: tuple[RoomSentence, ...]) -> None:
    recorded = to_record(content, TODAY, "so")
    assert len(somali) == len(recorded) == len({each.id for each in somali})
    texts = {each.id: each.text for each in recorded}
    assert {each.id: each.text for each in somali} == texts


def test_safety_comes_first(somali: tuple[RoomSentence, ...]) -> None:
    assert [each.safety for each in somali] == sorted((each.safety for each in somali), reverse=True)
    assert {each.id for each in somali if each.safety} == {each.id for each in somali if each.id.startswith("safety.")}
    assert somali[0].id == "safety.opening", "which every caller hears first"


def test_the_rest_is_in_the_order_of_a_call(content: Content, somali: tuple[RoomSentence, ...]) -> None:
    """A sentence stands where the first node says it; nodes stand in the order in which a call comes to them."""
    order = {name: place for place, name in enumerate(nodes_in_order(content.flow))}
    for kind in (True, False):
        first = [order[each.nodes[0]] for each in somali if each.safety == kind]
        assert first == sorted(first)
    named = [each.id for each in somali]
    heard = ["main.wait", "welcome.machine", "main.person+1", "main.child+2", "instructor.calling", "after_talk.ended"]
    assert [id_ for id_ in named if id_ in heard] == heard


def test_a_call_comes_to_a_node_from_one_before_it(content: Content) -> None:
    """A caller who chooses is led on; what is said where nobody answers comes after all of that."""
    flow, before = content.flow, set[str]()
    names = list(nodes_in_order(flow))
    assert sorted(names) == sorted(flow.nodes)
    begins = {flow.start, flow.language_known, flow.own_contact}
    for name in names:
        led = {node for node in before if name in {target.to for _, target in flow.exits(node)}}
        assert name in begins or led, name
        before.add(name)
    assert names.index("main_open") < names.index("person") < names.index("nobody_free") < names.index("last_words")


def test_hours_that_take_each_others_place_stand_together(somali: tuple[RoomSentence, ...]) -> None:
    hours = [number for number, each in enumerate(somali) if each.prompt.startswith("hours.walk_in.open")]
    assert len(hours) > 5
    assert [after - before for before, after in pairwise(hours)].count(1) >= len(hours) - 3


def test_every_sentence_is_said_somewhere_that_people_know(content: Content) -> None:
    for language in ("so", "ckb", "sv"):
        for each in in_order(content, TODAY, language):
            assert each.nodes, each.id
            assert set(each.nodes) <= set(content.flow.nodes)
            assert places("fi")[each.nodes[0]]


def test_what_only_the_staff_hears_is_last(content: Content) -> None:
    finnish = in_order(content, TODAY, "fi")
    nowhere = [each.id.startswith("staff.") and not each.nodes for each in finnish if not each.safety]
    first = nowhere.index(True)
    assert all(nowhere[first:])


def test_each_is_told_in_finnish_and_english(somali: tuple[RoomSentence, ...]) -> None:
    by_id = {each.id: each for each in somali}
    assert by_id["welcome.machine"].meaning == {
        "fi": "Tämä on kone. Se ei kuule sinua.",
        "en": "This is a machine. It cannot hear you.",
    }
    assert by_id["main.person+1"].ending == "option"
    assert by_id["digit.4"].ending == "digit"
    assert by_id["hours.phone.open+1500"].values == ("time_until.1500",)


def test_a_language_that_is_not_whole_has_none(content: Content) -> None:
    assert in_order(content, TODAY, "xx") == ()


def test_a_digit_is_one_sentence_wherever_it_is_said(somali: tuple[RoomSentence, ...]) -> None:
    assert sorted(each.id for each in somali if each.prompt.startswith("digit.")) == [
        f"digit.{digit}" for digit in (0, 1, 2, 4, 9)
    ]
