"""The settings of the room's records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ivr.settings.read import recordings_folder

ROOM_DATABASE = "IVR_ROOM_DATABASE_URL"
"""The variable with the address of the room's database, if it is one of PostgreSQL."""
ROOM_FILE = "room.db"
"""The room's records without it, in `IVR_RECORDINGS`."""


def room_file(env: Mapping[str, str]) -> Path:
    """Where the room's records are in SQLite."""
    return recordings_folder(env).absolute() / ROOM_FILE
