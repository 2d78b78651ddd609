"""What is said where the caller's language has lost its texts during the call (rules O1 and O4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from ivr.core.content import Content
from ivr.core.flow import Transfer
from ivr.core.office import ExceptionDay, Office
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
    lost = without(content, "nobody_free.sorry", "safety.danger")
    welcome = utterances(lost, "welcome", "first", "uk", OPEN)
    assert [(each.prompt, each.language) for each in welcome] == [
        *(("safety.danger", code) for code in FIRST),
        ("welcome.machine", "uk"),
    ]
    menu = utterances(lost, "main_open", "first", "uk", OPEN)
    assert "nobody_free.sorry" not in {each.prompt for each in menu}
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


def shut_for_long(content: Content) -> Content:
    """The office opens on Monday, the second of August 2027, and on no day before."""
    days = [{"date": str(date(2026, 12, 1) + timedelta(days=day)), "hours": {"all": "closed"}} for day in range(244)]
    fields = {name: getattr(content.office, name) for name in Office.model_fields}
    closed = tuple(ExceptionDay.model_validate(day) for day in days)
    return replace(content, office=Office.model_construct(**{**fields, "exceptions": closed}))


SHUT = datetime.fromisoformat("2026-12-02T10:00+02:00")


def test_the_date_of_an_opening_is_said_in_other_languages_too(content: Content) -> None:
    lost = without(shut_for_long(content))
    said = utterances(lost, "main_open", "first", "uk", SHUT)
    assert [(each.language, each.text) for each in said[:3]] == [
        ("fi", "Puhelinpalvelumme on kiinni. Se aukeaa maanantaina toisena elokuuta."),
        ("sv", "Vår telefontjänst är stängd. Den öppnar på måndag den andra augusti."),
        ("en", "Our phone service is closed. It opens on Monday the second of August."),
    ]


def test_a_language_that_speaks_first_and_lacks_the_date_says_that_it_is_closed_for_long(content: Content) -> None:
    lost = without(without(shut_for_long(content)), "month.8", language="sv")
    said = utterances(lost, "main_open", "first", "uk", SHUT)
    prompts = [(each.language, each.prompt.rpartition(".")[2]) for each in said[:3]]
    assert prompts == [("fi", "opens_on"), ("sv", "closed_long"), ("en", "opens_on")]


def test_what_is_too_long_for_a_language_is_said_by_the_twin_in_it_for_others_too(content: Content) -> None:
    lost = without(content)
    exact = utterances(lost, "main_open", "first", "sv", OPEN)[0]
    long = replace(lost, plain=frozenset({(exact.prompt, exact.values, "sv")}))
    said = utterances(long, "main_open", "first", "uk", OPEN)
    assert [each.prompt for each in said[:3]] == [exact.prompt, f"{exact.prompt}.plain", exact.prompt]


def test_the_whisper_names_a_language_without_texts(content: Content) -> None:
    assert whisper(without(content), "uk", "help") == whisper(content, "uk", "help")
