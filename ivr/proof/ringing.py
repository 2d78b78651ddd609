"""How long it takes from pick-up until a person's phone rings, in each language: what the rules come to."""

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
    """A line for each offered language, at the hour at which it takes longest."""
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


def _by_keys(evidence: Evidence, taken: Step, code: str, key: str) -> float:
    """Seconds through the language menus and the main menu, whose options are pressed as soon as they are said."""
    node = evidence.node(taken.state)
    if isinstance(node, LanguageMenu):
        choices = evidence.content.choices(node)
        pressed = next((digit for digit, language in choices.items() if language == code), "9")
        heard = _until(evidence, taken, lambda said: said.language == code and said.prompt == node.choice)
        following = [t.step for t in evidence.on(taken.state, KeyPressed, pressed)]
        return heard + max(_by_keys(evidence, step, code, key) for step in following)
    option = node.options[key].say if isinstance(node, Menu) else None
    return _until(evidence, taken, lambda said: said.prompt == option) + _after(evidence, taken, key)


def _until(evidence: Evidence, taken: Step, found: Callable[[Utterance], bool]) -> float:
    heard: list[Utterance] = []
    for said in taken.plays:
        heard.append(said)
        if found(said):
            break
    return evidence.length(tuple(heard))


def _after(evidence: Evidence, taken: Step, key: str) -> float:
    return max(evidence.from_step(t.step) or 0.0 for t in evidence.on(taken.state, KeyPressed, key))
