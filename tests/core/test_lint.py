"""Texts are written for the ear: the spaces, marks, letters and lengths that no text of any language may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.content.load import Loaded, load
from ivr.core.checks.lint import lint
from ivr.core.checks.texts import Text, Texts, check_texts
from ivr.core.issue import Issue, Severity
from ivr.core.prompts import slots_of
from tests.content.conftest import FIRST, REAL, TODAY, Prompts

pytestmark = pytest.mark.untraced

FURTHER = ("ru", "uk", "ar", "fa", "so", "ckb", "sw")
NBSP, LRM, RLM, ALM, ZWNJ, ACUTE, LETTER_APOSTROPHE = (
    "\N{NO-BREAK SPACE}",
    "\N{LEFT-TO-RIGHT MARK}",
    "\N{RIGHT-TO-LEFT MARK}",
    "\N{ARABIC LETTER MARK}",
    "\N{ZERO WIDTH NON-JOINER}",
    "\N{ACUTE ACCENT}",
    "\N{MODIFIER LETTER APOSTROPHE}",
)
BIDI = [chr(mark) for mark in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))]


@pytest.fixture(scope="module")
def real() -> Loaded:
    """The content of prompts/ in all ten languages."""
    return load(REAL, TODAY)


def texts_of(real: Loaded) -> Texts:
    assert real.texts
    return real.texts


def saying(texts: Texts, language: str, words: Mapping[str, str], spoken: str = "") -> Texts:
    """The same where a language says other words; `spoken`: how an offline voice reads them, if not as they stand."""
    if language == texts.languages.source:
        said = {id_: Text(text, "", spoken=spoken) for id_, text in words.items()}
        return replace(texts, sources={**texts.sources, **said})
    of = texts.translations[language]
    said = {id_: replace(of[id_], translation=text, spoken=spoken) for id_, text in words.items()}
    return replace(texts, translations={**texts.translations, language: {**of, **said}})


def faults(real: Loaded, language: str, words: Mapping[str, str], spoken: str = "") -> list[Issue]:
    """All that is wrong with the source and with one language that says other words, but for notes."""
    texts = saying(texts_of(real), language, words, spoken)
    texts = replace(texts, translations={code: of for code, of in texts.translations.items() if code == language})
    found = real.in_order([*check_texts(texts), *lint(texts)])
    return [issue for issue in found if issue.severity != "note"]


def fault(language: str, prompt: str, message: str, remedy: str) -> Issue:
    """What must be told about one entry of a language."""
    file = "prompts.pot" if language == "en" else f"{language}.po"
    severity: Severity = "broken" if language in FIRST else "incomplete"
    line = Prompts(REAL).line(file, f'msgctxt "{prompt}"')
    return Issue(severity, f"prompts/{file}", (prompt,), message, remedy, language, line)


def only(language: str, prompt: str, message: str, remedy: str) -> list[Issue]:
    """The only thing that is wrong."""
    return [fault(language, prompt, f"'{prompt}' in {language} {message}", remedy)]


def test_the_real_texts_have_none_of_these_faults(real: Loaded) -> None:
    assert {*texts_of(real).languages.languages} == {*FIRST, *FURTHER}
    assert lint(texts_of(real)) == []
    assert [str(issue) for issue in real.issues if issue.severity != "note"] == []


# --- spaces ---------------------------------------------------------------------------------------------------------

SPACES = ("has spaces too many", "Leave one space between words, and none at the ends")


@pytest.mark.parametrize(
    ("language", "prompt", "words"),
    [
        ("fi", "main.press", "Paina numeroa,  tai odota."),
        ("ru", "main.press", "Нажмите  цифру."),
        ("ckb", "day_on.mon", "ڕۆژی   دووشەممە"),
        ("en", "main.press", " Press a number, or wait."),
        ("ar", "main.press", " اضغطوا رقمًا."),
        ("sw", "key.1", "moja "),
        ("uk", "time_at.0900", "о дев’ятій "),
        ("sv", "main.press", f"Tryck{NBSP}på en siffra."),
        ("fa", "main.press", f"صبر{NBSP}کنید."),
        ("uk", "key.1", f"один{NBSP}"),
        ("so", "main.press", f"Lambar {NBSP}riix."),
        ("so", "main.wait", "Ama sug.\nQof ayaan wacaynaa."),
        ("sw", "main.wait", "Au subiri.\tTunampigia mtu."),
    ],
)
def test_two_spaces_a_space_at_an_end_and_a_space_that_does_not_break_are_told(
    real: Loaded, language: str, prompt: str, words: str
) -> None:
    assert faults(real, language, {prompt: words}) == only(language, prompt, *SPACES)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Press a number, or wait. "), ("so", "Lambar riix, ama sug. "), ("ar", "انتظروا. ")]
)
def test_a_space_behind_the_full_stop_is_told_as_a_space_and_not_as_a_missing_full_stop(
    real: Loaded, language: str, words: str
) -> None:
    assert faults(real, language, {"main.press": words}) == only(language, "main.press", *SPACES)


# --- invisible marks of direction -----------------------------------------------------------------------------------

DIRECTION = ("has an invisible mark of direction", "Remove it: the page and the voice know the direction")


@pytest.mark.parametrize("mark", BIDI, ids=[f"U+{ord(mark):04X}" for mark in BIDI])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_invisible_mark_of_direction_is_told(real: Loaded, language: str, mark: str) -> None:
    words = {"ar": f"انتظروا{mark} قليلًا.", "en": f"Wait{mark} a little."}[language]
    assert faults(real, language, {"main.press": words}) == only(language, "main.press", *DIRECTION)


@pytest.mark.parametrize(
    ("language", "prompt", "words"),
    [
        ("fa", "main.press", f"{RLM}صبر کنید."),
        ("ckb", "key.1", f"یەک{LRM}"),
        ("fi", "today", f"{ALM}tänään"),
        ("ru", "main.person", f"Человек:{RLM} {{key}}."),
        ("sw", "main.person", f"Mtu: {{key}}{LRM}."),
    ],
)
def test_a_mark_of_direction_is_told_wherever_it_stands(real: Loaded, language: str, prompt: str, words: str) -> None:
    assert faults(real, language, {prompt: words}) == only(language, prompt, *DIRECTION)


@pytest.mark.parametrize(("language", "words"), [("ar", f"انتظروا.{RLM}"), ("so", f"Sug.{LRM}"), ("en", f"Wait.{LRM}")])
def test_a_mark_of_direction_behind_the_full_stop_is_not_told_as_a_missing_full_stop(
    real: Loaded, language: str, words: str
) -> None:
    assert faults(real, language, {"main.press": words}) == only(language, "main.press", *DIRECTION)


# --- apostrophes ----------------------------------------------------------------------------------------------------

APOSTROPHE = ("has a wrong apostrophe", "Write ' or \N{RIGHT SINGLE QUOTATION MARK}")


@pytest.mark.parametrize(
    ("language", "prompt", "words"),
    [
        ("uk", "key.5", "п`ять"),
        ("uk", "key.5", f"п{ACUTE}ять"),
        ("uk", "key.5", "п\N{PRIME}ять"),
        ("uk", "key.5", f"п{LETTER_APOSTROPHE}ять"),
        ("so", "main.press", "Sug la`aan."),
        ("so", "main.press", f"Sug la{LETTER_APOSTROPHE}aan."),
        ("sw", "main.press", f"Ng{ACUTE}ombe."),
        ("en", "main.press", "Don`t wait."),
        ("en", "main.press", "Don\N{LEFT SINGLE QUOTATION MARK}t wait."),
        ("en", "main.press", f"Don{LETTER_APOSTROPHE}t wait."),
        ("fi", "main.press", f"Vaa{ACUTE}an odota."),
    ],
)
def test_what_only_looks_like_an_apostrophe_is_told_once(real: Loaded, language: str, prompt: str, words: str) -> None:
    assert faults(real, language, {prompt: words}) == only(language, prompt, *APOSTROPHE)


@pytest.mark.parametrize("apostrophe", ["'", "\N{RIGHT SINGLE QUOTATION MARK}"], ids=["typewriter", "typographic"])
@pytest.mark.parametrize(
    ("language", "prompt", "words"),
    [
        ("uk", "key.5", "п{}ять"),
        ("so", "main.press", "Sug la{}aan."),
        ("sw", "main.press", "Ng{}ombe."),
        ("en", "main.press", "Don{}t wait."),
        ("fi", "main.press", "Vaa{}an odota."),
    ],
)
def test_both_real_apostrophes_are_allowed(
    real: Loaded, language: str, prompt: str, words: str, apostrophe: str
) -> None:
    assert faults(real, language, {prompt: words.format(apostrophe)}) == []


# --- addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fi", "Katso www.kemi."),
        ("fi", "Katso kemi.fi."),
        ("sv", "Se https://kemi/hjalp."),
        ("sv", "Se HTTP://KEMI."),
        ("en", "Write to help@kemi.fi."),
        ("en", "Look at example.com."),
        ("en", "Look at Example.ORG for more."),
        ("so", "Qor caawimo@kemi.fi."),
        ("sw", "Tazama msaada.eu/kemi."),
        ("sw", "Tazama Msaada.Net."),
        ("ru", "Пишите помощь@кеми."),
        ("ar", "مساعدة@كيمي."),
        ("ckb", "یارمەتی@کەمی."),
    ],
)
def test_web_and_mail_addresses_are_told(real: Loaded, language: str, words: str) -> None:
    told = only(language, "main.press", "has an address", "Say it in words, or leave it out")
    assert faults(real, language, {"main.press": words}) == told


# --- full stops -----------------------------------------------------------------------------------------------------

NO_END = ("does not end like a sentence", "End it with a full stop, or ? ! :")
ENDS = ("ends like a sentence, and fills a slot", "Leave out the full stop")


@pytest.mark.parametrize(
    ("language", "prompt", "words"),
    [
        ("fi", "safety.goodbye", "Jos olet vaarassa, soita yksi yksi kaksi"),
        ("sv", "main.press", "Tryck på en siffra,"),
        ("en", "main.press", "Press a number, or wait"),
        ("ru", "main.person", "Человек: {key}"),
        ("ar", "safety.goodbye", "في خطر؟ اتصلوا على واحد واحد اثنين"),
        ("fa", "last_words.number", "کمکِ اجتماعی؛"),
        ("ckb", "main.press", "چاوەڕێ بکەن\N{ARABIC FULL STOP}"),
        ("so", "last_words.number", "Caawimo bulsho"),
        ("fi", "staff.press", "Paina numeroa"),
    ],
)
def test_a_sentence_without_its_full_stop_is_told(real: Loaded, language: str, prompt: str, words: str) -> None:
    assert faults(real, language, {prompt: words}) == only(language, prompt, *NO_END)


@pytest.mark.parametrize("end", ".?!:؟")
@pytest.mark.parametrize(("language", "words"), [("en", "Wait a little"), ("ar", "انتظروا قليلًا"), ("uk", "Чекайте")])
def test_a_sentence_may_end_in_each_of_these_ways(real: Loaded, language: str, words: str, end: str) -> None:
    assert faults(real, language, {"main.press": words + end}) == []


@pytest.mark.parametrize(
    ("language", "prompt", "words"),
    [
        ("ru", "key.1", "один."),
        ("uk", "digit.0", "нуль."),
        ("fa", "day_on.mon", "دوشنبه."),
        ("so", "today", "maanta."),
        ("sv", "tomorrow", "i morgon!"),
        ("ar", "time_at.0900", "التاسعة؟"),
        ("ckb", "time_from.0900", "نۆ."),
        ("en", "time_until.2000", "until eight:"),
        ("sw", "language_in_finnish", "suahili."),
        ("fi", "language.ru", "venäjä."),
    ],
)
def test_an_entry_of_a_table_with_a_full_stop_is_told(real: Loaded, language: str, prompt: str, words: str) -> None:
    assert faults(real, language, {prompt: words}) == only(language, prompt, *ENDS)


# --- letters --------------------------------------------------------------------------------------------------------

STRANGE, OWN_LETTERS = "has letters of another alphabet: ", "Write it in its own letters"
KEMI = "'K' (U+004B), 'e' (U+0065), 'i' (U+0069), 'm' (U+006D)"


@pytest.mark.parametrize(
    ("language", "prompt", "words", "letters"),
    [
        ("ar", "main.press", "مكتب Kemi.", KEMI),
        ("ru", "main.press", "Служба Kemi.", KEMI),
        ("ckb", "main.press", "نووسینگەی Kemi.", KEMI),
        ("fa", "main.press", "صبر كنید.", "'\u0643' (U+0643)"),
        ("fa", "key.1", "\u064aک", "'\u064a' (U+064A)"),
        ("ckb", "main.press", "كۆمەڵايەتی.", "'\u0643' (U+0643), '\u064a' (U+064A)"),
        ("ar", "main.press", "کلام فی هذا.", "'\u06a9' (U+06A9), '\u06cc' (U+06CC)"),
        ("ar", "day_on.mon", "یوم", "'\u06cc' (U+06CC)"),
        ("fa", "main.press", "چاوەڕێ.", "'\u0695' (U+0695), '\u06ce' (U+06CE), '\u06d5' (U+06D5)"),
        ("uk", "main.press", "Службы.", "'\u044b' (U+044B)"),
        ("uk", "day_on.sat", "в суботу Э", "'\u042d' (U+042D)"),
        ("ru", "main.press", "Служба і помощь.", "'\u0456' (U+0456)"),
        ("so", "main.press", "Sug, Köyliö.", "'ö' (U+00F6)"),
        ("sw", "main.press", "Subiri, ÄLÄ.", "'Ä' (U+00C4)"),
        ("en", "main.press", "A c\u0430ll.", "'\u0430' (U+0430)"),
        ("fi", "main.press", "Õdota.", "'Õ' (U+00D5)"),
        ("sv", "key.1", "één", "'é' (U+00E9)"),
        ("fi", "main.press", "ＯＤＯＴＡ.", "'Ａ' (U+FF21), 'Ｄ' (U+FF24), 'Ｏ' (U+FF2F), 'Ｔ' (U+FF34)"),
    ],
)
def test_letters_of_another_alphabet_are_told_by_name(
    real: Loaded, language: str, prompt: str, words: str, letters: str
) -> None:
    assert faults(real, language, {prompt: words}) == only(language, prompt, STRANGE + letters, OWN_LETTERS)


@pytest.mark.parametrize("letter", ["ö", "o\N{COMBINING DIAERESIS}"], ids=["one character", "letter and mark"])
def test_a_letter_is_the_same_letter_however_it_is_stored(real: Loaded, letter: str) -> None:
    assert faults(real, "fi", {"main.press": f"Ol{letter}."}) == []
    issues = faults(real, "so", {"main.press": f"Sh{letter}."})
    assert [(issue.severity, issue.language, issue.remedy) for issue in issues] == [("incomplete", "so", OWN_LETTERS)]
    assert issues[0].message.startswith(f"'main.press' in so {STRANGE}")


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
    assert faults(real, language, {"main.press": words}) == []


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
    latin = saying(texts, "ar", {"main.press": "Kemi."})
    assert [issue.language for issue in lint(latin)] == ["ar"]
    assert lint(replace(latin, languages=languages)) == []


# --- digits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "prompt", "words"),
    [
        ("fi", "safety.goodbye", "Soita 112."),
        ("en", "main.press", "Call 016."),
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


# --- lengths --------------------------------------------------------------------------------------------------------

ONE_WORD = {
    "fi": "odota",
    "sv": "vänta",
    "en": "wait",
    "ru": "ждите",
    "uk": "чекайте",
    "ar": "انتظروا",
    "fa": "صبر",
    "so": "sug",
    "ckb": "بوەستن",
    "sw": "subiri",
}
SHORTER = "At most 12: make two of it"


def words(language: str, count: int) -> str:
    return " ".join([ONE_WORD[language]] * count)


def too_long(language: str, prompt: str, count: int) -> list[Issue]:
    return only(language, prompt, f"has a sentence of {count} words", SHORTER)


@pytest.mark.parametrize("language", ONE_WORD)
def test_twelve_words_are_allowed_and_thirteen_are_told(real: Loaded, language: str) -> None:
    assert faults(real, language, {"main.press": f"{words(language, 12)}."}) == []
    assert faults(real, language, {"main.press": f"{words(language, 13)}."}) == too_long(language, "main.press", 13)


@pytest.mark.parametrize("mark", [".", "?", "!", ":", "؟"])
@pytest.mark.parametrize("language", ["en", "ru", "ar", "ckb"])
def test_words_are_counted_anew_behind_a_mark_that_ends_a_sentence(real: Loaded, language: str, mark: str) -> None:
    two = f"{words(language, 12)}{mark} {words(language, 12)}."
    assert faults(real, language, {"main.press": two}) == []
    longer = f"{words(language, 12)}{mark} {words(language, 14)}."
    assert faults(real, language, {"main.press": longer}) == too_long(language, "main.press", 14)


@pytest.mark.parametrize(("language", "mark"), [("fi", ","), ("sw", ","), ("ar", "،"), ("fa", "،"), ("uk", " –")])
def test_a_comma_or_a_dash_begins_no_new_sentence(real: Loaded, language: str, mark: str) -> None:
    text = f"{words(language, 7)}{mark} {words(language, 6)}."
    assert faults(real, language, {"main.press": text}) == too_long(language, "main.press", 13)


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


# --- copies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "so", "sw"])
@pytest.mark.parametrize("change", [str, str.upper, str.lower], ids=["as it is", "in capitals", "in small letters"])
def test_a_sentence_that_is_still_english_is_told(real: Loaded, language: str, change: Callable[[str], str]) -> None:
    english = texts_of(real).sources["goodbye.again"].source
    told = only(language, "goodbye.again", "is the same as in en", "Translate it")
    assert faults(real, language, {"goodbye.again": change(english)}) == told


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("fi", "sv", "Kemi."),
        ("sv", "sw", "Kom."),
        ("ru", "uk", "Один один два."),
        ("ar", "fa", "سلام."),
        ("fa", "ckb", "چاپ."),
        ("so", "sw", "Sawa."),
    ],
)
def test_a_sentence_that_is_the_same_in_another_language_is_told(
    real: Loaded, first: str, second: str, sentence: str
) -> None:
    texts = saying(texts_of(real), first, {"main.press": sentence})
    assert lint(texts) == []
    found = real.in_order(lint(saying(texts, second, {"main.press": sentence})))
    assert list(found) == only(second, "main.press", f"is the same as in {first}", "Translate it")


def test_the_same_sentence_may_stand_at_two_places_of_one_language(real: Loaded) -> None:
    assert faults(real, "sw", {"main.press": "Subiri.", "nobody_free.sorry": "Subiri."}) == []


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
    one = saying(texts_of(real), first, {prompt: word, "main.press": f"{word}."})
    assert lint(saying(one, second, {prompt: word})) == []
    as_a_sentence = lint(saying(one, second, {prompt: word, "main.press": f"{word}."}))
    assert [(issue.language, issue.where, issue.remedy) for issue in as_a_sentence] == [
        (second, ("main.press",), "Translate it")
    ]


# --- spoken forms ---------------------------------------------------------------------------------------------------

OTHERWISE = ("is spoken otherwise than it is written", "Make the 'spoken:' comment the same")


def test_arabic_is_read_with_marks_that_its_texts_do_not_have(real: Loaded) -> None:
    arabic = texts_of(real).translations["ar"].values()
    assert sum(text.spoken not in ("", text.translation) for text in arabic) > 100


@pytest.mark.parametrize(
    ("language", "prompt", "text", "spoken"),
    [
        ("ar", "main.press", "اضغطوا رقمًا.", "اِضْغَطوا رَقْمًا."),
        ("ar", "main.press", "اضغطوا رقمًا.", "اضغطوا رقما."),
        ("ar", "main.person", "للكلام معنا: {key}.", "لِلْكَلَام مَعَنَا: {key}."),
        ("fa", "main.press", "صبر کنید.", "صَبر کُنید."),
        ("ru", "main.press", "Подождите.", "Подожди\N{COMBINING ACUTE ACCENT}те."),
        ("sw", "main.press", "Subiri.", "Subiri."),
    ],
)
def test_a_spoken_form_may_add_and_leave_out_vowel_marks(
    real: Loaded, language: str, prompt: str, text: str, spoken: str
) -> None:
    assert faults(real, language, {prompt: text}, spoken) == []


@pytest.mark.parametrize(
    ("language", "prompt", "text", "spoken"),
    [
        ("ar", "main.press", "اضغطوا رقمًا.", "اِضْغَطوا زِرًّا."),
        ("ar", "main.press", "اضغطوا رقمًا.", "اِضْغَطوا رَقْمًا"),
        ("ar", "main.press", "اضغطوا رقمًا.", "اِضْغَطوا  رَقْمًا."),
        ("ar", "main.press", "اضغطوا رقمًا.", "Press a number."),
        ("ar", "main.person", "للكلام معنا: {key}.", "لِلْكَلَام مَعَنَا."),
        ("ar", "key.1", "واحد", "اِثْنَان"),
        ("fa", "main.press", f"نمی{ZWNJ}شود.", "نمیشود."),
        ("ckb", "main.press", "چاوەڕێ بکەن.", "چاوەڕێ کەن."),
        ("sw", "main.press", "Subiri.", "Subiri sasa."),
        ("fi", "main.press", "Odota.", "Odota nyt."),
        ("en", "main.press", "Wait.", "Wait now."),
    ],
)
def test_a_spoken_form_that_differs_in_more_than_vowel_marks_is_told(
    real: Loaded, language: str, prompt: str, text: str, spoken: str
) -> None:
    assert faults(real, language, {prompt: text}, spoken) == only(language, prompt, *OTHERWISE)


# --- in the files ---------------------------------------------------------------------------------------------------

ONE_EACH = [
    ("ru", "main.press", "Нажмите  цифру.", *SPACES),
    ("fa", "main.press", f"صبر{LRM} کنید.", *DIRECTION),
    ("uk", "key.5", "п`ять", *APOSTROPHE),
    ("so", "main.press", "Qor caawimo@kemi.fi.", "has an address", "Say it in words, or leave it out"),
    ("ckb", "main.press", "چاوەڕێ بکەن", *NO_END),
    ("sw", "key.1", "moja.", *ENDS),
    ("ru", "main.press", "Служба Kemi.", STRANGE + KEMI, OWN_LETTERS),
    ("sw", "main.press", f"{words('sw', 13)}.", "has a sentence of 13 words", SHORTER),
    ("so", "main.press", "Press a number, or wait.", "is the same as in en", "Translate it"),
    ("sv", "main.press", f"Tryck{NBSP}nu.", *SPACES),
    ("fi", "main.press", "Paina nappia", *NO_END),
]


@pytest.mark.parametrize(("language", "prompt", "text", "message", "remedy"), ONE_EACH)
def test_a_fault_in_a_file_costs_the_line_if_it_speaks_first_and_else_its_language(
    tmp_path: Path, language: str, prompt: str, text: str, message: str, remedy: str
) -> None:
    prompts = Prompts.copied_to(tmp_path, language)
    prompts.translate(f"{language}.po", prompt, text)
    loaded = prompts.load()
    assert prompts.issues() == only(language, prompt, message, remedy)
    if language in FIRST:
        assert loaded.content is None
    else:
        assert loaded.content
        assert loaded.content.offered == {*FIRST}


@pytest.mark.parametrize("language", ["ar", "ru"])
@pytest.mark.parametrize(("spoken", "fine"), [("{}.", True), ("{}", False), ("Kemi.", False)])
def test_a_spoken_comment_in_a_file_is_compared_with_its_text(
    tmp_path: Path, language: str, spoken: str, fine: bool
) -> None:
    marked, plain = {
        "ar": ("اِنْتَظِروا", "انتظروا."),
        "ru": ("Подожди\N{COMBINING ACUTE ACCENT}те", "Подождите."),
    }[language]
    prompts, file = Prompts.copied_to(tmp_path, language), f"{language}.po"
    prompts.translate(file, "main.press", plain)
    entry = prompts.entry(file, "main.press")
    blocks = [block for block in prompts.read(file).rstrip("\n").split("\n\n") if entry.rstrip("\n") not in block]
    prompts.write(file, "\n\n".join([*blocks, f"# spoken: {spoken.format(marked)}\n{entry}"]))
    told = Issue(
        "incomplete",
        f"prompts/{file}",
        ("main.press",),
        f"'main.press' in {language} {OTHERWISE[0]}",
        OTHERWISE[1],
        language,
        prompts.line(file, 'msgctxt "main.press"'),
    )
    assert prompts.issues() == ([] if fine else [told])


def test_a_fault_in_every_further_language_leaves_them_all_out_and_the_line_starts(tmp_path: Path) -> None:
    prompts = Prompts.copied_to(tmp_path)
    for language in FURTHER:
        prompts.translate(f"{language}.po", "key.1", f"{ONE_WORD[language]}!")
        if language == "ar":  # its spoken form says the old word
            prompts.write("ar.po", prompts.read("ar.po").replace("# spoken:", "#"))
    loaded = prompts.load()
    issues = [issue for language in sorted(FURTHER) for issue in only(language, "key.1", *ENDS)]
    assert prompts.issues() == issues
    assert loaded.content
    assert loaded.content.offered == {*FIRST}
