"""The interface of a speech engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ivr.program import how_to_install

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SynthesisRequest:
    """A text to synthesise.

    `prompt`: the id of the text, for messages. `language`: a BCP 47 tag such as fi-FI. `voice`: as the engine names it.
    `pace`: 1.0 is the voice's own.
    """

    prompt: str
    language: str
    text: str
    voice: str
    pace: float


@dataclass(frozen=True, eq=False)
class Speech:
    """Synthesised or recorded speech: mono samples from -1.0 to 1.0, and their number a second."""

    samples: NDArray[np.float32]
    rate: int


AUDIO_REMEDY = how_to_install("audio")
"""How to install what measures and converts sound. A line that only answers calls works without it."""
COPY_AGAIN = "Copy it from the phone again. If it does not play on the phone either, record it again."
"""The remedy for a recording that is damaged."""


class EngineFault(Exception):
    """An engine cannot make speech. The message gives the reason and the remedy."""


class Engine(Protocol):
    """Synthesises speech before calls, never while a caller waits."""

    def speak(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        """Yield each request with its speech, in any order. EngineFault ends it; what was yielded before is good."""
        ...

    def voices(self) -> dict[str, tuple[str, ...]]:
        """The engine's voices: name -> BCP 47 tags of its languages."""
        ...
