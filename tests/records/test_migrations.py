"""Tables are made and brought up to date by whoever comes first, whole or not at all; in SQLite and in PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from ivr.core.closing import Closing
from ivr.records import schema
from ivr.records.closings import Records
from ivr.records.database import Database, database
from ivr.records.faults import RecordsFault
from ivr.records.tables import METADATA
from tests.limits import PATIENCE, until
from tests.postgresql import Postgresql
from tests.records.conftest import Environment, name_of, waiting

NOW = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)
CLOSING = Closing("phone", NOW, NOW + timedelta(hours=2))


def revisions() -> list[str]:
    """Every revision that there is, the oldest first."""
    config = Config()
    config.set_main_option("script_location", "ivr.records:migrations")
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def asked(found: Database, statement: str) -> list[tuple[Any, ...]]:
    with found.transaction() as connection:
        result = connection.execute(text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []


def constraints(found: Database) -> dict[str, set[str]]:
    """What each table forbids, which Alembic does not compare."""
    look = inspect(found.engine)
    return {name: {each["sqltext"] for each in look.get_check_constraints(name)} for name in METADATA.tables}


def test_the_newest_is_the_last_of_the_folder() -> None:
    assert revisions()[-1] == schema.NEWEST


def test_migrations_make_the_tables_that_the_program_knows(env: Environment) -> None:
    Records.open(env)
    with database(env).engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_and_what_they_forbid(env: Environment, sqlite: Environment, postgresql: Postgresql) -> None:
    Records.open(env)
    other = database(
        {"IVR_DATABASE_URL": postgresql.new_database()}
        if "IVR_DATABASE_URL" in env
        else {"IVR_STATE": f"{sqlite['IVR_STATE']}/other"}
    )
    METADATA.create_all(other.engine)
    assert constraints(database(env)) == constraints(other)
    assert sum(map(len, constraints(other).values())) == 11
    if "IVR_STATE" in env:
        counting = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name"
        assert (
            asked(database(env), counting)
            == asked(other, counting)
            == [*(("audit",), ("closing",), ("device",), ("staff",))]
        )


@pytest.mark.parametrize("revision", [None, *revisions()])
def test_each_version_is_brought_up_to_date(env: Environment, revision: str | None) -> None:
    if revision:
        schema.migrate(database(env), revision)
        assert asked(database(env), "SELECT version_num FROM alembic_version") == [(revision,)]
    kept = Records.open(env).close(CLOSING, "other", "Anna", NOW)
    assert asked(database(env), "SELECT version_num FROM alembic_version") == [(schema.NEWEST,)]
    assert Records.open(env).current(NOW) == (kept,)


def test_several_processes_may_be_the_first(env: Environment) -> None:
    """They are forked from one that has loaded everything and opened nothing: so all begin at once."""
    script = f"""
import os
from datetime import datetime
from ivr.core.closing import Closing
from ivr.records.closings import Records
import alembic.command, ivr.records.sql

begins, ends = map(datetime.fromisoformat, ({CLOSING.begins.isoformat()!r}, {CLOSING.ends.isoformat()!r}))
waits, begin = os.pipe()
for _ in range(4):
    if not os.fork():
        os.close(begin)
        os.read(waits, 1)  # until the other end is closed
        Records.open(os.environ).close(Closing("phone", begins, ends), "other", "Anna", begins)
        raise SystemExit
os.close(begin)
print(*(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)))
"""
    command = [sys.executable, "-c", script]
    ran = subprocess.run(
        command, env={**os.environ, **env}, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (ran.stderr, ran.stdout) == ("", "0 0 0 0\n")
    assert len(Records.open(env).current(NOW)) == 4


def test_whoever_comes_while_another_migrates_waits(postgres: Environment, postgresql: Postgresql) -> None:
    """In SQLite nobody can write meanwhile anyway."""
    name = name_of(postgres)
    with ThreadPoolExecutor(1) as second, postgresql.connection(name) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [schema.LOCK])
        opening = second.submit(Records.open, postgres)
        until(lambda: waiting(first, name))
        assert inspect(database(postgres).engine).get_table_names() == []
        first.execute("SELECT pg_advisory_unlock(%s)", [schema.LOCK])
        assert opening.result(PATIENCE).current(NOW) == ()


def test_one_that_breaks_off_leaves_nothing(env: Environment) -> None:
    asked(database(env), "CREATE TABLE audit (id INTEGER)")  # the second that the first revision makes
    with pytest.raises(RecordsFault, match="has refused"):
        Records.open(env)
    assert inspect(database(env).engine).get_table_names() == ["audit"]
    asked(database(env), "DROP TABLE audit")
    assert Records.open(env).current(NOW) == ()


def test_a_newer_database_is_left_alone(env: Environment) -> None:
    kept = Records.open(env).close(CLOSING, "other", "Anna", NOW)
    asked(database(env), "UPDATE alembic_version SET version_num = 'newer'")
    with pytest.raises(RecordsFault, match="by a newer version of this program"):
        Records.open(env)
    asked(database(env), f"UPDATE alembic_version SET version_num = '{schema.NEWEST}'")  # noqa: S608 - our own
    assert Records.open(env).current(NOW) == (kept,)


def test_where_all_is_well_no_migration_is_loaded(env: Environment, sqlite: Environment) -> None:
    script = """
import os, sys
from ivr.records.closings import Records
for env in os.environ, {"IVR_STATE": os.environ["NEW"]}:
    Records.open(env)
    print("alembic" in sys.modules)
"""
    Records.open(env)
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **env, "NEW": f"{sqlite['IVR_STATE']}/new"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["False", "True"]
