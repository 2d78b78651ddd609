"""Which voice speaks: so far the telephony provider's own, for every language that it has."""

from __future__ import annotations

from collections.abc import Callable

from ivr.core.languages import Languages
from ivr.core.utterance import Sound, SpokenByProvider, Utterance


def provider_voice(languages: Languages) -> Callable[[Utterance], Sound]:
    """The rung where the provider synthesises; KeyError for a language that it cannot speak."""
    voices = {
        code: (language.provider_voice, language.locale)
        for code, language in languages.languages.items()
        if language.provider_voice
    }

    def sound(utterance: Utterance) -> Sound:
        voice, locale = voices[utterance.language]
        return SpokenByProvider(voice, locale, utterance.text, utterance.slow)

    return sound
