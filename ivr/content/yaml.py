"""YAML read with every value as a string, and with the line of every key.

PyYAML's own loader reads 12:00 as 720 and `no` as False (YAML 1.1), and silently keeps the last of two equal keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ivr.content.files import MERGE_MARK, MISSING_FILE, RESTORE, TWO_VERSIONS, unreadable
from ivr.content.value_faults import explain_values
from ivr.content.yaml_faults import Fault, explain_yaml
from ivr.core.characters import code_of, composed
from ivr.core.issue import Issue

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's loader, ten times as fast, where it is installed; both give the line of each node."""

MOST_BYTES = 256_000
MOST_DEEP = 20
MOST_VALUES = 20_000
"""More than any file of a site can need, and read within a second."""
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufdd0-\ufdef\ufffe\uffff]")
"""Signs that nobody sees: controls, separators that only YAML takes for the end of a line, and no characters at all."""
OTHER_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ")
"""What a text that is copied from a page has in place of blanks."""
CURLY = "“”„«»"
KINDS = ("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "seq", "map")
NO_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in KINDS)
"""The tags that PyYAML gives to what has none in the file."""
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
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except IsADirectoryError:
        return None, [Issue("broken", name, (), "this is a folder, and must be a file", "Give the folder another name")]
    except OSError:
        return None, [Issue("broken", name, (), MISSING_FILE, RESTORE)]
    return parse_yaml(raw, name)


def parse_yaml(raw: bytes, name: str) -> tuple[YamlFile | None, list[Issue]]:
    """Read the bytes of a file, as `read_yaml` does."""
    try:
        text = _text(raw)
        if unseen := [Fault(line, *_unseen(sign)) for line, sign in _unseen_signs(text)]:
            return None, [unreadable(name, fault.line, fault.message, fault.remedy) for fault in unseen]
        if marked := [line for line, said in enumerate(text.split("\n"), 1) if MERGE_MARK.match(said)]:
            return None, [unreadable(name, line, *TWO_VERSIONS) for line in marked]
        reader = _NodeReader(name)
        data = reader.value(root, ()) if (root := compose(text)) else None
    except Fault as fault:
        return None, [unreadable(name, fault.line, fault.message, fault.remedy)]
    if not isinstance(data, dict):
        told = "the first line does not begin with a word and a colon" if data else "the file is empty"
        return None, [unreadable(name, 1, told, RESTORE)]
    return YamlFile(name, data, reader.lines), reader.issues


def validate(file: YamlFile, model: type[Model]) -> tuple[Model | None, list[Issue]]:
    """Turn a file into a model; None with an issue for each fault of a value where it is not valid."""
    try:
        return model.model_validate(file.data), []
    except ValidationError as error:
        faults = explain_values(error, model, file.data, file.known)
    issues = []
    for fault in faults:
        message = fault.message
        if fault.see:
            message += f" and in line {file.lines.get(file.known(fault.see), 1)}"
        issues.append(file.locate(Issue("broken", file.name, fault.where, message, fault.remedy)))
    return None, issues


def _text(raw: bytes) -> str:
    """What a file says, composed (NFC), with blanks of one kind and \\n at the end of each line. Raises Fault."""
    remedy = "choose File, Save as, Encoding: UTF-8"
    if len(raw) > MOST_BYTES:
        raise Fault(1, "the file is far too large to be right", RESTORE)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or raw.count(0) > len(raw) // 4:
        raise Fault(1, "the file is saved as UTF-16, and must be UTF-8 text", f"To save it again, {remedy}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = "a letter such as ä cannot be read, as the file is not saved as UTF-8 text"
        raise Fault(line, message, f"Correct such letters, then {remedy}") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return composed(one_kind_of_blank(text))


def one_kind_of_blank(text: str) -> str:
    """A text, as long as before, in which every blank is a plain one."""
    return text.translate(OTHER_BLANKS)


def _unseen_signs(text: str) -> list[tuple[int, str]]:
    return [(line, found[0]) for line, said in enumerate(text.split("\n"), 1) if (found := UNSEEN.search(said))]


def _unseen(sign: str) -> tuple[str, str]:
    return f"there is a character that nobody sees, {code_of(sign)}", "Delete the line and write it anew"


def compose(text: str) -> yaml.Node | None:
    """The nodes of a text, once it is known not to be too deep for whoever walks them. Raises Fault."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MOST_DEEP:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise Fault(line, "too many brackets are inside each other", "Remove those that are too many")
        node: yaml.Node | None = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        raise explain_yaml(error, text) from None
    return node


class _NodeReader:
    """Turns the nodes that PyYAML composed from one file into values, and collects lines and issues."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[tuple[str, ...], int] = {}
        self.issues: list[Issue] = []
        self._values = 0

    def value(self, node: yaml.Node, path: tuple[str, ...]) -> Any:
        """What a node says. Raises Fault where values repeat each other without end."""
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        self._values += 1
        if len(path) > MOST_DEEP or self._values > MOST_VALUES:
            raise Fault(
                line, "a part that is marked with & repeats itself, or too many parts", "Write it out, without * and &"
            )
        if node.tag not in NO_TAGS:
            self._tell(line, "a word cannot begin with !", "Remove the !, or put quotation marks around it")
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.value(item, (*path, str(index))) for index, item in enumerate(node.value)]
            case yaml.ScalarNode():
                return self._scalar(node, line)
            case _:
                raise AssertionError("YAML has no other kinds of node")

    def _mapping(self, node: yaml.MappingNode, path: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._tell(line, "brackets are before a colon", "Write one word before the colon")
                continue
            key = self._scalar(key_node, line)
            if key in found:
                first = self.lines[(*path, key)]
                self._tell(line, f"'{key}' is here and also in line {first}", "Delete one, with all that belongs to it")
            elif key == "<<":
                self._tell(line, "'<<' is not understood here", "Write out the lines that it means")
                continue
            self.lines[(*path, key)] = line
            found[key] = self.value(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.ScalarNode, line: int) -> str:
        text = str(node.value)
        if unseen := UNSEEN.search(text):
            message = f"there is an invisible character, {code_of(unseen[0])}"
            self._tell(line, message, f"Write it without: '{UNSEEN.sub('', text)}'")
        if not node.style and text[:1] and text[0] in CURLY:
            inside = f'"{text[1:-1]}"' if text[-1] in CURLY else '" in place of it, before and after the text'
            self._tell(line, f"the quotation mark {text[0]} is the wrong kind", f"Write {inside}, with straight marks")
        return text

    def _tell(self, line: int, message: str, remedy: str) -> None:
        self.issues.append(unreadable(self.name, line, message, remedy))
