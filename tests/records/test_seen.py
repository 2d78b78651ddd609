"""Calls become counts, each exactly once: in both databases, whoever moves and folds, and whatever fails meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import connect
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select

from ivr.core.call import CallSeen, TransferEnded
from ivr.core.content import Content
from ivr.live.counting import Counting
from ivr.live.intervals import Intervals
from ivr.metrics import Metrics
from ivr.records import seen as seen_module
from ivr.records.closings import Records
from ivr.records.database import database
from ivr.records.faults import RecordsFault
from ivr.records.folding import SeenRow
from ivr.records.reach import FILE, delete_steps
from ivr.records.seen import SqliteTables, seen_tables
from ivr.records.spool import FILE as SPOOL
from ivr.records.tables import COUNT_HANG_UP, COUNT_LANGUAGE, COUNT_MATTER, DAY_KEY, FOLDED_CALL, PASSING, SEEN
from tests.limits import until
from tests.live.counted import DAY, NIGHT, SeenCall, many
from tests.records.conftest import Environment

SOON, MINUTES = timedelta(minutes=2), timedelta(minutes=31)


class Clock:
    """A clock that a test sets; its seconds go with it."""

    def __init__(self, now: datetime = DAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def steady(self) -> float:
        return self.now.timestamp()


Made = Callable[..., Counting]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def made(env: Environment, content: Content, clock: Clock, tmp_path: Path) -> Iterator[Made]:
    """A process that counts, by turns that a test asks for; `state` tells machines apart."""

    def make(state: str = "var", settle: float = 60) -> Counting:
        folder, intervals = tmp_path / state, Intervals(settle=settle)
        each = Counting(lambda: content, seen_tables(env), folder, env, intervals, clock, clock.steady)
        opened.callback(each.stop)
        each.turn()  # it has the keys
        return each

    with ExitStack() as opened:
        yield make


def write(counting: Counting, *seen: CallSeen) -> None:
    counting._write([*seen])


def counted(env: Environment, table: Any = COUNT_LANGUAGE, by: str = "outcome") -> dict[str, int]:
    with database(env).transaction() as connection:
        rows = connection.execute(select(table.c[by], func.sum(table.c.calls)).group_by(table.c[by]))
        return {str(name): int(calls) for name, calls in rows}


def rows(env: Environment, table: Any) -> int:
    with database(env).transaction() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_calls_are_counted_once_their_end_has_settled(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    counting = made()
    for call in many(content, 8):
        write(counting, *call.seen)
    counting.turn()
    assert rows(env, SEEN) > 0
    assert counted(env) == {}, "more may come of them"
    clock.now += SOON
    counting.turn()
    assert rows(env, SEEN) == 0
    found = counted(env)
    assert {name: found[name] for name in ("hung_up_early", "informed", "reached", "hung_up_ringing")} == {
        "hung_up_early": 2,
        "informed": 2,
        "reached": 2,
        "hung_up_ringing": 2,
    }
    assert counted(env, COUNT_MATTER, "matter").keys() == {"none", "help", "guidance"}
    assert counted(env, COUNT_HANG_UP, "node") == {"choose_language": 2, "opening_hours": 2, "instructor": 2}


def test_two_processes_of_two_machines_and_every_request_twice_count_each_call_once(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    """With PostgreSQL they name calls alike though they share no disk; with SQLite they share the folder."""
    one, two = made("one"), made("two" if "IVR_DATABASE_URL" in env else "one")
    calls = [*many(content, 60)]
    for call in calls:
        for number, seen in enumerate(call.seen):
            write((one, two)[number % 2], seen)
            write((two, one)[number % 2], seen)
    threads = [Thread(target=each.turn) for each in (one, two)]
    for moment in (timedelta(), SOON):
        clock.now += moment
        threads = [Thread(target=each.turn) for each in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for each in (one, two):
        each.turn()
    found = counted(env)
    assert sum(found[end] for end in ("hung_up_early", "informed", "reached", "hung_up_ringing")) == 60
    assert rows(env, FOLDED_CALL) == 60
    for seen in calls[0].seen:
        write(one, seen)
    one.turn()
    clock.now += SOON
    one.turn()
    assert counted(env) == found, "what comes again later is of a call that is counted"
    assert rows(env, SEEN) == 0
    assert one.lost == two.lost == 0


def test_a_machine_that_starts_after_a_restore_names_calls_as_the_others(
    postgres: Environment, content: Content, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No back-up holds the keys. And what a library logs of a failure, which names users, is not shown."""
    Records.open(postgres)
    machines = list[Counting]()
    call = SeenCall(content).press("0")
    for seen in call.seen:
        state = tmp_path / str(len(machines))
        tables = seen_tables(postgres)
        machines.append(Counting(lambda: content, tables, state, postgres, Intervals(), clock, clock.steady))
        machines[-1].turn()
        write(machines[-1], seen)
        with database(postgres).transaction() as connection:
            connection.execute(delete(DAY_KEY))
        machines[0].turn()
    for each in machines:
        each.turn()
    clock.now += timedelta(hours=6)
    machines[0].turn()
    assert rows(postgres, FOLDED_CALL) == 1
    with database(postgres).transaction() as connection:
        SEEN.drop(connection)
    write(machines[0], *SeenCall(content, "CA2").press("0").hang_up().seen)
    with suppress(RecordsFault):
        machines[0].turn()
    assert caplog.text == ""
    for each in machines:
        each.stop()


def test_a_machine_that_started_before_its_database_names_calls_as_the_others_soon(
    postgres: Environment, content: Content, clock: Clock, tmp_path: Path
) -> None:
    """As after a power cut."""
    Records.open(postgres)
    early, late = (
        Counting(lambda: content, seen_tables(postgres), tmp_path / name, postgres, Intervals(), clock, clock.steady)
        for name in ("early", "late")
    )
    early._keys_asked.set()  # it has waited for them
    write(early, *SeenCall(content, "CA1").press("0").seen)
    late.turn()
    early.turn()
    call = SeenCall(content, "CA2").press("0")
    write(early, call.seen[0])
    write(late, call.seen[1])
    for each in (early, late):
        each.turn()
    clock.now += timedelta(hours=6)
    late.turn()
    assert rows(postgres, FOLDED_CALL) == 2
    for each in (early, late):
        each.stop()


def test_a_call_over_midnight_and_a_talk_over_it_are_one_call(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    counting = made()
    clock.now = datetime(2026, 11, 24, 23, 59, 40, tzinfo=UTC)
    over = SeenCall(content, "CA1", clock.now).press("3").press("0").sight("accepted")
    over.happens(TransferEnded("answered"), talked=3600).press("1").hang_up()
    early = SeenCall(content, "CA2", datetime(2026, 11, 25, 1, 0, tzinfo=UTC)).press("3").hang_up()
    for seen in over.seen[:2]:
        write(counting, seen)
    clock.now = early.now
    write(counting, *over.seen[2:], *early.seen)
    counting.turn()
    clock.now += SOON
    counting.turn()
    clock.now += timedelta(hours=6)
    counting.turn()
    found = counted(env)
    assert (found["reached"], found["hung_up_early"]) == (1, 1)
    assert rows(env, FOLDED_CALL) == 2
    assert rows(env, SEEN) == 0


def test_without_its_end_a_call_is_over_when_nothing_came_for_long(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    counting = made()
    write(counting, *SeenCall(content, "CA1").press("3").seen)
    write(counting, *SeenCall(content, "CA2").press("0").seen)
    counting.turn()
    for later, expected in ((timedelta(minutes=29), 0), (MINUTES, 1), (timedelta(hours=4), 1), (timedelta(hours=5), 2)):
        clock.now = DAY + later + timedelta(minutes=1)
        counting.turn()
        assert rows(env, FOLDED_CALL) == expected, later


def test_the_urgent_line_that_missed_two_rings_is_told_until_it_answers(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    """Whoever saw the rings, in whatever order they come."""
    clock.now = NIGHT
    one, two = made("one"), made("two" if "IVR_DATABASE_URL" in env else "one")
    metrics = Metrics()
    two.tell(metrics)
    first = SeenCall(content, "CA1", NIGHT).press("0").happens(TransferEnded("no_answer"))
    second = SeenCall(content, "CA2", NIGHT + SOON).press("0").happens(TransferEnded("declined")).hang_up()
    write(one, *first.seen)
    one.turn()
    two.turn()
    assert "urgent_unanswered" not in metrics.alarms()
    write(one, *second.seen, *second.seen)
    one.turn()
    two.turn()
    assert "Remedy: ring that phone yourself" in metrics.alarms()["urgent_unanswered"]
    later = clock.now
    clock.now += timedelta(hours=25)
    assert "urgent_unanswered" not in metrics.alarms()
    clock.now = later
    third = SeenCall(content, "CA3", NIGHT + MINUTES).press("0").sight("accepted")
    clock.now = third.now
    write(two, *third.seen)
    two.turn()
    assert "urgent_unanswered" not in metrics.alarms()


def test_two_misses_after_an_emergency_document_are_told_too(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    counting, metrics = made(), Metrics()
    counting.tell(metrics)
    for number in range(2):
        at = DAY + number * SOON
        sights = ("emergency", "missed", "ended")
        write(counting, *(CallSeen(f"CA{number}", f"{what}{number}", what, at) for what in sights))  # type: ignore[arg-type]
    counting.turn()
    assert "urgent_unanswered" in metrics.alarms()
    clock.now += SOON
    counting.turn()
    assert counted(env) == {"unanswered": 2, "emergency": 2, "pressed_nothing": 2, "urgent_unanswered": 2}


def test_a_ring_by_a_clock_that_was_set_back_hides_none_that_comes_now(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    counting, metrics = made(), Metrics()
    counting.tell(metrics)
    clock.now = NIGHT + timedelta(hours=1)
    write(counting, *SeenCall(content, "CA1", clock.now - SOON).press("0").sight("accepted").seen)
    counting.turn()
    clock.now = NIGHT
    for number in range(2):
        at = NIGHT - SOON + timedelta(seconds=number)
        write(counting, *SeenCall(content, f"CA2{number}", at).press("0").happens(TransferEnded("no_answer")).seen)
    counting.turn()
    assert "urgent_unanswered" in metrics.alarms()


def test_nothing_is_added_to_a_month_that_is_shown(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    """Its line was stopped before it had counted the call."""
    counting = made()
    clock.now = datetime(2026, 11, 30, 21, 50, tzinfo=UTC)  # ten minutes before midnight in Helsinki
    for number, zone_end in enumerate((timedelta(hours=23, minutes=54), timedelta(hours=23, minutes=56))):
        clock.now = datetime(2026, 11, 30, 21, 50, tzinfo=UTC)
        write(counting, *SeenCall(content, f"CA{number}", clock.now).press("0").seen)
        counting.turn()
        clock.now += zone_end
        counting.turn()
        assert rows(env, SEEN) == 0
        assert counted(env, by="day") == {"2026-11-30": 3}


def test_where_nothing_is_counted_any_more_nothing_of_calls_is_kept(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock, tmp_path: Path
) -> None:
    """As the office closes something."""
    counting = made()
    write(counting, *SeenCall(content, "CA1").press("0").happens(TransferEnded("no_answer")).hang_up().seen)
    counting.turn()
    clock.now += SOON
    counting.turn()
    write(counting, *SeenCall(content, "CA2", clock.now).seen)
    counting.turn()
    records.forget(clock.now)
    assert rows(env, SEEN) * rows(env, FOLDED_CALL) > 0
    records.forget(clock.now + timedelta(days=3))
    assert [rows(env, table) for table in PASSING] == [0, 0, 0, 0]
    delete_steps(tmp_path / "var")
    assert list((tmp_path / "var").glob(f"{SPOOL}*")) == []


def test_on_a_disk_that_is_full_what_was_moved_is_not_moved_for_ever(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be read, and not removed."""
    counting = made()
    for call in many(content, 4):
        write(counting, *call.seen)
    moved = list[int]()
    put = seen_module.put

    def count(sql: seen_module.Sql, rows: Sequence[SeenRow], now: datetime) -> None:
        moved.append(len(rows))
        if len(moved) > 3:
            raise AssertionError("for ever")
        put(sql, rows, now)

    monkeypatch.setattr(seen_module, "put", count)
    monkeypatch.setattr(counting._spool, "remove", lambda _rows: None)
    counting.turn()
    assert len(moved) == 1
    clock.now += SOON
    counting.turn()
    counting.turn()
    assert rows(env, FOLDED_CALL) == 4
    assert sum(counted(env)[end] for end in ("hung_up_early", "informed", "reached", "hung_up_ringing")) == 4


def test_a_file_that_is_made_anew_names_calls_as_before(
    sqlite: Environment, content: Content, clock: Clock, tmp_path: Path
) -> None:
    """Else a process that starts then would name, and count, the calls of today a second time."""
    Records.open(sqlite)
    one, two = (
        Counting(lambda: content, seen_tables(sqlite), tmp_path / "var", sqlite, Intervals(), clock, clock.steady)
        for _ in range(2)
    )
    call = SeenCall(content).press("0")
    write(one, *call.seen[:1])
    one.turn()
    one._spool._let_go()
    (tmp_path / "var" / SPOOL).write_bytes(b"no database" * 1000)
    one.turn()
    write(two, *call.seen[1:])
    two.turn()
    clock.now += timedelta(hours=6)
    one.turn()
    assert rows(sqlite, FOLDED_CALL) == 1
    one.stop()
    two.stop()


def test_a_call_that_a_slow_clock_sees_before_its_midnight_is_one_call(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    counting = made()
    call = SeenCall(content, "CA1", datetime(2026, 11, 25, 0, 0, 20, tzinfo=UTC)).press("3")
    clock.now = call.now
    write(counting, call.seen[0], call.seen[1]._replace(at=call.now - timedelta(minutes=5)))
    counting.turn()
    clock.now += timedelta(hours=6)
    counting.turn()
    assert counted(env, by="language").keys() == {"en"}


def test_no_calls_for_longer_than_ever_is_told(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    metrics, counting = Metrics(), made()
    counting.tell(metrics)
    days = [0, 1, 4, 5, 12, 16, 900]  # the longest silence: six whole days; the last by a clock that was wrong
    with database(env).transaction() as connection:
        for day in days:
            at = (DAY + timedelta(days=day)).date()
            connection.execute(insert(COUNT_LANGUAGE).values(day=at, language="fi", outcome="reached", calls=1))
    for day, is_told in ((17, False), (23, False), (24, True), (40, True)):
        clock.now = DAY + timedelta(days=day)
        counting.turn()
        assert ("no_calls" in metrics.alarms()) is is_told, day


def test_what_waits_while_there_is_no_database_is_counted_later_also_by_another_process(
    env: Environment, content: Content, made: Made, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is killed has closed nothing; the tables are made by the first call, in a process of its own."""
    killed = made()
    for call in many(content, 4):
        write(killed, *call.seen)
    waiting = killed._spool.waiting
    assert waiting > 4
    other = made()
    other.turn()
    assert Records.look(env) == "newest", "another process has made the tables"
    other.turn()
    clock.now += SOON
    other.turn()
    assert rows(env, FOLDED_CALL) == 4
    assert (other._spool.waiting, other.lost) == (0, 0)


def test_what_is_deleted_stands_in_no_file(sqlite: Environment, content: Content, clock: Clock, tmp_path: Path) -> None:
    """Also where others have the files open, as the office has: SQLite keeps its log then."""
    Records.open(sqlite)
    var = tmp_path / "var"
    counting = Counting(lambda: content, seen_tables(sqlite), var, sqlite, Intervals(), clock, clock.steady)
    counting.turn()
    with closing(connect(var / FILE)) as office, closing(connect(var / SPOOL)) as other:
        for each in (office, other):
            each.execute("SELECT count(*) FROM seen").fetchall()
        write(counting, *SeenCall(content).press("0").hang_up().seen)
        names = {row.call.encode() for row in counting._spool.first(10)}
        counting.turn()
        clock.now += timedelta(hours=25)
        counting.turn()
        clock.now += timedelta(hours=25)
        counting.turn()
        held = b"".join(path.read_bytes() for path in var.iterdir())
        assert len(names) == 2
        assert not [name for name in names if name in held]
    counting.stop()


def test_what_is_older_than_promised_is_gone_and_keys_with_it(
    env: Environment, records: Records, content: Content, made: Made, clock: Clock
) -> None:
    counting = made()
    write(counting, *SeenCall(content, "CA1").press("0").seen)
    counting.turn()
    with database(env).transaction() as connection:
        connection.execute(
            insert(COUNT_LANGUAGE), [{"day": day, "language": "fi", "outcome": "reached", "calls": 1} for day in DAYS]
        )
    clock.now += timedelta(days=3)
    counting.turn()
    assert (rows(env, SEEN), rows(env, FOLDED_CALL)) == (0, 1)
    assert counted(env, by="language") == {"fi": 1, "none": 2}, "it is counted as what it was until then"
    clock.now += timedelta(hours=25)
    counting.turn()
    assert rows(env, FOLDED_CALL) == 0
    assert min(counting._spool.keys(), default=clock.now.date()) >= clock.now.date() - timedelta(days=1)
    if "IVR_DATABASE_URL" in env:
        assert rows(env, DAY_KEY) == 3, "yesterday's, today's and tomorrow's"
    assert counted(env, by="day").keys() >= {str(DAYS[1])}
    assert str(DAYS[0]) not in counted(env, by="day")


DAYS = [datetime(2024, 10, 31, tzinfo=UTC).date(), datetime(2024, 11, 1, tzinfo=UTC).date()]


def test_a_database_that_fails_is_told_after_ten_minutes_and_loses_nothing(
    sqlite: Environment, content: Content, clock: Clock, tmp_path: Path
) -> None:
    records = Path(sqlite["IVR_STATE"]) / FILE
    Records.open(sqlite)
    counting = Counting(
        lambda: content, SqliteTables(records), tmp_path / "spool", sqlite, Intervals(count=0.01), clock, clock.steady
    )
    metrics = Metrics()
    counting.tell(metrics)
    good, bad = records.with_name("good"), records.with_name("bad")
    records.rename(good)
    bad.write_bytes(b"no database at all" * 100)
    bad.rename(records)
    counting.start()
    for call in many(content, 2):
        for seen in call.seen:
            counting.see(seen)
    until(lambda: counting._failures)
    assert "calls_not_counted" not in metrics.alarms()
    clock.now += timedelta(minutes=11)
    assert "is damaged (SQLITE_NOTADB)" in metrics.alarms()["calls_not_counted"]
    good.rename(records)
    until(lambda: rows(sqlite, SEEN) == sum(len(call.seen) for call in many(content, 2)) + 2)
    until(lambda: not counting._why and metrics.counts()["seen_waiting"] == 0)
    assert metrics.alarms() == {}
    counting.stop()
    assert (tmp_path / "spool" / SPOOL).stat().st_mode & 0o777 == 0o600
    assert Counter(metrics.counts())["seen_lost"] == 0


def test_records_that_are_locked_lose_nothing(
    env: Environment, records: Records, content: Content, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = made()
    call = SeenCall(content).press("0")
    write(counting, *call.seen)
    monkeypatch.setattr("ivr.records.seen.SECONDS", 0.1)
    with database(env).transaction() as other:
        lock = "LOCK TABLE seen" if "IVR_DATABASE_URL" in env else "BEGIN IMMEDIATE"
        other.exec_driver_sql(lock)
        with pytest.raises(RecordsFault, match="locked by another program"):
            counting.turn()
    assert counting._spool.waiting == len(call.seen)
    monkeypatch.undo()
    counting.turn()
    assert (rows(env, SEEN), counting._spool.waiting, counting.lost) == (len(call.seen), 0, 0)
