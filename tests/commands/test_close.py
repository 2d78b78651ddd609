"""`ivr close`, as an office types it."""

from __future__ import annotations

import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import ivr.commands.closings as command
from ivr.commands import main
from ivr.content import closing
from tests.content.conftest import FIRST, Prompts

NIGHT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
"""It is the 25th in Finland."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prompts:
    monkeypatch.setattr(command, "now", lambda: NIGHT)
    prompts = Prompts.copied_to(tmp_path, *FIRST)
    monkeypatch.setenv("IVR_SITE", str(prompts.folder))
    return prompts


def close(*words: str) -> Result:
    return CliRunner().invoke(main, ("close", *words))


def test_the_phone_is_closed_today_and_the_door_stays_open(site: Prompts) -> None:
    result = close("phone")
    assert (result.exit_code, result.stderr) == (0, "")
    line = site.line("office.yaml", "  - {date: 2026-11-25, hours: {phone: closed}}")
    assert result.stdout == (
        f"{site.path('office.yaml')}:{line}: - {{date: 2026-11-25, hours: {{phone: closed}}}}\n"
        "phone is closed on 2026-11-25. A running line takes it over by itself.\n"
        "To undo it, delete this line.\n"
    )
    content = site.load().content
    assert content
    usual, today = datetime(2026, 11, 26).date(), datetime(2026, 11, 25).date()  # noqa: DTZ001
    schedules = content.office.schedules
    assert schedules["phone"].day(today) == ()
    assert schedules["phone"].day(usual)
    assert schedules["door"].day(today) == schedules["door"].day(usual)


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (("all", "--on", "24.12.2026"), "- {date: 2026-12-24, hours: {all: closed}}"),
        (
            ("door", "--from", "2027-07-01", "--to", "31.7.2027"),
            "- {from: 2027-07-01, to: 2027-07-31, hours: {door: closed}}",
        ),
        (("door", "--from", "2027-07-01", "--to", "1.7.2027"), "- {date: 2027-07-01, hours: {door: closed}}"),
    ],
)
def test_other_days_are_closed(site: Prompts, words: tuple[str, ...], written: str) -> None:
    assert close(*words).exit_code == 0
    assert site.line("office.yaml", written)
    assert site.broken() == []


def test_words_in_a_row_of_brackets_are_told_as_such(site: Prompts) -> None:
    site.edit("office.yaml", "exceptions: []", "exceptions: [{date: 2026-12-24, hours: {all: closed}}]")
    assert close("phone").stdout.endswith("To undo it, delete these words from the line.\n")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("phone", "--on", "24.11.2026"), 1, "2026-11-24 is past. Remedy: write a day to come. Nothing was written."),
        (("fone",), 1, "'fone' is not a known service. Remedy: write phone."),
        (("phone", "--on", "12/24/2026"), 2, "'12/24/2026' is not a date; write 24.12.2026"),
        (("phone", "--from", "2027-07-01"), 2, "write --on for one day, or --from and --to for several"),
        (("phone", "--on", "2027-07-01", "--from", "2027-07-01", "--to", "2027-07-02"), 2, "write --on for one day"),
        ((), 2, "Missing argument 'SCHEDULE'"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(
    site: Prompts, words: tuple[str, ...], code: int, told: str
) -> None:
    before = site.path("office.yaml").read_bytes()
    result = close(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr
    assert site.path("office.yaml").read_bytes() == before


def test_a_row_that_is_there_is_told_with_its_line(site: Prompts) -> None:
    assert close("phone").exit_code == 0
    before = site.path("office.yaml").read_bytes()
    line = site.line("office.yaml", "2026-11-25")
    for schedule in ("phone", "all"):
        result = close(schedule)
        assert result.exit_code == 1
        assert f"line {line} has hours for phone on 2026-11-25 already" in result.stderr
    assert site.path("office.yaml").read_bytes() == before


def test_a_file_with_a_fault_is_corrected_first(site: Prompts) -> None:
    site.edit("office.yaml", "zone: Europe/Helsinki", "zone: Europe/Kemi")
    before = site.path("office.yaml").read_bytes()
    result = close("phone")
    assert result.exit_code == 1
    assert (
        f"{site.path('office.yaml')}:{site.line('office.yaml', 'zone:')}: broken: zone: 'Europe/Kemi'" in result.stderr
    )
    assert "Nothing was written." in result.stderr
    assert site.path("office.yaml").read_bytes() == before


def test_other_files_that_are_broken_keep_nobody_from_closing_but_the_line_waits(site: Prompts) -> None:
    site.edit("flow.yaml", "start: opening", "start: [opening")
    result = close("phone")
    assert result.exit_code == 1
    assert "takes it over" not in result.output
    line = site.line("office.yaml", "  - {date: 2026-11-25, hours: {phone: closed}}")
    assert result.stdout.startswith(f"{site.path('office.yaml')}:{line}: ")
    broken, *_, last = result.stderr.splitlines()
    assert broken.startswith(f"{site.path('flow.yaml')}:")
    assert last == "Error: a running line keeps the hours from before until the rest of the site is mended."
    assert closing.read_office(site.path("office.yaml"))[0]


def test_a_folder_that_may_not_be_written_to_is_told(site: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    before = site.path("office.yaml").read_bytes()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    result = close("phone")
    monkeypatch.undo()
    assert result.exit_code == 1
    assert "could not be written: No space left on device" in result.stderr
    assert site.path("office.yaml").read_bytes() == before


def test_two_who_close_at_the_same_moment_wait_for_each_other(site: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    usual, refused = closing.read_office, []

    def read(path: Path) -> object:
        folder = os.open(path.parent, os.O_RDONLY)  # as another process would
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            refused.append(path)
        finally:
            os.close(folder)
        return usual(path)

    monkeypatch.setattr(closing, "read_office", read)
    assert [close("phone").exit_code, close("door").exit_code] == [0, 0]
    assert refused == [site.path("office.yaml")] * 2


def test_a_file_that_is_a_link_to_itself_is_told(site: Prompts) -> None:
    path = site.path("office.yaml")
    path.unlink()
    path.symlink_to(path.name)
    result = close("phone")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{path}: broken: it cannot be read: ")
