"""How long a request may take, and what is tried again (docs/twilio.md, Connection overrides)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urldefrag

from ivr.phone.network.transport import AttemptLimits

Kind = Literal["ct", "rt", "4xx", "5xx", "broken"]
"""What went wrong with an attempt, in the words of `rp`; a broken answer is never tried again."""


@dataclass(frozen=True)
class Overrides:
    """The overrides in the fragment of an address, or what holds without them. Times in seconds."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    retried: frozenset[str] = frozenset({"ct"})

    @classmethod
    def of(cls, url: str) -> Overrides:
        """Read a fragment, which the grammar has checked."""
        given = dict(pair.split("=", 1) for pair in urldefrag(url).fragment.split("&") if pair)
        usual = cls()
        return cls(
            connect=int(given.get("ct", usual.connect * 1000)) / 1000,
            read=int(given.get("rt", usual.read * 1000)) / 1000,
            total=int(given.get("tt", usual.total * 1000)) / 1000,
            retries=int(given.get("rc", usual.retries)),
            retried=frozenset(given["rp"].split(",")) if "rp" in given else usual.retried,
        )

    def limits(self, spent: float) -> AttemptLimits:
        """The limits of an attempt after `spent` seconds."""
        left = max(0.0, self.total - spent)
        return AttemptLimits(min(self.connect, left), min(self.read, left), left)

    def again(self, kind: Kind) -> bool:
        """Whether an attempt that failed like this is followed by another."""
        return kind != "broken" and not self.retried.isdisjoint({kind, "all"})
