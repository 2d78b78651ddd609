"""The six kinds of node a flow is made of, as validated values. Words as in W3C VoiceXML where it has one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, assert_never, get_args

from pydantic import Field, StringConstraints, model_validator

from ivr.core.values import Frozen

About = Literal["guidance", "child", "help", "silent", "closed"]
"""What the person who answers is told: the matter, as far as the line knows it."""

HELP, PERSON, AGAIN, UP, HARMLESS = "0", "1", "9", "*", "#"
"""Keys that mean the same everywhere (rules K1, K2, K4)."""

NodeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
OptionKey = Annotated[str, StringConstraints(pattern=r"^[1-5]$")]
SayKind = Literal["prompt", "foreign", "now", "week", "number"]


class Target(Frozen):
    """Where an exit leads, and what the call is about from there on (None: unchanged)."""

    to: NodeName
    about: About | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"to": value} if isinstance(value, str) else value


class SayItem(Frozen):
    """One thing that a node says.

    `prompt` and `foreign` name a prompt (`foreign`: only in languages that workers and 112 may not speak, rules
    T1 and W5); `now` and `week` name a schedule; `number` names a contact whose public number is said digit by
    digit (rule W3). Written `- main.press` for a prompt and `- now: phone` for the others.
    """

    kind: SayKind
    name: str

    @model_validator(mode="before")
    @classmethod
    def _from_yaml(cls, value: Any) -> Any:
        match value:
            case str():
                return {"kind": "prompt", "name": value}
            case dict() if len(value) == 1 and (kind := next(iter(value))) in get_args(SayKind):
                return {"kind": kind, "name": value[kind]}
            case dict() if set(value) == {"kind", "name"}:
                return value
        raise ValueError("write the id of a prompt, or one of 'now:', 'week:', 'number:', 'foreign:' and a name")


Say = tuple[SayItem, ...]


class Message(Frozen):
    """Says something and goes on; its sentences join the next node that listens, so keys work during them."""

    kind: Literal["message"]
    say: Say
    next: Target


class Hours(Frozen):
    """Branches by a schedule, at the moment it is entered."""

    kind: Literal["hours"]
    schedule: str
    open: Target
    closed: Target


class _Asking(Frozen):
    """What the two kinds of menu share: a failed try is a wrong key or no key (rule M3)."""

    say: Say = ()
    again: Say = ()
    before_language: Say = ()
    tries: Annotated[int, Field(ge=1, le=2)] = 2
    failed: Target


class LanguageMenu(_Asking):
    """Lets every offered language name itself and its digit; `page` is the digit path before its own digits."""

    kind: Literal["language_menu"]
    page: Annotated[str, StringConstraints(pattern=r"^9?$")] = ""
    choice: str
    more: NodeName | None = None
    up: NodeName | None = None
    chosen: Target


class Option(Target):
    """A key of a menu: where it leads and the prompt that offers it (None: works, but is not said)."""

    say: str | None = None


class Menu(_Asking):
    """Says something, offers options 1-5, and listens. `waiting`: silence is a choice, not a failed try (rule M4)."""

    kind: Literal["menu"]
    options: dict[OptionKey, Option]
    closing: Say = ()
    waiting: Target | None = None
    up: NodeName


class Transfer(Frozen):
    """Rings a contact. Keys are heard while it says `say`, not while it says `announce`."""

    kind: Literal["transfer"]
    contact: str
    say: Say = ()
    announce: Say
    before_language: Say
    answered: Target
    unanswered: Target
    up: NodeName


class Disconnect(Frozen):
    """Says its last words and ends the call."""

    kind: Literal["disconnect"]
    say: Say
    before_language: Say = ()
    language: str | None = None


Node = Message | Hours | LanguageMenu | Menu | Transfer | Disconnect


class Flow(Frozen):
    """Every node by name, and the nodes that the rules need by role.

    `language_known`: where a call begins whose language is known by the number dialled.
    """

    start: NodeName
    languages: NodeName
    language_known: NodeName
    help: NodeName
    end: NodeName
    own_contact: NodeName
    nodes: dict[NodeName, Annotated[Node, Field(discriminator="kind")]]

    def exits(self, name: str) -> Iterator[tuple[str, Target]]:
        """Every exit of a node and where it leads, keys first; the keys 0 and 9 are the same everywhere."""
        node = self.nodes[name]
        match node:
            case Message():
                yield "next", node.next
            case Hours():
                yield "open", node.open
                yield "closed", node.closed
            case LanguageMenu():
                yield "chosen", node.chosen
                yield from ((exit_, Target(to=to)) for exit_, to in (("more", node.more), ("up", node.up)) if to)
                yield "failed", node.failed
            case Menu():
                yield from node.options.items()
                if node.waiting:
                    yield "waiting", node.waiting
                yield "failed", node.failed
                yield "up", Target(to=node.up)
            case Transfer():
                yield "answered", node.answered
                yield "unanswered", node.unanswered
                yield "up", Target(to=node.up)
            case Disconnect():
                pass
            case _:
                assert_never(node)


def fingerprint(keys: Mapping[str, str]) -> str:
    """Eight hexadecimal characters that change when any key leads elsewhere."""
    text = "\n".join(f"{key}={target}" for key, target in sorted(keys.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:8]
