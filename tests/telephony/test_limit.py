"""A step that hangs is given up, and costs the next one nothing (rule O6)."""

from __future__ import annotations

import threading

import pytest

from ivr.telephony.limit import SECONDS, TimeLimit, TookTooLong
from ivr.telephony.twiml.urls import CONNECTION
from tests.limits import PATIENCE, until

AT_ONCE = 0.001


def test_it_gives_the_result() -> None:
    assert TimeLimit(PATIENCE).run(lambda: "done") == "done"


def test_it_raises_what_the_work_raises() -> None:
    limit = TimeLimit(PATIENCE)
    with pytest.raises(ZeroDivisionError):
        limit.run(lambda: 1 // 0)
    assert limit.run(lambda: "goes on") == "goes on"


def test_one_thread_serves_one_after_the_other() -> None:
    limit = TimeLimit(PATIENCE)
    assert len({limit.run(threading.get_ident) for _ in range(20)}) == 1


def test_work_that_hangs_is_given_up_and_the_next_is_done() -> None:
    limit, over = TimeLimit(AT_ONCE), threading.Event()
    for hung in range(1, 21):
        with pytest.raises(TookTooLong):
            limit.run(over.wait)
        assert limit.hung == hung
    patient = TimeLimit(PATIENCE)
    patient.hung = limit.hung
    assert patient.run(lambda: "done") == "done"
    over.set()
    until(lambda: limit.hung == 0)


def test_a_thread_that_comes_back_is_used_again() -> None:
    limit, over = TimeLimit(AT_ONCE), threading.Event()
    idents = list[int]()

    def hang() -> None:
        idents.append(threading.get_ident())
        over.wait()

    with pytest.raises(TookTooLong):
        limit.run(hang)
    over.set()
    until(lambda: limit.hung == 0 and limit._idle)
    limit._seconds = PATIENCE
    assert limit.run(threading.get_ident) == idents[0]


def test_when_very_much_hangs_nothing_is_begun() -> None:
    limit, over = TimeLimit(AT_ONCE, most_hung=2), threading.Event()
    for _ in range(2):
        with pytest.raises(TookTooLong):
            limit.run(over.wait)
    begun = list[int]()
    with pytest.raises(TookTooLong):
        limit.run(lambda: begun.append(1))
    assert begun == []
    over.set()
    until(lambda: limit.hung == 0)
    limit._seconds = PATIENCE
    assert limit.run(lambda: "again") == "again"


def test_the_limit_ends_before_the_provider_gives_up() -> None:
    """The emergency document must come within 3 s; addresses say `rt`, the milliseconds that the provider waits."""
    patience = dict(part.split("=") for part in CONNECTION.removeprefix("#").split("&"))
    assert SECONDS < 3 < int(patience["rt"]) / 1000
