"""Estimates of how long texts take to say, from their length, for languages that have no clips yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr.core.content import Content
from ivr.core.languages import Languages
from ivr.core.utterance import Utterance

SENTENCE_END = 0.2
"""Seconds of silence after a text."""
GROUP_END = 0.4
"""Further seconds of silence after a group of digits."""
SLOWER = 1.25
"""Duration of the slow version, relative to the usual one (rule K4)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is to be said, and how fast: letters of the text, and letters a second at the language's usual pace."""

    letters: int
    per_second: float


def seconds_by_locale(languages: Languages) -> Callable[[str, str], float]:
    """A function (text, locale) -> seconds, for a simulated provider that is given a locale and no code."""
    pace = {language.locale: language.characters_per_second for language in languages.languages.values()}
    return lambda text, locale: len(text) / pace[locale] + SENTENCE_END


def pace_of(content: Content, utterance: Utterance) -> Pace:
    """How much a recording of an utterance has to say, and how fast its language is spoken."""
    return Pace(len(utterance.text), content.languages.languages[utterance.language].characters_per_second)


def estimate(languages: Languages, utterance: Utterance) -> float:
    """Seconds of one utterance."""
    pace = languages.languages[utterance.language].characters_per_second
    seconds = len(utterance.text) / pace + SENTENCE_END + GROUP_END * utterance.ends_group
    return seconds * SLOWER if utterance.slow else seconds
