"""Passwords: what may be one, and how it is kept and checked (argon2id, RFC 9106)."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr.records.people import name_key

SHORTEST, LONGEST = 12, 1000
"""Characters. No rule of which kinds: such rules make passwords worse (NIST SP 800-63B, 3.1.1.2)."""
FEWEST_DIFFERENT = 5
"""Different characters. What has fewer, or digits alone, is among the first that anybody tries."""
MOST_WAITING = 2
"""Requests that wait in each lane for one that is worked on: of the server's eight threads, two stay free."""


class Crowded(Exception):
    """So many passwords are being checked that this one is not; nobody waits."""


class Passwords:
    """Keeps and checks passwords, of which each takes much memory and a tenth of a second.

    There are two lanes, each with one at a time: strangers must not keep those waiting whose device is known.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._known, self._strange = _Lane(), _Lane()

    def hash(self, password: str) -> str:
        """What is kept of a password. Crowded if too many ask."""
        with self._known.turn():
            return self._hasher.hash(_composed(password))

    def is_right(self, kept: str | None, password: str, *, known: bool) -> bool:
        """Whether a password is the one that is kept. It takes as long where none is kept. Crowded if too many ask."""
        with (self._known if known else self._strange).turn():
            try:
                self._hasher.verify(kept or self._nobodys, _composed(password)[:LONGEST])
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def rehashed(self, kept: str, password: str) -> str | None:
        """What is to be kept from now on of a right password; None if that is what is kept already."""
        return self.hash(password) if self._hasher.check_needs_rehash(kept) else None

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(32))


class _Lane:
    def __init__(self) -> None:
        self._one, self._places = threading.Lock(), threading.Semaphore(1 + MOST_WAITING)

    @contextmanager
    def turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Crowded
        try:
            with self._one:
                yield
        finally:
            self._places.release()


Unfit = Literal["password_short", "password_long", "password_name", "password_easy"]


def unfit(password: str, name: str) -> Unfit | None:
    """The key of what is wrong with a new password of somebody; None if it may be one."""
    if len(_composed(password)) < SHORTEST:
        return "password_short"
    if len(_composed(password)) > LONGEST:
        return "password_long"
    written = name_key(password)
    if written == name_key(name):
        return "password_name"
    is_easy = len(set(written)) < FEWEST_DIFFERENT or written.replace(" ", "").isdigit()
    return "password_easy" if is_easy else None


def _composed(password: str) -> str:
    """One spelling, as keyboards write ä in two ways."""
    return unicodedata.normalize("NFC", password)
