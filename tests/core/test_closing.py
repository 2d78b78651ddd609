"""A closing holds for its time and no longer, whatever the file says, and every rule of a caller still proves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.closing import Closing
from ivr.core.content import Content
from ivr.core.hours import Interval, parse_day
from ivr.core.office import PHONE, ExceptionDay

HELSINKI = ZoneInfo("Europe/Helsinki")
TUESDAY = date(2026, 11, 24)


def at(hour: int, minute: int = 0, day: date = TUESDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), HELSINKI)


@pytest.mark.parametrize(
    ("begins", "ends", "hours", "left"),
    [
        (at(8, 10), at(12), "closed", "12:00-15:00"),
        (at(12), at(13), "closed", "09:00-12:00, 13:00-15:00"),
        (at(8), at(16), "closed", "closed"),
        (at(0), at(0, day=TUESDAY + timedelta(1)), "10:00-11:00", "10:00-11:00"),
        (at(12), at(0, day=TUESDAY + timedelta(1)), "10:00-14:00", "09:00-12:00, 12:00-14:00"),
        (at(16), at(17), "closed", "09:00-15:00"),
        (at(9, day=TUESDAY - timedelta(1)), at(0), "closed", "09:00-15:00"),
        (at(9, day=TUESDAY - timedelta(5)), at(9, 30, day=TUESDAY + timedelta(5)), "closed", "closed"),
    ],
)
def test_what_is_left_of_a_day(begins: datetime, ends: datetime, hours: str, left: str) -> None:
    closing = Closing(PHONE, begins, ends, parse_day(hours))

    assert closing.on(TUESDAY, parse_day("09:00-15:00"), HELSINKI) == parse_day(left)


def test_a_service_is_open_again_at_the_minute(content: Content) -> None:
    office = content.office.with_closings((Closing(PHONE, at(8, 10), at(12)),))

    phone = office.schedules[PHONE]
    assert [phone.is_open(at(11, 59)), phone.is_open(at(12))] == [False, True]
    assert phone.prompt(PHONE, at(8, 10)).slots == (("phone_day", "today"), ("phone_time", "time_at.1200"))
    assert content.office.schedules[PHONE].is_open(at(10)), "the office without it is as it was"


def test_other_services_go_on(content: Content) -> None:
    office = content.office.with_closings((Closing(PHONE, at(0), at(23)),))

    for name in office.hours.keys() - {PHONE}:
        assert office.schedules[name].day(TUESDAY) == content.office.schedules[name].day(TUESDAY)


def test_the_later_of_two_wins_for_its_time(content: Content) -> None:
    whole = Closing(PHONE, at(0), at(0, day=TUESDAY + timedelta(1)))
    office = content.office.with_closings((whole, Closing(PHONE, at(10), at(11), parse_day("10:00-11:00"))))

    assert office.schedules[PHONE].day(TUESDAY) == parse_day("10:00-11:00")


def test_it_wins_over_a_row_of_the_file_for_its_time(content: Content) -> None:
    row = ExceptionDay.model_validate({"date": TUESDAY, "hours": {PHONE: "13:00-18:00"}})
    office = content.office.model_copy(update={"exceptions": (row,)}).with_closings(())

    closed = office.with_closings((Closing(PHONE, at(14), at(16)),))

    assert closed.schedules[PHONE].day(TUESDAY) == parse_day("13:00-14:00, 16:00-18:00")


MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2027, 4, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)
HOURS = st.sampled_from(["closed", "10:00-14:00", "08:00-11:00, 12:00-16:00"])


@given(begins=MOMENTS, lasts=st.integers(1, 60 * 24 * 40), hours=HOURS, seconds=st.integers(0, 60 * 24 * 50))
def test_it_holds_for_its_time_and_no_longer(
    content: Content, begins: datetime, lasts: int, hours: str, seconds: int
) -> None:
    """Against a definition by the minute: within it, its own hours; without it, those of the file."""
    closing = Closing(PHONE, begins, begins + timedelta(minutes=lasts), parse_day(hours))
    moment = begins + timedelta(minutes=seconds - 60 * 24 * 5)
    before, after = content.office, content.office.with_closings((closing,))

    local = moment.astimezone(HELSINKI)
    inside = (
        closing.begins.astimezone(HELSINKI).replace(tzinfo=None)
        <= local.replace(tzinfo=None)
        < closing.ends.astimezone(HELSINKI).replace(tzinfo=None)
    )
    own: tuple[Interval, ...] = closing.hours
    expected = (
        any(each.opens <= local.time() < each.closes for each in own)
        if inside
        else before.schedules[PHONE].is_open(moment)
    )
    assert after.schedules[PHONE].is_open(moment) == expected


def test_a_process_that_was_given_the_days_to_come_needs_no_holidays(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take 60 ms and 17 MB, and the first caller after a closing would wait for them."""
    before = content.office.with_closings(())
    christmas = date(2026, 12, 24)
    assert before.schedules[PHONE].day(christmas) == ()

    def looked_up(country: str, year: int) -> frozenset[date]:
        raise AssertionError("holidays are looked up")

    monkeypatch.setattr("ivr.core.hours.public_holidays", looked_up)
    after = before.with_closings(
        (Closing(PHONE, at(14, day=christmas), at(16, day=christmas), parse_day("14:00-15:00")),)
    )
    assert after.schedules[PHONE].day(christmas) == parse_day("14:00-15:00")
    again = after.with_closings(())
    assert again.schedules[PHONE].day(christmas) == ()
