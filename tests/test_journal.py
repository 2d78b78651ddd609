"""What is written of a call, and what never is."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.core.call import CallState, Collect, KeyPressed, Step, StepTaken
from ivr.journal import Journal, open_journal
from tests.limits import until

NOW = datetime(2026, 11, 24, 10, 0, 20, tzinfo=UTC)
TAKEN = StepTaken(
    call_id="CA123",
    node="choose_language",
    event=KeyPressed("3"),
    step=Step(CallState("main_open", "en"), (), Collect(8), "3", ("welcome", "front", "main_open")),
    phone_open=True,
    now=NOW,
    started=int(NOW.timestamp()) - 20,
    took=1.234,
)


def written(*taken: StepTaken) -> list[dict[str, object]]:
    stream = io.StringIO()
    journal = Journal(stream)
    for one in taken:
        journal.record(one)
    stream.close = lambda: None  # type: ignore[method-assign]
    journal.close()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_line_tells_the_step() -> None:
    (line,) = written(TAKEN)
    assert {name: value for name, value in line.items() if name not in ("call", "timestamp")} == {
        "event": "step",
        "node": "choose_language",
        "what": "key",
        "exit": "3",
        "path": ["welcome", "front", "main_open"],
        "language": "en",
        "matter": "guidance",
        "phone": "open",
        "ms": 1.23,
        "second": 20,
    }


def test_lines_of_one_call_belong_together_for_a_day_and_name_nobody() -> None:
    first, again, other, next_day = written(
        TAKEN, TAKEN, replace(TAKEN, call_id="CA9"), replace(TAKEN, now=NOW + timedelta(days=1))
    )
    assert first["call"] == again["call"]
    assert len({first["call"], other["call"], next_day["call"], "CA123"}) == 4


def test_two_journals_hash_differently() -> None:
    assert written(TAKEN)[0]["call"] != written(TAKEN)[0]["call"]


def test_a_call_id_of_any_characters_is_taken() -> None:
    assert written(replace(TAKEN, call_id="\ud800ä"))


def test_a_journal_in_a_file_goes_on_where_it_ended(tmp_path: Path) -> None:
    for _ in range(2):
        journal = open_journal(str(tmp_path / "journal"))
        journal.record(TAKEN)
        journal.close()
    assert len((tmp_path / "journal").read_text(encoding="utf-8").splitlines()) == 2


def test_a_journal_that_is_rotated_goes_on_under_its_name(tmp_path: Path) -> None:
    """As logrotate does it: the file is renamed, and nobody tells the program."""
    name = tmp_path / "journal"
    journal = open_journal(str(name))
    for number in range(3):
        journal.record(TAKEN)
        until(lambda: name.exists() and name.read_text(encoding="utf-8"))
        name.rename(tmp_path / f"journal.{number}")
    journal.record(TAKEN)
    journal.close()
    assert [len(file.read_text(encoding="utf-8").splitlines()) for file in sorted(tmp_path.iterdir())] == [1, 1, 1, 1]
    assert journal.lost == 0


def test_a_journal_heals_when_it_can_be_written_again(tmp_path: Path) -> None:
    name = tmp_path / "logs" / "journal"
    name.parent.mkdir()
    journal = open_journal(str(name))
    name.parent.rename(tmp_path / "gone")
    journal.record(TAKEN)
    until(lambda: journal.failing)
    name.parent.mkdir()
    journal.record(TAKEN)
    until(lambda: not journal.failing)
    journal.close()
    assert len(name.read_text(encoding="utf-8").splitlines()) == journal.lost == 1


def test_a_journal_that_cannot_be_written_can_be_closed() -> None:
    journal = open_journal("/dev/full")
    journal.record(TAKEN)
    journal.close()
    assert (journal.lost, journal.failing) == (1, True)
