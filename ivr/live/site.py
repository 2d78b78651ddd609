"""A site as a process has it: what is served of it now, and the watcher that swaps in what is new."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from ivr.core.content import Content
from ivr.live.intervals import Intervals
from ivr.live.preparer import Preparer
from ivr.live.start import Started, Starter
from ivr.live.watcher import Place, Watcher
from ivr.serving import Current
from ivr.settings.read import Settings, read_settings, requires_approval, speech_mode, state_folder
from ivr.speech.voices import Audio


class WatchedSite:
    """Made of what is first: `start`; then `watcher` is to be started and stopped. SettingsError as in `Intervals`."""

    current: Current
    watcher: Watcher

    def __init__(self, site: Path, audio: Audio, env: Mapping[str, str]) -> None:
        self.env, self.intervals = env, Intervals.read(env)
        self.place = Place(site, audio, state_folder(env), self._settings, _today, requires_approval(env))
        self._preparer = Preparer()

    def start(self) -> Started:
        """Prepare what is served first. CannotStart, NotPrepared or SettingsError where nothing can be.

        Whoever keeps what it gives keeps the first content in memory, also when another is served.
        """
        started = Starter(self.place, self._preparer, speech_mode(self.env)).start()
        self.current = Current(started.serving)
        self.watcher = Watcher(
            self.place,
            self.current,
            self._preparer,
            self.intervals.look,
            started.proved_on,
            started.files,
            started.refused,
        )
        return started

    def _settings(self, content: Content) -> Settings:
        return read_settings(self.env, content.office)


def _today() -> date:
    return datetime.now(UTC).date()
