"""Hours that cannot be read: the office is told which entry it is and what to write, never a library's words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.content.conftest import LIBRARY, Prompts

WRONG = {
    "{monn-fri: closed}": "monn-fri",
    "{mon-frii: closed}": "mon-frii",
    "{weekdays: closed}": "'weekdays'",
    "{mon-fri: 08:00-11:00, 12:00-15:00}": "two times need quotation marks",
    '{mon-fri "09:00-15:00"}': "mon-fri",
    '{mon-fri:"09:00-15:00"}': "mon-fri",
    "{mon: }": "mon",
    "{mon: [9, 15]}": "mon",
    "{mon: {9: 15}}": "mon",
    "{-fri: closed}": "-fri",
    "{mon-: closed}": "mon-",
    "{mon-wed-fri: closed}": "mon-wed-fri",
    "{fri-mon: closed}": "fri-mon",
    "{mon-fri: closed, wed: closed}": "wed",
    "{mon: 9-155}": "9-155",
    "{mon: '09:00'}": "09:00",
    "{mon: '09:00-12:00-15:00'}": "09:00-12:00-15:00",
    "{mon: '09:00-25:00'}": "09:00-25:00",
    "{mon: '09:61-15:00'}": "09:61-15:00",
    "{mon: 'now and then'}": "now and then",
    "{mon: '15:00-09:00'}": "15:00-09:00",
    "{mon: '09:00-12:00, 11:00-13:00'}": "09:00-12:00, 11:00-13:00",
    "{mon: '12:00-13:00, 09:00-10:00'}": "12:00-13:00, 09:00-10:00",
    "'09:00-15:00'": "phone: ",
    "[mon, tue]": "phone: ",
    "closed": "phone: ",
    "": "phone: ",
}
"""What is after `phone:`, and what the message must name of it."""


@pytest.mark.parametrize("written", WRONG)
def test_hours_that_cannot_be_read_are_told_with_their_line_and_remedy(tmp_path: Path, written: str) -> None:
    prompts = Prompts.copied_to(tmp_path)
    prompts.write("office.yaml", re.sub(r"(?m)^  phone:.*$", f"  phone: {written}", prompts.read("office.yaml")))
    issue = prompts.only_broken()
    assert (issue.file.rpartition("/")[2], issue.line) == ("office.yaml", prompts.line("office.yaml", "  phone: "))
    assert WRONG[written] in issue.message
    assert re.match(r"(Write|Name) .{7}", issue.remedy)
    assert not LIBRARY.search(f"{issue.message} {issue.remedy}")


HOW = "Write day.month.year, for example 31.12.2026"
ROWS = {
    "{date: 24.12., hours: {all: closed}}": (
        "date: '24.12.' is not a date. Write the year too, for example 24.12.2026."
    ),
    "{date: 20261231, hours: {all: closed}}": "date: '20261231' is not a date. Write 2026-12-31.",
    "{date: 2026-2-30, hours: {all: closed}}": (
        "date: February 2026 has no day 30. Write a day that exists, for example 2026-02-28."
    ),
    "{date: 1798675200, hours: {all: closed}}": f"date: '1798675200' is not a date. {HOW}.",
    "{date: 12/24/2026, hours: {all: closed}}": "date: '12/24/2026' is not a date. Write 24.12.2026.",
    f"{{date: {'x' * 50}, hours: {{all: closed}}}}": f"date: '{'x' * 50}' is not a date. {HOW}.",
    "{date: 2026-12-30, hours: closed}": (
        "hours: no service is named. Write hours: {all: closed}, or the name of one service in place of all."
    ),
    "{date: 2026-12-30, hours: {fone: closed}}": "'fone' is not a known service. Write phone.",
    "{date: 2026-12-30, hours: {phone: clsed}}": "phone: 'clsed' is not hours. Write closed.",
    "{date: 2026-12-30, wyh: x, hours: {phone: closed}}": "'wyh' is not a known word. Write why.",
    "{date: 24.12.2026, hours: {phone: closed}}": (
        "phone, which all includes, has hours twice for 2026-12-24, here and in line LINE. "
        "Change the dates in one of them, so that no day is in both."
    ),
    "2026-12-30": "this row has no words. Write for example {date: 2026-12-31, hours: {all: closed}}.",
}
"""A row, and all that is told of it."""


@pytest.mark.parametrize("written", ROWS)
def test_a_row_that_cannot_be_read_is_told_in_these_words(tmp_path: Path, written: str) -> None:
    prompts = Prompts.copied_to(tmp_path)
    first = "  - {date: 2026-12-24, hours: {all: closed}}"
    prompts.edit("office.yaml", "exceptions: []\n", f"exceptions:\n{first}\n  - {written}\n")
    line = prompts.line("office.yaml", first)
    told = ROWS[written].replace("LINE", str(line))
    assert [str(issue) for issue in prompts.broken()] == [f"prompts/office.yaml:{line + 1}: broken: {told}"]
