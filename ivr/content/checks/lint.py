"""Is every text written for the ear? Letters, marks and lengths, in every language, whether or not it is offered yet.

Nothing here knows a language by its name: its alphabet stands in languages.yaml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ivr.content.checks.texts import LANGUAGE_NAMES, Text, Texts, file_of
from ivr.core.issue import Issue
from ivr.core.prompts import FIXED_SLOTS, NOW_SLOTS, SLOT, WEEK_SLOTS

MOST_WORDS = 12
"""Words of a sentence with its slots filled (rule W1)."""
SENTENCE_END = re.compile(r"(?<=[.?!:;؟])\s+")
ADDRESS = re.compile(r"https?:|www\.|\w@\w|\w\.(fi|com|org|net|eu)\b", re.IGNORECASE)
NOT_APOSTROPHES = frozenset("`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{PRIME}\N{MODIFIER LETTER APOSTROPHE}")
NOT_SPACES = frozenset("\n\t\r\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{SOFT HYPHEN}\ufeff")
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
WRONG_SPACE = re.compile(r"\s[.?!:؟]|[.?!:؟](?=\w)")
END = re.compile(rf"[.?!:؟][\s{''.join(sorted(BIDI))}]*$")
TABLE = re.compile(r"(key|digit|day_on|time_[a-z]+)\.|(today|tomorrow|language_in_finnish)$")
"""Entries that fill slots: single words, which two languages may share."""


class WrittenText(NamedTuple):
    """One text of one language."""

    language: str
    id: str
    text: Text
    words: str

    @property
    def unfilled(self) -> str:
        """The text without its slots."""
        return SLOT.sub("", self.words)


def lint(texts: Texts) -> list[Issue]:
    """Every fault of the language of a text."""
    every = list(_every(texts))
    checks: tuple[Callable[[Texts, list[WrittenText]], Iterable[Issue]], ...] = (
        *(_each(check) for check in (_spaces, _marks, _addresses, _sentences)),
        _letters,
        _lengths,
        _copies,
        _spoken_forms,
    )
    return [issue for check in checks for issue in check(texts, every)]


def _every(texts: Texts) -> Iterator[WrittenText]:
    source = texts.languages.source
    yield from (WrittenText(source, id_, text, text.source) for id_, text in texts.sources.items())
    for language, entries in texts.translations.items():
        for id_, text in entries.items():
            if id_ in texts.sources and text.translation.strip():
                yield WrittenText(language, id_, text, text.translation)


def _issue(texts: Texts, said: WrittenText, message: str, remedy: str) -> Issue:
    file = file_of(texts.languages, said.language)
    message = f"'{said.id}' in {said.language} {message}"
    return Issue(texts.severity(said.language), file, (said.id,), message, remedy, said.language)


def _each(
    check: Callable[[WrittenText], tuple[str, str] | None],
) -> Callable[[Texts, list[WrittenText]], Iterator[Issue]]:
    """A check of one text: what it says against it, and the remedy."""

    def all_of(texts: Texts, every: list[WrittenText]) -> Iterator[Issue]:
        return (_issue(texts, said, *found) for said in every if (found := check(said)))

    return all_of


def _spaces(said: WrittenText) -> tuple[str, str] | None:
    if said.words != said.words.strip() or "  " in said.words or NOT_SPACES & set(said.words):
        return "has spaces too many", "Leave one space between words, and none at the ends"
    if WRONG_SPACE.search(said.words) and not ADDRESS.search(said.words):
        return "has a space before a full stop, or none behind it", "Leave a space behind it, and none before it"
    return None


def _marks(said: WrittenText) -> tuple[str, str] | None:
    if BIDI & set(said.words):
        return "has an invisible mark of direction", "Remove it: the page and the voice know the direction"
    if NOT_APOSTROPHES & set(said.words):
        return "has a wrong apostrophe", "Write ' or \N{RIGHT SINGLE QUOTATION MARK}"
    return None


def _addresses(said: WrittenText) -> tuple[str, str] | None:
    return ("has an address", "Say it in words, or leave it out") if ADDRESS.search(said.words) else None


def _sentences(said: WrittenText) -> tuple[str, str] | None:
    ends = bool(END.search(said.words))
    if TABLE.match(said.id) or said.id.startswith(LANGUAGE_NAMES):
        return ("ends like a sentence, and fills a slot", "Leave out the full stop") if ends else None
    return None if ends else ("does not end like a sentence", "End it with a full stop, or ? ! :")


def _letters(texts: Texts, every: list[WrittenText]) -> Iterator[Issue]:
    """Only letters of the language's own alphabet: a Latin word makes a voice change its language."""
    allowed = {code: _alphabet(language.alphabet) for code, language in texts.languages.languages.items()}
    for said in every:
        if not (alphabet := allowed[said.language]):
            continue
        others = set(unicodedata.normalize("NFC", said.unfilled)) - alphabet - NOT_APOSTROPHES
        if strange := {c for c in others if c.casefold() not in alphabet and unicodedata.category(c)[0] == "L"}:
            names = ", ".join(f"'{letter}' (U+{ord(letter):04X})" for letter in sorted(strange))
            yield _issue(texts, said, f"has letters of another alphabet: {names}", "Write it in its own letters")


def _alphabet(written: str) -> frozenset[str]:
    return frozenset(written.casefold())


def _lengths(texts: Texts, every: list[WrittenText]) -> Iterator[Issue]:
    """W1, before anything is walked: at most 12 words a sentence, with the shortest that fills its slots.

    Today's hours are proved when all that they can say is known.
    """
    least = {code: _shortest(entries) for code, entries in _words_of(texts).items()}
    for said in every:
        for sentence in SENTENCE_END.split(said.words):
            slots = sum(least[said.language].get(slot, 1) for slot in SLOT.findall(sentence))
            if (words := slots + count_words(SLOT.sub(" ", sentence))) > MOST_WORDS:
                yield _issue(texts, said, f"has a sentence of {words} words", f"At most {MOST_WORDS}: make two of it")


def count_words(sentence: str) -> int:
    """The words that are heard; a dash alone is none."""
    return sum(any(map(str.isalnum, word)) for word in sentence.split())


def _words_of(texts: Texts) -> dict[str, dict[str, str]]:
    return {code: texts.of(code) for code in texts.languages.languages}


def _shortest(entries: dict[str, str]) -> dict[str, int]:
    """Slot name -> words of the shortest entry that can fill it."""

    def words(*beginnings: str) -> int:
        return min((len(text.split()) for id_, text in entries.items() if id_.startswith(beginnings)), default=1)

    ends = {**NOW_SLOTS, **{slot: (table,) for slot, table in WEEK_SLOTS.items()}}
    lengths = {slot: words(entry) for slot, entry in FIXED_SLOTS.items()}
    return _BySlot(lengths | {"key": words("key."), "digit": words("digit."), "language": 1}, {
        end: words(*tables) for end, tables in ends.items()
    })  # fmt: skip


class _BySlot(dict[str, int]):
    """Words by slot; those about hours begin with the name of a schedule."""

    def __init__(self, fixed: dict[str, int], ends: dict[str, int]) -> None:
        super().__init__(fixed)
        self._ends = ends

    def get(self, slot: str, default: int = 1) -> int:  # type: ignore[override]
        """Words of the shortest entry of a slot."""
        if slot in self:
            return self[slot]
        return min((words for end, words in self._ends.items() if slot.endswith(f"_{end}")), default=default)


def _copies(texts: Texts, every: list[WrittenText]) -> Iterator[Issue]:
    """A sentence that is the same in two languages was copied, and not translated."""
    seen: dict[tuple[str, str], str] = {}
    for said in every:
        if TABLE.match(said.id) or said.id.startswith(LANGUAGE_NAMES):
            continue
        first = seen.setdefault((said.id, said.words.casefold()), said.language)
        if first != said.language:
            yield _issue(texts, said, f"is the same as in {first}", "Translate it")


def _spoken_forms(texts: Texts, every: list[WrittenText]) -> Iterator[Issue]:
    """What an offline voice reads is the text itself with vowel marks, and nothing else."""
    for said in every:
        if said.text.spoken and _unmarked(said.text.spoken) != _unmarked(said.words):
            yield _issue(texts, said, "is spoken otherwise than it is written", "Make the 'spoken:' comment the same")


def _unmarked(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter) != "Mn")
