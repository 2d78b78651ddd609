"""The sentences that a volunteer hears and reads: which, in what order, and where in a call each is said."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ivr.core.content import Content
from ivr.core.flow import Flow
from ivr.core.prompts import OF_HOURS, SAFETY, said_of
from ivr.core.script import recorded_as, said_at, to_record
from ivr.core.utterance import Utterance
from ivr.speech.clips import Ending, ending_of
from ivr.speech.recording_script import meanings

UNWANTED = frozenset({"exhausted", "noinput", "unanswered", "up"})
"""Exits that a call takes when nobody presses a key or nobody answers, or that lead back."""


class _InCall(NamedTuple):
    """Where in a call a sentence is said: its number in the order of a call, and the nodes that say it."""

    number: int
    nodes: tuple[str, ...]


NOWHERE = _InCall(1 << 30, ())
"""Of a sentence that no node says."""


@dataclass(frozen=True)
class RoomSentence:
    """A sentence to record. `nodes`: the nodes that say it, in the order of a call; none for what only the staff hears.

    `ending`: how its clip ends. `meaning`: the same in the language of the staff and in that of the source texts.
    `values`: the ids of what fills its slots.
    """

    id: str
    prompt: str
    text: str
    ending: Ending
    safety: bool
    nodes: tuple[str, ...]
    meaning: Mapping[str, str]
    values: tuple[str, ...]


def in_order(content: Content, today: date, language: str) -> tuple[RoomSentence, ...]:
    """Every sentence that a person records of a language, once: safety first, then in the order of a call.

    Without sentences for a language that is not whole.
    """
    recorded = to_record(content, today, language)
    meant = meanings(content, today, language)
    places = _places(recorded, _nodes(content, today, language))

    def sort_key(said: Utterance) -> tuple[bool, int]:
        return not said.prompt.startswith(SAFETY), places[said.id].number

    return tuple(
        RoomSentence(
            said.id,
            said.prompt,
            said.text,
            ending_of(content, said),
            said.prompt.startswith(SAFETY),
            places[said.id].nodes,
            meant[said.id],
            said.values,
        )
        for said in sorted(recorded, key=sort_key)
    )


def nodes_in_order(flow: Flow) -> Iterator[str]:
    """Every node, once: first those of a call that goes well, from pick-up on; then what follows when it does not."""
    near, later, seen = deque([flow.start]), deque[str](), set[str]()
    # A number of ours that belongs to one language begins elsewhere, and a contact who calls hears something else.
    later += (flow.language_known, flow.own_contact)
    while near or later:
        name = (near or later).popleft()
        if name in seen:
            continue
        seen.add(name)
        yield name
        for exit_, target in flow.exits(name):
            (later if exit_ in UNWANTED else near).append(target.to)
    yield from (name for name in flow.nodes if name not in seen)


def _nodes(content: Content, today: date, language: str) -> Mapping[str, tuple[str, ...]]:
    """Id of a sentence -> the nodes that say it; the ids stand in the order in which a call comes to them."""
    times = [now for now, _ in content.office.hours_to_come(today)]
    found = dict[str, list[str]]()
    for name in nodes_in_order(content.flow):
        for utterances in said_at(content, name, (None, language), times):
            for said in map(recorded_as, utterances):
                if said.language == language and name not in (known := found.setdefault(said.id, [])):
                    known.append(name)
    return {id_: tuple(names) for id_, names in found.items()}


def _places(recorded: tuple[Utterance, ...], nodes: Mapping[str, tuple[str, ...]]) -> Mapping[str, _InCall]:
    """Id -> its place. What no node says today stands beside what is said there at other times, else at the end."""
    places = {id_: _InCall(number, said_by) for number, (id_, said_by) in enumerate(nodes.items())}
    beside = dict[object, _InCall]()
    for said in sorted(recorded, key=lambda said: places.get(said.id, NOWHERE)):
        for kin in _kin(said.prompt):
            beside.setdefault(kin, places.get(said.id, NOWHERE))
    return {
        said.id: places.get(said.id) or min(beside[kin] for kin in _kin(said.prompt) if kin in beside)
        for said in recorded
    }


def _kin(prompt: str) -> Iterator[object]:
    """What the sentences have in common that are said in place of each other, at other hours or on other days."""
    yield prompt
    if hours := OF_HOURS.fullmatch(prompt):
        yield said_of(prompt) or (hours[1], "week")
