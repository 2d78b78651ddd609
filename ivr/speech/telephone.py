"""Make speech into clips for the telephone, and measure whether clips keep the limits of rule S1."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray

from ivr.speech.clips import RATE, Ending
from ivr.speech.level import Samples, active_level, flat_tops, peak_dbfs
from ivr.speech.limits import Measured
from ivr.speech.mulaw import to_wav
from ivr.speech.port import EngineFault, Speech

TARGET_DBOV = -24.0
CEILING = 10 ** (-6.5 / 20)
"""Mu-law has no value between -6.2 and -5.8 dBFS: a peak just below the limit would be rounded to above it."""
LEAD_MS = 115
TAIL_MS: Mapping[Ending, int] = {"sentence": 230, "option": 530, "digit": 220, "group": 370}
"""Silence added at the end. Digits are to follow closely, but at their limit of 200 a clip might measure as less."""
FAINTEST_DBOV = -70.0
"""Below this level there is only the noise of the engine or of the conversion."""
LOOK_AHEAD = RATE * 5 // 1000
"""Samples before and after a peak over which the limiter turns down (5 ms)."""
FRAME = RATE // 100
"""Samples in a frame of 10 ms, a pitch period of a very deep voice."""
CLICK_FRAMES, APART_FRAMES = 2, 20
"""In frames: a sound of at most 20 ms that is 200 ms away from all others is a click and no consonant."""
ATTACK, DECAY = RATE * 20 // 1000, RATE * 40 // 1000
"""Samples kept before and after the loud part, faded: a breath, the end of a vowel (20 and 40 ms)."""


def to_clip(speech: Speech, ending: Ending) -> bytes:
    """The bytes of a clip, always the same for the same speech. EngineFault where there is no speech."""
    return to_wav(for_telephone(speech, ending))


def for_telephone(speech: Speech, ending: Ending) -> Samples:
    """Resample, trim, pad, level and limit speech as rule S1 demands; 8000 samples a second. Raises EngineFault."""
    narrow = narrowed(speech)
    lead, tail = RATE * LEAD_MS // 1000, RATE * TAIL_MS[ending] // 1000
    sound = _levelled(np.pad(_trimmed(narrow, _audible(narrow)), (lead, tail)))
    # Measured again, as limiter and fades have changed where it is loud; only added silence is cut.
    first, last = speech_span(sound, _audible(sound))
    # Levelled again, as the hangover after a short word may now reach the end of the clip.
    return _levelled(sound[max(0, first - lead) : last + tail])


def measure(samples: Samples) -> Measured:
    """Measure a clip of 8000 samples a second. Without speech, lead and tail are its whole length."""
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


def narrowed(speech: Speech) -> Samples:
    """Speech at 8000 samples a second, without offset and rumble. EngineFault where it is damaged."""
    sound: Samples = speech.samples
    if not np.isfinite(sound).all():
        raise EngineFault("The sound that was made is damaged: it is not all numbers. Try another voice")
    if speech.rate != RATE and sound.size:
        sound = soxr.resample(sound, speech.rate, RATE, quality="VHQ")
    return _without_rumble(sound) if sound.size else sound


def frame_levels(samples: Samples) -> NDArray[np.float64]:
    """The level of each frame of 10 ms in dBov; -120 for silence."""
    frames = np.pad(samples, (0, -samples.size % FRAME)).reshape(-1, FRAME).astype(np.float64)
    levels: NDArray[np.float64] = 10 * np.log10(np.einsum("ij,ij->i", frames, frames) / FRAME + 1e-12)
    return levels


def noise_floor(levels: NDArray[np.float64]) -> float:
    """The level between the words in dBov: the tenth percentile of the frames."""
    return float(np.percentile(levels, 10))


def speech_span(samples: Samples, active_dbov: float) -> tuple[int, int]:
    """The first sample of speech and the one after its last, in steps of 10 ms at 8000 samples a second.

    The threshold is 35 dB below the active level, as a faint f is, but 6 dB above the noise; and never less than 15 dB
    below the active level, or a clip without a pause would seem all noise.
    """
    levels = frame_levels(samples)
    threshold = min(max(active_dbov - 35, noise_floor(levels) + 6), active_dbov - 15)
    loud = np.flatnonzero(levels > threshold)
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > APART_FRAMES) + 1)
    while len(groups) > 1 and groups[0].size <= CLICK_FRAMES:
        groups.pop(0)
    while len(groups) > 1 and groups[-1].size <= CLICK_FRAMES:
        groups.pop()
    return int(groups[0][0]) * FRAME, min(samples.size, (int(groups[-1][-1]) + 1) * FRAME)


def _audible(sound: Samples) -> float:
    """The active level of sound in dBov. EngineFault where there is no speech."""
    if (level := active_level(sound, RATE)) < FAINTEST_DBOV:
        raise EngineFault("There is no speech in the sound that was made. Try another voice")
    return level


def _without_rumble(sound: Samples) -> Samples:
    """Remove what is below 60 Hz, and ever less of it up to 120 Hz: telephones carry 300 to 3400 Hz (ITU-T G.712)."""
    margin = RATE // 10  # or the filter would ring from the end into the start
    size = sound.size + margin + -(sound.size + margin) % 4096  # multiples of 4096 transform fast
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
    """A gain from 0 to 1 along a squared sine."""
    return (np.sin((np.arange(length) + 0.5) / length * np.pi / 2) ** 2).astype(np.float32)


def _levelled(sound: Samples) -> Samples:
    """Bring active speech to -24 dBov with no peak above the ceiling (rule S1)."""
    gain_db = TARGET_DBOV - _audible(sound)
    for _ in range(6):  # to restore the level that the limiter takes; speech needs two or three rounds
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

    The gain is the least that is needed within the look-ahead on either side, averaged twice over the look-ahead. All
    averaged values are at most what the sample in the middle needs, so every peak stays below the ceiling.
    """
    needed = np.minimum(1.0, CEILING / np.maximum(np.abs(sound.astype(np.float64)), CEILING))
    least = _least(np.pad(needed, LOOK_AHEAD, mode="edge"), 2 * LOOK_AHEAD + 1)
    smooth = _mean(_mean(np.pad(least, LOOK_AHEAD, mode="edge"), LOOK_AHEAD + 1), LOOK_AHEAD + 1)
    return (sound * smooth).astype(np.float32)


def _least(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """The least of every `width` neighbours, by doubling the window."""
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
