"""A PO file that is read whole and written back whole: nothing is wrapped, sorted or left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

FUZZY = "fuzzy"
ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
"""What a string of a PO file writes with a backslash; other control characters are never read."""
LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass
class Entry:
    """One entry; `msgctxt` is its id, None where it has none.

    `notes`: the comments of translators, `extracted`: those from the source (`#.`), `references` (`#:`), each a line
    without its mark. `previous_msgctxt`, `previous_msgid`: what was translated, where that has changed since (`#|`).
    `obsolete`: kept aside (`#~`). `line`: where it begins, from 1; 0 where it was never read.
    """

    msgctxt: str | None
    msgid: str
    msgstr: str = ""
    notes: list[str] = field(default_factory=list)
    extracted: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    previous_msgctxt: str | None = None
    previous_msgid: str | None = None
    obsolete: bool = False
    line: int = 0

    @property
    def id(self) -> str:
        """Its id; empty where it has none."""
        return self.msgctxt or ""

    @property
    def fuzzy(self) -> bool:
        """Whether the translation is in doubt."""
        return FUZZY in self.flags

    def mark_fuzzy(self, fuzzy: bool) -> None:
        """Put the translation in doubt, or take the doubt away."""
        self.flags = [*([FUZZY] if fuzzy else []), *(flag for flag in self.flags if flag != FUZZY)]

    def written(self) -> Iterator[str]:
        """Its lines, in the order of GNU gettext."""
        comments = (("", self.notes), (".", self.extracted), (":", self.references))
        for mark, lines in comments:
            yield from (f"#{mark}{line}" for line in lines)
        if self.flags:
            yield f"#, {', '.join(self.flags)}"
        prefix = "#~" if self.obsolete else ""
        previous = f"{prefix or '#'}| "
        yield from _written(previous, "msgctxt", self.previous_msgctxt)
        yield from _written(previous, "msgid", self.previous_msgid)
        prefix += " " * bool(prefix)
        yield from _written(prefix, "msgctxt", self.msgctxt)
        yield from _written(prefix, "msgid", self.msgid)
        yield from _written(prefix, "msgstr", self.msgstr)


def _written(prefix: str, keyword: str, text: str | None) -> Iterator[str]:
    """The lines of one string, one for each line of the text; none where there is no text."""
    if text is None:
        return
    lines = [f'"{_escaped(line)}"' for line in LINE.findall(text)] or ['""']
    if len(lines) > 1:
        lines.insert(0, '""')
    yield f"{prefix}{keyword} {lines[0]}"
    yield from (f"{prefix}{line}" for line in lines[1:])


def _escaped(text: str) -> str:
    return "".join(ESCAPED.get(character, character) for character in text)


@dataclass
class PoDocument:
    """A PO file. `metadata`: the fields of its header; `header`: the comments and flags of that, without its text.

    `notes`: comments after the last entry. `line_end`: how the file ends its lines.
    """

    metadata: dict[str, str] = field(default_factory=dict)
    header: Entry = field(default_factory=lambda: Entry(None, ""))
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    line_end: str = "\n"

    def __str__(self) -> str:
        """The whole file: header, entries, then those that are kept aside."""
        self.header.msgstr = "".join(f"{name}: {value}\n" for name, value in self.metadata.items())
        header = [self.header] if self.metadata or self.header.notes else []
        in_order = sorted(self.entries, key=lambda entry: entry.obsolete)
        blocks = [list(entry.written()) for entry in (*header, *in_order)]
        blocks += [self.notes] if self.notes else []
        return "\n\n".join("\n".join(lines) for lines in blocks).replace("\n", self.line_end) + self.line_end
