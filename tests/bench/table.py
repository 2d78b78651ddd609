"""Rows of the printed tables."""

from __future__ import annotations

HEAD = "| what | it | beside | ratio |\n|---|---|---|---|"


def row(what: str, ours: float, theirs: float | None = None, digits: int = 0) -> str:
    """A measure, what stands beside it, and the ratio of the two."""
    if theirs is None:
        return f"| {what} | {ours:.{digits}f} | | |"
    return f"| {what} | {ours:.{digits}f} | {theirs:.{digits}f} | {ours / theirs:.2f} |"


def cell(value: float, floor: float, digits: int) -> str:
    """A measure, and in brackets its ratio to the floor's."""
    return f"{value:.{digits}f} ({value / floor:.2f})"
