"""What a line reads of the records, by SQL of its own, is what `Records` has written; what it cannot read is told."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from ivr.core.closing import Change, Closing, StandIn
from ivr.core.hours import parse_day
from ivr.records import kept
from ivr.records import rows as module
from ivr.records.closings import Records
from ivr.records.database import database
from ivr.records.faults import RecordsFault
from ivr.records.reach import FILE, SECONDS, connection_words
from ivr.records.rows import Rows, SqliteRows, rows_of
from tests.limits import PATIENCE, until
from tests.postgresql import PASSWORD, USER, Postgresql
from tests.records.conftest import Environment, name_of, waiting

NOW = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)
TICK, HOUR = timedelta(microseconds=1), timedelta(hours=1)
HELSINKI, KATHMANDU = ZoneInfo("Europe/Helsinki"), ZoneInfo("Asia/Kathmandu")
FIRST = Closing("phone", NOW, NOW + HOUR)


Reading = Callable[[Environment], Rows]


@pytest.fixture
def reading() -> Iterator[Reading]:
    """Makes rows, which are closed in the end."""
    with ExitStack() as opened:
        yield lambda env: opened.enter_context(closing(rows_of(env)))


def changes(rows: Rows, now: datetime = NOW) -> list[Change]:
    found = rows.read(now)
    assert found is not None, "nothing has ever been kept"
    return [row.change() for row in found]


def fault(rows: Rows) -> str:
    with pytest.raises(RecordsFault) as told:
        rows.read(NOW)
    assert PASSWORD not in str(told.value) + repr(told.value)
    assert "Remedy: " in str(told.value)
    return str(told.value)


def changed(env: Environment, statement: str) -> None:
    """Another program does something to the database."""
    with database(env).transaction() as connection:
        connection.execute(text(statement))


def test_it_is_what_was_written_to_the_microsecond_and_in_its_order(
    env: Environment, records: Records, reading: Reading
) -> None:
    """Also where the session of PostgreSQL has another time zone, of quarters of an hour."""
    if "IVR_DATABASE_URL" in env:
        changed(env, f"ALTER DATABASE {name_of(env)} SET timezone = 'Asia/Kathmandu'")
    before, after = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC)
    made: list[Change] = [
        Closing("phone", NOW - HOUR, NOW + TICK),
        Closing("door", (NOW + TICK).astimezone(HELSINKI), (NOW + HOUR + TICK).astimezone(KATHMANDU)),
        StandIn("on_call", "the deputy, 2", NOW - HOUR, NOW + HOUR),
        Closing("phone", datetime(2026, 10, 25, 3, 30, fold=1, tzinfo=HELSINKI), after, parse_day("9-11, 12-15:30")),
        Closing("phone", NOW, NOW + HOUR),
        Closing("phone", before, NOW),
        StandIn("social_instructor", "Ä", before, after),
    ]
    kept = [records.close(each, "meeting", "Anna", NOW - HOUR) for each in made]
    records.withdraw(kept[4].id, "Anna", NOW - HOUR)
    rows = reading(env)
    for now in (NOW - HOUR, NOW - TICK, NOW, (NOW + TICK).astimezone(KATHMANDU), NOW + HOUR, NOW + HOUR + TICK):
        assert changes(rows, now) == [each.closing for each in records.current(now)], now
    assert len(changes(rows, NOW - TICK)) == 6
    assert len(changes(rows)) == 5, "one that ends now holds no more"


def test_where_nothing_was_ever_kept_there_is_nothing_and_nothing_is_made(env: Environment, reading: Reading) -> None:
    rows = reading(env)
    assert rows.read(NOW) is None
    if state := env.get("IVR_STATE"):
        assert not Path(state).exists()
        Path(state).mkdir()
        (Path(state) / FILE).touch()
        assert rows.read(NOW) is None
    Records.open(env)
    assert rows.read(NOW) == []


@pytest.mark.parametrize(
    "change",
    ["ALTER TABLE closing RENAME COLUMN label TO name", "ALTER TABLE closing RENAME TO closings"],
    ids=["column", "table"],
)
def test_tables_of_another_version_are_told(env: Environment, records: Records, change: str, reading: Reading) -> None:
    rows = reading(env)
    records.close(FIRST, "other", "Anna", NOW)
    assert changes(rows) == [FIRST]
    changed(env, change)
    assert "has the tables of another version of this program. Remedy: " in fault(rows)


def test_a_later_version_that_only_adds_is_read(env: Environment, records: Records, reading: Reading) -> None:
    records.close(FIRST, "other", "Anna", NOW)
    changed(env, "ALTER TABLE closing ADD COLUMN seen TEXT")
    changed(env, "UPDATE alembic_version SET version_num = '9999'")
    assert changes(reading(env)) == [FIRST]


@pytest.mark.parametrize("spoilt", ["hours = 'some'", "begins = '{no_time}'", "schedule = ''"])
def test_a_row_that_says_nothing_spoils_no_other(
    env: Environment, records: Records, spoilt: str, reading: Reading
) -> None:
    records.close(FIRST, "other", "Anna", NOW)
    records.close(FIRST, "other", "Anna", NOW)
    no_time = "-infinity" if "IVR_DATABASE_URL" in env else "2026-11-00 00:00:00.000000"
    changed(env, f"UPDATE closing SET {spoilt.format(no_time=no_time)} WHERE id = 1")  # noqa: S608 - ours
    one, two = reading(env).read(NOW) or []
    with pytest.raises((LookupError, TypeError, ValueError)):
        one.change()
    assert two.change() == FIRST


@pytest.mark.parametrize(
    "url",
    [
        "kemi:secret@db.example.fi/kemi",
        "kemi@db.example.fi:6432/kemi",
        "db.example.fi/kemi?sslmode=verify-full&sslrootcert=/etc/ssl/ca%20of%20ours.pem",
        "k%40mi:p%3A%2F%40%25+ss/w?rd@10.0.0.1/kemi",
        ":@db/kemi",
        "kemi:secret@[fd00::1]:5432/kemi?target_session_attrs=read-write",
        "kemi:secret@/kemi?host=/var/run/postgresql&connect_timeout=9",
        "/kemi",
    ],
)
def test_an_address_means_what_it_means_to_those_who_write(url: str) -> None:
    whole = f"postgresql+psycopg://{url}"
    _, words = make_url(whole).get_dialect()().create_connect_args(make_url(whole))
    meant = {name: str(value) for name, value in words.items() if name != "context" and value != ""}
    assert connection_words(whole) == meant


@pytest.mark.parametrize(
    ("url", "what"),
    [
        (PASSWORD, "does not begin with postgresql+psycopg://"),
        (f"postgresql://line:{PASSWORD}@db.example.fi/kemi", "does not begin with postgresql+psycopg://"),
        (f"postgresql+psycopg://line:{PASSWORD}@db.example.fi:port/kemi", "is no address of a database"),
        (f"postgresql+psycopg://line:{PASSWORD}@db.example.fi/", "names no database"),
    ],
)
def test_a_wrong_address_is_told(url: str, what: str) -> None:
    with pytest.raises(RecordsFault) as told:
        rows_of({"IVR_DATABASE_URL": url})
    assert str(told.value).startswith(f"IVR_DATABASE_URL {what}. Remedy: write it like ")
    assert PASSWORD not in str(told.value)


@pytest.mark.parametrize("part", ["kemi:pass@word@db.example.fi", "pass@word@db.example.fi", "kemi:p?ss@word@db"])
def test_the_end_of_a_password_is_no_name_of_a_server(part: str) -> None:
    """What is behind its @ would be read as the server's name, and shown in every message."""
    env = {"IVR_DATABASE_URL": f"postgresql+psycopg://{part}/kemi"}
    for use in (rows_of, Records.open, Records.look):
        with pytest.raises(RecordsFault) as told:
            use(env)
        what, _, remedy = str(told.value).partition(". Remedy: ")
        assert what.endswith("has more than one @")
        assert remedy == "write one that is within a name or a password as %40."


class TestSqlite:
    def test_a_text_that_is_none_spoils_no_other_row(self, sqlite: Environment, reading: Reading) -> None:
        records = Records.open(sqlite)
        for _ in range(2):
            records.close(FIRST, "other", "Anna", NOW)
        changed(sqlite, "UPDATE closing SET schedule = CAST(x'ff41' AS TEXT), hours = CAST(x'ff' AS TEXT) WHERE id = 1")
        one, two = reading(sqlite).read(NOW) or []
        with pytest.raises(ValueError, match="hours"):
            one.change()
        assert two.change() == FIRST

    def test_it_is_read_while_another_writes(self, sqlite: Environment, reading: Reading) -> None:
        Records.open(sqlite).close(FIRST, "other", "Anna", NOW)
        with closing(sqlite3.connect(Path(sqlite["IVR_STATE"]) / FILE, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            other.execute("UPDATE closing SET schedule = 'door'")
            assert changes(reading(sqlite)) == [FIRST]

    def test_one_that_another_program_wants_alone_is_told(
        self, sqlite: Environment, monkeypatch: pytest.MonkeyPatch, reading: Reading
    ) -> None:
        Records.open(sqlite)
        monkeypatch.setattr(module, "SECONDS", 0.01)
        with closing(sqlite3.connect(Path(sqlite["IVR_STATE"]) / FILE, isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("UPDATE closing SET schedule = 'door'")
            assert "is locked by another program (SQLITE_BUSY" in fault(reading(sqlite))
        assert changes(reading(sqlite)) == []

    @pytest.mark.parametrize(
        ("there", "what"),
        [
            (lambda file: file.write_bytes(b"no database " * 1000), "is damaged"),
            (lambda file: file.mkdir(), "cannot be read"),
            (lambda file: file.symlink_to(file), "cannot be opened"),
        ],
    )
    def test_what_is_no_database_is_told(
        self, tmp_path: Path, there: Callable[[Path], object], what: str, reading: Reading
    ) -> None:
        there(tmp_path / FILE)
        assert what in fault(reading({"IVR_STATE": str(tmp_path)}))

    def test_any_name_of_a_folder_is_read(self, tmp_path: Path, reading: Reading) -> None:
        env = {"IVR_STATE": str(tmp_path / "a?mode=rwc#100%25 ä")}
        Records.open(env).close(FIRST, "other", "Anna", NOW)
        assert changes(reading(env)) == [FIRST]

    def test_a_line_without_records_does_not_load_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "sqlite3", None)
        assert SqliteRows(tmp_path / FILE).read(NOW) is None


class TestPostgresql:
    @pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
    def test_any_encoding_of_a_database_will_do(
        self, postgres: Environment, postgresql: Postgresql, reading: Reading, encoding: str
    ) -> None:
        """A server that was set up without a locale makes databases in SQL_ASCII, whose texts come as bytes."""
        name = f"{name_of(postgres)}_{encoding.lower()}"
        with postgresql.connection("postgres") as other:
            other.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'")
        env = {"IVR_DATABASE_URL": postgres["IVR_DATABASE_URL"].replace(name_of(postgres), name)}
        records, change = Records.open(env), StandIn("on_call", "Päivystys", NOW, NOW + HOUR)
        assert records.close(change, "other", "Anna Mäki", NOW) == records.current(NOW)[0]
        assert changes(reading(env)) == [change]
        if encoding == "LATIN1":
            with pytest.raises(RecordsFault, match="cannot hold these letters"):
                records.close(change, "other", "Анна", NOW)

    def test_one_connection_does_for_all_until_it_breaks(
        self, postgres: Environment, postgresql: Postgresql, reading: Reading
    ) -> None:
        Records.open(postgres)
        asking = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
        before = len([*Path("/proc/self/fd").iterdir()])
        rows = reading(postgres)
        with postgresql.connection("postgres") as other:
            until(lambda: other.execute(asking, [name_of(postgres)]).fetchall() == [])
            processes = set()
            for _ in range(7):  # psycopg prepares what is asked often; a pooler would give that to others
                assert rows.read(NOW) == []
                processes |= {*other.execute(asking, [name_of(postgres)]).fetchall()}
            ((process,),) = processes
            other.execute("SELECT pg_terminate_backend(%s)", [process])
            until(lambda: other.execute(asking, [name_of(postgres)]).fetchall() == [])
            assert "cannot be reached" in fault(rows)
            assert rows.read(NOW) == []
        assert len([*Path("/proc/self/fd").iterdir()]) == before + 1

    def test_it_leaves_nothing_in_its_session(self, postgres: Environment, reading: Reading) -> None:
        Records.open(postgres)
        rows = reading(postgres)
        for _ in range(7):
            rows.read(NOW)
        assert isinstance(rows, module.PostgresqlRows)
        assert rows._connection._kept
        assert rows._connection._kept.execute("SHOW statement_timeout").fetchone() == ("0",)
        assert rows._connection._kept.execute("SELECT name FROM pg_prepared_statements").fetchall() == []
        assert rows._connection._kept.info.transaction_status.name == "IDLE"

    def test_a_lock_is_told(
        self, postgres: Environment, postgresql: Postgresql, monkeypatch: pytest.MonkeyPatch, reading: Reading
    ) -> None:
        Records.open(postgres)
        rows = reading(postgres)
        monkeypatch.setattr(module, "SECONDS", 0.1)
        monkeypatch.setattr(kept, "SLACK", PATIENCE)
        with postgresql.connection(name_of(postgres)) as other, other.transaction():
            other.execute("LOCK TABLE closing")
            assert "is too slow, or locked by another program (57014)" in fault(rows)
        assert rows.read(NOW) == []

    def test_a_server_that_is_stopped_in_the_middle_is_told(
        self, postgres: Environment, postgresql: Postgresql, monkeypatch: pytest.MonkeyPatch, reading: Reading
    ) -> None:
        Records.open(postgres)
        rows, told = reading(postgres), list[str]()
        monkeypatch.setattr(module, "SECONDS", PATIENCE)
        monkeypatch.setattr(kept, "SLACK", 1 - SECONDS)  # the server itself would wait for longer
        with postgresql.connection(name_of(postgres)) as other, other.transaction():
            other.execute("LOCK TABLE closing")
            person = Thread(target=lambda: told.append(fault(rows)))
            with postgresql.connection("postgres") as third:
                person.start()
                working = until(lambda: waiting(third, name_of(postgres)))
            os.kill(working, signal.SIGSTOP)
            try:
                person.join(PATIENCE)
            finally:
                os.kill(working, signal.SIGCONT)
        assert ["cannot be reached" in each for each in told] == [True]
        monkeypatch.undo()
        assert rows.read(NOW) == []

    def test_one_that_is_not_there_is_told(self, tmp_path: Path, reading: Reading) -> None:
        env = {"IVR_DATABASE_URL": f"postgresql+psycopg://{USER}:{PASSWORD}@/kemi?host={tmp_path}"}
        assert "the database at its socket cannot be reached. Remedy: " in fault(reading(env))

    def test_a_plain_install_tells_what_to_install(self, monkeypatch: pytest.MonkeyPatch, reading: Reading) -> None:
        monkeypatch.setitem(sys.modules, "psycopg", None)
        rows = reading({"IVR_DATABASE_URL": f"postgresql+psycopg://{USER}:{PASSWORD}@db.example.fi/kemi"})
        assert "Remedy: pip install 'kemi-guidance-line[postgresql]'" in fault(rows)
