"""Moving the recordings of a language from the folder of a site to that of `IVR_RECORDINGS`: all of them, or none.

Nothing is overwritten. Whatever a killed process leaves behind, what was heard before is heard, and the next move goes
on where it was: files go first, then the table that says what was spoken in them; only then the old ones are deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ivr.files import PART, alone, write_atomically, writing
from ivr.speech.recorded import TEXTS, read_table, write_table


@dataclass(frozen=True)
class MovedRecordings:
    """How many recordings were moved; or which files stand in the way, as others of the same name are there."""

    count: int
    in_the_way: tuple[str, ...] = ()


def has_recordings(folder: Path) -> bool:
    """Whether there is anything to move in the folder of a language."""
    return any(True for _ in _files(folder))


def move(old: Path, new: Path) -> MovedRecordings:
    """Move what is in the old folder of a language to the new one. Raises NotWritten; what was heard is still heard."""
    with writing(new / TEXTS):
        new.mkdir(parents=True, exist_ok=True)
        with alone(new / TEXTS):
            return _move(old, new)


def _move(old: Path, new: Path) -> MovedRecordings:
    spoken, there = read_table(old), read_table(new)
    files = [path for path in _files(old) if path.name != TEXTS]
    in_the_way = {str(path.relative_to(old)) for path in files if _differs(path, new / path.relative_to(old))}
    in_the_way |= {f"{name}.wav" for name in spoken if name in there and there[name] != spoken[name]}
    if in_the_way:
        return MovedRecordings(0, tuple(sorted(in_the_way)))
    for path in files:
        copy = new / path.relative_to(old)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists():
            write_atomically(copy, path.read_bytes(), durable=True)
    if spoken:
        write_table(new, {**spoken, **there})
    (old / TEXTS).unlink(missing_ok=True)
    for path in files:
        path.unlink(missing_ok=True)
    _remove_empty(old)
    return MovedRecordings(len(spoken))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != PART)


def _differs(path: Path, there: Path) -> bool:
    return there.exists() and there.read_bytes() != path.read_bytes()


def _remove_empty(folder: Path) -> None:
    """Remove the folders in which nothing is left, up to that of all recordings."""
    inside = sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True)
    for empty in (*inside, folder, folder.parent):
        with suppress(OSError):  # something is left
            empty.rmdir()
