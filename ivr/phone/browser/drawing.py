"""The flow as a drawing: nodes in columns by their distance from the start, exits as lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.core.flow import Flow

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 176, 30, 231, 44, 16
"""Size of a box, distance between boxes, and margin, in units of the drawing."""


@dataclass(frozen=True)
class Box:
    """A node: its name, its kind, and its upper left corner."""

    name: str
    kind: str
    x: int
    y: int

    @property
    def title(self) -> str:
        """The name, with spaces."""
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class Edge:
    """An exit: the names of both nodes, and its SVG path."""

    start: str
    end: str
    path: str


@dataclass(frozen=True)
class Drawing:
    """All boxes and edges, and the size of the drawing."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    width: int
    height: int


def drawing(flow: Flow) -> Drawing:
    """Place the nodes of a flow and draw its exits, but for the exits `up`."""
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
    """The distance of each node from the start, in exits; 0 for nodes that nothing leads to."""
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
