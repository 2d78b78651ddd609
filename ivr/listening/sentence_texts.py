"""From a sentence back to the texts that it is made of: its prompt, and the entries that fill the slots of that."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ivr.content.checks.lint import JOINERS, TABLES, table_of
from ivr.content.texts import Texts
from ivr.core.characters import BIDI, composed
from ivr.core.prompts import FIXED_SLOTS, LANGUAGE_NAMES, NOW_SLOTS, WEEK_SLOTS, slots_of

IN_ORDER = (*NOW_SLOTS, *WEEK_SLOTS)
"""The tables of the slots of a sentence about hours, in the order in which its id has their values."""
NO_MARKS = {ord(mark): None for mark in BIDI}


class Made(NamedTuple):
    """How a sentence is made: the id of its prompt, and slot -> the id of the entry that fills it."""

    prompt: str
    entries: Mapping[str, str]


def tidied(words: str) -> str:
    """Words as they are kept: composed, one blank between two, and without marks of direction, which nobody sees."""
    return " ".join(composed(words).translate(NO_MARKS).split())


def made_of(texts: Texts, language: str, sentence: str) -> Made | None:
    """How a sentence is made, by its id, such as `hours.phone.opens+mon+0900`; None where there is none such today."""
    prompt, *values = sentence.split("+")
    template = texts.of(language).get(prompt, "") if prompt in texts.sources else ""
    if not template.strip():
        return None
    slots = dict.fromkeys(slots_of(template))
    filled = sorted((slot for slot in slots if slot not in FIXED_SLOTS), key=_place)
    found = {slot: FIXED_SLOTS[slot] for slot in slots if slot in FIXED_SLOTS}
    if len(filled) != len(values):
        return None
    for slot, value in zip(filled, values, strict=True):
        entry = next((id_ for id_ in _candidates(slot, value) if id_ in texts.sources), None)
        if entry is None:
            return None
        found[slot] = entry
    return Made(prompt, {slot: found[slot] for slot in slots})


def _place(slot: str) -> int:
    table = table_of(slot)
    return IN_ORDER.index(table) if table in IN_ORDER else 0


def _candidates(slot: str, value: str) -> Iterator[str]:
    """The ids of entries that can fill a slot and end like a value."""
    for beginning in TABLES.get(table_of(slot), (LANGUAGE_NAMES,)):
        yield value if beginning == value else f"{beginning.removesuffix('.')}.{value}"


def back_to_template(words: str, values: Mapping[str, str], slots: list[str]) -> str | None:
    """Words with each slot in place of its value; None unless each value stands there as often as its slot must.

    `values`: slot -> the words that fill it. `slots`: the slots that must be there. A value is found as whole words,
    in whatever case; where two slots have the same value, nobody can tell which is which.
    """
    if len({value.casefold() for value in values.values()}) < len(values) or not all(values.values()):
        return None
    taken = list[tuple[int, int, str]]()
    for slot in sorted(values, key=lambda slot: len(values[slot]), reverse=True):
        found = [
            (at.start(), at.end(), slot)
            for at in re.finditer(re.escape(values[slot]), words, re.IGNORECASE)
            if _is_whole(words, *at.span())
            and not any(at.start() < end and start < at.end() for start, end, _ in taken)
        ]
        if len(found) != slots.count(slot):
            return None
        taken += found
    for start, end, slot in sorted(taken, reverse=True):
        words = f"{words[:start]}{{{slot}}}{words[end:]}"
    return words


def _is_whole(words: str, start: int, end: int) -> bool:
    """Whether what stands there is not a part of a longer word."""
    return not (start and _belongs(words[start - 1])) and not (end < len(words) and _belongs(words[end]))


def _belongs(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or character in JOINERS
