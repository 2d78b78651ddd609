"""Checks of how texts are written: letters, punctuation and lengths, in every language, offered or not.

No language is named here: the alphabet of each is in languages.yaml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import zip_longest
from typing import NamedTuple

from ivr.content.files import file_of
from ivr.content.texts import MOST_REMEMBERED, Text, Texts, text_issue
from ivr.core.characters import BIDI, code_of, composed, explain_hidden
from ivr.core.issue import Issue
from ivr.core.prompts import FIXED_SLOTS, IN_BRACES, LANGUAGE_NAMES, NOW_SLOTS, SLOT, WEEK_SLOTS
from ivr.core.utterance import SENTENCE_END

MOST_WORDS = 12
"""Limit of a sentence with its slots filled (rule W1)."""
LONGEST_LOAN = 2
"""Words that may be right in two languages; what is longer has been copied."""
ADDRESS = re.compile(r"https?:|www\.|\w@\w|\w\.(fi|com|org|net|eu)\b", re.IGNORECASE)
NOT_APOSTROPHES = frozenset("`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{PRIME}\N{MODIFIER LETTER APOSTROPHE}")
NOT_SPACES = frozenset("\n\t\r\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{SOFT HYPHEN}\ufeff")
"""What stands in place of a space, or hides in a word, besides the spaces of typesetters."""
JOINERS = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")
"""Invisible, and a part of words as Persian and Kurdish write them."""
NO_WORDS = re.compile(r"[#%&*/@\\_\[\]\u2020-\u2022\u034f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Punctuation that voices say in ways of their own, if at all, and marks that only choose another picture."""
STOP = re.compile(r"\.\s+(?:\{([a-z_0-9]+)\}|(\w+))")
"""A full stop and the slot or the first word behind it."""
WRONG_SPACE = re.compile(r"\s[.?!:؟]|[.?!:؟](?=\w)")
END = re.compile(rf"[.?!:؟][\s{''.join(sorted(BIDI))}]*$")
HIDDEN_MARK = re.compile(f"[{''.join(sorted(BIDI))}]")
SPOKEN_LINE = "its '# spoken:' line"
TABLE = re.compile(r"(key|digit|day_on|date|month|time_[a-z]+)\.|(today|tomorrow|language_in_finnish)$")
"""Ids of entries that fill slots: single words, which may be the same in two languages."""
TABLES: dict[str, tuple[str, ...]] = {
    **{slot: (entry,) for slot, entry in (FIXED_SLOTS | WEEK_SLOTS).items()},
    **{"key": ("key.",), "digit": ("digit.",)},
    **NOW_SLOTS,
}
"""Slot -> how the ids of the entries begin that can fill it; slots about hours by the end of their name."""
ALL_TABLES = tuple({beginning for beginnings in TABLES.values() for beginning in beginnings})


class WrittenText(NamedTuple):
    """One text of one language; `words` is the English of the source, else the translation."""

    language: str
    id: str
    text: Text
    words: str


def lint(texts: Texts) -> list[Issue]:
    """All faults in how the texts are written."""
    everything = list(_written(texts))
    checks: tuple[Callable[[Texts, list[WrittenText]], Iterable[Issue]], ...] = (
        _by_themselves,
        _letters,
        _lengths,
        _copies,
        _spoken_forms,
        _marked,
        _pauses,
    )
    return [issue for check in checks for issue in check(texts, everything)]


def _written(texts: Texts) -> Iterator[WrittenText]:
    source = texts.languages.source
    yield from (WrittenText(source, id_, text, text.source) for id_, text in texts.sources.items())
    yield from (WrittenText(language, id_, text, text.translation) for language, id_, text in texts.translated())


def _issue(texts: Texts, written: WrittenText, message: str, remedy: str) -> Issue:
    return text_issue(texts.languages, written.language, written.id, message, remedy)


def _by_themselves(texts: Texts, everything: list[WrittenText]) -> Iterator[Issue]:
    """What is wrong with a text whatever the others are."""
    for written in everything:
        for message, remedy in _faults(written.id, written.words, written.text.spoken):
            yield _issue(texts, written, message, remedy)


@lru_cache(maxsize=MOST_REMEMBERED)
def _faults(id_: str, words: str, spoken: str) -> tuple[tuple[str, str], ...]:
    """The message and the remedy of each fault of a text."""
    found = (_spaces(words), _marks(words, spoken), _signs(words), _addresses(words), _sentences(id_, words))
    return tuple(filter(None, found))


def _spaces(words: str) -> tuple[str, str] | None:
    if words != words.strip() or "  " in words or any(map(_is_odd_space, set(words))):
        return "has spaces too many", "Leave one space between words, and none at the ends"
    if WRONG_SPACE.search(words) and not ADDRESS.search(words):
        return "has a space before a full stop, or none behind it", "Leave a space behind it, and none before it"
    return None


@cache
def _is_odd_space(character: str) -> bool:
    return character in NOT_SPACES or (character != " " and unicodedata.category(character)[0] == "Z")


def _marks(words: str, spoken: str) -> tuple[str, str] | None:
    for place, text in (("its text", words), (SPOKEN_LINE, spoken)):
        if found := HIDDEN_MARK.search(text):
            message, remedy = explain_hidden(text, found.start())
            return f"has in {place} {message}", remedy
    if NOT_APOSTROPHES & set(words):
        return "has a wrong apostrophe", "Write ' or \N{RIGHT SINGLE QUOTATION MARK}"
    return None


def _signs(words: str) -> tuple[str, str] | None:
    """Only letters, their marks and punctuation: of signs each voice makes its own words, or says nothing."""
    if ADDRESS.search(words):
        return None  # told as that
    if signs := sorted(filter(_is_sign, set(IN_BRACES.sub("", words)))):
        shown = ", ".join(f"'{c}' ({code_of(c)})" if c.isprintable() else code_of(c) for c in signs)
        return f"has signs that are no words: {shown}", "Write them in words, or leave them out"
    return None


@cache
def _is_sign(character: str) -> bool:
    if character in NOT_APOSTROPHES | NOT_SPACES | BIDI | JOINERS:
        return False  # told as that, or a part of words
    category = unicodedata.category(character)
    return category[0] in "SC" or category == "Pc" or bool(NO_WORDS.match(character))


def _addresses(words: str) -> tuple[str, str] | None:
    return ("has an address", "Say it in words, or leave it out") if ADDRESS.search(words) else None


def _sentences(id_: str, words: str) -> tuple[str, str] | None:
    ends = bool(END.search(words))
    if TABLE.match(id_) or id_.startswith(LANGUAGE_NAMES):
        return ("ends like a sentence, and fills a slot", "Leave out the full stop") if ends else None
    return None if ends else ("does not end like a sentence", "End it with a full stop, or ? ! :")


def _letters(texts: Texts, everything: list[WrittenText]) -> Iterator[Issue]:
    """Only letters of the language's own alphabet: at a Latin word a voice may switch to another language."""
    allowed = {code: language.alphabet.casefold() for code, language in texts.languages.languages.items()}
    for written in everything:
        if (alphabet := allowed[written.language]) and (strange := _strange_letters(written.words, alphabet)):
            names = ", ".join(f"'{letter}' (U+{ord(letter):04X})" for letter in strange)
            yield _issue(texts, written, f"has letters of another alphabet: {names}", "Write it in its own letters")


@lru_cache(maxsize=MOST_REMEMBERED)
def _strange_letters(words: str, alphabet: str) -> tuple[str, ...]:
    others = set(composed(SLOT.sub("", words))).difference(alphabet, NOT_APOSTROPHES)
    strange = (c for c in others if c.casefold() not in {*alphabet} and unicodedata.category(c)[0] == "L")
    return tuple(sorted(strange))


def _lengths(texts: Texts, everything: list[WrittenText]) -> Iterator[Issue]:
    """At most 12 words a sentence even with the shortest entries in its slots; rule W1 proves it with all of them."""
    shortest = {code: _shortest(texts.of(code)) for code in texts.languages.languages}
    for written in everything:
        for own_words, tables in _sentence_lengths(written.words):
            words = own_words + sum(shortest[written.language].get(table, 1) for table in tables)
            if words > MOST_WORDS:
                yield _issue(
                    texts, written, f"has a sentence of {words} words", f"At most {MOST_WORDS}: make two of it"
                )


@lru_cache(maxsize=MOST_REMEMBERED)
def _sentence_lengths(words: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """How many words each sentence has besides its slots, and the tables that fill these; dashes are no words."""
    return tuple(
        (
            sum(any(map(str.isalnum, word)) for word in SLOT.sub(" ", sentence).split()),
            tuple(map(table_of, SLOT.findall(sentence))),
        )
        for sentence in SENTENCE_END.split(words)
    )


def _shortest(entries: dict[str, str]) -> dict[str, int]:
    """Words of the shortest entry for each of TABLES."""
    fillers = {id_: text for id_, text in entries.items() if id_.startswith(ALL_TABLES)}
    return {slot: min((len(text.split()) for text in _fillers(fillers, slot)), default=1) for slot in TABLES}


def _fillers(entries: dict[str, str], table: str) -> Iterator[str]:
    """The entries of a table of TABLES; none where there is no such table."""
    beginnings = TABLES.get(table)
    return (text for id_, text in entries.items() if beginnings and id_.startswith(beginnings))


def table_of(slot: str) -> str:
    """The key of TABLES that belongs to a slot; those about hours begin with the name of a schedule. Else empty."""
    return slot if slot in TABLES else next((end for end in TABLES if slot.endswith(f"_{end}")), "")


def _copies(texts: Texts, everything: list[WrittenText]) -> Iterator[Issue]:
    """No text is the same in two languages: it would be a copy. One or two words may be a loan."""
    seen: dict[tuple[str, str], str] = {}
    for written in everything:
        if TABLE.match(written.id) or written.id.startswith(LANGUAGE_NAMES):
            continue
        first = seen.setdefault((written.id, written.words.casefold()), written.language)
        if first == written.language:
            continue
        if first == texts.languages.source or len(SLOT.sub("", written.words).split()) > LONGEST_LOAN:
            yield _issue(texts, written, f"is the same as in {first}", "Translate it")


def _spoken_forms(texts: Texts, everything: list[WrittenText]) -> Iterator[Issue]:
    """The `spoken:` form of a text is the text with vowel marks (Unicode category Mn), and nothing else.

    Marks of direction are told by themselves.
    """
    for written in everything:
        if not written.text.spoken:
            continue
        if different := _different_words(written.words, written.text.spoken):
            word, other = (f"'{each}'" if each else "no more words" for each in different)
            message = f"has {word} in its text, and {other} in {SPOKEN_LINE}"
            remedy = "Write the words of the text, with vowel marks, into the line # spoken: above its msgctxt"
            yield _issue(texts, written, message, remedy)


@lru_cache(maxsize=MOST_REMEMBERED)
def _different_words(text: str, spoken_form: str) -> tuple[str, str] | None:
    """The first word of a text that is another one in its spoken form, and that one; empty where there is none."""
    words, spoken = (HIDDEN_MARK.sub("", each).split() for each in (text, spoken_form))
    pairs = zip_longest(words, spoken, fillvalue="")
    return next((pair for pair in pairs if unmarked(pair[0]) != unmarked(pair[1])), None)


def _marked(texts: Texts, everything: list[WrittenText]) -> Iterator[Issue]:
    """Each text has its reading marks where a voice of its language needs them.

    A note: that voice guesses, but is understood more often than no voice at all, and the other voices need none.
    """
    for written in everything:
        if texts.languages.languages[written.language].needs_marks and not written.text.spoken:
            words = SLOT.sub(" ", written.words).split()
            if any(unmarked(word) == word and any(map(str.isalpha, word)) for word in words):
                message = "has no vowel marks, so a computer voice may read it wrong"
                remedy = f"Add this line above its msgctxt, with the vowel marks: '# spoken: {written.words}'"
                yield _note(texts, written, message, remedy)


def _pauses(texts: Texts, everything: list[WrittenText]) -> Iterator[Issue]:
    """The offline voice goes on without a pause where a small letter stands behind a full stop; other marks do.

    A note: the other voices make the pause. Letters of scripts that know no capitals are fine.
    """
    entries = {code: texts.of(code) for code in texts.languages.languages}
    for written in everything:
        for slot, word in STOP.findall(written.words):
            said = [word] if word else _fillers(entries[written.language], table_of(slot))
            small = next((each for each in said if each[:1].islower()), None)
            if small and slot:
                message = f"has {{{slot}}} after a full stop, and that may begin with a small letter ('{small}')"
                remedy = f"Write a word with a capital before {{{slot}}}, or a comma in place of the full stop"
                yield _note(texts, written, message, f"{remedy}; do not change {{{slot}}}")
            elif small:
                message = f"has '{small}' with a small letter after a full stop, where a computer voice makes no pause"
                capital = small[:1].upper() + small[1:]
                yield _note(texts, written, message, f"Write '{capital}', or a comma in place of the full stop")


def _note(texts: Texts, written: WrittenText, message: str, remedy: str) -> Issue:
    file = file_of(texts.languages, written.language)
    return Issue("note", file, (written.id,), f"'{written.id}' in {written.language} {message}", remedy)


def unmarked(text: str) -> str:
    """A text without its reading marks, nor any other accent that stands apart from its letter."""
    return "".join(letter for letter in text if unicodedata.category(letter) != "Mn")
