"""The time of a simulated call."""

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """A clock that moves only when told to."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("VirtualClock needs a start with a time zone, such as ZoneInfo('Europe/Helsinki')")
        self._zone = start.tzinfo
        # Kept in UTC: adding to a local time would miss the hour of a clock change.
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The current time, in the zone of the start."""
        return self._now.astimezone(self._zone)

    def advance(self, seconds: float) -> None:
        """Let time pass; ValueError if it is negative."""
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} s")
        self._now += timedelta(seconds=seconds)
