"""A journal never keeps a program from ending."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT
from tests.limits import PATIENCE

PROGRAM = "import io; from ivr.journal import Journal; journal = Journal(io.StringIO()); print('ended')"


def test_a_program_that_forgets_to_close_it_ends() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ended\n", "")
