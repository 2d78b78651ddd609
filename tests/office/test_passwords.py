"""How passwords are kept and checked: by argon2id, two at a time, and in the same time for everybody."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest

from ivr.office.passwords import LONGEST, MOST_WAITING, SHORTEST, Crowded, Passwords, unfit
from tests.limits import PATIENCE, until
from tests.office.conftest import HASHER

LONG = "pitkä salasana"


def test_the_real_ones_are_argon2id_as_the_rfc_recommends() -> None:
    """RFC 9106, 4: the second recommended option."""
    assert argon2.profiles.get_default_parameters() == argon2.profiles.RFC_9106_LOW_MEMORY
    kept = argon2.PasswordHasher().hash(LONG)
    assert argon2.extract_parameters(kept) == argon2.profiles.RFC_9106_LOW_MEMORY
    assert kept.startswith("$argon2id$")


def test_one_is_right_however_its_letters_are_composed() -> None:
    passwords = Passwords()
    kept = passwords.hash("pitkä salasana")
    for known in (True, False):
        assert passwords.is_right(kept, "pitka\u0308 salasana", known=known)
        assert not passwords.is_right(kept, "pitkä salasana ", known=known)
        assert not passwords.is_right(kept, "", known=known)
        assert not passwords.is_right(None, LONG, known=known)
        assert not passwords.is_right("what is no hash", LONG, known=known)


def test_a_long_one_is_checked_no_longer_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()

    def verify(_: argon2.PasswordHasher, __: str, password: str) -> bool:
        asked.append(len(password))
        return True

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify)
    Passwords().is_right("kept", "x" * 10 * LONGEST, known=True)
    assert asked == [LONGEST]


def test_one_that_is_kept_as_before_is_kept_anew() -> None:
    passwords = Passwords()
    before = argon2.PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(LONG)
    renewed = passwords.rehashed(before, LONG)
    assert renewed
    assert passwords.is_right(renewed, LONG, known=True)
    assert passwords.rehashed(renewed, LONG) is None


class Slow(threading.Event):
    """A check that takes until it is told to end."""

    def __init__(self) -> None:
        super().__init__()
        self.at_once = self.most = 0

    def verify(self, _hasher: argon2.PasswordHasher, _kept: str, _password: str) -> bool:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.wait(PATIENCE)
        self.at_once -= 1
        return True


def test_two_at_a_time_and_strangers_do_not_keep_the_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    slow, passwords, told = Slow(), Passwords(), list[bool | str]()
    monkeypatch.setattr(argon2.PasswordHasher, "verify", lambda *all_: slow.verify(*all_))

    def stranger() -> None:
        try:
            told.append(passwords.is_right("kept", LONG, known=False))
        except Crowded:
            told.append("busy")

    with ThreadPoolExecutor(20) as pool:
        try:
            many = [pool.submit(stranger) for _ in range(10)]
            until(lambda: told.count("busy") == 10 - 1 - MOST_WAITING and slow.at_once == 1)
            known = pool.submit(passwords.is_right, "kept", LONG, known=True)
            until(lambda: slow.at_once == 2)
        finally:
            slow.set()
        assert known.result(PATIENCE)
        for each in many:
            each.result(PATIENCE)
    assert told.count(True) == 1 + MOST_WAITING
    assert slow.most == 2
    assert passwords.is_right("kept", LONG, known=False)  # the lane is free again


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("x" * (SHORTEST - 1), "password_short"),
        ("a\u0308" * (SHORTEST - 1), "password_short"),
        (("lumia" * LONGEST)[:SHORTEST], None),
        (("lumia" * LONGEST)[:LONGEST], None),
        ("x" * (LONGEST + 1), "password_long"),
        ("MATTI  meikäläinen", "password_name"),
        ("x" * SHORTEST, "password_easy"),
        (" " * SHORTEST, "password_easy"),
        ("kemi KEMI Kemi", None),
        ("kemiKEMIKemi", "password_easy"),
        ("0401 234 567 890", "password_easy"),
        ("0401 234 567 890 on numeroni", None),
        ("matti meikäläinen 1", None),
    ],
)
def test_what_may_be_one(password: str, why: str | None) -> None:
    assert unfit(password, "Matti Meikäläinen") == why


def test_the_quick_one_of_the_tests_is_of_the_same_kind() -> None:
    assert HASHER.hash(LONG).startswith("$argon2id$")
