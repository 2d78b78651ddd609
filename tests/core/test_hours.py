"""When a service is open, and the sentence that says so."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.core.hours import Day, Interval, Schedule, parse_day, parse_week

HELSINKI = ZoneInfo("Europe/Helsinki")
PHONE = {"mon-fri": "09:00-15:00"}
DOOR = {"mon-fri": "08:00-11:00, 12:00-15:00"}

CLOSED_WEEKDAYS = {
    2026: ["1.1", "6.1", "3.4", "6.4", "1.5", "14.5", "19.6", "24.12", "25.12"],
    2027: ["1.1", "6.1", "26.3", "29.3", "6.5", "25.6", "6.12", "24.12"],
    2028: ["6.1", "14.4", "17.4", "1.5", "25.5", "23.6", "6.12", "25.12", "26.12"],
}
"""Mondays to Fridays on which the office is shut, as day.month."""


def schedule(week: dict[str, str], **exceptions: str) -> Schedule:
    """`exceptions` are named `on_2026_12_31`."""
    dates = {date(*map(int, name.removeprefix("on_").split("_"))): parse_day(day) for name, day in exceptions.items()}
    return Schedule(parse_week(week), dates, HELSINKI, "FI")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI)


def wall_clock(moment: datetime | None) -> str:
    assert moment is not None
    assert moment.tzinfo is HELSINKI
    return f"{moment:%a %d.%m. %H:%M}"


# --- one day --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "expected"), [("08:59", False), ("09:00", True), ("14:59", True), ("14:59:59.999999", True)]
)
def test_it_opens_on_the_minute(clock: str, expected: bool) -> None:
    assert schedule(PHONE).is_open(at(f"2026-11-24 {clock}")) is expected


@pytest.mark.parametrize("clock", ["15:00", "15:00:00.000001", "23:59", "00:00"])
def test_the_closing_time_is_closed(clock: str) -> None:
    assert not schedule(PHONE).is_open(at(f"2026-11-24 {clock}"))


@pytest.mark.parametrize(
    ("clock", "closes"),
    [
        ("07:59", None),
        ("08:00", "11:00"),
        ("10:59", "11:00"),
        ("11:00", None),
        ("11:59", None),
        ("12:00", "15:00"),
        ("14:59", "15:00"),
        ("15:00", None),
    ],
)
def test_the_door_is_shut_at_lunch(clock: str, closes: str | None) -> None:
    found = schedule(DOOR).closes(at(f"2026-11-24 {clock}"))
    assert (f"{found:%H:%M}" if found else None) == closes


def test_it_opens_again_after_lunch() -> None:
    assert wall_clock(schedule(DOOR).next_opening(at("2026-11-24 11:30"))) == "Tue 24.11. 12:00"


def test_hours_that_touch_are_one_stretch() -> None:
    touching = schedule({"tue": "08:00-11:00, 11:00-12:30, 12:30-15:00"})
    assert wall_clock(touching.closes(at("2026-11-24 08:00"))) == "Tue 24.11. 15:00"
    assert wall_clock(touching.closes(at("2026-11-24 11:00"))) == "Tue 24.11. 15:00"


def test_a_day_without_hours_is_closed() -> None:
    assert not schedule(PHONE).is_open(at("2026-11-28 12:00"))


# --- the calendar ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_the_calendar_is_closed_and_every_other_weekday_open(year: int) -> None:
    phone = schedule(PHONE)
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    shut = [
        f"{day.day}.{day.month}"
        for day in days
        if day.year == year and day.weekday() < 5 and not phone.is_open(datetime.combine(day, time(12), HELSINKI))
    ]
    assert shut == CLOSED_WEEKDAYS[year]


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_every_weekend_is_closed(year: int) -> None:
    phone = schedule(PHONE)
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    weekend = [day for day in days if day.weekday() >= 5]
    assert not any(phone.is_open(datetime.combine(day, time(12), HELSINKI)) for day in weekend)


def test_an_exception_closes_a_day() -> None:
    closed = schedule(PHONE, on_2026_11_24="closed")
    assert not closed.is_open(at("2026-11-24 12:00"))
    assert wall_clock(closed.next_opening(at("2026-11-23 15:00"))) == "Wed 25.11. 09:00"


def test_an_exception_replaces_the_hours_of_its_date() -> None:
    short = schedule(PHONE, on_2026_12_31="10:00-12:00")
    assert not short.is_open(at("2026-12-31 09:30"))
    assert wall_clock(short.closes(at("2026-12-31 10:00"))) == "Thu 31.12. 12:00"
    assert not short.is_open(at("2026-12-31 12:00"))


@pytest.mark.parametrize("day", ["2026-12-24", "2026-12-06"])
def test_an_exception_opens_even_a_holiday_and_a_sunday(day: str) -> None:
    name = f"on_{day.replace('-', '_')}"
    assert schedule(PHONE, **{name: "09:00-12:00"}).is_open(at(f"{day} 11:59"))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-04-02 15:00", "Tue 07.04. 09:00"),  # Easter
        ("2026-12-23 15:00", "Mon 28.12. 09:00"),  # Christmas Eve and Day are Thursday and Friday
        ("2027-12-23 15:00", "Mon 27.12. 09:00"),
        ("2026-06-18 15:00", "Mon 22.06. 09:00"),  # Midsummer
        ("2026-12-31 15:00", "Mon 04.01. 09:00"),  # across the year
        ("2026-11-27 15:00", "Mon 30.11. 09:00"),
        ("2026-11-24 08:59", "Tue 24.11. 09:00"),
        ("2026-11-24 00:00", "Tue 24.11. 09:00"),
        ("2026-11-23 23:59", "Tue 24.11. 09:00"),
    ],
)
def test_the_next_opening_passes_over_closed_days(now: str, opens: str) -> None:
    assert wall_clock(schedule(PHONE).next_opening(at(now))) == opens


def test_a_service_that_never_opens_has_no_next_opening() -> None:
    assert schedule({}).next_opening(at("2026-11-24 12:00")) is None


def test_an_opening_is_looked_for_as_far_as_400_days() -> None:
    now = at("2026-11-24 12:00")
    assert schedule({}, on_2027_12_28="09:00-15:00").next_opening(now) == at("2027-12-28 09:00")
    assert schedule({}, on_2027_12_29="09:00-15:00").next_opening(now) is None


# --- clocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("night", ["2026-03-29", "2027-03-28"])
def test_in_the_night_when_clocks_go_forward_hours_are_those_on_the_wall(night: str) -> None:
    early = schedule({}, **{f"on_{night.replace('-', '_')}": "02:00-05:00, 09:00-15:00"})
    # At 03:00 clocks jump to 04:00: 00:59 UTC is 02:59, 01:00 UTC is 04:00.
    before, after = (datetime.fromisoformat(f"{night} {clock}").replace(tzinfo=UTC) for clock in ("00:59", "01:00"))
    assert early.closes(before) == early.closes(after) == at(f"{night} 05:00")
    assert early.closes(datetime.fromisoformat(f"{night} 01:59").replace(tzinfo=UTC)) == at(f"{night} 05:00")
    assert early.closes(datetime.fromisoformat(f"{night} 02:00").replace(tzinfo=UTC)) is None
    assert early.next_opening(before) == early.next_opening(after) == at(f"{night} 09:00")


@pytest.mark.parametrize("night", ["2026-10-25", "2027-10-31"])
def test_in_the_night_when_clocks_go_back_hours_are_those_on_the_wall(night: str) -> None:
    early = schedule({}, **{f"on_{night.replace('-', '_')}": "02:00-05:00, 09:00-15:00"})
    # At 04:00 clocks go back to 03:00: the hour from 00:00 UTC and the hour from 01:00 UTC both read 03:mm.
    for clock in ("00:30", "01:30", "02:59"):
        moment = datetime.fromisoformat(f"{night} {clock}").replace(tzinfo=UTC)
        assert early.closes(moment) == at(f"{night} 05:00")
    closed = datetime.fromisoformat(f"{night} 03:00").replace(tzinfo=UTC)
    assert not early.is_open(closed)
    assert early.next_opening(closed) == at(f"{night} 09:00")


@pytest.mark.parametrize(
    ("friday", "monday", "utc"),
    [
        ("2026-03-27", "2026-03-30", "06:00"),
        ("2026-10-23", "2026-10-26", "07:00"),
        ("2027-03-25", "2027-03-30", "06:00"),  # Easter as well
        ("2027-10-29", "2027-11-01", "07:00"),
    ],
)
def test_the_weekend_of_a_clock_change_still_ends_at_nine(friday: str, monday: str, utc: str) -> None:
    opens = schedule(PHONE).next_opening(at(f"{friday} 15:00"))
    assert opens == at(f"{monday} 09:00")
    assert opens == datetime.fromisoformat(f"{monday} {utc}").replace(tzinfo=UTC)


def test_a_moment_in_utc_is_read_in_the_zone_of_the_office() -> None:
    phone = schedule(PHONE)
    assert not phone.is_open(datetime(2026, 11, 24, 6, 59, tzinfo=UTC))
    assert phone.is_open(datetime(2026, 11, 24, 7, 0, tzinfo=UTC))
    assert phone.is_open(datetime(2026, 7, 1, 6, 0, tzinfo=UTC))
    assert wall_clock(phone.closes(datetime(2026, 7, 1, 11, 59, tzinfo=UTC))) == "Wed 01.07. 15:00"
    assert wall_clock(phone.next_opening(datetime(2026, 11, 24, 22, 30, tzinfo=UTC))) == "Wed 25.11. 09:00"


# --- as the office writes it ----------------------------------------------------------------------------------------


def test_a_day_is_read_as_it_is_written() -> None:
    assert parse_day(" 08:00-11:00 ,12:00 - 15:00") == (
        Interval(opens=time(8), closes=time(11)),
        Interval(opens=time(12), closes=time(15)),
    )
    assert parse_day("closed") == ()


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("all day", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("0900-1500", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("9-155", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("9,15", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("9am-3pm", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("clsed", "'clsed' is not hours; write closed$"),
        ("09:00-24:00", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("09:00:30-15:00", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("09:00Z-15:00", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("09:00", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("09:00-12:00-15:00", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("09:00-12:00,", "write the opening and the closing time, for example 09:00-15:00, or closed$"),
        ("08:00-12:00, 11:30-15:00", "write them apart, the earlier first"),
        ("12:00-15:00, 08:00-11:00", "write them apart, the earlier first"),
        ("15:00-09:00", "write the earlier time first"),
        ("09:00-09:00", "write the earlier time first"),
        (
            "08:00-09:00, 10:00-11:00, 12:00-15:00",
            "opens 3 times a day; write two at most, for example 08:00-11:00, 12:00-15:00$",
        ),
        ("08:00-09:00, 10:00-11:00, 11:00-12:00, 13:00-14:00", "opens 3 times a day"),
    ],
)
def test_hours_that_cannot_be_read_say_how_to_write_them(text: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        parse_day(text)


def test_days_that_are_not_named_are_closed() -> None:
    week = parse_week({"mon-wed": "09:00-15:00", "sat": "closed"})
    assert [day for day, hours in week.items() if hours] == ["mon", "tue", "wed"]


@pytest.mark.parametrize(
    ("week", "complaint"),
    [
        (
            {"weekdays": "closed"},
            "'weekdays' is not a weekday; write one of these: mon, tue, .*, or for example mon-fri",
        ),
        ({"monn-fri": "closed"}, "'monn-fri' is not a weekday; write mon-fri"),
        ({"mon-perjantia": "closed"}, "'mon-perjantia' is not a weekday; write mon-perjantai"),
        ({"mon": "8-11", "12-15": ""}, 'two times need quotation marks; write "8-11, 12-15"'),
        ({"12:00-15:00": ""}, 'two times need quotation marks; write for example "08:00-11:00, 12:00-15:00"'),
        ({'mon-fri "09:00-15:00"': ""}, "after 'mon-fri' a colon and a space are missing; write the days"),
        ({"mon-": "closed"}, "'mon-' is not a weekday; write one of these: mon, tue"),
        ({"fri-mon": "closed"}, "'fri-mon' runs backwards; write the earlier day first"),
        ({"mon-fri": "closed", "wed": "closed"}, "'wed' is given twice; name each day once"),
        ({"mon": "now and then"}, "'now and then' is not hours; write the opening"),
        ("09:00-15:00", "write the days and their hours"),
        (["mon"], "write the days and their hours"),
    ],
)
def test_a_week_that_cannot_be_read_says_how_to_write_it(week: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_week(week)


NINE_TO_THREE: Day = parse_day("09:00-15:00")


@pytest.mark.parametrize(
    ("week", "alike"),
    [
        ({"mon-fri": "09:00-15:00"}, NINE_TO_THREE),
        ({"mon-thu": "09:00-15:00", "fri": "09:00-15:00", "sat-sun": "closed"}, NINE_TO_THREE),
        ({"mon-fri": "08:00-11:00, 12:00-15:00"}, parse_day("08:00-11:00, 12:00-15:00")),
        ({"mon-fri": "09:00-12:00, 12:00-15:00"}, NINE_TO_THREE),
        ({"mon-fri": "00:00-01:00, 01:00-15:00"}, parse_day("00:00-15:00")),
        ({"mon-thu": "09:00-15:00", "fri": "09:00-14:00"}, None),
        ({"mon-thu": "09:00-15:00"}, None),
        ({"mon-sat": "09:00-15:00"}, None),
        ({"mon-fri": "closed"}, None),
        ({}, None),
    ],
)
def test_only_a_week_that_is_alike_from_monday_to_friday_can_be_said_as_one(
    week: dict[str, str], alike: Day | None
) -> None:
    assert schedule(week).monday_to_friday == alike


# --- the sentence ---------------------------------------------------------------------------------------------------


def told(service: Schedule, name: str, now: datetime) -> tuple[str, dict[str, str]]:
    sentence = service.prompt(name, now)
    return sentence.prompt, dict(sentence.slots)


@pytest.mark.parametrize(
    ("now", "until"), [("2026-11-24 09:00", "time_until.1500"), ("2026-11-24 14:59", "time_until.1500")]
)
def test_while_open_the_sentence_says_until_when(now: str, until: str) -> None:
    assert told(schedule(PHONE), "phone", at(now)) == ("hours.phone.open", {"phone_until": until})


@pytest.mark.parametrize(
    ("now", "day", "opens"),
    [
        ("2026-11-24 00:00", "today", "time_at.0900"),
        ("2026-11-24 08:59", "today", "time_at.0900"),
        ("2026-11-24 15:00", "tomorrow", "time_at.0900"),
        ("2026-11-24 23:59", "tomorrow", "time_at.0900"),
        ("2026-11-27 15:00", "day_on.mon", "time_at.0900"),
        ("2026-11-29 12:00", "tomorrow", "time_at.0900"),
        ("2026-04-02 15:00", "day_on.tue", "time_at.0900"),
    ],
)
def test_while_closed_the_sentence_says_when_it_opens(now: str, day: str, opens: str) -> None:
    sentence = ("hours.phone.opens", {"phone_day": day, "phone_time": opens})
    assert told(schedule(PHONE), "phone", at(now)) == sentence


def test_the_day_is_the_one_on_the_wall_of_the_office() -> None:
    late = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # 00:30 on Wednesday
    assert told(schedule(PHONE), "phone", late)[1]["phone_day"] == "today"


def test_at_lunch_the_sentence_says_that_the_door_opens_today() -> None:
    sentence = ("hours.door.opens", {"door_day": "today", "door_time": "time_at.1200"})
    assert told(schedule(DOOR), "door", at("2026-11-24 11:30")) == sentence


def test_six_days_ahead_the_sentence_names_the_day() -> None:
    only_tuesdays = schedule({"tue": "09:00-15:00"})
    sentence = ("hours.phone.opens", {"phone_day": "day_on.tue", "phone_time": "time_at.0900"})
    assert told(only_tuesdays, "phone", at("2026-11-25 00:00")) == sentence


def test_seven_days_ahead_the_sentence_names_the_date_too() -> None:
    only_tuesdays = schedule({"tue": "09:00-15:00"})
    dated = {"phone_day": "day_on.tue", "phone_date": "date.1", "phone_month": "month.12"}
    assert told(only_tuesdays, "phone", at("2026-11-24 15:00")) == ("hours.phone.opens_on", dated)


@pytest.mark.parametrize(("now", "said"), [("2026-11-24 23:59", "closed_long"), ("2026-11-25 00:00", "opens_on")])
def test_a_date_is_named_up_to_300_days_ahead(now: str, said: str) -> None:
    opening = schedule({}, on_2027_09_21="09:00-15:00")
    assert (date(2027, 9, 21) - date(2026, 11, 25)).days == 300
    assert told(opening, "phone", at(now))[0] == f"hours.phone.{said}"


def test_a_july_that_is_closed_ends_on_a_day_with_a_date_until_a_week_before() -> None:
    closed = schedule(PHONE, **{f"on_2026_07_{day:02}": "closed" for day in range(1, 32)})
    dated = {"phone_day": "day_on.mon", "phone_date": "date.3", "phone_month": "month.8"}
    for now in ("2026-06-30 15:00", "2026-07-15 10:00", "2026-07-27 23:59"):
        assert told(closed, "phone", at(now)) == ("hours.phone.opens_on", dated)
    soon = ("hours.phone.opens", {"phone_day": "day_on.mon", "phone_time": "time_at.0900"})
    assert told(closed, "phone", at("2026-07-28 00:00")) == soon


def test_a_service_that_never_opens_is_closed_for_long() -> None:
    assert told(schedule({}), "phone", at("2026-11-24 12:00")) == ("hours.phone.closed_long", {})
