"""How a database is reached, whatever reads it: where it is, how long it is waited for, and what is told if it fails.

The line reads closings by this alone, so nothing here imports what makes and changes the tables.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from urllib.parse import parse_qs, unquote

from ivr.records.faults import RecordsFault
from ivr.settings.read import state_folder

VARIABLE = "IVR_DATABASE_URL"
FILE, STEPS = "records.db", "steps.db"
"""In `IVR_STATE`: what is kept, and what was seen of calls and waits to be."""
TIDY = "PRAGMA wal_checkpoint(TRUNCATE)"
"""What SQLite has deleted still stands in the file of its log (`-wal`), for months, until this."""
SCHEME = "postgresql+psycopg://"
EXAMPLE = f"{SCHEME}kemi:PASSWORD@db.example.fi/kemi"
REMEDY = f"write it like {EXAMPLE}, with %40 for @ and %2F for / in the password"
SECONDS = 3.0
"""How long a connection, a statement or a lock is waited for."""
ENCODING = "utf8"
"""In which texts come and go; else a database in another one, as where the server has no locale, gives only bytes."""
SLACK = 1.0
"""How much longer a connection may be open, so that a server that answers can say itself what is slow."""
NO_DRIVER = "what speaks with PostgreSQL is not installed", "pip install 'kemi-guidance-line[postgresql]'"
PUT_BACK = "put the last back-up in its place: `ivr records restore FILE`"
SQLITE = {
    "SQLITE_BUSY": ("is locked by another program", "end what writes to it, or copies it, and try again"),
    "SQLITE_FULL": ("has no room on its disk", "make room, and try again"),
    "SQLITE_READONLY": ("cannot be written", "let the user of the line write to the file and its folder"),
    "SQLITE_CANTOPEN": ("cannot be opened", "let the user of the line write to the file and its folder"),
    "SQLITE_NOTADB": ("is damaged", PUT_BACK),
    "SQLITE_CORRUPT": ("is damaged", PUT_BACK),
    "SQLITE_IOERR": ("cannot be read or written", "look at the disk, and what the system tells of it"),
}
"""What is told of a fault, by the beginning of SQLite's name for it."""
POSTGRESQL = {
    "22P05": ("cannot hold these letters", "make a database whose encoding is UTF8"),
    "25006": ("cannot be written", "name its primary server in IVR_DATABASE_URL"),
    "42501": ("lets its user not do this", "make that user the owner of the database"),
    "53": ("has no room, or too many users", "look at its disk, its memory and its max_connections"),
    "55P03": ("is locked by another program", "end what holds the lock, and try again"),
    "57014": ("is too slow, or locked by another program", "end what keeps it busy, and try again"),
    "58": ("cannot be read or written", "look at its disk, and at its log"),
    "XX": ("has failed within, or is damaged", "look at its log; if it is damaged, put the last backup in its place"),
}
"""The same, by the beginning of a code of PostgreSQL (SQLSTATE)."""
ADDRESS = re.compile(
    r"(?:(?P<user>[^:/@]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:\[(?P<host6>[^\]/?]+)\]|(?P<host>[^/:?]*))(?::(?P<port>\d+))?/(?P<dbname>[^?]*)(?:\?(?P<query>.*))?",
    re.DOTALL,
)
"""What stands behind the scheme."""


@dataclass(frozen=True)
class Store:
    """A database as messages speak of it: the setting that has its address, and what mends a damaged file of it."""

    variable: str
    mend: str


RECORDS = Store(VARIABLE, PUT_BACK)


def address(env: Mapping[str, str], variable: str = VARIABLE) -> str | None:
    """The address of PostgreSQL, as the settings have it; None where the records are in SQLite.

    RecordsFault where what is behind an @ may be the end of a password: it would be shown as the name of a server.
    """
    written = env.get(variable, "").strip() or None
    if written and written.count("@") > 1:
        raise RecordsFault(f"{variable} has more than one @", "write one that is within a name or a password as %40")
    return written


def sqlite_file(env: Mapping[str, str]) -> Path:
    """Where the records are without one."""
    return state_folder(env).absolute() / FILE


def delete_steps(state: Path) -> None:
    """Delete that file and those that SQLite keeps beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        (state / f"{STEPS}{ending}").unlink(missing_ok=True)


def connection_words(written: str) -> dict[str, str]:
    """An address, as the words by which psycopg connects; RecordsFault, without the password, if it is none."""
    if not written.startswith(SCHEME):
        raise RecordsFault(f"{VARIABLE} does not begin with {SCHEME}", REMEDY)
    if not (found := ADDRESS.fullmatch(written.removeprefix(SCHEME))):
        raise RecordsFault(f"{VARIABLE} is no address of a database", REMEDY)
    if not found["dbname"]:
        raise RecordsFault(f"{VARIABLE} names no database", REMEDY)
    words = {
        "user": unquote(found["user"] or ""),
        "password": unquote(found["password"] or ""),
        "host": found["host6"] or found["host"],
        "port": found["port"],
        "dbname": found["dbname"],
    }
    more = {name: ",".join(values) for name, values in parse_qs(found["query"] or "").items()}
    return {name: value for name, value in words.items() if value} | more


def name_of_server(host: str | None) -> str:
    """What a database of PostgreSQL is called in messages."""
    return f"the database at {host if host and not host.startswith('/') else 'its socket'}"


def name_of_file(path: Path) -> str:
    """What one of SQLite is called."""
    return f"the database {path}"


def fault(name: str, code: str | None, store: Store = RECORDS) -> RecordsFault:
    """What is told where a database fails. `code`: SQLite's name for it, or PostgreSQL's SQLSTATE; None: none came.

    Nothing else of what a library says is shown: it may name a user, or quote what was asked.
    """
    for beginning, (what, remedy) in (SQLITE | POSTGRESQL).items():
        if code and code.startswith(beginning):
            own = remedy.replace(VARIABLE, store.variable).replace(PUT_BACK, store.mend)
            return RecordsFault(f"{name} {what} ({code})", own)
    if code and not code.startswith(("08", "57P", "28", "3D")):
        return RecordsFault(
            f"{name} has refused what it was asked ({code})", "see that only this program makes its tables"
        )
    return RecordsFault(
        f"{name} cannot be reached",
        f"see that it runs, and that {store.variable} has its address, name, user and password",
    )


def statement_limit(seconds: float) -> str:
    """Limits each statement of a transaction of PostgreSQL.

    Of this transaction only: a pooler such as PgBouncer gives the session to others.
    """
    return f"SET LOCAL statement_timeout = {seconds * 1000:.0f}"


class Limit:
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
