"""What is said where the caller's language has lost its texts during the call (rules O1 and O4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from ivr.core.content import Content
from ivr.core.flow import Transfer
from ivr.core.prompts import Catalogue
from ivr.core.script import closed_set
from ivr.core.speak import VARIANTS, elsewhere, utterances, whisper
from tests.conftest import TODAY

FIRST = ("fi", "sv", "en")
OPEN, CLOSED, LONG = (
    datetime.fromisoformat(f"{moment}+02:00") for moment in ("2026-11-24T10:00", "2026-11-24T20:00", "2026-12-23T16:00")
)


def without(content: Content, *prompts: str, language: str = "uk") -> Content:
    """The content of which a language has lost some texts, or all."""
    left = {id_: text for id_, text in content.catalogue.texts[language].items() if prompts and id_ not in prompts}
    others = {code: texts for code, texts in content.catalogue.texts.items() if code != language}
    offered = content.offered - {language}
    return replace(content, offered=offered, catalogue=Catalogue({**others, language: left} if left else others))


@pytest.mark.parametrize("now", [OPEN, CLOSED, LONG])
def test_without_any_text_left_everybody_hears_what_they_must(content: Content, now: datetime) -> None:
    lost = without(content)
    for name, node in lost.flow.nodes.items():
        for variant in VARIANTS:
            said = utterances(lost, name, variant, "uk", now)
            assert "uk" not in {each.language for each in said} - {"fi"}
            if isinstance(node, Transfer) and variant == "announce":
                assert [each.language for each in said[:3]] == list(FIRST)
    (danger,) = [each for each in utterances(lost, "welcome", "first", "uk", now) if each.language == "sv"]
    assert danger == lost.catalogue.utter("safety.danger", "sv", {})
    spoken = [each for each in utterances(lost, "main_open", "first", "uk", now) if each.prompt.startswith("hours.")]
    here = utterances(lost, "main_open", "first", "fi", now)[0]
    assert [each.language for each in spoken] == list(FIRST)
    assert spoken[0] == here


def test_one_text_that_is_lost_falls_for_itself_alone(content: Content) -> None:
    lost = without(content, "main.press", "safety.danger")
    welcome = utterances(lost, "welcome", "first", "uk", OPEN)
    assert [(each.prompt, each.language) for each in welcome] == [
        *(("safety.danger", code) for code in FIRST),
        ("welcome.machine", "uk"),
    ]
    menu = utterances(lost, "main_open", "first", "uk", OPEN)
    assert "main.press" not in {each.prompt for each in menu}
    assert {each.language for each in menu} == {"uk"}


def test_hours_whose_words_are_lost_are_said_by_the_twin(content: Content) -> None:
    lost = without(content, "time_until.1500")
    assert utterances(lost, "main_open", "first", "uk", OPEN)[0].id == "hours.phone.open.plain"


def test_every_hours_prompt_is_the_same_in_another_language(content: Content) -> None:
    """The slots are found again by the values alone."""
    swedish = {each.id: each for each in closed_set(content, TODAY) if each.language == "sv" and not each.slow}
    hours = [each for each in closed_set(content, TODAY) if each.language == "uk" and each.prompt.startswith("hours.")]
    now = [each for each in hours if ".week" not in each.prompt and not each.slow]
    assert len({each.prompt for each in now}) > 10
    for each in now:
        said = [*elsewhere(content, each.prompt, "uk", each.values)]
        assert [other.language for other in said] == list(FIRST)
        assert said[1] == swedish[each.id]
    assert not [*elsewhere(content, "hours.door.week.plain", "uk", ())]


def test_the_whisper_names_a_language_without_texts(content: Content) -> None:
    assert whisper(without(content), "uk", "help") == whisper(content, "uk", "help")
