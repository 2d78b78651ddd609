"""What stands in a folder while programs still write there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def files_of(folder: Path) -> dict[Path, bytes]:
    """Every file below it, with its bytes; without those that a running program takes away just now.

    SQLite takes its `-wal` and `-shm` away whenever the last connection to a database ends.
    """
    found = dict[Path, bytes]()
    for below, _, names in os.walk(folder):  # unlike `rglob`, it goes on where a folder is gone
        for path in (Path(below, name) for name in sorted(names)):
            with suppress(FileNotFoundError):
                found[path] = path.read_bytes()
    return found
