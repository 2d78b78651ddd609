"""Suggested words, with their slots filled, go back to the texts that they are made of."""

from __future__ import annotations

import unicodedata

import pytest

from ivr.content.load import load
from ivr.core.content import Content
from ivr.core.script import to_record
from ivr.listening.sentence_texts import back_to_template, tidied
from ivr.listening.suggested import TextOfSentence, proposed, texts_of
from ivr.records.room import Suggestion
from tests.conftest import ROOT, TODAY
from tests.content.conftest import Prompts
from tests.listening.suggesting import NOW, said, texts_of_site

CLOSED = "hours.phone.opens+mon+0900"


def suggestion(language: str, sentence: str, words: str) -> Suggestion:
    return Suggestion(1, 1, language, sentence, "as it was", words, NOW)


class TestProposed:
    def test_every_sentence_of_every_language_goes_back_to_the_texts_it_is_made_of(self, content: Content) -> None:
        texts, tried = load(ROOT / "prompts", TODAY).texts, 0
        assert texts
        for code in content.languages.languages:
            for sentence in to_record(content, TODAY, code):
                found = proposed(texts, code, suggestion(code, sentence.id, sentence.text))
                marks = texts.languages.languages[code].needs_marks
                wording = texts.wording(code, sentence.prompt)
                expected = wording.spoken if marks else wording.translation
                assert found == {sentence.prompt: tidied(expected)}, sentence.id
                tried += 1
        assert tried > 1000

    def test_new_words_keep_the_values_as_slots(self, site: Prompts) -> None:
        words = "Hadda waan xirannahay. Taleefanku wuxuu furmayaa maalinta Isniinta sagaalka subaxnimo."
        assert proposed(texts_of_site(site), "so", suggestion("so", CLOSED, words)) == {
            "hours.phone.opens": "Hadda waan xirannahay. Taleefanku wuxuu furmayaa {phone_day} {phone_time}."
        }

    def test_letters_that_are_typed_in_parts_and_marks_of_direction_change_nothing(self, site: Prompts) -> None:
        heard = said(site, "fi", CLOSED)
        words = f"\u200f{unicodedata.normalize('NFD', heard)}\u200e  "
        assert unicodedata.normalize("NFD", heard) != heard
        assert proposed(texts_of_site(site), "fi", suggestion("fi", CLOSED, words)) == proposed(
            texts_of_site(site), "fi", suggestion("fi", CLOSED, heard)
        )

    def test_words_without_a_value_are_given_as_they_are(self, site: Prompts) -> None:
        words = "Taleefanku hadda wuu xiran yahay."
        assert proposed(texts_of_site(site), "so", suggestion("so", CLOSED, words)) == {"hours.phone.opens": words}

    @pytest.mark.parametrize("sentence", ["no.such", "hours.phone.opens+mon", "hours.phone.opens+mon+0915"])
    def test_of_a_sentence_that_is_not_there_nothing_is_proposed(self, site: Prompts, sentence: str) -> None:
        texts = texts_of_site(site)
        assert proposed(texts, "so", suggestion("so", sentence, "words")) == {}
        assert texts_of(texts, "so", sentence) == {}

    def test_the_texts_of_a_sentence_are_its_prompt_and_what_fills_it(self, site: Prompts) -> None:
        found = texts_of(texts_of_site(site), "so", CLOSED)
        assert list(found) == ["hours.phone.opens", "day_on.mon", "time_at.0900"]
        assert found["day_on.mon"] == TextOfSentence("maalinta Isniinta", "on Monday")

    def test_two_times_of_a_week_are_told_apart(self, site: Prompts) -> None:
        content = site.load().content
        assert content
        week = next(u for u in to_record(content, TODAY, "so") if u.prompt == "hours.phone.week")
        found = texts_of(texts_of_site(site), "so", week.id)
        assert list(found) == ["hours.phone.week", *week.values]

    def test_known_words_are_given_with_their_reading_marks(self, site: Prompts) -> None:
        found = proposed(texts_of_site(site), "ar", suggestion("ar", "safety.danger", "اتصلوا على واحد واحد اثنين."))
        assert tidied(found["safety.danger"]) == tidied("اِتَّصِلوا عَلَى وَاحِد وَاحِد اِثْنَيْن.")


class TestBackToTemplate:
    @pytest.mark.parametrize(
        ("words", "values", "template"),
        [
            ("Monday we open at nine.", {"day": "monday", "time": "at nine"}, "{day} we open {time}."),
            ("We open at nine in the morning.", {"time": "at nine in the morning"}, "We open {time}."),
            ("Open from nine to three.", {"a": "from nine", "b": "nine to three"}, None),
            ("Nine to three, and again from nine.", {"a": "nine to three", "b": "from nine"}, "{a}, and again {b}."),
            ("Nobody phones.", {"key": "one"}, None),
            ("Press one. One.", {"key": "one"}, None),
            ("Press two.", {"key": "one"}, None),
            ("From nine until nine.", {"a": "nine", "b": "Nine"}, None),
            ("Press nothing.", {"key": ""}, None),
            ("ساعت نُه", {"key": "نه"}, None),
            ("می\u200cنه", {"key": "نه"}, None),
            ("رقم نه.", {"key": "نه"}, "رقم {key}."),
        ],
    )
    def test_each_value_once_and_as_whole_words(self, words: str, values: dict[str, str], template: str | None) -> None:
        assert back_to_template(words, values, list(values)) == template

    def test_a_slot_that_stands_twice_is_found_twice(self) -> None:
        assert back_to_template("one and one", {"key": "one"}, ["key", "key"]) == "{key} and {key}"
        assert back_to_template("one", {"key": "one"}, ["key", "key"]) is None
