"""The names of calls in the journal: keyed hashes, whose key is made anew for each day and then deleted (rule P1).

The day is UTC's. The processes of a machine share the key through a file `journal-<day>.key` in the folder of the
state. Whichever process is first makes it, and the first one of the next day deletes it. No lock is needed:

- A key appears whole or not at all, and once: it is linked to its name, and a link to a name that is taken fails.
- A process that is late in the old day uses the key of the new day as soon as there is one. It looks after it has made
  a key, so that an old key that it makes while another process begins the new day is deleted by one of the two.
"""

from __future__ import annotations

import errno
import hmac
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ONE_DAY = timedelta(days=1)
KEY_BYTES = 32
ATTEMPTS = 3
FILE = re.compile(r"journal-(\d{4}-\d\d-\d\d)\.key(\.[0-9a-f]+\.part)?")
"""A key, or one that a killed process has left half made."""


class CallNames:
    """Names each call by a keyed hash of its id (HMAC-SHA256), so that its id cannot be found by trying ids.

    `folder`: where the processes of a machine share the key; None: it is kept in memory only. `tell`: is told when the
    key could not be shared.
    """

    def __init__(self, folder: Path | None, tell: Callable[[str], None]) -> None:
        self._folder, self._tell = folder, tell
        self._day: date | None = None
        self._keyed = hmac.new(b"", digestmod="sha256")

    def name(self, call_id: str, at: datetime) -> str:
        """The name of a call on the day of an aware moment, which is never a day before the last one asked for."""
        today = at.astimezone(UTC).date()
        if self._day is None or today not in (self._day, self._day - ONE_DAY):
            self._day, key = self._key(today)
            self._keyed = hmac.new(key, digestmod="sha256")
        keyed = self._keyed.copy()
        keyed.update(call_id.encode("utf-8", "replace"))
        return keyed.hexdigest()[:12]

    def delete_old(self, today: date) -> None:
        """Delete the keys of earlier days, which nobody deletes while no process runs."""
        if self._folder:
            with suppress(OSError):
                _delete_all_but(self._folder, today)

    def _key(self, today: date) -> tuple[date, bytes]:
        if self._folder:
            try:
                return shared_key(self._folder, today)
            except OSError as error:
                self._tell(
                    f"the journal's key of the day cannot be shared ({type(error).__name__}): two processes name the "
                    "same call differently. See IVR_STATE"
                )
        return today, secrets.token_bytes(KEY_BYTES)


def shared_key(folder: Path, today: date) -> tuple[date, bytes]:
    """The day's key, which every process of the folder gets, and its day; the keys of all other days are deleted.

    The day is tomorrow if another process is there already. OSError if the folder or the key cannot be used.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for _ in range(ATTEMPTS):
        with suppress(FileNotFoundError):  # deleted by a process that has begun the next day in between
            if today + ONE_DAY not in _days(folder):
                _make(folder, today)
            day = today + ONE_DAY if today + ONE_DAY in _days(folder) else today
            _delete_all_but(folder, day)
            key = _read(_path(folder, day))
            if day == today and today + ONE_DAY in _days(folder):
                continue  # the next day has begun meanwhile: the key may have been deleted and made anew
            return day, key
    raise FileNotFoundError(errno.ENOENT, "the key is deleted again and again")


def _path(folder: Path, day: date) -> Path:
    return folder / f"journal-{day}.key"


def _days(folder: Path) -> set[date]:
    return {day for path, day in _files(folder) if path == _path(folder, day)}


def _files(folder: Path) -> Iterator[tuple[Path, date]]:
    for path in folder.iterdir():
        if found := FILE.fullmatch(path.name):
            with suppress(ValueError):  # no day of any calendar
                yield path, date.fromisoformat(found[1])


def _make(folder: Path, day: date) -> None:
    """Make the key of a day, unless there is one."""
    path = _path(folder, day)
    if path.exists():
        return
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())  # after a power cut an empty key would be found
        with suppress(FileExistsError):  # another process was first
            path.hardlink_to(part)
    finally:
        part.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123 - a descriptor
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise PermissionError(errno.EACCES, "others can read the key")
        key = file.read(KEY_BYTES + 1)
    if len(key) != KEY_BYTES:
        raise OSError(errno.EINVAL, "this is no key")
    return key


def _delete_all_but(folder: Path, day: date) -> None:
    """Delete the keys of every day but this one and the next, which another process may have begun."""
    for path, made_for in _files(folder):
        if made_for not in (day, day + ONE_DAY):
            path.unlink(missing_ok=True)
