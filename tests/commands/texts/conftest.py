"""Copies of the real content, of which nobody has approved anything yet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.commands.texts.helpers import FEW, chosen
from tests.content.conftest import Prompts


@pytest.fixture
def prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prompts:
    """The content of all ten languages."""
    return chosen(Prompts.copied_to(tmp_path), monkeypatch)


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prompts:
    """The same with five, where the others make no difference: it is read faster."""
    copy = Prompts.copied_to(tmp_path, *FEW[3:])
    for name in ("prompts.pot", "fi.po"):
        copy.write(name, re.sub(r"\n{3,}", "\n\n", copy.read(name)))
    return chosen(copy, monkeypatch)
