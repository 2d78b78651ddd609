"""One database, SQLite or PostgreSQL: how it is reached, how long it is waited for, and what is told if it fails."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from ivr.records.faults import RecordsFault
from ivr.records.reach import (
    ENCODING,
    NO_DRIVER,
    RECORDS,
    REMEDY,
    SCHEME,
    SECONDS,
    SLACK,
    SQLITE,
    TIDY,
    Limit,
    Store,
    address,
    fault,
    name_of_file,
    name_of_server,
    sqlite_file,
    statement_limit,
)


class Database:
    """A database, and what it is called in messages. Every use is a connection of its own, from any thread."""

    def __init__(self, engine: Engine, name: str, store: Store = RECORDS) -> None:
        self.engine, self.name, self._store = engine, name, store

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

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Read all as it is at one moment, whoever writes meanwhile. RecordsFault if it fails."""
        with self.transaction() as connection:
            sqlite = connection.dialect.name == "sqlite"
            # Python begins no transaction for what only reads.
            connection.exec_driver_sql("BEGIN" if sqlite else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield connection

    def rewrite(self, tables: Iterable[Table]) -> None:
        """Write these tables anew, in SQLite all: then nothing of what was deleted stands in a file of the database.

        That it is overwritten where it stood is not enough: pages that were split keep copies. What a server keeps
        beside, such as its log, is left. RecordsFault if it fails.
        """
        try:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("VACUUM")
                    if connection.exec_driver_sql(TIDY).one()[0]:  # somebody reads what stands in the log
                        raise fault(self.name, "SQLITE_BUSY", self._store)
                else:
                    for table in tables:
                        connection.exec_driver_sql(f"VACUUM FULL {table.name}")
        except SQLAlchemyError as error:
            raise self._told(error) from None

    def _told(self, error: SQLAlchemyError) -> RecordsFault:
        cause = error.orig if isinstance(error, DBAPIError) else None
        code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
        return fault(self.name, code, self._store)


def database(env: Mapping[str, str], seconds: float = SECONDS) -> Database:
    """The database that the settings name; RecordsFault if they are wrong. Nobody has asked yet whether it is there.

    `seconds`: how long it is waited for at most.
    """
    if written := address(env):
        return on_server(written, seconds)
    return in_file(sqlite_file(env), seconds)


def is_there(env: Mapping[str, str]) -> bool:
    """Whether there is a database; one of a server is asked, and no file is made here."""
    return bool(address(env)) or os.path.lexists(sqlite_file(env))


def in_file(path: Path, seconds: float, store: Store = RECORDS) -> Database:
    """One of SQLite, whose file is made if there is none; RecordsFault if it cannot be."""
    name = name_of_file(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _made(path)
    except OSError as error:
        what, remedy = SQLITE["SQLITE_CANTOPEN"]
        raise RecordsFault(f"{name} {what}: {error.strerror}", remedy) from None
    engine = create_engine(
        make_url("sqlite://").set(database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": seconds},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _read_while_one_writes)
    return Database(engine, name, store)


def _made(path: Path) -> None:
    """Let there be a file that its user alone may read, as it names people; SQLite gives its other files the same.

    What root makes in the folder of somebody else, such as the user of the line, is theirs.
    """
    is_new = not path.exists()
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if is_new and os.geteuid() == 0:
            owner = path.parent.stat()
            os.fchown(file, owner.st_uid, owner.st_gid)
    finally:
        os.close(file)


def _read_while_one_writes(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    """SQLite keeps the mode in the file; there it is set once, as setting it wants the file alone."""
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten; `rewrite` removes what is left


def url_of(written: str, store: Store = RECORDS) -> URL:
    """An address of PostgreSQL; RecordsFault, without the password, if it is none."""
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):  # its message may have the password in it
        raise RecordsFault(f"{store.variable} is no address of a database", REMEDY) from None
    if url.drivername != "postgresql+psycopg":
        raise RecordsFault(f"{store.variable} does not begin with {SCHEME}", REMEDY)
    if not url.database:
        raise RecordsFault(f"{store.variable} names no database", REMEDY)
    return url


def on_server(written: str, seconds: float, store: Store = RECORDS) -> Database:
    """One of PostgreSQL, by its address; RecordsFault if that is none."""
    url = url_of(written, store)
    try:
        words = {"connect_timeout": round(SECONDS), "client_encoding": ENCODING}
        engine = create_engine(url, poolclass=NullPool, connect_args=words, hide_parameters=True)
    except ImportError:
        raise RecordsFault(*NO_DRIVER) from None

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, entry: ConnectionPoolEntry, args: list[Any], kwargs: dict[str, Any]) -> Any:
        connection = dialect.connect(*args, **kwargs)
        entry.info[Limit] = Limit(connection.fileno(), seconds + SLACK)
        return connection

    @event.listens_for(engine, "close")
    def closed(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info.pop(Limit).end()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(statement_limit(seconds))

    return Database(engine, name_of_server(url.host), store)
