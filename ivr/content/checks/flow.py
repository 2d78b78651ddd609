"""Checks of flow.yaml that need no walk: every name is known, and every message leads to a node that listens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache

from ivr.content.files import FLOW, OFFICE
from ivr.core.flow import PERSON, Disconnect, Flow, Hours, LanguageMenu, Menu, Message, Node, SayItem, Target, Transfer
from ivr.core.issue import Issue
from ivr.core.languages import Languages
from ivr.core.office import ON_CALL, Office
from ivr.core.prompts import LANGUAGE_NAMES, STAFF

NAMED_NODES: dict[str, tuple[type, str]] = {
    "languages": (LanguageMenu, "a language_menu"),
    "language_known": (Message, "a message"),
    "help": (Transfer, "a transfer"),
    "end": (Disconnect, "a disconnect"),
    "own_contact": (Disconnect, "a disconnect"),
}
WITHOUT_KEYS = (Transfer, Disconnect)
"""Kinds of node in which the keys of a menu are not heard."""
NEVER_LEFT_OUT = ("child", "help")
"""Matters of options that every language must have."""
Place = tuple[str, ...]
"""Path of keys into flow.yaml."""


def check_flow(flow: Flow, office: Office, languages: Languages) -> list[Issue]:
    """All faults of the flow that can be found without walking it."""
    return [
        *_targets_exist(flow),
        *_named_nodes_fit(flow),
        *_names_are_known(flow, office, languages),
        *_messages_lead_to_listening(flow),
        *_nodes_are_reachable(flow),
        *_only_pages_are_optional(flow),
        *_pages_have_words(flow),
        *_callers_hear_no_texts_of_the_staff(flow),
        *_optional_pages_are_chosen_by_a_key(flow),
    ]


def said_items(flow: Flow) -> Iterator[tuple[Place, SayItem]]:
    """Every item that a node says, with its place in the file; the name of an option counts as a prompt."""
    for name, node in flow.nodes.items():
        for part in _parts_said(type(node)):
            for index, item in enumerate(getattr(node, part)):
                yield ("nodes", name, part, str(index)), item
        match node:
            case LanguageMenu():
                yield ("nodes", name, "choice"), _prompt(node.choice)
            case Menu():
                for key, option in node.options.items():
                    if option.say:
                        yield ("nodes", name, "options", key, "say"), _prompt(option.say)


@cache
def _parts_said(kind: type[Node]) -> tuple[str, ...]:
    """The fields of a kind of node that are lists of what it says."""
    return tuple(
        part for part in ("say", "reprompt", "before_language", "closing", "announce") if part in kind.model_fields
    )


@lru_cache(maxsize=1024)
def _prompt(name: str) -> SayItem:
    return SayItem(kind="prompt", name=name)


def _targets(flow: Flow) -> Iterator[tuple[Place, str]]:
    """Every name of a node in the file, with its place."""
    for role in ("start", "main_menu", *NAMED_NODES):
        yield (role,), getattr(flow, role)
    for name, node in flow.nodes.items():
        for exit_, target in flow.exits(name):
            part = ("options", exit_) if isinstance(node, Menu) and exit_ in node.options else (exit_,)
            yield ("nodes", name, *part), target.to


def _broken(place: Place, message: str, remedy: str) -> Issue:
    return Issue("broken", FLOW, place, message, remedy)


def _targets_exist(flow: Flow) -> Iterator[Issue]:
    for place, target in _targets(flow):
        if target not in flow.nodes:
            yield _broken(place, f"{'.'.join(place)} leads to '{target}', which is no node", "Correct or add the node")


def _named_nodes_fit(flow: Flow) -> Iterator[Issue]:
    for role, (kind, name) in NAMED_NODES.items():
        node = flow.nodes.get(getattr(flow, role))
        if node and not isinstance(node, kind):
            yield _broken((role,), f"{role}: '{getattr(flow, role)}' is not {name}", f"Name {name}")
    help_ = flow.nodes.get(flow.help)
    if isinstance(help_, Transfer) and help_.contact != ON_CALL:
        yield _broken(("help",), f"help rings {help_.contact}", f"Name a transfer to {ON_CALL} (rule K1)")


def _names_are_known(flow: Flow, office: Office, languages: Languages) -> Iterator[Issue]:
    for name, node in flow.nodes.items():
        match node:
            case Hours() if node.schedule not in office.hours:
                yield _broken(("nodes", name, "schedule"), f"no hours '{node.schedule}'", "Add them to office.yaml")
            case Transfer() if node.contact not in office.contacts:
                yield _broken(("nodes", name, "contact"), f"no contact '{node.contact}'", "Add it to office.yaml")
            case Disconnect() if node.language and node.language not in languages.languages:
                yield _broken(("nodes", name, "language"), f"no language '{node.language}'", "Correct it")
    for number, code in office.languages_by_number.items():
        if code not in languages.languages:
            where = ("languages_by_number", number)
            yield Issue("broken", OFFICE, where, f"no language '{code}'", "Correct it, or add it to languages.yaml")
    for place, item in said_items(flow):
        if item.kind in ("now", "week") and item.name not in office.hours:
            yield _broken(place, f"no hours '{item.name}'", "Add them to office.yaml")
        if item.kind == "number" and not (contact := office.contacts.get(item.name)):
            yield _broken(place, f"no contact '{item.name}'", "Add it to office.yaml")
        elif item.kind == "number" and contact and not contact.number:
            yield _broken(place, f"{item.name} has no number to say", "Add its public number to office.yaml")


def _messages_lead_to_listening(flow: Flow) -> Iterator[Issue]:
    """A message is played while the next node listens for keys: it must lead to a menu, and not in circles."""
    for name, node in flow.nodes.items():
        for exit_, target in flow.passing_exits(name):
            entered = _reached([target.to], flow, flow.passing_exits)  # at once, whichever schedules are open
            place = ("nodes", name, exit_)
            if name in entered:
                yield _broken(place, f"'{name}' leads back to itself without ever waiting", "Lead it to a menu")
            elif isinstance(node, Message) and any(isinstance(flow.nodes[to], WITHOUT_KEYS) for to in entered):
                yield _broken(place, f"after '{name}' nobody listens for a key", "Lead a message to a menu")


def _nodes_are_reachable(flow: Flow) -> Iterator[Issue]:
    reached = _reached([flow.start, flow.main_menu, *(getattr(flow, role) for role in NAMED_NODES)], flow, flow.exits)
    for name in flow.nodes.keys() - reached:
        yield Issue("note", FLOW, ("nodes", name), f"no call ever comes to '{name}'", "Lead to it, or remove it")


def _only_pages_are_optional(flow: Flow) -> Iterator[Issue]:
    """Neither a person, a child and urgent help, nor opening hours and numbers may be missing in a language."""
    for name, node in flow.nodes.items():
        if not node.optional:
            continue
        place, remedy = ("nodes", name, "optional"), "Remove 'optional'"
        if node.kind != "page":
            what = f"'{name}' is a {node.kind}, and every language must have it; only a page may be optional"
            yield _broken(place, what, remedy)
        elif any(item.kind in ("now", "week", "number") for item in node.say):
            what = f"'{name}' tells opening hours or a phone number, and every language must have these"
            yield _broken(place, what, remedy)


def _pages_have_words(flow: Flow) -> Iterator[Issue]:
    for name, node in flow.nodes.items():
        if node.kind == "page" and not node.say:
            yield _broken(("nodes", name, "say"), f"'{name}' is a page that says nothing", "Name its texts behind say:")


def _callers_hear_no_texts_of_the_staff(flow: Flow) -> Iterator[Issue]:
    """The texts for those who answer are in their language only: in another the caller would hear nothing."""
    for place, item in said_items(flow):
        node = flow.nodes[place[1]]
        if item.name.startswith((STAFF, LANGUAGE_NAMES)) and not (isinstance(node, Disconnect) and node.language):
            remedy = "Name a text for callers, or write one in prompts.pot"
            yield _broken(place, f"'{item.name}' is for those who answer, not for callers", remedy)


def _optional_pages_are_chosen_by_a_key(flow: Flow) -> Iterator[Issue]:
    """A language that lacks a page leaves out the option that leads to it; nothing else may, but `*` from below it."""
    for place, target in _targets(flow):
        if not (target in flow.nodes and flow.nodes[target].optional):
            continue
        node = flow.nodes.get(place[1]) if len(place) > 1 else None
        option = node.options.get(place[-1]) if isinstance(node, Menu) and "options" in place else None
        if place[-1] == "up" or (option and place[-1] != PERSON and option.matter not in NEVER_LEFT_OUT):
            continue
        what = f"{'.'.join(place)} leads to '{target}', which is optional: a caller whose language lacks it has no way"
        remedy = "Lead elsewhere, or remove its 'optional': only keys 2 to 5 may lead to it, not for a child or help"
        yield _broken(place, what, remedy)


def _reached(first: Iterable[str], flow: Flow, exits: Callable[[str], Iterator[tuple[str, Target]]]) -> set[str]:
    """The nodes that a call can come to from some on, by certain exits."""
    reached, ahead = set[str](), list(first)
    while ahead:
        name = ahead.pop()
        if name in flow.nodes and name not in reached:
            reached.add(name)
            ahead += [target.to for _, target in exits(name)]
    return reached
