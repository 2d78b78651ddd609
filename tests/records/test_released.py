"""A database as an earlier version has left it is brought up to date with all that is in it; in both databases.

`released/` keeps what each revision looked like, with rows in it. `pytest tests/records/test_released.py --update`
writes that of the newest revision, once: what a version has left behind never changes.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, insert, inspect, text

from ivr.core.closing import Closing, StandIn
from ivr.core.hours import Interval
from ivr.records import schema
from ivr.records.closings import KeptClosing, Records
from ivr.records.database import database
from ivr.records.people import People
from ivr.records.reach import FILE
from ivr.records.tables import COUNTS, PASSING
from tests.postgresql import Postgresql, programs
from tests.records.conftest import Environment, name_of
from tests.records.test_migrations import revisions

FOLDER = Path(__file__).parent / "released"
NOW = datetime(2026, 11, 24, 6, 10, 30, 123456, tzinfo=UTC)
NOON = NOW + timedelta(hours=4)
SHORTER = (Interval(opens=time(9), closes=time(11)), Interval(opens=time(12), closes=time(13, 30)))
CLOSINGS = (
    KeptClosing(1, Closing("phone", NOW, NOON), "no-staff", "Åsa Berg", NOW, NOW, "Bo"),
    KeptClosing(2, Closing("ovi ö", NOW, NOON, SHORTER), "meeting", "Bo", NOW),
    KeptClosing(3, StandIn("social_instructor", "duty", NOW, NOON), "other", "Bo", NOW),
)
"""What stands in each; the fourth was forgotten, and its number is never given again."""
Contents = dict[str, list[dict[str, Any]]]


def kind(env: Environment) -> str:
    return "postgresql" if "IVR_DATABASE_URL" in env else "sqlite"


def dump(env: Environment, revision: str) -> Path:
    """The file that keeps a database of a revision."""
    return FOLDER / f"{revision}.{kind(env)}.sql"


def filled(env: Environment) -> None:
    """Do what a version has done with its records until it was replaced. A new table gets rows here."""
    records = Records.open(env)
    for each in (*CLOSINGS, replace(CLOSINGS[0], closing=Closing("door", NOW, NOON))):
        token = UUID(int=len(records.all(NOW)))
        records.close(each.closing, each.why, each.by, NOW, token=token)
    records.withdraw(1, "Bo", NOW)
    with database(env).transaction() as connection:
        connection.execute(text("DELETE FROM closing WHERE id = 4"))
    people = People.open(env)
    people.accept(people.add("Åsa Berg", "leader", "Bo", NOW).token, "a hash", NOW)
    people.sign_in(1, "Firefox", NOW)
    with database(env).transaction() as connection:
        for table in (*PASSING, *COUNTS):
            connection.execute(insert(table).values({each.name: _example(each) for each in table.c}))


def _example(column: Column[Any]) -> object:
    """A value that a column may have."""
    if column.name == "outcome":
        return "reached"
    kind = column.type.python_type
    return NOW.date() if kind is date else kind(b"7" if kind is bytes else 7)


def written(env: Environment, server: Postgresql) -> str:
    """A database as statements that make it anew."""
    if kind(env) == "sqlite":
        with closing(sqlite3.connect(Path(env["IVR_STATE"]) / FILE)) as connection:
            return "\n".join(connection.iterdump()) + "\n"
    command = [str(programs() / "pg_dump"), "--inserts", "--no-owner", "--no-privileges", f"--host={server.folder}"]
    told = subprocess.run([*command, "--username=line", name_of(env)], capture_output=True, text=True, check=True)
    # Its settings and its words for psql are those of one version of PostgreSQL.
    lines = [each for each in told.stdout.splitlines() if not re.match(r"SET |SELECT .*search_path|--|\\|$", each)]
    return "\n".join(lines) + "\n"


def load(env: Environment, server: Postgresql, statements: str) -> None:
    """Make a database as it was."""
    if kind(env) == "postgresql":
        with server.connection(name_of(env)) as connection:
            connection.execute(statements.encode())
        return
    path = Path(env["IVR_STATE"]) / FILE
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)


def contents(env: Environment) -> Contents:
    """Table -> its rows, in the order of their numbers."""
    found = database(env)
    tables = inspect(found.engine).get_table_names()
    with found.transaction() as connection:
        rows = {name: connection.execute(text(f"SELECT * FROM {name} ORDER BY 1")) for name in tables}  # noqa: S608 - our own
        return {name: [dict(row) for row in result.mappings()] for name, result in rows.items()}


def test_what_each_revision_looked_like_is_kept(
    env: Environment, postgresql: Postgresql, request: pytest.FixtureRequest
) -> None:
    newest = dump(env, schema.NEWEST)
    if request.config.getoption("--update") and not newest.exists():
        filled(env)
        newest.write_text(written(env, postgresql), encoding="utf-8")
    kept = {each.name for each in FOLDER.iterdir()}
    assert kept >= {dump(env, each).name for each in revisions()[:-1]}, (
        "write it with the version that is released: pytest tests/records/test_released.py --update"
    )


@pytest.mark.parametrize("revision", sorted({each.name.partition(".")[0] for each in FOLDER.iterdir()}))
def test_all_that_is_in_it_is_kept(env: Environment, postgresql: Postgresql, revision: str) -> None:
    load(env, postgresql, dump(env, revision).read_text(encoding="utf-8"))
    before = contents(env)
    assert before.pop("alembic_version") == [{"version_num": revision}]
    assert all(before.values()), "a table without rows shows nothing"

    records = Records.open(env)

    after = contents(env)
    assert after.pop("alembic_version") == [{"version_num": schema.NEWEST}]
    for table, rows in before.items():
        same = [{column: row[column] for column in old} for old, row in zip(rows, after[table], strict=True)]
        assert same == rows, f"{table}: say here what has become of it, if that is meant"
    assert records.all(NOW) == CLOSINGS
    assert records.close(CLOSINGS[0].closing, "other", "Bo", NOW).id == 5
