"""Closing a service on some days: a row is added to office.yaml, and nothing else of the file is touched."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from pydantic import ValidationError

from ivr.content.files import OFFICE
from ivr.content.yaml import compose, one_kind_of_blank, parse_yaml, validate
from ivr.core.exception_days import ALL, ExceptionDay, overlaps
from ivr.core.issue import Issue
from ivr.core.office import Office
from ivr.core.spelling import near
from ivr.core.values import first_told
from ivr.files import NotWritten, write_atomically

CHANGED = "somebody else has just changed the file. Remedy: try again"


class NotAdded(Exception):
    """No row was added, and nothing was written. The message gives the reason and the remedy."""


@dataclass(frozen=True)
class Row:
    """A row that was added: its line, from 1, and what was put there; `alone`: it has the line to itself."""

    line: int
    text: str
    alone: bool


def read_office(path: Path) -> tuple[Office | None, list[Issue]]:
    """Read office.yaml alone, whatever the other files of the site are like."""
    try:
        return _office(path.read_bytes())
    except OSError as error:
        return None, [Issue("broken", OFFICE, (), f"it cannot be read: {error.strerror}", "See that it is there")]


def close(path: Path, office: Office, schedule: str, first: date, last: date, today: date) -> Row:
    """Add a row to office.yaml that closes a schedule, or all, from one date to another. Raises NotAdded.

    `office` is what the file says. The new text is read as the line would read it, and written only if it says that
    row more, and nothing else.
    """
    known = [ALL, *office.hours]
    if schedule not in known:
        remedy = near(schedule, known) or f"one of these: {', '.join(known)}"
        raise NotAdded(f"'{schedule}' is not a known service. Remedy: write {remedy}")
    if last < today:
        raise NotAdded(f"{last} is past. Remedy: write a day to come")
    dates = f"date: {first}" if first == last else f"from: {first}, to: {last}"
    row, exception = f"{{{dates}, hours: {{{schedule}: closed}}}}", _exception(schedule, first, last)
    raw = _read(path)
    if not _says(raw, office.model_dump()):
        raise NotAdded(CHANGED)
    _not_there_already(raw, office, exception)
    changed, added = _with_row(raw, row)
    expected = office.model_dump() | {"exceptions": [*office.model_dump()["exceptions"], exception.model_dump()]}
    if added is None or not _says(changed, expected):
        raise NotAdded(f"the exceptions are written in an unusual way. Remedy: add this row to them by hand: - {row}")
    if _read(path) != raw:
        raise NotAdded(CHANGED)
    try:
        write_atomically(path.resolve(), changed)
    except NotWritten as error:
        raise NotAdded(str(error)) from None
    return added


def _office(raw: bytes) -> tuple[Office | None, list[Issue]]:
    file, issues = parse_yaml(raw, OFFICE)
    if file is None or issues:
        return None, issues
    return validate(file, Office)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotAdded(f"{path} cannot be read: {error.strerror}. Remedy: see that it is there") from None


def _exception(schedule: str, first: date, last: date) -> ExceptionDay:
    dates = {"date": str(first)} if first == last else {"from": str(first), "to": str(last)}
    try:
        return ExceptionDay.model_validate({**dates, "hours": {schedule: "closed"}})
    except ValidationError as error:
        what, _, remedy = first_told(error).rpartition("; ")
        raise NotAdded(f"{what}. Remedy: {remedy}") from None


def _not_there_already(raw: bytes, office: Office, exception: ExceptionDay) -> None:
    """Raise NotAdded where a row of the file has hours for the same schedule on one of the days."""
    rows = (*office.exceptions, exception)
    both = next((each for each in overlaps(rows, office.hours) if each[1] == len(rows) - 1), None)
    if both is None:
        return
    file, _ = parse_yaml(raw, OFFICE)
    line = file.lines.get(("exceptions", str(both[0]))) if file else None
    told = f"line {line} has hours for {both[3]} on {both[2]} already"
    raise NotAdded(f"{told}. Remedy: change that line, or remove it and try again")


def _says(raw: bytes, expected: object) -> bool:
    """Whether a file says this and nothing else; the order of its exceptions means nothing."""
    office, _ = _office(raw)
    return office is not None and _sorted(office.model_dump()) == _sorted(expected)


def _sorted(office: object) -> object:
    if not isinstance(office, dict):
        return office
    return {**office, "exceptions": sorted(office["exceptions"], key=repr)}


def _with_row(raw: bytes, row: str) -> tuple[bytes, Row | None]:
    """The file with one row more, wherever its exceptions stand and however they are written; None if nowhere."""
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    text = raw.removeprefix(mark).decode()
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    root = compose(one_kind_of_blank(text))
    if not isinstance(root, yaml.MappingNode):
        return raw, None
    found = next((pair for pair in root.value if pair[0].value == "exceptions"), None)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    if found is None:
        lines += [f"exceptions:{end}", f"  - {row}{end}"]
        added = Row(len(lines), f"- {row}", alone=True)
    else:
        added = _put_into(lines, found[0], found[1], row, end)
    return mark + "".join(lines).encode(), added


def _put_into(lines: list[str], key: yaml.Node, value: yaml.Node, row: str, end: str) -> Row:
    """Put a row into the exceptions of a file, whose lines are changed in place."""
    at, begin, stop = key.start_mark.line, value.start_mark, value.end_mark
    rows = value.value if isinstance(value, yaml.SequenceNode) else []
    between_brackets = isinstance(value, yaml.SequenceNode) and value.flow_style
    if between_brackets and (rows or not at == begin.line == stop.line):
        text = f"{row}, " if rows else row
        line = lines[begin.line]
        lines[begin.line] = line[: begin.column + 1] + text + line[begin.column + 1 :]
        return Row(begin.line + 1, text, alone=False)
    indent = " " * (key.start_mark.column + 2)
    if rows:
        first = lines[rows[0].start_mark.line]
        indent = first[: len(first) - len(first.lstrip(" "))]
    elif (
        at == begin.line == stop.line and begin.column < stop.column
    ):  # [], ~ or null, which would stand before the row
        lines[at] = lines[at][: begin.column].rstrip() + lines[at][stop.column :]
    lines.insert(at + 1, f"{indent}- {row}{end}")
    return Row(at + 2, f"- {row}", alone=True)
