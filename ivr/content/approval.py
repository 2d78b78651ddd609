"""Approvals: the sentences that native speakers have approved, in a file of its own for each language.

They are not in the PO file, as tools for translators drop what they do not know. The file has one block a sentence,
sorted by id, so that git merges the work of two readers; it keeps the words themselves, so that the line can go on
saying them after the text has changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, RootModel, model_validator

from ivr.content.files import OF_RECORDINGS, approvals_name, heard_name, unreadable
from ivr.content.yaml import YamlFile, read_yaml, validate
from ivr.core.characters import composed
from ivr.core.content import once_read
from ivr.core.issue import Issue
from ivr.core.values import Frozen
from ivr.files import alone, write_atomically, writing

ApprovalState = Literal["approved", "changed", "not approved"]
"""Of a text: approved as it stands, approved in other words or for another English, or never approved."""
BY_HAND = "# A sentence that is changed here by hand does not count as approved any more.\n"
HEAD = f"""\
# What native speakers have approved in {{code}} ({{name}}). `ivr texts review` writes this file: do not edit it.
{BY_HAND}"""
HEAD_OF_HEARD = f"""\
# What was approved in the listening room in {{code}} ({{name}}). The office's pages write this file: do not edit it.
{BY_HAND}"""
UNWRITABLE = re.compile(
    "[^ -~\xa1-\ud7ff\ue000-\ufffc\U00010000-\U0010ffff]|[\u2007\u2028\u2029\u202f\ufdd0-\ufdef\ufeff]"
)
"""Control characters, breaks of lines, blanks that are none, and what no file of XML or YAML may hold."""
CHANGED = "somebody changed '{}' here by hand, so its approval does not count"
UNDO = "Undo the change, or sign again. {}"
DELETE = "Delete line {} and the lines below that belong to it. {}"
PLAIN_KEY = re.compile(r"[a-z][a-z0-9_.]*")


def _words(value: object) -> object:
    if not (isinstance(value, str) and value.strip()):
        raise ValueError("there is no text")
    if found := UNWRITABLE.search(value):
        raise ValueError(f"the character U+{ord(found[0]):04X} in it cannot be spoken or printed")
    return value


def _day(value: object) -> object:
    try:
        if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:  # a day that is not in the calendar
        pass
    raise ValueError(f"'{value}' is not a date")


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
            raise ValueError("there are no lines below it")
        return value

    @classmethod
    def signed(cls, code: str, id_: str, wording: str, english: str, by: str, day: date, spoken: str = "") -> Approval:
        """The approval of a sentence as it stands today."""
        wording, english, spoken = composed(wording), composed(english), composed(spoken)
        hashed = hash_of(code, id_, wording, english, spoken)
        return cls.model_construct(
            wording=wording, spoken=spoken, english=english, by=composed(by), day=day, hash=hashed
        )

    def counts_for(self, code: str, id_: str) -> bool:
        """Whether this is what was signed, in this language and for this sentence."""
        return self.hash == hash_of(code, id_, self.wording, self.english, self.spoken)

    def is_of(self, wording: str, english: str) -> bool:
        """Whether it is an approval of these words as a translation of this English."""
        return (composed(self.wording), composed(self.english)) == (composed(wording), composed(english))


Signed = dict[str, Approval]
"""Id of a sentence -> its approval."""


class _File(RootModel[dict[str, Approval]]):
    """An approvals file, validated."""


def hash_of(code: str, id_: str, wording: str, english: str, spoken: str) -> str:
    """12 hexadecimal digits of the SHA-256 of what is approved."""
    approved = json.dumps([code, id_, composed(wording), composed(english), composed(spoken)])
    return hashlib.sha256(approved.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Approvals:
    """An approvals file of a language as it was read; `name`: as issues name it.

    `written`: id -> approval, as they stand there. `faults`: what in it cannot be read; the rest of it counts.
    """

    code: str
    name: str
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
        valid = self.valid
        forged = [
            Issue("note", self.name, (id_,), CHANGED.format(id_), UNDO.format(once_read("it", self.code, id_)))
            for id_ in self.written
            if id_ not in valid
        ]
        return [*self.faults, *forged]


def read_approvals(folder: Path, code: str) -> Approvals:
    """Read the approvals of a language in the folder of a site strictly. No file, or an empty one, has none."""
    name = approvals_name(code)
    return _read(folder / Path(name).name, name, code)


def read_heard(recordings: Path, code: str) -> Approvals:
    """The same of what was approved in the listening room; `recordings`: the folder of the recordings of people."""
    return _read(heard_path(recordings, code), heard_name(code), code)


def heard_path(recordings: Path, code: str) -> Path:
    """Where it is kept what was approved in the listening room."""
    return recordings / heard_name(code).removeprefix(OF_RECORDINGS)


def later(ours: Mapping[str, Approval], others: Mapping[str, Approval], now: Callable[[str, Approval], bool]) -> Signed:
    """Of two files, the approval of each sentence that was signed later.

    Of two of one day, that of the words of `now`: whichever was signed first, they are approved.
    """
    found = {**ours}
    for id_, other in others.items():
        own = found.get(id_)
        if own is None or (other.day, now(id_, other)) >= (own.day, now(id_, own)):
            found[id_] = other
    return found


def _read(path: Path, name: str, code: str) -> Approvals:
    if _is_empty(path):
        return Approvals(code, name)
    try:
        file, faults = read_yaml(path, name)
    except RecursionError:
        file, faults = None, [unreadable(name, 1, "too many brackets are inside each other", "Restore the file")]
    found: dict[str, Approval] = {}
    if file and isinstance(file.data, dict):
        whole, wrong = validate(file, _File)
        if whole is None:
            skip = {id_ for issue in wrong for id_ in issue.where[:1]}
            good = {id_: value for id_, value in file.data.items() if id_ not in skip}
            whole, _ = validate(replace(file, data=good), _File)
            wrong = [_to_be_signed_again(issue, file, code) for issue in wrong]
        found = whole.root if whole else {}
        faults = [*faults, *wrong]
    return Approvals(code, name, found, tuple(replace(fault, severity="note") for fault in faults), file)


def _to_be_signed_again(fault: Issue, file: YamlFile, code: str) -> Issue:
    """A fault of one approval, which cannot be corrected by hand: only what is signed counts."""
    id_ = fault.where[0]
    message = f"this approval does not count: {fault.message}"
    return replace(fault, message=message, remedy=DELETE.format(file.lines[id_,], once_read("it", code, id_)))


def _is_empty(path: Path) -> bool:
    """Whether there is no file, or nothing in it but remarks. One that cannot be opened is told by its reader."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return all(line.lstrip()[:1] in (b"", b"#") for line in lines)


class NotSigned(Exception):
    """The approvals file has faults, and writing it anew would lose what cannot be read. `faults`: with their lines."""

    def __init__(self, faults: Iterable[Issue]) -> None:
        super().__init__("the approvals cannot all be read")
        self.faults = tuple(faults)


def approve(folder: Path, code: str, name: str, signed: Mapping[str, Approval]) -> Path:
    """Add approvals to the file of a language, whose own name is `name`; the file. Raises NotSigned or NotWritten.

    Two who sign at once wait for each other, so that neither loses what the other has signed.
    """
    path = folder / Path(approvals_name(code)).name
    with alone(path):
        return _write(path, HEAD.format(code=code, name=name), _with(read_approvals(folder, code), signed))


def approve_heard(recordings: Path, code: str, name: str, signed: Mapping[str, Approval]) -> Path:
    """The same for what was approved in the listening room; `recordings`: the folder of the recordings of people."""
    path = heard_path(recordings, code)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with alone(path):
        return _write(path, HEAD_OF_HEARD.format(code=code, name=name), _with(read_heard(recordings, code), signed))


def _with(there: Approvals, signed: Mapping[str, Approval]) -> Signed:
    """What is written, and new approvals. Raises NotSigned."""
    if there.faults:
        raise NotSigned(issue if there.file is None else there.file.locate(issue) for issue in there.faults)
    return {**there.written, **signed}


def write_approvals(folder: Path, code: str, name: str, approvals: Mapping[str, Approval]) -> Path:
    """Write the approvals of a language, whose own name is `name`; the file. Raises NotWritten."""
    return _write(folder / Path(approvals_name(code)).name, HEAD.format(code=code, name=name), approvals)


def _write(path: Path, head: str, approvals: Mapping[str, Approval]) -> Path:
    write_atomically(path, "\n".join([head, *(_block(id_, approvals[id_]) for id_ in sorted(approvals))]).encode())
    return path


def _block(id_: str, approval: Approval) -> str:
    """The lines of a sentence. Each ends with its id, and so is like no other line of the file.

    Git keeps the lines of both sides (`prompts/.gitattributes`), each once: of two blocks that share lines, as those of
    two sentences with the same words do, it would make one.
    """
    name = id_ if PLAIN_KEY.fullmatch(id_) else _quoted(id_)
    values = {
        "wording": _quoted(approval.wording),
        "spoken": approval.spoken and _quoted(approval.spoken),
        "english": _quoted(approval.english),
        "by": _quoted(approval.by),
        "day": str(approval.day),
        "hash": _quoted(approval.hash),  # digits alone would be a number to other readers of YAML
    }
    lines = (f"  {key}: {value}  # {name}\n" for key, value in values.items() if value)
    return f"{name}:\n{''.join(lines)}"


def _quoted(text: str) -> str:
    """A JSON string, which is a YAML string too, with the letters as they are."""
    return json.dumps(text, ensure_ascii=False)
