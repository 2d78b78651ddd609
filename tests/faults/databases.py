"""The two databases behind a line, each of which can be stopped and looked through."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from psycopg import sql

from tests.bench.processes import processes
from tests.faults.oracle import TABLES, Row, Tables
from tests.postgresql import Postgresql


class Database(Protocol):
    """`environment`: the settings by which a line uses it."""

    environment: dict[str, str]

    def rows(self, table: str) -> list[Row]:
        """All rows of a table; none where there is no such table yet."""

    def tables(self) -> list[str]:
        """All tables."""

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It answers nobody."""


def counted(database: Database) -> Tables:
    """The counts that stand in it, as an oracle gives them."""
    found = {name: Counter[Row]() for name in TABLES}
    for name, counter in found.items():
        for *key, calls in database.rows(name):
            assert tuple(map(_plain, key)) not in counter
            counter[tuple(map(_plain, key))] = calls
    return found


def _plain(value: object) -> object:
    return value if isinstance(value, (int, str)) else str(value)


@dataclass
class Sqlite:
    """A file, which another program locks."""

    path: Path

    def __post_init__(self) -> None:
        self.environment: dict[str, str] = {}

    def rows(self, table: str) -> list[Row]:
        if not self.path.exists():
            return []
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True, timeout=60)) as opened:
            try:
                return opened.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - ours
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    def tables(self) -> list[str]:
        return [name for (name,) in self.rows_of("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def rows_of(self, query: str) -> list[Row]:
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True, timeout=60)) as opened:
            return opened.execute(query).fetchall()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        with closing(sqlite3.connect(self.path, timeout=60, isolation_level=None)) as opened:
            opened.execute("BEGIN EXCLUSIVE")
            yield
            opened.execute("ROLLBACK")


@dataclass
class OfServer:
    """A database of a server, all of whose processes stand still: nobody who connects is refused, or answered."""

    server: Postgresql

    def __post_init__(self) -> None:
        address = self.server.new_database()
        self.environment = {"IVR_DATABASE_URL": address}
        self._name = address.partition("?")[0].rpartition("/")[2]

    def rows(self, table: str) -> list[Row]:
        with self.server.connection(self._name) as connection:
            if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,):
                return []
            found: list[Any] = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
            return found

    def tables(self) -> list[str]:
        with self.server.connection(self._name) as connection:
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return [str(name) for (name,) in found]

    @contextmanager
    def stopped(self) -> Iterator[None]:
        pid = int((self.server.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        os.kill(pid, signal.SIGSTOP)  # first, so that it makes no more
        all_of_them = processes(pid)
        try:
            for each in all_of_them:
                os.kill(each, signal.SIGSTOP)
            yield
        finally:
            for each in reversed(all_of_them):
                os.kill(each, signal.SIGCONT)
