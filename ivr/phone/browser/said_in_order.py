"""Every sentence of the line in the order of a call, in the language of the staff, with what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, assert_never, get_args

from ivr.core.content import Content
from ivr.core.flow import Disconnect, Hours, LanguageMenu, Matter, Menu, Message, Node, SayItem, Transfer
from ivr.core.prompts import FIXED_SLOTS, MATTER, SAFETY, slots_of, twin_of
from ivr.core.script import closed_set
from ivr.core.speak import spoken_number
from ivr.core.utterance import Utterance

When = Literal[
    "first",
    "choice",
    "option",
    "closing",
    "reprompt",
    "announce",
    "before_language",
    "plain",
    "other_languages",
    "staff",
]
"""When a sentence is said at its node; `other_languages`: never in the language of the staff."""
WHENS: tuple[When, ...] = get_args(When)
WHISPER, OTHER = "whisper", "other"
"""Two places that are no node: what the person who picks up hears, and what no node says."""
NOW, WEEK = ("open", "opens", "opens_on"), ("week", "week_2")
"""The sentences about the hours of a schedule, without their twins."""
NO_SENTENCES = ("digit.", "key.")
"""The prefixes of entries that the line says by themselves: the digits of a number."""
RUN = re.compile(r"\{[a-z_0-9]*\}(?: \{[a-z_0-9]*\})*")
"""Slots that follow each other: where one ends and the next begins cannot be seen in the sentence."""
EXAMPLES = {
    "day": "day_on.mon",
    "time": "time_at.0900",
    "until": "time_until.1500",
    "date": "date.3",
    "month": "month.8",
    "week_from": "time_from.0900",
    "week_until": "time_until.1100",
    "week_from_2": "time_from.1200",
    "week_until_2": "time_until.1500",
}
"""Slot, without its schedule -> the entry that stands for it in a sentence that the hours of today do not need."""


@dataclass(frozen=True)
class Part:
    """A piece of a sentence. `is_example`: it fills a slot, and other calls hear something else there."""

    text: str
    is_example: bool = False


@dataclass(frozen=True)
class ShownText:
    """A sentence in one language."""

    language: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The whole of it."""
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True)
class Sentence:
    """A sentence of the line by the id of its text.

    `said`: in the language of the staff, None where it is said in other languages only. `meaning`: in the reader's
    language or, where that has no text, in the source language; None if the reader's is the staff's and it is said.
    """

    id: str
    when: When
    said: ShownText | None
    meaning: ShownText | None

    @property
    def is_safety(self) -> bool:
        """Whether it is about life and health."""
        return self.id.startswith(SAFETY)


@dataclass(frozen=True)
class PlaceInCall:
    """A place in a call and what is said there for the first time: a node of the flow, WHISPER or OTHER."""

    name: str
    sentences: tuple[Sentence, ...]


def said_in_order(content: Content, today: date, reader: str) -> tuple[PlaceInCall, ...]:
    """Every sentence at the first node that says it, in the order of flow.yaml; `reader`: the reader's language."""
    return tuple(place for place in _Sentences(content, today, reader).places() if place.sentences)


class _Sentences:
    def __init__(self, content: Content, today: date, reader: str) -> None:
        self._content, self._reader, self._staff = content, reader, content.languages.staff
        self._script = closed_set(content, today)
        self._shown = set[str]()

    def places(self) -> Iterator[PlaceInCall]:
        whispered = False
        for name, node in self._content.flow.nodes.items():
            yield PlaceInCall(name, tuple(self._of(node)))
            if isinstance(node, Transfer) and not whispered:
                whispered = True
                yield PlaceInCall(WHISPER, tuple(self._whisper()))
        left = [prompt for prompt in self._examples[self._staff] if not prompt.startswith(NO_SENTENCES)]
        yield PlaceInCall(OTHER, tuple(self._each("first", *left)))

    def _of(self, node: Node) -> Iterator[Sentence]:
        for when, item in _items(node):
            match item.kind:
                case "prompt":
                    yield from self._each(when, item.name)
                case "unless_staff_speak_it":
                    yield from self._each("other_languages", item.name)
                case "now":
                    yield from self._hours(when, item.name, NOW)
                case "week":
                    yield from self._hours(when, item.name, WEEK)
                case "number":
                    yield from self._number(when, item.name)

    def _hours(self, when: When, schedule: str, kinds: tuple[str, ...]) -> Iterator[Sentence]:
        for kind in kinds:
            prompt = f"hours.{schedule}.{kind}"
            yield from self._each(when, prompt)
            yield from self._each("plain", twin_of(prompt))

    def _whisper(self) -> Iterator[Sentence]:
        roles = self._content.flow.roles
        matters = (f"{MATTER}{matter}" for matter in get_args(Matter))
        yield from self._each("staff", roles.whisper_press, roles.whisper_language, roles.whisper_no_language, *matters)

    def _number(self, when: When, contact: str) -> Iterator[Sentence]:
        """The number as it is written means the digits that are said."""
        if self._is_new(f"number: {contact}"):
            digits = spoken_number(self._content, contact, self._staff)
            said = ShownText(self._staff, (Part(" ".join(digit.text for digit in digits)),))
            written = Part(self._content.office.contacts[contact].number or "")
            meaning = None if self._reader == self._staff else ShownText(self._reader, (written,))
            yield Sentence(f"number: {contact}", when, said, meaning)

    def _each(self, when: When, *prompts: str) -> Iterator[Sentence]:
        for prompt in prompts:
            if not self._is_new(prompt):
                continue
            utterance = self._examples[self._staff].get(prompt) or self._filled(prompt, self._staff)
            said = self._wording(utterance) if utterance else None
            meaning = None if said and self._reader == self._staff else self._meaning(prompt, utterance)
            if said or meaning:
                yield Sentence(prompt, when if said else "other_languages", said, meaning)

    def _is_new(self, id_: str) -> bool:
        new = id_ not in self._shown
        self._shown.add(id_)
        return new

    def _meaning(self, prompt: str, said: Utterance | None) -> ShownText | None:
        languages = dict.fromkeys((self._reader, self._content.languages.source))
        found = (self._counterpart(prompt, said, language) for language in languages)
        return next((self._wording(utterance) for utterance in found if utterance), None)

    def _counterpart(self, prompt: str, said: Utterance | None, language: str) -> Utterance | None:
        """The same sentence in another language, if it can be with the same example; a language names only itself."""
        itself = self._examples[language].get(prompt) if prompt in self._choices else None
        same = self._by_id[language].get(said.id) if said else None
        return itself or same or (self._filled_as(said, language) if said else None) or self._filled(prompt, language)

    def _filled_as(self, said: Utterance, language: str) -> Utterance | None:
        slots = [slot for slot in dict.fromkeys(slots_of(self._text(said))) if slot not in FIXED_SLOTS]
        if len(slots) != len(said.values):
            return None
        return self._content.catalogue.find(said.prompt, language, dict(zip(slots, said.values, strict=True)))

    def _filled(self, prompt: str, language: str) -> Utterance | None:
        """A sentence that need not be said in the next 400 days, with examples in its slots."""
        texts = self._content.catalogue.texts.get(language, {})
        slots = {slot: EXAMPLES.get(self._without_schedule(slot), "") for slot in slots_of(texts.get(prompt, ""))}
        slots = {slot: entry for slot, entry in slots.items() if entry}
        return self._content.catalogue.find(prompt, language, slots)

    def _without_schedule(self, slot: str) -> str:
        schedules = (name for name in self._content.office.hours if slot.startswith(f"{name}_"))
        return slot.removeprefix(f"{max(schedules, key=len, default='')}_")

    def _wording(self, said: Utterance) -> ShownText:
        return ShownText(said.language, _parts(self._text(said), said.text))

    def _text(self, said: Utterance) -> str:
        return self._content.catalogue.texts[said.language][said.prompt]

    @cached_property
    def _choices(self) -> frozenset[str]:
        return frozenset(node.choice for node in self._content.flow.nodes.values() if isinstance(node, LanguageMenu))

    @cached_property
    def _examples(self) -> Mapping[str, Mapping[str, Utterance]]:
        """Language -> prompt -> the first utterance of it that the line can say."""
        return self._indexed(lambda said: said.prompt)

    @cached_property
    def _by_id(self) -> Mapping[str, Mapping[str, Utterance]]:
        return self._indexed(lambda said: said.id)

    def _indexed(self, key: Callable[[Utterance], str]) -> Mapping[str, Mapping[str, Utterance]]:
        found: dict[str, dict[str, Utterance]] = {code: {} for code in self._content.languages.languages}
        for utterance in self._script:
            found[utterance.language].setdefault(key(utterance), utterance)
        return found


def _items(node: Node) -> Iterator[tuple[When, SayItem]]:
    """What a node says, in the order in which it is heard, and when."""
    match node:
        case Message():
            yield from (("first", item) for item in node.say)
        case LanguageMenu():
            yield from (("first", item) for item in node.say)
            yield "choice", SayItem(kind="prompt", name=node.choice)
            yield from (("reprompt", item) for item in node.reprompt)
        case Menu():
            yield from (("first", item) for item in node.say)
            options = (option.say for option in node.options.values() if option.say)
            yield from (("option", SayItem(kind="prompt", name=name)) for name in options)
            yield from (("closing", item) for item in node.closing)
            yield from (("reprompt", item) for item in node.reprompt)
            yield from (("before_language", item) for item in node.before_language)
        case Transfer():
            yield from (("first", item) for item in node.say)
            yield from (("announce", item) for item in node.announce)
            yield from (("before_language", item) for item in node.before_language)
        case Disconnect():
            yield from (("first", item) for item in node.say)
            yield from (("before_language", item) for item in node.before_language)
        case Hours():
            pass
        case _:
            assert_never(node)


def _parts(template: str, text: str) -> tuple[Part, ...]:
    """A text in pieces, of which those in the slots of its template are examples; keys that never change are not."""
    slots = RUN.findall(template)
    found = re.fullmatch("(.+?)".join(f"({re.escape(piece)})" for piece in RUN.split(template)), text)
    if found is None:
        return (Part(text),)
    varies = [False, *(flag for run in slots for flag in (not FIXED_SLOTS.keys() >= set(slots_of(run)), False))]
    return tuple(Part(piece, is_example) for piece, is_example in zip(found.groups(), varies, strict=True) if piece)
