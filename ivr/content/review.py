"""Reviews of translations, kept in a header of the PO file: who has read all texts of a language, and when."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

HEADER = "X-Reviewed"
SIGNED = re.compile(r"(\d{4}-\d{2}-\d{2}) ([0-9a-f]{12}) (\S.*)")


class Review(NamedTuple):
    """`day` of the review, `texts`: the fingerprint of what was read, and `by`: the name of the reader."""

    day: date
    texts: str
    by: str

    def __str__(self) -> str:
        return f"{self.day} {self.texts} {self.by}"


def read_review(header: str | None) -> Review | None:
    """The review in a header; None where there is none, or the header cannot be read."""
    found = SIGNED.fullmatch(header or "")
    try:
        return Review(date.fromisoformat(found[1]), found[2], found[3]) if found else None
    except ValueError:
        return None


def fingerprint(translations: Mapping[str, str]) -> str:
    """12 hexadecimal digits of the SHA-256 of a language's texts by id: they change when any text does."""
    text = "\n".join(f"{id_}={translation}" for id_, translation in sorted(translations.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
