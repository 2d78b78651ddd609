"""Shorten the pauses inside a text: an engine leaves half a second between two sentences, a person a third of that."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ivr.speech.level import Samples
from ivr.speech.port import Speech

FRAME_S = 0.01
LONGEST_S = 0.18
QUIET = 0.003
"""Below this share of full scale an engine is silent: its own noise is far less, its faintest consonant far more."""
FADE_S = 0.004
"""Faded over this long on either side of a cut, so that none is heard."""


def with_short_pauses(speech: Speech) -> Speech:
    """The same speech without more than 180 ms of silence in any one place."""
    frame = max(1, round(speech.rate * FRAME_S))
    count = len(speech.samples) // frame
    loudest = np.abs(speech.samples[: count * frame]).reshape(count, frame).max(axis=1)
    loud = np.flatnonzero(loudest > QUIET)
    keep = round(LONGEST_S / FRAME_S)
    parts, start = list[Samples](), 0
    for before, after in pairwise(loud):
        if after - before > keep:
            cut = int(before + 1 + keep // 2) * frame
            parts.append(speech.samples[start:cut])
            start = int(after - keep // 2) * frame
    parts.append(speech.samples[start:])
    return Speech(_joined(parts, round(speech.rate * FADE_S)), speech.rate)


def _joined(parts: list[Samples], fade: int) -> Samples:
    if len(parts) == 1:
        return parts[0]
    rise = np.linspace(0, 1, fade, dtype=np.float32)
    for index, part in enumerate(parts):
        parts[index] = part = part.copy()
        if index:
            part[:fade] *= rise[: len(part)]
        if index < len(parts) - 1:
            part[-fade:] *= rise[::-1][-len(part) :]
    return np.concatenate(parts)
