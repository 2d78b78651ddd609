"""What was seen of calls on its way to the records: a file that the processes of a machine share.

It outlives a restart, and the time in which the records cannot be had. Where it cannot be had itself, memory stands in.
"""

from __future__ import annotations

import errno
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from ivr.records.folding import SeenRow
from ivr.records.reach import SQLITE, STEPS, TIDY, delete_steps

FILE = STEPS
"""Its name in `IVR_STATE`."""
MOST_ROWS, MOST_IN_MEMORY = 200_000, 20_000
KEY_BYTES = 32
LOCK_SECONDS = 2.0
"""How long another process that writes is waited for."""
COLUMNS, DEFAULTS = SeenRow._fields, SeenRow._field_defaults
NEEDED = {"seen": {"id", *COLUMNS} - {*DEFAULTS}, "day_key": {"day", "key"}}
"""What a table of any version has. What one adds later may be empty: another version may still write there."""
TABLES = f"""
CREATE TABLE IF NOT EXISTS seen (
    id INTEGER PRIMARY KEY AUTOINCREMENT, {", ".join(f'"{name}"' for name in COLUMNS)}, UNIQUE ("call", token));
CREATE TABLE IF NOT EXISTS day_key (day TEXT PRIMARY KEY, key BLOB NOT NULL);
"""
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
INSERT = f"""
INSERT INTO seen ({NAMES}) VALUES ({", ".join("?" * len(COLUMNS))}) ON CONFLICT ("call", "token")
DO UPDATE SET "at" = excluded."at", "second" = excluded."second" WHERE excluded."at" < seen."at"
"""  # noqa: S608 - ours
"""Of a request that came twice the earlier counts: a slow process may take it when the call has long gone on."""
FIRST = f"SELECT {NAMES} FROM seen ORDER BY id LIMIT ?"  # noqa: S608 - ours
DELETE = 'DELETE FROM seen WHERE "call" = ? AND "token" = ?'
WAITING = "SELECT coalesce(max(id) - min(id) + 1, 0) FROM seen"
"""At most so many: they leave in the order in which they came."""
DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
NAMED = {errno.ENOSPC: "SQLITE_FULL", errno.EDQUOT: "SQLITE_FULL", errno.EIO: "SQLITE_IOERR"}
"""What SQLite calls a fault of the system."""
T = TypeVar("T")


class Spool:
    """Rows of any number of calls, and the keys by which calls are named; from any thread.

    `lost`: rows that never will be counted. `failing`: why memory stands in for the file; empty if it does not.
    `waiting`: how many rows are there, as far as was last seen.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._file: tuple[sqlite3.Connection, os.stat_result] | None = None
        self._memory: sqlite3.Connection | None = None
        self.lost, self.waiting, self.failing = 0, 0, ""

    def add(self, rows: Sequence[SeenRow]) -> None:
        """Keep rows; one that is there already is left as it is. What there is no room for is lost."""
        self._do(lambda opened: self._add(opened, rows))

    def _add(self, opened: sqlite3.Connection, rows: Sequence[SeenRow]) -> None:
        most = MOST_IN_MEMORY if opened is self._memory else MOST_ROWS
        with _transaction(opened):
            room = max(0, most - self._count(opened))
            opened.executemany(INSERT, rows[:room])
        self.lost += len(rows[room:])
        self.waiting = self._count(opened)

    def first(self, most: int) -> list[SeenRow]:
        """The rows that wait longest."""
        found = self._do(lambda opened: opened.execute(FIRST, [most]).fetchall())
        return [row_of(values) for values in found]

    def remove(self, rows: Iterable[SeenRow]) -> None:
        """Forget rows that are elsewhere now."""

        def remove(opened: sqlite3.Connection) -> None:
            with _transaction(opened):
                opened.executemany(DELETE, [(row.call, row.token) for row in rows])
            self.waiting = self._count(opened)

        self._do(remove)

    def forget(self, before: int, day: date) -> None:
        """Forget rows that were seen before a moment, in epoch microseconds: they are lost; and keys of days before."""

        def forget(opened: sqlite3.Connection) -> None:
            with _transaction(opened):
                lost = opened.execute("DELETE FROM seen WHERE at < ?", [before]).rowcount
                keys = opened.execute("DELETE FROM day_key WHERE day < ?", [str(day)]).rowcount
            self.lost += lost
            self.waiting = self._count(opened)
            if lost or keys:
                opened.execute(TIDY)

        self._do(forget)

    def tidy(self) -> None:
        """See that what was removed stands in no other file either."""
        self._do(lambda opened: opened.execute(TIDY))

    def key(self, day: date, given: bytes | None = None) -> bytes:
        """The key of a day: the one that is there, else the given one, else a new one."""

        def key(opened: sqlite3.Connection) -> bytes:
            with _transaction(opened):
                new = given or secrets.token_bytes(KEY_BYTES)
                opened.execute("INSERT OR IGNORE INTO day_key VALUES (?, ?)", [str(day), new])
                found: bytes = opened.execute("SELECT key FROM day_key WHERE day = ?", [str(day)]).fetchone()[0]
            return found

        return self._do(key)

    def replace_key(self, day: date, key: bytes) -> None:
        """Use another key for a day."""

        def replace(opened: sqlite3.Connection) -> None:
            with _transaction(opened):
                opened.execute("INSERT OR REPLACE INTO day_key VALUES (?, ?)", [str(day), key])

        self._do(replace)

    def keys(self) -> dict[date, bytes]:
        """The key of every day that has one."""
        found = self._do(lambda opened: opened.execute("SELECT day, key FROM day_key").fetchall())
        return {date.fromisoformat(day): key for day, key in found}

    def look(self) -> None:
        """See whether the file can be had again."""
        self._do(self._count)

    def close(self) -> None:
        """Let the file go. What is in memory alone is lost."""
        with self._lock:
            self._let_go()
            if self._memory:
                self.lost += self._count(self._memory)
                self._memory.close()
                self._memory = None

    # --- file or memory ---------------------------------------------------------------------------------------------

    def _do(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in the file, or in memory where that fails."""
        with self._lock:
            try:
                done = act(self._opened())
            except (OSError, sqlite3.Error) as error:
                self._let_go()
                self.failing = _why(error)
            else:
                self.failing = ""
                return done
            return act(self._in_memory())

    def _opened(self) -> sqlite3.Connection:
        """The file, opened anew if another lies there by now, or none; with what memory has kept meanwhile."""
        if self._file and not _is_at(self._path, self._file[1]):
            self._take_from(self._file[0])
            self._let_go()
        if self._file is None:
            self._file = self._open_anew()
        opened = self._file[0]
        if self._memory:
            self._empty_memory(opened, self._memory)
        return opened

    def _open_anew(self) -> tuple[sqlite3.Connection, os.stat_result]:
        try:
            return self._open()
        except sqlite3.DatabaseError as error:
            if not _name(error).startswith(DAMAGED):
                raise
        self.lost += 1  # how many there were is not known
        delete_steps(self._path.parent)
        return self._open()

    def _open(self) -> tuple[sqlite3.Connection, os.stat_result]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and not self._path.is_file():
            raise _NoFile
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        opened = sqlite3.connect(self._path, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON", "cache_size = -256"):
                opened.execute(f"PRAGMA {pragma}")
            _check(opened)
            opened.executescript(TABLES)
            _bring_up_to_date(opened)
            return opened, self._path.stat()
        except BaseException:
            opened.close()
            raise

    def _in_memory(self) -> sqlite3.Connection:
        if self._memory is None:
            self._memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            self._memory.executescript(TABLES)
        return self._memory

    def _empty_memory(self, opened: sqlite3.Connection, memory: sqlite3.Connection) -> None:
        with _transaction(opened):
            opened.executemany(INSERT, memory.execute(f"SELECT {NAMES} FROM seen"))  # noqa: S608 - ours
            opened.executemany("INSERT OR IGNORE INTO day_key VALUES (?, ?)", memory.execute("SELECT * FROM day_key"))
        memory.close()
        self._memory = None

    def _take_from(self, old: sqlite3.Connection) -> None:
        """What stands in a file that is at its place no more, into memory."""
        with suppress(sqlite3.Error):
            rows = old.execute(f"SELECT {NAMES} FROM seen LIMIT ?", [MOST_IN_MEMORY]).fetchall()  # noqa: S608 - ours
            keys = old.execute("SELECT * FROM day_key").fetchall()
            memory = self._in_memory()
            memory.executemany(INSERT, rows)
            memory.executemany("INSERT OR IGNORE INTO day_key VALUES (?, ?)", keys)

    def _let_go(self) -> None:
        if self._file:
            with suppress(sqlite3.Error):
                self._file[0].close()
            self._file = None

    @staticmethod
    def _count(opened: sqlite3.Connection) -> int:
        return int(opened.execute(WAITING).fetchone()[0])


class _Damaged(sqlite3.DatabaseError):
    sqlite_errorname = "SQLITE_CORRUPT"


class _NoFile(OSError):
    pass


def _check(opened: sqlite3.Connection) -> None:
    if opened.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise _Damaged


def _bring_up_to_date(opened: sqlite3.Connection) -> None:
    """Add what a file of an older version lacks. One of a newer version does as it is."""
    for table, needed in NEEDED.items():
        if not needed <= _columns(opened, table):
            raise _Damaged  # that of something else
    if not {*COLUMNS} <= _columns(opened, "seen"):
        with _transaction(opened):
            for name in sorted({*COLUMNS} - _columns(opened, "seen")):
                opened.execute(f'ALTER TABLE seen ADD COLUMN "{name}"')


def _columns(opened: sqlite3.Connection, table: str) -> set[str]:
    return {name for _, name, *_ in opened.execute(f"PRAGMA table_info({table})")}


@contextmanager
def _transaction(opened: sqlite3.Connection) -> Iterator[None]:
    opened.execute("BEGIN IMMEDIATE")
    try:
        yield
        opened.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk may have ended it already
            opened.execute("ROLLBACK")
        raise


def row_of(values: Sequence[Any]) -> SeenRow:
    """A row as SQLite gives it, which has numbers for truths, and nothing where another version has written it."""
    row = SeenRow(*values)
    row = row._replace(**{name: value for name, value in DEFAULTS.items() if getattr(row, name) is None})
    return row._replace(key=bool(row.key), told=bool(row.told), closed=bool(row.closed), over=bool(row.over))


def _is_at(path: Path, opened: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), opened)
    except OSError:
        return False


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "")


def _why(error: OSError | sqlite3.Error) -> str:
    """What is told of it. Nothing of what a library says is shown."""
    if isinstance(error, _NoFile):
        return f"what is called {FILE} in IVR_STATE is no file. Remedy: move it away"
    name = NAMED.get(error.errno or 0, "") if isinstance(error, OSError) else _name(error)
    if isinstance(error, OSError) and not name:
        remedy = "let the user of the line write to the file and its folder"
        return f"{FILE} in IVR_STATE cannot be written: {error.strerror}. Remedy: {remedy}"
    what, remedy = next(
        (told for beginning, told in SQLITE.items() if name.startswith(beginning)),
        ("fails", "look at the disk of IVR_STATE"),
    )
    return f"the file {FILE} in IVR_STATE {what} ({name}). Remedy: {remedy}"
