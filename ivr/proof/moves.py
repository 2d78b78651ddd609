"""The moves of a content: where its calls go, kept from one proof to the next.

A call goes by the flow, by what is open, and by which sentences there are; never by the words, hours and seconds of a
sentence. So of everything that a node can say only its ids are part of the key, and the place of each sentence is kept
in the walk instead of the sentence: a content with the same key has the same walk, with its own words in these places.
The rules that read nothing but moves (`Reads` in `ivr.proof.registry`) are kept with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, TypeVar, get_args

from ivr.core.call import Action, CallState, Dial, Event, KeyPressed, Step
from ivr.core.content import Content
from ivr.core.issue import Issue
from ivr.core.prompts import OF_HOURS
from ivr.core.script import said_by
from ivr.core.utterance import Utterance
from ivr.program import what_was_read
from ivr.proof.kept import Kept
from ivr.proof.registry import Proof
from ivr.proof.walk import Moment, Transition, Walk

NAME = "moves-"
"""The beginning of the names of what is kept."""
KINDS: Mapping[str, Any] = {kind.__name__: kind for kind in (*get_args(Event), *get_args(Action))}
T = TypeVar("T")


@dataclass(frozen=True)
class Moves:
    """A walk, and the proofs of the rules that read nothing but moves."""

    walk: Walk
    proofs: Mapping[str, Proof]


class Places:
    """The places of the sentences of a content at some moments, numbered, and the key of its moves."""

    def __init__(self, content: Content, moments: Sequence[Moment]) -> None:
        self._content, self._moments = content, tuple(moments)
        self._roles = frozenset(content.flow.roles.model_dump().values())
        self._number: dict[Utterance, int] = {}
        """Sentence -> its place: its number in the order in which the nodes say them."""
        times = [moment.now for moment in moments]
        self._shape = [
            [self._number.setdefault(utterance, len(self._number)) for utterance in said]
            for said in said_by(content, times)
        ]

    @cached_property
    def name(self) -> str:
        """The name under which the moves are kept: a hash of everything that they depend on."""
        content = self._content
        hours = [tuple(content.office.hours_now(moment.now).values()) for moment in self._moments]
        alike = [[other.index(prompt) for prompt in other] for other in zip(*hours, strict=True)]
        parts = (
            what_was_read().hex(),
            content.flow.model_dump(mode="json"),
            content.languages.model_dump(mode="json"),
            content.office.model_dump(mode="json", exclude={"hours", "exceptions"}),
            [sorted(moment.open) for moment in self._moments],
            [list(content.office.hours), alike],  # of each service: at which moments the same is said of it
            sorted(content.offered),
            sorted(content.left_out),
            content.number_counts,
            self._shape,
            [(self.id_of(utterance), utterance.language, utterance.slow) for utterance in self._number],
        )
        return NAME + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def id_of(self, utterance: Utterance) -> str:
        """Its prompt, as far as moves depend on it: the same for all sentences about the hours of a service."""
        of_hours = OF_HOURS.fullmatch(utterance.prompt)
        return f"hours.{of_hours[1]}" if of_hours and utterance.prompt not in self._roles else utterance.prompt

    def read(self, kept: Kept) -> Moves | None:
        """The moves that were kept; None where they were not."""

        def made(value: Any) -> Moves:
            walk = _KeptWalk.of(value, self._content, self._moments, tuple(self._number))
            proofs = (Proof(id_, by, detail, tuple(map(_issue, found))) for id_, by, detail, found in value["proofs"])
            return Moves(walk, {proof.rule: proof for proof in proofs})

        return kept.read(self.name, made)

    def keep(self, kept: Kept, moves: Moves) -> None:
        """Keep moves for the next proof, unless a sentence of them has no place: then something else was walked."""
        try:
            value = _WalkWriter(self._number).walk(moves.walk)
        except KeyError:
            return
        value["proofs"] = [
            [proof.rule, proof.by, proof.detail, [asdict(issue) for issue in proof.counterexamples]]
            for proof in moves.proofs.values()
        ]
        kept.write(self.name, value)


def _issue(written: dict[str, Any]) -> Issue:
    return Issue(**{**written, "where": tuple(written["where"])})


class _Table(dict[T, int]):
    """Values numbered in the order in which they are first asked for."""

    def __missing__(self, value: T) -> int:
        number = self[value] = len(self)
        return number


class _WalkWriter:
    """Writes a walk as numbers: each different part of it once, and then where it stands."""

    def __init__(self, places: Mapping[Utterance, int]) -> None:
        self._places = places
        self._states, self._events = _Table[CallState](), _Table[Event]()
        self._said, self._paths = _Table[tuple[int, ...]](), _Table[tuple[str, ...]]()
        self._rows = _Table[tuple[tuple[int, bool, frozenset[bool]], ...]]()
        self._actions = _Table[tuple[Any, ...]]()
        self._steps: dict[int, int] = {}
        self._written: list[Sequence[object]] = []
        self._numbers: dict[int, int] = {}
        """Id of the tuple of sentences -> its number in `_said`."""

    def walk(self, walk: Walk) -> dict[str, Any]:
        """The walk as a value for JSON."""
        starts = self._row(walk.starts)
        after = [[self._states[state], *self._row(transitions)] for state, transitions in walk.after.items()]
        return {
            "starts": [self._states[CallState("")], *starts],
            "after": after,
            "different": [self._step(step) for step in walk.different_steps],
            "steps": self._written,
            "states": list(self._states),
            "events": [(type(event).__name__, *astuple(event)) for event in self._events],
            "rows": [[(event, old, sorted(phone)) for event, old, phone in row] for row in self._rows],
            "actions": list(self._actions),
            "said": list(self._said),
            "paths": list(self._paths),
            "taken": walk.steps,
        }

    def _row(self, transitions: Sequence[Transition]) -> list[int]:
        """The number of the events of a state, and of the step after each."""
        events = self._events
        kind = self._rows[tuple((events[each.event], each.old, each.phone) for each in transitions)]
        return [kind, *(self._step(each.step) for each in transitions)]

    def _step(self, step: Step) -> int:
        if (number := self._steps.get(id(step))) is None:
            number = self._steps[id(step)] = len(self._written)
            action = step.action
            values = [self._plays(each) if isinstance(each, tuple) else each for each in _values(action)]
            self._written.append(
                (
                    self._states[step.state],
                    self._plays(step.plays),
                    self._actions[type(action).__name__, *values],
                    step.exit,
                    self._paths[step.path],
                )
            )
        return number

    def _plays(self, plays: tuple[Utterance, ...]) -> int:
        if (number := self._numbers.get(id(plays))) is None:
            number = self._numbers[id(plays)] = self._said[tuple(self._places[each] for each in plays)]
        return number


def _values(action: Action) -> Iterator[Any]:
    return (getattr(action, each.name) for each in fields(action))


class _WalkReader(Mapping[CallState, Sequence[Transition]]):
    """Reads a walk from its numbers, each part when it is asked for. What is not as it was written raises an error."""

    def __init__(self, value: Any, words: Sequence[Utterance]) -> None:
        self._states = [CallState(*each) for each in value["states"]]
        self._events: list[Event] = [KINDS[kind](*values) for kind, *values in value["events"]]
        self._rows = [[(self._events[e], old, frozenset(phone)) for e, old, phone in row] for row in value["rows"]]
        self._said = [tuple(words[place] for place in each) for each in value["said"]]
        self._actions = [self._action(*each) for each in value["actions"]]
        self._paths = [tuple(each) for each in value["paths"]]
        self._written: list[list[Any]] = value["steps"]
        self._different: list[int] = value["different"]
        self._steps: list[Step | None] = [None] * len(self._written)
        self._after = {self._states[state]: (row, steps) for state, row, *steps in value["after"]}
        self._places_of: dict[int, Mapping[type | str, list[int]]] = {}
        """Number of a row -> kind of event, or key -> where it stands there."""

    def __getitem__(self, state: CallState) -> Sequence[Transition]:
        return self.transitions(state, *self._after[state])

    def __iter__(self) -> Iterator[CallState]:
        return iter(self._after)

    def __len__(self) -> int:
        return len(self._after)

    def transitions(self, state: CallState, row: int, steps: Sequence[int]) -> tuple[Transition, ...]:
        """All transitions of a state."""
        return tuple(
            Transition(state, event, old, phone, self.step(number))
            for (event, old, phone), number in zip(self._rows[row], steps, strict=True)
        )

    def on(self, state: CallState, event: type[Event] | str) -> Sequence[Transition]:
        """As `Walk.on`."""
        if state not in self._after:
            return ()
        kind, steps = self._after[state]
        if (places := self._places_of.get(kind)) is None:
            places = self._places_of[kind] = _places(self._rows[kind])
        found = []
        for place in places.get(event, ()):
            pressed, old, phone = self._rows[kind][place]
            found.append(Transition(state, pressed, old, phone, self.step(steps[place])))
        return found

    def step(self, number: int) -> Step:
        """A step by its number."""
        if (step := self._steps[number]) is None:
            state, said, action, exit_, path = self._written[number]
            step = Step(self._states[state], self._said[said], self._actions[action], exit_, self._paths[path])
            self._steps[number] = step
        return step

    def _action(self, kind: str, *values: Any) -> Action:
        if KINDS[kind] is Dial:
            contact, index, announce = values
            return Dial(contact, index, self._said[announce])
        action: Action = KINDS[kind](*values)
        return action

    @property
    def different_steps(self) -> tuple[Step, ...]:
        """As `Walk.different_steps`."""
        return tuple(map(self.step, self._different))

    @property
    def count(self) -> int:
        """How many transitions there are."""
        return sum(len(steps) for _, steps in self._after.values())


def _places(row: Iterable[tuple[Event, bool, frozenset[bool]]]) -> dict[type | str, list[int]]:
    found: dict[type | str, list[int]] = {}
    for place, (event, old, _) in enumerate(row):
        if not old:
            found.setdefault(type(event), []).append(place)
            if isinstance(event, KeyPressed):
                found.setdefault(event.key, []).append(place)
    return found


@dataclass(frozen=True)
class _KeptWalk(Walk):
    """A walk that was kept, with the words of the content that is proved now."""

    is_new: ClassVar[bool] = False
    kept: _WalkReader

    @classmethod
    def of(cls, value: Any, content: Content, moments: tuple[Moment, ...], words: Sequence[Utterance]) -> _KeptWalk:
        """From what `_WalkWriter` wrote."""
        kept = _WalkReader(value, words)
        _, row, *steps = value["starts"]
        starts = kept.transitions(CallState(""), row, steps)
        return cls(content, moments, starts, kept, value["taken"], kept)

    @cached_property
    def different_steps(self) -> tuple[Step, ...]:
        return self.kept.different_steps

    @property
    def transitions_count(self) -> int:
        return len(self.starts) + self.kept.count

    def on(self, state: CallState, event: type[Event] | str) -> Sequence[Transition]:
        return self.kept.on(state, event)
