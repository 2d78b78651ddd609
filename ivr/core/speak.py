"""What a node says, sentence by sentence, in the caller's language or, before there is one, in several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.content import Content
from ivr.core.flow import About, LanguageMenu, Menu, Say, SayItem
from ivr.core.hours import WEEKDAYS, Schedule
from ivr.core.office import ON_CALL
from ivr.core.utterance import Pause, Play, Utterance

WEEK = timedelta(days=7)
GROUP_PAUSE = Pause(1)
"""Between the groups of digits of a phone number."""


class Speaker:
    """Speaks for one step: in one language or, while it is None, in each of `before_choice` in turn."""

    def __init__(self, content: Content, language: str | None, now: datetime, *, slow: bool = False) -> None:
        self._content, self._now, self._slow = content, now, slow
        self._languages = (language,) if language else content.languages.before_choice

    def say(self, *parts: Say) -> Iterator[Play]:
        """Everything in the first language, then everything in the next."""
        for language in self._languages:
            for part in parts:
                for item in part:
                    yield from self._item(item, language)

    def menu(self, node: Menu, *parts: Say) -> Iterator[Play]:
        """The parts, the options that are offered aloud, and the closing of a menu."""
        for language in self._languages:
            for item in (item for part in parts for item in part):
                yield from self._item(item, language)
            for key, option in node.options.items():
                if option.say:
                    yield self._utter(option.say, language, {"key": f"key.{key}"})
            for item in node.closing:
                yield from self._item(item, language)

    def choices(self, node: LanguageMenu) -> Iterator[Play]:
        """Each offered language names itself and its digit; those behind 9 do so with nine (rules F1, K6)."""
        for key, language in self._content.choices(node).items():
            yield self._utter(node.choice, language, {"digit": f"digit.{key}"})
        for language in self._content.behind(node).values():
            yield self._utter(node.choice, language, {"digit": "digit.9"})

    def _item(self, item: SayItem, language: str) -> Iterator[Play]:
        match item.kind:
            case "prompt":
                yield self._utter(item.name, language)
            case "foreign":
                if language not in self._content.languages.before_choice:
                    yield self._utter(item.name, language)
            case "now":
                yield self._now_sentence(item.name, language)
            case "week":
                yield from self._week_sentences(item.name, language)
            case "number":
                yield from spoken_number(self._content, item.name, language, slow=self._slow)

    def _utter(self, prompt: str, language: str, slots: Mapping[str, str] | None = None) -> Utterance:
        return self._content.catalogue.utter(prompt, language, slots or {}, slow=self._slow)

    def _now_sentence(self, name: str, language: str) -> Utterance:
        prompt, slots = now_sentence(self._content.office.schedules[name], name, self._now)
        return self._utter(prompt, language, slots)

    def _week_sentences(self, name: str, language: str) -> Iterator[Utterance]:
        # A week that is not alike from Monday to Friday has no sentence; what is open now and next is said anyway.
        for number, interval in enumerate(self._content.office.schedules[name].monday_to_friday or (), 1):
            suffix = "" if number == 1 else f"_{number}"
            yield self._utter(
                f"hours.{name}.week{suffix}",
                language,
                {
                    f"{name}_week_from{suffix}": f"time_from.{interval.opens:%H%M}",
                    f"{name}_week_until{suffix}": f"time_until.{interval.closes:%H%M}",
                },
            )


def spoken_number(content: Content, contact: str, language: str, *, slow: bool = False) -> Iterator[Play]:
    """The public number of a contact, digit by digit, in the groups in which the office writes it (rule W3)."""
    for group in (content.office.contacts[contact].number or "").split():
        for digit in group:
            yield content.catalogue.utter(f"digit.{digit}", language, {}, slow=slow)
        yield GROUP_PAUSE


@dataclass(frozen=True, slots=True)
class EmergencyWords:
    """What is said in every language of `before_choice` when the line itself is broken."""

    danger_and_calling: tuple[Play, ...]
    danger_and_number: tuple[Play, ...]
    danger: tuple[Play, ...]


def emergency_words(content: Content) -> EmergencyWords:
    """112 first, always; then that we are calling, or the number to call."""

    def say(*prompts: str, number: bool = False) -> Iterator[Play]:
        for language in content.languages.before_choice:
            for prompt in prompts:
                yield content.catalogue.utter(prompt, language, {})
            if number:
                yield from spoken_number(content, ON_CALL, language)

    return EmergencyWords(
        danger_and_calling=tuple(say("safety.danger", "calling.short")),
        danger_and_number=tuple(say("safety.danger", "last_words.number", number=True)),
        danger=tuple(say("safety.goodbye")),
    )


def now_sentence(schedule: Schedule, name: str, now: datetime) -> tuple[str, Mapping[str, str]]:
    """The prompt that says whether a service is open, and its slots: open until, opens next, or closed for long."""
    if closes := schedule.closes(now):
        return f"hours.{name}.open", {f"{name}_until": f"time_until.{closes:%H%M}"}
    opens = schedule.next_opening(now)
    today = now.astimezone(schedule.zone).date()
    if opens is None or opens.date() - today >= WEEK:
        return f"hours.{name}.closed_long", {}
    match (opens.date() - today).days:
        case 0:
            day = "today"
        case 1:
            day = "tomorrow"
        case _:
            day = f"day_on.{WEEKDAYS[opens.weekday()]}"
    return f"hours.{name}.opens", {f"{name}_day": day, f"{name}_time": f"time_at.{opens:%H%M}"}


def whisper(content: Content, language: str | None, about: About) -> tuple[Utterance, ...]:
    """What the person who picks up hears, in the staff's language, before a key connects them (rule T2)."""
    staff = content.languages.staff
    utter = content.catalogue.utter
    chosen = (
        utter("staff.language", staff, {"language": f"language.{language}"})
        if language
        else utter("staff.no_language", staff, {})
    )
    return (utter("staff.press", staff, {}), chosen, utter(f"staff.about.{about}", staff, {}))
