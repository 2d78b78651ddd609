"""Files are written whole or not at all."""

from __future__ import annotations

import secrets
from pathlib import Path

PART = ".part"
"""Ending of a file that is still being written; one left by a kill may be deleted at any time."""


class NotWritten(OSError):
    """A file could not be written: the message says why and what would help; the old file, if any, is untouched."""


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees a part of it; NotWritten says why it could not be."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        try:
            # No fsync: after a power cut a clip may be empty, which reading it finds, and a build makes it again.
            part.write_bytes(data)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise NotWritten(
            f"{path} could not be written: {error.strerror or error}. See that the disk has room, "
            f"and that the folder {path.parent} exists and may be written to"
        ) from error
