"""Approvals: the sentences that native readers have approved, in a file of its own for each language.

They are not in the PO file, as tools for translators drop what they do not know. The file has one block a sentence,
sorted by id, so that git merges the work of two readers; it keeps the words themselves, so that the line can go on
saying them after the text has changed.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, RootModel, model_validator

from ivr.content.files import approvals_name, unreadable
from ivr.content.yaml import YamlFile, read_yaml, validate
from ivr.core.issue import Issue
from ivr.core.values import Frozen
from ivr.files import write_atomically

ApprovalState = Literal["approved", "changed", "not approved"]
"""Of a text: approved as it stands, approved in other words or for another English, or never approved."""
HEAD = """\
# What native readers have approved in {code} ({name}). `ivr texts review` writes this file: do not edit it.
# A sentence that is changed here by hand does not count as approved any more.
"""
REMEDY = "Correct it, or remove the sentence from this file and let a native reader approve it again"
BY_HAND = "was changed in this file by hand, so it does not count as approved"
UNWRITABLE = re.compile("[^ -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]")
"""Control characters, breaks of lines, and what no file of XML or YAML may hold."""
PLAIN_KEY = re.compile(r"[a-z][a-z0-9_.]*")


def composed(text: str) -> str:
    """A text with each letter and its accents as one character (Unicode NFC): so texts are compared."""
    return unicodedata.normalize("NFC", text)


def _words(value: object) -> object:
    if not (isinstance(value, str) and value.strip()):
        raise ValueError("there is no text; write one between quotation marks")
    if found := UNWRITABLE.search(value):
        raise ValueError(f"the character U+{ord(found[0]):04X} in it cannot be spoken or printed; remove it")
    return value


def _day(value: object) -> object:
    try:
        if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:  # a day that is not in the calendar
        pass
    raise ValueError("this is no day; write it like 2026-12-31")


Words = Annotated[str, BeforeValidator(_words)]


class Approval(Frozen):
    """One sentence as it was approved.

    `wording`: its words. `spoken`: the same with the vowel marks that an offline voice needs, if there were any.
    `english`: the sentence of prompts.pot that it said. `by`: who approved it, and on which `day`. `hash`: of all that
    was approved, by which a change in the file is seen.
    """

    wording: Words
    spoken: Words = ""
    english: Words
    by: Words
    day: Annotated[date, BeforeValidator(_day)]
    hash: Words

    @model_validator(mode="before")
    @classmethod
    def _is_a_block(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError("there are no lines below it; write wording, english, by, day and hash")
        return value

    @classmethod
    def signed(cls, code: str, id_: str, wording: str, english: str, by: str, day: date, spoken: str = "") -> Approval:
        """The approval of a sentence as it stands today."""
        hashed = hash_of(code, id_, wording, english, spoken)
        return cls.model_construct(
            wording=composed(wording), spoken=spoken, english=composed(english), by=by, day=day, hash=hashed
        )

    def counts_for(self, code: str, id_: str) -> bool:
        """Whether this is what was signed, in this language and for this sentence."""
        return self.hash == hash_of(code, id_, self.wording, self.english, self.spoken)

    def is_of(self, wording: str, english: str) -> bool:
        """Whether it is an approval of these words as a translation of this English."""
        return (composed(self.wording), composed(self.english)) == (composed(wording), composed(english))


class _File(RootModel[dict[str, Approval]]):
    """An approvals file, validated."""


def hash_of(code: str, id_: str, wording: str, english: str, spoken: str) -> str:
    """12 hexadecimal digits of the SHA-256 of what is approved."""
    approved = json.dumps([code, id_, composed(wording), composed(english), spoken])
    return hashlib.sha256(approved.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Approvals:
    """The approvals file of a language as it was read.

    `written`: id -> approval, as they stand there. `faults`: what in it cannot be read; the rest of it counts.
    """

    code: str
    written: Mapping[str, Approval] = field(default_factory=dict)
    faults: tuple[Issue, ...] = ()
    file: YamlFile | None = None

    @property
    def valid(self) -> dict[str, Approval]:
        """Id -> approval, without those that somebody has changed by hand."""
        return {id_: approval for id_, approval in self.written.items() if approval.counts_for(self.code, id_)}

    @property
    def issues(self) -> list[Issue]:
        """All that is wrong with it. No line and no language stops for it: what is wrong is not approved."""
        name, valid = approvals_name(self.code), self.valid
        forged = [
            Issue("note", name, (id_,), f"the approved wording of '{id_}' {BY_HAND}", _again(self.code, id_))
            for id_ in self.written
            if id_ not in valid
        ]
        return [*self.faults, *forged]


def _again(code: str, id_: str) -> str:
    return f"Restore it from version control, or let a native reader read it: ivr texts review {code} {id_} --by NAME"


def read_approvals(folder: Path, code: str) -> Approvals:
    """Read the approvals of a language strictly. No file, or an empty one, has none."""
    name = approvals_name(code)
    path = folder / Path(name).name
    try:
        path.stat()
    except FileNotFoundError:
        return Approvals(code)
    except OSError:
        pass  # told by the reader
    try:
        file, faults = read_yaml(path, name)
    except RecursionError:
        file, faults = None, [unreadable(name, 1, "its lists are too deep to be read", REMEDY)]
    if file is None or file.data is None:
        return Approvals(code, faults=_notes(faults if file is None else []), file=file)
    found: dict[str, Approval] = {}
    if isinstance(file.data, dict):
        whole, wrong = validate(file, _File)
        if whole is None:
            skip = {issue.where[0] for issue in wrong}
            good = {id_: value for id_, value in file.data.items() if id_ not in skip}
            whole, _ = validate(replace(file, data=good), _File)
        found = whole.root if whole else {}
        faults = [*faults, *wrong]
    return Approvals(code, found, _notes(faults), file)


def _notes(faults: Iterable[Issue]) -> tuple[Issue, ...]:
    return tuple(replace(issue, severity="note", remedy=REMEDY) for issue in faults)


def write_approvals(folder: Path, code: str, name: str, approvals: Mapping[str, Approval]) -> Path:
    """Write the approvals of a language, whose own name is `name`; the file. Raises NotWritten."""
    path = folder / Path(approvals_name(code)).name
    blocks = [HEAD.format(code=code, name=name), *(_block(id_, approvals[id_]) for id_ in sorted(approvals))]
    write_atomically(path, "\n".join(blocks).encode())
    return path


def _block(id_: str, approval: Approval) -> str:
    values = {
        "wording": _quoted(approval.wording),
        "spoken": approval.spoken and _quoted(approval.spoken),
        "english": _quoted(approval.english),
        "by": _quoted(approval.by),
        "day": str(approval.day),
        "hash": _quoted(approval.hash),  # digits alone would be a number to other readers of YAML
    }
    lines = (f"  {key}: {value}\n" for key, value in values.items() if value)
    return f"{id_ if PLAIN_KEY.fullmatch(id_) else _quoted(id_)}:\n{''.join(lines)}"


def _quoted(text: str) -> str:
    """A JSON string, which is a YAML string too, with the letters as they are."""
    return json.dumps(text, ensure_ascii=False)
