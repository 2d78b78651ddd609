"""What is told where the records cannot be had, each with its remedy."""

from __future__ import annotations

NOT_INSTALLED = 3
"""What a process ends with that lacks what makes and changes the records."""


class RecordsFault(Exception):
    """The records cannot be read or written. The message names no person and no password, and says the remedy."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. Remedy: {remedy}.")
        self.what, self.remedy = what, remedy
