"""Characters that no text may have, as nobody sees them, says them, or can write them into a document."""

from __future__ import annotations

import re

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
"""Control characters (ISO 6429) but for tab and line feed, halves of characters, U+FFFE and U+FFFF, which no XML holds,
and U+FFFD, which stands where a program has lost a letter."""
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Invisible marks of direction (Unicode, Bidi_Control)."""


def code_of(character: str) -> str:
    """The name of a character that cannot be shown, such as U+000B."""
    return f"U+{ord(character):04X}"


def visible(text: str) -> str:
    """A text of one line. ValueError with the code of a character in it that nobody sees."""
    if hidden := next((each for each in text if CONTROL.match(each) or each in BIDI or each in "\t\n"), None):
        raise ValueError(f"there is a character that nobody sees, {code_of(hidden)}")
    return text
