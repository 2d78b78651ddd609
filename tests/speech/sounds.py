"""Sounds made for tests: like speech, and of a known level."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ivr.speech.level import Samples


@lru_cache(maxsize=32)
def talk(rate: int, seconds: float, seed: int = 1) -> Samples:
    """Something like a voice: a gliding pitch through three resonances, in syllables; mean power 1 over its length.

    Made once and given to many, so it cannot be changed.
    """
    time = np.arange(round(rate * seconds)) / rate
    rng = np.random.default_rng(seed)
    pitch = 2 * np.pi * np.cumsum(130 + 30 * np.sin(2 * np.pi * 0.7 * time + seed)) / rate
    voice = np.zeros_like(time)
    turning, turned = np.exp(1j * pitch), np.ones(time.size, complex)
    for harmonic in range(1, 25):
        hertz = 130 * harmonic
        strength = sum(1 / (1 + ((hertz - formant) / 120) ** 2) for formant in (600, 1500, 2500))
        turned *= turning  # the sine of each harmonic by itself would take four times as long
        voice += (turned * (strength * np.exp(1j * rng.uniform(0, 2 * np.pi)))).imag
    voice += 0.2 * rng.standard_normal(time.size)
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * time - np.pi / 2)
    made = of_power(voice * syllables, 0.0)
    made.setflags(write=False)
    return made


def of_power(sound: np.ndarray[tuple[int], np.dtype[np.float64]], dbov: float) -> Samples:
    """Bring the mean power of a whole sound to a level in dBov."""
    scaled: Samples = (sound * (10 ** (dbov / 20) / np.sqrt(np.mean(sound**2)))).astype(np.float32)
    return scaled


def silence(rate: int, seconds: float) -> Samples:
    """Nothing at all."""
    return np.zeros(round(rate * seconds), np.float32)


def hiss(rate: int, seconds: float, dbov: float, seed: int = 2) -> Samples:
    """White noise of a level in dBov."""
    return of_power(np.random.default_rng(seed).standard_normal(round(rate * seconds)), dbov)


def sentence(rate: int = 22050, seconds: float = 2.0, dbov: float = -20.0, around: float = 0.5) -> Samples:
    """A sentence whose mean power while it lasts is a level in dBov, with silence around it, in s."""
    said = talk(rate, seconds) * np.float32(10 ** (dbov / 20))
    return np.concatenate([silence(rate, around), said, silence(rate, around)])
