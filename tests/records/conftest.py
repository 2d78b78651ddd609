"""Records in both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.records.closings import Records
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
