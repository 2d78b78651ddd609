"""YAML read as strings, with the line of every key, and nothing guessed.

PyYAML's own loader reads 12:00 as 720 and `no` as False, and lets a duplicate key win silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ivr.core.issue import Issue

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast where libyaml is there; both keep the marks."""

Marks = Mapping[tuple[str, ...], int]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class YamlFile:
    """What a file says and where: `marks` maps each path of keys to its line, counted from 1."""

    name: str
    data: Any
    marks: Marks

    def locate(self, issue: Issue) -> Issue:
        """Fill in the line of an issue; what the file does not have is looked for as deep as it goes."""
        return replace(issue, line=line_of(self.marks, issue.where))


def line_of(marks: Marks, where: tuple[str, ...]) -> int:
    """The line of the deepest part of a path that the file has."""
    found: tuple[str, ...] = ()
    for part in where:
        if (*found, part) in marks:
            found = (*found, part)
    return marks.get(found, 1)


def read_yaml(path: Path, name: str) -> tuple[YamlFile | None, list[Issue]]:
    """Read one file; everything that keeps it from being read is an issue."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    except FileNotFoundError:
        return None, [Issue("broken", name, (), "the file is missing", "Restore it from version control")]
    except (yaml.MarkedYAMLError, UnicodeDecodeError, yaml.reader.ReaderError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "this is not UTF-8 text"
        return None, [_at(name, mark.line + 1 if mark else 1, f"not readable as YAML: {what}", "Mend this line")]
    reader = _NodeReader(name)
    data = reader.value(root, ()) if root else None
    if not isinstance(data, dict):
        reader.issues.append(_at(name, 1, "there is no list of keys and values in it", "Restore it"))
    return YamlFile(name, data, reader.marks), reader.issues


def validate(file: YamlFile, model: type[Model]) -> tuple[Model | None, list[Issue]]:
    """Turn a file into a model; each thing that pydantic refuses is an issue with its line."""
    try:
        return model.model_validate(file.data), []
    except ValidationError as error:
        return None, [
            file.locate(Issue("broken", file.name, place, *_explain(fault, ".".join(place) or "the file")))
            for fault in error.errors()
            for place in [_place(file, tuple(map(str, fault["loc"])))]
        ]


def _place(file: YamlFile, where: tuple[str, ...]) -> tuple[str, ...]:
    """A path of pydantic's without the names of kinds that it puts between the keys of the file."""
    found: tuple[str, ...] = ()
    for part in where:
        if (*found, part) in file.marks or part is where[-1]:
            found = (*found, part)
    return found


def _explain(fault: Any, place: str) -> tuple[str, str]:
    match fault["type"]:
        case "extra_forbidden":
            return f"'{place}' is not a word of this file", "Remove it, or correct its spelling"
        case "missing":
            return f"'{place}' is missing", "Add it"
        case "value_error":
            return f"{place}: {str(fault['ctx']['error']).rstrip('.')}", "Correct it"
        case _:
            return f"{place}: '{fault['input']}': {fault['msg']}", "Correct it"


def _at(name: str, line: int, message: str, remedy: str) -> Issue:
    return replace(Issue("broken", name, (), message, remedy), line=line)


class _NodeReader:
    """Walks the composed nodes of one file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.marks: dict[tuple[str, ...], int] = {}
        self.issues: list[Issue] = []

    def value(self, node: yaml.Node, path: tuple[str, ...]) -> Any:
        self.marks.setdefault(path, node.start_mark.line + 1)
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.value(item, (*path, str(index))) for index, item in enumerate(node.value)]
            case _:
                return node.value

    def _mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in found:
                self.issues.append(_at(self.name, line, f"'{key}' stands twice", "Keep one of the two"))
            self.marks[(*path, key)] = line
            found[key] = self.value(value_node, (*path, key))
        return found
