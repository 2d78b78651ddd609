"""The flow as a drawing: nodes in columns by how far they are from the start, exits as lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.core.flow import Flow

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 150, 30, 205, 44, 16
"""Of a node, and from one to the next, in units of the drawing."""


@dataclass(frozen=True)
class Box:
    """A node: its place and what it is."""

    name: str
    kind: str
    x: int
    y: int

    @property
    def title(self) -> str:
        """Its name as words."""
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class Edge:
    """An exit: from which node to which, and its path in SVG."""

    start: str
    end: str
    path: str


@dataclass(frozen=True)
class Drawing:
    """Everything that is drawn, and how large it is."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    width: int
    height: int


def drawing(flow: Flow) -> Drawing:
    """Lay a flow out."""
    columns = _columns(flow)
    rows: dict[int, int] = defaultdict(int)
    boxes = dict[str, Box]()
    for name, column in columns.items():
        y = MARGIN + rows[column] * DOWN
        rows[column] += 1
        boxes[name] = Box(name, flow.nodes[name].kind, MARGIN + column * ACROSS, y)
    exits = ((name, exit_, target.to) for name in flow.nodes for exit_, target in flow.exits(name))
    pairs = dict.fromkeys((name, to) for name, exit_, to in exits if exit_ != "up")
    edges = tuple(Edge(a, b, _path(boxes[a], boxes[b])) for a, b in pairs if a != b)
    width = MARGIN + (max(columns.values()) + 1) * ACROSS
    return Drawing(tuple(boxes.values()), edges, width, MARGIN + max(rows.values()) * DOWN)


def _columns(flow: Flow) -> Mapping[str, int]:
    """How many exits each node is from the start, those that nothing leads to at the end of the first column."""
    found, waiting = {flow.start: 0}, [flow.start]
    while waiting:
        name = waiting.pop(0)
        for exit_, target in flow.exits(name):
            if exit_ != "up" and target.to not in found:
                found[target.to] = found[name] + 1
                waiting.append(target.to)
    return found | {name: 0 for name in flow.nodes if name not in found}


def _path(start: Box, end: Box) -> str:
    """A curve from the right side of a box to the left side of another; backwards below both."""
    x1, y1 = start.x + WIDTH, start.y + HEIGHT // 2
    x2, y2 = end.x, end.y + HEIGHT // 2
    if x2 > x1:
        bend = (x2 - x1) // 2
        return f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    below = max(start.y, end.y) + HEIGHT + 8
    return f"M{x1} {y1} C{x1 + 30} {below} {x2 - 30} {below} {x2} {y2}"
