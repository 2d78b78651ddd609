"""The closings of the records as a line reads them: by plain SQL, in SQLite or PostgreSQL, and nothing is written.

What makes and changes the records is heavy, and a line that answers calls has no use for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from ivr.core.closing import Change
from ivr.records.faults import RecordsFault
from ivr.records.kept import KeptConnection
from ivr.records.mirror import checked, from_texts
from ivr.records.reach import SECONDS, address, connection_words, fault, name_of_file, sqlite_file, statement_limit

COLUMNS = "id, schedule, hours, contact, label"
HOLDS = "withdrawn IS NULL AND ends >"
FROM_SQLITE = f"SELECT {COLUMNS}, begins, ends FROM closing WHERE {HOLDS} ? ORDER BY id"  # noqa: S608 - ours
UTC_TEXT = "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
FROM_POSTGRESQL = (
    f"SELECT {COLUMNS}, {UTC_TEXT.format('begins')}, {UTC_TEXT.format('ends')} "  # noqa: S608 - ours
    f"FROM closing WHERE {HOLDS} %s ORDER BY id"
)
"""As texts, so that one that is no time to Python spoils no other."""
OTHER_VERSION = (
    "has the tables of another version of this program",
    "if they are older, `ivr closings` brings them up to date; if they are newer, install that version",
)


class ClosingRow(NamedTuple):
    """A closing or a stand-in as it stands in the database; times are in UTC."""

    id: int
    schedule: str | None
    hours: str | None
    contact: str | None
    label: str | None
    begins: str
    ends: str

    def change(self) -> Change:
        """What it says. LookupError, TypeError or ValueError if that cannot be read."""
        begins, ends = (datetime.fromisoformat(written).replace(tzinfo=UTC) for written in (self.begins, self.ends))
        return checked(from_texts(self._asdict(), begins, ends))


class Rows(Protocol):
    """What the records hold."""

    name: str
    """What the database is called in messages."""

    def read(self, now: datetime) -> list[ClosingRow] | None:
        """What holds now or will, in the order in which it was made; None where nothing has ever been kept.

        RecordsFault within seconds if that cannot be known.
        """

    def close(self) -> None:
        """Nothing more is read."""


def rows_of(env: Mapping[str, str]) -> Rows:
    """Those of the database of the settings, which nobody has asked yet; RecordsFault if they name none."""
    if written := address(env):
        return PostgresqlRows(connection_words(written))
    return SqliteRows(sqlite_file(env))


class SqliteRows:
    """Rows in a file, which is opened anew each time: another may lie there by now."""

    def __init__(self, path: Path) -> None:
        self._path, self.name = path, name_of_file(path)

    def read(self, now: datetime) -> list[ClosingRow] | None:
        """See `Rows.read`."""
        try:
            if not self._path.stat().st_size:
                return None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            raise fault(self.name, "SQLITE_CANTOPEN") from None
        import sqlite3  # a line without records can do without

        try:
            uri = f"{self._path.as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, timeout=SECONDS, isolation_level=None)) as opened:
                opened.text_factory = _text
                try:
                    found = opened.execute(FROM_SQLITE, [f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"]).fetchall()
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorname != "SQLITE_ERROR":
                        raise
                    if not opened.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                        return None
                    raise RecordsFault(f"{self.name} {OTHER_VERSION[0]}", OTHER_VERSION[1]) from None
        except sqlite3.Error as error:
            raise fault(self.name, getattr(error, "sqlite_errorname", None)) from None
        return [ClosingRow(*each) for each in found]

    def close(self) -> None:
        """Nothing is open between two reads."""


def _text(written: bytes) -> str:
    """A text of SQLite, which takes any bytes for one: those of one row shall spoil no other."""
    return written.decode(errors="replace")


class PostgresqlRows:
    """Rows of a server."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._connection = KeptConnection(words)
        self.name = self._connection.name

    def read(self, now: datetime) -> list[ClosingRow] | None:
        """See `Rows.read`."""
        with self._connection.used() as connection:
            from psycopg.errors import UndefinedColumn, UndefinedTable

            try:
                with connection.transaction():
                    connection.execute(statement_limit(SECONDS))
                    return [ClosingRow(*each) for each in connection.execute(FROM_POSTGRESQL, [now])]
            except (UndefinedTable, UndefinedColumn):
                if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
                    return None
                raise RecordsFault(f"{self.name} {OTHER_VERSION[0]}", OTHER_VERSION[1]) from None

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()
