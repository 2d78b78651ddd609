"""One meaning a word: no two classes of the program have the same name."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.conftest import ROOT


def test_no_class_name_is_defined_twice() -> None:
    places = defaultdict[str, list[str]](list)
    for path in (ROOT / "ivr").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert len(places) > 100
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
