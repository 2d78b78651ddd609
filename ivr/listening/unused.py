"""What is deleted of the room by itself: takes that nobody hears, and what was broken off."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.listening.withdrawal import finish_withdrawals
from ivr.records.room import Room
from ivr.speech.recorded import ENDING, TAKES, take_path

UNTOLD = timedelta(minutes=10)
"""How long a file waits for its row, which is written straight after it: what is older is of a killed process."""


def delete_unused(room: Room, recorded: Path, languages: Iterable[str], now: datetime) -> int:
    """Delete the takes of these languages that were unused for 14 days, and files that no row names; how many files.

    Withdrawals that were broken off are finished, and what is over a year old is forgotten. `recorded`: the folder of
    all recordings. Raises RecordsFault, NotWritten or another OSError; what was deleted until then is gone.
    """
    finish_withdrawals(room, recorded, now)
    deleted = 0
    for language in languages:
        folder = recorded / TAKES / language
        unused = room.unused(language, _heard(recorded / language), now)
        for take in unused:
            take_path(recorded, language, take.file).unlink(missing_ok=True)
        if unused:
            room.forget_takes(tuple(take.id for take in unused))
        deleted += len(unused) + _delete_strays(room, folder, language, now)
    room.forget(now)
    return deleted


def _heard(folder: Path) -> frozenset[str]:
    """The hashes of what callers hear of a language: a take is published as it is."""
    found = set[str]()
    for path in folder.glob(f"*{ENDING}"):
        with suppress(FileNotFoundError):  # it has just gone
            found.add(hashlib.sha256(path.read_bytes()).hexdigest())
    return frozenset(found)


def _delete_strays(room: Room, folder: Path, language: str, now: datetime) -> int:
    """Delete what a killed process has left: also somebody's voice who takes it back later, by no row that tells so."""
    if not folder.is_dir():
        return 0
    named = {take.file for take in room.takes(language)} | {hearing.spoken for hearing in room.hearings(language)}
    deleted = 0
    for path in sorted(folder.iterdir()):
        with suppress(FileNotFoundError):
            is_old = datetime.fromtimestamp(path.stat().st_mtime, UTC) <= now - UNTOLD
            if is_old and path.is_file() and path.name not in {f"{name}{ENDING}" for name in named}:
                path.unlink()
                deleted += 1
    return deleted
