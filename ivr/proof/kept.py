"""What is kept of a proof for the next, in the state folder. It saves time, and nothing depends on its being there.

A file is believed only if it is ours: nobody else could have written it, and it is as it was written, under its own
name. Any other is as good as none. What cannot be written is worked out again.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from ivr.files import keep_newest, open_ours, write_atomically

FOLDER = "proved"
"""Below the state folder."""
MOST_KEPT, MOST_BYTES = 8, 16_000_000
"""The files that are kept, those used last; and how long one may be when it is read and unpacked."""
DIGEST = hashlib.sha256().digest_size
T = TypeVar("T")


class Kept:
    """Values by name, below a state folder. Without one nothing is kept."""

    def __init__(self, state: Path | None = None) -> None:
        self._folder = state / FOLDER if state else None

    @property
    def is_possible(self) -> bool:
        """Whether there is a folder to keep anything in."""
        return self._folder is not None

    def read(self, name: str, made: Callable[[object], T]) -> T | None:
        """What `made` makes of the value kept under a name; None where none is, or it is not as we write it."""
        if self._folder is None:
            return None
        path = self._folder / name
        try:
            with open_ours(path) as file:
                value = made(json.loads(_unpacked(name, file.read(MOST_BYTES))))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, zlib.error):
            return None
        with suppress(OSError):
            os.utime(path)
        return value

    def write(self, name: str, value: object) -> None:
        """Keep a value under a name, and forget those that were not used for longest."""
        if self._folder is None:
            return
        packed = _packed(value)
        with suppress(OSError):
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0 != self._folder.parent.stat().st_uid:
                return  # `sudo ivr check`: the line could never write there again
            self._folder.mkdir(mode=0o700, exist_ok=True)
            write_atomically(self._folder / name, _digest(name, packed) + packed, mode=0o600)
            keep_newest(self._folder / name, MOST_KEPT)


NOTHING_KEPT = Kept()
"""To prove from nothing."""


class KeptInMemory(Kept):
    """The same for as long as a process runs, for whoever has no state folder. Any thread may use it."""

    def __init__(self) -> None:
        super().__init__()
        self._values = OrderedDict[str, bytes]()
        self._lock = Lock()

    @property
    def is_possible(self) -> bool:
        return True

    def read(self, name: str, made: Callable[[object], T]) -> T | None:
        with self._lock:
            if (packed := self._values.get(name)) is None:
                return None
            self._values.move_to_end(name)
        return made(json.loads(zlib.decompress(packed)))

    def write(self, name: str, value: object) -> None:
        packed = _packed(value)
        with self._lock:
            self._values[name] = packed
            self._values.move_to_end(name)
            if len(self._values) > MOST_KEPT:
                self._values.popitem(last=False)


IN_MEMORY = KeptInMemory()
"""What this process has proved."""


def _packed(value: object) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1)


def _unpacked(name: str, data: bytes) -> bytes:
    """What was packed. ValueError where it is not what was written under this name."""
    packed = data[DIGEST:]
    if data[:DIGEST] != _digest(name, packed):
        raise ValueError("it is spoilt, or was written under another name")
    return zlib.decompressobj().decompress(packed, MOST_BYTES)


def _digest(name: str, packed: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + packed).digest()
