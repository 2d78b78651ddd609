"""What a proof is: which rule, how it was shown, and what spoke against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ivr.core.issue import Issue

How = Literal["walk", "text", "flow", "sound", "test", "not yet"]
"""`walk`: by every state; `text`: by every sentence; `flow`: by the shape; `sound`: by every clip; `test`: by it."""
FLOW = "prompts/flow.yaml"


@dataclass(frozen=True, slots=True)
class Proof:
    """One rule of what a caller may count on, and whether this content keeps it."""

    rule: str
    how: How
    detail: str
    against: tuple[Issue, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing spoke against it."""
        return not self.against


def proof(rule: str, how: How, detail: str, against: Iterable[Issue] = ()) -> Proof:
    """A proof whose counter-examples are told once each, a few of many."""
    return Proof(rule, how, detail, tuple(dict.fromkeys(against)))


def against(rule: str, node: str, message: str, remedy: str = "Mend the flow, or the text") -> Issue:
    """A counter-example at a node of the flow."""
    return Issue("broken", FLOW, ("nodes", node), f"rule {rule}: {message}", remedy)
