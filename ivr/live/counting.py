"""Counts calls beside the answers, which never wait: what was seen goes to a file, to the records, and into counts."""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path
from queue import SimpleQueue
from zoneinfo import ZoneInfo

from ivr.core.call import CallSeen
from ivr.core.content import Content
from ivr.journal import GATHER_SECONDS
from ivr.live.intervals import Intervals
from ivr.live.sighting import ONE_DAY, CallRows
from ivr.metrics import Metrics
from ivr.program import how_to_install, python
from ivr.records import seen
from ivr.records.faults import NOT_INSTALLED, RecordsFault
from ivr.records.folding import SeenRow, microseconds
from ivr.records.reach import VARIABLE
from ivr.records.seen import Known, NoTables, SeenTables
from ivr.records.spool import KEY_BYTES, Spool

log = logging.getLogger(__name__)

MOST_QUEUED = 10_000
BATCH = 500
"""So many rows go to the records in one transaction."""
LONGEST_WAIT = 30.0
"""Seconds until the records are tried again after a failure, at most."""
CLOSE_SECONDS, IDLE_SECONDS = 1.0, 0.2
FIRST_KEYS_SECONDS = 5.0
"""How long the first row waits for the keys that machines share."""
MAKE_EVERY, MAKE_SECONDS, NICE = 180.0, 120.0, 10
UNREACHED_SECONDS, LOST_SECONDS, CLEAN_SECONDS = 600.0, 600.0, 3600.0
HANGS = (
    "calls wait to be counted: the disk of IVR_STATE, or the records, have not answered for minutes. "
    "Remedy: look at that disk, and what the system tells of it"
)
PROGRAM_FAILS = "the program fails ({}). Remedy: report it; the log names the place"


class Counting:
    """Counts calls until it is stopped; two threads, one of which writes the file and the other the records.

    `tables`: where the records are, or the fault by which they cannot be had. `clock` gives aware moments, `steady`
    seconds that never jump.
    """

    def __init__(
        self,
        content: Callable[[], Content],
        tables: SeenTables | RecordsFault,
        state: Path,
        env: Mapping[str, str],
        intervals: Intervals,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._content, self._tables, self._intervals = content, tables, intervals
        self._clock, self._steady = clock, steady
        self._spool = Spool(state)
        self._keys: dict[date, bytes] = {}
        self._rows = CallRows(self._key)
        self._queue: SimpleQueue[CallSeen | None] = SimpleQueue()
        self._over, self._keys_asked = threading.Event(), threading.Event()
        self._maker = TablesMaker(env, state, steady)
        self._counting = threading.Lock()
        self._queued, self._not_queued, self._lost_told, self._lost_at = 0, 0, 0, -inf
        self._known, self._failures, self._why, self._reached = Known(), 0, "", steady()
        self._cleaned = -inf
        self._writer = threading.Thread(target=self._write_all, name="seen", daemon=True)
        self._mover = threading.Thread(target=self._move_all, name="counts", daemon=True)

    def see(self, seen: CallSeen) -> None:
        """Queue what was seen; it is lost if too much waits already, or after the end."""
        if self._over.is_set() or self._queue.qsize() >= MOST_QUEUED:
            with self._counting:
                self._not_queued += 1
        else:
            with self._counting:
                self._queued += 1
            self._queue.put(seen)

    def start(self) -> None:
        """Begin."""
        self._writer.start()
        self._mover.start()

    def stop(self, seconds: float = CLOSE_SECONDS) -> None:
        """Write what is queued, and end within some seconds; nobody waits for the records."""
        self._over.set()
        self._queue.put(None)
        self._keys_asked.set()  # what is queued waits for them no more
        self._maker.stop()
        for thread, longest in ((self._writer, seconds), (self._mover, IDLE_SECONDS)):
            if thread.is_alive():
                thread.join(longest)
        if not self._writer.is_alive() and not self._mover.is_alive():
            self._close()

    def _close(self) -> None:
        self._spool.close()
        if not isinstance(self._tables, RecordsFault):
            self._tables.close()

    def tell(self, metrics: Metrics) -> None:
        """Show in these metrics what an operator should know."""
        metrics.state("urgent_unanswered", self._urgent_unanswered)
        metrics.state("no_calls", self._no_calls)
        metrics.state("calls_not_counted", self._calls_not_counted)
        metrics.notice("calls_not_counted", lambda: self._maker.not_installed)
        metrics.count("seen_queued", lambda: self._queued)
        metrics.count("seen_waiting", lambda: self._queued + self._spool.waiting)
        metrics.count("seen_lost", lambda: self.lost)

    @property
    def lost(self) -> int:
        """How much of what was seen will never be counted."""
        return self._not_queued + self._spool.lost

    # --- what is told -------------------------------------------------------------------------------------------------

    def _urgent_unanswered(self) -> str:
        missed = self._known.urgent_missed
        if not missed or self._clock() - missed >= seen.FORGOTTEN:
            return ""
        return (
            "the urgent line was rung twice in a row and did not answer, the last time "
            f"at {missed.astimezone(self._zone):%H:%M}. Remedy: ring that phone yourself, from another one; "
            "`ivr doctor --ring` rings it as the line does"
        )

    def _no_calls(self) -> str:
        if not (days := self._known.silent_days):
            return ""
        return (
            f"no call has come for {days} whole days, longer than ever since calls are counted. "
            "Remedy: ring the line from a mobile phone; docs/silent-line.md if it does not answer"
        )

    def _calls_not_counted(self) -> str:
        now = self._steady()
        if self.lost > self._lost_told:
            self._lost_told, self._lost_at = self.lost, now
        told = []
        counts = not self._maker.not_installed
        if now - self._lost_at < LOST_SECONDS and counts:
            told.append(
                f"{self.lost} steps of calls are lost for the counts (since the start). "
                "Remedy: look at the disk of IVR_STATE, and whether the records can be reached; what is lost stays lost"
            )
        if self._spool.failing:
            told.append(f"steps are kept in memory alone: {self._spool.failing}")
        if now - self._reached >= UNREACHED_SECONDS + self._intervals.count and counts:
            if self._why:
                told.append(f"calls wait to be counted: {self._why}")
            elif self._mover.is_alive():
                told.append(HANGS)
        return "; ".join(told)

    # --- the thread that writes the file ------------------------------------------------------------------------------

    def _write_all(self) -> None:
        while not (self._over.is_set() and self._queue.empty()):
            waiting = [self._queue.get()]
            self._over.wait(GATHER_SECONDS)
            while not self._queue.empty() and len(waiting) < MOST_QUEUED:
                waiting.append(self._queue.get())
            if found := [each for each in waiting if each]:
                self._write(found)

    def _write(self, found: list[CallSeen]) -> None:
        rows, flow, lost = list[SeenRow](), self._content().flow, 0
        try:
            for each in found:
                of_it = [*self._rows.of(each, flow)]
                rows.extend(of_it)
                lost += not of_it
            self._spool.add(rows)
        except Exception:
            lost = len(found)
            log.exception("what was seen of calls cannot be written")
        with self._counting:
            self._not_queued += lost
            self._queued -= len(found)

    def _key(self, day: date) -> bytes | None:
        """The key of a day, which is made where there is none; None of a day whose key is deleted."""
        if (key := self._keys.get(day)) is None:
            self._keys = self._spool.keys()
            if day not in self._keys and self._shares_keys and not self._keys_asked.is_set():
                self._keys_asked.wait(FIRST_KEYS_SECONDS)
                self._keys_asked.set()  # nobody waits again
                self._keys = self._spool.keys()
            if (key := self._keys.get(day)) is None and day >= self._clock().astimezone(UTC).date() - ONE_DAY:
                key = self._keys[day] = self._spool.key(day)
        return key

    @property
    def _shares_keys(self) -> bool:
        return not isinstance(self._tables, RecordsFault) and self._tables.shares_keys

    # --- the thread that writes the records ---------------------------------------------------------------------------

    def _move_all(self) -> None:
        wait = 0.0
        while not self._over.wait(wait):
            why = self._tried()
            every = self._intervals.count
            if why:
                self._why, self._failures = why, self._failures + 1
                wait = min(max(every, LONGEST_WAIT), every * 2 ** min(self._failures, 10))
            else:
                self._why, self._failures, self._reached, wait = "", 0, self._steady(), every

    def _tried(self) -> str:
        """Do all there is to do in the records; why it failed, or nothing."""
        try:
            self.turn()
        except RecordsFault as fault:
            return str(fault)
        except Exception as error:
            why = PROGRAM_FAILS.format(type(error).__name__)
            if why != self._why:
                log.exception("calls cannot be counted")
            return why
        return ""

    def turn(self) -> None:
        """Move what waits, count the calls that are over, forget what is old, and look at what is known then.

        RecordsFault where the records cannot be had.
        """
        now = self._clock()
        yesterday = now.astimezone(UTC).date() - ONE_DAY
        self._spool.forget(microseconds(now - seen.LONGEST), yesterday)
        self._agree_on_keys(yesterday)
        if isinstance(self._tables, RecordsFault):
            raise self._tables
        try:
            self._share_keys(self._tables, now)
            self._move(self._tables)
            self._count(self._tables)
            self._maker.not_installed = ""
        except NoTables as fault:
            if self._spool.first(1):
                self._maker.make(fault)
        finally:
            self._keys_asked.set()

    def _agree_on_keys(self, first: date) -> None:
        """Use the keys of the file, which others use too. One that is made anew gets those that are used."""
        there = self._spool.keys()
        known = self._keys.copy()
        self._keys = {day: there.get(day) or self._spool.key(day, key) for day, key in known.items() if day >= first}

    def _share_keys(self, tables: SeenTables, now: datetime) -> None:
        """Have the keys of today and tomorrow as the other machines have them.

        One that the records lack is put there, as after a restore: a machine that starts then names calls alike. One
        that was made while they could not be had gives way: else this machine would count all calls of two days by
        itself; so it does those of this moment.
        """
        if not tables.shares_keys:
            return
        today = now.astimezone(UTC).date()
        there = self._spool.keys()
        for day in (today, today + ONE_DAY):
            with tables.transaction() as sql:
                shared = seen.key_of(sql, day, there.get(day) or secrets.token_bytes(KEY_BYTES))
            if there.get(day) != shared:
                self._spool.replace_key(day, shared)
                self._keys[day] = shared

    def _move(self, tables: SeenTables) -> None:
        moved = list[SeenRow]()
        # On a disk that is full they can be read, and not removed: then they come again.
        while not self._over.is_set() and (rows := self._spool.first(BATCH)) and rows != moved:
            with tables.transaction() as sql:
                seen.put(sql, rows, self._clock())
            self._spool.remove(rows)
            moved = rows

    def _count(self, tables: SeenTables) -> None:
        folded = seen.MOST_CALLS
        while folded == seen.MOST_CALLS and not self._over.is_set():
            with tables.transaction() as sql:
                folded = seen.fold_some(sql, self._zone, self._clock(), self._intervals.settle)
        now, clean = self._clock(), self._steady() - self._cleaned >= CLEAN_SECONDS
        today = now.astimezone(self._zone).date()
        with tables.transaction() as sql:
            seen.forget(sql, now)
            if clean:
                seen.forget_counts(sql, today)
            self._known = seen.look(sql, now, today)
        if clean and tables.tidy():
            self._spool.tidy()
            self._cleaned = self._steady()

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._content().office.zone)


class TablesMaker:
    """Makes the tables in a process of its own, once in a while. `not_installed`: what is told where it cannot."""

    def __init__(self, env: Mapping[str, str], state: Path, steady: Callable[[], float]) -> None:
        self._env = {VARIABLE: env.get(VARIABLE, ""), "IVR_STATE": str(state.absolute())}
        self._steady, self._tried_at = steady, -inf
        self._failed: RecordsFault | None = None
        self._lock, self._stopped = threading.Lock(), False
        self._running: subprocess.Popen[str] | None = None
        self.not_installed = ""

    def make(self, fault: NoTables) -> None:
        """Make them; RecordsFault if that failed, or has failed shortly before."""
        if self._steady() - self._tried_at < MAKE_EVERY:
            if self.not_installed:
                return
            raise self._failed or fault
        self._tried_at, self._failed = self._steady(), None
        with self._lock:
            if self._stopped:
                return
            process = self._running = subprocess.Popen(  # noqa: S603 - our own program
                python("-m", "ivr.records.make_tables"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env={**os.environ, **self._env},
                text=True,
            )
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        try:
            told, _ = process.communicate(timeout=MAKE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            told, _ = process.communicate()
        with self._lock:
            self._running = None
        self.not_installed = (
            f"calls are not counted, as what makes the records is not installed. Remedy: {how_to_install('office')}; "
            "or IVR_COUNTS=off"
            if process.returncode == NOT_INSTALLED
            else ""
        )
        if process.returncode and not self.not_installed and not self._stopped:
            what, _, remedy = told.partition(". Remedy: ")
            self._failed = RecordsFault(what, remedy.rstrip(".")) if remedy else fault
            raise self._failed

    def stop(self) -> None:
        """End the process that works now, and start no other."""
        with self._lock:
            self._stopped = True
            if self._running:
                self._running.kill()
