"""What this program is, as a hash: what an older or a newer one has left on disk is not taken for its own."""

from __future__ import annotations

import hashlib
import secrets
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

import ivr

BUILT_ON = ("holidays", "pydantic", "tzdata")
"""The packages on whose versions it depends how a content is written for another process."""
COARSEST_S = 2.0
"""The coarsest clock of a file system that is in use."""


def python(*words: str) -> list[str]:
    """The command that runs a part of this program, and no other one that lies in the working folder (`-P`).

    A line can be started in the folder of the source of another version. Only where this process was itself started by
    `-m`, and so looks into the working folder, does what it starts.
    """
    by_module = getattr(sys.modules["__main__"], "__spec__", None)
    return [sys.executable, *(() if by_module else ("-P",)), *words]


def how_to_install(extra: str) -> str:
    """The remedy where an optional part is missing: by the pip of this very Python, as a machine may have others."""
    return f"{sys.executable} -m pip install 'kemi-guidance-line[{extra}]' (in a checkout: make setup)"


@cache
def this_program() -> bytes:
    """This program as its files were when this was first asked, and Python."""
    folder = Path(ivr.__file__).parent
    hashed = hashlib.sha256("".join(f"{name} {version(name)}\n" for name in BUILT_ON).encode())
    hashed.update(sys.version.encode())
    for path in sorted(folder.rglob("*.py")):
        hashed.update(path.read_bytes())
    return hashed.digest()


@cache
def this_installation() -> bytes:
    """This program, and the version of everything that is installed beside it."""
    names = "".join(f"{path.name}\n" for path in _packages())
    return hashlib.sha256(this_program() + names.encode()).digest()


@cache
def what_was_read() -> bytes:
    """This installation; one like no other where any of it has changed since this process began.

    Nobody knows then what was read of it.
    """
    changed = any(map(_has_just_changed, (*Path(ivr.__file__).parent.rglob("*.py"), *_packages())))
    return this_installation() + (secrets.token_bytes(16) if changed else b"")


def _packages() -> Iterator[Path]:
    """The folder of metadata of each package. Its name has the version: Core Metadata, "The .dist-info directory"."""
    for folder in sys.path:
        yield from sorted(Path(folder or ".").glob("*.dist-info"))


def _has_just_changed(path: Path) -> bool:
    status = path.stat()
    return max(status.st_mtime, status.st_ctime) > ivr.STARTED - COARSEST_S
