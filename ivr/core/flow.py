"""The flow and its kinds of node, as validated values. Terms are those of W3C VoiceXML 2.0 where it has one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, Literal, assert_never, get_args

from pydantic import Field, model_validator

from ivr.core.values import Frozen, written_as

Matter = Literal["guidance", "child", "help", "silent", "closed"]
"""What a call is about, as far as the line knows; the whisper tells it to the person who picks up (rule T2)."""

HELP, REPEAT, UP, HARMLESS = "0", "9", "*", "#"
"""Keys that mean the same everywhere (rules K1, K4)."""
PERSON = "1"
"""The key of a person in every menu but those of languages (rule K2)."""

NodeName = Annotated[str, written_as("[a-z][a-z0-9_]*", "this is not a name; write small letters, digits and _")]
TextId = Annotated[str, written_as("[a-z][a-z0-9_.]*", "this is no id; write small letters, digits, _ and dots")]
OptionKey = Annotated[
    str,
    written_as(
        "[1-5]",
        "a menu has only the keys 1 to 5; write one of them that is still free in this menu, or remove an option first",
    ),
]
SayKind = Literal["prompt", "unless_staff_speak_it", "now", "week", "number"]


class Target(Frozen):
    """Where an exit leads, and the matter from there on (None: unchanged)."""

    to: NodeName
    matter: Matter | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"to": value} if isinstance(value, str) else value


class SayItem(Frozen):
    """One thing that a node says.

    `prompt` names a text. `unless_staff_speak_it` names one that is said only in languages that the workers and 112
    may not speak (rules T1 and W5). `now` and `week` name a schedule. `number` names a contact whose public number is
    said digit by digit (rule W3). Written `- welcome.machine` for a prompt and `- now: phone` for the others.
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
        raise ValueError(f"write the id of a text, or one of {', '.join(get_args(SayKind)[1:])} with ':' and a name")


Say = tuple[SayItem, ...]


class _NodeBase(Frozen):
    """`optional`: a language that lacks a text of the node is offered without it. Only a page may be (rule K3)."""

    optional: bool = False


class Message(_NodeBase):
    """Says something and goes on; a key that interrupts it is taken by the next node that listens."""

    kind: Literal["message"]
    say: Say
    next: Target


class Hours(_NodeBase):
    """Leads to `open` or `closed`, as the schedule is at the moment when the node is entered."""

    kind: Literal["hours"]
    schedule: str
    open: Target
    closed: Target


class _MenuBase(_NodeBase):
    """What the two kinds of menu share. A failed try is a nomatch or a noinput (rule M3).

    `reprompt` is said at the second try; `exhausted` is where the call goes after the last.
    """

    say: Say = ()
    reprompt: Say = ()
    before_language: Say = ()
    tries: Annotated[int, Field(ge=1, le=2)] = 2
    exhausted: Target


class LanguageMenu(_MenuBase):
    """Lets every offered language name itself and its digit; `prefix`: the keys that lead here, none or 9."""

    kind: Literal["language_menu"]
    prefix: Annotated[str, written_as("9?", "write 9, or leave it out")] = ""
    choice: str
    more: NodeName | None = None
    up: NodeName | None = None
    chosen: Target


class Option(Target):
    """A key of a menu: where it leads and the text that offers it (None: it works, but is not said)."""

    say: str | None = None


class Menu(_MenuBase):
    """Says something, offers options 1-5, and listens.

    `noinput`: where silence leads, as a choice, without a second try (rule M4). `rounds`: how often a call may come
    here; the next time it goes on to `exhausted` at once, and until then the last failed try leads where silence does.
    """

    kind: Literal["menu", "page"]
    options: dict[OptionKey, Option]
    closing: Say = ()
    noinput: Target | None = None
    rounds: Annotated[int, Field(ge=1, le=9)] | None = None
    up: NodeName

    @model_validator(mode="after")
    def _rounds_go_on(self) -> Menu:
        if self.rounds and not self.noinput:
            raise ValueError("a menu with rounds needs 'noinput': where silence leads until the rounds are over")
        return self

    @property
    def after_last_try(self) -> Target:
        """Where the last failed try leads."""
        return (self.rounds and self.noinput) or self.exhausted


class PageShape(Frozen):
    """What all pages of information share: a page is a menu with these fields."""

    options: dict[OptionKey, Option]
    closing: Say
    noinput: Target
    exhausted: Target


class Transfer(_NodeBase):
    """Rings a contact. Keys are heard while it says `say`, not while it says `announce`."""

    kind: Literal["transfer"]
    contact: str
    say: Say = ()
    announce: Say
    before_language: Say
    answered: Target
    unanswered: Target
    up: NodeName


class Disconnect(_NodeBase):
    """Says its last words and ends the call."""

    kind: Literal["disconnect"]
    say: Say
    before_language: Say = ()
    language: str | None = None


Node = Message | Hours | LanguageMenu | Menu | Transfer | Disconnect


class TextRoles(Frozen):
    """The texts that the program and its rules ask for by their use: role -> id."""

    opening: TextId
    danger: TextId
    machine: TextId
    again: TextId
    hang_up: TextId
    calling: TextId
    say_language: TextId
    languages_of_112: TextId
    only_these_languages: TextId
    last_words: TextId
    number_follows: TextId
    stay: TextId
    goodbye: TextId
    whisper_press: TextId
    whisper_language: TextId
    whisper_no_language: TextId


class Flow(Frozen):
    """`flow.yaml`, validated: every node by name, the nodes and texts with a role, and the shape of a page.

    `language_known`: where a call begins whose language is known by the number dialled. `main_menu`: where a call
    goes on when the node where it waits no longer exists.
    """

    start: NodeName
    languages: NodeName
    language_known: NodeName
    main_menu: NodeName
    help: NodeName
    end: NodeName
    own_contact: NodeName
    roles: TextRoles
    page: PageShape
    nodes: dict[NodeName, Annotated[Node, Field(discriminator="kind")]]

    @model_validator(mode="before")
    @classmethod
    def _pages(cls, value: Any) -> Any:
        """Give every page the fields of the shape that all pages share."""
        if not (isinstance(value, dict) and isinstance(nodes := value.get("nodes"), dict)):
            return value
        shape = value.get("page")
        pages = {
            name: shape | node
            for name, node in nodes.items()
            if isinstance(node, dict) and node.get("kind") == "page" and isinstance(shape, dict)
        }
        return value | {"nodes": nodes | pages}

    def exits(self, name: str) -> Iterator[tuple[str, Target]]:
        """Every exit of a node and where it leads, keys first; without 0 and 9, which mean the same everywhere."""
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
                yield "exhausted", node.exhausted
            case Menu():
                yield from node.options.items()
                if node.noinput:
                    yield "noinput", node.noinput
                yield "exhausted", node.exhausted
                yield "up", Target(to=node.up)
            case Transfer():
                yield "answered", node.answered
                yield "unanswered", node.unanswered
                yield "up", Target(to=node.up)
            case Disconnect():
                pass
            case _:
                assert_never(node)

    def passing_exits(self, name: str) -> Iterator[tuple[str, Target]]:
        """The exits that a call can take in the same step in which it comes to a node, without an event."""
        node = self.nodes[name]
        if isinstance(node, (Message, Hours)):
            yield from self.exits(name)
        elif isinstance(node, Menu) and node.rounds:
            yield "exhausted", node.exhausted


def fingerprint(*parts: str) -> str:
    """Eight hexadecimal characters (of a SHA-256) that change when any part does."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]
