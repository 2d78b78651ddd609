"""Thousands of calls over two processes, with repeats, kills and a database that stands still: every count is right."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import made_once
from tests.faults.callers import Call, SentEmergency
from tests.faults.databases import Database, OfServer, Sqlite, counted
from tests.faults.oracle import Tables, differences, expected
from tests.faults.pair import MONDAY, Pair, pair, prepare
from tests.faults.passed_on import all_that_is_read
from tests.faults.test_soak import GROWTH, megabytes
from tests.faults.traces import all_that_is_shown, traces
from tests.limits import PATIENCE, until
from tests.postgresql import Postgresql, postgresql

SHORT, LONG = 150, 5_000
"""Calls, in `make test` and in `make faults`."""
WARM = 1_500
"""Calls after which memory has nearly settled: from the 500th to the 5,000th it grew from 65.4 to 68.2 MB."""
ENDS = ("unanswered", "hung_up_early", "hung_up_ringing", "informed", "reached")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "counted", prepare)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgresql]:
    with postgresql() as found:
        yield found


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "SQLite":
        return Sqlite(tmp_path / "line" / "var" / "records.db")
    return OfServer(request.getfixturevalue("server"))


def calls_in(tables: Tables) -> int:
    return sum(calls for key, calls in tables["count_language"].items() if key[-1] in ENDS)


def count_is(database: Database, calls: list[Call]) -> None:
    """Wait until as many calls are counted as there were, and compare all that is counted of them."""
    wanted = expected(calls)
    until(lambda: calls_in(counted(database)) >= calls_in(wanted), lambda: differences(counted(database), wanted))
    assert not (wrong := differences(counted(database), wanted)), "\n".join(wrong)


def kills(two: Pair, times: int) -> None:
    for each in range(times):
        two.kill(each % 2)


def steps_fail(two: Pair, times: int) -> None:
    """For a while each step fails, and whoever calls is sent the emergency document."""

    def sent() -> int:
        return sum(isinstance(event, SentEmergency) for call in list(two.calls) for event in list(call.events))

    two.let_steps_fail(True)
    until(lambda: sent() >= times or not two.callers)
    assert sent() >= times
    two.let_steps_fail(False)


@pytest.mark.parametrize(
    ("calls", "database"),
    [(SHORT, "SQLite"), *(pytest.param(LONG, kind, marks=pytest.mark.long) for kind in ("SQLite", "PostgreSQL"))],
    indirect=["database"],
)
def test_the_counts_are_those_of_an_oracle_that_watched_the_calls(
    calls: int, prepared: Path, tmp_path: Path, database: Database
) -> None:
    part, many = calls // 5, calls // 500
    with pair(prepared, tmp_path / "line", "a seed", **database.environment) as two:
        # In the morning both processes are killed, again and again.
        two.call(part, lambda: kills(two, 2 + many))
        two.send_late()
        until(lambda: database.rows("seen"))  # the tables are there
        # Then the database stands still for 59 minutes, in which both end and begin anew.
        with database.stopped():
            two.call(part)
            two.leap(minutes=59)
            two.begin_anew()
            two.call(part, lambda: kills(two, many))
            two.send_late()
            secret = secrets_of(two)
            assert traces(all_that_is_shown(two, None), two.calls) == []  # last: to read its files unlocks SQLite's
        # It is evening, the phone is closed, and for a while every step fails.
        two.begin_anew(MONDAY + timedelta(hours=16, minutes=10))
        two.call(part, lambda: steps_fail(two, part // 10))
        two.send_late()
        # Over the midnight of the names of calls, which is UTC's, calls go on.
        two.begin_anew(MONDAY + timedelta(hours=25, minutes=58))
        before = len(two.calls)
        waiting = two.call(part, park=0.3)
        two.send_late()
        two.begin_anew(MONDAY + timedelta(hours=26, minutes=3))
        two.go_on(waiting)
        assert waiting
        # A call is counted a minute after its end was told. That leap takes no time, in which the process that has not
        # seen the end would keep the steps that it has seen.
        all_is_moved(two)

        earlier, last = two.calls[:before], two.calls[before:]
        two.leap(minutes=2)
        count_is(database, [*earlier, *(call for call in last if call.told)])
        two.leap(minutes=29)
        count_is(database, [*earlier, *(call for call in last if call.told or not call.rings_or_talks_last)])
        two.leap(hours=4, minutes=30)
        count_is(database, two.calls)
        two.send_late()
        all_is_moved(two)
        two.leap(hours=5, minutes=1)  # what names no call waits as long as a talk may last
        until(lambda: not database.rows("seen"))
        count_is(database, two.calls)
        assert traces(all_that_is_shown(two, database), two.calls) == []
        # What passes is gone after a day, and the names and keys of calls from all files after another.
        two.leap(hours=25)
        until(lambda: not any(database.rows(table) for table in ("seen", "folded_call", "urgent_ring")))
        assert len(secret) > part
        two.leap(hours=48)
        until(
            lambda: not left(secret, all_that_is_shown(two, database)),
            lambda: left(secret, all_that_is_shown(two, database)),
        )
        count_is(database, two.calls)
        two.stop()
        # Whoever reads of it finds nobody, and a team leader as many calls as there were.
        state = {"IVR_STATE": str(two.lines[0].state), **database.environment}
        read = all_that_is_read(state, two.folder / "prompts", tmp_path / "people", MONDAY)
        assert traces(read, two.calls) == []
        callers = calls_in(expected(two.calls))
        assert f"Of {callers} calls, " in read[f"/counts/{MONDAY:%Y-%m}"].decode()


def secrets_of(two: Pair) -> list[bytes]:
    """The keys by which calls are named, and the names of those whose steps wait on this machine."""
    path = two.lines[0].state / "steps.db"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=PATIENCE)) as opened:
        keys = [bytes(key) for (key,) in opened.execute("SELECT key FROM day_key")]
        names = [str(name).encode() for (name,) in opened.execute('SELECT DISTINCT "call" FROM seen')]
    assert keys
    return keys + names


def left(secret: list[bytes], shown: Mapping[str, bytes]) -> list[str]:
    """Where any of it still stands."""
    return [where for where, written in shown.items() if any(each in written for each in secret)]


def all_is_moved(two: Pair) -> None:
    """Nothing that was seen waits on this machine."""
    until(lambda: not any(line.health()["counts"]["seen_waiting"] for line in two.lines))


@pytest.mark.long
def test_memory_stays_as_it_was_while_the_database_stands_still(
    prepared: Path, tmp_path: Path, server: Postgresql
) -> None:
    database = OfServer(server)
    with pair(prepared, tmp_path / "line", "memory", **database.environment) as two:
        two.call(50)
        until(lambda: database.rows("seen"))
        with database.stopped():
            two.call(WARM)
            before = [megabytes(line) for line in two.lines]
            two.call(LONG - WARM)
            after = [megabytes(line) for line in two.lines]
        print(f"memory after {WARM} calls {before} MB, after {LONG} {after} MB")
        assert all(now <= then * GROWTH for then, now in zip(before, after, strict=True)), (before, after)
        two.leap(hours=5, minutes=1)
        count_is(database, two.calls)
