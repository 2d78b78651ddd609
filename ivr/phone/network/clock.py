"""The time of a simulated call."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class VirtualClock:
    """A clock that moves only when told to; `pace` may sleep, so that a scripted call can be watched."""

    def __init__(self, start: datetime, pace: Callable[[float], None] = lambda _seconds: None) -> None:
        if start.tzinfo is None:
            raise ValueError("VirtualClock needs a start with a time zone, such as ZoneInfo('Europe/Helsinki')")
        self._zone = start.tzinfo
        # Kept in UTC: adding to a local time would miss the hour of a clock change.
        self._now = start.astimezone(UTC)
        self._pace = pace

    def now(self) -> datetime:
        """The moment it is, in the zone of the start."""
        return self._now.astimezone(self._zone)

    def advance(self, seconds: float) -> None:
        """Let that much time pass."""
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} s")
        self._pace(seconds)
        self._now += timedelta(seconds=seconds)
