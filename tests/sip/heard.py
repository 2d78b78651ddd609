"""What a recording holds: which clips, in which order and how exactly, where ringback, and where nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

RATE = 8000
SAME = 0.999
RINGBACK_HERTZ = 425.0
_FRAME = 160
_NEAR = 16
"""Samples beside the best place that may be nearly as alike."""
_QUIET = 50.0
"""Root mean square of 16-bit samples under which a frame is silence; speech of our clips has some thousands."""
_TONE_SHARE = 0.9
"""Share of a frame's power that lies at 425 Hz where it is ringback."""


def from_mulaw(data: bytes) -> Samples:
    """The samples of mu-law bytes (ITU-T G.711), as 16-bit values."""
    value = np.frombuffer(data, np.uint8) ^ np.uint8(0xFF)
    exponent, mantissa = (value >> 4) & 7, value & 15
    size = ((mantissa.astype(np.int64) << 3) + 0x84 << exponent.astype(np.int64)) - 0x84
    return np.where(value & 0x80, -size, size).astype(np.float64)


def from_alaw(data: bytes) -> Samples:
    """The samples of A-law bytes (ITU-T G.711), as 16-bit values."""
    value = np.frombuffer(data, np.uint8) ^ np.uint8(0x55)
    exponent, mantissa = ((value >> 4) & 7).astype(np.int64), (value & 15).astype(np.int64)
    small = (mantissa << 4) + 8
    size = np.where(exponent == 0, small, (small + 0x100) << np.maximum(exponent - 1, 0))
    return np.where(value & 0x80, size, -size).astype(np.float64)


@dataclass(frozen=True)
class Found:
    """Where a clip lies in a recording (in samples), and how alike it is there (1.0: the same)."""

    begin: int
    end: int
    alike: float


def find(clip: Samples, recording: Samples, after: int = 0) -> Found:
    """The first place behind `after` that is the same as a clip, by normalised cross-correlation; else the likest."""
    part = recording[after:]
    length = len(clip)
    if length == 0 or len(part) < length:
        return Found(after, after, 0.0)
    size = 1 << int(len(part) + length - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(part, size) * np.conj(np.fft.rfft(clip, size)), size)
    products = products[: len(part) - length + 1]
    power = np.concatenate(([0.0], np.cumsum(part * part)))
    powers = np.maximum(power[length:] - power[:-length], 1.0)
    likeness = products / np.sqrt(powers * max(float(clip @ clip), 1.0))
    same = np.flatnonzero(likeness >= SAME)
    begin, end = (int(same[0]), int(same[0]) + _NEAR) if len(same) else (0, len(likeness))
    best = begin + int(np.argmax(likeness[begin:end]))
    return Found(after + best, after + best + length, float(likeness[best]))


def find_in_order(clips: Sequence[Samples], recording: Samples, slack: int = 60 * RATE) -> list[Found]:
    """Each clip behind the one before it, at most `slack` samples behind."""
    found, after = list[Found](), 0
    for clip in clips:
        one = find(clip, recording[: after + len(clip) + slack], after)
        found.append(one)
        after = one.end
    return found


def _frames(recording: Samples) -> Samples:
    return recording[: len(recording) // _FRAME * _FRAME].reshape(-1, _FRAME)


def longest_silence(recording: Samples) -> float:
    """Seconds of the longest stretch in which nothing is heard."""
    longest = now = 0
    for loud in np.sqrt((_frames(recording) ** 2).mean(axis=1)) > _QUIET:
        now = 0 if loud else now + 1
        longest = max(longest, now)
    return longest * _FRAME / RATE


def ringback(recording: Samples) -> list[tuple[float, float]]:
    """Where the tone of ringing is heard: begin and end of each stretch, in seconds."""
    frames = _frames(recording)
    wave = np.exp(-2j * np.pi * RINGBACK_HERTZ * np.arange(_FRAME) / RATE)
    power = (frames**2).sum(axis=1)
    share = 2 * np.abs(frames @ wave) ** 2 / (_FRAME * np.maximum(power, 1.0))
    tone = (share > _TONE_SHARE) & (np.sqrt(power / _FRAME) > _QUIET)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], tone.astype(np.int64), [0]))))
    return [(begin * _FRAME / RATE, end * _FRAME / RATE) for begin, end in edges.reshape(-1, 2).tolist()]
