"""What the office may decide, and what it is told when that does not fit together."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from ivr.core.hours import parse_day
from ivr.core.office import Contact, Office


def written(**changes: Any) -> dict[str, Any]:
    """An office as its file says it, with some of its parts replaced."""
    return {
        "zone": "Europe/Helsinki",
        "country": "FI",
        "hours": {"phone": {"mon-fri": "09:00-15:00"}, "door": {"mon-fri": "08:00-15:00"}},
        "contacts": {"on_call": {"number": "0400 291 141", "ring": "25"}, "social_instructor": {}},
        **changes,
    }


def office(**changes: Any) -> Office:
    return Office.model_validate(written(**changes))


def exception(day: str, **hours: str) -> dict[str, Any]:
    return {"date": day, "hours": hours}


def test_an_office_is_read_from_strings() -> None:
    found = office()
    assert found.schedules["phone"].zone == ZoneInfo("Europe/Helsinki")
    assert found.contacts["on_call"].ring == 25
    assert found.contacts["social_instructor"].accept == "any_key"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"hours": {"door": {"mon-fri": "08:00-15:00"}}}, "phone is missing, and the line cannot work"),
        ({"contacts": {"social_instructor": {}}}, "on_call missing, and the line cannot work"),
        ({"contacts": {"on_call": {"number": "0400 1"}}}, "social_instructor missing, and the line cannot work"),
        ({"contacts": {"on_call": {}, "social_instructor": {}}}, "on_call has no number; write the public"),
        (
            {"exceptions": [exception("2026-12-31", phone="closed"), exception("31.12.2026", phone="9-12")]},
            "phone has hours twice for 2026-12-31, here; change the dates in one of them, so that no day is in both",
        ),
        ({"hours": {"phone": {}, "all": {}}}, "no service can be called 'all', which means every one"),
        (
            {"exceptions": [exception("2026-12-31", lunch="closed")]},
            "'lunch' is not a known service; write one of these: all, door, phone",
        ),
        ({"zone": "Europe/Kemi"}, "'Europe/Kemi' is not a time zone; write for example Europe/Helsinki"),
        ({"zone": "Europe"}, "'Europe' is not a time zone; write for example Europe/Helsinki"),
        ({"zone": "../etc"}, "'../etc' is not a time zone; write for example Europe/Helsinki"),
    ],
)
def test_an_office_that_cannot_work_is_refused_by_name(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        office(**changes)


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        office(hours={}, contacts={}, exceptions=[exception("2026-12-31", lunch="closed"), exception("2026-12-31")])
    told = {fault["loc"][0]: fault["msg"] for fault in refused.value.errors()}
    assert told.keys() == {"hours", "contacts", "exceptions"}
    assert "on_call, social_instructor missing" in told["contacts"]


@pytest.mark.parametrize("nothing", ["", "null", "~"])
def test_what_is_left_blank_is_none(nothing: str) -> None:
    found = office(exceptions=nothing, languages_by_number=nothing)
    assert (found.exceptions, found.languages_by_number) == ((), {})
    contacts = {"on_call": {"number": "0400 291 141"}, "social_instructor": nothing}
    assert office(contacts=contacts).contacts["social_instructor"] == Contact()


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"country": "Finland"}, "write two capital letters, for example FI"),
        (
            {"languages_by_number": {"call me": "so"}},
            "this is not a number; write it in groups, for example 0400 123 456",
        ),
        ({"contacts": {"on_call": {"number": "+358 400 1"}, "social_instructor": {}}}, "write the number from 0 on"),
    ],
)
def test_what_is_written_in_a_wrong_form_is_told_how_to_be_written(changes: dict[str, Any], remedy: str) -> None:
    with pytest.raises(ValidationError) as refused:
        office(**changes)
    (fault,) = refused.value.errors()
    assert remedy in fault["msg"]


@pytest.mark.parametrize(
    "contact",
    [
        {"number": "112"},
        {"number": "+358 400 291 141"},
        {"number": "0400-291141"},
        {"number": "0400  291"},
        {"ring": "5"},
        {"ring": "60"},
        {"accept": "voicemail"},
        {"nubmer": "0400 1"},
    ],
)
def test_a_contact_that_cannot_be_said_or_rung_is_refused(contact: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"contacts\.on_call"):
        office(contacts={"on_call": {"number": "0400 1", **contact}, "social_instructor": {}})


@pytest.mark.parametrize("day", ["31.12", "2026-02-30", "tomorrow", ["2026-12-31"]])
def test_an_exception_without_a_real_date_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=r"exceptions\.0\.date"):
        office(exceptions=[exception(day, all="closed")])


def test_a_range_is_each_of_its_days() -> None:
    holiday = {"from": "2026-07-01", "to": "31.7.2026", "hours": {"phone": "closed"}}
    found = office(exceptions=[holiday])
    phone, door = found.schedules["phone"], found.schedules["door"]
    july = [date(2026, 7, day) for day in range(1, 32)]
    assert {phone.day(day) for day in july} == {()}
    assert {door.day(day) for day in july if day.weekday() < 5} == {parse_day("08:00-15:00")}
    assert phone.day(date(2026, 6, 30)) == phone.day(date(2026, 8, 3)) == parse_day("09:00-15:00")
    assert found.exceptions[0].dates == "2026-07-01 to 2026-07-31"


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ({}, "this row has no date; write date: and the day"),
        ({"date": ""}, "this row has no date; write date: and the day"),
        ({"from": "2026-07-01"}, "the last day is missing; write to: and the last day, for example to: 2026-07-31"),
        ({"to": "2026-07-31"}, "the first day is missing; write from: and the first day, for example from: 2026-07-01"),
        ({"date": "2026-07-01", "to": "2026-07-02"}, "this row has 'date' and a range; write date"),
        ({"date": "2026-07-01", "from": "2026-07-01", "to": "2026-07-02"}, "this row has 'date' and a range"),
        ({"from": "2026-07-02", "to": "2026-07-01"}, "2026-07-01 is before 2026-07-02; write the earlier day"),
        ({"from": "2026-01-01", "to": "2027-02-05"}, "2027-02-05 is longer than 400 days; correct the year"),
    ],
)
def test_a_row_without_one_meaning_is_refused(days: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        office(exceptions=[{**days, "hours": {"all": "closed"}}])
    (fault,) = refused.value.errors()
    assert fault["loc"] == ("exceptions", 0)
    assert told in fault["msg"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2026-12-31", "this row has no words; write for example {date: 2026-12-31, hours: {all: closed}}"),
        ({"date": "2026-12-31"}, "no service is named; write hours: {all: closed}, or the name of one service"),
        (
            {"date": "2026-12-31", "hours": {}},
            "no service is named; write hours: {all: closed}, or the name of one service",
        ),
        ({"date": "2026-12-31", "hours": "closed"}, "no service is named; write hours: {all: closed}, or"),
        ({"date": "2026-12-31", "hours": "8-9, 10-11"}, 'no service is named; write hours: {all: "8-9, 10-11"}, or'),
        ({"date": "2026-12-31", "hours": ["8-9"]}, "no service is named; write hours: {all: closed}, or"),
        (
            {"date": "2026-12-31", "hours": {"door": "8-11", "12-15": ""}},
            'two times need quotation marks; write "8-11, 12-15"',
        ),
        ({"date": "2026-12-31", "hours": {"door": ["8-11"]}}, "these are no hours; write one text, for example"),
    ],
)
def test_a_row_of_another_form_is_told_what_to_write(row: object, told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        office(exceptions=[row])
    (fault,) = refused.value.errors()
    assert told in fault["msg"]


@pytest.mark.parametrize("ring", ["2_5", "25.0", "25 s", "+25", " 25", "٢٥", "1e1", "nan", ""])
def test_a_number_is_digits_alone(ring: str) -> None:
    with pytest.raises(ValidationError) as refused:
        office(contacts={"on_call": {"number": "0400 1", "ring": ring}, "social_instructor": {}})
    (fault,) = refused.value.errors()
    assert (fault["loc"], str(fault["input"])) == (("contacts", "on_call", "ring"), ring)


def test_which_names_a_row_may_have_is_not_asked_while_the_hours_are_wrong() -> None:
    with pytest.raises(ValidationError) as refused:
        office(hours={"phone": {"monn": "9-15"}}, exceptions=[exception("2026-12-31", lunch="closed")])
    assert [fault["loc"] for fault in refused.value.errors()] == [("hours", "phone", "monn")]


def test_a_range_of_400_days_just_fits() -> None:
    row = {"from": "2026-01-01", "to": "2027-02-04", "hours": {"all": "closed"}}
    assert len([*office(exceptions=[row]).exceptions[0].days()]) == 400


@pytest.mark.parametrize(
    ("one", "two", "overlap"),
    [
        (
            ("2026-07-01", "2026-07-31", "phone"),
            ("2026-07-31", "2026-08-01", "phone"),
            "phone has hours twice for 2026-07-31",
        ),
        (
            ("2026-07-01", "2026-07-31", "all"),
            ("2026-07-05", "2026-07-05", "door"),
            "door, which all includes, has hours twice for 2026-07-05",
        ),
        (
            ("2026-07-05", "2026-07-05", "door"),
            ("2026-07-01", "2026-07-31", "all"),
            "door, which all includes, has hours twice for 2026-07-05",
        ),
        (
            ("2026-07-01", "2026-07-31", "all"),
            ("2026-07-31", "2026-07-31", "all"),
            "door, which all includes, has hours twice",
        ),
        (("2026-07-01", "2026-07-31", "phone"), ("2026-07-01", "2026-07-31", "door"), None),
        (("2026-07-01", "2026-07-31", "all"), ("2026-08-01", "2026-08-01", "all"), None),
    ],
)
def test_two_rows_may_name_a_day_for_different_schedules_only(
    one: tuple[str, str, str], two: tuple[str, str, str], overlap: str | None
) -> None:
    rows = [{"from": first, "to": last, "hours": {name: "closed"}} for first, last, name in (one, two)]
    if overlap is None:
        assert len(office(exceptions=rows).exceptions) == 2
        return
    with pytest.raises(ValidationError) as refused:
        office(exceptions=rows)
    (fault,) = refused.value.errors()
    assert (fault["loc"], fault["ctx"]["see"]) == (("exceptions", 1), ("exceptions", "0"))
    assert overlap in fault["msg"]


def test_each_row_that_overlaps_a_long_one_is_told() -> None:
    days = [("2026-02-01", "2026-11-01"), ("2026-02-01", "2026-02-02"), ("2026-01-01", "2026-12-31")]
    with pytest.raises(ValidationError) as refused:
        office(exceptions=[{"from": first, "to": last, "hours": {"phone": "closed"}} for first, last in days])
    told = [(fault["loc"], fault["ctx"]["see"]) for fault in refused.value.errors()]
    assert told == [(("exceptions", 1), ("exceptions", "0")), (("exceptions", 2), ("exceptions", "0"))]


def test_there_may_be_a_thousand_rows_and_no_more() -> None:
    first = date(2026, 1, 1)
    rows = [exception(str(first + timedelta(days=day)), all="closed") for day in range(1001)]
    assert len(office(exceptions=rows[:1000]).exceptions) == 1000
    with pytest.raises(ValidationError, match="at most 1000"):
        office(exceptions=rows)


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        ("0400-291141", "write 0400 291 141"),
        ("(016) 259 111", "write 016 259 111"),
        ("0400  291 141", "write 0400 291 141"),
        ("0400/291.141", "write 0400 291 141"),
        ("call me", "write it in groups, for example 0400 123 456"),
    ],
)
def test_a_number_with_other_signs_is_told_with_its_groups(number: str, remedy: str) -> None:
    with pytest.raises(ValidationError) as refused:
        office(contacts={"on_call": {"number": number}, "social_instructor": {}})
    (fault,) = refused.value.errors()
    assert fault["msg"].endswith(remedy)


def test_an_exception_changes_the_schedules_that_it_names() -> None:
    schedules = office(exceptions=[exception("2026-12-31", phone="09:00-12:00")]).schedules
    assert schedules["phone"].day(date(2026, 12, 31)) == parse_day("09:00-12:00")
    assert schedules["door"].day(date(2026, 12, 31)) == parse_day("08:00-15:00")


def test_an_exception_for_all_changes_every_schedule_that_it_does_not_name() -> None:
    schedules = office(exceptions=[exception("2026-12-31", all="closed", door="10:00-12:00")]).schedules
    assert schedules["phone"].day(date(2026, 12, 31)) == ()
    assert schedules["door"].day(date(2026, 12, 31)) == parse_day("10:00-12:00")
