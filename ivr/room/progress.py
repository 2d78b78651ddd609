"""How far somebody is with recording a language, and how long the rest will take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from ivr.records.room import Take

TIMES, PAUSE_S = 3.0, 5.0
"""Until somebody has read some: each sentence is heard, read, and heard again; and 5 seconds for the rest."""
BREAK_S = 120.0
"""A longer time between two takes was a break."""
ENOUGH = 5
"""Times between takes by which it is known how fast somebody is."""
LEAST_TIMES = 1.5
"""Takes that come faster have waited on a phone without a network."""


@dataclass(frozen=True)
class RoomProgress:
    """How many sentences are recorded in their words of today, of all; and the minutes that the others will take."""

    done: int
    all: int
    minutes: int

    @classmethod
    def of(cls, lengths: Mapping[str, tuple[str, float]], takes: tuple[Take, ...]) -> RoomProgress:
        """`lengths`: id -> words and seconds of each sentence. `takes`: all of one person's, in their order."""
        recorded = {take.sentence for take in takes if take.replaced is None and _words(lengths, take) == take.text}
        left = [seconds for id_, (_, seconds) in lengths.items() if id_ not in recorded]
        times = measured(takes)
        needed = sum(left) * times if times else sum(seconds * TIMES + PAUSE_S for seconds in left)
        return cls(len(recorded), len(lengths), ceil(needed / 60))


def _words(lengths: Mapping[str, tuple[str, float]], take: Take) -> str | None:
    return lengths[take.sentence][0] if take.sentence in lengths else None


def measured(takes: tuple[Take, ...]) -> float | None:
    """How many times its own length somebody needs for a sentence, by their takes; None while there are too few."""
    gaps = [((after.at - before.at).total_seconds(), after.seconds) for before, after in pairwise(takes)]
    counted = [(gap, seconds) for gap, seconds in gaps if gap <= BREAK_S]
    if len(counted) < ENOUGH:
        return None
    whole, spoken = (sum(each) for each in zip(*counted, strict=True))
    return max(LEAST_TIMES, whole / spoken) if spoken else None
