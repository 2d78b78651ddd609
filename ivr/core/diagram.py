"""The flow as a Mermaid flowchart, for the office and for reviewers."""

from __future__ import annotations

from ivr.core.flow import Disconnect, Flow, Hours, LanguageMenu, Menu, Message, Node, Transfer

SHAPES: dict[type, tuple[str, str]] = {
    Message: ("[", "]"),
    Hours: ("{", "}"),
    LanguageMenu: ("[/", "/]"),
    Menu: ("[/", "/]"),
    Transfer: ("([", "])"),
    Disconnect: ("(((", ")))"),
}
"""The opening and closing brackets of each kind of node in Mermaid."""


def mermaid(flow: Flow) -> str:
    """Draw every node and every exit but `*`, 0 and 9, which lead up and to help from everywhere.

    Exits of a node that lead to the same place share an arrow. A page is marked that a language may lack.
    """
    lines = ["flowchart TD"]
    for name, node in flow.nodes.items():
        opening, closing = SHAPES[type(node)]
        lines.append(f'  {name}{opening}"{_label(name, node)}"{closing}')
    for name in flow.nodes:
        targets: dict[str, list[str]] = {}
        for exit_, target in flow.exits(name):
            if exit_ != "up":
                targets.setdefault(target.to, []).append(exit_)
        for to, exits in targets.items():
            label = "" if exits == ["next"] else f"|{', '.join(exits)}|"
            lines.append(f"  {name} -->{label} {to}")
    return "\n".join(lines) + "\n"


def _label(name: str, node: Node) -> str:
    words = name.replace("_", " ")
    match node:
        case Transfer():
            return f"{words}<br>rings {node.contact.replace('_', ' ')}"
        case Menu() if node.optional:
            return f"{words}<br>optional"
        case Hours():
            return f"{words}: {node.schedule.replace('_', ' ')} open?"
        case _:
            return words
