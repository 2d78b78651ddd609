"""The running line: what `ivr serve` is made of, and the order in which it starts and ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ivr.app import line_app, operators_app
from ivr.connections.connection import Limits
from ivr.journal import Journal
from ivr.live.closings import ClosingsReader
from ivr.live.processes import Presence
from ivr.live.site import WatchedSite
from ivr.live.start import Started
from ivr.metrics import Metrics, Teller
from ivr.records.faults import RecordsFault
from ivr.records.reach import STEPS, delete_steps
from ivr.records.rows import Rows, rows_of
from ivr.records.seen import SeenTables, seen_tables
from ivr.serve import serve
from ivr.service_manager import ServiceManager
from ivr.settings.read import counts_calls
from ivr.speech.voices import Audio
from ivr.telephony.web import unseen

if TYPE_CHECKING:
    from ivr.live.counting import Counting

log = logging.getLogger(__name__)


class RunningLine:
    """A line that watches its site, its clips and the office's closings. `start`, then `serve` until told to stop."""

    def __init__(self, site: Path, audio: Audio, env: Mapping[str, str]) -> None:
        self._env, self._site = env, WatchedSite(site, audio, env)

    def start(self) -> Started:
        """Prepare what is served first, as `WatchedSite` does, and let hold what the office has closed."""
        started = self._site.start()
        state, look = self._site.place.state, self._site.intervals.look
        self._closings = ClosingsReader(self._rows(), self._site.current, state, look)
        self._closings.start()
        return started

    def serve(
        self,
        journal: Journal,
        where: tuple[str, int],
        ready: Callable[[str, int], None],
        operators: tuple[str, int] | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        """Answer what was started, until SIGTERM or SIGINT; then close the journal.

        OSError where an address cannot be listened on. `operators`: where they read details; `warnings`: what they are
        told besides.
        """
        current, watcher, closings = self._site.current, self._site.watcher, self._closings
        intervals = self._site.intervals
        metrics = Metrics(intervals.alarm)
        metrics.state("content_refused", lambda: watcher.refused)
        metrics.state("languages_missing", lambda: watcher.missing)
        metrics.state("watching_failed", lambda: watcher.failed)
        metrics.state("closings_unknown", lambda: closings.unknown)
        metrics.count("closings", lambda: closings.count)
        metrics.count("content_swaps", lambda: watcher.swaps)
        counting = self._counting()
        if counting:
            counting.tell(metrics)
        see = counting.see if counting else unseen
        app = line_app(current, _now, _steady(), journal, metrics, intervals.step, see)
        teller, manager = Teller(metrics, intervals.tell), ServiceManager(self._env)
        presence = Presence(self._site.place.state, operators)

        def listening(host: str, port: int) -> None:
            watcher.start()
            teller.start()
            if counting:
                counting.start()
            current.ready = True
            ready(host, port)
            manager.ready()
            presence.begins(host, port)

        def hang_up() -> None:
            journal.reopen()
            watcher.look_soon()
            closings.look_soon()

        def stop() -> None:
            current.ready = False
            manager.stopping()

        also = [(operators_app(current, metrics, warnings), *operators)] if operators else []
        try:
            limits = Limits(whole=intervals.request)
            serve(
                app, *where, listening, also=also, on_hup=hang_up, on_stop=stop, on_turn=manager.goes_on, limits=limits
            )
        finally:
            teller.stop()
            watcher.stop()
            closings.stop()
            presence.ends()
            if counting:
                counting.stop()
            journal.close()
            manager.close()

    def _counting(self) -> Counting | None:
        """What counts calls, unless the settings say that none are."""
        state = self._site.place.state
        if not counts_calls(self._env):
            try:
                delete_steps(state)  # what it was to hold for two days at most
            except OSError as error:
                log.warning("%s in IVR_STATE cannot be deleted (%s). Remedy: delete it", STEPS, error.strerror)
            return None
        from ivr.live.counting import Counting  # a line that counts nothing needs no SQLite

        tables: SeenTables | RecordsFault
        try:
            tables = seen_tables(self._env)
        except RecordsFault as fault:
            tables = fault
        current = self._site.current
        return Counting(lambda: current.serving.content, tables, state, self._env, self._site.intervals, _now)

    def _rows(self) -> Rows | RecordsFault:
        """Where closings are read. A setting that is wrong is told; calls are answered all the same."""
        try:
            return rows_of(self._env)
        except RecordsFault as fault:
            return fault


def _now() -> datetime:
    return datetime.now(UTC)


def _steady() -> Callable[[], float]:
    """Epoch seconds that go on evenly though the clock is set: by it the age of a call is known."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # it also goes on while the machine sleeps
    offset = time.time() - time.clock_gettime(clock)
    return lambda: time.clock_gettime(clock) + offset
