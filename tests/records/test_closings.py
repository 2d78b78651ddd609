"""What people have closed is kept once, whole, and with who did it; in SQLite and in PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from threading import Barrier
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from ivr.core.closing import Closing, StandIn
from ivr.core.hours import Day, Interval
from ivr.records.closings import KEPT, REASONS, AuditEntry, KeptClosing, NothingToWithdraw, Reason, Records
from ivr.records.faults import RecordsFault
from tests.limits import PATIENCE
from tests.records.conftest import Environment

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 24, 8, 10, tzinfo=HELSINKI)
NOON, NIGHT = NOW.replace(hour=12, minute=0), NOW.replace(hour=23, minute=59)
MINUTE, LONG_AGO = timedelta(minutes=1), NOW - 10 * KEPT
UNTIL_NOON = Closing("phone", NOW, NOON)
SHORTER: Day = (Interval(opens=time(9), closes=time(11)), Interval(opens=time(12), closes=time(13, 30)))
TOKEN = UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
T = TypeVar("T")


def at_once(*things: Callable[[], T]) -> list[T | NothingToWithdraw]:
    """What comes of things that several people do at the same moment."""
    together = Barrier(len(things))

    def done(thing: Callable[[], T]) -> T | NothingToWithdraw:
        together.wait(PATIENCE)
        try:
            return thing()
        except NothingToWithdraw as told:
            return told

    with ThreadPoolExecutor(len(things)) as people:
        return list(people.map(done, things))


class TestClosing:
    @pytest.mark.parametrize("hours", [(), SHORTER], ids=["closed", "shorter"])
    @pytest.mark.parametrize("why", REASONS)
    def test_all_of_it_is_kept(self, env: Environment, hours: Day, why: Reason) -> None:
        closing = Closing("ovi ö", NOW, NIGHT, hours)
        kept = Records.open(env).close(closing, why, " Åsa Berg ", NOW)
        assert kept == KeptClosing(kept.id, closing, why, "Åsa Berg", NOW)
        assert Records.open(env).current(NOW) == (kept,)
        times = (kept.closing.begins, kept.closing.ends, kept.created)
        assert {each.tzinfo for each in times} == {UTC}

    def test_a_stand_in_is_kept_as_well(self, env: Environment) -> None:
        stand_in = StandIn("social_instructor", "Torniö", NOW, NIGHT)
        kept = Records.open(env).close(stand_in, "no-staff", "Anna", NOW)
        assert Records.open(env).current(NOW) == (kept,) == (KeptClosing(kept.id, stand_in, "no-staff", "Anna", NOW),)

    def test_no_microsecond_is_lost(self, records: Records) -> None:
        now = NOW.replace(microsecond=123456)
        records.close(Closing("phone", now, now + timedelta(microseconds=1)), "other", "Anna", now)
        assert len(records.current(now)) == 1
        assert records.current(now + timedelta(microseconds=1)) == ()

    def test_those_of_tomorrow_and_now_are_current_until_they_end(self, records: Records) -> None:
        tomorrow = replace(UNTIL_NOON, begins=NIGHT, ends=NIGHT + MINUTE)
        later, now = (records.close(each, "meeting", "Anna", NOW) for each in (tomorrow, UNTIL_NOON))
        assert records.current(NOON - MINUTE) == (later, now)
        assert records.current(NOON) == (later,)
        assert records.current(NIGHT + MINUTE) == ()

    def test_one_that_has_ended_or_was_withdrawn_can_still_be_seen(self, records: Records) -> None:
        ended = records.close(UNTIL_NOON, "technical", "Anna", NOW)
        withdrawn = records.close(replace(UNTIL_NOON, ends=NIGHT), "other", "Bo", NOW)
        withdrawn = records.withdraw(withdrawn.id, "Carl", NOON)
        assert records.all(NOON - MINUTE) == (ended, withdrawn)
        assert records.all(NOON) == (withdrawn,)
        assert records.all(NIGHT) == ()

    def test_two_people_close_the_same_day_at_once(self, records: Records) -> None:
        people = [f"Person {number}" for number in range(6)]
        kept = at_once(*(lambda by=by: records.close(UNTIL_NOON, "no-staff", by, NOW) for by in people))
        assert {each.by for each in records.current(NOW)} == {*people}
        assert {each.id for each in records.current(NOW)} == {each.id for each in kept if isinstance(each, KeptClosing)}
        assert sorted(entry.by for entry in records.audit(NOW)) == people

    @pytest.mark.parametrize(
        "closing",
        [
            replace(UNTIL_NOON, schedule=""),
            replace(UNTIL_NOON, schedule="ph\0ne"),
            replace(UNTIL_NOON, ends=datetime.max.replace(tzinfo=ZoneInfo("America/New_York"))),
            replace(UNTIL_NOON, ends=NOW),
            replace(UNTIL_NOON, ends=NOW - MINUTE),
            replace(UNTIL_NOON, begins=NOW.replace(tzinfo=None)),
            replace(UNTIL_NOON, hours=(Interval(opens=time(9), closes=time(10, 0, 30)),)),
            replace(UNTIL_NOON, hours=SHORTER[::-1]),
        ],
    )
    def test_what_is_no_closing_is_refused(self, records: Records, closing: Closing) -> None:
        with pytest.raises(ValueError, match=r"\w{3}"):
            records.close(closing, "other", "Anna", NOW)
        assert records.all(LONG_AGO) == ()

    def test_a_free_reason_is_refused(self, records: Records) -> None:
        with pytest.raises(ValueError, match="no-staff, meeting, technical, other"):
            records.close(UNTIL_NOON, "Anna is ill", "Bo", NOW)  # type: ignore[arg-type]
        assert records.all(LONG_AGO) == ()

    @pytest.mark.parametrize("name", ["", "  ", "An\nna", "An\0na", "A" * 101])
    def test_what_is_no_name_is_refused(self, records: Records, name: str) -> None:
        with pytest.raises(ValueError, match="name"):
            records.close(UNTIL_NOON, "other", name, NOW)
        with pytest.raises(ValueError, match="name"):
            records.withdraw(1, name, NOW)


class TestAskedTwice:
    def test_it_is_kept_once(self, records: Records) -> None:
        first, again = (records.close(UNTIL_NOON, "other", "Anna", now, token=TOKEN) for now in (NOW, NOW + 3 * MINUTE))
        assert first == again
        assert records.current(NOW) == (first,)
        assert len(records.audit(LONG_AGO)) == 1

    def test_it_is_kept_once_if_both_come_at_once(self, records: Records) -> None:
        asked = [lambda: records.close(UNTIL_NOON, "other", "Anna", NOW, token=TOKEN)] * 4
        kept = at_once(*asked)
        assert kept == [*records.current(NOW)] * 4
        assert len(records.audit(LONG_AGO)) == 1

    def test_one_that_was_withdrawn_meanwhile_stays_so(self, records: Records) -> None:
        first = records.close(UNTIL_NOON, "other", "Anna", NOW, token=TOKEN)
        withdrawn = records.withdraw(first.id, "Bo", NOW + MINUTE)
        assert records.close(UNTIL_NOON, "other", "Anna", NOW + 2 * MINUTE, token=TOKEN) == withdrawn
        assert records.current(NOW + 2 * MINUTE) == ()

    @pytest.mark.parametrize(
        ("closing", "why", "by"),
        [
            (replace(UNTIL_NOON, ends=NIGHT), "other", "Anna"),
            (UNTIL_NOON, "meeting", "Anna"),
            (UNTIL_NOON, "other", "Bo"),
        ],
    )
    def test_another_is_told(self, records: Records, closing: Closing, why: Reason, by: str) -> None:
        first = records.close(UNTIL_NOON, "other", "Anna", NOW, token=TOKEN)
        with pytest.raises(RecordsFault, match="another closing"):
            records.close(closing, why, by, NOW, token=TOKEN)
        assert records.all(LONG_AGO) == (first,)

    @pytest.mark.parametrize(("killed", "rows"), [("before it is kept", 0), ("before it answers", 1)])
    def test_it_is_kept_once_if_the_first_was_killed(self, env: Environment, killed: str, rows: int) -> None:
        records = Records.open(env)
        script = f"""
import os, signal
from datetime import datetime
from uuid import UUID
import ivr.records.sql as sql
from ivr.core.closing import Closing, StandIn

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if {killed!r} == "before it is kept":
    sql.note = die  # the closing is written, and the transaction not at its end
begins, ends = map(datetime.fromisoformat, ({NOW.isoformat()!r}, {NOON.isoformat()!r}))
closing, token = Closing("phone", begins, ends), UUID({str(TOKEN)!r})
sql.SqlRecords.open(os.environ).close(closing, "other", "Anna", begins, token=token)
die()
"""
        ran = subprocess.run([sys.executable, "-c", script], env={**os.environ, **env}, timeout=PATIENCE, check=False)
        assert ran.returncode == -9
        assert len(records.current(NOW)) == len(records.audit(LONG_AGO)) == rows
        kept = records.close(UNTIL_NOON, "other", "Anna", NOW + MINUTE, token=TOKEN)
        assert records.current(NOW) == (kept,)
        assert len(records.audit(LONG_AGO)) == 1


class TestWithdrawing:
    def test_it_holds_no_more_and_who_did_it_is_kept(self, records: Records) -> None:
        kept = records.close(UNTIL_NOON, "meeting", "Anna", NOW)
        other = records.close(UNTIL_NOON, "meeting", "Anna", NOW)
        withdrawn = records.withdraw(kept.id, "Bo", NOW + MINUTE)
        assert withdrawn == replace(kept, withdrawn=NOW + MINUTE, withdrawn_by="Bo")
        assert records.current(NOW + MINUTE) == (other,)
        assert records.audit(NOW) == (
            AuditEntry(NOW, "Anna", "close", str(kept.id)),
            AuditEntry(NOW, "Anna", "close", str(other.id)),
            AuditEntry(NOW + MINUTE, "Bo", "withdraw", str(kept.id)),
        )

    def test_whoever_comes_second_is_told_who_was_first(self, records: Records) -> None:
        kept = records.close(UNTIL_NOON, "meeting", "Anna", NOW)
        first = records.withdraw(kept.id, "Bo", NOW + MINUTE)
        with pytest.raises(NothingToWithdraw, match="withdrawn before") as told:
            records.withdraw(kept.id, "Carl", NOW + 2 * MINUTE)
        assert told.value.kept == first
        assert "Bo" not in str(told.value)
        assert len(records.audit(NOW)) == 2

    def test_of_two_at_once_one_is_first(self, records: Records) -> None:
        kept = records.close(UNTIL_NOON, "meeting", "Anna", NOW)
        came = at_once(*(lambda by=by: records.withdraw(kept.id, by, NOW) for by in ("Bo", "Carl", "Dan", "Eva")))
        (first,) = [each for each in came if isinstance(each, KeptClosing)]
        told = [each.kept for each in came if isinstance(each, NothingToWithdraw)]
        assert told == [first] * 3
        assert [entry.by for entry in records.audit(NOW)] == ["Anna", first.withdrawn_by]

    def test_what_has_ended_cannot_be_withdrawn(self, records: Records) -> None:
        kept = records.close(UNTIL_NOON, "meeting", "Anna", NOW)
        with pytest.raises(NothingToWithdraw, match="has ended") as told:
            records.withdraw(kept.id, "Bo", NOON)
        assert told.value.kept == kept
        assert records.all(LONG_AGO) == (kept,)

    def test_what_never_was_cannot_be_withdrawn(self, records: Records) -> None:
        with pytest.raises(NothingToWithdraw, match="no closing 7") as told:
            records.withdraw(7, "Bo", NOW)
        assert told.value.kept is None
        assert records.audit(LONG_AGO) == ()


class TestForgetting:
    def test_all_is_kept_for_12_months_and_no_longer(self, records: Records) -> None:
        kept = records.close(UNTIL_NOON, "meeting", "Anna", NOW)
        records.forget(NOW + KEPT)
        assert len(records.audit(LONG_AGO)) == 1
        records.forget(NOW + KEPT + MINUTE)
        assert records.audit(LONG_AGO) == ()
        assert records.all(LONG_AGO) == (kept,)
        records.forget(NOON + KEPT)
        assert records.all(LONG_AGO) == (kept,)
        records.forget(NOON + KEPT + MINUTE)
        assert records.all(LONG_AGO) == ()

    def test_who_withdrew_is_kept_no_longer_because_the_end_would_have_been_late(self, records: Records) -> None:
        kept = records.close(replace(UNTIL_NOON, ends=NOW + 3 * KEPT), "meeting", "Anna", NOW)
        records.withdraw(kept.id, "Bo", NOON)
        records.forget(NOON + KEPT)
        assert len(records.all(LONG_AGO)) == 1
        records.forget(NOON + KEPT + MINUTE)
        assert records.all(LONG_AGO) == ()

    def test_what_holds_is_never_forgotten(self, records: Records) -> None:
        kept = records.close(replace(UNTIL_NOON, ends=NOW + 3 * KEPT), "meeting", "Anna", NOW)
        records.forget(NOW + 3 * KEPT - MINUTE)
        assert records.current(NOW + 2 * KEPT) == (kept,)

    @pytest.mark.parametrize("withdraws", [False, True])
    def test_whoever_changes_something_also_forgets(self, records: Records, withdraws: bool) -> None:
        """Nobody has to remember to."""
        records.close(UNTIL_NOON, "meeting", "Anna", NOW)
        lasting = records.close(replace(UNTIL_NOON, ends=NOW + 3 * KEPT), "meeting", "Anna", NOON)
        later = NOON + KEPT
        if withdraws:
            records.withdraw(lasting.id, "Bo", later)
        else:
            lasting = records.close(replace(UNTIL_NOON, ends=NOW + 3 * KEPT), "meeting", "Bo", later)
        assert [(each.by, each.about) for each in records.audit(LONG_AGO)][-1] == ("Bo", str(lasting.id))
        assert [each.at for each in records.audit(LONG_AGO)] == [NOON, later]
        assert lasting.id in [each.id for each in records.all(LONG_AGO)]
        if withdraws:
            records.close(UNTIL_NOON, "meeting", "Anna", later + MINUTE)
        else:
            records.withdraw(lasting.id, "Bo", later + MINUTE)
        assert 1 not in [each.id for each in records.all(LONG_AGO)]

    def test_a_number_is_never_given_again(self, records: Records) -> None:
        kept = records.close(UNTIL_NOON, "meeting", "Anna", NOW)
        records.forget(NOON + KEPT + MINUTE)
        assert records.close(UNTIL_NOON, "meeting", "Anna", NOW).id > kept.id
