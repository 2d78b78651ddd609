"""Everything that the line can say: a finite set, known before any call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain
from typing import get_args

from ivr.core.content import Content
from ivr.core.flow import LanguageMenu, Matter, Menu, Transfer
from ivr.core.hours import MOST_STRETCHES, HoursPrompt
from ivr.core.offers import said_until_offered_ends
from ivr.core.prompts import twin_of
from ivr.core.speak import VARIANTS, as_it_is_or_its_twin, emergency_words, utterances, whisper
from ivr.core.utterance import Utterance


def closed_set(content: Content, today: date) -> tuple[Utterance, ...]:
    """Every utterance that the line can say in the next 400 days, twins included, each once.

    Of the twins all are among them: after a change of hours they are said until their exact sentences have a voice.
    Closings change nothing: what is said until the ends that the office is offered is always among them.
    Sorted: slow ones last, then by language, then in the order of the source texts.
    """
    key = ("closed set", today)
    if (cached := content.utterance_cache.get(key)) is None:
        # What is kept serves the content with other closings too.
        as_written = content.with_closings(()) if content.office.closings else content
        cached = content.utterance_cache[key] = _closed_set(as_written, today)
    return cached


def _closed_set(content: Content, today: date) -> tuple[Utterance, ...]:
    unsorted = dict.fromkeys(_all(content, today))
    unsorted |= dict.fromkeys(plain for utterance in list(unsorted) if (plain := twin(content, utterance)))
    order = {prompt: place for place, prompt in enumerate(content.catalogue.texts[content.languages.source])}
    languages = list(content.languages.languages)

    def sort_key(u: Utterance) -> tuple[bool, int, int, str]:
        return u.slow, languages.index(u.language), order.get(u.prompt, len(order)), u.text

    return tuple(sorted(unsorted, key=sort_key))


def said_by(content: Content, times: Sequence[datetime]) -> Iterator[tuple[Utterance, ...]]:
    """What each node says, in every variant and language, at some times; at one of those that are alike to it."""
    for name in content.flow.nodes:
        yield from said_at(content, name, (None, *sorted(content.offered)), times)


def said_at(
    content: Content, name: str, languages: Iterable[str | None], times: Sequence[datetime]
) -> Iterator[tuple[Utterance, ...]]:
    """The same of one node, in some languages; None: before one is chosen."""
    node = content.flow.nodes[name]
    slow = (False, True) if isinstance(node, (Menu, LanguageMenu, Transfer)) else (False,)
    languages = [each for each in languages if (name, each) not in content.left_out]
    for now in different_times(content, name, times):
        for language in languages:
            for variant in VARIANTS:
                for slowly in slow:
                    yield utterances(content, name, variant, language, now, slow=slowly)


def different_times(content: Content, name: str, times: Iterable[datetime]) -> Iterable[datetime]:
    """The first of each of those times at which a node says the same."""
    different = dict[tuple[HoursPrompt, ...], datetime]()
    for now in times:
        hours = content.office.hours_now(now)
        different.setdefault(tuple(hours[schedule] for schedule in content.schedules_said[name]), now)
    return different.values()


def _all(content: Content, today: date) -> Iterator[Utterance]:
    yield from chain.from_iterable(said_by(content, [now for now, _ in content.office.hours_to_come(today)]))
    for slow in (False, True):
        yield from until_offered_ends(content, today, sorted(content.offered), slow=slow)
    yield from _after_a_change_of_hours(content)
    words = emergency_words(content)
    yield from (*words.danger_and_calling, *words.danger_and_number, *words.danger)
    for language in (None, *sorted(content.offered)):
        for matter in get_args(Matter):
            yield from whisper(content, language, matter)


def until_offered_ends(
    content: Content, today: date, languages: Iterable[str], *, slow: bool = False
) -> Iterator[Utterance]:
    """What is said of the hours while a service is closed by hand until an offered end (`ivr.core.offers`)."""
    prompts = [
        prompt
        for schedule in dict.fromkeys(chain.from_iterable(content.schedules_said.values()))
        for prompt in said_until_offered_ends(content.office, schedule, today)
    ]
    for language in languages:
        for prompt, slots in prompts:
            if found := as_it_is_or_its_twin(content, prompt, language, dict(slots), slow=slow):
                yield found


def _after_a_change_of_hours(content: Content) -> Iterator[Utterance]:
    """What is said of the hours without day and time, also of those that the office does not have today (rule W4)."""
    kinds = {"now": ("open", "opens", "opens_on"), "week": ("week", f"week_{MOST_STRETCHES}")}
    items = [item for node in content.flow.nodes.values() for item in getattr(node, "say", ()) if item.kind in kinds]
    for item in dict.fromkeys(items):
        for prompt in (twin_of(f"hours.{item.name}.{kind}") for kind in kinds[item.kind]):
            for language in sorted(content.offered):
                for slow in (False, True):
                    if found := content.catalogue.find(prompt, language, {}, slow=slow):
                        yield found


def twin(content: Content, utterance: Utterance) -> Utterance | None:
    """The same sentence without its day or time, or None if it has no such twin (rule W4)."""
    return content.catalogue.find(twin_of(utterance.prompt), utterance.language, {}, slow=utterance.slow)


def recorded_as(utterance: Utterance) -> Utterance:
    """The utterance whose recording serves this one: at its usual pace, and a digit wherever it stands in a number."""
    if not utterance.slow and not utterance.ends_group:
        return utterance
    return replace(utterance, slow=False, values=() if utterance.ends_group else utterance.values)


def to_record(content: Content, today: date, language: str) -> tuple[Utterance, ...]:
    """What a person records to give a language a voice: each sentence once, in the order of the source texts."""
    said = (recorded_as(utterance) for utterance in closed_set(content, today) if utterance.language == language)
    return tuple(dict.fromkeys(said))
