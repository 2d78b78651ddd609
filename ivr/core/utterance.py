"""What the line says, and as what sound it is heard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Utterance:
    """One prompt in one language with its slots filled; `slow` when the caller asked to hear it again (rule K4)."""

    prompt: str
    language: str
    text: str
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence between two utterances, in whole seconds."""

    seconds: int


Play = Utterance | Pause


@dataclass(frozen=True, slots=True)
class SpokenByProvider:
    """A sound that the telephony provider synthesises: its voice, its name for the language, the text."""

    voice: str
    locale: str
    text: str
    slow: bool = False


Sound = SpokenByProvider
"""What an utterance sounds like. Clips join it when they are made."""
