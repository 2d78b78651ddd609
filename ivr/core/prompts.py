"""The catalogue of texts: prompt id, language and slots -> utterance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivr.core.utterance import Utterance

SLOT = re.compile(r"\{([a-z_0-9]*)\}")
IN_BRACES = re.compile(r"\{[^}]*\}")
"""A slot, or what somebody has taken for one."""
PLAIN = ".plain"
"""Ending of a twin: the same sentence without its day or time (rule W4)."""
WAIT = ".wait"
"""Ending of a prompt whose last words say that waiting is fine (rule M5)."""
SAFETY, STAFF, MATTER = "safety.", "staff.", "staff.matter."
"""Prefixes of ids: safety sentences, texts that only the staff hears, and the matters in the whisper."""
LANGUAGE_NAMES, LANGUAGE_IN_FINNISH = "language.", "language_in_finnish"
"""Prefix of the ids of the languages' names, as the staff hear them; and the slot, and the id, of a language's own."""

FIXED_SLOTS = {
    "help_key": "key.0",
    "person_key": "key.1",
    "again_key": "key.9",
    LANGUAGE_IN_FINNISH: LANGUAGE_IN_FINNISH,
}
"""Slots whose value is the same entry in every sentence."""
KEY_SLOTS = frozenset({"key", "digit", "help_key", "person_key", "again_key"})
"""Slots filled with a key to press: a sentence that has one is an option (rule M2)."""
CONTEXT_SLOTS = frozenset({"key", "digit", "language"})
"""Slots filled from the flow and the languages: an option's key, a language's digit, the caller's language."""
NOW_SLOTS = {
    "day": ("day_on", "today", "tomorrow"),
    "time": ("time_at",),
    "until": ("time_until",),
    "date": ("date",),
    "month": ("month",),
}
"""Slots of the hours prompts, without their schedule, and the prefixes of the entries that fill them."""
WEEK_SLOTS = {
    "week_from": "time_from",
    "week_until": "time_until",
    "week_from_2": "time_from",
    "week_until_2": "time_until",
}
"""The same for the sentences about a week."""
NOW_PROMPT = re.compile(r"hours\.([a-z_]+)\.(open|opens|opens_on|closed_long)(?:\.plain)?")
"""The ids of the hours prompts, twins included; the groups are the schedule and the sentence."""
OF_HOURS = re.compile(r"hours\.([a-z_]+)\.(?:open|opens|opens_on|closed_long|week|week_\d)(?:\.plain)?")
"""The ids of all sentences about opening hours, twins included; the group is the schedule."""
DATES = (*(f"date.{day}" for day in range(1, 32)), *(f"month.{month}" for month in range(1, 13)))
"""The entries that name the day of a month, and the month: a language may have none of them."""


def known_slots(schedules: Iterable[str]) -> frozenset[str]:
    """All slot names that a text may have; those about hours begin with the name of a schedule."""
    hours = {f"{name}_{slot}" for name in schedules for slot in (*NOW_SLOTS, *WEEK_SLOTS)}
    return frozenset(hours | FIXED_SLOTS.keys() | CONTEXT_SLOTS)


def twin_of(prompt: str) -> str:
    """The id of the same sentence without its day or time (rule W4): of one with a date, that it is closed for long."""
    now = NOW_PROMPT.fullmatch(prompt)
    return f"hours.{now[1]}.closed_long" if now and now[2] == "opens_on" else prompt + PLAIN


def said_of(prompt: str) -> tuple[str, bool] | None:
    """The schedule of an hours prompt or its twin, and whether it tells that it is open; None for any other prompt.

    Prompts of which it is the same are said at the same place, at one time or another.
    """
    now = NOW_PROMPT.fullmatch(prompt) if prompt.startswith("hours.") else None  # every webhook asks, of every sentence
    return (now[1], now[2] == "open") if now else None


def slots_of(text: str) -> list[str]:
    """The slot names in a text, in order."""
    return SLOT.findall(text)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Every text by language and id. Slots are filled with whole entries, never with parts of words (rule W3).

    `spoken`: the texts as an offline voice must read them, for the languages where these differ.
    """

    texts: Mapping[str, Mapping[str, str]]
    spoken: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _cache: dict[object, Utterance] = field(default_factory=dict, repr=False)

    def utter(self, prompt: str, language: str, slots: Mapping[str, str], *, slow: bool = False) -> Utterance:
        """Fill a prompt; `slots` maps slot names to entry ids such as `time_at.0900`. KeyError if a text is missing."""
        key = (prompt, language, slow, *slots.items())
        if (cached := self._cache.get(key)) is None:
            texts = self.texts[language]
            text, spoken = (_fill(each, prompt, slots) for each in (texts, self.spoken.get(language, texts)))
            cached = Utterance(prompt, language, text, slow, tuple(slots.values()), spoken if spoken != text else "")
            self._cache[key] = cached
        return cached

    def find(self, prompt: str, language: str, slots: Mapping[str, str], *, slow: bool = False) -> Utterance | None:
        """Fill a prompt as `utter`; None if the language lacks its text, or one that a slot needs."""
        try:
            return self.utter(prompt, language, slots, slow=slow)
        except KeyError:
            return None


def _fill(texts: Mapping[str, str], prompt: str, slots: Mapping[str, str]) -> str:
    return SLOT.sub(lambda slot: texts[slots.get(slot[1]) or FIXED_SLOTS[slot[1]]], texts[prompt])
