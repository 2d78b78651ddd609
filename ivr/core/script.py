"""Everything that the line can say: a closed set, known before a caller hears it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import get_args

from ivr.core.content import Content
from ivr.core.flow import LanguageMenu, Matter, Menu, Transfer
from ivr.core.prompts import PLAIN
from ivr.core.speak import VARIANTS, emergency_words, utterances, whisper
from ivr.core.utterance import Utterance


def closed_set(content: Content, today: date) -> tuple[Utterance, ...]:
    """Every utterance of the hours of the next 400 days, by language and in the order of a call; slow ones last."""
    key = ("closed set", today)
    if (kept := content.utterances_made.get(key)) is None:
        kept = content.utterances_made[key] = _in_order(content, today)
    return kept


def _in_order(content: Content, today: date) -> tuple[Utterance, ...]:
    found = dict.fromkeys(_all(content, today))
    found |= dict.fromkeys(plain for said in list(found) if (plain := twin(content, said)))
    order = {prompt: at for at, prompt in enumerate(content.catalogue.texts[content.languages.source])}
    languages = list(content.languages.languages)

    def place(utterance: Utterance) -> tuple[bool, int, int, str]:
        return (
            utterance.slow,
            languages.index(utterance.language),
            order.get(utterance.prompt, len(order)),
            utterance.text,
        )

    return tuple(sorted(found, key=place))


def _all(content: Content, today: date) -> Iterator[Utterance]:
    moments = [now for now, _ in content.office.hours_to_come(today)]
    telling = {name for name, schedules in content.schedules_said.items() if schedules}
    for name, node in content.flow.nodes.items():
        slow = (False, True) if isinstance(node, (Menu, LanguageMenu, Transfer)) else (False,)
        for now in moments if name in telling else moments[:1]:
            for language in (None, *sorted(content.offered)):
                for variant in VARIANTS:
                    for slowly in slow:
                        yield from utterances(content, name, variant, language, now, slow=slowly)
    words = emergency_words(content)
    yield from (*words.danger_and_calling, *words.danger_and_number, *words.danger)
    for language in (None, *sorted(content.offered)):
        for matter in get_args(Matter):
            yield from whisper(content, language, matter)


def twin(content: Content, utterance: Utterance) -> Utterance | None:
    """The same sentence without its day or time, if it has one (rule W4)."""
    plain = utterance.prompt + PLAIN
    if not content.catalogue.has(plain, utterance.language):
        return None
    return content.catalogue.utter(plain, utterance.language, {}, slow=utterance.slow)


def option_prompts(content: Content) -> frozenset[str]:
    """The prompts that end with a key: options of menus, and languages that name themselves."""
    found = set[str]()
    for node in content.flow.nodes.values():
        if isinstance(node, Menu):
            found |= {option.say for option in node.options.values() if option.say}
        elif isinstance(node, LanguageMenu):
            found.add(node.choice)
    return frozenset(found)
