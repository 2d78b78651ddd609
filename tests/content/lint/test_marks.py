"""Spaces, invisible marks, apostrophes, addresses and full stops that no text may have, or must have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from ivr.content.checks.lint import lint
from ivr.content.load import Loaded
from tests.content.conftest import FIRST
from tests.content.lint.helpers import (
    ACUTE,
    ADDRESS,
    APOSTROPHE,
    BIDI,
    ENDS,
    FURTHER,
    LETTER_APOSTROPHE,
    NBSP,
    NO_END,
    RLM,
    SPACES,
    SPOKEN,
    direction,
    faults,
    only,
    texts_of,
)

pytestmark = pytest.mark.untraced


def test_the_real_texts_have_none_of_these_faults(real: Loaded) -> None:
    assert {*texts_of(real).languages.languages} == {*FIRST, *FURTHER}
    assert lint(texts_of(real)) == []
    assert [str(issue) for issue in real.issues if issue.severity != "note"] == []


TOLD: Mapping[str, tuple[tuple[str, str], Sequence[tuple[str, str, str]]]] = {
    "space too many": (
        SPACES,
        [
            ("fi", "nobody_free.sorry", "Paina numeroa,  tai odota."),
            ("ru", "nobody_free.sorry", "Нажмите  цифру."),
            ("ckb", "day_on.mon", "ڕۆژی   دووشەممە"),
            ("en", "nobody_free.sorry", " Press a number, or wait."),
            ("ar", "nobody_free.sorry", " اضغطوا رقمًا."),
            ("sw", "key.1", "moja "),
            ("uk", "time_at.0900", "о дев’ятій "),
            ("sv", "nobody_free.sorry", f"Tryck{NBSP}på en siffra."),
            ("fa", "nobody_free.sorry", f"صبر{NBSP}کنید."),
            ("uk", "key.1", f"один{NBSP}"),
            ("so", "nobody_free.sorry", f"Lambar {NBSP}riix."),
            ("so", "main.wait", "Ama sug.\nQof ayaan wacaynaa."),
            ("sw", "main.wait", "Au subiri.\tTunampigia mtu."),
        ],
    ),
    # It is told as a space, and not also as a missing full stop.
    "space behind the full stop": (
        SPACES,
        [
            ("en", "nobody_free.sorry", "Press a number, or wait. "),
            ("so", "nobody_free.sorry", "Lambar riix, ama sug. "),
            ("ar", "nobody_free.sorry", "انتظروا. "),
        ],
    ),
    "no real apostrophe": (
        APOSTROPHE,
        [
            ("uk", "key.5", "п`ять"),
            ("uk", "key.5", f"п{ACUTE}ять"),
            ("uk", "key.5", "п\N{PRIME}ять"),
            ("uk", "key.5", f"п{LETTER_APOSTROPHE}ять"),
            ("so", "nobody_free.sorry", "Sug la`aan."),
            ("so", "nobody_free.sorry", f"Sug la{LETTER_APOSTROPHE}aan."),
            ("sw", "nobody_free.sorry", f"Ng{ACUTE}ombe."),
            ("en", "nobody_free.sorry", "Don`t wait."),
            ("en", "nobody_free.sorry", "Don\N{LEFT SINGLE QUOTATION MARK}t wait."),
            ("en", "nobody_free.sorry", f"Don{LETTER_APOSTROPHE}t wait."),
            ("fi", "nobody_free.sorry", f"Vaa{ACUTE}an odota."),
        ],
    ),
    "address": (
        ADDRESS,
        [
            ("fi", "nobody_free.sorry", "Katso www.kemi."),
            ("fi", "nobody_free.sorry", "Katso kemi.fi."),
            ("sv", "nobody_free.sorry", "Se https://kemi/hjalp."),
            ("sv", "nobody_free.sorry", "Se HTTP://KEMI."),
            ("en", "nobody_free.sorry", "Write to help@kemi.fi."),
            ("en", "nobody_free.sorry", "Look at example.com."),
            ("en", "nobody_free.sorry", "Look at Example.ORG for more."),
            ("so", "nobody_free.sorry", "Qor caawimo@kemi.fi."),
            ("sw", "nobody_free.sorry", "Tazama msaada.eu/kemi."),
            ("sw", "nobody_free.sorry", "Tazama Msaada.Net."),
            ("ru", "nobody_free.sorry", "Пишите помощь@кеми."),
            ("ar", "nobody_free.sorry", "مساعدة@كيمي."),
            ("ckb", "nobody_free.sorry", "یارمەتی@کەمی."),
        ],
    ),
    "sentence without its full stop": (
        NO_END,
        [
            ("fi", "safety.goodbye", "Jos olet vaarassa, soita yksi yksi kaksi"),
            ("sv", "nobody_free.sorry", "Tryck på en siffra,"),
            ("en", "nobody_free.sorry", "Press a number, or wait"),
            ("ru", "main.person", "Человек: {key}"),
            ("ar", "safety.goodbye", "في خطر؟ اتصلوا على واحد واحد اثنين"),
            ("fa", "last_words.number", "کمکِ اجتماعی؛"),
            ("ckb", "nobody_free.sorry", "چاوەڕێ بکەن\N{ARABIC FULL STOP}"),
            ("so", "last_words.number", "Caawimo bulsho"),
            ("fi", "staff.press", "Paina numeroa"),
        ],
    ),
    "entry of a table with a full stop": (
        ENDS,
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
    ),
}
"""What is told of each kind of fault, and words that have it: the language, the entry and what it says."""


@pytest.mark.parametrize(
    ("message", "language", "prompt", "words"),
    [
        pytest.param(message, *row, id=f"{kind}: {row[0]} {row[1]}")
        for kind, (message, several) in TOLD.items()
        for row in several
    ],
)
def test_a_fault_is_told_and_nothing_beside_it(
    real: Loaded, message: tuple[str, str], language: str, prompt: str, words: str
) -> None:
    assert faults(real, language, {prompt: words}) == only(language, prompt, *message)


@pytest.mark.parametrize("mark", BIDI, ids=[f"U+{ord(mark):04X}" for mark in BIDI])
@pytest.mark.parametrize(
    ("language", "prompt", "words", "where", "remedy"),
    [
        ("ar", "nobody_free.sorry", "انتظروا{} قليلًا.", "after 'انتظروا'", "from 'انتظروا' to 'قليلًا.'"),
        ("ar", "nobody_free.sorry", "انتظروا.{}", "at the end", "from 'انتظروا.' to the end"),
        ("fa", "nobody_free.sorry", "{}صبر کنید.", "at the beginning", "from the beginning to 'صبر'"),
        ("ru", "main.person", "Человек:{} {{key}}.", "after 'Человек:'", "from 'Человек:' to '{key}.'"),
        ("ckb", "key.1", "یەک{}", "at the end", "from 'یەک' to the end"),
        ("sw", "main.person", "Mtu: {{key}}{}.", "after '{key}'", "from '{key}' to '.'"),
        ("en", "nobody_free.sorry", "Wait{} a little.", "after 'Wait'", "from 'Wait' to 'a'"),
        ("fi", "today", "{}tänään", "at the beginning", "from the beginning to 'tänään'"),
    ],
)
def test_an_invisible_mark_is_told_by_the_words_around_it(
    real: Loaded, mark: str, language: str, prompt: str, words: str, where: str, remedy: str
) -> None:
    told = only(language, prompt, *direction(mark, where, remedy))
    assert faults(real, language, {prompt: words.format(mark)}) == told


@pytest.mark.parametrize("in_the_text", ["", RLM])
def test_one_in_a_text_or_in_its_spoken_form_alone_is_not_told_as_other_words(real: Loaded, in_the_text: str) -> None:
    line = "its text" if in_the_text else SPOKEN
    told = only("ar", "nobody_free.sorry", *direction(RLM, "at the beginning", "from the beginning to '{}'", line))
    spoken = f"{'' if in_the_text else RLM}اِنْتَظِروا قَلِيلًا."
    word = "انتظروا" if in_the_text else "اِنْتَظِروا"
    told = [replace(issue, remedy=issue.remedy.format(word)) for issue in told]
    assert faults(real, "ar", {"nobody_free.sorry": f"{in_the_text}انتظروا قليلًا."}, spoken) == told


@pytest.mark.parametrize("apostrophe", ["'", "\N{RIGHT SINGLE QUOTATION MARK}"], ids=["typewriter", "typographic"])
@pytest.mark.parametrize(
    ("language", "prompt", "words"),
    [
        ("uk", "key.5", "п{}ять"),
        ("so", "nobody_free.sorry", "Sug la{}aan."),
        ("sw", "nobody_free.sorry", "Ng{}ombe."),
        ("en", "nobody_free.sorry", "Don{}t wait."),
        ("fi", "nobody_free.sorry", "Vaa{}an odota."),
    ],
)
def test_both_real_apostrophes_are_allowed(
    real: Loaded, language: str, prompt: str, words: str, apostrophe: str
) -> None:
    assert faults(real, language, {prompt: words.format(apostrophe)}) == []


@pytest.mark.parametrize("end", ".?!:؟")
@pytest.mark.parametrize(("language", "words"), [("en", "Wait a little"), ("ar", "انتظروا قليلًا"), ("uk", "Чекайте")])
def test_a_sentence_may_end_in_each_of_these_ways(real: Loaded, language: str, words: str, end: str) -> None:
    assert faults(real, language, {"nobody_free.sorry": words + end}) == []
