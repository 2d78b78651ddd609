"""Letters of another alphabet, digits, sentences that were not translated, and spoken forms that say something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.content.checks.lint import lint
from ivr.content.load import Loaded
from ivr.core.prompts import slots_of
from tests.content.conftest import Prompts
from tests.content.lint.helpers import (
    IN_WORDS,
    KEMI,
    ONE_WORD,
    OWN_LETTERS,
    SPACES,
    STRANGE,
    ZWNJ,
    fault,
    faults,
    only,
    otherwise,
    saying,
    texts_of,
)

pytestmark = pytest.mark.untraced


@pytest.mark.parametrize(
    ("language", "prompt", "words", "letters"),
    [
        ("ar", "nobody_free.sorry", "مكتب Kemi.", KEMI),
        ("ru", "nobody_free.sorry", "Служба Kemi.", KEMI),
        ("ckb", "nobody_free.sorry", "نووسینگەی Kemi.", KEMI),
        ("fa", "nobody_free.sorry", "صبر كنید.", "'\u0643' (U+0643)"),
        ("fa", "key.1", "\u064aک", "'\u064a' (U+064A)"),
        ("ckb", "nobody_free.sorry", "كۆمەڵايەتی.", "'\u0643' (U+0643), '\u064a' (U+064A)"),
        ("ar", "nobody_free.sorry", "کلام فی هذا.", "'\u06a9' (U+06A9), '\u06cc' (U+06CC)"),
        ("ar", "day_on.mon", "یوم", "'\u06cc' (U+06CC)"),
        ("fa", "nobody_free.sorry", "چاوەڕێ.", "'\u0695' (U+0695), '\u06ce' (U+06CE), '\u06d5' (U+06D5)"),
        ("uk", "nobody_free.sorry", "Службы.", "'\u044b' (U+044B)"),
        ("uk", "day_on.sat", "в суботу Э", "'\u042d' (U+042D)"),
        ("ru", "nobody_free.sorry", "Служба і помощь.", "'\u0456' (U+0456)"),
        ("so", "nobody_free.sorry", "Sug, Köyliö.", "'ö' (U+00F6)"),
        ("sw", "nobody_free.sorry", "Subiri, ÄLÄ.", "'Ä' (U+00C4)"),
        ("en", "nobody_free.sorry", "A c\u0430ll.", "'\u0430' (U+0430)"),
        ("fi", "nobody_free.sorry", "Õdota.", "'Õ' (U+00D5)"),
        ("sv", "key.1", "één", "'é' (U+00E9)"),
        ("fi", "nobody_free.sorry", "ＯＤＯＴＡ.", "'Ａ' (U+FF21), 'Ｄ' (U+FF24), 'Ｏ' (U+FF2F), 'Ｔ' (U+FF34)"),
    ],
)
def test_letters_of_another_alphabet_are_told_by_name(
    real: Loaded, language: str, prompt: str, words: str, letters: str
) -> None:
    assert faults(real, language, {prompt: words}) == only(language, prompt, STRANGE + letters, OWN_LETTERS)


@pytest.mark.parametrize("letter", ["ö", "o\N{COMBINING DIAERESIS}"], ids=["one character", "letter and mark"])
def test_a_letter_is_the_same_letter_however_it_is_stored(real: Loaded, letter: str) -> None:
    assert faults(real, "fi", {"nobody_free.sorry": f"Ol{letter}."}) == []
    issues = faults(real, "so", {"nobody_free.sorry": f"Sh{letter}."})
    assert [(issue.severity, issue.language, issue.remedy) for issue in issues] == [("incomplete", "so", OWN_LETTERS)]
    assert issues[0].message.startswith(f"'nobody_free.sorry' in so {STRANGE}")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", "اضغطوا رقمًا. لم يردّ أحد."),
        ("ar", "كُتِبَ هٰذا بِحَرَكاتِهِ."),
        ("fa", "دفترِ خدماتِ اجتماعی، دَری."),
        ("fa", f"نمی{ZWNJ}شود. شماره{ZWNJ}ای."),
        ("ckb", f"نا{ZWNJ}توانن."),
        ("ru", "ЁЛКА и ёлка."),
        ("uk", "Її ґанок, ЄДНІСТЬ."),
        ("fi", "ÄLÄ PÅ öljy."),
        ("so", "Sug – «haa»; \N{LEFT DOUBLE QUOTATION MARK}maya\N{RIGHT DOUBLE QUOTATION MARK}."),
    ],
)
def test_vowel_marks_joiners_capitals_and_punctuation_are_no_strange_letters(
    real: Loaded, language: str, words: str
) -> None:
    assert faults(real, language, {"nobody_free.sorry": words}) == []


@pytest.mark.parametrize("language", ["ru", "uk", "ar", "fa", "ckb"])
def test_the_name_of_a_slot_is_not_said_and_may_be_latin(real: Loaded, language: str) -> None:
    prompt = "calling.say_language"
    text = texts_of(real).translations[language][prompt].translation
    assert slots_of(text) == ["language_in_finnish"]
    assert faults(real, language, {prompt: "{language_in_finnish}."}) == []
    without_its_braces = faults(real, language, {prompt: "{language_in_finnish} language."})
    assert [issue.remedy for issue in without_its_braces] == [OWN_LETTERS]


def test_a_language_without_an_alphabet_may_have_any_letters(real: Loaded) -> None:
    texts = texts_of(real)
    free = texts.languages.languages["ar"].model_copy(update={"alphabet": ""})
    languages = texts.languages.model_copy(update={"languages": {**texts.languages.languages, "ar": free}})
    latin = saying(texts, "ar", {"nobody_free.sorry": "Kemi."}, "Kemi.")
    assert [issue.language for issue in lint(latin)] == ["ar"]
    assert lint(replace(latin, languages=languages)) == []


@pytest.mark.parametrize(
    ("language", "prompt", "words"),
    [
        ("fi", "safety.goodbye", "Soita 112."),
        ("en", "nobody_free.sorry", "Call 016."),
        ("ru", "safety.goodbye", "Звоните 112."),
        ("so", "main.person", "Qof: 1 {key}."),
        ("sw", "key.1", "1"),
        ("ar", "safety.goodbye", "اتصلوا على \u0661\u0661\u0662."),
        ("ckb", "safety.goodbye", "پەیوەندی بکەن بە \u0661\u0661\u0662."),
        ("fa", "safety.goodbye", "با \u06f1\u06f1\u06f2 تماس بگیرید."),
        ("fa", "time_at.0900", "ساعتِ \u06f9"),
        ("sv", "safety.goodbye", "Ring １１２."),
        ("uk", "safety.goodbye", "Дзвоніть \u0967\u0967\u0968."),
    ],
)
def test_digits_of_every_script_are_told(real: Loaded, language: str, prompt: str, words: str) -> None:
    told = fault(language, prompt, f"'{prompt}' has digits", "Write them as words")
    assert faults(real, language, {prompt: words}) == [told]


@pytest.mark.parametrize("language", ["fi", "sv", "so", "sw"])
@pytest.mark.parametrize("change", [str, str.upper, str.lower], ids=["as it is", "in capitals", "in small letters"])
def test_a_sentence_that_is_still_english_is_told(real: Loaded, language: str, change: Callable[[str], str]) -> None:
    english = texts_of(real).sources["goodbye.again"].source
    told = only(language, "goodbye.again", "is the same as in en", "Translate it")
    assert faults(real, language, {"goodbye.again": change(english)}) == told


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("fi", "sv", "Kemi on Kemi."),
        ("sv", "sw", "Kom till mig."),
        ("ru", "uk", "Один один два."),
        ("ar", "fa", "سلام و سلام."),
        ("fa", "ckb", "چاپ و چاپ."),
        ("so", "sw", "Sawa sawa sawa."),
    ],
)
def test_a_sentence_that_is_the_same_in_another_language_is_told(
    real: Loaded, first: str, second: str, sentence: str
) -> None:
    texts = saying(texts_of(real), first, {"nobody_free.sorry": sentence}, sentence)
    assert lint(texts) == []
    found = real.in_order(lint(saying(texts, second, {"nobody_free.sorry": sentence}, sentence)))
    assert list(found) == only(second, "nobody_free.sorry", f"is the same as in {first}", "Translate it")


@pytest.mark.parametrize(("first", "second", "words"), [("ru", "uk", "Парковка."), ("so", "sw", "Sawa sawa.")])
def test_two_words_may_be_right_in_both_languages(real: Loaded, first: str, second: str, words: str) -> None:
    """Parking is the same word in Russian and in Ukrainian. What is still English is told all the same."""
    texts = saying(texts_of(real), first, {"nobody_free.sorry": words})
    found = lint(saying(texts, second, {"nobody_free.sorry": words}))
    assert not [issue for issue in found if "the same" in issue.message]


def test_the_same_sentence_may_stand_at_two_places_of_one_language(real: Loaded) -> None:
    assert faults(real, "sw", {"nobody_free.sorry": "Subiri.", "after_talk.ended": "Subiri."}) == []


@pytest.mark.parametrize(
    ("first", "second", "prompt", "word"),
    [
        ("en", "sw", "key.3", "three"),
        ("en", "so", "today", "today"),
        ("en", "fi", "time_at.0900", "at nine"),
        ("fi", "sv", "digit.1", "yksi"),
        ("en", "fi", "language.sw", "Swahili"),
        ("ru", "uk", "day_on.mon", "в понедельник"),
        ("so", "sw", "tomorrow", "berri"),
        ("so", "sw", "language_in_finnish", "suahili"),
        ("fa", "ckb", "time_from.0900", "سفر"),
    ],
)
def test_single_words_of_tables_may_be_the_same_in_two_languages(
    real: Loaded, first: str, second: str, prompt: str, word: str
) -> None:
    one = saying(texts_of(real), first, {prompt: word, "nobody_free.sorry": f"{word} {word} {word}."})
    assert lint(saying(one, second, {prompt: word})) == []
    as_a_sentence = lint(saying(one, second, {prompt: word, "nobody_free.sorry": f"{word} {word} {word}."}))
    assert [(issue.language, issue.where, issue.remedy) for issue in as_a_sentence] == [
        (second, ("nobody_free.sorry",), "Translate it")
    ]


def test_arabic_is_read_with_marks_that_its_texts_do_not_have(real: Loaded) -> None:
    arabic = texts_of(real).translations["ar"].values()
    assert sum(text.spoken not in ("", text.translation) for text in arabic) > 100


@pytest.mark.parametrize(
    ("language", "prompt", "text", "spoken"),
    [
        ("ar", "nobody_free.sorry", "اضغطوا رقمًا.", "اِضْغَطوا رَقْمًا."),
        ("ar", "nobody_free.sorry", "اضغطوا رقمًا.", "اضغطوا رقما."),
        ("ar", "nobody_free.sorry", "اضغطوا رقمًا.", "اِضْغَطوا  رَقْمًا."),
        ("ar", "main.person", "للكلام معنا: {key}.", "لِلْكَلَام مَعَنَا: {key}."),
        ("fa", "nobody_free.sorry", "صبر کنید.", "صَبر کُنید."),
        ("ru", "nobody_free.sorry", "Подождите.", "Подожди\N{COMBINING ACUTE ACCENT}те."),
        ("sw", "nobody_free.sorry", "Subiri.", "Subiri."),
    ],
)
def test_a_spoken_form_may_add_and_leave_out_vowel_marks(
    real: Loaded, language: str, prompt: str, text: str, spoken: str
) -> None:
    assert faults(real, language, {prompt: text}, spoken) == []


@pytest.mark.parametrize(
    ("language", "prompt", "text", "spoken", "words"),
    [
        ("ar", "nobody_free.sorry", "اضغطوا رقمًا.", "اِضْغَطوا زِرًّا.", ("'رقمًا.'", "'زِرًّا.'")),
        ("ar", "nobody_free.sorry", "اضغطوا رقمًا.", "اِضْغَطوا رَقْمًا", ("'رقمًا.'", "'رَقْمًا'")),
        ("ar", "nobody_free.sorry", "اضغطوا رقمًا.", "Press a number.", ("'اضغطوا'", "'Press'")),
        ("ar", "main.person", "للكلام معنا: {key}.", "لِلْكَلَام مَعَنَا.", ("'معنا:'", "'مَعَنَا.'")),
        ("ar", "key.1", "واحد", "اِثْنَان", ("'واحد'", "'اِثْنَان'")),
        ("fa", "nobody_free.sorry", f"نمی{ZWNJ}شود.", "نمیشود.", (f"'نمی{ZWNJ}شود.'", "'نمیشود.'")),
        ("ckb", "nobody_free.sorry", "چاوەڕێ بکەن.", "چاوەڕێ کەن.", ("'بکەن.'", "'کەن.'")),
        ("sw", "nobody_free.sorry", "Subiri sasa.", "Subiri sasa. Sasa.", ("no more words", "'Sasa.'")),
        ("fi", "nobody_free.sorry", "Odota nyt.", "Odota", ("'nyt.'", "no more words")),
        ("en", "nobody_free.sorry", "Wait.", "Wait now.", ("'Wait.'", "'Wait'")),
    ],
)
def test_a_spoken_form_that_differs_in_more_than_vowel_marks_is_told_by_its_first_other_word(
    real: Loaded, language: str, prompt: str, text: str, spoken: str, words: tuple[str, str]
) -> None:
    assert faults(real, language, {prompt: text}, spoken) == only(language, prompt, *otherwise(*words))


@pytest.mark.parametrize(
    ("sign", "shown"),
    [
        ("&", "'&' (U+0026)"),
        ("<>", "'<' (U+003C), '>' (U+003E)"),
        ("% / *", "'%' (U+0025), '*' (U+002A), '/' (U+002F)"),
        ("[[_]]", "'[' (U+005B), ']' (U+005D), '_' (U+005F)"),
        ("€", "'€' (U+20AC)"),
        ("•", "'•' (U+2022)"),
        ("\N{GRINNING FACE}", "'\N{GRINNING FACE}' (U+1F600)"),
        ("\ue000", "U+E000"),
        ("\U000e0041", "U+E0041"),
        ("\U0001fffe", "U+1FFFE"),
    ],
)
@pytest.mark.parametrize("language", ["fi", "en", "ckb"])
def test_a_sign_that_voices_say_in_ways_of_their_own_is_told(
    real: Loaded, language: str, sign: str, shown: str
) -> None:
    words = f"{ONE_WORD[language]} {sign}."
    told = f"has signs that are no words: {shown}"
    assert faults(real, language, {"nobody_free.sorry": words}) == only(language, "nobody_free.sorry", told, IN_WORDS)


@pytest.mark.parametrize("number", ["½", "²", "Ⅳ", "①", "٣"])
def test_a_number_is_written_in_words_however_it_is_set(real: Loaded, number: str) -> None:
    message = "'nobody_free.sorry' has digits"
    assert faults(real, "fi", {"nobody_free.sorry": f"Odota {number}."}) == [
        fault("fi", "nobody_free.sorry", message, "Write them as words")
    ]


@pytest.mark.parametrize("space", ["\u2028", "\u2003", "\u2009", "\u3000", "\u2060", "\u1680"])
def test_the_spaces_of_typesetters_are_told(real: Loaded, space: str) -> None:
    assert faults(real, "fi", {"nobody_free.sorry": f"Odota{space}vähän."}) == only("fi", "nobody_free.sorry", *SPACES)


def test_quotation_marks_dashes_and_ellipses_are_only_punctuation(real: Loaded) -> None:
    assert faults(real, "fi", {"nobody_free.sorry": "Sano ”hätä” – nyt (heti) … «apua»; odota."}) == []


@pytest.mark.parametrize("text", ["Soita}.", "Soita {.", "Soita {Key}."])
def test_a_brace_that_belongs_to_no_slot_is_told(real: Loaded, text: str) -> None:
    message = "'nobody_free.sorry' must have no slot, as its source has"
    assert faults(real, "fi", {"nobody_free.sorry": text}) == [
        fault("fi", "nobody_free.sorry", message, "Correct the slots")
    ]


@pytest.mark.parametrize("text", ["Call}.", "Call {.", "Call {Key}."])
def test_so_is_one_in_the_source(prompts: Prompts, text: str) -> None:
    prompts.reword("nobody_free.sorry", text)
    issue = prompts.only_broken()
    assert issue.message == "'nobody_free.sorry' has a brace that belongs to no slot"
    assert issue.line == prompts.line("prompts.pot", 'msgctxt "nobody_free.sorry"')
