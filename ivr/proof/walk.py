"""The walk: an exploration of every state that a call can be in, and every event there, by the line's own `step`.

The state space is finite. Every step is taken at every moment, since services can open or close between any two steps,
and every state is written and read back by the provider.
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
from ivr.core.hours import HORIZON, WEEK, Day, Interval
from ivr.core.office import DAYS_AHEAD, PHONE, Office
from ivr.telephony.port import Provider, Received


@dataclass(frozen=True, slots=True)
class Moment:
    """A combination of open services, and a time at which exactly these are open.

    `said`: the id of what is said of the phone guidance then.
    """

    now: datetime
    open: frozenset[str]
    said: str = ""

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


class AnyClosing(NamedTuple):
    """Closings on days that no call will see, and times on them: by them services are open in every combination."""

    closings: tuple[Closing, ...]
    times: tuple[datetime, ...]

    @classmethod
    def of(cls, office: Office, today: date) -> AnyClosing:
        """Of every two services each combination, and then nothing that opens for three weeks, and for ever.

        Whatever is closed by hand later is one of these, so that it needs no proof of its own.
        """
        zone, names = ZoneInfo(office.zone), list(office.hours)
        first = today + timedelta(days=DAYS_AHEAD) + 2 * WEEK
        open_on = [set(names), set[str](), *({name} for name in names)]
        closings = [
            Closing(
                name, *_days(first + timedelta(days=ahead), 1, zone), _usual(office, name) if name in opened else ()
            )
            for ahead, opened in enumerate(open_on)
            for name in names
        ]
        soon, late = first + timedelta(days=len(open_on)), first + timedelta(days=len(open_on)) + 4 * WEEK
        for day, days in ((soon, 21), (late, HORIZON.days + 1)):
            closings += (Closing(name, *_days(day, days, zone)) for name in names)
        noons = [first + timedelta(days=ahead) for ahead in range(len(open_on))]
        times = [
            datetime.combine(day, _opens(office, opened), zone) for day, opened in zip(noons, open_on, strict=True)
        ]
        return cls(tuple(closings), (*times, *(datetime.combine(day, NOON, zone) for day in (soon, late))))


NOON = time(12)


def _days(day: date, count: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time(0), zone)
    return midnight, datetime.combine(day + timedelta(days=count), time(0), zone)


def _usual(office: Office, name: str) -> Day:
    """Hours that hold at noon and end when the service does on some day: they have their words."""
    last = max((interval.closes for day in office.hours[name].values() for interval in day), default=time(15))
    return (Interval(opens=time(0), closes=max(last, time(12, 1))),)


def _opens(_office: Office, _opened: set[str]) -> time:
    return NOON


def moments(office: Office, today: date) -> tuple[Moment, ...]:
    """Times that cover, of every two services, each combination of open and closed.

    Pairs are enough, as no step asks for more than two services. Of several times with the same services open, one is
    taken for each hours prompt of the phone guidance, with its longest words, so that seconds are those of the longest
    call.
    """
    names = list(office.schedules)
    best: dict[tuple[frozenset[str], str], tuple[int, Moment]] = {}
    by_hand = ((now, tuple(office.hours_now(now).values())) for now in AnyClosing.of(office, today).times)
    for now, prompts in chain(office.hours_to_come(today), by_hand):
        opened = frozenset(name for name, hours in zip(names, prompts, strict=True) if hours.prompt.endswith(".open"))
        phone = prompts[names.index(PHONE)]
        length = sum(len(entry) for _, entry in phone.slots)
        if (key := (opened, phone.prompt)) not in best or length > best[key][0]:
            best[key] = (length, Moment(now, opened, phone.prompt))
    return tuple(_pairwise([moment for _, moment in best.values()], names))


def with_any_closing(content: Content, today: date) -> Content:
    """The content with those closings, which is what is walked."""
    return content.with_closings((*content.office.closings, *AnyClosing.of(content.office, today).closings))


def _pairwise(moments: list[Moment], names: list[str]) -> Iterator[Moment]:
    """Few moments, chosen greedily, that cover every pair of service states, and what is said, that any covers."""

    def pairs(moment: Moment) -> set[object]:
        states: list[tuple[str, object]] = [(name, name in moment.open) for name in names]
        states.append(("said", moment.said))
        return {*combinations(states, 2), *states}

    uncovered = set[object]().union(*map(pairs, moments))
    while uncovered:
        moment = max(moments, key=lambda moment: len(pairs(moment) & uncovered))
        uncovered -= pairs(moment)
        yield moment
