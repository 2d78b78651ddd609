"""How long a text takes to say, estimated from its length: all there is until it has been spoken once."""

from __future__ import annotations

from collections.abc import Callable

from ivr.core.languages import Languages
from ivr.core.utterance import Utterance

SENTENCE_END = 0.2
"""Seconds of silence that a voice leaves after a text."""
GROUP_END = 0.4
"""More of it after a group of digits."""
SLOWER = 1.25
"""How much longer the slow version takes (rule K4)."""


def seconds_by_locale(languages: Languages) -> Callable[[str, str], float]:
    """A function of a text and the provider's name of its language, for a carrier that hears `<Say>`."""
    pace = {language.locale: language.characters_per_second for language in languages.languages.values()}
    return lambda text, locale: len(text) / pace[locale] + SENTENCE_END


def estimate(languages: Languages, utterance: Utterance) -> float:
    """Seconds of one utterance."""
    pace = languages.languages[utterance.language].characters_per_second
    seconds = len(utterance.text) / pace + SENTENCE_END + GROUP_END * utterance.ends_group
    return seconds * SLOWER if utterance.slow else seconds
