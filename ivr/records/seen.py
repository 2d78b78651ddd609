"""What was seen of calls, in the records: it is put there, folded into counts, and gone; by plain SQL, as in `rows.py`.

The same statements do for SQLite and PostgreSQL. Any number of processes and machines do all of this at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from ivr.core.office import ON_CALL
from ivr.records.counts import Period, first_kept
from ivr.records.faults import RecordsFault
from ivr.records.folding import MICROSECONDS, Folded, SeenRow, fold, microseconds
from ivr.records.kept import KeptConnection
from ivr.records.reach import (
    SECONDS,
    TIDY,
    address,
    connection_words,
    fault,
    name_of_file,
    sqlite_file,
    statement_limit,
)
from ivr.records.rows import OTHER_VERSION

if TYPE_CHECKING:
    import sqlite3

    import psycopg

MOST_CALLS = 100
"""So many calls are folded in one transaction."""
WITHOUT_END, WITHOUT_END_IN_TALK = timedelta(minutes=30), timedelta(hours=5)
"""After so long without anything seen of it a call is over, though nobody told; a talk may last 4 hours."""
LONGEST = timedelta(hours=23)
"""What was seen before is not kept, whether its call is over or not."""
FORGOTTEN = timedelta(hours=24)
"""How long it is known that a call is counted, and how the urgent line was rung."""
TIDY_SECONDS = 0.5
WRONG_CLOCK = timedelta(minutes=15)
"""So wrong may the clock of a machine be."""
DAYS_KNOWN = 14
"""Since the first counted call, before it can be told that there are none for longer than ever."""
FOLD_LOCK = 0x6B656D6A
"""By which one process of PostgreSQL folds at a time; any number that nobody else uses."""
NAMES = ", ".join(f'"{name}"' for name in SeenRow._fields)
INSERT = (
    f'INSERT INTO seen ({NAMES}, "written") SELECT {", ".join("?" * (len(SeenRow._fields) + 1))} '  # noqa: S608 - ours
    'WHERE NOT EXISTS (SELECT 1 FROM folded_call WHERE "call" = ?) ON CONFLICT ("call", "token") '
    'DO UPDATE SET at = excluded.at, "second" = excluded."second" WHERE excluded.at < seen.at'
)
"""Of a request that came twice the earlier counts, as in `spool.py`."""
OVER = """
SELECT "call" FROM seen GROUP BY "call" HAVING min(at) <= ? OR max(written) <= ? AND (
    max(CASE WHEN what = 'ended' THEN 1 ELSE 0 END) = 1 OR max(at) <= CASE
        WHEN max(CASE WHEN rings IS NOT NULL OR what = 'accepted' THEN at ELSE 0 END) = max(at) THEN ? ELSE ? END
) ORDER BY "call" LIMIT ?
"""
IT = 'FROM seen s WHERE s."call" = ? AND s."token" = ?'
RANG = """
(SELECT r.rings FROM seen r WHERE r."call" = s."call" AND r.rings IS NOT NULL AND r.at <= s.at
 ORDER BY r.at DESC LIMIT 1) = ?
"""
RING = 'INSERT INTO urgent_ring (token, at, answered) SELECT s."token", s.at,'
MISSED = f"{RING} FALSE {IT} ON CONFLICT DO NOTHING"
ANSWERED = f"{RING} TRUE {IT} AND {RANG} ON CONFLICT DO NOTHING"
"""By token: a request that comes twice may have another time then."""


class NoTables(RecordsFault):
    """There are no tables for it, or those of another version."""


class Sql(Protocol):
    """A transaction: statements with `?` for each value."""

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a statement finds."""

    def each(self, statement: str, values: Iterable[Sequence[object]]) -> None:
        """Carry out a statement with each of these values."""

    def only_one_folds(self) -> bool:
        """Whether this transaction is the one that may fold now."""


class SeenTables(Protocol):
    """The tables of one database."""

    name: str
    shares_keys: bool
    """Whether other machines use it too, and name calls alike by its keys."""

    def transaction(self) -> Any:
        """A context manager that gives a `Sql`: all of it is done, or nothing. RecordsFault within seconds if it fails;
        NoTables where there are none.
        """

    def tidy(self) -> bool:
        """See that what was deleted stands nowhere else; False where somebody reads, and it has to be asked again."""

    def close(self) -> None:
        """Nothing more is asked."""


def seen_tables(env: Mapping[str, str]) -> SeenTables:
    """Those of the database of the settings, which nobody has asked yet; RecordsFault if they name none."""
    if written := address(env):
        return PostgresqlTables(connection_words(written))
    return SqliteTables(sqlite_file(env))


class SqliteTables:
    """Tables in a file, which is opened anew each time, and never made here."""

    shares_keys = False

    def __init__(self, path: Path) -> None:
        self._path, self.name = path, name_of_file(path)

    @contextmanager
    def transaction(self) -> Iterator[Sql]:
        """See `SeenTables.transaction`."""
        import sqlite3

        with self._opened(SECONDS) as opened:
            opened.execute("PRAGMA secure_delete = ON")
            opened.execute("BEGIN IMMEDIATE")
            try:
                yield _Sqlite(opened)
                opened.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    opened.execute("ROLLBACK")
                raise

    def tidy(self) -> bool:
        """See `SeenTables.tidy`. Whoever writes is kept waiting meanwhile."""
        with self._opened(TIDY_SECONDS) as opened:
            (busy, *_) = opened.execute(TIDY).fetchone()
            return not busy

    @contextmanager
    def _opened(self, seconds: float) -> Iterator[sqlite3.Connection]:
        import sqlite3

        try:
            if not self._path.stat().st_size:
                raise _none(self.name)
        except (FileNotFoundError, NotADirectoryError):
            raise _none(self.name) from None
        except OSError:
            raise fault(self.name, "SQLITE_CANTOPEN") from None
        try:
            uri = f"{self._path.as_uri()}?mode=rw"
            with closing(sqlite3.connect(uri, uri=True, timeout=seconds, isolation_level=None)) as opened:
                yield opened
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", None)
            raise _none(self.name) if name == "SQLITE_ERROR" else fault(self.name, name) from None

    def close(self) -> None:
        """Nothing is open between two transactions."""


class _Sqlite:
    def __init__(self, opened: sqlite3.Connection) -> None:
        self._opened = opened

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._opened.execute(statement, values).fetchall()

    def each(self, statement: str, values: Iterable[Sequence[object]]) -> None:
        self._opened.executemany(statement, values)

    def only_one_folds(self) -> bool:
        return True  # nobody else writes


class PostgresqlTables:
    """Tables of a server."""

    shares_keys = True

    def __init__(self, words: Mapping[str, str]) -> None:
        self._connection = KeptConnection(words)
        self.name = self._connection.name

    @contextmanager
    def transaction(self) -> Iterator[Sql]:
        """See `SeenTables.transaction`."""
        with self._connection.used() as connection:
            from psycopg.errors import UndefinedColumn, UndefinedTable

            try:
                with connection.transaction(), connection.cursor() as cursor:
                    cursor.execute(statement_limit(SECONDS))
                    yield _Postgresql(cursor)
            except (UndefinedTable, UndefinedColumn):
                raise _none(self.name) from None

    def tidy(self) -> bool:
        """Its server does that."""
        return True

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()


class _Postgresql:
    def __init__(self, cursor: psycopg.Cursor[tuple[object, ...]]) -> None:
        self._cursor = cursor

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._cursor.execute(statement.replace("?", "%s"), values).fetchall()

    def each(self, statement: str, values: Iterable[Sequence[object]]) -> None:
        self._cursor.executemany(statement.replace("?", "%s"), values)

    def only_one_folds(self) -> bool:
        return self.rows("SELECT pg_try_advisory_xact_lock(?)", [FOLD_LOCK]) == [(True,)]


def _none(name: str) -> NoTables:
    return NoTables(f"{name} {OTHER_VERSION[0]}, or none", OTHER_VERSION[1])


@dataclass(frozen=True)
class Known:
    """What the records know at one moment.

    `urgent_missed`: when the urgent line was not answered for the last time, if it has not been answered twice in a row
    since; else None. `silent_days`: whole days without a call since the last one, if there have never been as many;
    else 0.
    """

    urgent_missed: datetime | None = None
    silent_days: int = 0


def put(sql: Sql, rows: Sequence[SeenRow], now: datetime) -> None:
    """Put rows there, but for those that are there already and those of calls that are counted."""
    written = microseconds(now)
    sql.each(INSERT, [(*row, written, row.call) for row in rows])
    sql.each(MISSED, [(row.call, row.token) for row in rows if row.missed == ON_CALL])
    taken = [row for row in rows if row.what == "accepted" or row.exit == "answered"]
    sql.each(ANSWERED, [(row.call, row.token, ON_CALL) for row in taken])


def fold_some(sql: Sql, zone: ZoneInfo, now: datetime, settle: float) -> int:
    """Count some of the calls that are over, and forget what was seen of them; how many there were.

    Each is counted once, whoever else does it. `settle`: for how many seconds nothing more may have come of a call.
    """
    if not sql.only_one_folds():
        return 0
    oldest, in_talk, quiet = (microseconds(now - each) for each in (LONGEST, WITHOUT_END_IN_TALK, WITHOUT_END))
    settled = microseconds(now - timedelta(seconds=settle))
    calls = [call for (call,) in sql.rows(OVER, [oldest, settled, in_talk, quiet, MOST_CALLS])]
    if not calls:
        return 0
    marks = ", ".join("?" * len(calls))
    known = {call for (call,) in sql.rows(f'SELECT "call" FROM folded_call WHERE "call" IN ({marks})', calls)}  # noqa: S608
    found = sql.rows(f'SELECT {NAMES} FROM seen WHERE "call" IN ({marks}) ORDER BY "call"', calls)  # noqa: S608 - ours
    rows = [SeenRow(*each) for each in found]
    sql.each('DELETE FROM seen WHERE "call" = ? AND "token" = ?', [(row.call, row.token) for row in rows])
    folded = {
        call: done
        for call, of_it in groupby(rows, lambda row: row.call)
        if call not in known and (done := fold(of_it, zone)) and not _is_settled(done, now.astimezone(zone))
    }
    at = microseconds(now)
    sql.each('INSERT INTO folded_call ("call", at) VALUES (?, ?)', [(call, at) for call in folded])
    _add(sql, folded.values())
    return len(calls)


def _is_settled(call: Folded, now: datetime) -> bool:
    """Whether its month may be shown by the time that this transaction ends: what is shown never changes."""
    return (now + WRONG_CLOCK).replace(tzinfo=None) >= Period(call.month).settled


def _add(sql: Sql, calls: Iterable[Folded]) -> None:
    counts: dict[str, Counter[tuple[object, ...]]] = {name: Counter() for name in KEYS}
    for call in calls:
        day = str(call.day)
        for outcome in call.outcomes:
            counts["count_language"][day, call.language, outcome] += 1
            counts["count_matter"][day, call.matter, outcome] += 1
            month = str(call.month), call.day.weekday(), call.started.hour
            counts["count_hour"][*month, outcome] += 1
        if call.hung_up_at is not None:
            counts["count_hang_up"][day, call.hung_up_at] += 1
        if call.ringing:
            counts["count_ringing"][day, *call.ringing] += 1
    for table, found in counts.items():
        names = ", ".join(KEYS[table])
        sql.each(
            f"INSERT INTO {table} ({names}, calls) VALUES ({'?, ' * len(KEYS[table])}?) "  # noqa: S608 - ours
            f"ON CONFLICT ({names}) DO UPDATE SET calls = {table}.calls + excluded.calls",
            [(*key, calls) for key, calls in found.items()],
        )


KEYS = {
    "count_language": ("day", "language", "outcome"),
    "count_matter": ("day", "matter", "outcome"),
    "count_hour": ("month", "weekday", "hour", "outcome"),
    "count_hang_up": ("day", "node"),
    "count_ringing": ("day", "language", "step"),
}
"""Table of counts -> its primary key."""


def forget(sql: Sql, now: datetime) -> None:
    """Delete what is only passing through and older than was promised."""
    before = microseconds(now - FORGOTTEN)
    for table in ("folded_call", "urgent_ring", "seen"):
        sql.each(f"DELETE FROM {table} WHERE at < ?", [[before]])  # noqa: S608 - ours
    # A clock was set back since, and what rings now is later.
    sql.each("DELETE FROM urgent_ring WHERE at > ?", [[microseconds(now + WRONG_CLOCK)]])
    sql.each("DELETE FROM day_key WHERE day < ?", [[str(now.astimezone(UTC).date() - timedelta(days=1))]])


def forget_counts(sql: Sql, today: date) -> None:
    """Delete counts that are older than was promised. `today`: the day at the office."""
    first = str(first_kept(today))
    for table, (name, *_) in KEYS.items():
        sql.each(f"DELETE FROM {table} WHERE {name} < ?", [[first]])  # noqa: S608 - ours


def key_of(sql: Sql, day: date, new: bytes) -> bytes:
    """The key of a day that every machine uses: the one that is there, else this new one."""
    sql.each("INSERT INTO day_key (day, key) VALUES (?, ?) ON CONFLICT DO NOTHING", [(str(day), new)])
    return bytes(sql.rows("SELECT key FROM day_key WHERE day = ?", [str(day)])[0][0])


def look(sql: Sql, now: datetime, today: date) -> Known:
    """What is known now."""
    return Known(_urgent_missed(sql, now), _silent_days(sql, today))


def _urgent_missed(sql: Sql, now: datetime) -> datetime | None:
    last = sql.rows("SELECT at, answered FROM urgent_ring ORDER BY at DESC LIMIT 2")
    if len(last) < 2 or any(answered for _, answered in last):
        return None
    missed = datetime.fromtimestamp(last[0][0] / MICROSECONDS, UTC)
    return missed if now - missed < FORGOTTEN else None


def _silent_days(sql: Sql, today: date) -> int:
    there = sql.rows("SELECT DISTINCT day FROM count_language WHERE day <= ? ORDER BY 1", [str(today)])
    found = [date.fromisoformat(str(day)) for (day,) in there]
    if not found or (today - found[0]).days < DAYS_KNOWN:
        return 0
    silent = (today - found[-1]).days - 1
    longest = max(((after - before).days - 1 for before, after in pairwise(found)), default=0)
    return silent if silent > longest else 0
