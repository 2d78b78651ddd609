"""The walk: an exploration of every state that a call can be in, and every event there, by the line's own `step`.

The state space is finite. Every step is taken at every moment, since services can open or close between any two steps,
by the clock or by hand and as often as anybody likes, and every state is written and read back by the provider.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import chain, combinations
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from ivr.core.call import CallerGone, CallStarted, CallState, Event, HangUp, KeyPressed, Reject, Step
from ivr.core.closing import Closing
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.hours import WEEK, Day, Interval
from ivr.core.offers import end_of_day
from ivr.core.office import DAYS_AHEAD, PHONE, Office
from ivr.telephony.port import Provider, Received


@dataclass(frozen=True, slots=True)
class Moment:
    """A combination of open services, and a time at which exactly these are open."""

    now: datetime
    open: frozenset[str]

    @property
    def phone_open(self) -> bool:
        """Whether the phone guidance is among them."""
        return PHONE in self.open


class Transition(NamedTuple):
    """One step of the walk, at one moment, or at every moment if it does not depend on the time.

    `old`: a key against another revision of the menu. `phone`: whether the phone guidance is open at these moments.
    """

    before: CallState
    event: Event
    old: bool
    phone: frozenset[bool]
    step: Step


@dataclass(frozen=True)
class Walk:
    """Every state that was reached, with its transitions. `steps`: how often `step` was called.

    `is_new`: whether it was walked now, and not kept from an earlier proof (`ivr.proof.moves`).
    """

    content: Content
    moments: tuple[Moment, ...]
    starts: tuple[Transition, ...]
    after: Mapping[CallState, Sequence[Transition]]
    steps: int
    is_new: ClassVar[bool] = True
    _index: dict[CallState, Mapping[type | str, Sequence[Transition]]] = field(
        default_factory=dict, init=False, repr=False
    )
    """Cache of `on`. Bounded: the states of the walk."""

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """Every transition, starts included."""
        return (*self.starts, *chain.from_iterable(self.after.values()))

    @property
    def transitions_count(self) -> int:
        """How many transitions there are."""
        return len(self.transitions)

    @cached_property
    def different_steps(self) -> tuple[Step, ...]:
        """Every different step; states that differ only in matter, attempt or round count as one."""
        steps = {id(transition.step): transition.step for transition in self.transitions}.values()  # most are the same
        different = {(s.state.node, s.state.language, s.exit, s.plays, s.action): s for s in steps}
        return tuple(different.values())

    def on(self, state: CallState, event: type[Event] | str) -> Sequence[Transition]:
        """The transitions of a kind of event, or of a key, in a state; no key against another revision of the menu."""
        if (index := self._index.get(state)) is None:
            index = self._index[state] = _by_event(self.after.get(state, ()))
        if event is KeyPressed:
            return [each for pressed, its in index.items() if isinstance(pressed, str) for each in its]
        return index.get(event, ())


def _by_event(transitions: Iterable[Transition]) -> Mapping[type | str, Sequence[Transition]]:
    """Kind of event, or key -> its transitions."""
    found = defaultdict[type | str, list[Transition]](list)
    for transition in transitions:
        if not transition.old:
            event = transition.event
            found[event.key if isinstance(event, KeyPressed) else type(event)].append(transition)
    return found


def walk(content: Content, moments: Sequence[Moment], provider: Provider) -> Walk:
    """Explore every state, from the start of every kind of call, through the writer and the reader of a provider."""
    times = [(_WatchedTime(moment.now), frozenset((moment.phone_open,))) for moment in moments]
    always, steps = frozenset(moment.phone_open for moment in moments), 0

    def taken(all_received: Iterable[Received]) -> list[Transition]:
        """The steps after some events, at every moment; one that did not ask for the time is taken once."""
        nonlocal steps
        transitions = list[Transition]()
        for state, event, old in all_received:
            for now, phone in times:
                now.asked = False
                steps += 1
                next_step = step(content, state, event, now)  # type: ignore[arg-type]
                if not now.asked:
                    transitions.append(Transition(state, event, old, always, next_step))
                    break
                transitions.append(Transition(state, event, old, phone, next_step))
        return transitions

    known = (CallStarted(language=code) for code in sorted(content.offered))
    begins: tuple[Event, ...] = (CallStarted(), CallStarted("contact"), CallStarted("ourselves"), CallerGone(), *known)
    starts = taken(Received(CallState(""), event, old=False) for event in begins)
    after: dict[CallState, Sequence[Transition]] = {}
    queue = [start.step for start in starts]
    while queue:
        last = queue.pop()
        if last.state in after or isinstance(last.action, (HangUp, Reject)):
            continue
        transitions = after[last.state] = taken(provider.received(last))
        queue += {id(transition.step): transition.step for transition in transitions}.values()
    return Walk(content, tuple(moments), tuple(starts), after, steps)


class _WatchedTime:
    """A datetime that records whether any of its attributes was read."""

    def __init__(self, now: datetime) -> None:
        self._now, self._timestamp, self.asked = now, now.timestamp(), False

    def timestamp(self) -> float:
        """As a datetime has it, which would work it out at every step."""
        self.asked = True
        return self._timestamp

    def __getattr__(self, name: str) -> object:
        self.asked = True
        return getattr(self._now, name)


def with_any_closing(content: Content, today: date) -> Content:
    """The content with closings by which its services are open in every combination, on days that no call will see.

    This is what is walked: whatever is closed by hand later is one of these combinations, and so needs no proof.
    """
    office = content.office
    more = (
        Closing(name, *_day(office, day), _until_the_last(office, name) if name in opened else ())
        for opened, day in _combinations(office, today)
        for name in office.hours
    )
    return content.with_closings((*office.closings, *more))


def _combinations(office: Office, today: date) -> Iterator[tuple[frozenset[str], date]]:
    """Of every two services each combination of open and closed that a closing can make, and a day on which it can.

    The days are weeks apart. Services that office.yaml never opens on one day are not open together.
    """
    names = frozenset(office.hours)
    opened = dict.fromkeys((names, *map(frozenset, combinations(names, 2)), *(frozenset((name,)) for name in names)))
    first = today + timedelta(days=DAYS_AHEAD) + 2 * WEEK
    for number, each in enumerate((frozenset[str](), *opened)):
        days = (first + (number * SEARCHED + ahead) * DAY for ahead in range(SEARCHED))
        if (
            day := next((day for day in days if all(office.written[name].day(day) for name in each)), None)
        ) is not None:
            yield each, day


DAY = timedelta(days=1)
SEARCHED = 28
"""Among so many days one is looked for on which services open."""


def _day(office: Office, day: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(office.zone)
    return datetime.combine(day, time(0), zone), end_of_day(day, zone)


def _until_the_last(office: Office, name: str) -> Day:
    """Hours from midnight to when the service closes latest on some day: this has its words."""
    last = max((interval.closes for day in office.hours[name].values() for interval in day), default=time(15))
    return (Interval(opens=time(0), closes=last),)


def moments(office: Office, today: date) -> tuple[Moment, ...]:
    """Times that cover, of every two services, each combination of open and closed that there is.

    Pairs are enough, as no step asks for more than two services. Which hours prompt a service says then does not
    matter: where a call goes does not depend on it, and its seconds are those of the longest (`ivr.proof.evidence`).
    """
    names = list(office.schedules)
    found = dict[frozenset[str], Moment]()
    by_hand = (_day(office, day)[0] for _, day in _combinations(office, today))
    for now in chain((now for now, _ in office.hours_to_come(today)), by_hand):
        opened = frozenset(name for name, said in office.hours_now(now).items() if said.prompt.endswith(".open"))
        found.setdefault(opened, Moment(now, opened))
    return tuple(_pairwise(list(found.values()), names))


def _pairwise(moments: list[Moment], names: list[str]) -> Iterator[Moment]:
    """Few moments, chosen greedily, that cover every pair of service states that any covers."""

    def pairs(moment: Moment) -> set[object]:
        states = [(name, name in moment.open) for name in names]
        return {*combinations(states, 2), *states}

    uncovered = set[object]().union(*map(pairs, moments))
    while uncovered:
        moment = max(moments, key=lambda moment: len(pairs(moment) & uncovered))
        uncovered -= pairs(moment)
        yield moment
