"""What this program is, as a hash: what an older or a newer one has left on disk is not taken for its own."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import ivr


@cache
def this_program() -> bytes:
    """This program as its files were when this was first asked."""
    folder = Path(ivr.__file__).parent
    hashed = hashlib.sha256("".join(f"{name} {version(name)}\n" for name in ("holidays", "tzdata")).encode())
    for path in sorted(folder.rglob("*.py")):
        hashed.update(path.read_bytes())
    return hashed.digest()


@cache
def this_installation() -> bytes:
    """This program, this Python, and the version of everything that is installed beside it."""
    hashed = hashlib.sha256(this_program() + sys.version.encode())
    for folder in sys.path:
        # The name of each folder of metadata has the version: Core Metadata, "The .dist-info directory".
        for name in sorted(path.name for path in Path(folder or ".").glob("*.dist-info")):
            hashed.update(f"{name}\n".encode())
    return hashed.digest()
