"""What is wrong with a file that is no YAML, in words for whoever wrote it: its line, and what to write there.

PyYAML names the place where it gave up, which may be below the mistake, and in the words of a parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import yaml

NOTHING = re.compile(r"\s*['\"]?(?P<word>[^'\":#]+)['\"]?:\s*(?P<nothing>\[\s*\]|\{\s*\})\s*(?:#.*)?")
"""A line that says of a word that there is nothing: `exceptions: []`."""
WORD = re.compile(r"\s*(?:- )?\s*(?:['\"].*?['\"]|[^\s'\":#{\[-][^:]*):(?:\s|$)")
"""The beginning of a line that names a word: `hours:`."""

COLON = re.compile(r":(?:\s|$)")
OPEN_QUOTE = ("a quotation mark of this line has no second one", "Close it in the same line")


@dataclass(eq=False)
class Fault(Exception):
    """A line from 1, what is wrong there, and the remedy."""

    line: int
    message: str
    remedy: str


@dataclass(frozen=True)
class _Place:
    """Where PyYAML gave up: the lines of the file, that line and column, and the line where the part began; from 0."""

    lines: Sequence[str]
    line: int
    column: int
    begun: int | None
    begins_with: str
    problem: str

    def above(self, line: int) -> int | None:
        """The next line above that says something."""
        said = (at for at in range(line - 1, -1, -1) if self.lines[at].split("#")[0].strip())
        return next(said, None)

    def at(self, line: int) -> str:
        return self.lines[line] if line < len(self.lines) else ""


def explain_yaml(error: yaml.YAMLError, text: str) -> Fault:
    """The fault of a text that PyYAML refused."""
    mark, begun = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    context, problem = (str(getattr(error, name, None) or "") for name in ("context", "problem"))
    lines = text.rstrip("\n").split("\n")
    line, column = (mark.line, mark.column) if mark else (0, 0)
    begins_with = lines[begun.line][begun.column : begun.column + 1] if begun and begun.line < len(lines) else ""
    place = _Place(lines, line, column, begun.line if begun else None, begins_with, f"{context} {problem}")
    checks: tuple[Callable[[_Place], Fault | None], ...] = (
        _rows_below_nothing,
        _tab,
        _escape,
        _open_quote,
        _second_document,
        _open_bracket,
        _reference,
        _first_sign,
        _row_on_the_line_of_its_list,
        _no_colon,
        _two_colons,
    )
    found = next((fault for check in checks if (fault := check(place))), None)
    return found or Fault(
        min(line + 1, len(lines)),
        "this line does not fit the lines above it",
        "Begin it with as many spaces as the line above of the same kind, and close quotation marks and brackets",
    )


def _rows_below_nothing(place: _Place) -> Fault | None:
    above = place.above(place.line)
    if above is None or not (nothing := NOTHING.fullmatch(place.lines[above])):
        return None
    deeper = _blanks(place.at(place.line)) > _blanks(place.lines[above])
    if not deeper and not place.at(place.line).lstrip().startswith("- "):
        return None
    sign = "".join(nothing["nothing"].split())
    message = f"'{nothing['word'].strip()}: {sign}' means that there are none, but line {place.line + 1} gives one"
    return Fault(above + 1, message, f"Remove the {sign} in line {above + 1}")


def _tab(place: _Place) -> Fault | None:
    for line in (place.line, place.above(place.line)):
        if line is not None and "\t" in place.at(line).split("#")[0]:
            remedy = "Put a space in its place"
            if place.at(line).lstrip(" ").startswith("\t"):
                above = place.above(line)
                spaces = 0 if above is None else _indent(place.lines[above], place.at(line))
                remedy = f"Begin the line with {spaces or 'no'} spaces, and with no tab"
            return Fault(line + 1, "the line has a tab (the Tab key)", remedy)
    return None


def _indent(above: str, line: str) -> int:
    """How many spaces a line most likely begins with: as many as the one above, or more if that begins a part."""
    begins_row = above.lstrip().startswith("- ") and not line.lstrip().startswith("-")
    return _blanks(above) + 2 * (begins_row or above.split("#")[0].rstrip().endswith(":"))


def _escape(place: _Place) -> Fault | None:
    if "escape" not in place.problem:
        return None
    return Fault(place.line + 1, "a \\ is between quotation marks", "Remove it, or write single quotation marks: '...'")


def _open_quote(place: _Place) -> Fault | None:
    if "quoted" not in place.problem or place.begun is None:
        return None
    return Fault(place.begun + 1, *OPEN_QUOTE)


def _open_bracket(place: _Place) -> Fault | None:
    if place.begins_with not in ("[", "{") or place.begun is None:
        return None
    if place.at(place.begun).count('"') % 2:
        return Fault(place.begun + 1, *OPEN_QUOTE)
    closing = {"[": "]", "{": "}"}[place.begins_with]
    said, hash_, _ = place.at(place.begun).partition("#")
    ends_well = said.rstrip()[-1:] not in "{[,]}" and not any(said.count(mark) % 2 for mark in "\"'")
    if said.count(place.begins_with) > said.count(closing) and ends_well:
        where = f"after {said.split()[-1]}" + (", before the #" if hash_ else "")
        return Fault(
            place.begun + 1, f"the {place.begins_with} in this line has no {closing}", f"Write {closing} {where}"
        )
    message = f"the bracket {place.begins_with} of this line is not closed, or something in it cannot be read"
    remedy = (
        f"Close it with {closing}, put a comma after each part, and quotation marks around what has a comma or a colon"
    )
    return Fault(place.begun + 1, message, remedy)


def _second_document(place: _Place) -> Fault | None:
    if "document" not in place.problem and "directive" not in place.problem:
        return None
    # A line without a colon at the top of a file is taken for a document too.
    if not place.at(place.line).startswith(("---", "...", "%")) and "..." not in map(str.strip, place.lines):
        return None
    return Fault(place.line + 1, "a line of --- or one with % cannot be here", "Remove it")


def _reference(place: _Place) -> Fault | None:
    if "alias" in place.problem or "anchor" in place.problem:
        message = "a word with * repeats what is marked with & above, and nothing is marked so"
        return Fault(place.line + 1, message, "Put quotation marks around what begins with * or &")
    if "tag" in place.problem:
        return Fault(place.line + 1, "a word cannot begin with !", "Remove the !, or put quotation marks around it")
    return None


def _first_sign(place: _Place) -> Fault | None:
    sign = place.at(place.line)[place.column : place.column + 1]
    if "cannot start" not in place.problem or not sign.strip():
        return None
    return Fault(place.line + 1, f"nothing can begin with {sign}", "Put quotation marks around what begins with it")


def _row_on_the_line_of_its_list(place: _Place) -> Fault | None:
    if "sequence entries" not in place.problem:
        return None
    return Fault(place.line + 1, "a row that begins with - is after something else", "Put it on a line of its own")


def _no_colon(place: _Place) -> Fault | None:
    for line in (place.line, place.above(place.line), place.begun):
        if line is None or not (said := place.at(line).split("#")[0].strip()) or COLON.search(said) or said[0] == "-":
            continue
        word, colon, value = said.partition(":")
        if words := word.split():
            if colon:
                return Fault(line + 1, f"after '{word}:' a space is missing", f"Write {word}: {value}")
            written = " ".join([f"{words[0]}:", *words[1:]])
            remedy = f"Write {written} and leave the other lines as they are"
            return Fault(line + 1, f"the colon after '{words[0]}' is missing", remedy)
    return None


def _two_colons(place: _Place) -> Fault | None:
    here = place.at(place.line)
    if "mapping values" not in place.problem or not (word := WORD.match(here)):
        return None
    if ": " in here[word.end() :] or here[word.end() :].rstrip().endswith(":"):
        return Fault(place.line + 1, "this line has two colons", "Put quotation marks around what is after the first")
    return None


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
