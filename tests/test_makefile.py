"""`make` on machines that lack something: what it asks of them, where nothing is really installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def made(folder: Path, target: str) -> subprocess.CompletedProcess[str]:
    """`make` with our Makefile in another folder; programs in its `first/` come before those of this machine."""
    shutil.copy(ROOT / "Makefile", folder)
    environment = {"PATH": f"{folder}/first:{os.environ['PATH']}", "HOME": str(folder)}
    return subprocess.run(["make", target], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("ends", "asked"), [(0, []), (127, ["chromium", "libatomic1"])])
def test_a_browser_that_nothing_can_speak_with_is_no_browser(tmp_path: Path, ends: int, asked: list[str]) -> None:
    """The Node of playwright needs a library that a small Debian lacks, and then ends with 127."""
    program(tmp_path / ".venv" / "bin" / "python", f"exit {ends}")
    program(tmp_path / "first" / "chromium", "exit 0")
    program(tmp_path / "first" / "apt-get", 'echo "$*" >> asked')
    assert made(tmp_path, "chromium").returncode == 0
    told = (tmp_path / "asked").read_text(encoding="utf-8").split() if asked else []
    assert (told[-2:], (tmp_path / "asked").exists()) == (asked, bool(asked))


def test_an_environment_that_was_left_half_made_is_made_again(tmp_path: Path) -> None:
    """Whoever pulls the plug while pip comes leaves a Python without it."""
    program(tmp_path / ".venv" / "bin" / "python", "echo No module named pip; exit 1")
    program(tmp_path / "first" / "python3", 'test "$2" != venv || { rm .venv/bin/python; touch made; }')
    for needed in ("pyproject.toml", "requirements.lock"):
        (tmp_path / needed).touch()
    made(tmp_path, "setup")
    assert (tmp_path / "made").exists()
