"""YAML read with every value as a string, and with the line of every key.

PyYAML's own loader reads 12:00 as 720 and `no` as False (YAML 1.1), and silently keeps the last of two equal keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ivr.content.files import MISSING_FILE, unreadable
from ivr.core.issue import Issue

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's loader, ten times as fast, where it is installed; both give the line of each node."""

MEND = "Mend this line or the one above: close quotes and brackets, indent with spaces, and put no item below []"
Lines = Mapping[tuple[str, ...], int]
"""Path of keys -> line, counted from 1."""
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class YamlFile:
    """What was read of one file: its values, and the line of each key."""

    name: str
    data: Any
    lines: Lines

    def known(self, where: tuple[str, ...]) -> tuple[str, ...]:
        """A path without the keys that the file does not have."""
        found: tuple[str, ...] = ()
        for part in where:
            if (*found, part) in self.lines:
                found = (*found, part)
        return found

    def locate(self, issue: Issue) -> Issue:
        """Fill in the line of an issue: that of the last key of its path that the file has, else 1."""
        return replace(issue, line=self.lines.get(self.known(issue.where), 1))


def read_yaml(path: Path, name: str) -> tuple[YamlFile | None, list[Issue]]:
    """Read one file; None with the issues where it cannot be read. `name` is the file's name in issues."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    except OSError:
        return None, [Issue("broken", name, (), MISSING_FILE, "Restore it from version control")]
    except (yaml.MarkedYAMLError, UnicodeDecodeError, yaml.reader.ReaderError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "this is not UTF-8 text"
        return None, [unreadable(name, mark.line + 1 if mark else 1, f"not readable as YAML: {what}", MEND)]
    reader = _NodeReader(name)
    data = reader.value(root, ()) if root else None
    if not isinstance(data, dict):
        reader.issues.append(unreadable(name, 1, "there is no list of keys and values in it", "Restore it"))
    return YamlFile(name, data, reader.lines), reader.issues


def validate(file: YamlFile, model: type[Model]) -> tuple[Model | None, list[Issue]]:
    """Turn a file into a model; None with an issue for each error of pydantic where it is not valid."""
    issues = []
    try:
        return model.model_validate(file.data), []
    except ValidationError as error:
        for fault in error.errors():
            path = tuple(map(str, fault["loc"]))
            place = (*file.known(path[:-1]), *path[-1:])  # pydantic puts the kinds of nodes between the keys
            issue = Issue("broken", file.name, place, *_explain(fault, ".".join(place) or "the file"))
            issues.append(file.locate(issue))
    return None, issues


def _explain(fault: Any, place: str) -> tuple[str, str]:
    match fault["type"]:
        case "extra_forbidden":
            return f"'{place}' is not a word of this file", "Remove it, or correct its spelling"
        case "missing":
            return f"'{place}' is missing", "Add it"
        case "value_error":
            return f"{place}: {str(fault['ctx']['error']).rstrip('.')}", "Correct it"
        case kind if kind.startswith("date"):
            return f"{place}: '{fault['input']}' is not a date", "Write it like 2026-12-31"
        case _:
            return f"{place}: '{fault['input']}': {fault['msg']}", "Correct it"


class _NodeReader:
    """Turns the nodes that PyYAML composed from one file into values, and collects lines and issues."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[tuple[str, ...], int] = {}
        self.issues: list[Issue] = []

    def value(self, node: yaml.Node, path: tuple[str, ...]) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
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
                self.issues.append(unreadable(self.name, line, f"'{key}' stands twice", "Keep one of the two"))
            self.lines[(*path, key)] = line
            found[key] = self.value(value_node, (*path, key))
        return found
