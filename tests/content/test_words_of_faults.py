"""No fault of a file is told in the words of a library, whatever is wrong with it, and none is an exception."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, _pydantic_core

from ivr.content.value_faults import explain_values
from ivr.content.yaml import YamlFile, parse_yaml, validate
from ivr.core.flow import Flow
from ivr.core.languages import Languages
from ivr.core.office import Office
from tests.content.conftest import LIBRARY, REAL

KINDS: dict[str, Any] = {
    str(each["type"]): each.get("example_context") or {} for each in _pydantic_core.list_all_errors()
}
"""Every kind of fault that pydantic knows, with an example of what it tells."""
EXAMPLES: dict[str, dict[str, Any]] = {
    "value_error": {"error": ValueError("the bell is shrill; write soft")},
    "literal_error": {"expected": "'any_key' or 'at_once'"},
    "union_tag_invalid": {"discriminator": "'kind'", "tag": "paeg", "expected_tags": "'page', 'menu'"},
    "model_type": {"class_name": "Contact"},
}
"""Better examples."""
MODELS: dict[str, type[BaseModel]] = {"office.yaml": Office, "languages.yaml": Languages, "flow.yaml": Flow}
TEXTS = {name: (REAL / name).read_text(encoding="utf-8") for name in MODELS}
EXCEPTIONS = "exceptions:\n  - {from: 2026-07-01, to: 2026-07-31, why: x, hours: {phone: closed, door: 9-12}}\n"
TEXTS["languages.yaml"] = re.sub("(    locale: .*\n)", r"\1    live: no\n", TEXTS["languages.yaml"])
TEXTS["office.yaml"] = TEXTS["office.yaml"].replace("exceptions:\n", EXCEPTIONS)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
ODD: tuple[Any, ...] = (
    "", "~", "x", "X y", "2_5", "25.0", "nan", "inf", "-1", "0", "9999999", "ä", "6", "'", "{", "yes",
    [], {}, [""], ["x", {"y": "z"}], [[]], {"x": "y"}, {"": ""}, {"6": {"to": "person"}}, {"kind": "page"}, [{}],
)  # fmt: skip
"""What is written in place of something else."""


def whole(name: str) -> YamlFile:
    file, issues = parse_yaml(TEXTS[name].encode(), f"prompts/{name}")
    assert issues == []
    assert file
    assert validate(file, MODELS[name])[1] == []
    return file


FILES = {name: whole(name) for name in MODELS}


def parts(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a value: what holds it, and its key or index there."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(each, (dict, list)):
            yield from parts(each)


def broken(name: str, seed: int) -> tuple[YamlFile, int]:
    """A file in which one to four parts are missing, are named wrongly, or are something else; and its last line."""
    chance = random.Random(seed)  # noqa: S311
    file = FILES[name]
    data = copy.deepcopy(file.data)
    for _ in range(chance.randint(1, 4)):
        holder, key = chance.choice([*parts(data)])
        match chance.randrange(4):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[f"{key}x"] = holder.pop(key)
            case _:
                holder[key] = copy.deepcopy(chance.choice(ODD))
    text = yaml.dump(data, Dumper=DUMPER, allow_unicode=True, sort_keys=False)
    again, issues = parse_yaml(text.encode(), file.name)
    assert issues == []
    assert again
    assert again.data == data
    return again, text.count("\n")


def assert_told(name: str, issues: list[Any], lines: int) -> None:
    for issue in issues:
        assert (issue.severity, issue.file) == ("broken", f"prompts/{name}")
        assert 1 <= issue.line <= lines, issue
        assert issue.message, issue
        assert len(issue.remedy) > 6, issue
        assert not LIBRARY.search(f"{issue.message} {issue.remedy}"), issue


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_a_file_with_broken_parts_is_told_in_words(name: str, seed: int) -> None:
    file, last = broken(name, seed)
    _, issues = validate(file, MODELS[name])
    assert_told(name, issues, last)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("office.yaml", "accept: any_key", "accept: anykey", "accept: 'anykey' is not a known word. Write any_key."),
        (
            "office.yaml",
            "accept: any_key",
            "accept: [any_key]",
            "accept: this is not one word. Write any_key or at_once",
        ),
        (
            "flow.yaml",
            "    kind: message\n    say: [safety.op",
            "    kind: massage\n    say: [safety.op",
            "kind: 'massage' is not a known word. Write message.",
        ),
        (
            "flow.yaml",
            "exhausted: {to: on_call, matter: silent}",
            "exhausted: {to: on_call, 7: silent}",
            "'7' is not a known word. ",
        ),
        (
            "flow.yaml",
            "  machine: welcome.machine\n",
            "  machine: welcome.machine\n  press: main.press\n",
            "'press' has no use here any more. Delete it",
        ),
        ("languages.yaml", 'press: ["paina {key}"]', 'press: ["{key}"]', "Write the words with {key} for the number"),
        ("languages.yaml", 'press: ["paina {key}"]', 'press: ["paina"]', "Write the words with {key} for the number"),
        (
            "flow.yaml",
            "    kind: message\n    say: [safety.op",
            "    kind: [x]\n    say: [safety.op",
            "kind: this is not one word. Write ",
        ),
        (
            "flow.yaml",
            "    kind: message\n    say: [safety.op",
            "    say: [safety.op",
            "'kind' is missing below 'opening'",
        ),
        (
            "flow.yaml",
            "say: [safety.opening]",
            "say: safety.opening",
            "the brackets are missing. Write [safety.opening]",
        ),
        ("flow.yaml", "rounds: 3", "rounds: 3_0", "rounds: '3_0' is not a whole number"),
        ("languages.yaml", "live: no", "live: maybe", "live: 'maybe' is not true or false. Write true or false"),
        ("languages.yaml", "pace: 0.85", "pace: nan", "pace: 'nan' is not a number"),
        ("languages.yaml", "characters_per_second: 14", "characters_per_second: 1_4", "'1_4' is not a number"),
        ("languages.yaml", "pace: 0.85", "pace: 0,85", "pace 0,85 has a comma. Write pace: 0.85."),
        ("languages.yaml", "pace: 0.85", "85: 0.85", "'85' is not a known word. Remove it, with what belongs to it."),
    ],
)
def test_a_fault_of_any_file_is_told_on_its_line(name: str, old: str, new: str, told: str) -> None:
    before, _, after = TEXTS[name].partition(old)
    assert after
    file, issues = parse_yaml((before + new + after).encode(), f"prompts/{name}")
    assert file
    assert issues == []
    _, (issue,) = validate(file, MODELS[name])
    assert told in str(issue)
    lines = range(before.count("\n") + (0 if new.startswith("    say") else 1), before.count("\n") + 3)
    assert issue.line in lines


def test_broken_parts_come_to_every_kind_of_fault_that_these_files_can_have() -> None:
    seen = set()
    for name, model in MODELS.items():
        for seed in range(300):
            try:
                model.model_validate(broken(name, seed)[0].data)
            except ValidationError as error:
                seen |= {fault["type"] for fault in error.errors()}
    rare = {"bool_type", "greater_than", "greater_than_equal", "less_than", "less_than_equal", "too_short"}
    assert seen - rare == {
        "bool_parsing",
        "dict_type",
        "extra_forbidden",
        "float_type",
        "int_type",
        "literal_error",
        "missing",
        "model_attributes_type",
        "model_type",
        "string_type",
        "told",
        "tuple_type",
        "union_tag_invalid",
        "union_tag_not_found",
        "value_error",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_of_any_kind_that_pydantic_knows_has_its_words(kind: str) -> None:
    """Also those that no field can raise today: a field that is added tomorrow may."""
    fault = InitErrorDetails(type=kind, loc=("ring",), input="written", ctx=EXAMPLES.get(kind, KINDS[kind]))
    error = ValidationError.from_exception_data("office", [fault])
    (told,) = explain_values(error, Office, {"ring": "written"}, lambda path: path)
    assert told.message
    assert len(told.remedy) > 8
    assert not LIBRARY.search(f"{told.message} {told.remedy}"), told


SIGNS = "{}[]:,-#&*!|>'\"%@`\t\n\0 ?é=<~\\”\u00a0\r"


@settings(max_examples=60)
@given(
    name=st.sampled_from([*MODELS]),
    edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), st.text(SIGNS, max_size=3)), min_size=1, max_size=3),
)
def test_a_file_with_other_signs_in_it_is_read_or_told_in_words(name: str, edits: list[tuple[float, int, str]]) -> None:
    text = TEXTS[name]
    for at, gone, written in edits:
        place = int(at * len(text))
        text = text[:place] + written + text[place + gone :]
    file, issues = parse_yaml(text.encode(), f"prompts/{name}")
    if file:
        issues = issues + validate(file, MODELS[name])[1]
    assert_told(name, issues, text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1)


@settings(max_examples=50)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_told(raw: bytes) -> None:
    file, issues = parse_yaml(raw, "prompts/office.yaml")
    assert file or issues
    assert_told("office.yaml", issues, 400)
