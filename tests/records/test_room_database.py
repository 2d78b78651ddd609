"""The room's records are a database of their own, in SQLite and in PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url, text

from ivr.records import schema
from ivr.records.closings import Records
from ivr.records.database import Database
from ivr.records.faults import RecordsFault
from ivr.records.people import People
from ivr.records.room import Room
from ivr.records.room_reach import MIGRATIONS, room_database
from ivr.records.room_tables import ROOM_METADATA
from ivr.speech.recorded import RecordedText, take_in
from tests.postgresql import PASSWORD, Postgresql
from tests.records.conftest import Environment
from tests.records.room_setup import NOW, volunteer


def constraints(found: Database) -> dict[str, set[str]]:
    """What each table forbids, which Alembic does not compare."""
    look = inspect(found.engine)
    return {
        name: {each["sqltext"] for each in look.get_check_constraints(name)}
        | {",".join(each["column_names"]) for each in look.get_unique_constraints(name)}
        for name in ROOM_METADATA.tables
    }


def fault(env: Environment) -> str:
    """What is told where the records cannot be opened."""
    with pytest.raises(RecordsFault) as told:
        Room.open(env)
    assert PASSWORD not in str(told.value)
    return str(told.value)


def in_tables(found: Database) -> list[str]:
    """All that stands in a database."""
    with found.transaction() as connection:
        names = inspect(connection).get_table_names()
        return [str(row) for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))]  # noqa: S608


def test_migrations_make_the_tables_that_the_program_knows(room_env: Environment) -> None:
    assert MIGRATIONS.newest in schema.known_revisions(MIGRATIONS)
    Room.open(room_env)
    with room_database(room_env).engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), ROOM_METADATA) == []


def test_and_what_they_forbid(room_env: Environment, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    Room.open(room_env)
    if "IVR_RECORDINGS" in room_env:
        other = room_database({"IVR_RECORDINGS": str(tmp_path / "other")})
    else:
        server: Postgresql = request.getfixturevalue("postgresql")
        other = room_database({"IVR_ROOM_DATABASE_URL": server.new_database()})
    ROOM_METADATA.create_all(other.engine)
    assert constraints(room_database(room_env)) == constraints(other)
    assert sum(map(len, constraints(other).values())) == 14
    if "IVR_RECORDINGS" in room_env:
        counting = text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name")
        for found in (room_database(room_env), other):
            with found.transaction() as connection:
                assert [*connection.scalars(counting)] == sorted(ROOM_METADATA.tables)


def test_it_is_a_file_of_its_own_that_its_user_alone_may_read(tmp_path: Path) -> None:
    env = {"IVR_STATE": str(tmp_path / "var"), "IVR_ROOM_DATABASE_URL": " "}
    room = Room.open(env)
    volunteer(room)
    folder = tmp_path / "var" / "recordings"
    with room_database(env).transaction() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA secure_delete")) == 1
        names = {each.name for each in folder.iterdir()}
        assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o600}
    assert names == {"room.db", "room.db-wal", "room.db-shm"}
    Room.open({"IVR_STATE": str(tmp_path / "var"), "IVR_RECORDINGS": str(tmp_path / "else")})
    assert (tmp_path / "else" / "room.db").is_file()


def test_the_room_opens_nothing_of_the_office(tmp_path: Path) -> None:
    """What it opens is told by Python itself, for which SQLite opens a file."""
    env = {"IVR_STATE": str(tmp_path / "var"), "IVR_RECORDINGS": str(tmp_path / "recordings")}
    People.open(env).add("Anna", "leader", "root", NOW)
    script = """
import os, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event in ("open", "sqlite3.connect") else None)
from ivr.records.room import Room
from tests.records.room_setup import NOW, kept, speaker
room = Room.open(os.environ)
kept(room, speaker(room))
room.forget_voice(1, None, NOW)
print(*sorted({each for each in opened if each.startswith(os.environ["HERE"])}), sep="\\n")
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **env, "HERE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [str(tmp_path / "recordings" / "room.db")]


def test_a_damaged_file_is_told_with_a_remedy_that_helps(tmp_path: Path) -> None:
    (tmp_path / "room.db").write_text("no database " * 1000, encoding="utf-8")
    told = fault({"IVR_RECORDINGS": str(tmp_path)})
    assert "is damaged (SQLITE_NOTADB). Remedy: move room.db and its -wal and -shm away" in told
    assert "restore" not in told


@pytest.mark.parametrize("had", [0, 2])
def test_no_number_is_given_again_that_a_voice_has_which_callers_hear(
    room_env: Environment, tmp_path: Path, had: int
) -> None:
    """The database may be lost, or an older one may be put in its place, while the recordings stay."""
    env = {"IVR_RECORDINGS": str(tmp_path / "recordings"), **room_env}
    room = Room.open(env)
    for number in range(had):
        volunteer(room, f"Ayaan {number}")
    for language, voice in (("so", "v7"), ("ckb", "v12"), ("fa", ""), ("sw", "v0x")):
        take_in(tmp_path / "recordings" / language, {"a": (RecordedText("words", voice=voice), b"sound")})
    (tmp_path / "recordings" / "uk").mkdir()
    (tmp_path / "recordings" / "uk" / "texts.json").write_text("[", encoding="utf-8")
    for _ in range(2):
        assert [each.id for each in Room.open(env).volunteers()] == [*range(1, had + 1)]
    assert volunteer(Room.open(env), "Hodan").voice == "v13"
    assert volunteer(Room.open(env), "Cige").voice == "v14"


class TestPostgresql:
    @pytest.mark.parametrize(
        ("url", "what"),
        [
            (PASSWORD, "is no address of a database"),
            (f"postgresql://room:{PASSWORD}@db.example.fi/room", "does not begin with postgresql+psycopg://"),
            (f"postgresql+psycopg://room:{PASSWORD}@db.example.fi/", "names no database"),
            (f"postgresql+psycopg://room:{PASSWORD}@word@db.example.fi/room", "has more than one @"),
        ],
    )
    def test_a_wrong_address_is_told_by_the_name_of_its_setting(self, url: str, what: str) -> None:
        assert fault({"IVR_ROOM_DATABASE_URL": url}).startswith(f"IVR_ROOM_DATABASE_URL {what}. Remedy: write")

    def test_a_server_that_is_not_there_too(self, tmp_path: Path) -> None:
        url = f"postgresql+psycopg://room:{PASSWORD}@/room?host={tmp_path}"
        assert "see that it runs, and that IVR_ROOM_DATABASE_URL has its address" in fault(
            {"IVR_ROOM_DATABASE_URL": url}
        )

    @pytest.mark.parametrize(
        ("office", "room", "what"),
        [
            ("kemi:a@db.example.fi/kemi", "room:b@DB.example.fi:5432/kemi", "the same database as IVR_DATABASE_URL"),
            ("kemi:a@/kemi?host=/run/pg", "room:b@/kemi?host=/run/pg", "the same database as IVR_DATABASE_URL"),
            ("kemi:a@db.example.fi/kemi", "kemi:a@db.example.fi/room", "the same user as IVR_DATABASE_URL"),
        ],
    )
    def test_that_of_the_office_is_refused_before_anybody_is_asked(self, office: str, room: str, what: str) -> None:
        scheme = "postgresql+psycopg://"
        told = fault({"IVR_DATABASE_URL": scheme + office, "IVR_ROOM_DATABASE_URL": scheme + room})
        assert told.startswith(f"IVR_ROOM_DATABASE_URL names {what}. Remedy: make a database of its own for the room")

    def test_also_where_nobody_says_so_and_neither_has_touched_the_other(self, postgresql: Postgresql) -> None:
        """The room's process does not know the setting of the office."""
        url = postgresql.new_database()
        People.open({"IVR_DATABASE_URL": url})
        assert "names the database of the office's records" in fault({"IVR_ROOM_DATABASE_URL": url})
        other = postgresql.new_database()
        Room.open({"IVR_ROOM_DATABASE_URL": other})
        with pytest.raises(RecordsFault, match="was changed by a newer version"):
            Records.open({"IVR_DATABASE_URL": other})

    def test_the_role_of_the_room_can_read_and_write_nothing_of_the_office(self, postgresql: Postgresql) -> None:
        """Both are made by the statements of docs/behaviour.md."""
        office, room = made_as_documented(postgresql)
        People.open({"IVR_DATABASE_URL": office}).add("Anna", "leader", "root", NOW)
        volunteer(Room.open({"IVR_ROOM_DATABASE_URL": room, "IVR_DATABASE_URL": office}))
        names = {each: make_url(each).database for each in (office, room)}
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(host=str(postgresql.folder), user="kemi_room", dbname=names[office])
        with psycopg.connect(host=str(postgresql.folder), user="kemi_room", dbname=names[room]) as own:
            visible = own.execute("SELECT count(*) FROM pg_class WHERE relname = 'staff'").fetchone()
            mighty = own.execute(
                "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = user"
            ).fetchone()
            member = own.execute("SELECT count(*) FROM pg_auth_members WHERE member = user::regrole").fetchone()
        assert (visible, mighty, member) == ((0,), (False,), (0,))
        with pytest.raises(RecordsFault, match="IVR_ROOM_DATABASE_URL"):
            Room.open({"IVR_ROOM_DATABASE_URL": room.replace(str(names[room]), str(names[office]))})


def made_as_documented(postgresql: Postgresql) -> tuple[str, str]:
    """Addresses of the databases of an office and of its room, as docs/behaviour.md makes them."""
    page = (Path(__file__).parents[2] / "docs" / "behaviour.md").read_text(encoding="utf-8")
    (statements,) = [part.split("```")[0] for part in page.split("```sql\n")[1:] if "kemi_room" in part]
    with postgresql.connection("postgres") as admin:
        admin.execute("CREATE ROLE kemi LOGIN")
        admin.execute("CREATE DATABASE kemi OWNER kemi TEMPLATE template0")
        for statement in statements.split(";"):
            if statement.strip():
                admin.execute(statement.encode())
    address = "postgresql+psycopg://{}:x@/{}?host={}"
    return address.format("kemi", "kemi", postgresql.folder), address.format(
        "kemi_room", "kemi_room", postgresql.folder
    )
