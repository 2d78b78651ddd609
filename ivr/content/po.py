"""The texts: gettext PO files, read strictly. `msgctxt` is the id of a prompt, `msgid` its English text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polib

from ivr.content.checks.texts import Text
from ivr.content.review import HEADER, Review, read_review
from ivr.core.issue import Issue

LINE = re.compile(r'^(?:|#.*|(?:(?:msgctxt|msgid|msgstr) )?"(?:[^"\\]|\\.)*")$')
CONTEXT = re.compile(r'^msgctxt "(.*)"$')
MISSING_FILE = "the file is missing"
SPOKEN = "spoken:"
"""Begins the comment beside a text that says how an offline voice must read it."""


@dataclass(frozen=True)
class PoFile:
    """The entries of one file by id, in the file's order, and the line on which each begins."""

    name: str
    texts: Mapping[str, Text]
    lines: Mapping[str, int]
    review: Review | None = None

    def locate(self, issue: Issue) -> Issue:
        """Fill in the line of an issue about an entry; 1 where the file has no such entry."""
        return replace(issue, line=next((self.lines[id_] for id_ in issue.where if id_ in self.lines), 1))


def read_po(path: Path, name: str) -> tuple[PoFile | None, list[Issue]]:
    """Read one file; a line that is no PO, an entry without id and an id that stands twice are issues.

    polib passes over lines that it does not understand, and a text would be lost: they are looked for before.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None, [Issue("broken", name, (), MISSING_FILE, "Restore it, or remove the language")]
    except UnicodeDecodeError:
        return None, [_at(name, 1, "this is not UTF-8 text", "Save it as UTF-8")]
    lines = content.splitlines()
    if issues := [
        _at(name, number, f"not a line of a PO file: {line[:40]}", "Mend the quotation marks or the first word")
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
        return None, [_at(name, number, "the order of the lines is wrong", "Write msgctxt, msgid, msgstr")]
    issues, texts, marks = [], dict[str, Text](), dict[str, int]()
    for number, line in enumerate(lines, 1):
        if context := CONTEXT.match(line.strip()):
            if context[1] in marks:
                issues.append(_at(name, number, f"'{context[1]}' stands twice", "Keep one of the two"))
            marks.setdefault(context[1], number)
    for entry in entries:
        if entry.obsolete:
            continue
        if not entry.msgctxt:
            issues.append(
                _at(name, entry.linenum or 1, f"'{entry.msgid}' has no msgctxt", "Give it the id of its prompt")
            )
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
    return PoFile(name, texts, marks, read_review(entries.metadata.get(HEADER))), issues


def _spoken(comment: str) -> str:
    """What a translator's comment that begins with `spoken:` says."""
    return next((line[len(SPOKEN) :].strip() for line in comment.splitlines() if line.startswith(SPOKEN)), "")


def _at(name: str, line: int, message: str, remedy: str) -> Issue:
    return replace(Issue("broken", name, (), message, remedy), line=line)
