"""Slows those who try passwords. Nobody is ever locked out: a stranger could do that to the office at 8:10."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from math import ceil

FREE = 3
"""Wrong passwords after which nobody has to wait yet: everybody mistypes."""
LONGEST = 5
"""Seconds to wait at most. Passwords have twelve characters: nobody guesses one in so few tries."""
FORGOTTEN = timedelta(minutes=15)
"""After so long without another try the count begins anew."""
MOST_KEPT = 10_000
"""Counts in memory; a new one replaces the one that was touched longest ago."""


class TooSoon(Exception):
    """Who tries a password has to wait for some seconds first."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


@dataclass
class _Tries:
    count: int
    last: datetime


class Slowing:
    """Counts tries by keys, and makes who comes too soon after the last of many wrong ones wait. It never sleeps."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now, self._lock = now, threading.Lock()
        self._tries = OrderedDict[Hashable, _Tries]()

    def begin(self, keys: Iterable[Hashable], only_counted: Iterable[Hashable] = ()) -> None:
        """Count a try before it is looked at, so that many at once count too. TooSoon if it may not be made yet.

        `only_counted`: keys whose count does not make this one wait.
        """
        keys = tuple(keys)
        with self._lock:
            now = self._now()
            if wait := max(self._seconds(key, now) for key in keys):
                raise TooSoon(wait)
            for key in (*keys, *only_counted):
                tries = self._tries.setdefault(key, _Tries(0, now))
                tries.count, tries.last = tries.count + 1, now
                self._tries.move_to_end(key)
            while len(self._tries) > MOST_KEPT:
                self._tries.popitem(last=False)

    def was_right(self, keys: Iterable[Hashable]) -> None:
        """Take back a try that was right. The wrong ones before it count on: who guesses may have one of their own."""
        with self._lock:
            for key in keys:
                if tries := self._tries.get(key):
                    tries.count -= 1

    def is_slowed(self, key: Hashable) -> bool:
        """Whether there were more wrong tries lately than are free; those that are looked at now count too."""
        with self._lock:
            self._seconds(key, self._now())
            return key in self._tries and self._tries[key].count > FREE

    def _seconds(self, key: Hashable, now: datetime) -> int:
        tries = self._tries.get(key)
        if tries is None:
            return 0
        passed = now - tries.last
        if not timedelta(0) <= passed < FORGOTTEN:  # before it: the clock was set back
            del self._tries[key]
            return 0
        wait = min(LONGEST, (1 << max(0, min(tries.count, 10) - FREE)) - 1)
        return max(0, ceil(wait - passed.total_seconds()))


def network_of(address: str) -> str:
    """What stands for whoever has an address: of IPv6, all of its /64, of which one machine has every address.

    An IPv4 address may be written as an IPv6 one; of these, all are in the same /64.
    """
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
