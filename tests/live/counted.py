"""Calls as a line sees them, for tests of counting: real steps of the real content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ivr.core.call import CallerGone, CallSeen, CallStarted, CallState, Event, KeyPressed, NoInput, Sight, StepTaken
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.office import PHONE

DAY = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""Ten in Helsinki, on a weekday."""
NIGHT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


@dataclass
class SeenCall:
    """A call in progress: each event is a step, ten seconds after the one before."""

    content: Content
    call_id: str = "CA1"
    now: datetime = DAY
    seen: list[CallSeen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.started, self.state, self.node = int(self.now.timestamp()), CallState(""), ""
        self.numbers = iter(range(1000))
        self.happens(CallStarted())

    def happens(self, event: Event, talked: int = 0) -> SeenCall:
        self.now += timedelta(seconds=talked)
        self.started += talked
        done = step(self.content, self.state, event, self.now)
        is_open = self.content.office.schedules[PHONE].is_open(self.now)
        second = int(self.now.timestamp()) - self.started
        taken = StepTaken(self.call_id, self.node, event, done, is_open, self.now, self.started, second, 0.1)
        self.sight("step", taken)
        self.state, self.node = done.state, done.state.node
        return self

    def press(self, *keys: str) -> SeenCall:
        for key in keys:
            self.happens(KeyPressed(key, self.content.revision(self.state.node, self.state.language)))
        return self

    def wait(self) -> SeenCall:
        return self.happens(NoInput())

    def hang_up(self) -> SeenCall:
        return self.happens(CallerGone()).sight("ended")

    def sight(self, what: Sight, taken: StepTaken | None = None) -> SeenCall:
        token = f"{self.call_id}-{next(self.numbers)}"
        self.seen.append(CallSeen(self.call_id, token, what, self.now, taken.started if taken else None, taken))
        self.now += timedelta(seconds=10)
        return self


def many(content: Content, calls: int, at: datetime = DAY) -> Iterator[SeenCall]:
    """Calls of four kinds, in turn."""
    for number in range(calls):
        call = SeenCall(content, f"CA{number}", at + timedelta(seconds=number))
        match number % 4:
            case 0:
                yield call.hang_up()
            case 1:
                yield call.press("3", "3").hang_up()
            case 2:
                yield call.press("0").sight("accepted").sight("ended")
            case _:
                yield call.press("3", "1").hang_up()
