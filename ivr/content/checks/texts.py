"""Checks of the texts: every language has every text that it needs, up to date, with the slots of its source."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache, lru_cache
from typing import get_args

from ivr.content.checks.flow import said_items
from ivr.content.files import FLOW, OFFICE, SOURCE, po_name
from ivr.content.texts import MOST_REMEMBERED, Texts
from ivr.core.flow import Flow, Matter
from ivr.core.hours import MOST_STRETCHES, WEEKDAYS, Interval
from ivr.core.issue import Issue, Severity
from ivr.core.languages import Languages
from ivr.core.office import Office
from ivr.core.prompts import FIXED_SLOTS, IN_BRACES, LANGUAGE_NAMES, MATTER, PLAIN, SAFETY, SLOT, known_slots, slots_of

ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
BRACE = re.compile(r"[{}]")
SLOTS_OF_HOURS = {
    "open": ("until",),
    "opens": ("day", "time"),
    "opens_on": ("day", "date", "month"),
    "week": ("week_from", "week_until"),
    "week_2": ("week_from_2", "week_until_2"),
}
"""The ends of the names of the slots that each sentence about hours has; a schedule's name comes before."""
TIME_TABLES = ("time_at", "time_from", "time_until")
HALF_HOURS = tuple(f"{hour:02}{minute}" for hour in range(7, 21) for minute in ("00", "30"))[:-1]
"""07:00 to 20:00, as HHMM: the times that every language has words for."""


def check_texts(texts: Texts) -> list[Issue]:
    """All faults of the texts that can be found without walking the flow."""
    checks: tuple[Callable[[Texts], Iterator[Issue]], ...] = (
        _source_has_what_is_said,
        _ids_are_names,
        _english_stands_behind_msgid,
        _source_slots_are_known,
        _unused,
        _translated,
        _slots_as_in_source,
        _no_digits,
        _not_stale,
        _times_can_be_said,
    )
    return [issue for check in checks for issue in check(texts)]


def required_ids(flow: Flow, office: Office, languages: Languages) -> dict[str, tuple[str, ...]]:
    """Every id that the line can say -> the place in flow.yaml that says it; empty where only the program does.

    Both sentences about a week are among them, whatever the hours are now: the office may change them on any day.
    """
    needed: dict[str, tuple[str, ...]] = {}
    for place, item in said_items(flow):
        match item.kind:
            case "prompt" | "unless_staff_speak_it":
                needed.setdefault(item.name, place)
            case "now" | "week" if item.name not in office.hours:
                pass
            case "now":
                exact = [f"hours.{item.name}.{kind}" for kind in ("open", "opens")]
                for id_ in (*exact, f"hours.{item.name}.closed_long", *(twin + PLAIN for twin in exact)):
                    needed.setdefault(id_, place)
            case "week":
                for id_ in (f"hours.{item.name}.week", f"hours.{item.name}.week_{MOST_STRETCHES}"):
                    needed.update({id_: place, id_ + PLAIN: place})
    fixed = [f"{table}.{digit}" for table in ("key", "digit") for digit in range(10)]
    fixed += ["today", "tomorrow", *(f"day_on.{day}" for day in WEEKDAYS), *FIXED_SLOTS.values()]
    fixed += [f"{table}.{time}" for table in TIME_TABLES for time in HALF_HOURS]
    fixed += flow.roles.model_dump().values()
    fixed += [f"{MATTER}{matter}" for matter in get_args(Matter)]
    fixed += [f"{LANGUAGE_NAMES}{code}" for code in languages.languages]
    return needed | {id_: () for id_ in fixed if id_ not in needed}


def _ids_are_names(texts: Texts) -> Iterator[Issue]:
    """Recordings are files named by these ids and `+` (decision 16)."""
    for id_ in texts.sources:
        if not ID.fullmatch(id_):
            message = f"'{id_}' is no id: the recording of the text could not be named by it"
            yield Issue("broken", SOURCE, (id_,), message, "Write small letters, digits and _, with dots between")


def _english_stands_behind_msgid(texts: Texts) -> Iterator[Issue]:
    """In every other file the words stand behind msgstr, so whoever changes English there would be heard by nobody."""
    for id_, text in texts.sources.items():
        if text.translation.strip() and text.translation != text.source:
            message = f"'{id_}' has a text behind msgstr, which nobody hears"
            yield Issue("note", SOURCE, (id_,), message, "Write the English behind msgid, and leave msgstr empty")


def _source_has_what_is_said(texts: Texts) -> Iterator[Issue]:
    for id_, place in required_ids(texts.flow, texts.office, texts.languages).items():
        if not (id_ in texts.sources and texts.sources[id_].source.strip()):
            file, where = (FLOW, place) if place else (SOURCE, (id_,))
            yield Issue(
                "broken", file, where, f"there is no text '{id_}'", "Add it to prompts.pot and the translations"
            )


def _source_slots_are_known(texts: Texts) -> Iterator[Issue]:
    known, filled = known_slots(texts.office.hours), _filled_slots(texts.flow, texts.office)
    for id_, text in texts.sources.items():
        if _has_stray_brace(text.source):
            message = f"'{id_}' has a brace that belongs to no slot"
            yield Issue("broken", SOURCE, (id_,), message, "Write a slot like {key}, or leave it out")
        for slot in slots_of(text.source):
            if slot not in known:
                yield Issue("broken", SOURCE, (id_,), f"'{id_}' has an unknown slot {{{slot}}}", "Use a known slot")
            elif slot not in FIXED_SLOTS.keys() | filled.get(id_, frozenset()):
                yield Issue("broken", SOURCE, (id_,), f"nothing fills {{{slot}}} where '{id_}' is said", "Leave it out")


def _filled_slots(flow: Flow, office: Office) -> dict[str, frozenset[str]]:
    """Id -> the slots that are filled at every place where the text is said, besides the fixed ones."""
    filled = {flow.roles.whisper_language: frozenset({"language"})}
    for name in office.hours:
        for sentence, slots in SLOTS_OF_HOURS.items():
            filled[f"hours.{name}.{sentence}"] = frozenset(f"{name}_{slot}" for slot in slots)
    for place, item in said_items(flow):
        if item.kind in ("prompt", "unless_staff_speak_it"):
            slot = {"choice": "digit", "options": "key"}.get(place[2])
            here = frozenset({slot} if slot else ())
            filled[item.name] = filled.get(item.name, here) & here
    return filled


def _unused(texts: Texts) -> Iterator[Issue]:
    said = required_ids(texts.flow, texts.office, texts.languages).keys() | texts.dispensable
    for id_ in texts.sources:
        if id_ not in said:
            yield Issue("note", SOURCE, (id_,), f"nothing ever says '{id_}'", "Say it in flow.yaml, or remove it")
    for language, entries in texts.translations.items():
        for id_ in entries:
            if id_ not in texts.sources:
                yield Issue(
                    "note", po_name(language), (id_,), f"'{id_}' has no source", "Add it to prompts.pot or remove it"
                )


def _translated(texts: Texts) -> Iterator[Issue]:
    for language, entries in texts.translations.items():
        previous = ""
        for id_ in texts.sources:
            if id_ in entries:
                previous = id_
            if texts.needs(language, id_) and not (id_ in entries and entries[id_].translation.strip()):
                where = (id_, previous)
                message = f"'{id_}' has no text in {language}"
                yield Issue(texts.severity(language), po_name(language), where, message, "Translate it", language)


def _slots_as_in_source(texts: Texts) -> Iterator[Issue]:
    for language, id_, text in texts.translated():
        expected, found = _sorted_slots(texts.sources[id_].source), _sorted_slots(text.translation)
        if expected != found or _has_stray_brace(text.translation):
            wanted = ", ".join(f"{{{slot}}}" for slot in expected) or "no slot"
            message = f"'{id_}' must have {wanted}, as its source has"
            yield Issue(texts.severity(language), po_name(language), (id_,), message, "Correct the slots", language)


@lru_cache(maxsize=MOST_REMEMBERED)
def _sorted_slots(text: str) -> tuple[str, ...]:
    return tuple(sorted(slots_of(text)))


@lru_cache(maxsize=MOST_REMEMBERED)
def _has_stray_brace(text: str) -> bool:
    return bool(BRACE.search(SLOT.sub("", text)))


def _no_digits(texts: Texts) -> Iterator[Issue]:
    """Numbers are written as words: voices read `016`, `9.30` and `½` unpredictably."""
    source = ((texts.languages.source, id_, SOURCE, text.source) for id_, text in texts.sources.items())
    translated = ((lang, id_, po_name(lang), text.translation) for lang, id_, text in texts.translated())
    for language, id_, file, spoken in (*source, *translated):
        if _has_digits(spoken):
            yield Issue(texts.severity(language), file, (id_,), f"'{id_}' has digits", "Write them as words", language)


@lru_cache(maxsize=MOST_REMEMBERED)
def _has_digits(text: str) -> bool:
    return any(map(_is_digit, set(IN_BRACES.sub("", text))))


@cache
def _is_digit(character: str) -> bool:
    return unicodedata.category(character)[0] == "N"


def _not_stale(texts: Texts) -> Iterator[Issue]:
    """Stale texts: a note, but a gap for a safety sentence, which is never said while it is stale (rule W5).

    One that was approved goes on in the words that were: then this is a note (`checks.approval.as_said`).
    """
    for language, id_, _ in texts.translated():
        if texts.state(language, id_) == "stale":
            safety = id_.startswith(SAFETY)
            severity: Severity = texts.severity(language) if safety else "note"
            remedy = "Translate the new English sentence, and remove the fuzzy mark"
            message = f"'{id_}' was translated from another sentence"
            yield Issue(severity, po_name(language), (id_,), message, remedy, language if safety else None)


def _times_can_be_said(texts: Texts) -> Iterator[Issue]:
    for place, intervals in _all_hours(texts.office):
        for time in sorted({end for interval in intervals for end in (interval.opens, interval.closes)}):
            if f"{time:%H%M}" not in HALF_HOURS:
                message = f"no language has words for {time:%H:%M}"
                yield Issue("broken", OFFICE, place, message, "Use a half hour between 07:00 and 20:00")


def _all_hours(office: Office) -> Iterator[tuple[tuple[str, ...], Iterable[Interval]]]:
    """The intervals of every schedule and exception, with their place in office.yaml."""
    for name, week in office.hours.items():
        yield ("hours", name), [interval for day in week.values() for interval in day]
    for index, exception in enumerate(office.exceptions):
        for name, day in exception.hours.items():
            yield ("exceptions", str(index), "hours", name), day


def lapsed_exceptions(office: Office, today: date) -> list[Issue]:
    """A note about each exception of the opening hours whose last day is past."""
    return [
        Issue("note", OFFICE, ("exceptions", str(index)), f"{exception.dates} is past", "Remove it when convenient")
        for index, exception in enumerate(office.exceptions)
        if exception.last < today
    ]
