"""Cuts PO files into words, strings and comments, and tells the lines that have anything else."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

from ivr.content.files import MERGE_MARK, TWO_VERSIONS
from ivr.core.characters import explain_hidden

TOKEN = re.compile(
    r"""(?:(?P<prefix>\#~\|?|\#\|)
         | (?P<comment>\#[^\n\r]*)
         | (?P<string>"[^"\\\n]*(?:\\(?:.|\n)[^"\\\n]*)*")
         | (?P<number>\[[0-9]+\])
         | (?P<keyword>(?:msgctxt|msgid_plural|msgid|msgstr|domain)(?![0-9A-Za-z_]))
         | (?=[ \t\f\v\n]))
        [ \t\f\v\n]*""",
    re.VERBOSE,
)
QUOTES = "“”„‟«»″"
"""What stands for quotation marks where a word processor was at work."""
KEYWORDS = ("msgctxt", "msgid", "msgstr")


class Token(NamedTuple):
    """One of them. `kind`: `string`, `comment`, `keyword` or `number`; `prefix`: `#~`, `#|`, `#~|` or empty."""

    kind: str
    text: str
    line: int
    prefix: str


class BadLine(Exception):
    """A line that cannot be read: its number, what is wrong and the remedy."""

    def __init__(self, line: int, message: str, remedy: str) -> None:
        super().__init__(line, message, remedy)
        self.line, self.message, self.remedy = line, message, remedy


def tokens_of(text: str) -> tuple[list[Token], list[BadLine]]:
    """The tokens of a file but for blanks, and one fault for each line that has something else."""
    tokens, wrong = list[Token](), list[BadLine]()
    at, line, prefix = 0, 1, ""
    while at < len(text):
        if found := TOKEN.match(text, at):
            at, kind = found.end(), found.lastgroup  # None where there are only blanks
            if kind == "prefix":
                prefix = found[kind]
            elif kind:
                tokens.append(Token(kind, found[kind], line, prefix))
            if ends := found[0].count("\n"):
                line, prefix = line + ends, ""
        else:
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            end = len(text) if end < 0 else end
            wrong.append(BadLine(line, *_told(text[start:end], at - start)))
            at = end
    return tokens, wrong


def _told(line: str, at: int) -> tuple[str, str]:
    """What is wrong with a line from some place on, and the remedy."""
    if MERGE_MARK.match(line):
        return TWO_VERSIONS
    before, rest, whole = line[:at].lstrip(), line[at:], line.strip()
    shown, word = f"'{whole[:40]}{'...' if len(whole) > 40 else ''}'", re.split(r'[\s"]', rest)[0]
    if not rest[0].isprintable():
        return explain_hidden(line, at)
    if rest.startswith('"'):
        return f"a quotation mark is not closed: {shown}", 'Add " at the end of the text (within it, \\" stands for ")'
    if rest[0] in QUOTES:
        return f"a quotation mark is not a plain one: {shown}", 'Write " at both ends of the text'
    if '"' in before:
        remedy = (
            'Keep the first and the last " of the line, write \\" for each between them, and nothing after the last'
        )
        return f"the text ends before '{word}': {shown}", remedy
    if before.strip("#~| \t"):
        return f"'{word}' stands outside of quotation marks: {shown}", 'Write " at both ends of the text'
    if near := get_close_matches(word.lower(), KEYWORDS, 1):
        return f"'{word}' is not a known word", f"Write {near[0]}"
    if before:
        return f"'{before[:2]}' cannot begin a remark", f"Write # and a space: # {rest}"
    return f"'{word}' is not a known word", 'Begin a remark with # and a space, and more of a text with "'
