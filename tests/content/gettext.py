"""GNU gettext, the judge of what a PO file says."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import polib

from tests.limits import PATIENCE


def run(program: str, *words: str | Path) -> bytes:
    """What a program of gettext prints; an AssertionError with its words where it fails."""
    done = _run(program, *words)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def accepts(path: Path) -> bool:
    """Whether msgfmt takes a file."""
    return _run("msgfmt", "--check", f"--output-file={os.devnull}", path).returncode == 0


def compiled_texts(path: Path) -> dict[tuple[str, str], str]:
    """(id, source) -> translation, as gettext compiles a file; without what is in doubt, empty or kept aside.

    The compiled file itself is read, as msgunfmt does: what that prints has ends of lines that some readers miss.
    """
    compiled = path.with_suffix(".mo")
    run("msgfmt", "--check", f"--output-file={compiled}", path)
    return {(entry.msgctxt or "", entry.msgid): entry.msgstr for entry in polib.mofile(str(compiled))}


def _run(program: str, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    found = shutil.which(program)
    assert found, f"{program} is not there: install the Debian package gettext"
    return subprocess.run([found, *map(str, words)], capture_output=True, timeout=PATIENCE, check=False)
