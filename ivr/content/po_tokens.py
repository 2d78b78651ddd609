"""Cuts PO files into words, strings and comments, and tells the lines that have anything else."""

from __future__ import annotations

import re
from typing import NamedTuple

from ivr.content.files import MERGE_MARK, TWO_VERSIONS
from ivr.core.characters import code_of

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
            wrong.append(BadLine(line, *_told(text[start:end].lstrip(), text[at:end])))
            at = end
    return tokens, wrong


def _told(line: str, rest: str) -> tuple[str, str]:
    """What is wrong with a line from some place on, and the remedy."""
    shown = f"'{line[:40]}{'...' if len(line) > 40 else ''}'"
    if MERGE_MARK.match(line):
        return TWO_VERSIONS
    if not rest[0].isprintable():
        return f"there is a character that nobody sees, {code_of(rest[0])}", "Delete it, or write the line anew"
    if rest.startswith('"'):
        return f"a quotation mark is not closed: {shown}", 'End the text with ", and write \\" for " within it'
    if rest[0] in QUOTES:
        return f"a quotation mark is not a plain one: {shown}", 'Write " at both ends of the text'
    if line.startswith(("#~", "#|")):
        return f"this is no part of an entry: {shown}", "Begin a comment with # and a blank"
    if rest == line:
        return f"this line begins with no word of a PO file: {shown}", 'Begin it with msgctxt, msgid, msgstr, # or "'
    return f"there is something outside of the quotation marks: {shown}", 'Write \\" for " within the text'
