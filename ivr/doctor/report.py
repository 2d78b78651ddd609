"""What was found, for people and for programs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime

from ivr.doctor.finding import CheckResult

NARROW, WIDE = 60, 120
"""Columns of the least and the most that a line has."""


def blocks(found: Sequence[CheckResult]) -> int:
    """How many things have to be mended before callers are led here."""
    return sum(each.blocks for each in found)


def as_json(found: Sequence[CheckResult], now: datetime) -> str:
    """One object: when, how much blocks, and the findings in order."""
    told = {
        "at": now.isoformat(timespec="seconds"),
        "blocks": blocks(found),
        "findings": [each.as_json() for each in found],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def as_text(found: Sequence[CheckResult], columns: int) -> str:
    """What blocks, in the order in which it is mended; then what is wrong besides, not known, waiting, and right."""
    width = max(NARROW, min(columns, WIDE))
    blocking = [each for each in found if each.blocks]
    wrong = [each for each in found if each.state == "wrong" and not each.blocks]
    unseen = [each for each in found if each.state == "unknown" and not each.blocks]
    lines = list[str]()
    for title, findings in (("To do, in this order:", blocking), ("Worth a look:", wrong), ("Not known:", unseen)):
        if findings:
            lines.append(title)
            lines += _listed(findings, width)
    if waiting := [each.check for each in found if each.state == "waits"]:
        lines += _wrapped("Wait for that: ", ", ".join(dict.fromkeys(waiting)), width)
    if right := [each for each in found if each.state == "ok"]:
        lines += _wrapped("Right: ", ", ".join(each.check for each in right), width)
    lines.append(_verdict(found))
    return "\n".join(lines)


def _listed(findings: Sequence[CheckResult], width: int) -> Iterator[str]:
    digits = len(str(len(findings)))
    for place, each in enumerate(findings, 1):
        yield from _wrapped(f"{place:>{digits + 1}}. ", f"{each.check}: {each.seen} -> {each.remedy}", width)


def _wrapped(first: str, words: str, width: int) -> list[str]:
    indent = " " * min(len(first), 4)
    return textwrap.wrap(words, width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)


def _verdict(found: Sequence[CheckResult]) -> str:
    count = blocks(found)
    if count:
        return f"Callers should not be led here yet: {'one thing blocks' if count == 1 else f'{count} things block'}."
    if any(each.state in ("waits", "unknown") for each in found):
        return "Nothing that could be seen blocks, but not all could be seen."
    return "Nothing blocks."
