"""How often somebody may ask: far more than anybody does, and less than would keep the others waiting."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

A_MINUTE = 60.0
MOST_KEPT = 10_000
"""Counts in memory; a new one replaces the one that was begun longest ago."""


class Rates:
    """Counts what each key has asked in the minute that began with its first request. Any thread may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._counts = OrderedDict[Hashable, tuple[float, int]]()

    def is_too_often(self, key: Hashable, most: int) -> bool:
        """Count a request; whether it is more than so many in a minute."""
        with self._lock:
            now = self._clock()
            began, count = self._counts.get(key, (now, 0))
            if now - began >= A_MINUTE:
                began, count = now, 0
                self._counts.pop(key, None)
            self._counts[key] = began, count + 1
            while len(self._counts) > MOST_KEPT:
                self._counts.popitem(last=False)
            return count >= most
