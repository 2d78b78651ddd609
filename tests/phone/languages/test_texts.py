"""Once a language is known, nothing but its own texts is heard, and all of them are."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.core.content import Content
from ivr.core.flow import Menu
from ivr.core.office import ON_CALL
from tests.phone.languages.book import BEFORE, FOREIGN, NAME_LINE, Book, not_for_the_caller
from tests.phone.languages.town import AFTERNOON, DAY, FIRST, NIGHT, SCRIPTS, Heard, Town, languages


def in_the_language(town: Town, code: str) -> list[Heard]:
    """All that was heard after the language was chosen, in every call."""
    return [heard for call in town.all_calls(code) for heard in call.while_known(known=True)]


@languages
def test_nothing_but_the_chosen_language_is_heard(town: Town, code: str) -> None:
    assert {heard.code for heard in in_the_language(town, code)} == {code}


@languages
def test_every_text_heard_is_one_of_its_file(town: Town, books: dict[str, Book], code: str) -> None:
    book, texts = books[code], {heard.text for heard in in_the_language(town, code)}
    assert not {text for text in texts if not book.ids_of(text)}
    never = not_for_the_caller(book, code)
    assert not {text for text in texts if book.ids_of(text) <= never}, "said, and not meant for this caller"


@languages
def test_every_text_of_its_file_is_heard(town: Town, books: dict[str, Book], code: str) -> None:
    book = books[code]
    told = {id_ for text in {heard.text for heard in in_the_language(town, code)} for id_ in book.ids_of(text)}
    assert not book.sentences - told - not_for_the_caller(book, code)


def test_what_is_never_heard_is_in_the_files(books: dict[str, Book]) -> None:
    for code, book in books.items():
        expected = BEFORE | {NAME_LINE} | (set() if code in FIRST else FOREIGN)
        assert book.sentences >= expected


@languages
def test_every_option_is_offered_with_its_key(town: Town, content: Content, books: dict[str, Book], code: str) -> None:
    menus = [node for node in content.flow.nodes.values() if isinstance(node, Menu)]
    options = {(key, option.say) for menu in menus for key, option in menu.options.items() if option.say}
    offering = {say for _, say in options}
    texts = {heard.text for heard in in_the_language(town, code)}
    offered = {text for text in texts if books[code].ids_of(text) & offering}
    assert offered == {books[code].fill(say, key=f"key.{key}") for key, say in options}


@languages
def test_the_urgent_number_is_said_twice_digit_by_digit(
    town: Town, content: Content, books: dict[str, Book], code: str
) -> None:
    number = (content.office.contacts[ON_CALL].number or "").replace(" ", "")
    digits = [books[code].fill(f"digit.{digit}") for digit in number]
    for at in (DAY, NIGHT):
        for name, before in (("hours", "urgent_number.intro"), ("nobody", "last_words.number")):
            texts = [heard.text for heard in town.call(SCRIPTS[name], at, code).while_known(known=True)]
            begins = texts.index(books[code].fill(before)) + 1
            assert texts[begins : begins + 2 * len(digits)] == 2 * digits


WEEK = (
    ("hours.phone.week", {"phone_week_from": "time_from.0900", "phone_week_until": "time_until.1500"}),
    ("hours.walk_in.week", {"walk_in_week_from": "time_from.1200", "walk_in_week_until": "time_until.1500"}),
    ("hours.door.week", {"door_week_from": "time_from.0800", "door_week_until": "time_until.1100"}),
    ("hours.door.week_2", {"door_week_from_2": "time_from.1200", "door_week_until_2": "time_until.1500"}),
)
AT = {
    DAY: (
        ("hours.phone.open", {"phone_until": "time_until.1500"}),
        ("hours.walk_in.opens", {"walk_in_day": "today", "walk_in_time": "time_at.1200"}),
        ("hours.door.open", {"door_until": "time_until.1100"}),
    ),
    AFTERNOON: (
        ("hours.phone.open", {"phone_until": "time_until.1500"}),
        ("hours.walk_in.open", {"walk_in_until": "time_until.1500"}),
        ("hours.door.open", {"door_until": "time_until.1500"}),
    ),
    NIGHT: (
        ("hours.phone.opens", {"phone_day": "tomorrow", "phone_time": "time_at.0900"}),
        ("hours.walk_in.opens", {"walk_in_day": "tomorrow", "walk_in_time": "time_at.1200"}),
        ("hours.door.opens", {"door_day": "tomorrow", "door_time": "time_at.0800"}),
    ),
}


@languages
@pytest.mark.parametrize("at", AT, ids=["day", "afternoon", "night"])
def test_the_hours_are_told_in_its_own_words(town: Town, books: dict[str, Book], code: str, at: datetime) -> None:
    texts = [heard.text for heard in town.call(SCRIPTS["hours"], at, code).while_known(known=True)]
    told = [text for text in dict.fromkeys(texts) if any(id_.startswith("hours.") for id_ in books[code].ids_of(text))]
    expected = {books[code].fill(id_, **slots) for id_, slots in (*AT[at], *WEEK)}
    assert set(told) == expected
