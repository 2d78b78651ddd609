"""The state folder (`IVR_STATE`): the last good content, stamps of proofs, and the languages that were offered.

Nothing in it is needed to answer a call. Where it cannot be written the line goes on, and that is told.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ivr.files import keep_newest, write_atomically

log = logging.getLogger(__name__)

STAMPS_KEPT = 50
"""Stamps of older contents are deleted."""


class Stamp(NamedTuple):
    """A proof of a content: its day, and the languages in which hours must be said without day and time for it."""

    day: date
    without_times: frozenset[str] = frozenset()


class StateFolder:
    """One folder, shared by the processes of a machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def last_good(self) -> Path:
        """The folder of the last good content; it may not be there."""
        there, before = self.folder / "last-good", self.folder / "last-good.old"
        return before if _is_folder(before) and not _is_folder(there) else there  # it was killed between two renames

    @property
    def has_last_good(self) -> bool:
        """Whether there is a last good content, as far as this user may see."""
        return _is_folder(self.last_good)

    def stamp(self, key: str) -> Stamp | None:
        """The last proof of the content with this key, or None."""
        try:
            day, *languages = self._stamp(key).read_text(encoding="ascii").split()
            return Stamp(date.fromisoformat(day), frozenset(languages))
        except (OSError, ValueError):
            return None

    def proved(self, key: str, stamp: Stamp, files: Mapping[str, bytes]) -> None:
        """Note that a content is proved, and keep its files as the last good ones."""
        with self.told("the last good content"):
            (self.folder / "proofs").mkdir(parents=True, exist_ok=True)
            self._keep(files)
            words = " ".join((str(stamp.day), *sorted(stamp.without_times))) + "\n"
            write_atomically(self._stamp(key), words.encode("ascii"))
            keep_newest(self._stamp(key), STAMPS_KEPT)

    def site(self) -> Path | None:
        """The folder of the site that was proved last; None if that is not known."""
        try:
            return Path(os.fsdecode((self.folder / "site").read_bytes()))
        except OSError:
            return None

    def keep_site(self, site: Path) -> None:
        """Note whose content is the last good one; not where it was itself proved anew."""
        if site.absolute() not in (self.site(), self.last_good.absolute()):
            with self.told("the name of the site"):
                write_atomically(self.folder / "site", os.fsencode(site.absolute()))

    def offered(self) -> frozenset[str]:
        """The languages that have been offered; empty if none are known."""
        try:
            return frozenset(map(str, json.loads((self.folder / "offered.json").read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError):
            return frozenset()

    def keep_offered(self, languages: frozenset[str]) -> None:
        """Note the languages that are to be offered from now on."""
        if languages != self.offered():
            with self.told("the offered languages"):
                self.folder.mkdir(parents=True, exist_ok=True)
                write_atomically(self.folder / "offered.json", json.dumps(sorted(languages)).encode())

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one process of the machine proves at a time; without a state folder each does."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "prove.lock").open("w", encoding="ascii")
        except OSError:
            yield
            return
        with lock:
            with suppress(OSError):  # as on a network disk without locks: each proves
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _stamp(self, key: str) -> Path:
        return self.folder / "proofs" / key

    def _keep(self, files: Mapping[str, bytes]) -> None:
        """Replace the folder by a rename, so that no reader sees half of it."""
        new, old = self.folder / "last-good.new", self.folder / "last-good.old"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        for name, data in files.items():
            (new / name).parent.mkdir(exist_ok=True, parents=True)
            (new / name).write_bytes(data)
        there = self.folder / "last-good"
        if there.is_dir():
            shutil.rmtree(old, ignore_errors=True)
        with suppress(FileNotFoundError):
            there.rename(old)
        new.rename(there)
        shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def told(self, what: str) -> Iterator[None]:
        """Tell what cannot be kept, and go on."""
        try:
            yield
        except OSError as error:
            log.warning("%s cannot be kept in %s: %s", what, self.folder, error.strerror or error)


def _is_folder(path: Path) -> bool:
    """Also for one in a folder that this user may not enter, where `is_dir` raises."""
    try:
        return path.is_dir()
    except OSError:
        return False
