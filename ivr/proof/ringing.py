"""Seconds from pick-up until the phone of a person rings, in each language: the rules in four numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ivr.core.call import KeyPressed, Step
from ivr.core.flow import LanguageMenu, Menu
from ivr.core.utterance import Utterance
from ivr.proof.evidence import Evidence, starts


@dataclass(frozen=True, slots=True)
class RingingTimes:
    """Seconds from pick-up to ringing for a caller who presses each key as soon as it has been said.

    `help` presses 0 at once, `person` the language and 1, `child` the language and 2; `silent` presses nothing.
    """

    language: str
    help: float
    person: float
    child: float
    silent: float


def ringing(evidence: Evidence) -> Iterator[RingingTimes]:
    """The times of each offered language, at the moment at which each takes longest."""
    for code in sorted(evidence.content.offered):
        times = [
            RingingTimes(
                code,
                _after(evidence, start.step, "0"),
                _by_keys(evidence, start.step, code, "1"),
                _by_keys(evidence, start.step, code, "2"),
                evidence.from_step(start.step) or 0.0,
            )
            for start in starts(evidence)
        ]
        columns = zip(*((t.help, t.person, t.child, t.silent) for t in times), strict=True)
        yield RingingTimes(code, *map(max, columns))


def _by_keys(evidence: Evidence, step: Step, code: str, key: str) -> float:
    """Seconds through the language menus and the main menu; each key is pressed as soon as its option has been said."""
    node = evidence.node(step.state)
    if isinstance(node, LanguageMenu):
        choices = evidence.content.choices(node)
        pressed = next((digit for digit, language in choices.items() if language == code), "9")
        seconds = _until(evidence, step, lambda play: play.language == code and play.prompt == node.choice)
        after = [t.step for t in evidence.on(step.state, KeyPressed, pressed)]
        return seconds + max(_by_keys(evidence, each, code, key) for each in after)
    option = node.options[key].say if isinstance(node, Menu) else None
    return _until(evidence, step, lambda play: play.prompt == option) + _after(evidence, step, key)


def _until(evidence: Evidence, step: Step, is_last: Callable[[Utterance], bool]) -> float:
    """Seconds up to the end of the first utterance for which `is_last` holds; of all of them, if it never does."""
    count = next((place for place, play in enumerate(step.plays, 1) if is_last(play)), len(step.plays))
    return evidence.length(step.plays[:count])


def _after(evidence: Evidence, step: Step, key: str) -> float:
    return max(evidence.from_step(t.step) or 0.0 for t in evidence.on(step.state, KeyPressed, key))
