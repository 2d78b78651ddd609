"""Back-up and restore of records in SQLite, by its own online copy: nobody has to stop for it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from ivr.records.closings import Records
from ivr.records.database import database
from ivr.records.faults import RecordsFault
from ivr.records.reach import FILE, SECONDS, SQLITE, address, name_of_file, sqlite_file
from ivr.records.tables import PASSING

GAP = 1000
"""So many numbers are left out after a restore: closings that were made since the back-up had some of them."""
NO_BACKUP = "is no back-up of the records", "name a file that `ivr records backup` has written"
BACKUP = "the back-up"
OF_A_BACKUP = {
    "is damaged": "take another back-up",
    "cannot be opened": "copy it into IVR_STATE, for the user of the line to read",
}
"""The remedies of a back-up; of all else they are those of a database."""


def back_up(env: Mapping[str, str], file: Path) -> None:
    """Write the records into a new file, but nothing of single calls. RecordsFault if that fails: there is no file."""
    source = _records(env)
    if not _is_there(source):
        raise RecordsFault(
            "there are no records yet, or this user may not look for them",
            "run this as the user of the line, with its IVR_STATE",
        )
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # it names staff
    except OSError as error:
        raise RecordsFault(
            f"{file} cannot be made: {error.strerror}", "name a new file in a folder of this user"
        ) from None
    try:
        with _told("the database", source), _opened(source) as records, closing(sqlite3.connect(":memory:")) as copy:
            records.backup(copy, progress=_not_for_ever)
            _whole(copy, source)
            _empty_passing(copy)
            copy.execute("VACUUM INTO ?", [str(file)])  # what was deleted never comes to a disk
    except RecordsFault:
        file.unlink()
        raise


def restore(env: Mapping[str, str], file: Path) -> None:
    """Put a back-up in place of the records, all or nothing, with its tables brought up to date.

    No number is given again that a closing may have had since: a page that is still open could withdraw another one.
    """
    target = _records(env)
    if not _is_there(file):
        raise RecordsFault(f"{file} is not there, or this user may not look for it", NO_BACKUP[1])
    with TemporaryDirectory() as folder:
        changed = Path(folder) / FILE
        with _told(BACKUP, file), _opened(file) as copy, closing(sqlite3.connect(changed)) as other:
            _whole(copy, file)
            copy.backup(other, progress=_not_for_ever)
        with _told_of(file, changed):
            Records.open({"IVR_STATE": folder})
        _leave_damaged(target)
        database(env)  # it makes the file as it is to be, if there is none
        with _told("the database", target), _opened(changed) as source, _opened(target) as records:
            _raise_numbers(source, _highest(target))
            source.backup(records, progress=_not_for_ever)


def _records(env: Mapping[str, str]) -> Path:
    if address(env):
        raise RecordsFault("the records are in PostgreSQL", "use pg_dump and psql, as docs/behaviour.md says")
    return sqlite_file(env)


def _is_there(path: Path) -> bool:
    """Whether there is a file; False too where nobody lets us look."""
    try:
        return path.is_file()
    except OSError:
        return False


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A file that is there: SQLite would make it."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=SECONDS)) as connection:
        yield connection


@contextmanager
def _told(what: str, path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "")
        found = next((told for beginning, told in SQLITE.items() if code.startswith(beginning)), NO_BACKUP)
        remedy = OF_A_BACKUP.get(found[0], found[1]) if what == BACKUP else found[1]
        raise RecordsFault(f"{what} {path} {found[0]}", remedy) from None


@contextmanager
def _told_of(file: Path, copy: Path) -> Iterator[None]:
    """Of a copy whose name nobody knows, the file of which it is one is told."""
    try:
        yield
    except RecordsFault as told:
        raise RecordsFault(told.what.replace(name_of_file(copy), f"{BACKUP} {file}"), told.remedy) from None


def _whole(connection: sqlite3.Connection, path: Path) -> None:
    """RecordsFault if a file is damaged, or holds something else."""
    if connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
        raise RecordsFault(f"{path} is damaged", "take another back-up")
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        raise RecordsFault(f"{path} {NO_BACKUP[0]}", NO_BACKUP[1])


def _empty_passing(copy: sqlite3.Connection) -> None:
    there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    with copy:
        for table in PASSING:
            if table.name in there:  # not in records that an older version has left
                copy.execute(f"DELETE FROM {table.name}")  # noqa: S608 - our own


def _not_for_ever(status: int, _remaining: int, _total: int) -> None:
    """Called after each try of a copy, which waits by itself: without an end, where nobody ends it."""
    if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise RecordsFault(f"the database {SQLITE['SQLITE_BUSY'][0]}", SQLITE["SQLITE_BUSY"][1])


def _leave_damaged(path: Path) -> None:
    """Put records aside that cannot be read: nothing can be written into them either."""
    try:
        with _opened(path) as records:
            whole = records.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    except sqlite3.DatabaseError as error:
        if not getattr(error, "sqlite_errorname", "").startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            return  # it is not there, or cannot be had: who writes to it is told
        whole = False
    if not whole:
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).replace(path.with_name(f"{path.name}.damaged{ending}"))


def _highest(path: Path) -> dict[str, int]:
    """Table -> the highest number that it has given; none where there are no tables yet."""
    with _opened(path) as records, suppress(sqlite3.OperationalError):
        return dict(records.execute("SELECT name, seq FROM sqlite_sequence"))
    return {}


def _raise_numbers(records: sqlite3.Connection, before: Mapping[str, int]) -> None:
    """Let each table go on with numbers that nobody has seen; `before`: the highest that it had given."""
    counting = records.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'").fetchall()
    given = dict(records.execute("SELECT name, seq FROM sqlite_sequence"))
    with records:
        records.execute("DELETE FROM sqlite_sequence")
        for (table,) in counting:
            highest = max(given.get(table, 0), before.get(table, 0)) + GAP
            records.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, highest))
