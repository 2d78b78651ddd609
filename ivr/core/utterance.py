"""What the line says (an utterance), and the sound by which a caller hears it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

SENTENCE_END = re.compile(r"(?<=[.?!:;؟])\s+")
"""Where a text is divided into sentences, as a listener hears them."""
GROUP_END = "end"
"""The value of an utterance that is the last digit of a group of a phone number."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One prompt in one language with its slots filled; `slow` where the caller asked to hear it again (rule K4).

    `values`: the ids of the entries that fill the slots, such as `time_at.0900`. `spoken`: the text as an offline
    voice must read it, empty where it is the same.
    """

    prompt: str
    language: str
    text: str
    slow: bool = False
    values: tuple[str, ...] = ()
    spoken: str = ""

    @property
    def ends_group(self) -> bool:
        """Whether it is the last digit of a group of a phone number, after which there is more silence (rule W3)."""
        return GROUP_END in self.values

    @property
    def most_words(self) -> int:
        """The words of its longest sentence (rule W1)."""
        return max(len(sentence.split()) for sentence in SENTENCE_END.split(self.text))

    @property
    def id(self) -> str:
        """The id of the sentence: its prompt and what fills it, as in `hours.phone.opens+mon+0900` (decision 16)."""
        return "+".join((self.prompt, *(value.rpartition(".")[2] for value in self.values)))


@dataclass(frozen=True, slots=True)
class SpokenByProvider:
    """A sound that the telephony provider synthesises: its voice, the locale (BCP 47) and the text."""

    voice: str
    locale: str
    text: str
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound that was made or recorded before the call: the name under which it is served, and its length."""

    name: str
    seconds: float


Sound = Clip | SpokenByProvider
SpeechMode = Literal["auto", "say", "text"]
"""Whose sounds a line uses: recordings and clips, else the provider's voice (`auto`), or that voice only (`say`).

`text`, for simulated calls: an utterance without a voice is shown as text.
"""
