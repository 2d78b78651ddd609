"""Records in both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from ivr.records.closings import Records
from ivr.records.room import Room
from tests.postgresql import Postgresql
from tests.postgresql import postgresql as server

Environment = dict[str, str]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    with server() as running:
        yield running


@pytest.fixture
def sqlite(tmp_path: Path) -> Environment:
    """The settings of records in an empty folder."""
    return {"IVR_STATE": str(tmp_path / "var")}


@pytest.fixture
def postgres(postgresql: Postgresql) -> Environment:
    """The settings of records in an empty database of PostgreSQL."""
    return {"IVR_DATABASE_URL": postgresql.new_database()}


@pytest.fixture(params=["sqlite", "postgres"])
def env(request: pytest.FixtureRequest) -> Environment:
    """The settings of records in an empty database of each kind."""
    found: Environment = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def records(env: Environment) -> Records:
    return Records.open(env)


def name_of(env: Environment) -> str:
    """The name of a database of PostgreSQL."""
    return str(make_url(env["IVR_DATABASE_URL"]).database)


def waiting(other: psycopg.Connection[tuple[Any, ...]], name: str) -> int:
    """The process of a server that waits for a lock; 0 if there is none."""
    asking = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    found = other.execute(asking, [name]).fetchone()
    return int(found[0]) if found else 0


@pytest.fixture(params=["sqlite", "postgres"])
def room_env(request: pytest.FixtureRequest, tmp_path: Path) -> Environment:
    """The settings of the room's records in an empty database of each kind."""
    if request.param == "sqlite":
        return {"IVR_RECORDINGS": str(tmp_path / "recordings")}
    server: Postgresql = request.getfixturevalue("postgresql")
    return {"IVR_ROOM_DATABASE_URL": server.new_database()}


@pytest.fixture
def room(room_env: Environment) -> Room:
    return Room.open(room_env)
