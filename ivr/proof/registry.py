"""Every rule of what a caller may count on, in one place: its id, its sentence, and how it is proved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from ivr.content.files import FLOW
from ivr.core.issue import Issue

if TYPE_CHECKING:
    from ivr.proof.evidence import Evidence

By = Literal["walk", "text", "flow", "sound", "test", "not yet"]
"""`walk`: by every state; `text`: by every sentence; `flow`: by the shape; `sound`: by every clip; `test`: by it."""
ORDER = "KMFTWSP"
"""The letters of the rules, in the order in which they are told."""


class Finding(NamedTuple):
    """What looking for counterexamples came to: what was looked at, in words, and what speaks against the rule."""

    detail: str
    counterexamples: Iterable[Issue] = ()


class NotYet(Exception):
    """A rule cannot be proved yet; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One rule of what a caller may count on, and whether this content keeps it."""

    rule: str
    by: By
    detail: str
    counterexamples: tuple[Issue, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing spoke against it."""
        return not self.counterexamples


@dataclass(frozen=True)
class Rule:
    """One rule. `shown_by` is the function that looks for counterexamples, or the path of the test that proves it."""

    id: str
    sentence: str
    by: By
    shown_by: Callable[[Evidence], Finding] | str

    def prove(self, evidence: Evidence) -> Proof:
        """Look for counterexamples; each is told once, with the rule's id before its message."""
        if isinstance(self.shown_by, str):
            return Proof(self.id, self.by, self.shown_by)
        try:
            finding = self.shown_by(evidence)
        except NotYet as missing:
            return Proof(self.id, "not yet", str(missing))
        found = dict.fromkeys(finding.counterexamples)
        named = tuple(replace(issue, message=f"rule {self.id}: {issue.message}") for issue in found)
        return Proof(self.id, self.by, finding.detail, named)


_RULES: dict[str, Rule] = {}


def rule(id_: str, by: By, sentence: str) -> Callable[[Callable[[Evidence], Finding]], Callable[[Evidence], Finding]]:
    """Enter the rule that a function proves; ValueError if the id is taken."""

    def enter(function: Callable[[Evidence], Finding]) -> Callable[[Evidence], Finding]:
        _enter(Rule(id_, sentence, by, function))
        return function

    return enter


def rule_by_test(id_: str, test: str, sentence: str) -> None:
    """Enter a rule that a test proves."""
    _enter(Rule(id_, sentence, "test", test))


def _enter(new: Rule) -> None:
    if new.id in _RULES:
        raise ValueError(f"rule {new.id} stands twice; give the new one an id of its own")
    _RULES[new.id] = new


def rules() -> Mapping[str, Rule]:
    """Every rule by id, in their order."""
    import ivr.proof.rules  # noqa: F401 - which enters them

    return {id_: _RULES[id_] for id_ in sorted(_RULES, key=lambda id_: (ORDER.find(id_[0]), int(id_[1:])))}


def counterexample(node: str, message: str, remedy: str = "Mend the flow, or the text") -> Issue:
    """A counterexample at a node of the flow."""
    return Issue("broken", FLOW, ("nodes", node), message, remedy)
