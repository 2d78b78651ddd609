"""Each event becomes the row that the counts mean, and nothing that fails reaches an answer."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from ivr.core.call import CallerGone, CallSeen, TransferEnded
from ivr.core.content import Content
from ivr.core.office import INSTRUCTOR, ON_CALL
from ivr.live import counting as module
from ivr.live.counting import Counting
from ivr.live.intervals import Intervals
from ivr.live.line import RunningLine
from ivr.live.sighting import CallRows
from ivr.metrics import Metrics
from ivr.records.faults import NOT_INSTALLED, RecordsFault
from ivr.records.folding import SeenRow
from ivr.records.seen import PostgresqlTables, seen_tables
from ivr.records.spool import FILE, TABLES, Spool
from ivr.records.sql import SqlRecords
from ivr.speech.voices import NO_AUDIO
from tests.limits import until
from tests.live.counted import DAY, NIGHT, SeenCall

KEY = b"k" * 32
STOPPED = RecordsFault("the database at db cannot be reached", "see that it runs")


def row(call: SeenCall, number: int = -1) -> SeenRow:
    """That of one thing that was seen of a call."""
    return next(CallRows(lambda _: KEY).of(call.seen[number], call.content.flow))


def begun(content: Content, *keys: str, at: datetime = DAY) -> SeenCall:
    return SeenCall(content, now=at).press(*keys)


class TestRows:
    def test_a_call_starts_waits_in_a_menu_and_is_left(self, content: Content) -> None:
        call = begun(content, at=NIGHT)
        first = row(call)
        assert (first.what, first.exit, first.node, first.second) == ("step", "started", "choose_language", 0)
        assert (first.closed, first.key, first.language, first.over) == (True, False, None, False)
        chosen = row(call.press("3"))
        assert (chosen.key, chosen.language, chosen.exit, chosen.second) == (True, "en", "3", 10)
        assert not chosen.told, "it asked for a language"
        gone = row(call.hang_up(), -2)
        assert (gone.exit, gone.node, gone.over) == ("gone", "main_closed", False)
        assert row(call).what == "ended"
        assert not row(begun(content)).closed

    def test_who_rings_for_what_and_who_has_missed_it(self, content: Content) -> None:
        call = begun(content, "3", "1")
        rung = row(call)
        assert (rung.rings, rung.matter, rung.missed) == (INSTRUCTOR, "guidance", None)
        missed = row(call.happens(TransferEnded("busy")))
        assert (missed.rings, missed.matter, missed.missed) == (None, None, INSTRUCTOR)
        again = row(call.press("0"))
        assert (again.rings, again.matter, again.key) == (ON_CALL, "help", True)
        assert row(call.happens(TransferEnded("answered"), talked=60)).missed is None

    def test_only_the_last_number_of_a_contact_makes_a_miss(self, content: Content) -> None:
        call = begun(content.with_numbers({"social_instructor": 2, "on_call": 1}), "3", "1")
        first = row(call.happens(TransferEnded("no_answer")))
        assert (first.rings, first.missed) == (INSTRUCTOR, None)
        assert row(call.happens(TransferEnded("no_answer"))).missed == INSTRUCTOR

    def test_a_caller_who_is_gone_while_it_rings_makes_no_miss(self, content: Content) -> None:
        assert row(begun(content, "0").happens(CallerGone())).missed is None

    @pytest.mark.parametrize(
        ("keys", "told"),
        [("33", True), ("332", True), ("34", False), ("342", True), ("31", False), ("39", False), ("338", False)],
        ids=["hours", "a page", "a menu that only offers", "a page below it", "rings", "said again", "a wrong key"],
    )
    def test_what_was_asked_for_is_told(self, content: Content, keys: str, told: bool) -> None:
        assert row(begun(content, *keys)).told is told

    def test_the_line_ends_the_call(self, content: Content) -> None:
        call = begun(content, "3", "1").happens(TransferEnded("answered"), talked=60).wait()
        last = row(call)
        assert (last.over, last.node) == (True, "goodbye")

    def test_a_name_is_of_the_day_on_which_the_call_began(self, content: Content) -> None:
        keys = {DAY.date() + timedelta(days=day): bytes([day]) * 32 for day in range(2)}
        rows = CallRows(keys.get)
        late = SeenCall(content, now=datetime(2026, 11, 24, 23, 59, 55, tzinfo=UTC)).press("3").sight("ended")
        first, second = (list(rows.of(each, content.flow)) for each in late.seen[:2])
        assert [each.call for each in first] == [each.call for each in second]
        assert len(first) == 1
        ended = list(rows.of(late.seen[2], content.flow))
        assert len({each.call for each in ended}) == 2
        assert first[0].call in {each.call for each in ended}
        assert "CA1" not in repr(ended) + repr(first)

    def test_what_is_no_number_of_seconds_is_cut(self, content: Content) -> None:
        call = begun(content)
        call.started -= 10**10
        assert row(call.press("3")).second == 86400


class TestSpool:
    @pytest.fixture
    def rows(self, content: Content) -> list[SeenRow]:
        return [row(begun(content, *"3" * number), -1) for number in range(3)]

    @pytest.fixture
    def made(self, tmp_path: Path) -> Iterator[Callable[[], Spool]]:
        spools = list[Spool]()

        def make() -> Spool:
            spools.append(Spool(tmp_path / "var"))
            return spools[-1]

        yield make
        for each in spools:
            each.close()

    def test_it_is_shared_and_outlives_whoever_wrote_and_keeps_each_once(
        self, made: Callable[[], Spool], rows: list[SeenRow], tmp_path: Path
    ) -> None:
        one, two = made(), made()
        one.add(rows[:2])
        two.add(rows[1:])
        assert two.first(10) == one.first(10) == rows
        assert one.key(DAY.date()) == two.key(DAY.date()) == two.keys()[DAY.date()]
        two.remove(rows[:1])
        assert made().first(10) == rows[1:]
        assert (tmp_path / "var" / FILE).stat().st_mode & 0o777 == 0o600

    def test_without_its_folder_memory_stands_in_until_it_is_back(
        self, made: Callable[[], Spool], rows: list[SeenRow], tmp_path: Path
    ) -> None:
        spool = made()
        spool.add(rows[:1])
        for path in (tmp_path / "var").iterdir():
            path.unlink()
        (tmp_path / "var").rmdir()
        (tmp_path / "var").write_text("in its way")
        spool.add(rows[1:])
        assert "Remedy: " in spool.failing
        assert spool.first(10) == rows, "also what was in the file"
        (tmp_path / "var").unlink()
        assert spool.first(10) == rows
        assert (spool.failing, spool.lost) == ("", 0)
        assert made().first(10) == rows, "it is in the file again"

    def test_a_damaged_file_is_made_anew_and_told_as_lost(
        self, made: Callable[[], Spool], rows: list[SeenRow], tmp_path: Path
    ) -> None:
        (tmp_path / "var").mkdir()
        (tmp_path / "var" / FILE).write_bytes(b"no database" * 1000)
        spool = made()
        spool.add(rows)
        assert spool.first(10) == rows
        assert (spool.failing, spool.lost) == ("", 1)

    def test_a_file_of_another_version_is_used_and_keeps_what_is_in_it(
        self, made: Callable[[], Spool], rows: list[SeenRow], tmp_path: Path
    ) -> None:
        """An older one lacks columns, which that version goes on not to fill; a newer one has more."""
        (tmp_path / "var").mkdir()
        with closing(sqlite3.connect(tmp_path / "var" / FILE, isolation_level=None)) as older:
            older.executescript(TABLES.replace(', "closed", "over"', "").replace("id INTEGER", "newer, id INTEGER"))
            add = 'INSERT INTO seen ("call", token, at, what, exit, told) VALUES (?, ?, 1, "step", "", 0)'
            older.execute(add, ["one", "1"])
            spool = made()
            spool.add(rows)
            assert (spool.failing, spool.lost) == ("", 0)
            older.execute(add, ["two", "2"])
        old = SeenRow("one", "1", 1, "step")
        assert made().first(10) == [old, *rows, old._replace(call="two", token="2")]

    @pytest.mark.parametrize("table", ["seen", "day_key"])
    def test_tables_of_something_else_are_made_anew(
        self, made: Callable[[], Spool], rows: list[SeenRow], tmp_path: Path, table: str
    ) -> None:
        (tmp_path / "var").mkdir()
        with closing(sqlite3.connect(tmp_path / "var" / FILE)) as other:
            other.execute(f"CREATE TABLE {table} (other)")
        (tmp_path / "var" / f"{FILE}.kept").touch()
        spool = made()
        spool.add(rows)
        spool.key(DAY.date())
        assert (spool.first(10), spool.failing, spool.lost) == (rows, "", 1)
        assert (tmp_path / "var" / f"{FILE}.kept").exists(), "it is not ours"

    @pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
    def test_what_is_no_file_is_told_so(
        self, made: Callable[[], Spool], rows: list[SeenRow], tmp_path: Path, make: Callable[[Path], None]
    ) -> None:
        (tmp_path / "var").mkdir()
        make(tmp_path / "var" / FILE)
        spool = made()
        spool.add(rows)
        assert spool.failing == "what is called steps.db in IVR_STATE is no file. Remedy: move it away"
        assert spool.first(10) == rows

    def test_no_room_for_the_file_is_told_so(
        self, made: Callable[[], Spool], rows: list[SeenRow], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("ivr.records.spool.os.open", full)
        spool = made()
        spool.add(rows)
        assert "Remedy: make room" in spool.failing

    def test_what_is_too_much_or_too_old_is_lost_and_counted(
        self, made: Callable[[], Spool], rows: list[SeenRow], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spool = made()
        monkeypatch.setattr("ivr.records.spool.MOST_ROWS", 2)
        spool.add(rows)
        assert (spool.waiting, spool.lost) == (2, 1)
        spool.key(DAY.date())
        spool.forget(rows[1].at, DAY.date() + timedelta(days=1))
        assert (spool.first(10), spool.lost, spool.keys()) == (rows[1:2], 2, {})

    def test_a_file_that_another_program_locks_is_not_waited_for_long(
        self, made: Callable[[], Spool], rows: list[SeenRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ivr.records.spool.LOCK_SECONDS", 0.01)
        spool = made()
        spool.add(rows[:1])
        with closing(sqlite3.connect(tmp_path / "var" / FILE, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            spool.add(rows[1:])
            assert "locked by another program" in spool.failing
        assert sorted(spool.first(10)) == sorted(rows)


def counting(content: Content, state: Path, tables: RecordsFault = STOPPED) -> Counting:
    return Counting(lambda: content, tables, state, {}, Intervals(), lambda: DAY)


def test_what_is_seen_is_in_the_file_when_it_ends_and_nothing_after(content: Content, tmp_path: Path) -> None:
    one, metrics = counting(content, tmp_path), Metrics()
    one.tell(metrics)
    one.start()
    seen = begun(content, "3", "1").seen
    for each in seen:
        one.see(each)
    one.stop()
    one.see(seen[0])
    assert one.lost == 1
    spool = Spool(tmp_path)
    assert len(spool.first(10)) == 3
    spool.close()
    assert "1 steps of calls are lost" in metrics.alarms()["calls_not_counted"]


def test_a_queue_that_is_full_loses_and_never_waits(
    content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_QUEUED", 2)
    one, metrics = counting(content, tmp_path), Metrics()
    one.tell(metrics)
    for each in begun(content, "3", "1", "0").seen:
        one.see(each)
    assert metrics.counts() == {"seen_queued": 2, "seen_waiting": 2, "seen_lost": 2}


def test_what_cannot_be_read_stops_nothing(content: Content, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    one = counting(content, tmp_path)
    one.start()
    good = begun(content)
    one.see(CallSeen("CA1", "token", "step", None))  # type: ignore[arg-type]
    until(lambda: one.lost)
    one.see(good.seen[0])
    until(lambda: one._spool.waiting)
    one.stop()
    assert "what was seen of calls cannot be written" in caplog.text


def test_where_the_records_are_not_installed_it_is_noted_and_no_alarm(
    content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"IVR_STATE": str(tmp_path)}
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nexit {NOT_INSTALLED}\n")
    os.chmod(program, 0o700)  # noqa: PTH101
    monkeypatch.setattr(module, "python", lambda *_: [str(program)])
    one, metrics = Counting(lambda: content, seen_tables(env), tmp_path, env, Intervals(), lambda: DAY), Metrics()
    one.tell(metrics)
    one.turn()
    assert metrics.notices() == {}, "nothing waits yet"
    one._write(begun(content).seen)
    one.turn()
    one.turn()
    assert "IVR_COUNTS=off" in metrics.notices()["calls_not_counted"]
    one._spool.lost = 1  # as what waited for a day is
    assert metrics.alarms() == {}
    SqlRecords.open(env)  # it is installed now, and somebody has closed the office
    one.turn()
    assert metrics.notices() == {}
    one.stop()


def test_why_no_tables_can_be_made_is_told_until_it_is_tried_again(
    content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nprintf 'the database is of a newer version. Remedy: install it.'\nexit 1\n")
    os.chmod(program, 0o700)  # noqa: PTH101
    monkeypatch.setattr(module, "python", lambda *_: [str(program)])
    env = {"IVR_STATE": str(tmp_path)}
    one = Counting(lambda: content, seen_tables(env), tmp_path, env, Intervals(), lambda: DAY)
    one._write(begun(content).seen)
    for _ in range(2):
        with pytest.raises(RecordsFault, match="newer version"):
            one.turn()
    one.stop()


def test_a_line_that_counts_no_more_keeps_no_file(
    content: Content, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It would keep for ever what is promised for two days."""
    spool = Spool(tmp_path)
    spool.add([row(begun(content))])
    line = RunningLine(tmp_path, NO_AUDIO, {"IVR_COUNTS": "off", "IVR_STATE": str(tmp_path)})
    assert line._counting() is None
    assert list(tmp_path.iterdir()) == []
    spool.close()
    (tmp_path / FILE).mkdir()
    assert line._counting() is None
    assert "steps.db in IVR_STATE cannot be deleted" in caplog.text


def test_what_waits_for_shared_keys_is_written_when_it_ends(content: Content, tmp_path: Path) -> None:
    """Though the database hangs."""
    goes_on = Event()

    class Hanging(PostgresqlTables):
        def transaction(self) -> Any:
            goes_on.wait()
            raise STOPPED

    class Waited(Event):
        begun = False

        def wait(self, timeout: float | None = None) -> bool:
            self.begun = True
            return super().wait(timeout)

    one = Counting(lambda: content, Hanging({}), tmp_path, {}, Intervals(), lambda: DAY)
    one._keys_asked = waited = Waited()
    one.start()
    one.see(begun(content).seen[0])
    until(lambda: waited.begun)
    one.stop()
    spool = Spool(tmp_path)
    kept = spool.first(10)
    spool.close()
    goes_on.set()
    assert len(kept) == 1


def test_a_disk_that_hangs_is_told(content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, hangs, goes_on = [0.0], Event(), Event()

    def hang(*_: object) -> None:
        hangs.set()
        goes_on.wait()

    monkeypatch.setattr(Spool, "forget", hang)
    one = Counting(lambda: content, STOPPED, tmp_path, {}, Intervals(), lambda: DAY, lambda: now[0])
    metrics = Metrics()
    one.tell(metrics)
    one.start()
    hangs.wait()
    assert metrics.alarms() == {}
    now[0] = 900
    assert "Remedy: look at that disk" in metrics.alarms()["calls_not_counted"]
    goes_on.set()
    one.stop()
