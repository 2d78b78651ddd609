"""The planted faults are what they say: small, each in one place, and of every kind."""

from __future__ import annotations

import ast
from pathlib import Path
from random import Random

import pytest

from tests.conftest import ROOT
from tests.mutants.equivalent import KNOWN
from tests.mutants.faults import Fault, drawn, faults_in, faults_of
from tests.mutants.trial import AREAS


def changes(source: str) -> set[tuple[str, str]]:
    return {(fault.kind, fault.change) for fault in faults_in("x.py", source.encode())}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("ä = a <= b is not c", {("comparison", "<= -> <"), ("comparison", "is not -> is")}),
        ("x = a and b or not c", {("and, or", "and -> or"), ("and, or", "or -> and"), ("not", "not c -> c")}),
        ("x = a + b", {("arithmetic", "+ -> -")}),
        ("x = 5", {("number", "5 -> 6"), ("number", "5 -> 4")}),
        ("x = True", {("True, False", "True -> False")}),
        ("x = 'ä'", {("text", "'ä' -> \"\"")}),
        ("def f(a=1): return a", {("number", "1 -> 2"), ("number", "1 -> 0"), ("return", "a -> None")}),
        ("x = (a, b)", {("element", "a, b -> a,"), ("element", "a, b -> b,")}),
        ("x = {a: b, c: d}", {("element", "a: b, -> nothing"), ("element", ", c: d -> nothing")}),
        ("x = {**a}", {("element", "**a -> nothing")}),
        (
            "x = f(a, b)",
            {("arguments swapped", "a, b -> b, a"), ("argument", "a, -> nothing"), ("argument", ", b -> nothing")},
        ),
        ("if a: b()", {("condition", "a -> not (a)"), ("statement", "b() -> pass")}),
        ("x = [b for b in c if b]", {("condition", "b -> not (b)")}),
        ("x = a[b:]", {("slice", "b -> nothing")}),
        ("x += y", {("statement", "x += y -> pass")}),
        ("x: Annotated[int, Field(ge=a)] = y", {("argument", "ge=a -> nothing")}),
    ],
)
def test_each_kind_is_found(source: str, expected: set[tuple[str, str]]) -> None:
    assert changes(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""Words."""\nx = y\n"""Words."""',
        "import a",
        "class A:\n def __repr__(self): return 'a'",
        "if TYPE_CHECKING: import a",
        "@overload\ndef f(a: int = 1) -> int: return 1",
        "def f(a: Literal['a', 'b']) -> Mapping[str, int]: x",
        "X = Literal['a'] | dict[str, int]",
        "@dataclass(frozen=True)\nclass A: x",
        "@lru_cache(maxsize=64)\ndef f(): x",
        "raise AssertionError('no')",
        "x = field(init=False, repr=False)",
    ],
)
def test_what_nobody_hears_is_left_alone(source: str) -> None:
    assert changes(source) == set()


def test_the_text_of_the_log_is_left_alone_but_not_the_logging() -> None:
    assert changes("log.error('x', 1)") == {("statement", "log.error('x', 1) -> pass")}


def test_a_fault_changes_one_place_and_leaves_another_program() -> None:
    faults = faults_of(ROOT, [place for area in AREAS for place in area.places])
    assert len(faults) > 1000
    chosen = [fault for fault, _ in zip(drawn(ROOT, faults, Random(1)), range(100), strict=False)]  # noqa: S311
    assert len({(fault.path, fault.start, fault.end, fault.after) for fault in chosen}) == 100
    assert len({fault.kind for fault in chosen}) > 10
    for fault in chosen:
        source = (ROOT / fault.path).read_bytes()
        planted = fault.planted(source)
        assert source[fault.start : fault.end].decode() == fault.before
        assert planted == source[: fault.start] + fault.after.encode() + source[fault.end :]
        assert ast.dump(ast.parse(planted)) != ast.dump(ast.parse(source))


def test_the_same_seed_draws_the_same_and_another_seed_others() -> None:
    def of(seed: int) -> list[Fault]:
        faults = faults_of(ROOT, ["ivr/core/hours.py"])
        return [fault for fault, _ in zip(drawn(ROOT, faults, Random(seed)), range(20), strict=False)]  # noqa: S311

    assert of(7) == of(7) != of(8)


def test_what_is_no_python_or_the_same_program_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("x = [a for a in b]\ny = f(a, a)\n", encoding="utf-8")
    found = {fault.change for fault in drawn(tmp_path, faults_of(tmp_path, ["x.py"]), Random(1))}  # noqa: S311
    assert found == {"a, -> nothing", ", a -> nothing"}


def test_every_test_that_should_notice_is_there() -> None:
    for area in AREAS:
        assert all(stage for stage in area.stages)
        assert all((ROOT / place).exists() for place in (*area.places, *area.near))


def test_every_fault_that_changes_nothing_has_its_reason() -> None:
    assert all(len(reason) > 10 and not reason.endswith(".") for reason in KNOWN.values())
