"""Opening hours whose sentence is too long in a language: it is said without day and time (rules O4, W4).

A change of hours is the office's to make on any day, and must never wait for words.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import chain

from ivr.content.checks.lint import MOST_WORDS
from ivr.content.files import OFFICE
from ivr.core.content import Content
from ivr.core.issue import Issue
from ivr.core.prompts import twin_of
from ivr.core.script import different_times, until_offered_ends
from ivr.core.speak import utterances
from ivr.core.utterance import Utterance

HOURS = "hours."
"""The ids of the sentences about opening hours begin with this."""


def exact_hours(content: Content, today: date, languages: frozenset[str] | None = None) -> tuple[Utterance, ...]:
    """Every sentence about opening hours that names a day or a time and has a twin without.

    `languages`: the languages to look at (None: all that are offered).
    """
    codes = sorted(content.offered if languages is None else languages & content.offered)
    times = [now for now, _ in content.office.hours_to_come(today)]
    of_the_office = (
        utterance
        for name, node in content.flow.nodes.items()
        if any(item.kind in ("now", "week") for item in getattr(node, "say", ()))
        for now in different_times(content, name, times)
        for code in codes
        for utterance in utterances(content, name, "first", code, now)
        if utterance.prompt.startswith(HOURS)
    )
    texts = content.catalogue.texts
    said = dict.fromkeys(chain(of_the_office, until_offered_ends(content, today, codes)))
    return tuple(each for each in said if each.values and twin_of(each.prompt) in texts[each.language])


def without_times(content: Content, utterances: tuple[Utterance, ...]) -> Content:
    """The content in which the twins of these sentences are said instead."""
    more = frozenset((u.prompt, u.values, u.language) for u in utterances)
    return replace(content, plain=content.plain | more) if more else content


def plain_where_too_long(content: Content, today: date) -> tuple[Content, list[Issue]]:
    """The content in which no sentence about opening hours is too long (rule W1); a note for each that was."""
    long = tuple(utterance for utterance in exact_hours(content, today) if utterance.most_words > MOST_WORDS)
    return without_times(content, long), said_plainly(long, f"would need more than {MOST_WORDS} words in a sentence")


def said_plainly(utterances: tuple[Utterance, ...], why: str) -> list[Issue]:
    """A note for each sentence and language of which callers hear the twin."""
    told = sorted({(utterance.prompt, utterance.language) for utterance in utterances})
    remedy = "Nothing need be done; a shorter translation brings the times back"
    return [
        Issue("note", OFFICE, ("hours",), f"'{prompt}' is said without its times in {code}: it {why}", remedy)
        for prompt, code in told
    ]
