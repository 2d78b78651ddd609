"""What a node says, as utterances: in the caller's language or, before one is chosen, in each of `before_choice`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Literal, get_args

from ivr.core.content import Content
from ivr.core.flow import Disconnect, Hours, LanguageMenu, Matter, Menu, Message, Node, Say, Transfer
from ivr.core.hours import HoursPrompt
from ivr.core.office import ON_CALL
from ivr.core.prompts import LANGUAGE_IN_FINNISH, LANGUAGE_NAMES, MATTER, NOW_PROMPT, NOW_SLOTS, SAFETY, twin_of
from ivr.core.utterance import GROUP_END, Utterance

Variant = Literal["first", "reprompt", "announce"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
"""Which words of a node are said: those on entering it, at the second try, or before ringing."""


def utterances(
    content: Content, name: str, variant: Variant, language: str | None, now: datetime, *, slow: bool = False
) -> tuple[Utterance, ...]:
    """What a node says in one variant: in `language` or, where that is None, in each of `before_choice` in turn.

    Cached in the content: a walk asks for the same words thousands of times.
    """
    schedules = content.schedules_said[name]
    hours = content.office.hours_now(now) if schedules else {}
    key = (name, variant, language, slow, *(hours[schedule] for schedule in schedules))
    if (cached := content.utterance_cache.get(key)) is None:
        speaker = _Speaker(content, language, hours, slow=slow)
        cached = content.utterance_cache[key] = tuple(speaker.node(name, variant))
    return cached


class _Speaker:
    def __init__(self, content: Content, language: str | None, hours: Mapping[str, HoursPrompt], *, slow: bool) -> None:
        self._content, self._language, self._hours, self._slow = content, language, hours, slow

    def node(self, name: str, variant: Variant) -> Iterator[Utterance]:
        """The words of a node, language by language; a language menu ends with its choices, its second ask begins so.

        Whoever missed the first ask must be able to answer the second: names and keys at once (rule F3).
        """
        node = self._content.flow.nodes[name]
        languages = (self._language,) if self._language else self._content.languages.before_choice
        if isinstance(node, Disconnect) and node.language:
            languages = (node.language,)
        words = chain.from_iterable(self._words(name, node, variant, language) for language in languages)
        choices = self._choices(node) if isinstance(node, LanguageMenu) else ()
        yield from chain(choices, words) if variant == "reprompt" else chain(words, choices)

    def _words(self, name: str, node: Node, variant: Variant, language: str) -> Iterator[Utterance]:
        match node:
            case Menu() | Transfer() | Disconnect() if self._language is None and node.before_language:
                # A transfer's short words are its announcement: nothing delays help before a language is known.
                if not (isinstance(node, Transfer) and variant == "first"):
                    yield from self._say(node.before_language, language)
            case Transfer():
                yield from self._say(node.announce if variant == "announce" else node.say, language)
            case Menu() | LanguageMenu() if variant == "reprompt" and node.reprompt:
                yield from self._say(node.reprompt, language)
            case Menu():
                yield from self._say(node.say if variant == "first" else (), language)
                yield from self._options(name, language)
                yield from self._say(node.closing, language)
            case Message() | LanguageMenu() | Disconnect():
                yield from self._say(node.say, language)
            case Hours():
                pass

    def _options(self, name: str, language: str) -> Iterator[Utterance]:
        for key, option in self._content.options(name, self._language).items():
            if option.say:
                yield from self._utter(option.say, language, {"key": f"key.{key}"})

    def _choices(self, node: LanguageMenu) -> Iterator[Utterance]:
        """Each offered language names itself and its digit; those of the second menu say nine (rules F1, K6)."""
        for key, language in self._content.choices(node).items():
            yield from self._utter(node.choice, language, {"digit": f"digit.{key}"})
        for language in self._content.behind(node).values():
            yield from self._utter(node.choice, language, {"digit": "digit.9"})

    def _say(self, say: Say, language: str) -> Iterator[Utterance]:
        for item in say:
            match item.kind:
                case "prompt":
                    yield from self._utter(item.name, language)
                case "unless_staff_speak_it":
                    if language not in self._content.languages.before_choice:
                        yield from self._utter(item.name, language)
                case "now":
                    prompt = self._hours[item.name]
                    yield from self._utter(prompt.prompt, language, dict(prompt.slots))
                case "week":
                    yield from self._week(item.name, language)
                case "number":
                    yield from spoken_number(self._content, item.name, language, slow=self._slow)

    def _week(self, name: str, language: str) -> Iterator[Utterance]:
        # There is no sentence for a week whose days differ; the hours prompt says what is open now or next.
        for number, interval in enumerate(self._content.office.schedules[name].monday_to_friday or (), 1):
            suffix = "" if number == 1 else f"_{number}"
            yield from self._utter(
                f"hours.{name}.week{suffix}",
                language,
                {
                    f"{name}_week_from{suffix}": f"time_from.{interval.opens:%H%M}",
                    f"{name}_week_until{suffix}": f"time_until.{interval.closes:%H%M}",
                },
            )

    def _utter(self, prompt: str, language: str, slots: Mapping[str, str] | None = None) -> Iterator[Utterance]:
        """A sentence; where the caller's language has lost its text during the call, what is said instead."""
        content, slots = self._content, slots or {}
        if found := as_it_is_or_its_twin(content, prompt, language, slots, slow=self._slow):
            yield found
        else:
            yield from elsewhere(content, prompt, language, tuple(slots.values()), slow=self._slow)


def hours_now(content: Content, schedule: str, language: str, now: datetime) -> Utterance | None:
    """What is said of a service at an aware moment: the sentence, or its twin; None in a language without both."""
    prompt = content.office.hours_now(now)[schedule]
    return as_it_is_or_its_twin(content, prompt.prompt, language, dict(prompt.slots), slow=False)


def as_it_is_or_its_twin(
    content: Content, prompt: str, language: str, slots: Mapping[str, str], *, slow: bool
) -> Utterance | None:
    """A sentence in a language; its twin where the language lacks the words, or would need too many; else None."""
    found = content.catalogue.find(prompt, language, slots, slow=slow)
    if found and (prompt, found.values, language) in content.plain:
        found = None
    return found or content.catalogue.find(twin_of(prompt), language, {}, slow=slow)


def elsewhere(
    content: Content, prompt: str, language: str, values: tuple[str, ...], *, slow: bool = False
) -> Iterator[Utterance]:
    """A sentence that its language cannot say, in each of `before_choice` that has it (rule O1).

    Only what nobody may miss: safety sentences, the hours of now and what announces a ringing; no other sentence.
    """
    now = NOW_PROMPT.fullmatch(prompt)
    if not (now or prompt.startswith(SAFETY) or prompt in content.announcements):
        return
    slots = _now_slots(now[1], values) if now else {}
    if language not in content.languages.before_choice:
        # English has the sentences that tell whoever speaks none of these languages what to say.
        slots[LANGUAGE_IN_FINNISH] = f"{LANGUAGE_NAMES}{language}"
    for first in content.languages.before_choice:
        text = content.catalogue.texts[first].get(prompt, "")
        here = {name: value for name, value in slots.items() if f"{{{name}}}" in text}
        if found := as_it_is_or_its_twin(content, prompt, first, here, slow=slow):
            yield found


def _now_slots(schedule: str, values: tuple[str, ...]) -> dict[str, str]:
    """The slots of an hours prompt, by the values that an utterance keeps: each fills the slot of its kind."""
    return {
        f"{schedule}_{slot}": value
        for value in values
        for slot, kinds in NOW_SLOTS.items()
        if value.partition(".")[0] in kinds
    }


def spoken_number(content: Content, contact: str, language: str, *, slow: bool = False) -> Iterator[Utterance]:
    """The public number of a contact, digit by digit; the last digit of each group leaves more silence (rule W3)."""
    for group in (content.office.contacts[contact].number or "").split():
        for place, digit in enumerate(group, 1):
            if utterance := content.catalogue.find(f"digit.{digit}", language, {}, slow=slow):
                yield replace(utterance, values=(GROUP_END,)) if place == len(group) else utterance


@dataclass(frozen=True, slots=True)
class EmergencyWords:
    """The words of the emergency document, each in every language of `before_choice`.

    Ringing follows `danger_and_calling` and `danger_and_number`; the call ends after `danger`. `everything` is said
    before the only ringing, where nothing can be said for certain after it.
    """

    danger_and_calling: tuple[Utterance, ...]
    danger_and_number: tuple[Utterance, ...]
    danger: tuple[Utterance, ...]
    everything: tuple[Utterance, ...]


def emergency_words(content: Content) -> EmergencyWords:
    """Fill the words of the emergency document: 112 always comes first."""
    roles = content.flow.roles

    def say(*prompts: str) -> Iterator[Utterance]:
        for language in content.languages.before_choice:
            for prompt in prompts:
                yield content.catalogue.utter(prompt, language, {})
                if prompt == roles.number_follows:
                    yield from spoken_number(content, ON_CALL, language)

    return EmergencyWords(
        danger_and_calling=tuple(say(roles.danger, roles.calling)),
        danger_and_number=tuple(say(roles.danger, roles.number_follows)),
        danger=tuple(say(roles.goodbye)),
        everything=tuple(say(roles.danger, roles.number_follows, roles.calling)),
    )


WHISPER_ROUNDS = 3
"""How often the whisper is said: whoever picks up may miss its beginning (rule T2)."""


def whisper(content: Content, language: str | None, matter: Matter) -> tuple[Utterance, ...]:
    """What the person who picks up hears until a key connects them, in the language of the staff (rule T2)."""
    staff, roles, utter = content.languages.staff, content.flow.roles, content.catalogue.utter
    chosen = (
        utter(roles.whisper_language, staff, {"language": f"language.{language}"})
        if language
        else utter(roles.whisper_no_language, staff, {})
    )
    return (utter(roles.whisper_press, staff, {}), chosen, utter(f"{MATTER}{matter}", staff, {})) * WHISPER_ROUNDS
