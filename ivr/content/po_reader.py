"""Reads PO files in every spelling of GNU gettext ("The Format of PO Files"), or says which line it cannot read.

polib and other readers pass over what they do not know; here that would be a text that nobody hears. The words of the
issues are for translators.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from ivr.content.files import unreadable
from ivr.content.po_document import Entry, PoDocument
from ivr.content.po_tokens import BadLine, Token, tokens_of
from ivr.core.characters import CONTROL, code_of, composed, explain_hidden
from ivr.core.issue import Issue

ESCAPE = re.compile(r"""\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9A-Fa-f]+)|(?P<one>[abfnrtv\\"\n])|(?P<wrong>.))""")
ONE = dict(zip('abfnrtv\\"\n', ("\a", "\b", "\f", "\n", "\r", "\t", "\v", "\\", '"', ""), strict=True))
"""What stands after a backslash, and what it means; an end of a line there means nothing."""
CHARSET = re.compile(r"charset=([^\s;]+)", re.IGNORECASE)
FIRST_OF_SEVERAL = 0x80
"""From here on, a byte of UTF-8 is a part of a letter."""
UNKNOWN = "CHARSET"
"""The charset in a header that nobody has filled in."""
SPOKEN = "spoken:"
"""Begins a translator's comment that gives the text as an offline voice must read it, with reading marks."""
RANGE = "range:"
"""Begins the one flag with a blank in it."""
ORDER = ("the order of the lines is wrong", "Write msgctxt, msgid, msgstr")
NO_PLURALS = (
    "this text can have one form only",
    'Delete the lines that begin with msgid_plural or msgstr[, and write one line: msgstr "..."',
)
OLD_LETTERS = (
    "the letters of this file are not saved as UTF-8",
    "Open it, see that they look right, and save it as UTF-8",
)
NOTEPAD = "(Notepad: Save as, Encoding, UTF-8)"
COMMENTED_OUT = re.compile(r"#\s*(msgctxt|msgid|msgstr)\s*\"")
"""A line that somebody has put out of use."""


@dataclass
class _Statement:
    """A keyword with its strings, each with its line; `prefix` is `#~`, `#|`, `#~|` or empty."""

    keyword: str
    line: int
    prefix: str
    strings: list[Token] = field(default_factory=list)


def read_document(data: bytes, name: str) -> tuple[PoDocument | None, list[Issue]]:
    """Read one file; None with an issue for each line where it cannot be read. `name` is the file's name in issues."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, [unreadable(name, line, OLD_LETTERS[0], f"{OLD_LETTERS[1]} {NOTEPAD}")]
    line_end = "\r\n" if "\r\n" in text else "\n"
    tokens, wrong = tokens_of(text.replace("\r\n", "\n"))
    document = PoDocument(line_end=line_end)
    try:
        if not wrong:
            _Parser(tokens, document).parse()
    except BadLine as error:
        wrong = [error]
    issues = [unreadable(name, error.line, error.message, error.remedy) for error in wrong]
    return (None, issues) if issues else (document, [])


class _Parser:
    """Puts tokens together into the entries of a document. Raises BadLine."""

    def __init__(self, tokens: list[Token], document: PoDocument) -> None:
        self._tokens, self._at, self._document = tokens, 0, document
        self._has_header = False

    def parse(self) -> None:
        comments = list[Token]()
        while self._at < len(self._tokens):
            if (token := self._tokens[self._at]).kind == "comment":
                comments.append(token)
                self._at += 1
            else:
                self._entry(comments)
                comments = []
        self._document.notes = [token.text for token in comments]

    def _entry(self, comments: list[Token]) -> None:
        previous, own = list[_Statement](), list[_Statement]()
        while not own or own[-1].keyword != "msgstr":
            statement = self._statement(own or previous)
            if own and statement.prefix.endswith("|"):
                raise BadLine(statement.line, "a line with #| stands within a text", _move_above(own[0]))
            (previous if statement.prefix.endswith("|") else own).append(statement)
        entry = self._of(previous, own)
        for comment in comments:
            _add_comment(entry, comment)
        if entry.msgctxt is None and not entry.msgid and not entry.obsolete and not self._has_header:
            self._has_header = True
            self._document.header, self._document.metadata = entry, _metadata(own[-1])
        else:
            self._document.entries.append(entry)

    def _statement(self, begun: list[_Statement]) -> _Statement:
        """The next keyword with its strings."""
        if self._at == len(self._tokens):
            raise BadLine(begun[-1].line, *ORDER)
        word = self._tokens[self._at]
        if word.kind == "comment":
            if found := COMMENTED_OUT.match(word.text):
                message = f"a # stands before {found[1]}, so this line is not read"
                raise BadLine(word.line, message, "Delete the #")
            raise BadLine(word.line, "a remark stands between the lines of one text", _move_above(begun[0]))
        if word.kind == "string":
            remedy = (
                "If it is a remark, begin it with # and a space; if it is translated, move it directly below its msgstr"
            )
            raise BadLine(word.line, "this text stands alone", remedy)
        if word.text == "domain":
            raise BadLine(word.line, "'domain' is not a known word", "Delete this line")
        if word.kind == "number" or word.text == "msgid_plural" or self._kind(1) == "number":
            raise BadLine(word.line, *NO_PLURALS)
        if word.kind != "keyword" or self._kind(1) != "string":
            raise BadLine(word.line, *ORDER)
        statement = _Statement(word.text, word.line, word.prefix)
        self._at += 1
        while self._kind(0) == "string":
            statement.strings.append(self._tokens[self._at])
            self._at += 1
        if any(string.prefix != word.prefix for string in statement.strings):
            raise BadLine(word.line, "#~ or #| stands before some lines of this text only", "Write it before each")
        return statement

    def _kind(self, ahead: int) -> str:
        """The kind of a token further on; empty at the end."""
        return self._tokens[self._at + ahead].kind if self._at + ahead < len(self._tokens) else ""

    def _of(self, previous: list[_Statement], own: list[_Statement]) -> Entry:
        for statements, allowed in ((previous, ("msgctxt", "msgid")), (own, ("msgctxt", "msgid", "msgstr"))):
            optional = allowed if statements and statements[0].keyword == "msgctxt" else allowed[1:]
            for statement, keyword in zip(statements, (*optional, "", ""), strict=False):
                if statement.keyword != keyword:
                    raise BadLine(statement.line, *ORDER)
        if len({statement.prefix.rstrip("|#") for statement in (*previous, *own)}) > 1:
            raise BadLine(own[0].line, "#~ stands before some lines of this text only", "Write it before each")
        texts = {statement.keyword: _text(statement) for statement in own}
        old = {statement.keyword: _text(statement) for statement in previous}
        return Entry(
            texts.get("msgctxt"),
            texts["msgid"],
            texts["msgstr"],
            previous_msgctxt=old.get("msgctxt"),
            previous_msgid=old.get("msgid"),
            obsolete=own[0].prefix.startswith("#~"),
            line=own[0].line,
        )


def _add_comment(entry: Entry, token: Token) -> None:
    """Give an entry a comment. The spoken form of a text stays with the translation, also where it is written `#.`."""
    mark, rest = token.text[1:2], token.text[2:]
    spoken = SPOKEN in (token.text[1:].lstrip()[: len(SPOKEN)], rest.lstrip()[: len(SPOKEN)])
    if spoken and (hidden := CONTROL.search(token.text)):
        raise BadLine(token.line, *explain_hidden(token.text, hidden.start()))
    if mark == "." and spoken:
        entry.notes.append(f" {rest.lstrip()}")
    elif mark == ".":
        entry.extracted.append(rest)
    elif mark == ":":
        entry.references.append(rest)
    elif mark and mark in ",!":  # of several lines gettext keeps the last, and may lose a doubt
        for part in rest.split(","):
            entry.flags += [part.strip()] if part.lstrip().startswith(RANGE) else part.split()
    else:
        entry.notes.append(token.text[1:])


def _move_above(first: _Statement) -> str:
    """The remedy for a line that belongs above a text."""
    prefix = f"{first.prefix} " if first.prefix else ""
    return f"Move it up, above the line {prefix}{first.keyword} {first.strings[0].text}"


def _text(statement: _Statement) -> str:
    """The text of a statement, composed (NFC): the same letters are the same text, however an editor stores them."""
    parts = [_unescaped(token) for token in statement.strings]
    try:
        # Escapes are bytes of UTF-8, and a letter may be written with several.
        text = "".join(parts).encode("utf-8", "surrogateescape").decode()
    except UnicodeDecodeError:
        message = "the numbers behind backslashes are no UTF-8 text"
        raise BadLine(statement.line, message, "Write the letters themselves") from None
    if hidden := CONTROL.search(text):
        lines = [token.line for token, part in zip(statement.strings, parts, strict=True) if hidden[0] in part]
        if not lines:
            message = f"the numbers behind backslashes make a character that cannot be spoken ({code_of(hidden[0])})"
            raise BadLine(statement.line, message, "Delete them, or write the letters themselves")
        raise BadLine(lines[0], *explain_hidden(text, hidden.start()))
    return composed(text)


def _unescaped(token: Token) -> str:
    """A string without its quotation marks and escapes; bytes that are no ASCII are left as halves of characters."""

    def meant(found: re.Match[str]) -> str:
        if found["wrong"]:
            message = f"{found[0]} means nothing here"
            raise BadLine(token.line, message, "Delete the \\ (a backslash that is meant is written \\\\)")
        number = 0 if found["one"] else int(found["octal"] or found["hex"], 8 if found["octal"] else 16) % 256
        character = ONE[found["one"]] if found["one"] else bytes([number]).decode("ascii", "surrogateescape")
        if number < FIRST_OF_SEVERAL and CONTROL.match(character):
            message = f"{found[0]} makes a character that cannot be spoken ({code_of(character)})"
            raise BadLine(token.line, message, f"Delete {found[0]}")
        return character

    text = token.text[1:-1]
    return ESCAPE.sub(meant, text) if "\\" in text else text


def _metadata(header: _Statement) -> dict[str, str]:
    """The fields of a header, in their order."""
    metadata: dict[str, str] = {}
    for line in filter(None, _text(header).split("\n")):
        name, colon, value = line.partition(":")
        lines = [string.line for string in header.strings if f'"{name}{colon}' in string.text] or [header.line]
        where = lines[-1]
        if not colon:
            raise BadLine(where, f"'{line[:40]}' has no colon", "Write it like Language: fi")
        if name in metadata:
            other = f", here and on line {lines[0]}" if lines[0] != where else ""
            raise BadLine(where, f"'{name}' stands twice{other}", "Delete one of the two")
        metadata[name] = CHARSET.sub(_charset(value, where), value.strip())
    return metadata


def _charset(value: str, line: int) -> str:
    """What the header then says: UTF-8, which ASCII is too. Any other charset would be read as other letters."""
    found = CHARSET.search(value)
    try:
        known = not found or found[1] == UNKNOWN or codecs.lookup(found[1]).name in ("utf-8", "ascii")
    except LookupError:
        known = False
    if found and not known:
        message = f"this line says charset={found[1]}"
        raise BadLine(line, message, f"Change it to charset=UTF-8, and save the file as UTF-8 {NOTEPAD}")
    return "charset=UTF-8"
