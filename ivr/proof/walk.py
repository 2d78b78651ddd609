"""The walk: every state that a call can be in, and all that can happen there, taken by the line's own `step`.

The state space is finite. At each step the hours are chosen anew, so that a call can pass nine or three o'clock
between any two of them, and the state passes through the provider's own writer and reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import chain, combinations
from typing import NamedTuple

from ivr.core.call import CallerGone, CallStarted, CallState, Event, HangUp, Reject, Step
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.office import PHONE, Office
from ivr.telephony.port import Provider, Received


@dataclass(frozen=True, slots=True)
class Moment:
    """One way in which the services can be open or closed, and a time at which they are."""

    now: datetime
    open: frozenset[str]

    @property
    def phone_open(self) -> bool:
        """Whether the phone guidance is open."""
        return PHONE in self.open


class Transition(NamedTuple):
    """One step of the walk, at one moment or at any."""

    before: CallState
    event: Event
    old: bool
    phone: frozenset[bool]
    """Whether the phone guidance is open, closed, or either at these moments."""
    step: Step


@dataclass(frozen=True)
class Walk:
    """Everything that was reached. `steps`: how often `step` was called."""

    content: Content
    moments: tuple[Moment, ...]
    starts: tuple[Transition, ...]
    after: Mapping[CallState, tuple[Transition, ...]]
    steps: int

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """Every transition, starts included."""
        return (*self.starts, *(transition for several in self.after.values() for transition in several))


def walk(content: Content, moments: Sequence[Moment], provider: Provider) -> Walk:
    """Walk all of it, from every kind of caller at every moment, through what a provider writes and reads back."""
    taking = _Taking(content, tuple(moments))
    nowhere = CallState("")
    known = (CallStarted(language=code) for code in sorted(content.offered))
    begins: tuple[Event, ...] = (
        *(CallStarted(), CallStarted("contact"), CallStarted("ourselves"), CallerGone()),
        *known,
    )
    starts = tuple(chain.from_iterable(taking.at_every_moment(Received(nowhere, event)) for event in begins))
    after: dict[CallState, tuple[Transition, ...]] = {}
    waiting = [start.step for start in starts]
    while waiting:
        taken = waiting.pop()
        if taken.state in after or isinstance(taken.action, (HangUp, Reject)):
            continue
        found = tuple(chain.from_iterable(map(taking.at_every_moment, provider.received(taken))))
        after[taken.state] = found
        waiting += {id(transition.step): transition.step for transition in found}.values()
    return Walk(content, tuple(moments), starts, after, taking.steps)


class _Taking:
    """Takes steps at every moment; one that never asked for the time is the same at any, and is taken once."""

    def __init__(self, content: Content, moments: tuple[Moment, ...]) -> None:
        self._content = content
        self._moments = [(_AskedTime(moment.now), frozenset((moment.phone_open,))) for moment in moments]
        self._any = frozenset(moment.phone_open for moment in moments)
        self.steps = 0

    def at_every_moment(self, received: Received) -> Iterator[Transition]:
        """The transitions of one event."""
        state, event, old = received
        for now, phone in self._moments:
            now.asked = False
            self.steps += 1
            taken = step(self._content, state, event, now)  # type: ignore[arg-type]
            if not now.asked:
                yield Transition(state, event, old, self._any, taken)
                return
            yield Transition(state, event, old, phone, taken)


class _AskedTime:
    """A moment that knows whether anything was asked of it."""

    def __init__(self, now: datetime) -> None:
        self._now, self.asked = now, False

    def __getattr__(self, name: str) -> object:
        self.asked = True
        return getattr(self._now, name)


def moments(office: Office, today: date) -> tuple[Moment, ...]:
    """Times at which every two services are open and closed in every way that the next 400 days bring together.

    No step asks for more than two of them. Of several times, the one whose sentence about the phone is the longest, so
    that seconds are those of the longest call.
    """
    names = list(office.schedules)
    best: dict[frozenset[str], tuple[int, Moment]] = {}
    for now, sentences in office.hours_to_come(today):
        opened = frozenset(name for name, told in zip(names, sentences, strict=True) if told.prompt.endswith(".open"))
        length = sum(len(entry) for _, entry in sentences[names.index(PHONE)].slots)
        if opened not in best or length > best[opened][0]:
            best[opened] = (length, Moment(now, opened))
    return tuple(_pairwise([moment for _, moment in best.values()], names))


def _pairwise(moments: list[Moment], names: list[str]) -> Iterator[Moment]:
    """The fewest moments, greedily, that hold every pair which any of them holds."""

    def pairs(moment: Moment) -> set[object]:
        states = [(name, name in moment.open) for name in names]
        return {*combinations(states, 2), *states}

    left = set[object]().union(*map(pairs, moments))
    while left:
        moment = max(moments, key=lambda moment: len(pairs(moment) & left))
        left -= pairs(moment)
        yield moment
