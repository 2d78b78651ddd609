"""The level of speech: active speech level by ITU-T P.56, method B, and peaks."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]
"""Mono samples; 1.0 is full scale."""
_Floats: TypeAlias = NDArray[np.float64]

TIME_CONSTANT_S = 0.03
"""Time constant of each of the two exponential averages that make the envelope (P.56, method B: T)."""
HANGOVER_S = 0.2
"""A gap up to this long still counts as speech (P.56, method B: H)."""
MARGIN_DB = 15.9
"""How far the threshold for speech lies below the active level (P.56, method B: M)."""
SILENCE_DBOV = -100.0
"""Below the last bit of 16-bit samples: rounding noise only."""
FLAT_S = 0.00025
"""Speech below 500 Hz stays within 2 % of a peak for this long only where the peak is cut off."""


def active_level(samples: Samples, rate: int) -> float:
    """Active speech level in dBov (0 is a full-scale square wave); -inf without speech (ITU-T P.56, method B).

    `rate`: samples a second. ValueError for samples that are infinite or NaN.
    """
    if not samples.size:
        return -math.inf
    signal = samples.astype(np.float64)
    signal -= signal.mean()  # a constant offset cannot be heard
    power = (
        float(np.einsum("i,i->", signal, signal)) / signal.size
    )  # einsum, as the idle threads of BLAS take processor time
    if not math.isfinite(power):
        raise ValueError("the samples are not all numbers")
    if power < _ratio(SILENCE_DBOV):
        return -math.inf
    active = _active_power(_averaged(_averaged(np.abs(signal), rate), rate), power, round(HANGOVER_S * rate))
    return -math.inf if active is None else 10 * math.log10(active)


def peak_dbfs(samples: Samples) -> float:
    """The highest magnitude in dBFS; -inf for no samples or zeros only."""
    peak = float(np.abs(samples).max(initial=0.0))
    return 20 * math.log10(peak) if peak else -math.inf


def flat_tops(samples: Samples, rate: int, top: float) -> int:
    """Number of cut-off peaks: places where the wave stays within 2 % of `top` (1.0 is full scale)."""
    starts, ends = _runs(np.abs(samples) >= 0.98 * top)
    return int(np.count_nonzero(ends - starts >= max(3, round(FLAT_S * rate))))


def _active_power(envelope: _Floats, power: float, hangover: int) -> float | None:
    """The active level as mean square: that which lies the margin above its threshold (P.56, method B: interpolation).

    Thresholds go up by factors of 2. The lowest lies the margin below the mean level of the whole signal, since at
    lower ones the difference is always greater than the margin. So a gain of 1 dB always measures as 1 dB.
    """
    energy_db = 10 * math.log10(power * envelope.size)
    threshold_db = 10 * math.log10(power) - MARGIN_DB
    last: tuple[float, float] | None = None
    while count := _active_samples(envelope >= 10 ** (threshold_db / 20), hangover):
        level_db = energy_db - 10 * math.log10(count)
        excess = level_db - threshold_db - MARGIN_DB
        if excess <= 0:
            above, before = last or (0.0, level_db)
            share = above / (above - excess) if above > excess else 0.0
            return _ratio(before + share * (level_db - before))
        last = excess, level_db
        threshold_db += 20 * math.log10(2)
    return None  # clicks only: nothing lasts long enough to be speech


def _active_samples(loud: NDArray[np.bool_], hangover: int) -> int:
    """Number of samples above a threshold, and of up to `hangover` samples below it after each."""
    starts, ends = _runs(loud)
    gaps = np.append(starts[1:], loud.size) - ends if ends.size else ends
    return int((ends - starts).sum() + np.minimum(gaps, hangover).sum())


def _runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The index of the first item of each run of true, and the index after its last."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return edges[::2], edges[1::2]


def _averaged(values: _Floats, rate: int) -> _Floats:
    """Exponential average y[i] = g y[i-1] + (1 - g) x[i] (P.56, method B: p and q, one after the other).

    y[i] / g^i is a running sum of positive terms, so nothing cancels. Blocks keep 1 / g^i in the range of floats.
    """
    fall, rise = _weights(rate)
    averaged = np.empty_like(values)
    carried = 0.0
    for start in range(0, values.size, fall.size):
        block = values[start : start + fall.size]
        sums = np.cumsum(block * rise[: block.size])
        sums += carried
        sums *= fall[: block.size]
        averaged[start : start + block.size] = sums
        carried = float(sums[-1])
    return averaged


@lru_cache(maxsize=16)
def _weights(rate: int) -> tuple[_Floats, _Floats]:
    """For a block of 100 time constants: the powers g^1, g^2 ..., and (1 - g) divided by each."""
    constant = rate * TIME_CONSTANT_S
    fall = np.exp(-np.arange(1, round(100 * constant) + 1) / constant)
    return fall, (1 - math.exp(-1 / constant)) / fall


def _ratio(decibels: float) -> float:
    """Decibels as a ratio of powers."""
    return float(10 ** (decibels / 10))
