"""What the line says, and as what sound it is heard."""

from __future__ import annotations

from dataclasses import dataclass

GROUP_END = "end"
"""What marks, among its values, the last digit of a group of a phone number."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One prompt in one language with its slots filled; `slow` when the caller asked to hear it again (rule K4).

    `values` are the entries that fill the slots, such as `time_at.0900`. `spoken` is the text as an offline voice must
    read it, where that differs.
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
    def id(self) -> str:
        """The prompt and what fills it: one id for each sentence, also the name of its recording."""
        return ".".join((self.prompt, *self.values))


@dataclass(frozen=True, slots=True)
class SpokenByProvider:
    """A sound that the telephony provider synthesises: its voice, its name for the language, the text."""

    voice: str
    locale: str
    text: str
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound that was made or recorded before the call: the name under which it is served, and its seconds."""

    name: str
    seconds: float


Sound = Clip | SpokenByProvider
"""What an utterance sounds like."""
