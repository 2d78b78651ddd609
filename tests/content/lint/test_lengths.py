"""Sentences of more than twelve words, with what fills their slots."""

from __future__ import annotations

import pytest

from ivr.content.load import Loaded
from ivr.core.issue import Issue
from ivr.core.prompts import slots_of
from tests.content.lint.helpers import ONE_WORD, SHORTER, faults, only, texts_of, words

pytestmark = pytest.mark.untraced


def too_long(language: str, prompt: str, count: int) -> list[Issue]:
    return only(language, prompt, f"has a sentence of {count} words", SHORTER)


@pytest.mark.parametrize("language", ONE_WORD)
def test_twelve_words_are_allowed_and_thirteen_are_told(real: Loaded, language: str) -> None:
    assert faults(real, language, {"nobody_free.sorry": f"{words(language, 12)}."}) == []
    assert faults(real, language, {"nobody_free.sorry": f"{words(language, 13)}."}) == too_long(
        language, "nobody_free.sorry", 13
    )


@pytest.mark.parametrize("mark", [".", "?", "!", ":", "؟"])
@pytest.mark.parametrize("language", ["en", "ru", "ar", "ckb"])
def test_words_are_counted_anew_behind_a_mark_that_ends_a_sentence(real: Loaded, language: str, mark: str) -> None:
    two = f"{words(language, 12)}{mark} {words(language, 12)}."
    assert faults(real, language, {"nobody_free.sorry": two}) == []
    longer = f"{words(language, 12)}{mark} {words(language, 14)}."
    assert faults(real, language, {"nobody_free.sorry": longer}) == too_long(language, "nobody_free.sorry", 14)


@pytest.mark.parametrize(("language", "mark"), [("fi", ","), ("sw", ","), ("ar", "،"), ("fa", "،"), ("uk", " –")])
def test_a_comma_or_a_dash_begins_no_new_sentence(real: Loaded, language: str, mark: str) -> None:
    text = f"{words(language, 7)}{mark} {words(language, 6)}."
    assert faults(real, language, {"nobody_free.sorry": text}) == too_long(language, "nobody_free.sorry", 13)


FILLED = [
    ("main.person", "key", "key."),
    ("choose_language.choice", "digit", "digit."),
    ("main.help_now", "help_key", "key.0"),
    ("main.again", "again_key", "key.9"),
    ("main.calm", "person_key", "key.1"),
    ("calling.say_language", "language_in_finnish", "language_in_finnish"),
    ("hours.phone.open", "phone_until", "time_until."),
    ("hours.walk_in.opens", "walk_in_time", "time_at."),
    ("hours.door.week", "door_week_from", "time_from."),
    ("hours.phone.week", "phone_week_until", "time_until."),
    ("hours.door.week_2", "door_week_from_2", "time_from."),
    ("hours.door.week_2", "door_week_until_2", "time_until."),
]
"""A prompt, a slot of it, and the beginning of the ids that can fill it."""


@pytest.mark.parametrize(("prompt", "slot", "table"), FILLED, ids=[slot for _, slot, _ in FILLED])
@pytest.mark.parametrize("language", ["ru", "ar", "sw"])
def test_a_slot_counts_as_many_words_as_the_shortest_text_that_can_fill_it(
    real: Loaded, language: str, prompt: str, slot: str, table: str
) -> None:
    of = texts_of(real).of(language)
    rows = {id_: words(language, 6) for id_ in of if id_.startswith(table)}
    rows[next(iter(rows))] = words(language, 3)
    others = "".join(f" {{{other}}}." for other in slots_of(of[prompt]) if other != slot)
    twelve = {prompt: f"{words(language, 9)} {{{slot}}}.{others}"}
    assert faults(real, language, rows | twelve) == []
    thirteen = {prompt: f"{words(language, 10)} {{{slot}}}.{others}"}
    assert faults(real, language, rows | thirteen) == too_long(language, prompt, 13)


@pytest.mark.parametrize("shortest", ["today", "tomorrow", "day_on.sun"])
@pytest.mark.parametrize("language", ["uk", "fa", "so"])
def test_a_day_counts_as_the_shortest_of_all_days_today_and_tomorrow(
    real: Loaded, language: str, shortest: str
) -> None:
    days = [id_ for id_ in texts_of(real).of(language) if id_.startswith("day_on.")]
    rows = {id_: words(language, 2 if id_ == shortest else 5) for id_ in (*days, "today", "tomorrow")}
    prompt, end = "hours.phone.opens", "{phone_day}. {phone_time}."
    assert faults(real, language, rows | {prompt: f"{words(language, 10)} {end}"}) == []
    told = faults(real, language, rows | {prompt: f"{words(language, 11)} {end}"})
    assert told == too_long(language, prompt, 13)


def test_the_slots_of_the_source_are_filled_with_its_own_words(real: Loaded) -> None:
    assert texts_of(real).sources["time_until.1200"].source == "until twelve at midday"
    prompt = "hours.phone.open"
    assert faults(real, "en", {prompt: f"{words('en', 8)} {{phone_until}}."}) == []
    assert faults(real, "en", {prompt: f"{words('en', 9)} {{phone_until}}."}) == too_long("en", prompt, 13)
