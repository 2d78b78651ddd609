"""Reviews: a native reader has read every text of a language, and signs for exactly these texts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

HEADER = "X-Reviewed"
SIGNED = re.compile(r"(\d{4}-\d{2}-\d{2}) ([0-9a-f]{12}) (\S.*)")


class Review(NamedTuple):
    """Who signed, when, and for which texts."""

    day: date
    texts: str
    by: str

    def __str__(self) -> str:
        return f"{self.day} {self.texts} {self.by}"


def read_review(header: str | None) -> Review | None:
    """The review that a header tells of; None for none, or for one that is not a review."""
    found = SIGNED.fullmatch(header or "")
    try:
        return Review(date.fromisoformat(found[1]), found[2], found[3]) if found else None
    except ValueError:
        return None


def fingerprint(translations: Mapping[str, str]) -> str:
    """Twelve hexadecimal characters that change when any text of a language does."""
    text = "\n".join(f"{id_}={translation}" for id_, translation in sorted(translations.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
