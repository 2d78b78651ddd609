"""Is the flow whole? Every exit leads somewhere, every name is known, nothing waits for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ivr.content.files import FLOW, OFFICE
from ivr.core.flow import Disconnect, Flow, Hours, LanguageMenu, Menu, Message, SayItem, Transfer
from ivr.core.issue import Issue
from ivr.core.languages import Languages
from ivr.core.office import ON_CALL, Office

NAMED_NODES: dict[str, tuple[type, str]] = {
    "languages": (LanguageMenu, "a language_menu"),
    "language_known": (Message, "a message"),
    "help": (Transfer, "a transfer"),
    "end": (Disconnect, "a disconnect"),
    "own_contact": (Disconnect, "a disconnect"),
}
PASSING, DEAF = (Message, Hours), (Transfer, Disconnect)
"""Kinds of node that never wait, and those that wait but hear no key of a menu."""
Place = tuple[str, ...]


def check_flow(flow: Flow, office: Office, languages: Languages) -> list[Issue]:
    """Every fault of the flow that needs no walk to be seen."""
    checks: tuple[Callable[[Flow, Office, Languages], Iterator[Issue]], ...] = (
        _targets_exist,
        _named_nodes_fit,
        _names_are_known,
        _messages_lead_to_listening,
        _nothing_is_unreachable,
    )
    return [issue for check in checks for issue in check(flow, office, languages)]


def says(flow: Flow) -> Iterator[tuple[Place, SayItem]]:
    """Every item that any node says, and its place in the file; options come as the prompts they are."""
    for name, node in flow.nodes.items():
        for part in ("say", "reprompt", "before_language", "closing", "announce"):
            for index, item in enumerate(getattr(node, part, ())):
                yield ("nodes", name, part, str(index)), item
        match node:
            case LanguageMenu():
                yield ("nodes", name, "choice"), SayItem(kind="prompt", name=node.choice)
            case Menu():
                for key, option in node.options.items():
                    if option.say:
                        yield ("nodes", name, "options", key, "say"), SayItem(kind="prompt", name=option.say)
            case _:
                pass


def _targets(flow: Flow) -> Iterator[tuple[Place, str]]:
    for role in ("start", "main_menu", *NAMED_NODES):
        yield (role,), getattr(flow, role)
    for name, node in flow.nodes.items():
        for exit_, target in flow.exits(name):
            options = isinstance(node, Menu) and exit_ in node.options
            yield ("nodes", name, *(("options", exit_) if options else (exit_,))), target.to


def _broken(place: Place, message: str, remedy: str) -> Issue:
    return Issue("broken", FLOW, place, message, remedy)


def _targets_exist(flow: Flow, _office: Office, _languages: Languages) -> Iterator[Issue]:
    for place, target in _targets(flow):
        if target not in flow.nodes:
            yield _broken(place, f"{'.'.join(place)} leads to '{target}', which is no node", "Correct or add the node")


def _named_nodes_fit(flow: Flow, _office: Office, _languages: Languages) -> Iterator[Issue]:
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
            case _:
                pass
    for number, code in office.languages_by_number.items():
        if code not in languages.languages:
            where = ("languages_by_number", number)
            yield Issue("broken", OFFICE, where, f"no language '{code}'", "Correct it, or add it to languages.yaml")
    for place, item in says(flow):
        if item.kind in ("now", "week") and item.name not in office.hours:
            yield _broken(place, f"no hours '{item.name}'", "Add them to office.yaml")
        if item.kind == "number" and not (contact := office.contacts.get(item.name)):
            yield _broken(place, f"no contact '{item.name}'", "Add it to office.yaml")
        elif item.kind == "number" and contact and not contact.number:
            yield _broken(place, f"{item.name} has no number to say", "Add its public number to office.yaml")


def _messages_lead_to_listening(flow: Flow, _office: Office, _languages: Languages) -> Iterator[Issue]:
    """What a message says is played while the next node listens: it must lead to a menu, and not in circles."""
    for name, node in flow.nodes.items():
        if not isinstance(node, PASSING):
            continue
        for exit_, target in flow.exits(name):
            entered = _entered(flow, target.to)
            place = ("nodes", name, exit_)
            if name in entered:
                yield _broken(place, f"'{name}' leads back to itself without ever waiting", "Lead it to a menu")
            elif isinstance(node, Message) and any(isinstance(flow.nodes[to], DEAF) for to in entered):
                yield _broken(place, f"after '{name}' nobody listens for a key", "Lead a message to a menu")


def _entered(flow: Flow, first: str) -> set[str]:
    """The nodes that a call enters at once from one onwards, whichever schedules are open."""
    entered, ahead = set[str](), [first]
    while ahead:
        name = ahead.pop()
        if name in flow.nodes and name not in entered:
            entered.add(name)
            if isinstance(flow.nodes[name], PASSING):
                ahead += [target.to for _, target in flow.exits(name)]
    return entered


def _nothing_is_unreachable(flow: Flow, _office: Office, _languages: Languages) -> Iterator[Issue]:
    reached, waiting = set[str](), [flow.start, flow.main_menu, *(getattr(flow, role) for role in NAMED_NODES)]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in flow.nodes:
            reached.add(name)
            waiting += [target.to for _, target in flow.exits(name)]
    for name in flow.nodes.keys() - reached:
        yield Issue("note", FLOW, ("nodes", name), f"no call ever comes to '{name}'", "Lead to it, or remove it")
