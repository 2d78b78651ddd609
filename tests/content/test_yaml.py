"""YAML as the office means it: strings stay strings, and every fault has its line."""

from pathlib import Path
from textwrap import dedent
from typing import Annotated

import pytest
import yaml
from pydantic import Field, field_validator

from ivr.content import yaml as yaml_module
from ivr.content.yaml import YamlFile, parse_yaml, read_yaml, validate
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


def test_a_key_that_is_there_twice_is_found_at_the_second(tmp_path: Path) -> None:
    issue = fault(tmp_path, "a: 1\nb:\n  c: 2\n  d: 3\n  c: 4\n")
    assert issue.line == 5
    assert issue.message == "'c' is here and also in line 3"
    assert issue.remedy == "Delete one, with all that belongs to it"


def test_keys_that_differ_only_in_their_marks_are_the_same(tmp_path: Path) -> None:
    assert fault(tmp_path, "\"1\": a\n'1': b\n").line == 2


NONE = "means that there are none, but line {} gives one. Remove the {} in line {}"
UNCLOSED = "the bracket {} of this line is not closed, or something in it cannot be read. Close it with {}"
NO_YAML = {
    "a: b\nc: [d, e\nf: g\n": (2, "the [ in this line has no ]. Write ] after e."),
    "a: {b: c\n": (1, "the { in this line has no }. Write } after c."),
    'a: {b: "c-d"  # {e}\n': (1, 'the { in this line has no }. Write } after "c-d", before the #.'),
    "a: {b: [c}\n": (1, UNCLOSED.format("[", "]")),
    "a: {b: 'c # d', e f: g: h\n": (1, UNCLOSED.format("{", "}")),
    "a: [b}\n": (1, UNCLOSED.format("[", "]")),
    "a: {b: c d: e}\n": (1, UNCLOSED.format("{", "}")),
    "a: b\n\tc: d\n": (2, "the line has a tab (the Tab key). Begin the line with no spaces, and with no tab."),
    "a:\n\tb: c\n": (2, "Begin the line with 2 spaces, and with no tab."),
    "a:\n    b: c\n\td: e\n": (3, "Begin the line with 4 spaces, and with no tab."),
    "a:\n  - b: c\n\td: e\n": (3, "Begin the line with 4 spaces, and with no tab."),
    "a:\n  - b: c\n\t- b: e\n": (3, "Begin the line with 2 spaces, and with no tab."),
    "a:\n  b: c\n  d:\te: f\n": (3, "the line has a tab (the Tab key). Put a space in its place."),
    "a: b\nc: d: e\n": (2, "this line has two colons. Put quotation marks around"),
    "a: b\nc: *unknown\n": (2, "Put quotation marks around what begins with *"),
    "a: !e!x b\n": (1, "a word cannot begin with !. Remove the !"),
    'a: "b\nc: d\n': (1, "a quotation mark of this line has no second one. Close it in the same line"),
    "a: 'b\n": (1, "a quotation mark of this line has no second one. Close it in the same line"),
    'a: {b: "c}\nd: e\n': (1, "a quotation mark of this line has no second one. Close it in the same line"),
    'a: "\\d"\n': (1, "a \\ is between quotation marks. Remove it"),
    "a: b\n---\nc: d\n": (2, "a line of --- or one with % cannot be here. Remove it"),
    "<<<<<<< HEAD\n# x\n\na: b\n": (1, "git has left two versions of these lines here. Keep one of them"),
    "a: @b\n": (1, "nothing can begin with @. Put quotation marks around"),
    "a: b\nc: `d`\n": (2, "nothing can begin with `. Put quotation marks around"),
    "a: - b\n": (1, "a row that begins with - is after something else. Put it on a line of its own"),
    "hours\n  phone: x\n": (
        1,
        "the colon after 'hours' is missing. Write hours: and leave the other lines as they are.",
    ),
    "a: b\nc\n": (2, "the colon after 'c' is missing. Write c: and leave the other lines as they are."),
    "a: b\nring 25\nc: d\n": (2, "the colon after 'ring' is missing. Write ring: 25 and leave"),
    "a: b\nring:25\nc: d\n": (2, "after 'ring:' a space is missing. Write ring: 25."),
    "a:\n  b: c\n d: e\n": (3, "this line does not fit the lines above it. Begin it with as many spaces"),
    "a: []\n  - b\n": (1, "'a: []' " + NONE.format(2, "[]", 1)),
    "a: []\n- b\n": (1, "'a: []' " + NONE.format(2, "[]", 1)),
    "x: y\na: [ ]  # none\n\n  # one\n  - b: c\n    d: e\n": (2, "'a: []' " + NONE.format(5, "[]", 2)),
    "a: {}\n  b: c\n": (1, "'a: {}' " + NONE.format(2, "{}", 1)),
}


@pytest.mark.parametrize(
    "loader", dict.fromkeys((yaml_module.LOADER, yaml.SafeLoader)), ids=lambda loader: loader.__name__
)
@pytest.mark.parametrize("text", NO_YAML)
def test_a_line_that_is_no_yaml_is_found_whoever_reads_it(
    tmp_path: Path, text: str, loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_module, "LOADER", loader)
    line, told = NO_YAML[text]
    issue = fault(tmp_path, text)
    assert (issue.line, told in f"{issue.message}. {issue.remedy}.") == (line, True), issue


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("just words\n", "the first line does not begin with a word and a colon"),
        ("- a\n- b\n", "the first line does not begin with a word and a colon"),
    ],
)
def test_a_file_without_keys_is_told(tmp_path: Path, text: str, told: str) -> None:
    issue = fault(tmp_path, text)
    assert (issue.line, issue.message) == (1, told)


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "office.yaml").mkdir()
    _, (issue,) = read_yaml(tmp_path / "office.yaml", NAME)
    assert str(issue) == f"{NAME}: broken: this is a folder, and must be a file. Give the folder another name."


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert read_yaml(tmp_path / "office.yaml", NAME) == (
        None,
        [
            Issue(
                "broken",
                NAME,
                (),
                "the file is missing, or cannot be read",
                "Restore it from version control, or from another copy",
            )
        ],
    )


@pytest.mark.parametrize(
    ("encoding", "line", "told"),
    [
        ("latin-1", 2, "a letter such as ä cannot be read, as the file is not saved as UTF-8 text"),
        ("utf-16", 1, "the file is saved as UTF-16, and must be UTF-8 text"),
        ("utf-16-le", 1, "the file is saved as UTF-16, and must be UTF-8 text"),
        ("utf-32", 1, "the file is saved as UTF-16, and must be UTF-8 text"),
    ],
)
def test_a_file_in_another_encoding_is_told(encoding: str, line: int, told: str) -> None:
    file, (issue,) = parse_yaml("a: b\nc: päivä\n".encode(encoding), NAME)
    assert file is None
    assert issue.line == line
    assert issue.message.endswith(told)
    assert "choose File, Save as, Encoding: UTF-8" in issue.remedy


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_marks_and_ends_of_lines_of_other_systems_change_nothing(end: str, mark: str) -> None:
    file, issues = parse_yaml(f"{mark}a: b{end}{end}c:{end}  d: e{end}".encode(), NAME)
    assert issues == []
    assert file
    assert (file.data, file.lines["c", "d"]) == ({"a": "b", "c": {"d": "e"}}, 4)


def test_letters_are_composed_and_blanks_are_of_one_kind() -> None:
    file, issues = parse_yaml("a:\u00a0pa\u0308iva\u0308\nn: 0400\u202f291\n".encode(), NAME)
    assert issues == []
    assert file
    assert file.data == {"a": "päivä", "n": "0400 291"}


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\ufffe", "\ufeff"])
@pytest.mark.parametrize("as_escape", [False, True])
def test_a_sign_that_nobody_sees_is_refused_by_its_code_and_line(sign: str, as_escape: bool) -> None:
    written = f"\\u{ord(sign):04x}" if as_escape else sign
    _, issues = parse_yaml(f'a: b\nc: "d{written}e"\n'.encode(), NAME)
    told, remedy = (
        ("an invisible character", "Write it without: 'de'")
        if as_escape
        else ("a character that nobody sees", "Delete the line and write it anew")
    )
    assert [(issue.line, issue.message, issue.remedy) for issue in issues] == [
        (2, f"there is {told}, U+{ord(sign):04X}", remedy)
    ]


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
NO_OFFICE_NEEDS = {
    "a: &a [*a]\n": "a part that is marked with & repeats itself",
    "a: &a {b: *a}\n": "a part that is marked with & repeats itself",
    LAUGHS: "a part that is marked with & repeats itself",
    "x: &x [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" + "a: *x\n" * 9000: "a part that is marked with & repeats itself",
    "a: " + "[" * 10_000: "too many brackets are inside each other",
    "a: " + "[" * 10_000 + "]" * 10_000: "too many brackets are inside each other",
    "a: " + "{b: " * 10_000: "too many brackets are inside each other",
    "a:\n" + "".join("  " * n + "b:\n" for n in range(1, 300)): "too many brackets are inside each other",
    "a: !!python/object/apply:os.system [x]\n": "a word cannot begin with !",
    "a: !x b\n": "a word cannot begin with !",
    "<<: {a: b}\n": "'<<' is not understood here",
    "[a]: x\n": "brackets are before a colon",
    "? {a: b}\n: x\n": "brackets are before a colon",
    "a: ”b”\n": "the quotation mark ” is the wrong kind",
    "#" * 5_000_000: "the file is far too large to be right",
    "a: b\n" * 1_000_000: "the file is far too large to be right",
}


@pytest.mark.parametrize("text", NO_OFFICE_NEEDS, ids=lambda text: text[:12])
def test_what_no_office_needs_is_refused_and_never_followed(text: str) -> None:
    """None of it is slow either: libyaml alone would need a minute for some, and a walk of all values would not end."""
    _, issues = parse_yaml(text.encode(), NAME)
    assert NO_OFFICE_NEEDS[text] in issues[-1].message
    assert all(issue.line and issue.remedy for issue in issues)


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


@pytest.mark.parametrize(
    ("rings", "told"),
    [
        ("x" * 50, f"rings: '{'x' * 40}' is not a whole number. Write only digits, for example 20."),
        ('"3 s"', "rings: '3 s' is not a whole number. Write rings: 3."),
        ("3x.", "rings: '3x.' is not a whole number. Write rings: 3."),
        ("3_0", "rings: '3_0' is not a whole number. Write only digits, for example 20."),
        ("3.0", "rings: '3.0' is not a whole number. Write only digits, for example 20."),
        ("", "rings: a whole number is missing. Write only digits, for example 20."),
        ("[3]", "rings: this is not a whole number. Write only digits, for example 20."),
        ("0", "rings: 0 is too small. Write 1 or more."),
        ("10", "rings: 10 is too large. Write 9 or less."),
    ],
)
def test_a_number_that_cannot_be_read_is_told(tmp_path: Path, rings: str, told: str) -> None:
    _, (issue,) = validate(whole(tmp_path, f"bells:\n  a: {{tone: soft, rings: {rings}}}\n"), Bells)
    assert str(issue) == f"{NAME}:2: broken: {told}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "bells:\n  a: soft\n",
            "2: broken: a: 'soft' is not a part with words and colons. Write it in this form: {tone: ...}.",
        ),
        ("bells:\n  a:\n", "2: broken: 'tone' is missing below 'a'. Add tone: and, after a space, its value."),
        (
            "bells: [a]\n",
            "1: broken: bells: this is not a part with words and colons. Write it in this form: {word: value}.",
        ),
        (
            "bells:\n  a: {tone: [x]}\n",
            "2: broken: tone: this is not one text. "
            "Write one text, between quotation marks if it has a comma or a colon.",
        ),
        (
            "bells:\n  a: {tone:soft}\n",
            "2: broken: 'tone' is missing below 'a'. Add tone: and, after a space, its value.",
        ),
        ("bell: {}\n", "1: broken: 'bell' is not a known word. Write bells."),
    ],
)
def test_a_value_of_another_form_is_told_what_to_write(tmp_path: Path, text: str, told: str) -> None:
    _, issues = validate(whole(tmp_path, text), Bells)
    assert f"{NAME}:{told}" in [str(issue) for issue in issues]


def test_a_missing_space_after_a_colon_is_told(tmp_path: Path) -> None:
    _, issues = validate(whole(tmp_path, "bells:\n  a: {tone:soft}\n"), Bells)
    assert (issues[-1].message, issues[-1].remedy) == ("after 'tone:' a space is missing", "Write tone: soft")


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
        (3, "tone: a shrill bell frightens", "Write soft"),
        (4, "'rigns' is not a known word", "Write rings"),
        (5, "'tone' is missing below 'back'", "Add tone: and, after a space, its value"),
        (6, "rings: 'many' is not a whole number", "Write only digits, for example 20"),
    ]
