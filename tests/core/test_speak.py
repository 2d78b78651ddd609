"""The words that no menu holds: the emergency document, the whisper, a number, a week, and the closed set of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

import pytest

from ivr.core.call import CallStarted, CallState, KeyPressed
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.flow import LanguageMenu, Matter, Menu, Transfer
from ivr.core.hours import Interval, parse_week
from ivr.core.office import ExceptionDay, Office
from ivr.core.script import closed_set
from ivr.core.speak import emergency_words, spoken_number, utterances, whisper
from ivr.core.utterance import Utterance
from tests.conftest import TODAY
from tests.core.test_engine import DAY, HELSINKI, NIGHT


def text(content: Content, prompt: str, language: str) -> str:
    return content.catalogue.texts[language][prompt]


def digits(content: Content, language: str) -> list[tuple[str, bool]]:
    """Each digit of the public number on call, and whether it ends a group."""
    groups = (content.office.contacts["on_call"].number or "").split()
    return [
        (text(content, f"digit.{digit}", language), place == len(group))
        for group in groups
        for place, digit in enumerate(group, 1)
    ]


class TestEmergencyWords:
    def test_112_comes_first_and_each_language_says_all_before_the_next(self, content: Content) -> None:
        roles, words = content.flow.roles, emergency_words(content)
        assert [said.text for said in words.danger_and_calling] == [
            text(content, prompt, language)
            for language in content.languages.before_choice
            for prompt in (roles.danger, roles.calling)
        ]
        assert [said.text for said in words.danger] == [
            text(content, roles.goodbye, language) for language in content.languages.before_choice
        ]

    def test_the_number_is_said_digit_by_digit_in_its_groups(self, content: Content) -> None:
        roles = content.flow.roles
        expected = [
            said
            for language in content.languages.before_choice
            for said in (
                (text(content, roles.danger, language), False),
                (text(content, roles.number_follows, language), False),
                *digits(content, language),
            )
        ]
        assert [(said.text, said.ends_group) for said in emergency_words(content).danger_and_number] == expected

    def test_nothing_is_slow_or_left_to_fill_in(self, content: Content) -> None:
        words = emergency_words(content)
        everything = (*words.danger_and_calling, *words.danger_and_number, *words.danger)
        assert not any(said.slow or "{" in said.text for said in everything)
        assert {said.language for said in everything} == {*content.languages.before_choice}


class TestNumber:
    @pytest.mark.parametrize("slow", [False, True])
    def test_it_is_as_slow_as_asked_for(self, content: Content, slow: bool) -> None:
        said = list(spoken_number(content, "on_call", "sv", slow=slow))
        assert [(one.text, one.ends_group) for one in said] == digits(content, "sv")
        assert {(one.slow, one.language) for one in said} == {(slow, "sv")}
        assert [one.slow for one in spoken_number(content, "on_call", "sv")] == [False] * len(said)

    def test_a_contact_without_a_public_number_has_no_digits(self, content: Content) -> None:
        assert list(spoken_number(content, "social_instructor", "sv")) == []


class TestWhisper:
    @pytest.mark.parametrize("matter", get_args(Matter))
    @pytest.mark.parametrize("language", [None, "so", "sw"])
    def test_it_is_said_three_times_to_the_staff(self, content: Content, language: str | None, matter: Matter) -> None:
        roles, staff = content.flow.roles, content.languages.staff
        chosen = (
            text(content, roles.whisper_language, staff).replace(
                "{language}", text(content, f"language.{language}", staff)
            )
            if language
            else text(content, roles.whisper_no_language, staff)
        )
        once = [text(content, roles.whisper_press, staff), chosen, text(content, f"staff.matter.{matter}", staff)]
        said = whisper(content, language, matter)
        assert [one.text for one in said] == once * 3
        assert {(one.language, one.slow) for one in said} == {(staff, False)}


class TestWeek:
    def test_each_stretch_of_a_usual_day_has_its_sentence(self, usual: Content) -> None:
        said = [one for name in usual.flow.nodes for one in utterances(usual, name, "first", "en", DAY)]
        weeks = dict.fromkeys(one for one in said if ".week" in one.prompt)
        assert {one.prompt: one.values for one in weeks if one.prompt.startswith("hours.door.")} == {
            "hours.door.week": ("time_from.0800", "time_until.1100"),
            "hours.door.week_2": ("time_from.1200", "time_until.1500"),
        }

    @pytest.mark.parametrize(
        ("week", "alike"),
        [
            ({"mon-fri": "09:00-15:00"}, True),
            ({"mon-thu": "09:00-15:00"}, False),
            ({"tue-fri": "09:00-15:00"}, False),
            ({"mon-thu": "09:00-15:00", "fri": "09:00-14:00"}, False),
            ({"mon": "09:00-14:00", "tue-fri": "09:00-15:00"}, False),
            ({"mon-sat": "09:00-15:00"}, False),
            ({"mon-fri": "09:00-15:00", "sun": "09:00-15:00"}, False),
            ({"sat-sun": "09:00-15:00"}, False),
            ({}, False),
        ],
    )
    def test_a_week_is_usual_if_its_five_days_are_alike_and_the_weekend_is_closed(
        self, usual: Content, week: dict[str, str], alike: bool
    ) -> None:
        hours = replace(usual.office.schedules["phone"], week=parse_week(week)).monday_to_friday
        expected = (Interval.model_validate({"opens": "09:00", "closes": "15:00"}),)
        assert hours == (expected if alike else None)


def heard(content: Content, today: datetime) -> Iterator[Utterance]:
    """What the line says at some moments of the next days, in every language, wherever it says something."""
    for moment in (today + timedelta(hours=hours) for hours in range(0, 24 * 9, 3)):
        for name, node in content.flow.nodes.items():
            if isinstance(node, (Menu, LanguageMenu, Transfer)):
                for language in (None, *sorted(content.offered)):
                    state = CallState(name, language)
                    yield from step(content, state, KeyPressed("9"), moment).plays
                    yield from step(content, state, KeyPressed("8"), moment).plays
        yield from step(content, CallState(""), CallStarted(), moment).plays


class TestClosedSet:
    def test_it_has_all_that_is_heard(self, content: Content) -> None:
        everything = set(closed_set(content, TODAY))
        assert {*heard(content, datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=HELSINKI))} <= everything
        words = emergency_words(content)
        assert {*words.danger_and_calling, *words.danger_and_number, *words.danger} <= everything
        for language in (None, *content.offered):
            for matter in get_args(Matter):
                assert {*whisper(content, language, matter)} <= everything

    def test_it_has_each_once_and_in_order(self, content: Content) -> None:
        everything = closed_set(content, TODAY)
        assert len(set(everything)) == len(everything)
        assert closed_set(content, TODAY) is everything
        languages, texts = list(content.languages.languages), list(content.catalogue.texts["en"])
        order = [
            (said.slow, languages.index(said.language), texts.index(said.prompt), said.text) for said in everything
        ]
        assert order == sorted(order)

    def test_each_day_has_its_own(self, content: Content) -> None:
        tomorrow = closed_set(content, TODAY + timedelta(days=1))
        assert tomorrow is not closed_set(content, TODAY)
        assert tomorrow is closed_set(content, TODAY + timedelta(days=1))

    def test_every_sentence_with_a_day_or_a_time_has_its_twin(self, content: Content) -> None:
        everything = set(closed_set(content, TODAY))
        timed = [
            said
            for said in everything
            if said.prompt.startswith("hours.") and said.values and ".week" not in said.prompt
        ]
        assert len(timed) > 100
        there = {(said.prompt, said.language, said.slow) for said in everything}
        assert {(f"{said.prompt}.plain", said.language, said.slow) for said in timed} <= there

    def test_a_closing_day_of_next_year_is_in_it(self, usual: Content) -> None:
        """The furthest day of the 400 changes what can be said."""
        last = ExceptionDay.model_validate(
            {"date": str(TODAY + timedelta(days=399)), "hours": {"phone": "10:30-11:30"}}
        )
        fields = {name: getattr(usual.office, name) for name in Office.model_fields}
        closing = replace(usual, office=Office.model_construct(**{**fields, "exceptions": (last,)}))
        new = {said.id for said in closed_set(closing, TODAY)} - {said.id for said in closed_set(usual, TODAY)}
        assert "hours.phone.open+1130" in new
        assert any(name.endswith("+1030") for name in new)


def test_other_numbers_of_ours_or_of_contacts_change_nothing_that_is_said(content: Content) -> None:
    dialled = content.with_dialled({"0753 250 111": "so"})
    assert dialled.office.languages_by_number == {"0753 250 111": "so"}
    for other in (dialled, content.with_numbers(dict.fromkeys(content.office.contacts, 3))):
        assert other.utterance_cache is content.utterance_cache
        assert closed_set(replace(other), TODAY) == closed_set(content, TODAY)


def test_words_are_quick_unless_asked_for_slowly(content: Content) -> None:
    assert not any(said.slow for name in content.flow.nodes for said in utterances(content, name, "first", "fi", DAY))
    slow = [
        said.slow for name in content.flow.nodes for said in utterances(content, name, "first", "fi", DAY, slow=True)
    ]
    assert all(slow)
    assert len(slow) > 50


def test_what_is_said_at_night_is_not_what_is_said_by_day(content: Content) -> None:
    """The caches tell moments, languages, paces and variants apart."""
    told = [
        tuple(said.text for said in utterances(content, name, "first", language, now))
        for name in content.flow.nodes
        if "phone" in content.schedules_said[name]
        for language in ("fi", "en")
        for now in (DAY, NIGHT)
    ]
    assert len(told) >= 4
    assert len(set(told)) == len(told)
