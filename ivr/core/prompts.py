"""The catalogue: (prompt id, language, slots) -> what is said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivr.core.utterance import Utterance

SLOT = re.compile(r"\{([a-z_0-9]*)\}")
PLAIN = ".plain"
"""Ending of a twin: the same sentence without its day or time (rule W4)."""
WAIT = ".wait"
"""Ending of a prompt whose last words say that waiting is fine (rule M5)."""
SAFETY, STAFF, MATTER = "safety.", "staff.", "staff.matter."
"""Beginnings of the ids of safety sentences, of what only the people who answer hear, and of what a call is about."""

FIXED_SLOTS = {
    "help_key": "key.0",
    "person_key": "key.1",
    "again_key": "key.9",
    "language_in_finnish": "language_in_finnish",
}
"""Slots whose value is the same entry in every sentence."""
CONTEXT_SLOTS = frozenset({"key", "digit", "language"})
"""Slots filled from the flow and the languages: an option's key, a language's digit, the caller's language."""
NOW_SLOTS = {"day": ("day_on", "today", "tomorrow"), "time": ("time_at",), "until": ("time_until",)}
WEEK_SLOTS = {
    "week_from": "time_from",
    "week_until": "time_until",
    "week_from_2": "time_from",
    "week_until_2": "time_until",
}


def known_slots(schedules: Iterable[str]) -> frozenset[str]:
    """The closed list of slot names; those about hours begin with the name of a schedule."""
    hours = {f"{name}_{slot}" for name in schedules for slot in (*NOW_SLOTS, *WEEK_SLOTS)}
    return frozenset(hours | FIXED_SLOTS.keys() | CONTEXT_SLOTS)


def slots_of(text: str) -> list[str]:
    """The slot names in a text, in order."""
    return SLOT.findall(text)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Every text by language and id. Slots are filled with whole entries, never with parts of words (rule W3).

    `spoken`: the same texts as an offline voice must read them, of the languages where that differs.
    """

    texts: Mapping[str, Mapping[str, str]]
    spoken: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _made: dict[object, Utterance] = field(default_factory=dict, repr=False)

    def utter(self, prompt: str, language: str, slots: Mapping[str, str], *, slow: bool = False) -> Utterance:
        """Say a prompt; `slots` maps slot names to entry ids such as `time_at.0900`. KeyError if a text is missing."""
        key = (prompt, language, slow, *slots.items())
        if (made := self._made.get(key)) is None:
            text, spoken = (self._fill(texts, prompt, slots) for texts in self._tables(language))
            values = tuple(slots.values())
            made = Utterance(prompt, language, text, slow, values, spoken if spoken != text else "")
            self._made[key] = made
        return made

    def has(self, prompt: str, language: str) -> bool:
        """Whether a language has a text for an id."""
        return prompt in self.texts[language]

    def _tables(self, language: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
        texts = self.texts[language]
        return texts, self.spoken.get(language, texts)

    def _fill(self, texts: Mapping[str, str], prompt: str, slots: Mapping[str, str]) -> str:
        return SLOT.sub(lambda slot: texts[slots.get(slot[1]) or FIXED_SLOTS[slot[1]]], texts[prompt])
