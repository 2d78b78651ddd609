"""Charts as SVG. Each stands in a table that says the same in numbers, and is hidden from screen readers.

There is neither style nor script in them: a class says what a part is, and counts.css how that looks on paper, in the
dark and in forced colours. Where colours alone would tell two parts apart, one is hatched.
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

HATCHED = frozenset({"failed"})
"""Parts that are drawn by the pattern `hatch`, which the page defines once."""

_FRAME = Markup('<svg class="{}" width="100%" height="100%" aria-hidden="true" focusable="false">{}</svg>')
_PART = Markup('<rect class="{}" x="{:.2f}%" width="{:.2f}%" height="100%"{}/>')
_HATCH = Markup(' fill="url(#hatch)"')


def stacked(parts: Mapping[str, int]) -> Markup:
    """Parts of a whole side by side, by their kind; nothing where all are 0."""
    whole, drawn, begins = sum(parts.values()), Markup(), 0
    for kind, count in parts.items():
        if count:
            hatch = _HATCH if kind in HATCHED else ""
            drawn += _PART.format(f"part {kind}", 100 * begins / whole, 100 * count / whole, hatch)
        begins += count
    return _FRAME.format("chart", drawn) if whole else Markup()


def bar(part: int, whole: int, kind: str) -> Markup:
    """A part on the track of its whole; nothing where there is no whole."""
    return stacked({kind: part, "rest": max(0, whole - part)}) if whole else Markup()


def swatch(kind: str) -> Markup:
    """How a kind of part is drawn, for the legend."""
    return _FRAME.format("swatch", _PART.format(f"part {kind}", 0, 100, _HATCH if kind in HATCHED else ""))
