"""Wrong passwords are slowed, by a clock that stands still; what is remembered of them has an end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.office import slowing
from ivr.office.slowing import FORGOTTEN, FREE, LONGEST, Slowing, TooSoon, network_of
from tests.office.conftest import Clock


def wait(of: Slowing, *keys: str) -> int:
    """How long a try has to wait; it is made if that is not at all."""
    try:
        of.begin(keys)
    except TooSoon as error:
        return error.seconds
    return 0


def test_the_wait_grows_to_its_longest() -> None:
    clock = Clock()
    slow, waits = Slowing(clock), list[int]()
    for _ in range(FREE + 5):
        while seconds := wait(slow, "a"):
            waits.append(seconds)
            clock.pass_(seconds=seconds)
    assert waits == [1, 3, LONGEST, LONGEST]


def test_what_comes_too_soon_is_not_counted() -> None:
    clock = Clock()
    slow = Slowing(clock)
    assert [wait(slow, "a") for _ in range(FREE + 10)] == [0] * (FREE + 1) + [1] * 9
    clock.pass_(seconds=0.4)
    assert wait(slow, "a") == 1
    clock.pass_(seconds=0.6)
    assert wait(slow, "a") == 0


def test_each_key_makes_wait_and_another_does_not() -> None:
    slow = Slowing(Clock())
    while not wait(slow, "a"):
        pass
    assert wait(slow, "b") == 0
    assert wait(slow, "b", "a") == 1
    slow.begin(["b"], only_counted=["a"])


def test_a_right_one_does_not_excuse_the_wrong_ones() -> None:
    slow = Slowing(Clock())
    for _ in range(FREE):
        slow.begin(["a"])
    for _ in range(10):
        slow.begin(["a"])
        slow.was_right(["a"])
    slow.begin(["a"])
    assert wait(slow, "a") == 1
    assert slow.is_slowed("a")
    assert not slow.is_slowed("b")


def test_it_is_forgotten_after_a_while_and_when_the_clock_was_set_back() -> None:
    clock = Clock()
    slow = Slowing(clock)
    for passing in (FORGOTTEN, -timedelta(hours=1)):
        while not wait(slow, "a"):
            pass
        clock.time += passing
        assert not slow.is_slowed("a")
        assert [wait(slow, "a") for _ in range(FREE + 1)] == [0] * (FREE + 1)


def test_so_much_is_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slowing, "MOST_KEPT", 100)
    slow = Slowing(Clock())
    for number in range(1000):
        slow.begin([f"{number}"], only_counted=["often"])
    assert len(slow._tries) == 100
    assert slow.is_slowed("often")
    assert "0" not in slow._tries


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_whoever_has_many_addresses_is_one(address: str, network: str) -> None:
    assert network_of(address) == network
