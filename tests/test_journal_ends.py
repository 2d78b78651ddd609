"""A journal never keeps a program from ending, and ends a torn line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.journal import _Descriptor
from tests.conftest import ROOT
from tests.limits import PATIENCE

PROGRAM = "import io; from ivr.journal import Journal; journal = Journal(io.StringIO()); print('ended')"


def test_a_program_that_forgets_to_close_it_ends() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ended\n", "")


def test_a_torn_line_is_ended_once_however_often_the_next_has_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = tmp_path / "journal", os.write
    path.write_bytes(b"torn")
    output, room = _Descriptor(path), iter([True, False, True])

    def write(descriptor: int, data: bytes) -> int:
        if not next(room):
            raise BlockingIOError
        return real(descriptor, data)

    monkeypatch.setattr("ivr.journal.os.write", write)
    assert [output.write(b"whole\n"), output.write(b"whole\n")] == [0, 6]
    assert path.read_bytes() == b"torn\nwhole\n"
