"""The copy of closings in a file: what is read is what was written, and nothing else is read."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.closing import Change, Closing, StandIn
from ivr.core.hours import Day, Interval
from ivr.records.mirror import from_bytes, to_bytes

NOW = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)
CLOSING = Closing("phone", NOW, NOW + timedelta(hours=2), (Interval(opens=time(9), closes=time(11)),))
WRITTEN = to_bytes([CLOSING])
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(ZoneInfo("Europe/Helsinki")))  # noqa: DTZ001


@st.composite
def days(draw: st.DrawFn) -> Day:
    ends = sorted(draw(st.sets(MINUTES, max_size=4)))
    return tuple(Interval(opens=opens, closes=closes) for opens, closes in zip(ends[::2], ends[1::2], strict=False))


@st.composite
def closings(draw: st.DrawFn) -> Change:
    begins = draw(TIMES).astimezone(UTC)
    length = draw(st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
    name = draw(st.text(min_size=1).filter(str.isprintable))
    if draw(st.booleans()):
        return StandIn(name, draw(st.text(min_size=1).filter(str.isprintable)), begins, begins + length)
    return Closing(name, begins, begins + length, draw(days()))


@given(st.lists(closings(), max_size=4))
def test_what_is_read_is_what_was_written(made: list[Change]) -> None:
    assert from_bytes(to_bytes(made)) == tuple(made)


@given(st.data())
def test_a_byte_that_is_another_is_noticed(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(WRITTEN) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != WRITTEN[place]))
    changed = WRITTEN[:place] + bytes([other]) + WRITTEN[place + 1 :]
    try:
        (found,) = from_bytes(changed)
    except ValueError:
        return
    assert found != CLOSING, "it is another closing, as well written as this one"


@pytest.mark.parametrize("size", range(len(WRITTEN)))
def test_a_part_of_it_is_noticed(size: int) -> None:
    with pytest.raises(ValueError, match="no list of closings"):
        from_bytes(WRITTEN[:size])


@pytest.mark.parametrize(
    "data",
    [
        b"null",
        b"[]",
        b"{}",
        b'"closings"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"version": 1, "closings": null}',
        b'{"version": 1, "closings": [null]}',
        b'{"version": 1, "closings": NaN}',
        WRITTEN * 2,
        WRITTEN + b"\n",
        json.dumps(json.loads(WRITTEN)).encode(),
        WRITTEN.replace(b'"version": 1', b'"version": 2'),
        WRITTEN.replace(b'"version": 1', b'"version": 1, "by": "Anna"'),
        WRITTEN.replace(b'"schedule": "phone"', b'"schedule": 5'),
        WRITTEN.replace(b'"schedule": "phone"', b'"schedule": ""'),
        WRITTEN.replace(b'"schedule": "phone"', b'"schedule": "ph\\u0000ne"'),
        WRITTEN.replace(b'"schedule": "phone"', b'"schedule": "phone", "schedule": "door"'),
        WRITTEN.replace(b"+00:00", b""),
        WRITTEN.replace(b"+00:00", b"+02:00"),
        WRITTEN.replace(b"+00:00", b"Z"),
        WRITTEN.replace(b"T06:10", b"T09:10"),
        WRITTEN.replace(b"2026-11-24T08:10", b"0001-01-01T00:10"),
        WRITTEN.replace(b"+00:00", b"+23:00").replace(b"2026-11-24", b"0001-01-01"),
        WRITTEN.replace(b"09:00-11:00", b"11:00-09:00"),
        WRITTEN.replace(b"09:00-11:00", b"9-11"),
        WRITTEN.replace(b"09:00-11:00", b""),
        WRITTEN.replace(b"09:00-11:00", b"Closed"),
        WRITTEN.replace(b'"09:00-11:00"', b"null"),
    ],
)
def test_anything_else_is_noticed(data: bytes) -> None:
    with pytest.raises(ValueError, match="no list of closings"):
        from_bytes(data)


@pytest.mark.parametrize(
    "closing",
    [
        replace(CLOSING, schedule=""),
        replace(CLOSING, schedule="ph\0ne"),
        replace(CLOSING, ends=NOW),
        replace(CLOSING, ends=datetime.max.replace(tzinfo=ZoneInfo("America/New_York"))),
        replace(CLOSING, begins=datetime(2026, 11, 24)),  # noqa: DTZ001 - which is the fault
        replace(CLOSING, hours=(Interval(opens=time(9), closes=time(9, 0, 30)),)),
    ],
)
def test_what_is_no_closing_is_not_written(closing: Closing) -> None:
    with pytest.raises(ValueError, match=r"\w{3}"):
        to_bytes([closing])


def test_it_imports_no_database() -> None:
    script = "import sys, ivr.records.mirror, ivr.records.closings; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {each.partition(".")[0] for each in ran.stdout.split()} & {"sqlalchemy", "alembic", "psycopg"} == set()
