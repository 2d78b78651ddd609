"""The texts of one language, read once more with polib alone: nothing of the line's own catalogue is believed."""

from __future__ import annotations

import re

import polib

from tests.conftest import ROOT
from tests.phone.languages.town import CODES, FIRST, Heard, Town

SLOT = re.compile(r"\{(\w+)\}")
TABLES = {
    "key": r"key\.[1-5]",
    "help_key": r"key\.0",
    "person_key": r"key\.1",
    "again_key": r"key\.9",
    "digit": r"digit\.[1-9]",
    "language": r"language\.\w+",
    "language_in_finnish": r"language_in_finnish",
    r"\w+_day": r"today|tomorrow|day_on\.\w+",
    r"\w+_time": r"time_at\.\d+",
    r"\w+_date": r"date\.\d+",
    r"\w+_month": r"month\.\d+",
    r"\w+_week_from(_2)?": r"time_from\.\d+",
    r"\w+_until(_2)?": r"time_until\.\d+",
}
"""Slots of a sentence, and the entries that may fill them."""
ENTRY = re.compile(
    r"(key|digit|time_at|time_from|time_until|day_on|date|month|language)\..+|today|tomorrow|language_in_finnish"
)
"""What fills slots and is no sentence."""
DIGIT = "digit."
"""Entries that are heard also alone, in a phone number."""


class Book:
    """The texts of one language, from its file."""

    def __init__(self, code: str) -> None:
        source = code == "en"
        path = ROOT / "prompts" / ("prompts.pot" if source else f"{code}.po")
        entries = [entry for entry in polib.pofile(str(path)) if not entry.obsolete]
        self._texts = {entry.msgctxt: entry.msgid if source else entry.msgstr for entry in entries}
        self.sentences = frozenset(id_ for id_ in self._texts if not ENTRY.fullmatch(id_))
        heard = {id_ for id_ in self._texts if id_ in self.sentences or id_.startswith(DIGIT)}
        self._patterns = {id_: re.compile(self._pattern(self._texts[id_])) for id_ in heard}

    def fill(self, id_: str, **slots: str) -> str:
        """A text with these entries in its slots."""
        return SLOT.sub(lambda slot: self._texts[slots[slot[1]]], self._texts[id_])

    def ids_of(self, text: str) -> set[str]:
        """The sentences, or the digit, that a heard text can be."""
        return {id_ for id_, pattern in self._patterns.items() if pattern.fullmatch(text)}

    def _pattern(self, text: str) -> str:
        fixed = SLOT.split(text)
        return "".join(self._any_entry(part) if at % 2 else re.escape(part) for at, part in enumerate(fixed))

    def _any_entry(self, slot: str) -> str:
        (table,) = (ids for names, ids in TABLES.items() if re.fullmatch(names, slot))
        return f"(?:{'|'.join(re.escape(text) for id_, text in self._texts.items() if re.fullmatch(table, id_))})"


BEFORE = frozenset(
    {
        "safety.opening",
        "nobody_free.short.wait",
        "still_nobody_free.short.wait",
        "safety.on_call_again.wait",
        "after_talk.short",
    }
)
"""Said only while no language is known: three languages are heard, and every language has them in its file."""
NAME_LINE = "choose_language.choice"
"""The one sentence that every language says before it is chosen."""
FOREIGN = frozenset({"safety.only_these_languages", "calling.say_language", "safety.languages_of_112"})
"""Never said in the languages that workers and 112 speak."""


def not_for_the_caller(book: Book, code: str) -> set[str]:
    """The sentences that a caller of a language never hears once it is chosen, each kind with its reason."""
    found = {
        id_
        for id_ in book.sentences
        if id_.endswith(".plain")  # a twin without day and time, for recordings that lack the exact sentence
        or id_.endswith((".closed_long", ".opens_on"))  # the office closes for a week at no time of these calls
        or id_ in ("hours.phone.week_2", "hours.walk_in.week_2")  # only the door opens twice a day
        or id_.startswith("staff.")  # for the ear of whoever picks up, and for our own contacts
    }
    return found | BEFORE | {NAME_LINE} | (FOREIGN if code in FIRST else set())


def name_lines(town: Town, books: dict[str, Book], page: str) -> list[Heard]:
    """How the languages name themselves, in the order of their digits: on the first page or behind 9."""
    by_digits = sorted((town.digits(code), code) for code in CODES)
    lines = []
    for digits, code in by_digits:
        if digits[: len(page)] == list(page):
            digit = digits[len(page)]
            lines.append(Heard(code, books[code].fill(NAME_LINE, digit=f"digit.{digit}"), slow=False))
    return lines


def first_words(town: Town, books: dict[str, Book]) -> list[Heard]:
    return [
        *(Heard(code, books[code].fill("safety.opening"), slow=False) for code in FIRST),
        *name_lines(town, books, ""),
    ]
