"""The registry of rules: the id of each, its sentence, and how it is proved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from ivr.content.files import FLOW
from ivr.core.issue import Issue

if TYPE_CHECKING:
    from ivr.proof.evidence import Evidence

By = Literal["walk", "text", "flow", "sound", "test", "not yet"]
"""What is searched: every state (`walk`), sentence (`text`), node (`flow`) or clip (`sound`); or a test proves it."""
Reads = Literal["moves", "words"]
"""What a proof depends on: where calls go and the ids of what is said (`moves`), or also on words, hours and seconds.

Who proves a rule by `moves` must read no more: its result is kept while the moves stay the same (`ivr.proof.moves`).
"""
ORDER = "KMFTWSPO"
"""The letters of the rules, in the order in which they are listed."""


class Finding(NamedTuple):
    """The result of a search for counterexamples: in words, what was searched and measured; and what was found."""

    detail: str
    counterexamples: Iterable[Issue] = ()


class NotYet(Exception):
    """A rule cannot be proved yet; the message says what is missing and the remedy."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The result for one rule and one content: it holds if there are no counterexamples."""

    rule: str
    by: By
    detail: str
    counterexamples: tuple[Issue, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether there are no counterexamples."""
        return not self.counterexamples


@dataclass(frozen=True)
class Rule:
    """One rule.

    `shown_by`: the function that searches for counterexamples, or the path of the test that proves it. `reads`: what
    that function depends on.
    """

    id: str
    sentence: str
    by: By
    shown_by: Callable[[Evidence], Finding] | str
    reads: Reads = "words"

    def prove(self, evidence: Evidence) -> Proof:
        """Search for counterexamples; each is listed once, with the id of the rule before its message."""
        if isinstance(self.shown_by, str):
            return Proof(self.id, self.by, self.shown_by)
        try:
            finding = self.shown_by(evidence)
        except NotYet as missing:
            return Proof(self.id, "not yet", str(missing))
        different = dict.fromkeys(finding.counterexamples)
        issues = tuple(replace(issue, message=f"rule {self.id}: {issue.message}") for issue in different)
        return Proof(self.id, self.by, finding.detail, issues)


_RULES: dict[str, Rule] = {}


def rule(
    id_: str, by: By, sentence: str, *, reads: Reads = "words"
) -> Callable[[Callable[[Evidence], Finding]], Callable[[Evidence], Finding]]:
    """A decorator that registers the rule which a function proves; ValueError if the id is taken."""

    def register(function: Callable[[Evidence], Finding]) -> Callable[[Evidence], Finding]:
        _register(Rule(id_, sentence, by, function, reads))
        return function

    return register


def rule_by_test(id_: str, test: str, sentence: str) -> None:
    """Register a rule that a test proves."""
    _register(Rule(id_, sentence, "test", test))


def _register(new: Rule) -> None:
    if new.id in _RULES:
        raise ValueError(f"rule {new.id} stands twice; give the new one an id of its own")
    _RULES[new.id] = new


def rules() -> Mapping[str, Rule]:
    """Every rule by id, sorted by `ORDER` and number."""
    import ivr.proof.rules  # noqa: F401 - registers them

    return {id_: _RULES[id_] for id_ in sorted(_RULES, key=lambda id_: (ORDER.find(id_[0]), int(id_[1:])))}


def counterexample(
    node: str, message: str, remedy: str = "Correct the flow, or the text", language: str | None = None
) -> Issue:
    """A counterexample at a node of the flow, in one language or in all, as a broken issue of flow.yaml."""
    return Issue("broken", FLOW, ("nodes", node), message, remedy, language)
