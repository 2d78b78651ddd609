"""A back-up is put back as an operator does it, in both databases; no page that is open meanwhile does harm."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Table, delete, insert, select

from ivr.commands import main
from ivr.core.closing import Closing
from ivr.records import backup as module
from ivr.records import mirror, schema
from ivr.records.closings import NothingToWithdraw, Records
from ivr.records.database import database
from ivr.records.faults import RecordsFault
from ivr.records.reach import FILE
from ivr.records.rows import Rows, rows_of
from ivr.records.tables import COUNT_HANG_UP, DAY_KEY, FOLDED_CALL, PASSING, SEEN, URGENT_RING
from tests.conftest import ROOT
from tests.postgresql import programs
from tests.records.conftest import Environment
from tests.records.test_migrations import asked

NOW = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)
NOON, EVENING = (Closing("phone", NOW, NOW + timedelta(hours=hours)) for hours in (4, 12))
Ivr = Callable[..., Result]


@pytest.fixture
def ivr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ivr:
    """What somebody types in an empty folder; the records are those of the settings that a test has."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IVR_DATABASE_URL", raising=False)
    monkeypatch.setenv("IVR_STATE", "var")
    return lambda *words: CliRunner().invoke(main, words)


CALL = "a call that is not counted yet"


def seen(env: Environment) -> None:
    """Rows of single calls, some of which were deleted: a file of SQLite still has them in its free pages."""
    with database(env).transaction() as connection:
        row = {"at": 0, "what": "step", "second": 0, "node": CALL, "exit": "", "written": 0}
        rows = [
            {"call": f"{CALL} {each}", "token": "", "key": False, "told": False, "closed": False, "over": False, **row}
            for each in range(300)
        ]
        connection.execute(insert(SEEN), rows)
        connection.execute(delete(SEEN).where(SEEN.c.call < f"{CALL} 2"))
        connection.execute(insert(FOLDED_CALL).values((f"{CALL} 1", 0)))
        connection.execute(insert(DAY_KEY).values((NOW.date(), CALL.encode())))
        connection.execute(insert(URGENT_RING).values(("", 0, True)))
        connection.execute(insert(COUNT_HANG_UP).values((NOW.date(), "languages", 7)))


def rows_in(env: Environment, *tables: Table) -> list[int]:
    with database(env).transaction() as connection:
        return [len(connection.execute(select(each)).all()) for each in tables]


def read_by(line: Rows) -> list[int]:
    """The numbers of what a line reads, which goes on meanwhile."""
    return [each.id for each in line.read(NOW) or ()]


def documented(program: str) -> str:
    """The commands of the documents in which a program of PostgreSQL is used, as a script."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/behaviour.md").read_text(encoding="utf-8"), re.DOTALL)
    (block,) = (each for each in blocks if program in each)
    return str(block)


def test_in_sqlite(sqlite: Environment, ivr: Ivr, tmp_path: Path) -> None:
    records = Records.open(sqlite)
    kept = records.close(NOON, "meeting", "Anna", NOW)
    seen(sqlite)
    done = ivr("records", "backup", "copy.db")
    assert (done.exit_code, done.stderr) == (0, "")
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert CALL.encode() not in (tmp_path / "copy.db").read_bytes()
    assert CALL.encode() in (tmp_path / "var" / FILE).read_bytes()
    lost = records.close(EVENING, "other", "Bo", NOW)
    records.withdraw(kept.id, "Bo", NOW)
    line = rows_of(sqlite)
    assert read_by(line) == [lost.id]

    done = ivr("records", "restore", "copy.db", "--yes")

    assert (done.exit_code, done.stderr) == (0, "")
    assert records.current(NOW) == (kept,)
    assert read_by(line) == [kept.id]
    with pytest.raises(NothingToWithdraw):
        records.withdraw(lost.id, "Bo", NOW)
    assert records.close(EVENING, "other", "Anna", NOW).id > lost.id
    assert rows_in(sqlite, *PASSING, COUNT_HANG_UP) == [*([0] * len(PASSING)), 1]
    assert asked(database(sqlite), "PRAGMA journal_mode") == [("wal",)]


def test_in_postgresql_as_the_guide_says(postgres: Environment, tmp_path: Path) -> None:
    script = documented("pg_dump").replace("/root/", f"{tmp_path}/")
    backing_up, _, restoring = script.partition("\n\n")
    address = postgres["IVR_DATABASE_URL"].replace("+psycopg", "")

    def run(commands: str) -> int:
        command = re.sub(r"(?m)^URL=.*$", f"URL={shlex.quote(address)}", commands)
        path = f"{programs()}{os.pathsep}{os.environ['PATH']}"
        ran = subprocess.run(
            ["sh", "-euc", command], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
        )
        assert not ran.returncode or not ran.stderr, ran.stderr
        return ran.returncode

    records = Records.open(postgres)
    kept = records.close(NOON, "meeting", "Anna", NOW)
    seen(postgres)
    assert run(backing_up) == 0
    lost = records.close(EVENING, "other", "Bo", NOW)
    records.withdraw(kept.id, "Bo", NOW)
    line = rows_of(postgres)
    assert read_by(line) == [lost.id]

    written = tmp_path / "kemi-records.sql"
    whole = written.read_text(encoding="utf-8")
    assert CALL not in whole
    assert CALL.encode().hex() not in whole, "the key of a day"
    written.write_text(whole[: whole.index("CREATE TABLE public.closing")], encoding="utf-8")
    assert run(f"{backing_up.splitlines()[0]}\n{restoring}") == 1, "psql takes a file that was cut off for a whole one"
    assert read_by(line) == [lost.id]
    written.write_text(whole, encoding="utf-8")

    for _ in range(2):
        assert run(f"{backing_up.splitlines()[0]}\n{restoring}") == 0

    assert records.current(NOW) == (kept,)
    assert read_by(line) == [kept.id]
    with pytest.raises(NothingToWithdraw):
        records.withdraw(lost.id, "Bo", NOW)
    assert records.close(EVENING, "other", "Anna", NOW).id > lost.id
    assert rows_in(postgres, *PASSING, COUNT_HANG_UP) == [*([0] * len(PASSING)), 1]
    line.close()


def test_onto_another_machine_or_onto_what_is_damaged(sqlite: Environment, ivr: Ivr, tmp_path: Path) -> None:
    kept = Records.open(sqlite).close(NOON, "meeting", "Anna", NOW)
    ivr("records", "backup", "copy.db")
    lost = Records.open(sqlite).close(EVENING, "other", "Bo", NOW)
    file = tmp_path / "var" / FILE
    for harm in (lambda: shutil.rmtree(file.parent), lambda: file.write_bytes(b"no database" * 1000)):
        harm()
        done = ivr("records", "restore", "copy.db", "--yes")
        assert (done.exit_code, done.stderr) == (0, "")
        assert Records.open(sqlite).current(NOW) == (kept,)
        assert file.stat().st_mode & 0o777 == 0o600
        assert Records.open(sqlite).close(EVENING, "other", "Anna", NOW).id > lost.id
    assert (file.parent / f"{FILE}.damaged").read_bytes() == b"no database" * 1000


def test_lost_records_are_not_made_anew_while_the_line_still_holds_what_was_in_them(
    sqlite: Environment, ivr: Ivr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who only looks (`ivr closings`, `ivr staff list`, the doctor) would open what the office has closed."""
    monkeypatch.setenv("IVR_SITE", str(ROOT / "prompts"))
    kept = Records.open(sqlite).close(NOON, "meeting", "Anna", NOW)
    ivr("records", "backup", "copy.db")
    copy = tmp_path / "var" / mirror.FILE
    copy.write_bytes(mirror.to_bytes([NOON]))
    for is_empty in (False, True):
        (tmp_path / "var" / FILE).unlink()
        if is_empty:
            (tmp_path / "var" / FILE).touch()
        for words in (("closings",), ("staff", "list"), ("close", "door", "--why", "other", "--yes")):
            done = ivr(*words)
            told = "is gone or empty, and the line goes on with what was closed by hand before. Remedy: put the last"
            assert (done.exit_code, told in done.stderr) == (1, True), done.output
        with pytest.raises(RecordsFault, match="is gone or empty"):
            Records.look(sqlite)
        assert rows_of(sqlite).read(NOW) is None, "the line goes on to tell it"

        assert ivr("records", "restore", "copy.db", "--yes").exit_code == 0
        assert Records.open(sqlite).current(NOW) == (kept,)
    (tmp_path / "var" / FILE).unlink()
    copy.unlink()
    assert Records.look(sqlite) == "none"
    assert Records.open(sqlite).current(NOW) == ()


def test_over_what_a_newer_program_has_changed(sqlite: Environment, ivr: Ivr) -> None:
    """Whoever goes back to an earlier version does just that."""
    kept = Records.open(sqlite).close(NOON, "meeting", "Anna", NOW)
    ivr("records", "backup", "copy.db")
    asked(database(sqlite), "UPDATE alembic_version SET version_num = 'newer'")
    assert ivr("records", "restore", "copy.db", "--yes").exit_code == 0
    assert Records.open(sqlite).current(NOW) == (kept,)


def test_a_backup_of_a_newer_program_replaces_nothing(sqlite: Environment, ivr: Ivr) -> None:
    kept = Records.open(sqlite).close(NOON, "meeting", "Anna", NOW)
    asked(database(sqlite), "UPDATE alembic_version SET version_num = 'newer'")
    ivr("records", "backup", "copy.db")
    asked(database(sqlite), f"UPDATE alembic_version SET version_num = '{schema.NEWEST}'")  # noqa: S608 - our own
    done = ivr("records", "restore", "copy.db", "--yes")
    assert (done.exit_code, "the back-up copy.db was changed by a newer version of" in done.stderr) == (1, True)
    assert Records.open(sqlite).current(NOW) == (kept,)


def other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE song (title)")


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda _: None, "copy.db is not there, or this user may not look for it. Remedy: name a file that"),
        (lambda path: path.write_bytes(b"no database" * 1000), "copy.db is damaged. Remedy: take another back-up."),
        (lambda path: path.write_bytes(b""), "copy.db is no back-up of the records"),
        (other_database, "copy.db is no back-up of the records"),
    ],
)
def test_what_is_no_backup_replaces_nothing(
    sqlite: Environment, ivr: Ivr, tmp_path: Path, made: Callable[[Path], object], told: str
) -> None:
    kept = Records.open(sqlite).close(NOON, "meeting", "Anna", NOW)
    made(tmp_path / "copy.db")
    done = ivr("records", "restore", "copy.db", "--yes")
    assert (done.exit_code, told in done.stderr) == (1, True), done.stderr
    assert ivr("records", "restore", "copy.db").exit_code == 1
    assert Records.open(sqlite).current(NOW) == (kept,)


def test_where_the_user_of_the_line_may_not_look(
    sqlite: Environment, ivr: Ivr, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in /root, from where an administrator puts back what he has copied there."""
    Records.open(sqlite)
    looked = Path.stat

    def forbidden(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name in ("copy.db", FILE):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return looked(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", forbidden)
    done = ivr("records", "restore", "copy.db", "--yes")
    assert (done.exit_code, "this user may not look for it. Remedy" in done.stderr) == (1, True), done.output
    done = ivr("records", "backup", "other.db")
    assert (done.exit_code, "this user may not look for them. Remedy" in done.stderr) == (1, True), done.output


def test_a_backup_is_not_written_over_anything(sqlite: Environment, ivr: Ivr, tmp_path: Path) -> None:
    assert "there are no records yet" in ivr("records", "backup", "copy.db").stderr
    assert not (tmp_path / "copy.db").exists()
    Records.open(sqlite)
    (tmp_path / "copy.db").write_bytes(b"mine")
    assert "copy.db cannot be made: File exists" in ivr("records", "backup", "copy.db").stderr
    assert (tmp_path / "copy.db").read_bytes() == b"mine"
    (tmp_path / "var" / FILE).write_bytes(b"no database" * 1000)
    assert "is damaged" in ivr("records", "backup", "other.db").stderr
    assert not (tmp_path / "other.db").exists()


def test_nobody_waits_for_ever_for_whoever_writes(
    sqlite: Environment, ivr: Ivr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Records.open(sqlite)
    ivr("records", "backup", "copy.db")
    monkeypatch.setattr(module, "SECONDS", 0.1)
    with closing(sqlite3.connect(tmp_path / "var" / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "is locked by another program" in ivr("records", "restore", "copy.db", "--yes").stderr


def test_postgresql_has_its_own_programs(postgres: Environment, ivr: Ivr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_DATABASE_URL", postgres["IVR_DATABASE_URL"])
    for words in (("backup", "copy.db"), ("restore", "copy.db", "--yes")):
        told = ivr("records", *words).stderr
        assert (
            told == "Error: the records are in PostgreSQL. Remedy: use pg_dump and psql, as docs/behaviour.md says.\n"
        )
