"""What is written of a call, and what never is."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.core.call import CallState, Collect, KeyPressed, Step, StepTaken
from ivr.journal import Journal, open_journal

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
