"""The texts of a PO file. `msgctxt` is the id of a text, `msgid` its English source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ivr.content.files import MISSING_FILE, unreadable
from ivr.content.po_document import Entry, PoDocument
from ivr.content.po_reader import COMMENTED_OUT, SPOKEN, read_document
from ivr.content.texts import Text
from ivr.core.characters import HIDDEN, code_of, composed, shown
from ivr.core.issue import Issue

TWICE = "Keep the better one, and delete the other with its msgctxt, msgid and msgstr"
MARK_BEFORE_SHADDA = re.compile("([\N{ARABIC FATHATAN}-\N{ARABIC KASRA}]+)\N{ARABIC SHADDA}")


@dataclass(frozen=True)
class PoFile:
    """One file. `texts`: id -> entry, in the order of the file; `lines`: id -> line of its entry, from 1."""

    name: str
    texts: Mapping[str, Text]
    lines: Mapping[str, int]

    def locate(self, issue: Issue) -> Issue:
        """Fill in the line of an issue about an entry; 1 where the file has no such entry."""
        return replace(issue, line=next((self.lines[id_] for id_ in issue.where if id_ in self.lines), 1))


def read_po(path: Path, name: str) -> tuple[PoFile | None, list[Issue]]:
    """Read one file; None with the issues where it cannot be read. `name` is the file's name in issues.

    An entry without an id, and an id that stands twice, are issues too. An id with a character that nobody sees is
    one; its text is read as that of the id without it, so that nothing else is told of it.
    """
    try:
        data = path.read_bytes()
    except OSError:
        return None, [Issue("broken", name, (), MISSING_FILE, "Restore it, or remove the language")]
    document, issues = read_document(data, name)
    return (_texts(document, name), [*issues, *_wrong_entries(document, name)]) if document else (None, issues)


def _texts(document: PoDocument, name: str) -> PoFile:
    texts, lines = dict[str, Text](), dict[str, int]()
    for entry in document.entries:
        if (id_ := shown(entry.id)) and not entry.obsolete:
            lines.setdefault(id_, entry.line)
            texts.setdefault(id_, _text(entry))
    return PoFile(name, texts, lines)


def _text(entry: Entry) -> Text:
    return Text(
        entry.msgid,
        entry.msgstr,
        fuzzy=entry.fuzzy,
        spoken=_spoken(entry),
        comment="\n".join(line.strip() for line in entry.extracted),
        previous=entry.previous_msgid or "",
    )


def _spoken(entry: Entry) -> str:
    """The text after `spoken:` in a translator's comment; empty where there is none."""
    comments = (line.strip() for line in entry.notes)
    return next((in_reading_order(line[len(SPOKEN) :].strip()) for line in comments if line.startswith(SPOKEN)), "")


def in_reading_order(text: str) -> str:
    """A text with its reading marks in the order that offline voices know: they lose a vowel that stands before its
    shadda, where Unicode puts it (NFC, NFD)."""
    return MARK_BEFORE_SHADDA.sub("\N{ARABIC SHADDA}\\1", composed(text))


def _wrong_entries(document: PoDocument, name: str) -> Iterator[Issue]:
    seen = dict[str, int]()
    for entry in document.entries:
        if entry.obsolete:
            continue
        if not entry.msgctxt:
            if any(COMMENTED_OUT.match(f"#{note}") for note in entry.notes):
                yield unreadable(name, entry.line, "a # stands before the msgctxt of this text", "Delete the #")
            else:
                message = f"'{entry.msgid}' has no msgctxt"
                yield unreadable(name, entry.line, message, "Write above its msgid the msgctxt of prompts.pot")
        elif hidden := HIDDEN.search(entry.msgctxt):
            message = f"the name after msgctxt has an invisible character ({code_of(hidden[0])})"
            remedy = f'Delete this line and type: msgctxt "{shown(entry.msgctxt)}"'
            yield unreadable(name, entry.line, message, remedy)
        elif first := seen.get(entry.msgctxt):
            message = f"'{entry.msgctxt}' stands twice, here and on line {first}"
            yield unreadable(name, entry.line, message, TWICE)
        seen.setdefault(entry.msgctxt or "", entry.line)
