"""One database, SQLite or PostgreSQL: how it is reached, how long it is waited for, and what is told if it fails."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from threading import Timer
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from ivr.records.faults import RecordsFault
from ivr.settings.read import state_folder

VARIABLE = "IVR_DATABASE_URL"
FILE = "records.db"
"""Its name in `IVR_STATE`."""
EXAMPLE = "postgresql+psycopg://kemi:PASSWORD@db.example.fi/kemi"
SECONDS = 3.0
"""How long a connection, a statement or a lock is waited for."""
SLACK = 1.0
"""How much longer a connection may be open, so that a server that answers can say itself what is slow."""
SQLITE = {
    "SQLITE_BUSY": ("is locked by another program", "end what writes to it, or copies it, and try again"),
    "SQLITE_FULL": ("has no room on its disk", "make room, and try again"),
    "SQLITE_READONLY": ("cannot be written", "let the user of the line write to the file and its folder"),
    "SQLITE_CANTOPEN": ("cannot be opened", "let the user of the line write to the file and its folder"),
    "SQLITE_NOTADB": ("is damaged", "put the last backup in its place"),
    "SQLITE_CORRUPT": ("is damaged", "put the last backup in its place"),
    "SQLITE_IOERR": ("cannot be read or written", "look at the disk, and what the system tells of it"),
}
"""What is told of a fault, by the beginning of SQLite's name for it."""
POSTGRESQL = {
    "25006": ("cannot be written", "name its primary server in IVR_DATABASE_URL"),
    "42501": ("lets its user not do this", "make that user the owner of the database"),
    "53": ("has no room, or too many users", "look at its disk, its memory and its max_connections"),
    "55P03": ("is locked by another program", "end what holds the lock, and try again"),
    "57014": ("is too slow, or locked by another program", "end what keeps it busy, and try again"),
}
"""The same, by the beginning of a code of PostgreSQL (SQLSTATE)."""


class Database:
    """A database, and what it is called in messages. Every use is a connection of its own, from any thread."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.name = engine, name

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Do all of something, or nothing. RecordsFault if it fails; IntegrityError if the tables forbid it."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            # Nothing of the error is shown: it may name a user, and a cause would be shown with its trace.
            raise self._told(error) from None

    def _told(self, error: SQLAlchemyError) -> RecordsFault:
        cause = error.orig if isinstance(error, DBAPIError) else None
        code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
        for beginning, (what, remedy) in (SQLITE | POSTGRESQL).items():
            if code and code.startswith(beginning):
                return RecordsFault(f"{self.name} {what} ({code})", remedy)
        if code and not code.startswith(("08", "57P", "28", "3D")):
            return RecordsFault(
                f"{self.name} has refused what it was asked ({code})", "see that only this program makes its tables"
            )
        return RecordsFault(
            f"{self.name} cannot be reached",
            f"see that it runs, and that {VARIABLE} has its address, name, user and password",
        )


def database(env: Mapping[str, str], seconds: float = SECONDS) -> Database:
    """The database that the settings name; RecordsFault if they are wrong. Nobody has asked yet whether it is there.

    `seconds`: how long it is waited for at most.
    """
    if written := env.get(VARIABLE, "").strip():
        return _postgresql(written, seconds)
    return _sqlite(state_folder(env).absolute() / FILE, seconds)


def is_there(env: Mapping[str, str]) -> bool:
    """Whether there is a database; one of a server is asked, and no file is made here."""
    return bool(env.get(VARIABLE, "").strip()) or os.path.lexists(state_folder(env) / FILE)


def _sqlite(path: Path, seconds: float) -> Database:
    name = f"the database {path}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # it names staff; SQLite gives its other files the same
    except OSError as error:
        what, remedy = SQLITE["SQLITE_CANTOPEN"]
        raise RecordsFault(f"{name} {what}: {error.strerror}", remedy) from None
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": seconds},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _read_while_one_writes)
    return Database(engine, name)


def _read_while_one_writes(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    """SQLite keeps the mode in the file; there it is set once, as setting it wants the file alone."""
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode = WAL")


def _postgresql(written: str, seconds: float) -> Database:
    remedy = f"write it like {EXAMPLE}"
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):  # its message may have the password in it
        raise RecordsFault(f"{VARIABLE} is no address of a database", remedy) from None
    if url.drivername != "postgresql+psycopg":
        raise RecordsFault(f"{VARIABLE} does not begin with postgresql+psycopg://", remedy)
    if not url.database:
        raise RecordsFault(f"{VARIABLE} names no database", remedy)
    try:
        engine = create_engine(
            url, poolclass=NullPool, connect_args={"connect_timeout": round(SECONDS)}, hide_parameters=True
        )
    except ImportError:
        raise RecordsFault(
            "what speaks with PostgreSQL is not installed", "pip install 'kemi-guidance-line[postgresql]'"
        ) from None

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, entry: ConnectionPoolEntry, args: list[Any], kwargs: dict[str, Any]) -> Any:
        connection = dialect.connect(*args, **kwargs)
        entry.info[_Limit] = _Limit(connection.fileno(), seconds + SLACK)
        return connection

    @event.listens_for(engine, "close")
    def closed(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info.pop(_Limit).end()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # For this transaction only: a pooler such as PgBouncer gives the session to others.
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {seconds * 1000:.0f}")

    return Database(engine, f"the database at {url.host or 'its socket'}")


class _Limit:
    """Cuts a connection that is open too long: a server that was stopped, or a broken network, never says so.

    It has a descriptor of its own for the same connection: the other may be somebody else's by then.
    """

    def __init__(self, descriptor: int, seconds: float) -> None:
        self._link = socket.socket(fileno=os.dup(descriptor))
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        with self._link, suppress(OSError):  # it has ended by itself
            self._link.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """The connection is closed. SQLAlchemy does not tell that of one that failed at once; then time does it."""
        self._timer.cancel()
        self._timer.join()
        self._link.close()
