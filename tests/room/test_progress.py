"""How far somebody is, and how long the rest takes: as long as this person takes, once that is known."""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.records.room import Take
from ivr.room.progress import BREAK_S, ENOUGH, LEAST_TIMES, PAUSE_S, TIMES, RoomProgress, measured
from tests.room.conftest import START

LENGTHS = {f"s{number}": (f"words {number}", 4.0) for number in range(30)}


def take(number: int, at: datetime, text: str | None = None, *, replaced: bool = False) -> Take:
    words = text or f"words {number}"
    return Take(
        number, 1, "so", f"s{number}", words, f"{number:032x}", "", 4.0, at, replaced=START if replaced else None
    )


def takes(count: int, every: float) -> tuple[Take, ...]:
    return tuple(take(number, START + timedelta(seconds=every * number)) for number in range(count))


def test_at_first_each_sentence_is_heard_read_and_heard_again() -> None:
    assert RoomProgress.of(LENGTHS, ()) == RoomProgress(0, 30, round(30 * (TIMES * 4 + PAUSE_S) / 60 + 0.5))


def test_then_as_long_as_this_person_takes() -> None:
    found = RoomProgress.of(LENGTHS, takes(10, 40))
    assert measured(takes(10, 40)) == 10
    assert found == RoomProgress(10, 30, round(20 * 40 / 60 + 0.5))


def test_a_break_and_a_few_takes_say_nothing() -> None:
    assert measured(takes(20, BREAK_S + 1)) is None
    assert measured(takes(ENOUGH, 20)) is None
    assert measured(takes(ENOUGH + 1, 20)) == 5


def test_takes_that_have_waited_on_a_phone_make_nobody_fast() -> None:
    assert measured(takes(20, 0.1)) == LEAST_TIMES


def test_only_the_words_of_today_are_done() -> None:
    some = (take(0, START), take(1, START, "other words"), take(2, START, replaced=True), take(99, START))
    assert RoomProgress.of(LENGTHS, some).done == 1


def test_all_of_it_is_done() -> None:
    assert RoomProgress.of(LENGTHS, takes(30, 20)) == RoomProgress(30, 30, 0)
    assert RoomProgress.of({}, ()) == RoomProgress(0, 0, 0)
