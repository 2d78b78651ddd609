"""What was pressed, by what the stack tells of telephone events (RFC 4733). Times are in seconds.

A key is told at its start. The stack takes the packets of an event in whatever order they arrive: one that arrives
behind the event's end looks to it like the start of the same key again. It also misses a start while it believes that
the key is still held, and tells only the end. Some telephones tell each key twice, by RTP and by SIP INFO; the stack
does not say which of them it tells.
"""

import time

from baresip import Event, StackEvent

LATE_SECONDS = 0.06
"""So long after the end of an event its own packets may still arrive; nobody presses a key again so soon."""
SAME_END_SECONDS = 0.08
"""So long after the end of an event its end may still be repeated."""
TWICE_SECONDS = 0.12
"""So long after its start a key that is down may be told in the other way; nobody presses a key again so soon."""


class KeyEvents:
    """Makes one press of each event of a leg."""

    def __init__(self) -> None:
        self._last = ""
        self._started_at = self._ended_at = float("-inf")
        self._down = self._doubtful = False

    def pressed(self, event: StackEvent) -> str | None:
        """Take the start or the end of an event, at its time; return the key that was pressed, if one was."""
        at = time.monotonic()
        return self.starts(event.text, at) if event.event is Event.CALL_DTMF_START and event.text else self.ends(at)

    def starts(self, key: str, at: float) -> str | None:
        """Take the start of an event; return its key, or None if it tells the last one again."""
        if self._down and key == self._last and at - self._started_at < TWICE_SECONDS:
            return None
        if key == self._last and at - self._ended_at < LATE_SECONDS:
            self._doubtful = True
            return None
        self._doubtful, self._last = False, key
        self._down, self._started_at = True, at
        return key

    def ends(self, at: float) -> str | None:
        """Take the end of an event; return its key if it was pressed and its start was not told."""
        missed = self._doubtful and at - self._ended_at >= SAME_END_SECONDS
        self._down = self._doubtful = False
        self._ended_at = at
        return self._last if missed else None
