"""The drawing of the flow: every node by its kind, and every exit but those that lead from everywhere."""

from __future__ import annotations

import re

from ivr.core.content import Content
from ivr.core.diagram import mermaid

ARROW = re.compile(r"  (\w+) -->(?:\|(.*)\|)? (\w+)")


def test_every_node_is_drawn_by_its_kind(content: Content) -> None:
    lines = mermaid(content.flow).splitlines()
    assert lines[0] == "flowchart TD"
    assert {re.split(r"\W", line.strip())[0] for line in lines[1:]} == {*content.flow.nodes}
    assert '  on_call(["on call<br>rings on call"])' in lines
    assert '  person{"person: phone open?"}' in lines
    assert '  choose_language[/"choose language"/]' in lines
    assert '  goodbye((("goodbye")))' in lines


def test_every_exit_is_drawn_but_star(content: Content) -> None:
    arrows = [found.groups() for line in mermaid(content.flow).splitlines() if (found := ARROW.fullmatch(line))]
    drawn = {(name, exit_, to) for name, exits, to in arrows for exit_ in (exits or "next").split(", ")}
    exits = {(name, exit_, target.to) for name in content.flow.nodes for exit_, target in content.flow.exits(name)}
    assert drawn == {(name, exit_, to) for name, exit_, to in exits if exit_ != "up"}
    assert len(arrows) == len({(name, to) for name, _, to in arrows}), "one arrow between two nodes"
