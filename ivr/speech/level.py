"""How loud speech is: the active speech level of ITU-T P.56, method B."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]
"""Mono sound; 1.0 is full scale."""
_Floats: TypeAlias = NDArray[np.float64]

TIME_CONSTANT_S = 0.03
"""Of each of the two exponential averages that make the envelope (P.56, method B: T)."""
HANGOVER_S = 0.2
"""A gap up to this long still counts as speech (P.56, method B: H)."""
MARGIN_DB = 15.9
"""What lies this far below the active level is not speech (P.56, method B: M)."""
SILENCE_DBOV = -100.0
"""Below the last bit of 16: rounding, not sound."""
FLAT_S = 0.00025
"""Speech below 500 Hz stays this long within 2 % of a peak only where something cut the peak off."""


def active_level(samples: Samples, rate: int) -> float:
    """The level while somebody speaks in dBov, 0 being a full-scale square wave; -inf if nobody does.

    As ITU-T P.56, method B. ValueError where samples are not all numbers.
    """
    if not samples.size:
        return -math.inf
    signal = samples.astype(np.float64)
    signal -= signal.mean()  # a constant is not heard
    power = float(np.einsum("i,i->", signal, signal)) / signal.size  # no BLAS: its idle threads spin
    if not math.isfinite(power):
        raise ValueError("the samples are not all numbers")
    if power < _ratio(SILENCE_DBOV):
        return -math.inf
    active = _active_power(_envelope(signal, rate), power, round(HANGOVER_S * rate))
    return -math.inf if active is None else 10 * math.log10(active)


def peak_dbfs(samples: Samples) -> float:
    """The highest sample in dB below full scale; -inf for none or nothing but zeros."""
    peak = float(np.abs(samples).max(initial=0.0))
    return 20 * math.log10(peak) if peak else -math.inf


def flat_tops(samples: Samples, rate: int, top: float) -> int:
    """Count the places where the wave stays within 2 % of `top` (1.0 is full scale) as only a cut-off peak does."""
    starts, ends = _runs(np.abs(samples) >= 0.98 * top)
    return int(np.count_nonzero(ends - starts >= max(3, round(FLAT_S * rate))))


def _active_power(envelope: _Floats, power: float, hangover: int) -> float | None:
    """Find the level that lies the margin above its own threshold (P.56, method B: interpolation), as mean square.

    Thresholds go up by factors of 2. The lowest lies the margin below the mean level of the whole signal, where the
    difference is never below the margin, so that none below it need be tried; and so a gain of 1 dB is always read
    as 1 dB, whatever the level.
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
    return None  # single clicks: nothing lasts long enough to be speech


def _active_samples(loud: NDArray[np.bool_], hangover: int) -> int:
    """Count the samples above a threshold, and after each of them up to `hangover` below it."""
    starts, ends = _runs(loud)
    gaps = np.append(starts[1:], loud.size) - ends if ends.size else ends
    return int((ends - starts).sum() + np.minimum(gaps, hangover).sum())


def _runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each run of true begins, and where it has ended, as indices."""
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return edges[::2], edges[1::2]


def _envelope(signal: _Floats, rate: int) -> _Floats:
    """Average the magnitude exponentially, twice (P.56, method B: p and q)."""
    return _averaged(_averaged(np.abs(signal), rate), rate)


def _averaged(values: _Floats, rate: int) -> _Floats:
    """Compute y[i] = g y[i-1] + (1 - g) x[i], the time constant being 30 ms.

    y[i] / g^i is a running sum. All terms are positive, so nothing cancels; blocks keep 1 / g^i in the range of floats.
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
    """For a block of 100 time constants: the powers g^1, g^2 ..., and (1 - g) / them."""
    constant = rate * TIME_CONSTANT_S
    fall = np.exp(-np.arange(1, round(100 * constant) + 1) / constant)
    return fall, (1 - math.exp(-1 / constant)) / fall


def _ratio(decibels: float) -> float:
    """A ratio of powers from decibels."""
    return float(10 ** (decibels / 10))
