"""What the office may decide, and what it is told when that does not fit together."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from ivr.core.hours import parse_day
from ivr.core.office import Office


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
            {"exceptions": [exception("2026-12-31", phone="closed"), exception("2026-12-31", door="closed")]},
            "2026-12-31 stands twice; join the two",
        ),
        (
            {"exceptions": [exception("2026-12-31", lunch="closed")]},
            "no hours are called lunch; write all, door, phone",
        ),
        ({"zone": "Europe/Kemi"}, "'Europe/Kemi' is not a time zone; write Europe/Helsinki"),
        ({"zone": "Europe"}, "'Europe' is not a time zone; write Europe/Helsinki"),
        ({"zone": "../etc"}, "'../etc' is not a time zone; write Europe/Helsinki"),
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
def test_no_exceptions_may_be_left_empty(nothing: str) -> None:
    assert office(exceptions=nothing).exceptions == ()


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"country": "Finland"}, "write two capital letters, such as FI"),
        ({"languages_by_number": {"call me": "so"}}, "this is not a number; write it like 0400 123 456"),
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


@pytest.mark.parametrize("day", ["31.12.2026", "2026-02-30", "tomorrow"])
def test_an_exception_without_a_real_date_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=r"exceptions\.0\.date"):
        office(exceptions=[exception(day, all="closed")])


def test_an_exception_changes_the_schedules_that_it_names() -> None:
    schedules = office(exceptions=[exception("2026-12-31", phone="09:00-12:00")]).schedules
    assert schedules["phone"].day(date(2026, 12, 31)) == parse_day("09:00-12:00")
    assert schedules["door"].day(date(2026, 12, 31)) == parse_day("08:00-15:00")


def test_an_exception_for_all_changes_every_schedule_that_it_does_not_name() -> None:
    schedules = office(exceptions=[exception("2026-12-31", all="closed", door="10:00-12:00")]).schedules
    assert schedules["phone"].day(date(2026, 12, 31)) == ()
    assert schedules["door"].day(date(2026, 12, 31)) == parse_day("10:00-12:00")
