"""Active speech level: constructed signals of known level, and ITU-T P.56 method B written out sample by sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.speech.level import Samples, active_level, flat_tops, peak_dbfs
from tests.speech.sounds import hiss, of_power, sentence, silence, talk

RATES = (8000, 16000, 22050, 24000)
SPURT_S, HANGOVER_S = 2.0, 0.2


def spurts(rate: int, activity: float, dbov: float) -> Samples:
    """Noise in syllables, in three spurts of 2 s; a spurt and its hangover are `activity` of the time.

    P.56 counts the hangover of 200 ms as speech, so the level is that of the power over spurts and hangovers.
    """
    rng = np.random.default_rng(7)
    time = np.arange(round(SPURT_S * rate)) / rate
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time - np.pi / 2)
    pause = np.zeros(round(((SPURT_S + HANGOVER_S) / activity - SPURT_S) * rate))
    parts = [part for _ in range(3) for part in (syllables * rng.standard_normal(time.size), pause)]
    whole = np.concatenate(parts)
    return of_power(whole, dbov + 10 * math.log10(activity))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("activity", [0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("dbov", [-40.0, -30.0, -24.0, -10.0])
def test_agrees_within_0_3_db_with_spurts_of_known_level(rate: int, activity: float, dbov: float) -> None:
    found = active_level(spurts(rate, activity, dbov), rate)
    assert found == pytest.approx(dbov, abs=0.3)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("dbov", [-40.0, -24.0, -10.0])
def test_speech_without_a_pause_has_the_level_of_its_mean_power(rate: int, dbov: float) -> None:
    found = active_level(talk(rate, 6.0) * np.float32(10 ** (dbov / 20)), rate)
    assert found == pytest.approx(dbov, abs=0.3)


def method_b(samples: NDArray[np.float64], rate: int) -> float:
    """P.56 method B as it is written: envelope, then for every threshold a count of activity with its hangover."""
    g = math.exp(-1 / (rate * 0.03))
    thresholds = [2.0**-power for power in range(15, 0, -1)]
    counts, hung, hangover = [0] * 15, [math.inf] * 15, math.ceil(0.2 * rate)
    p = q = squares = 0.0
    for x in samples.tolist():
        squares += x * x
        p = g * p + (1 - g) * abs(x)
        q = g * q + (1 - g) * p
        for j, threshold in enumerate(thresholds):
            hung[j] = 0 if q >= threshold else hung[j] + 1
            counts[j] += hung[j] <= hangover
    levels = [10 * math.log10(squares / count) if count else math.inf for count in counts]
    over = [level - 20 * math.log10(c) - 15.9 for level, c in zip(levels, thresholds, strict=True)]
    j = next(j for j in range(15) if over[j] <= 0)
    share = over[j - 1] / (over[j - 1] - over[j])
    return levels[j - 1] + share * (levels[j] - levels[j - 1])


@pytest.mark.parametrize("rate", [8000, 22050])
@pytest.mark.parametrize("pauses", [(0.05, 0.15), (0.3, 1.0), (2.0, 0.19)])
def test_agrees_with_the_method_written_out(rate: int, pauses: tuple[float, float]) -> None:
    parts = [talk(rate, 0.8), silence(rate, pauses[0]), talk(rate, 0.3, 3) * 0.5, silence(rate, pauses[1])]
    signal = np.concatenate([*parts, talk(rate, 0.5, 4)]).astype(np.float64) * 0.1
    signal -= signal.mean()
    level = method_b(signal, rate)
    found = active_level(signal.astype(np.float32), rate)
    assert found == pytest.approx(level, abs=0.1)  # the thresholds lie elsewhere, so the interpolation differs


def test_more_gain_is_more_level_by_the_same_decibels() -> None:
    quiet = sentence(16000, dbov=-50.0)
    levels = [active_level(quiet * np.float32(10 ** (gain / 20)), 16000) for gain in (0, 1, 7.3, 30)]
    assert np.diff(levels) == pytest.approx([1, 6.3, 22.7], abs=1e-4)


def test_a_recording_longer_than_a_block_is_measured_as_one() -> None:
    once = sentence(8000, 2.5)
    assert active_level(np.tile(once, 9), 8000) == pytest.approx(active_level(once, 8000), abs=0.05)


def test_a_full_scale_sine_is_3_db_below_a_full_scale_square() -> None:
    time = np.arange(16000 * 4) / 16000
    sine = np.sin(2 * np.pi * 440 * time)
    assert active_level(sine.astype(np.float32), 16000) == pytest.approx(-3.01, abs=0.05)
    assert active_level(np.sign(sine + 1e-9).astype(np.float32), 16000) == pytest.approx(0, abs=0.05)


def test_a_constant_does_not_count() -> None:
    clean = sentence(8000)
    assert active_level(clean + np.float32(0.2), 8000) == pytest.approx(active_level(clean, 8000), abs=0.01)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        np.zeros(8000, np.float32),
        np.full(8000, 0.5, np.float32),
        np.full(1, 0.5, np.float32),
        np.eye(1, 8000, 4000, dtype=np.float32)[0],
        hiss(8000, 1.0, -110.0),
    ],
    ids=["no samples", "zeros", "a constant", "one sample", "one click", "rounding"],
)
def test_what_is_not_speech_has_no_level(sound: Samples) -> None:
    assert active_level(sound, 8000) == -math.inf


def test_what_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not all numbers"):
        active_level(np.array([0.1, math.nan], np.float32), 8000)


def test_peak() -> None:
    assert peak_dbfs(np.array([0.1, -0.5], np.float32)) == pytest.approx(-6.02, abs=0.01)
    assert peak_dbfs(np.zeros(3, np.float32)) == -math.inf
    assert peak_dbfs(np.zeros(0, np.float32)) == -math.inf


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_cut_off_peaks_are_counted_and_whole_ones_are_not(rate: int) -> None:
    loud = talk(rate, 2.0)
    whole = loud / np.abs(loud).max()
    assert flat_tops(whole, rate, 1.0) == 0
    assert flat_tops(np.clip(whole * 4, -1, 1), rate, 1.0) > 20
    assert flat_tops(np.clip(whole * 4, -1, 1) * 0.3, rate, 1.0) == 0
    assert flat_tops(np.clip(whole * 4, -1, 1) * 0.3, rate, 0.3) > 20
