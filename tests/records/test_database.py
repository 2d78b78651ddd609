"""A database that cannot be had is told in a few seconds, with a remedy and without a password."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from sqlalchemy import text

from ivr.core.closing import Closing
from ivr.records import database as module
from ivr.records.closings import Records
from ivr.records.database import Database, database
from ivr.records.faults import RecordsFault
from ivr.records.reach import FILE, POSTGRESQL, SQLITE
from ivr.records.sql import SqlRecords
from tests.limits import PATIENCE, until
from tests.postgresql import PASSWORD, USER, Postgresql
from tests.records.conftest import Environment, name_of, waiting

NOW = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)
CLOSING = Closing("phone", NOW, NOW + timedelta(hours=2))
MOMENT = 0.2


def fault(env: Environment) -> str:
    """What is told of records that cannot be opened; nowhere, not even in a trace, is the password."""
    with pytest.raises(RecordsFault) as told:
        Records.open(env)
    return without_password(told.value)


def without_password(told: RecordsFault) -> str:
    whole = "".join(traceback.format_exception(told)) + repr(told)
    assert PASSWORD not in whole
    assert "sqlalche.me" not in whole, "it shows what a library says"
    assert "Remedy: " in str(told)
    return str(told)


class TestSettings:
    @pytest.mark.parametrize(
        ("url", "what"),
        [
            (PASSWORD, "is no address of a database"),
            (f"postgresql+psycopg://line:{PASSWORD}@db.example.fi:port/kemi", "is no address of a database"),
            (f"postgresql://line:{PASSWORD}@db.example.fi/kemi", "does not begin with postgresql+psycopg://"),
            (f"postgres://line:{PASSWORD}@db.example.fi/kemi", "does not begin with postgresql+psycopg://"),
            (f"mysql://line:{PASSWORD}@db.example.fi/kemi", "does not begin with postgresql+psycopg://"),
            (f"postgresql+psycopg://line:{PASSWORD}@db.example.fi", "names no database"),
            (f"postgresql+psycopg://line:{PASSWORD}@db.example.fi/", "names no database"),
        ],
    )
    def test_a_wrong_address_is_told(self, url: str, what: str) -> None:
        told = fault({"IVR_DATABASE_URL": url})
        assert told.startswith(f"IVR_DATABASE_URL {what}. Remedy: write it like postgresql+psycopg://")

    def test_without_one_the_records_are_in_the_state(self, sqlite: Environment) -> None:
        Records.open({**sqlite, "IVR_DATABASE_URL": " "})
        assert (Path(sqlite["IVR_STATE"]) / FILE).is_file()

    def test_without_a_state_they_are_in_the_usual_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        records = Records.open({})
        monkeypatch.chdir("/")
        records.close(CLOSING, "other", "Anna", NOW)
        assert (tmp_path / "var" / FILE).is_file()

    @pytest.mark.parametrize(
        ("lacks", "env", "extra"),
        [
            ("sqlalchemy", {"IVR_STATE": "var"}, "office"),
            ("psycopg", {"IVR_DATABASE_URL": "postgresql+psycopg://a:b@127.0.0.1/c"}, "postgresql"),
        ],
    )
    def test_a_plain_install_tells_what_to_install(
        self, tmp_path: Path, lacks: str, env: Environment, extra: str
    ) -> None:
        script = f"""
import sys
sys.modules[{lacks!r}] = None  # importing it is an ImportError, as where it is not installed
from ivr.records.closings import Records
from ivr.records.faults import RecordsFault
try:
    Records.open({env!r})
except RecordsFault as told:
    print(told)
"""
        root = {"PYTHONPATH": str(Path(module.__file__).parents[2])}
        command = [sys.executable, "-c", script]
        ran = subprocess.run(
            command, cwd=tmp_path, env={**os.environ, **root}, capture_output=True, text=True, check=True
        )
        assert f"Remedy: pip install 'kemi-guidance-line[{extra}]'." in ran.stdout


class TestSqlite:
    def test_only_its_user_may_read_it_and_one_may_read_while_another_writes(self, sqlite: Environment) -> None:
        records, file = Records.open(sqlite), Path(sqlite["IVR_STATE"]) / FILE
        kept = records.close(CLOSING, "other", "Anna", NOW)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE closing SET schedule = 'door'")
            assert records.current(NOW) == (kept,)
            assert Records.open(sqlite).current(NOW) == (kept,)
            assert {each.stat().st_mode & 0o077 for each in file.parent.iterdir()} == {0}
            assert len([*file.parent.iterdir()]) == 3

    @pytest.mark.skipif(os.geteuid() != 0, reason="root alone makes files for others")
    def test_what_root_makes_in_the_folder_of_the_line_is_the_lines(self, sqlite: Environment) -> None:
        """Else `ivr close` of an administrator would keep the line and the pages from the records."""
        folder = Path(sqlite["IVR_STATE"])
        folder.mkdir()
        os.chown(folder, 4321, 8765)
        Records.open(sqlite).close(CLOSING, "other", "Anna", NOW)
        status = (folder / FILE).stat()
        assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (4321, 8765, 0o600)

    def test_a_lock_is_told(self, sqlite: Environment) -> None:
        Records.open(sqlite)
        records = SqlRecords(database(sqlite, MOMENT))
        with closing(sqlite3.connect(Path(sqlite["IVR_STATE"]) / FILE, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(RecordsFault, match=r"is locked by another program \(SQLITE_BUSY\)"):
                records.close(CLOSING, "other", "Anna", NOW)
        assert records.current(NOW) == ()

    def test_a_full_disk_is_told_and_nothing_is_half_done(self, sqlite: Environment) -> None:
        """A file may not grow beyond some bytes: SQLite is told the same as by a disk, and Python goes on."""
        Records.open(sqlite)
        script = f"""
import os, resource, signal
from datetime import datetime
from ivr.core.closing import Closing
from ivr.records.closings import Records
from ivr.records.faults import RecordsFault
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
records = Records.open(os.environ)
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
begins, ends = map(datetime.fromisoformat, ({CLOSING.begins.isoformat()!r}, {CLOSING.ends.isoformat()!r}))
try:
    records.close(Closing("phone", begins, ends), "other", "Anna", begins)
except RecordsFault as told:
    print(told)
"""
        ran = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, **sqlite},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        assert "SQLITE_FULL" in ran.stdout or "SQLITE_IOERR" in ran.stdout
        records = Records.open(sqlite)
        assert (records.current(NOW), records.audit(NOW)) == ((), ())

    def test_another_file_is_told_and_left_alone(self, sqlite: Environment) -> None:
        file = Path(sqlite["IVR_STATE"]) / FILE
        file.parent.mkdir()
        file.write_text("no database " * 1000, encoding="utf-8")
        assert (
            "is damaged (SQLITE_NOTADB). Remedy: put the last back-up in its place: `ivr records restore FILE`"
            in fault(sqlite)
        )
        assert file.read_text(encoding="utf-8").startswith("no database")

    def test_a_file_where_the_folder_should_be_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "var").touch()
        assert "cannot be opened" in fault({"IVR_STATE": str(tmp_path / "var")})

    def test_a_folder_where_the_file_should_be_is_told(self, tmp_path: Path) -> None:
        (tmp_path / FILE).mkdir()
        assert "cannot be opened" in fault({"IVR_STATE": str(tmp_path)})

    def test_its_names_for_faults_are_these(self) -> None:
        assert [name for name in SQLITE if not hasattr(sqlite3, name)] == []


Server = Callable[[Path], AbstractContextManager[str]]
"""What stands where PostgreSQL should: the end of its address, for a test with a folder."""


@contextmanager
def silent(_folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}/kemi"


@contextmanager
def gone(_folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield f"127.0.0.1:{port}/kemi"


@contextmanager
def another(_folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            link, _ = server.accept()
            with link:
                link.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        answering = Thread(target=answer)
        answering.start()
        yield f"127.0.0.1:{server.getsockname()[1]}/kemi"
        answering.join()


@contextmanager
def no_socket(folder: Path) -> Iterator[str]:
    yield f"/kemi?host={folder}"


class TestPostgresql:
    @pytest.mark.parametrize("server", [silent, gone, another, no_socket])
    def test_a_server_that_is_none_is_told(self, server: Server, tmp_path: Path) -> None:
        with server(tmp_path) as place:
            told = fault({"IVR_DATABASE_URL": f"postgresql+psycopg://{USER}:{PASSWORD}@{place}"})
        assert "cannot be reached. Remedy: see that it runs, and that IVR_DATABASE_URL has its address" in told

    def test_a_database_that_is_not_there_is_told(self, postgres: Environment) -> None:
        env = {"IVR_DATABASE_URL": postgres["IVR_DATABASE_URL"].replace(name_of(postgres), "kemmi")}
        assert "cannot be reached. Remedy: see that it runs, and that IVR_DATABASE_URL has its address" in fault(env)

    def test_a_user_who_may_not_is_told(self, postgres: Environment, postgresql: Postgresql) -> None:
        with postgresql.connection(name_of(postgres)) as other:
            other.execute("CREATE ROLE guest LOGIN")
            other.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")  # as PostgreSQL 15 and newer has it anyway
        told = fault({"IVR_DATABASE_URL": postgres["IVR_DATABASE_URL"].replace(f"{USER}:", "guest:")})
        assert "lets its user not do this (42501). Remedy: make that user the owner of the database" in told

    def test_a_server_that_only_reads_is_told(self, postgres: Environment, postgresql: Postgresql) -> None:
        records = Records.open(postgres)
        with postgresql.connection("postgres") as other:
            other.execute(f"ALTER DATABASE {name_of(postgres)} SET default_transaction_read_only = on")
        with pytest.raises(RecordsFault, match=r"cannot be written \(25006\)"):
            records.close(CLOSING, "other", "Anna", NOW)
        assert Records.open(postgres).current(NOW) == ()

    def test_a_lock_is_told(
        self, postgres: Environment, postgresql: Postgresql, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Records.open(postgres)
        monkeypatch.setattr(module, "SLACK", PATIENCE)
        records = SqlRecords(database(postgres, MOMENT))
        with locked(postgresql, postgres), pytest.raises(RecordsFault, match="too slow, or locked") as told:
            records.close(CLOSING, "other", "Anna", NOW)
        without_password(told.value)
        assert Records.open(postgres).current(NOW) == ()

    def test_a_server_that_is_stopped_in_the_middle_is_told(
        self, postgres: Environment, postgresql: Postgresql, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its process is stopped while it works for us: it says nothing any more, and the connection stands."""
        Records.open(postgres)
        monkeypatch.setattr(module, "SLACK", MOMENT - PATIENCE)  # the server itself would wait for longer
        records = SqlRecords(database(postgres, PATIENCE))
        told = list[RecordsFault]()

        def close() -> None:
            try:
                records.close(CLOSING, "other", "Anna", NOW)
            except RecordsFault as stopped:
                told.append(stopped)

        with locked(postgresql, postgres):
            person = Thread(target=close)
            person.start()
            with postgresql.connection("postgres") as other:
                working = until(lambda: waiting(other, name_of(postgres)))
            os.kill(working, signal.SIGSTOP)
            try:
                person.join(PATIENCE)
            finally:
                os.kill(working, signal.SIGCONT)
        assert not person.is_alive()
        assert ["cannot be reached" in without_password(each) for each in told] == [True]
        monkeypatch.undo()
        assert Records.open(postgres).current(NOW) == ()

    def test_what_is_told_once_is_no_trouble_later(self, postgres: Environment, postgresql: Postgresql) -> None:
        records = Records.open(postgres)
        with postgresql.connection("postgres") as other:
            other.execute(f"ALTER DATABASE {name_of(postgres)} ALLOW_CONNECTIONS false")
            with pytest.raises(RecordsFault, match="cannot be reached"):
                records.current(NOW)
            other.execute(f"ALTER DATABASE {name_of(postgres)} ALLOW_CONNECTIONS true")
        assert records.current(NOW) == ()

    def test_no_connection_is_left(self, postgres: Environment, postgresql: Postgresql) -> None:
        """Nor the copy of its descriptor, nor the thread that watches it."""
        records = Records.open(postgres)
        before = len([*Path("/proc/self/fd").iterdir()])
        for _ in range(3):
            records.close(CLOSING, "other", "Anna", NOW)
        assert len([*Path("/proc/self/fd").iterdir()]) == before
        asking = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        with postgresql.connection("postgres") as other:
            until(lambda: other.execute(asking, [name_of(postgres)]).fetchone() == (0,))

    def test_a_statement_may_not_take_for_ever(self, postgres: Environment) -> None:
        assert limit(database(postgres)) == "3s"
        assert limit(database(postgres, 60.0)) == "1min"

    def test_its_codes_for_faults_are_these(self) -> None:
        assert [psycopg.errors.lookup(code).__name__ for code in POSTGRESQL if len(code) == 5] == [
            "UntranslatableCharacter",
            "ReadOnlySqlTransaction",
            "InsufficientPrivilege",
            "LockNotAvailable",
            "QueryCanceled",
        ]
        assert [psycopg.errors.lookup(code).__name__ for code in ("53100", "53200", "53300")] == [
            "DiskFull",
            "OutOfMemory",
            "TooManyConnections",
        ]


@contextmanager
def locked(postgresql: Postgresql, env: Environment) -> Iterator[None]:
    """Meanwhile another program lets nobody read or write a closing."""
    with postgresql.connection(name_of(env)) as other, other.transaction():
        other.execute("LOCK TABLE closing")
        yield


def limit(of: Database) -> object:
    with of.transaction() as connection:
        return connection.scalar(text("SHOW statement_timeout"))


def test_a_closing_that_somebody_else_has_changed_is_told(env: Environment) -> None:
    records = Records.open(env)
    records.close(CLOSING, "other", "Anna", NOW)
    with database(env).transaction() as connection:
        connection.execute(text("UPDATE closing SET hours = 'some'"))
    with pytest.raises(RecordsFault, match="closing 1 was changed by something else"):
        records.current(NOW)
