"""Meanings that readers have said aloud, until they say whether the clip was right: in memory, and nowhere else.

So nothing of a voice is on a disk that no row of the records names, by which it is found when it is taken back.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

MOST_OF_ONE, MOST_WAITING = 20, 100
"""Of meanings, of one session and of all; a new one replaces the one that has waited longest. Each has half a megabyte
at most.
"""


class SpokenMeanings:
    """Session and name -> the clip. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clips = OrderedDict[tuple[int, str], bytes]()

    def keep(self, session: int, name: str, clip: bytes) -> None:
        """Keep what somebody has said."""
        with self._lock:
            self._clips[session, name] = clip
            own = [key for key in self._clips if key[0] == session]
            for key in (*own[:-MOST_OF_ONE], *[*self._clips][:-MOST_WAITING]):
                self._clips.pop(key, None)

    def get(self, session: int, name: str) -> bytes | None:
        """What is kept under a name; None where nothing is."""
        with self._lock:
            return self._clips.get((session, name))

    def forget(self, session: int, name: str) -> None:
        """Keep it no more."""
        with self._lock:
            self._clips.pop((session, name), None)
