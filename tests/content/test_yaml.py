"""YAML as the office means it: strings stay strings, and every fault has its line."""

from pathlib import Path
from textwrap import dedent
from typing import Annotated

import pytest
from pydantic import Field, field_validator

from ivr.content.yaml import YamlFile, read_yaml, validate
from ivr.core.issue import Issue
from ivr.core.values import Frozen

NAME = "prompts/office.yaml"


def read(folder: Path, text: str) -> tuple[YamlFile | None, list[Issue]]:
    path = folder / "office.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return read_yaml(path, NAME)


def whole(folder: Path, text: str) -> YamlFile:
    file, issues = read(folder, text)
    assert file
    assert issues == []
    return file


def fault(folder: Path, text: str) -> Issue:
    _, issues = read(folder, text)
    assert len(issues) == 1, "\n".join(map(str, issues))
    assert (issues[0].severity, issues[0].file) == ("broken", NAME)
    assert issues[0].remedy
    return issues[0]


@pytest.mark.parametrize(
    "word", ["12:00", "no", "on", "yes", "~", "null", "2026-12-31", "0123", "1e3", "0x10", "1_000", ".5"]
)
def test_a_word_is_never_taken_for_something_else(tmp_path: Path, word: str) -> None:
    assert whole(tmp_path, f"a: {word}\n{word}: b\nc: [{word}]").data == {"a": word, word: "b", "c": [word]}


def test_a_key_without_a_value_is_empty(tmp_path: Path) -> None:
    assert whole(tmp_path, "a:\nb: c").data == {"a": "", "b": "c"}


def test_a_part_that_is_written_once_can_stand_in_several_places(tmp_path: Path) -> None:
    file = whole(tmp_path, "a: &same\n  x: y\nb: *same\n")
    assert file.data == {"a": {"x": "y"}, "b": {"x": "y"}}
    assert file.lines["b",] == 3
    assert file.lines["b", "x"] == 2


def test_every_key_and_item_has_its_line(tmp_path: Path) -> None:
    file = whole(tmp_path, "# first\na:\n  b: c\n  d:\n    - e\n    - f\n")
    assert [file.lines[where] for where in (("a",), ("a", "b"), ("a", "d", "0"), ("a", "d", "1"))] == [2, 3, 5, 6]


def test_what_the_file_does_not_have_is_looked_for_as_deep_as_it_goes(tmp_path: Path) -> None:
    file = whole(tmp_path, "a:\n  b:\n    c: d\n")
    for where, line in ((("a", "b", "x"), 2), (("a", "x", "b", "c"), 3), (("x",), 1), ((), 1)):
        assert file.locate(Issue("broken", NAME, where, "", "")).line == line


def test_a_key_that_stands_twice_is_found_at_the_second(tmp_path: Path) -> None:
    issue = fault(tmp_path, "a: 1\nb:\n  c: 2\n  d: 3\n  c: 4\n")
    assert issue.line == 5
    assert (issue.message, issue.remedy) == ("'c' stands twice", "Keep one of the two")


def test_keys_that_differ_only_in_their_marks_are_the_same(tmp_path: Path) -> None:
    assert fault(tmp_path, "\"1\": a\n'1': b\n").line == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b\nc: [d, e\nf: g\n", 3),
        ("a: b\n\tc: d\n", 2),
        ("a: b\nc: d: e\n", 2),
        ("a: b\nc: *unknown\n", 2),
        ('a: "b\n', 2),
        ("a: b\n---\nc: d\n", 2),
    ],
)
def test_a_line_that_is_no_yaml_is_found(tmp_path: Path, text: str, line: int) -> None:
    issue = fault(tmp_path, text)
    assert issue.line == line
    assert issue.message.startswith("not readable as YAML: ")
    assert issue.remedy.startswith("Mend this line or the one above: ")


@pytest.mark.parametrize("text", ["", "# nothing\n", "just words\n", "- a\n- b\n"])
def test_a_file_without_keys_is_told(tmp_path: Path, text: str) -> None:
    issue = fault(tmp_path, text)
    assert issue.line == 1
    assert issue.message == "there is no list of keys and values in it"


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_missing_file_or_a_folder_of_its_name_is_told(tmp_path: Path, is_folder: bool) -> None:
    if is_folder:
        (tmp_path / "office.yaml").mkdir()
    assert read_yaml(tmp_path / "office.yaml", NAME) == (
        None,
        [Issue("broken", NAME, (), "the file is missing, or cannot be read", "Restore it from version control")],
    )


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "office.yaml").write_bytes("a: päivä\n".encode("latin-1"))
    file, issues = read_yaml(tmp_path / "office.yaml", NAME)
    assert file is None
    assert [issue.message for issue in issues] == ["not readable as YAML: this is not UTF-8 text"]


# --- values ---------------------------------------------------------------------------------------------------------


class Bell(Frozen):
    tone: str
    rings: Annotated[int, Field(ge=1, le=9)] = 1

    @field_validator("tone")
    @classmethod
    def _gentle(cls, tone: str) -> str:
        if tone == "shrill":
            raise ValueError("a shrill bell frightens; write soft")
        return tone


class Bells(Frozen):
    bells: dict[str, Bell]


def complaints(folder: Path, text: str) -> list[tuple[int, str, str]]:
    value, issues = validate(whole(folder, text), Bells)
    assert value is None
    assert {(issue.severity, issue.file) for issue in issues} == {("broken", NAME)}
    return [(issue.line, issue.message, issue.remedy) for issue in issues]


def test_values_are_read_from_strings(tmp_path: Path) -> None:
    assert validate(whole(tmp_path, "bells:\n  front: {tone: no, rings: 3}\n"), Bells) == (
        Bells(bells={"front": Bell(tone="no", rings=3)}),
        [],
    )


def test_everything_that_is_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
        bells:
          front:
            tone: shrill
            rigns: 3
          back:
            rings: many
        """
    assert complaints(tmp_path, text) == [
        (3, "bells.front.tone: a shrill bell frightens; write soft", "Correct it"),
        (4, "'bells.front.rigns' is not a word of this file", "Remove it, or correct its spelling"),
        (5, "'bells.back.tone' is missing", "Add it"),
        (
            6,
            "bells.back.rings: 'many': Input should be a valid integer, unable to parse string as an integer",
            "Correct it",
        ),
    ]
