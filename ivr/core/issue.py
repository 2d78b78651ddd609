"""A fault of the content: what is wrong, where, and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["broken", "incomplete", "note"]
"""`broken`: the line does not start. `incomplete`: one language, or one page in it, is not offered.

`note`: information only.
"""


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault. `where`: a path of keys into the file, or the id of a text; `line`: from 1, 0 if not known."""

    severity: Severity
    file: str
    where: tuple[str, ...]
    message: str
    remedy: str
    language: str | None = None
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.severity}: {self.message}. {self.remedy}."


def any_broken(issues: Iterable[Issue]) -> bool:
    """Whether any issue keeps the line from starting."""
    return any(issue.severity == "broken" for issue in issues)
