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
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext

from ivr.speech.level import Samples

AT_THE_PAGE = (Path(__file__).parent / "volunteer.js").read_text(encoding="utf-8")
RATE, TELEPHONE = 16000, 8000
LETTERS_A_SECOND = 24.0
"""As fast as somebody may read: tests take as long as what is said in them."""
LEVEL = 0.1
SYLLABLE, WORD, GAP = 0.13, 1.3, 0.15
"""Seconds of a pitch, from one short pause to the next, and of the pause."""
PIECE = 0.3
"""Seconds of a piece by which a clip is known: a busy machine may drop some samples between two pieces."""
ALIKE = 0.6
"""How much a clip is like the sound that it was made from, at least: that is at 0.8 to 1, another at 0.4 at most."""


@lru_cache(maxsize=256)
def voice_of(sentence: str, letters: int) -> Samples:
    """How somebody says a sentence: with a melody of its own, which no other has."""
    time = np.arange(round(RATE * max(0.7, letters / LETTERS_A_SECOND))) / RATE
    rng = np.random.default_rng([*sentence.encode()])
    pitches = rng.uniform(110, 320, 1 + int(time[-1] / SYLLABLE))
    phase = 2 * np.pi * np.cumsum(pitches[(time / SYLLABLE).astype(int)]) / RATE
    tones = sum(np.sin(n * phase + rng.uniform(0, 2 * np.pi)) / n for n in range(2, 11))
    made = (tones + 0.1 * rng.standard_normal(time.size)) * (0.6 - 0.4 * np.cos(2 * np.pi * time / SYLLABLE))
    made[(time % WORD > WORD - GAP) & (time < time[-1] - WORD)] = 0
    said: Samples = (LEVEL * made / np.sqrt(np.mean(made**2))).astype(np.float32)
    return said


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
    """How much a clip is like what was said of a sentence, by the median of its pieces; 1 is the same."""
    heard, rate = soundfile.read(BytesIO(clip), dtype="float64")
    assert rate == TELEPHONE
    said, size = _narrow(voice_of(sentence, letters).astype(np.float64)), round(PIECE * TELEPHONE)
    pieces = [said[at : at + size] for at in range(0, said.size - size + 1, size // 2)]
    return float(np.median([_alike(heard, piece) for piece in pieces]))


def _alike(heard: NDArray[np.float64], piece: NDArray[np.float64]) -> float:
    """How much some part of a sound is like a piece."""
    size = 1 << (heard.size + piece.size).bit_length()
    found = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size)), size)[: heard.size]
    power = np.concatenate([[0.0], np.cumsum(np.pad(heard, (0, piece.size)) ** 2)])
    around = np.sqrt(power[piece.size : piece.size + heard.size] - power[: heard.size])
    loud = around > 0.1 * around.max()
    return float((np.abs(found[loud]) / (around[loud] * np.linalg.norm(piece))).max())


def _narrow(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """At half the rate, without what a telephone does not carry."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(sound.size, 1 / RATE)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    return np.fft.irfft(spectrum, sound.size)[:: RATE // TELEPHONE]


def is_what_was_said(clips: Mapping[str, bytes], texts: Mapping[str, str]) -> None:
    """Hold that the clip of each sentence is what was said of that sentence."""
    alike = {sentence: likeness(clip, sentence, len(texts[sentence])) for sentence, clip in clips.items()}
    unlike = {sentence: round(value, 2) for sentence, value in alike.items() if value < ALIKE}
    assert not unlike, unlike
