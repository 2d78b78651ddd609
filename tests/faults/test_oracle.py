"""The oracle of the counts notices mistakes: one is planted, and its numbers differ from those that are counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

import ivr.records.seen as seen_calls
from ivr.core import engine
from ivr.core.call import CallSeen, Step
from ivr.core.content import Content
from ivr.live.sighting import CallRows
from ivr.metrics import Metrics
from ivr.records.closings import Records
from ivr.records.counts import OUTCOMES
from ivr.records.folding import MICROSECONDS, SeenRow, fold
from ivr.records.seen import fold_some, put, seen_tables
from ivr.serving import Current, Serving
from ivr.settings.read import Settings
from ivr.speech.voices import NO_AUDIO, VoiceSelector
from ivr.telephony.port import Webhook
from ivr.telephony.web import Answers, address_of
from tests.faults import databases
from tests.faults.callers import PROBE, SECOND_INSTRUCTOR, Call, Caller
from tests.faults.oracle import ZONE, Tables, differences, expected
from tests.faults.served import INSTRUCTOR, ON_CALL, OURS, TOKEN, URL

CALLS, NOTHING = 400, "DELETE FROM seen WHERE 1 = 0"
MORNING = datetime(2027, 3, 15, 10, tzinfo=ZONE)


class Line:
    """A line in this process, which keeps whatever it sees of calls. Each request comes twice."""

    def __init__(self, content: Content) -> None:
        self.seconds, self.seen, self.fails = MORNING.timestamp(), list[CallSeen](), False
        contacts = {"on_call": (ON_CALL,), "social_instructor": (INSTRUCTOR, SECOND_INSTRUCTOR)}
        settings = Settings(public_url=URL, caller_id=OURS, auth_tokens=(TOKEN,), contacts=contacts, probe_number=PROBE)
        voices = VoiceSelector(content, NO_AUDIO, self.now().date())
        current = Current(Serving.of(settings, content, voices))
        self._answers = Answers(
            current, self.now, lambda: self.seconds, lambda _taken: None, Metrics(), see=self.seen.append
        )

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def is_open(self, at: float) -> bool:
        there = datetime.fromtimestamp(at, ZONE)
        return there.weekday() < 5 and 9 <= there.hour < 15

    def play(self, seed: str) -> Call:
        """One whole call, some time after the one before."""
        draw = Random(seed)  # noqa: S311 - guards no secret
        self.seconds += draw.randrange(100, 3000)
        caller = Caller(seed, lambda: self.seconds, self.is_open)
        play = caller.play()
        request = next(play, None)
        while request:
            parts = urlsplit(request.target)
            webhook = Webhook("POST", parts.path, parts.query, request.body, request.headers)
            address = address_of(parts.path)
            assert address
            self.fails = draw.random() < 0.01
            for _ in range(2):
                self.seconds += 0.01
                answer = self._answers.answer(webhook, address)
                assert answer.status[:3] in ("200", "204"), answer
            try:
                request = play.send(answer.body)
            except StopIteration:
                request = None
        return caller.call


@pytest.fixture(scope="module")
def happened(content: Content) -> tuple[list[Call], list[SeenRow]]:
    """Many calls, in some of which a step fails, and what a line has seen of them, in no order."""
    line = Line(content)

    def step(*now: Any) -> Step:
        if line.fails:
            raise RuntimeError
        return engine.step(*now)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ivr.telephony.web.step", step)
        calls = [line.play(f"call {each}") for each in range(CALLS)]
    names = CallRows(lambda day: str(day).encode())
    rows = [row for seen in line.seen for row in names.of(seen, content.flow)]
    Random("order").shuffle(rows)  # noqa: S311 - guards no secret
    return calls, rows


def counts_of(rows: Sequence[SeenRow], folder: Path, between: str = NOTHING) -> Tables:
    """What is counted of rows that come in turn, and once more when all is counted; `between`: SQL before that."""
    environment = {"IVR_STATE": str(folder)}
    Records.open(environment)
    tables = seen_tables(environment)
    now = datetime.fromtimestamp(max(row.at for row in rows) / MICROSECONDS, UTC)
    for _ in range(2):
        with tables.transaction() as sql:
            put(sql, rows, now)
            while fold_some(sql, ZONE, now + timedelta(hours=6), 60):
                pass
            sql.each(between, [[]])
    return databases.counted(databases.Sqlite(folder / "records.db"))


def test_the_counts_are_those_of_the_oracle(happened: tuple[list[Call], list[SeenRow]], tmp_path: Path) -> None:
    calls, rows = happened
    found = counts_of(rows, tmp_path)
    assert differences(found, expected(calls)) == []
    assert {outcome for _, _, outcome in found["count_language"]} == set(OUTCOMES), "else some are not shown here"
    assert {step for _, _, step in found["count_ringing"]} == set(range(5))


def a_call_counts_once(rows: list[SeenRow]) -> list[SeenRow]:
    """No mistake."""
    return rows


def first_language(rows: list[SeenRow]) -> list[SeenRow]:
    """The one that was chosen first is taken."""
    first = next((row.language for row in sorted(rows, key=lambda row: row.at) if row.language), None)
    return [row._replace(language=row.language and first) for row in rows]


def gone_in_the_ringing(rows: list[SeenRow]) -> list[SeenRow]:
    """Whoever hangs up while it rings has missed somebody."""
    last = max((row for row in rows if row.what == "step"), key=lambda row: row.at, default=None)
    return [row._replace(missed=row.rings) if row is last else row for row in rows]


def no_key_in_the_words(rows: list[SeenRow]) -> list[SeenRow]:
    """Whoever presses a key in the words before it rings was rung."""
    return [row._replace(key=row.key and row.exit not in ("dial", "up", "repeat", "harmless")) for row in rows]


@pytest.mark.parametrize(
    ("mistake", "between"),
    [
        (first_language, NOTHING),
        (gone_in_the_ringing, NOTHING),
        (no_key_in_the_words, NOTHING),
        (a_call_counts_once, "DELETE FROM folded_call"),
    ],
)
def test_a_mistake_is_noticed(
    mistake: Callable[[list[SeenRow]], list[SeenRow]],
    between: str,
    happened: tuple[list[Call], list[SeenRow]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls, rows = happened
    monkeypatch.setattr(seen_calls, "fold", lambda of_one, zone: fold(mistake(list(of_one)), zone))
    assert differences(counts_of(rows, tmp_path, between), expected(calls)) != []
