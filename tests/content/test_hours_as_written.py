"""Hours that cannot be read: the office is told which entry it is and what to write, never a library's words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.content.conftest import LIBRARY, Prompts

WRONG = {
    "{monn-fri: closed}": "monn-fri",
    "{mon-frii: closed}": "mon-frii",
    "{weekdays: closed}": "weekdays",
    "{mon-fri: 08:00-11:00, 12:00-15:00}": "12:00-15:00",
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
    "'09:00-15:00'": "hours, phone",
    "[mon, tue]": "hours, phone",
    "closed": "hours, phone",
    "": "hours, phone",
}
"""What stands behind `phone:`, and what the message must name of it."""


@pytest.mark.parametrize("written", WRONG)
def test_hours_that_cannot_be_read_are_told_with_their_line_and_remedy(tmp_path: Path, written: str) -> None:
    prompts = Prompts.copied_to(tmp_path)
    prompts.write("office.yaml", re.sub(r"(?m)^  phone:.*$", f"  phone: {written}", prompts.read("office.yaml")))
    issue = prompts.only_broken()
    assert (issue.file.rpartition("/")[2], issue.line) == ("office.yaml", prompts.line("office.yaml", "  phone: "))
    assert WRONG[written] in issue.message
    assert re.match(r"(Write|Name|Put) .{10}", issue.remedy)
    assert not LIBRARY.search(f"{issue.message} {issue.remedy}")
