"""The faults that are known to change nothing, from `equivalent.txt`: no test could notice them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.mutants.faults import Fault

LIST = Path(__file__).parent / "equivalent.txt"


def _read(text: str) -> dict[tuple[str, ...], str]:
    """Paragraphs of four lines: file, its line, the change, the reason; what begins with # is a remark."""
    found = dict[tuple[str, ...], str]()
    for paragraph in "\n".join(line for line in text.splitlines() if not line.startswith("#")).split("\n\n"):
        if lines := [line.strip() for line in paragraph.splitlines() if line.strip()]:
            file, line, change, reason = lines
            found[file, line, change] = reason
    return found


KNOWN = _read(LIST.read_text(encoding="utf-8"))
"""File, line and change -> why it changes nothing."""


def is_equivalent(fault: Fault) -> bool:
    """Whether a fault is known to change nothing."""
    return fault.name in KNOWN


def outdated(faults: Iterable[Fault]) -> list[str]:
    """The entries that no fault belongs to any more."""
    return [f"{name[0]}: {name[2]}" for name in KNOWN.keys() - {fault.name for fault in faults}]
