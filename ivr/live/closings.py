"""What the office has closed, and who stands in for whom: read again and again beside the calls, which never wait.

What was read last holds until something else is read; a copy of it in a file holds after a restart too.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from ivr.core.closing import Change, Closing, StandIn, standing_in
from ivr.core.office import Office
from ivr.files import NotWritten, write_atomically
from ivr.records.faults import RecordsFault
from ivr.records.mirror import FILE, from_bytes, to_bytes
from ivr.records.rows import ClosingRow, Rows
from ivr.serving import Current
from ivr.settings.read import Settings

log = logging.getLogger(__name__)

FIRST_SECONDS = 1.0
"""How long a start waits for the database at most."""
END_SECONDS = 1.0
"""How long an end waits for a copy that is being written."""
MOST_FAILURES, MOST_SECONDS = 3, 10.0
"""After so many reads in a row that failed, or so many seconds without a good one, closings are unknown."""
LONGEST = timedelta(days=800)
"""A closing of more days is a slip: each of its days is worked out, and a line has other things to do."""
MAKE_ANEW = "Remedy: withdraw what is meant no more, and make the others anew (`ivr closings`)"
MAY_WRITE = "Remedy: let the user of the line write to IVR_STATE"
DATABASE = "the database does not answer. Remedy: see that it runs"
DISK = "the disk of IVR_STATE does not answer. Remedy: look at it, and restart the line"
"""What a read that never ends waits for."""
PUT_BACK = (
    "Remedy: restart the line if the program was updated; if it stays, put the last backup of the records in its place"
)


class ClosingsReader:
    """A thread that reads every few seconds, or at once when asked, and lets hold what it finds.

    `rows`: where it reads, or the fault by which it cannot. `clock` and `steady` give the time, and seconds that never
    jump.
    """

    def __init__(
        self,
        rows: Rows | RecordsFault,
        current: Current,
        state: Path,
        every: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rows, self._current, self._every = rows, current, every
        self._longest = max(MOST_SECONDS, MOST_FAILURES * every)
        self._mirror = state / FILE
        self._clock, self._steady = clock, steady
        self._known: tuple[Change, ...] = ()
        self._unreadable: tuple[str, ...] = ()
        self._left_out: tuple[str, ...] = ()
        self._failures, self._why, self._not_kept = 0, "", ""
        self._waits_for = DATABASE
        self._last_good = steady()
        self._wake, self._looked, self._over = threading.Event(), threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="closings", daemon=True)

    def start(self) -> None:
        """Let hold what the copy says, and what the database says if it answers soon; then go on reading."""
        self._take_mirror()
        self._thread.start()
        answered = self._looked.wait(FIRST_SECONDS)
        if why := self._why if answered else "the database has not answered yet":
            log.warning("closings of the office are not known: %s", why)

    def look_soon(self) -> None:
        """Read now and not at the next turn (SIGHUP)."""
        self._wake.set()

    def stop(self) -> None:
        """End. A copy that is being written is waited for a moment, a database that does not answer no longer."""
        self._over = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(END_SECONDS)

    @property
    def unknown(self) -> str:
        """Why it is not known, or not wholly, what the office has closed; empty if all is well."""
        if self._failures >= MOST_FAILURES or self._steady() - self._last_good > self._longest:
            why = self._why or self._waits_for
            return f"what the office has closed or opened since is not known, and what it had before holds: {why}"
        told = ((self._unreadable, PUT_BACK), (self._left_out, MAKE_ANEW))
        if faults := [f"{'; '.join(left_out)}. {remedy}" for left_out, remedy in told if left_out]:
            return f"{'. '.join(faults)}."
        return self._not_kept

    @property
    def count(self) -> int:
        """How many closings and stand-ins are known."""
        return len(self._known)

    def look(self) -> None:
        """Read once, and let hold what is known then."""
        now = self._clock()
        not_read = self._tried(self._read, now)
        not_applied = self._tried(self._apply, now)  # also where nothing was read: what has ended holds no more
        not_kept = "" if not_read else self._tried(self._keep, now)  # at last: no caller waits for a slow disk
        if why := not_applied or not_read or not_kept:
            self._failures, self._why = self._failures + 1, why
        else:
            self._failures, self._why, self._last_good = 0, "", self._steady()

    def _tried(self, act: Callable[[datetime], None], now: datetime) -> str:
        """Do something; why it failed, or nothing."""
        try:
            act(now)
        except RecordsFault as fault:
            return str(fault)
        except Exception as error:
            why = f"the program fails ({type(error).__name__}). Remedy: report it; the log names the place"
            if why != self._why:
                log.exception("closings cannot be read or taken over")
            return why
        return ""

    def _run(self) -> None:
        while not self._over:
            self.look()
            self._looked.set()
            self._wake.wait(self._every)
            self._wake.clear()
        if not isinstance(self._rows, RecordsFault):
            self._rows.close()

    def _read(self, now: datetime) -> None:
        if isinstance(self._rows, RecordsFault):
            raise self._rows
        rows = self._rows.read(now)
        if rows is None and any(change.ends > now for change in self._known):
            raise RecordsFault(
                f"{self._rows.name} is gone", "put it back, or the last backup by `ivr records restore FILE`"
            )
        self._known, self._unreadable = read(rows or ())

    def _take_mirror(self) -> None:
        try:
            data = self._mirrored()
            self._known = from_bytes(data) if data else ()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "the line has not written what is in it"
            log.warning("the copy of the closings is not used, %s: %s", self._mirror, why)
        self._tried(self._apply, self._clock())

    def _keep(self, _now: datetime) -> None:
        """Write the copy where it says something else, cannot be read, or has been lost."""
        data, why = to_bytes(self._known), ""
        self._waits_for = DISK
        try:
            if data != (there := self._mirrored_if_readable()) and (self._known or there != b""):
                self._mirror.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(self._mirror, data, mode=0o600, durable=True)
        except OSError as error:
            why = str(error) if isinstance(error, NotWritten) else f"{self._mirror}: {error.strerror}. {MAY_WRITE}"
        self._waits_for = DATABASE
        told = why and self._known
        self._not_kept = f"closings would not hold after a restart without their database: {why}" if told else ""

    def _mirrored_if_readable(self) -> bytes | None:
        """The copy; None where something lies in its place, such as what only root may read."""
        try:
            return self._mirrored()
        except OSError:
            return None

    def _mirrored(self) -> bytes:
        """The copy; nothing where there is none."""
        try:
            return self._mirror.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return b""

    def _apply(self, now: datetime) -> None:
        """What holds at a moment, as far as the content and the settings of now know it."""
        office, settings = self._current.serving.content.office, self._current.serving.settings
        known = tuple(change for change in self._known if change.ends > now)
        faults = {change: TOLD[why] for change in known if (why := unfit(change, office, settings))}
        good = [change for change in known if change not in faults]
        stand_ins = {contact: each.label for contact, each in standing_in(good, now).items()}
        self._current.close(tuple(each for each in good if isinstance(each, Closing)), stand_ins)
        self._left_out = tuple(dict.fromkeys(faults.values()))


def read(rows: Iterable[ClosingRow]) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """What rows say, and what is told of those that say nothing."""
    changes, faults = list[Change](), list[str]()
    for row in rows:
        try:
            changes.append(row.change())
        except (AttributeError, LookupError, TypeError, ValueError):
            faults.append(f"closing {row.id} cannot be read and does not hold")
    return tuple(changes), tuple(faults)


Unfit = Literal["too long", "no service", "no number"]
"""Why a closing or a stand-in cannot hold."""
TOLD: Mapping[Unfit, str] = {
    "too long": f"a closing of more than {LONGEST.days} days does not hold",
    "no service": "a closing is of a service that office.yaml does not have, and does not hold",
    "no number": "a number that should ring in place of a contact is not among those of IVR_SPARE_, and does not ring",
}
"""What an operator is told. No label is named: it may be somebody's name."""


def unfit(change: Change, office: Office, settings: Settings) -> Unfit | None:
    """Why a closing or a stand-in cannot hold; None if it can."""
    if change.ends - change.begins > LONGEST:
        return "too long"
    if isinstance(change, StandIn):
        return None if change.label in settings.spares.get(change.contact, {}) else "no number"
    return None if change.schedule in office.hours else "no service"
