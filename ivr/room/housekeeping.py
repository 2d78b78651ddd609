"""What a room deletes by itself while it runs: takes that nobody hears, and what was broken off."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ivr.listening.unused import delete_unused
from ivr.records.faults import RecordsFault
from ivr.records.room import Room
from ivr.room.site import RoomSite

EVERY_S = 3600.0

log = logging.getLogger(__name__)


class Housekeeper:
    """A thread that looks at once, and then every hour."""

    def __init__(self, room: Room, recordings: Path, site: RoomSite, now: Callable[[], datetime]) -> None:
        self._room, self._recordings, self._site, self._now = room, recordings, site, now
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="room's housekeeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is done now."""
        self._over.set()

    def look(self) -> None:
        """Delete what is to go; what fails is told, and tried again the next time."""
        try:
            languages = self._site.now.content.languages.languages
            if deleted := delete_unused(self._room, self._recordings, languages, self._now()):
                log.warning("%d recordings that nobody hears were deleted", deleted)
        except RecordsFault as error:
            log.error("%s", error)  # noqa: TRY400 - it says what to do, and a trace adds nothing
        except OSError as error:
            log.error("what nobody hears was not deleted: %s", error.strerror or error)  # noqa: TRY400 - the same

    def _run(self) -> None:
        while not self._over.is_set():
            self.look()
            self._over.wait(EVERY_S)
