"""Make speech fit for a telephone, and say which limit of rule S1 a clip breaks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray

from ivr.speech.clips import RATE, Ending
from ivr.speech.level import Samples, active_level, flat_tops, peak_dbfs
from ivr.speech.mulaw import to_wav
from ivr.speech.port import EngineFault, Speech

TARGET_DBOV = -24.0
LEVEL_LIMITS_DBOV = (-26.0, -22.0)
PEAK_LIMIT_DBFS = -6.0
CEILING = 10 ** (-6.5 / 20)
"""Mu-law has no step between -6.2 and -5.8 dBFS, so a peak just below the limit would be rounded to above it."""
LEAD_MS, LEAD_LIMITS_MS = 115, (100, 200)
TAIL_MS: Mapping[Ending, int] = {"sentence": 230, "option": 530, "digit": 220, "group": 370}
"""Silence after a clip. Digits follow each other closely; at their limit of 200 a measurement would be a toss."""
TAIL_LIMITS_MS: Mapping[Ending, tuple[int, int]] = {
    "sentence": (200, 400),
    "option": (500, 700),
    "digit": (200, 400),
    "group": (200, 400),
}
FAINTEST_DBOV = -70.0
"""Below this there is nothing but the engine's or the converter's own noise."""
LOOK_AHEAD = RATE * 5 // 1000
"""The limiter turns down over this many samples before and after a peak."""
FRAME = RATE // 100
"""Samples in a frame of 10 ms, a pitch period of the deepest voice."""
CLICK_FRAMES, APART_FRAMES = 2, 20
"""A sound of at most 20 ms that is 200 ms from all others is a click, not a consonant."""
ATTACK, DECAY = RATE * 20 // 1000, RATE * 40 // 1000
"""Samples kept before and after what is loud enough, faded: a breath, the end of a vowel."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What rule S1 limits: levels in dBov (ITU-T P.56) and dBFS, silences in ms; and the length in seconds."""

    active_dbov: float
    peak_dbfs: float
    lead_ms: float
    tail_ms: float
    clipped: bool
    seconds: float


def to_clip(speech: Speech, ending: Ending) -> bytes:
    """Make the bytes of a clip's file, the same for the same speech; EngineFault if there is none (rule S1)."""
    return to_wav(for_telephone(speech, ending))


def for_telephone(speech: Speech, ending: Ending) -> Samples:
    """Narrow, trim, level, limit and pad speech; 8000 samples a second (rule S1)."""
    narrow = narrowed(speech)
    lead, tail = _samples(LEAD_MS), _samples(TAIL_MS[ending])
    sound = _levelled(np.pad(_trimmed(narrow, _audible(narrow)), (lead, tail)))
    # Found again, as the limiter and the fades have moved what is loud enough; only added silence is cut.
    first, last = speech_span(sound, _audible(sound))
    # And levelled again, as the hangover after a short word may now end with the clip.
    return _levelled(sound[max(0, first - lead) : last + tail])


def measure(samples: Samples) -> Measured:
    """Measure a clip of 8000 samples a second; lead and tail are its whole length if nobody speaks (rule S1)."""
    level = active_level(samples, RATE)
    first, last = speech_span(samples, level) if level > -math.inf else (samples.size, 0)
    return Measured(
        active_dbov=level,
        peak_dbfs=peak_dbfs(samples),
        lead_ms=first * 1000 / RATE,
        tail_ms=(samples.size - last) * 1000 / RATE,
        clipped=flat_tops(samples, RATE, 1.0) > 0,
        seconds=samples.size / RATE,
    )


def faults(measured: Measured, ending: Ending) -> list[str]:
    """Say in words which limits of rule S1 a clip breaks; empty if none."""
    if measured.active_dbov == -math.inf:
        return ["there is no speech in it"]
    found = [
        _outside("active speech is at", measured.active_dbov, "dBov", LEVEL_LIMITS_DBOV),
        _outside("silence at the start lasts", measured.lead_ms, "ms", LEAD_LIMITS_MS),
        _outside("silence at the end lasts", measured.tail_ms, "ms", TAIL_LIMITS_MS[ending]),
    ]
    if measured.peak_dbfs > PEAK_LIMIT_DBFS:
        found.append(f"the peak is at {measured.peak_dbfs:.1f} dBFS; at most {PEAK_LIMIT_DBFS:g} is allowed")
    if measured.clipped:
        found.append("peaks are clipped at full scale")
    return [fault for fault in found if fault]


def narrowed(speech: Speech) -> Samples:
    """Bring speech to 8000 samples a second, without the constant and the rumble that no telephone carries."""
    sound: Samples = speech.samples
    if not np.isfinite(sound).all():
        raise EngineFault("The sound that was made is damaged: it is not all numbers. Try another voice")
    if speech.rate != RATE and sound.size:
        sound = soxr.resample(sound, speech.rate, RATE, quality="VHQ")
    return _without_rumble(sound) if sound.size else sound


def frame_levels(samples: Samples) -> NDArray[np.float64]:
    """The level of each 10 ms at 8000 samples a second, in dBov; -120 for silence."""
    frames = np.pad(samples, (0, -samples.size % FRAME)).reshape(-1, FRAME).astype(np.float64)
    levels: NDArray[np.float64] = 10 * np.log10(np.einsum("ij,ij->i", frames, frames) / FRAME + 1e-12)
    return levels


def noise_floor(levels: NDArray[np.float64]) -> float:
    """The level between the words in dBov: a tenth of the frames are at most as loud."""
    return float(np.percentile(levels, 10))


def speech_span(samples: Samples, active_dbov: float) -> tuple[int, int]:
    """Where speech begins and where it has ended: sample indices at 8000 a second, to 10 ms.

    Loud enough is 35 dB below the active level, as a faint f is, but clear of the noise; and whatever the noise, 15 dB
    below it, or a clip without a pause would have no beginning.
    """
    levels = frame_levels(samples)
    enough = min(max(active_dbov - 35, noise_floor(levels) + 6), active_dbov - 15)
    loud = np.flatnonzero(levels > enough)
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > APART_FRAMES) + 1)
    while len(groups) > 1 and groups[0].size <= CLICK_FRAMES:
        groups.pop(0)
    while len(groups) > 1 and groups[-1].size <= CLICK_FRAMES:
        groups.pop()
    return int(groups[0][0]) * FRAME, min(samples.size, (int(groups[-1][-1]) + 1) * FRAME)


def _audible(sound: Samples) -> float:
    """The active level in dBov of sound in which somebody speaks; EngineFault if nobody does."""
    if (level := active_level(sound, RATE)) < FAINTEST_DBOV:
        raise EngineFault("There is no speech in the sound that was made. Try another voice")
    return level


def _without_rumble(sound: Samples) -> Samples:
    """Cut below 60 Hz, and less and less up to 120 Hz: telephones carry 300 to 3400 Hz (ITU-T G.712)."""
    margin = RATE // 10  # or the filter would ring from the end round to the start
    size = sound.size + margin + -(sound.size + margin) % 4096  # smooth sizes transform fast
    spectrum = np.fft.rfft(sound.astype(np.float64) - sound.mean(dtype=np.float64), size)
    end = round(120 * size / RATE)
    share = np.clip(np.arange(end) * RATE / size / 60 - 1, 0, 1)
    spectrum[:end] *= np.sin(share * np.pi / 2) ** 2
    return np.fft.irfft(spectrum, size)[: sound.size].astype(np.float32)


def _trimmed(sound: Samples, active_dbov: float) -> Samples:
    """Cut the silence before and after speech, and fade what is kept of it."""
    first, last = speech_span(sound, active_dbov)
    start, end = max(0, first - ATTACK), min(sound.size, last + DECAY)
    kept = sound[start:end].copy()
    rise, fall = (min(kept.size, max(RATE // 500, length)) for length in (first - start, end - last))
    kept[:rise] *= _rise(rise)
    kept[kept.size - fall :] *= _rise(fall)[::-1]
    return kept


def _rise(length: int) -> Samples:
    """A smooth way from 0 to 1."""
    return (np.sin((np.arange(length) + 0.5) / length * np.pi / 2) ** 2).astype(np.float32)


def _levelled(sound: Samples) -> Samples:
    """Bring active speech to -24 dBov with no peak above the ceiling (rule S1)."""
    gain_db = TARGET_DBOV - _audible(sound)
    for _ in range(6):  # what the limiter takes from the level is given back; speech needs two or three rounds
        louder = sound * np.float32(10 ** (gain_db / 20))
        if float(np.abs(louder).max()) <= CEILING:
            return louder
        louder = _limited(louder)
        missing = TARGET_DBOV - _audible(louder)
        if abs(missing) < 0.1:
            return louder
        gain_db += missing
    return louder


def _limited(sound: Samples) -> Samples:
    """Turn down smoothly around every peak above the ceiling.

    The gain is the least needed within the look-ahead on either side, averaged twice over the look-ahead: every value
    in the average is at most what the sample in its middle needs, so no peak gets through.
    """
    needed = np.minimum(1.0, CEILING / np.maximum(np.abs(sound.astype(np.float64)), CEILING))
    least = _least(np.pad(needed, LOOK_AHEAD, mode="edge"), 2 * LOOK_AHEAD + 1)
    smooth = _mean(_mean(np.pad(least, LOOK_AHEAD, mode="edge"), LOOK_AHEAD + 1), LOOK_AHEAD + 1)
    return (sound * smooth).astype(np.float32)


def _least(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """The least of every `width` neighbours, by windows that double."""
    done = 1
    while done < width:
        shift = min(done, width - done)
        values = np.minimum(values[:-shift], values[shift:])
        done += shift
    return values


def _mean(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """The mean of every `width` neighbours."""
    sums = np.cumsum(np.concatenate(([0.0], values)))
    means: NDArray[np.float64] = (sums[width:] - sums[:-width]) / width
    return means


def _outside(what: str, value: float, unit: str, limits: tuple[float, float]) -> str:
    """Say that a value is outside its limits; empty if it is not."""
    least, most = limits
    return "" if least <= value <= most else f"{what} {value:.1f} {unit}; {least:g} to {most:g} is allowed"


def _samples(milliseconds: int) -> int:
    """Samples of a clip in so many ms."""
    return RATE * milliseconds // 1000
