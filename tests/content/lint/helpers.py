"""Texts that say other words, and the faults that must be told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ivr.content.checks.lint import lint
from ivr.content.checks.texts import check_texts
from ivr.content.load import Loaded
from ivr.content.texts import Text, Texts
from ivr.core.issue import Issue, Severity
from tests.content.conftest import FIRST, REAL, Prompts

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


SPACES = ("has spaces too many", "Leave one space between words, and none at the ends")
APOSTROPHE = ("has a wrong apostrophe", "Write ' or \N{RIGHT SINGLE QUOTATION MARK}")
ADDRESS = ("has an address", "Say it in words, or leave it out")
NO_END = ("does not end like a sentence", "End it with a full stop, or ? ! :")
ENDS = ("ends like a sentence, and fills a slot", "Leave out the full stop")
STRANGE, OWN_LETTERS = "has letters of another alphabet: ", "Write it in its own letters"
KEMI = "'K' (U+004B), 'e' (U+0065), 'i' (U+0069), 'm' (U+006D)"
IN_WORDS = "Write them in words, or leave them out"
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


def direction(mark: str, where: str, remedy: str, line: str = "its text") -> tuple[str, str]:
    """What is told of an invisible mark, and how to be rid of it."""
    return (
        f"has in {line} an invisible character (U+{ord(mark):04X}) {where}",
        f"Delete all {remedy}, and type it again",
    )


SPOKEN = "its '# spoken:' line"


def otherwise(word: str, spoken: str) -> tuple[str, str]:
    """What is told of a text and its spoken form, by the first words that differ."""
    remedy = "Write the words of the text, with vowel marks, into the line # spoken: above its msgctxt"
    return f"has {word} in its text, and {spoken} in {SPOKEN}", remedy
