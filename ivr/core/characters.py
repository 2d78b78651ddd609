"""Characters that no text may have, as nobody sees them, says them, or can write them into a document."""

from __future__ import annotations

import re
import unicodedata

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
"""Control characters (ISO 6429) but for tab and line feed, halves of characters, U+FFFE and U+FFFF, which no XML holds,
and U+FFFD, which stands where a program has lost a letter."""
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Invisible marks of direction (Unicode, Bidi_Control)."""
HIDDEN = re.compile(f"{CONTROL.pattern}|[\t\n{''.join(sorted(BIDI))}]")
"""What no text of one line may have."""
LOST = "\N{REPLACEMENT CHARACTER}"


def composed(text: str) -> str:
    """A text with each letter and its accents as one character (Unicode NFC): so texts are compared."""
    return unicodedata.normalize("NFC", text)


def code_of(character: str) -> str:
    """The name of a character that cannot be shown, such as U+000B."""
    return f"U+{ord(character):04X}"


def visible(text: str) -> str:
    """A text of one line. ValueError with the code of a character in it that nobody sees, and the remedy."""
    if hidden := HIDDEN.search(text):
        raise ValueError(f"there is an invisible character, {code_of(hidden[0])}; write it without: '{shown(text)}'")
    return text


def shown(text: str) -> str:
    """A text of one line without the characters that nobody sees."""
    return HIDDEN.sub("", text)


def explain_hidden(text: str, at: int) -> tuple[str, str]:
    """What is wrong with a text that has such a character, and the remedy: by the words around it, which are seen."""
    what = f"{'a lost letter' if text[at] == LOST else 'an invisible character'} ({code_of(text[at])})"
    before, after = (HIDDEN.sub(" ", part).split() for part in (text[:at], text[at + 1 :]))
    if before and after:
        return f"{what} after '{before[-1]}'", f"Delete all from '{before[-1]}' to '{after[0]}', and type it again"
    if after:
        return f"{what} at the beginning", f"Delete all from the beginning to '{after[0]}', and type it again"
    if before:
        return f"{what} at the end", f"Delete all from '{before[-1]}' to the end, and type it again"
    return what, "Delete it"
