"""The flow as a Mermaid diagram: what the office and a reviewer look at."""

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
UNDRAWN = frozenset({"up"})
"""`*` leads up from everywhere, and 0 to urgent help: drawn, they would hide all else."""


def mermaid(flow: Flow) -> str:
    """Draw every node and every exit but `*`, 0 and 9; exits of a node that lead to the same place share an arrow."""
    lines = ["flowchart TD"]
    for name, node in flow.nodes.items():
        opening, closing = SHAPES[type(node)]
        lines.append(f'  {name}{opening}"{_label(name, node)}"{closing}')
    for name in flow.nodes:
        targets: dict[str, list[str]] = {}
        for exit_, target in flow.exits(name):
            if exit_ not in UNDRAWN:
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
        case Hours():
            return f"{words}: {node.schedule.replace('_', ' ')} open?"
        case _:
            return words
