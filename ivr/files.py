"""Atomic writing of files: whole or not at all."""

from __future__ import annotations

import fcntl
import os
import secrets
import select
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path

STDOUT, STDERR = 1, 2
Stamp = tuple[int, int, int, int]
"""Changes whenever a file does: its inode, size, and the times of its content and of its entry (stat, in POSIX)."""
PART = ".part"
"""Ending of a file that is being written; one that a killed process has left can be deleted."""


class NotWritten(OSError):
    """A file could not be written: the message says why and the remedy; an existing file is unchanged."""


def write_atomically(path: Path, data: bytes, *, mode: int | None = None, durable: bool = False) -> None:
    """Write a file so that no reader ever sees a part of it, by a rename in its folder; NotWritten if that fails.

    `mode`: who may read and write it; without it a file keeps its own and its owner, and a new one has the usual.
    `durable`: it is there after a power cut too, which takes some milliseconds. Any other may then be empty: its reader
    rejects it, and it is made again.
    """
    if not path.name:  # `.` or `/`
        raise NotWritten(f"{path} could not be written: it is a folder. Name a file in it")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    with writing(path):
        try:
            part.touch(0o666 if mode is None else mode)  # before anything stands in it that others must not read
            part.write_bytes(data)
            if mode is not None:
                part.chmod(mode)
            elif path.exists():
                status = path.stat()  # whose it is, and who may read it, stays as it was
                with suppress(PermissionError):  # only root gives a file away: the office goes on writing its site
                    os.chown(part, status.st_uid, status.st_gid)
                part.chmod(stat.S_IMODE(status.st_mode))
            if durable:
                _to_disk(part)
            part.replace(path)
            if durable:
                _to_disk(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would be there after a power cut too."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell whatever keeps a file from being written as NotWritten, with its remedy."""
    try:
        yield
    except NotWritten:
        raise
    except OSError as error:
        raise NotWritten(
            f"{path} could not be written: {error.strerror or error}. See that the disk has room, "
            f"and that the folder {path.parent} exists and may be written to"
        ) from error


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other process of the machine is here for the folder of a file: each sees what another wrote.

    Nothing is left on the disk. Where the file system knows no locks, nobody waits.
    """
    try:
        folder = os.open(path.resolve().parent, os.O_RDONLY)
    except (OSError, RuntimeError):  # RuntimeError: links that lead to each other. Whoever reads the file tells why
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def open_ours(path: Path) -> BufferedReader:
    """Open a file that only our own user can have written, and that is behind no link. OSError for any other."""
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022:
        return file
    file.close()
    raise PermissionError(f"{path.name} is not ours")


def keep_newest(written: Path, most: int) -> None:
    """Keep a file that was just written and the newest beside it, so many in all; delete the others.

    So also those go that killed processes have left half written.
    """
    now, others = time.time_ns(), list[tuple[int, Path]]()
    for path in written.parent.iterdir():
        with suppress(FileNotFoundError):  # another process does the same
            changed = path.stat().st_mtime_ns
            if path.name != written.name:
                others.append((changed if changed <= now else 0, path))  # of a clock that has been set back since
    for _, old in sorted(others, reverse=True)[most - 1 :]:
        old.unlink(missing_ok=True)


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file."""
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def has_room(descriptor: int, seconds: float = 0) -> bool:
    """Whether a pipe takes PIPE_BUF bytes within some seconds; a file always does."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(1000 * seconds))


def is_nowhere(error: OSError, folder: Path) -> bool:
    """Whether a folder is not there, rather than there and unreadable. What stands in place of its parent is told once.

    So a file in place of `IVR_STATE` is not told again for each language.
    """
    return isinstance(error, FileNotFoundError) or (
        isinstance(error, NotADirectoryError) and not folder.parent.is_dir()
    )
