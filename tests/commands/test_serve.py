"""`ivr serve`, where it cannot start: what an operator is told. (What it does once it runs: tests/test_serve.py.)"""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.commands import main
from ivr.live.line import RunningLine
from tests.conftest import ROOT


def test_a_start_that_the_system_refuses_is_not_taken_for_a_fault_of_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refused(_line: RunningLine) -> None:
        raise OSError(errno.EMFILE, "Too many open files", str(tmp_path / "prompts"))

    monkeypatch.setattr(RunningLine, "start", refused)
    for changed in ("ignore_harmless", "log_without_words"):  # they are of a process, and here it is that of the tests
        monkeypatch.setattr(f"ivr.commands.serve.{changed}", lambda: None)
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(main, ["--site", str(ROOT / "prompts"), "serve"])

    assert result.exit_code == 1
    assert f"the line cannot start: Too many open files: {tmp_path / 'prompts'}. Remedy: " in result.stderr
    assert "IVR_LOG" not in result.stderr
