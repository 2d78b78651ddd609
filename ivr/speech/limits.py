"""The limits that clips keep (rule S1), and what is measured for them. It needs no library of sound."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.speech.clips import Ending

LEVEL_LIMITS_DBOV = (-26.0, -22.0)
PEAK_LIMIT_DBFS = -6.0
LEAD_LIMITS_MS = (100, 200)
TAIL_LIMITS_MS: Mapping[Ending, tuple[int, int]] = {
    "sentence": (200, 400),
    "option": (500, 700),
    "digit": (200, 400),
    "group": (200, 400),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Measures of a clip: active level in dBov (ITU-T P.56), peak in dBFS, silences in ms, whole length in seconds."""

    active_dbov: float
    peak_dbfs: float
    lead_ms: float
    tail_ms: float
    clipped: bool
    seconds: float


def faults(measured: Measured, ending: Ending) -> list[str]:
    """The limits of rule S1 that a clip breaks, in words."""
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


def _outside(what: str, value: float, unit: str, limits: tuple[float, float]) -> str:
    """A message where a value is outside its limits; empty where it is not."""
    least, most = limits
    return "" if least <= value <= most else f"{what} {value:.1f} {unit}; {least:g} to {most:g} is allowed"
