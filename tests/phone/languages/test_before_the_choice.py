"""What is heard before a language is known, and in the ear of whoever picks up."""

from __future__ import annotations

from datetime import datetime

from tests.phone.languages.book import BEFORE, Book, first_words, name_lines
from tests.phone.languages.town import (
    CODES,
    DAY,
    FIRST,
    NIGHT,
    SCRIPTS,
    SILENT,
    SILENT_TALK,
    Town,
    day_and_night,
    languages,
)


@languages
@day_and_night
def test_the_opening_is_in_three_languages_and_each_language_names_itself(
    town: Town, books: dict[str, Book], code: str, at: datetime
) -> None:
    behind = name_lines(town, books, "9")
    assert [line.code for line in name_lines(town, books, "")] == list(CODES)
    assert [line.code for line in behind] == ["ckb", "sw"]
    call = town.call(SCRIPTS["nobody"], at, code)
    assert call.heard[0] == first_words(town, books)
    assert call.heard[1 : len(town.digits(code))] == ([behind] if code in ("ckb", "sw") else [])


@languages
def test_before_the_choice_three_languages_speak_and_the_others_only_name_themselves(
    town: Town, books: dict[str, Book], code: str
) -> None:
    names = {*name_lines(town, books, ""), *name_lines(town, books, "9")}
    for call in town.all_calls(code):
        before = call.while_known(known=False)
        assert not {heard for heard in before if heard.code not in FIRST and heard not in names}
        assert not {heard for heard in before if not books[heard.code].ids_of(heard.text)}
        assert {heard.code for heard in before} == (set(CODES) if before else set())


@day_and_night
def test_whoever_never_presses_a_key_hears_only_the_three_languages(
    town: Town, books: dict[str, Book], at: datetime
) -> None:
    names = {*name_lines(town, books, "")}
    for script in (SILENT, SILENT_TALK):
        (heard,) = town.call(script, at).heard
        assert heard[: len(CODES) + 3] == first_words(town, books)
        after = [sentence for sentence in heard if sentence not in names]
        assert {sentence.code for sentence in after} == set(FIRST)
        assert not {sentence for sentence in after if not books[sentence.code].ids_of(sentence.text)}


def test_every_short_text_is_heard_in_the_three_languages(town: Town, books: dict[str, Book]) -> None:
    heard = {
        sentence
        for at in (DAY, NIGHT)
        for script in (SILENT, SILENT_TALK)
        for sentence in town.call(script, at).heard[0]
    }
    for code in FIRST:
        told = {id_ for said in heard if said.code == code for id_ in books[code].ids_of(said.text)}
        assert told >= BEFORE


@languages
@day_and_night
def test_the_whisper_names_the_language_and_the_matter_in_finnish(
    town: Town, books: dict[str, Book], code: str, at: datetime
) -> None:
    finnish = books["fi"]
    for script in SCRIPTS.values():
        whispered = town.call(script, at, code).whispered
        if script.phones == ("no_answer",):
            assert not whispered
            continue
        expected = [
            finnish.fill("staff.press"),
            finnish.fill("staff.language", language=f"language.{code}"),
            finnish.fill(f"staff.matter.{script.told(at)}"),
        ]
        assert [heard.text for heard in whispered[:3]] == expected
        assert {heard.text for heard in whispered} == set(expected)
        assert {heard.code for heard in whispered} == {"fi"}


@day_and_night
def test_the_whisper_tells_that_nothing_was_pressed(town: Town, at: datetime) -> None:
    whispered = town.call(SILENT_TALK, at).whispered
    assert [heard.text for heard in whispered[:3]] == [
        "Paina numeroa. Kemin neuvontapuhelin.",
        "Kieltä ei valittu.",
        "Soittaja ei valinnut mitään.",
    ]
    assert {heard.code for heard in whispered} == {"fi"}
