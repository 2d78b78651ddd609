"""What the line asks of a speech engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SynthesisRequest:
    """A text to be spoken: by which voice of the engine, and how fast (1.0 is the voice's own pace).

    `prompt` names the sentence in messages; `language` is its BCP 47 tag, such as fi-FI.
    """

    prompt: str
    language: str
    text: str
    voice: str
    pace: float


@dataclass(frozen=True, eq=False)
class Speech:
    """What an engine made: mono samples from -1.0 to 1.0, and how many a second."""

    samples: NDArray[np.float32]
    rate: int


AUDIO_REMEDY = "pip install 'kemi-guidance-line[audio]' (in a checkout: make setup)"
"""How to get what measures and converts sound, which a line that only speaks does without."""


class EngineFault(Exception):
    """An engine cannot go on: the message says why and what would help."""


class Engine(Protocol):
    """Makes speech. Nothing is ever made while a caller waits."""

    name: str

    def speak(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        """Speak texts, several at once, in any order. EngineFault stops it; what was yielded before is good."""
        ...

    def voices(self) -> dict[str, tuple[str, ...]]:
        """The voices that the engine has: name -> languages."""
        ...
