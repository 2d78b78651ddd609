"""Volunteers at the page: what they say of each sentence, and whether the room has kept just that."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]
from playwright.sync_api import BrowserContext

from ivr.speech.level import Samples
from tests.speech.sounds import talk

AT_THE_PAGE = (Path(__file__).parent / "volunteer.js").read_text(encoding="utf-8")
RATE, TELEPHONE = 16000, 8000
LETTERS_A_SECOND = 24.0
"""As fast as somebody may read: tests take as long as what is said in them."""
LEVEL = 0.1
WORDS, GAP = 1.3, 0.15
"""Seconds from one short pause to the next, and of the pause."""
ALIKE = 0.8
"""How much a clip is like the sound that it was made from, at least; sounds of two sentences are not half as much."""


@lru_cache(maxsize=256)
def voice_of(sentence: str, letters: int) -> Samples:
    """How somebody says a sentence: like no other."""
    seed = int.from_bytes(sentence.encode()[-4:]) ^ sum(sentence.encode()) << 8
    made: Samples = talk(RATE, max(0.7, letters / LETTERS_A_SECOND), seed) * np.float32(LEVEL)
    seconds = np.arange(made.size) / RATE
    made[(seconds % WORDS > WORDS - GAP) & (seconds < seconds[-1] - WORDS)] = 0
    return made


@dataclass
class Reading:
    """What somebody says when the page shows a sentence; `said`: the ids, in turn.

    `instead`: sentences that they say otherwise (or not at all); each is said so once. `stops`: whether they press the
    button afterwards, or fall silent.
    """

    texts: Mapping[str, str]
    stops: bool = True
    instead: dict[str, Samples | None] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def sit_down(self, context: BrowserContext) -> None:
        """From now on every page that is opened hears them."""
        context.expose_function("soundOf", self.sound_of)
        context.add_init_script(f"({AT_THE_PAGE})()")

    def sound_of(self, sentence: str, text: str) -> dict[str, object] | None:
        """The sound, for the page; None if nothing is said."""
        if sentence in self.texts:
            assert text == self.texts[sentence], sentence
        self.said.append(sentence)
        sound = self.instead.pop(sentence) if sentence in self.instead else voice_of(sentence, len(text))
        return None if sound is None else {"pcm": pcm(sound), "rate": RATE, "stops": self.stops}


def pcm(sound: Samples) -> str:
    """Samples of 16 bits, in base64."""
    whole = np.clip(np.round(sound * 32768), -32768, 32767).astype("<i2")
    return base64.b64encode(whole.tobytes()).decode()


def likeness(clip: bytes, sentence: str, letters: int) -> float:
    """How much a clip is like what was said of a sentence, wherever that begins in it: 1 is the same."""
    heard, rate = soundfile.read(BytesIO(clip), dtype="float64")
    assert rate == TELEPHONE
    said = _narrow(voice_of(sentence, letters).astype(np.float64))
    size = 1 << (heard.size + said.size).bit_length()
    found = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)), size)
    return float(np.abs(found).max() / (np.linalg.norm(heard) * np.linalg.norm(said)))


def _narrow(sound: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """At half the rate, without what a telephone does not carry."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(sound.size, 1 / RATE)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    return np.fft.irfft(spectrum, sound.size)[:: RATE // TELEPHONE]


def is_what_was_said(clips: Mapping[str, bytes], texts: Mapping[str, str]) -> None:
    """Hold that the clip of each sentence is what was said of that sentence, and not what was said of another."""
    for sentence, clip in clips.items():
        alike = {each: likeness(clip, each, len(texts[each])) for each in clips}
        assert alike[sentence] > ALIKE, (sentence, alike[sentence])
        assert max(alike, key=lambda each: alike[each]) == sentence, sentence
