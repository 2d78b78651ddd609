"""GNU gettext PO files, read strictly. `msgctxt` is the id of a text, `msgid` its English source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polib

from ivr.content.files import MISSING_FILE, unreadable
from ivr.content.texts import Text
from ivr.core.issue import Issue

LINE = re.compile(r'^(?:|#.*|(?:(?:msgctxt|msgid|msgstr) )?"(?:[^"\\]|\\.)*")$')
"""Every line that a PO file without plural forms may have (gettext manual, "The Format of PO Files")."""
CONTEXT = re.compile(r'^msgctxt "(.*)"$')
SPOKEN = "spoken:"
"""Begins a translator's comment that gives the text as an offline voice must read it, with vowel marks."""


@dataclass(frozen=True)
class PoFile:
    """One file. `texts`: id -> entry, in the order of the file; `lines`: id -> line of its `msgctxt`, from 1."""

    name: str
    texts: Mapping[str, Text]
    lines: Mapping[str, int]

    def locate(self, issue: Issue) -> Issue:
        """Fill in the line of an issue about an entry; 1 where the file has no such entry."""
        return replace(issue, line=next((self.lines[id_] for id_ in issue.where if id_ in self.lines), 1))


def read_po(path: Path, name: str) -> tuple[PoFile | None, list[Issue]]:
    """Read one file; None with the issues where it cannot be read. `name` is the file's name in issues.

    An entry without an id, and an id that stands twice, are issues too.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except OSError:
        return None, [Issue("broken", name, (), MISSING_FILE, "Restore it, or remove the language")]
    except UnicodeDecodeError:
        return None, [unreadable(name, 1, "this is not UTF-8 text", "Save it as UTF-8")]
    lines = content.splitlines()
    # polib skips lines that it does not understand, and the text on them would be lost.
    if issues := [
        unreadable(name, number, f"not a line of a PO file: {line[:40]}", "Mend the quotation marks or the first word")
        for number, line in enumerate(lines, 1)
        if not LINE.match(line.strip())
    ]:
        return None, issues
    return _parse(content, lines, name)


def _parse(content: str, lines: list[str], name: str) -> tuple[PoFile | None, list[Issue]]:
    try:
        entries = polib.pofile(content)
    except (OSError, ValueError) as error:
        number = int(found[1]) if (found := re.search(r"line (\d+)", str(error))) else 1
        return None, [unreadable(name, number, "the order of the lines is wrong", "Write msgctxt, msgid, msgstr")]
    issues, texts, line_by_id = [], dict[str, Text](), dict[str, int]()
    for number, line in enumerate(lines, 1):
        if context := CONTEXT.match(line.strip()):
            if context[1] in line_by_id:
                issues.append(unreadable(name, number, f"'{context[1]}' stands twice", "Keep one of the two"))
            line_by_id.setdefault(context[1], number)
    for entry in entries:
        if entry.obsolete:
            continue
        if not entry.msgctxt:
            message, remedy = f"'{entry.msgid}' has no msgctxt", "Give it the id of its prompt"
            issues.append(unreadable(name, entry.linenum or 1, message, remedy))
            continue
        text = Text(
            entry.msgid,
            entry.msgstr,
            fuzzy=entry.fuzzy,
            spoken=_spoken(entry.tcomment),
            comment=entry.comment,
            previous=entry.previous_msgid or "",
        )
        texts.setdefault(entry.msgctxt, text)
    return PoFile(name, texts, line_by_id), issues


def _spoken(comment: str) -> str:
    """The text after `spoken:` in a translator's comment; empty where there is none."""
    return next((line[len(SPOKEN) :].strip() for line in comment.splitlines() if line.startswith(SPOKEN)), "")
