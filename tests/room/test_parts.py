"""The small parts of a room: how often somebody may ask, what waits in memory, what is deleted, what is looked at."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from threading import Event

import pytest

from ivr.records.faults import RecordsFault
from ivr.room.housekeeping import Housekeeper
from ivr.room.rates import MOST_KEPT, Rates
from ivr.room.site import BrokenRoomSite, RoomSite
from ivr.room.spoken import MOST_OF_ONE, MOST_WAITING, SpokenMeanings
from tests.content.conftest import Prompts
from tests.limits import PATIENCE, until
from tests.room.conftest import AMINA, TriedRoom, spoken


def test_a_minute_begins_anew() -> None:
    now = [0.0]
    rates = Rates(lambda: now[0])
    assert [rates.is_too_often("a", 2) for _ in range(3)] == [False, False, True]
    assert not rates.is_too_often("b", 2)
    now[0] = 60
    assert not rates.is_too_often("a", 2)


def test_counts_fill_no_memory() -> None:
    rates = Rates(lambda: 0.0)
    for number in range(MOST_KEPT + 10):
        rates.is_too_often(number, 1)
    assert not rates.is_too_often(0, 1), "it is forgotten"
    assert rates.is_too_often(MOST_KEPT + 9, 1)


def test_what_was_said_waits_for_its_session_and_fills_no_memory() -> None:
    kept = SpokenMeanings()
    for number in range(MOST_OF_ONE + 1):
        kept.keep(1, str(number), b"clip")
    assert (kept.get(1, "0"), kept.get(1, "1"), kept.get(2, "1")) == (None, b"clip", None)
    for session in range(2, MOST_WAITING + 10):
        kept.keep(session, "x", b"clip")
    assert kept.get(1, str(MOST_OF_ONE)) is None
    kept.forget(MOST_WAITING, "x")
    kept.forget(MOST_WAITING, "never there")
    assert kept.get(MOST_WAITING, "x") is None


@pytest.fixture
def keeper(tried: TriedRoom) -> Housekeeper:
    return Housekeeper(tried.room, tried.recordings, tried.site, tried.clock)


def test_takes_that_nobody_hears_go_in_time(tried: TriedRoom, keeper: Housekeeper) -> None:
    amina = tried.let_in(AMINA)
    amina.record("safety.danger", spoken(), "a" * 32)
    amina.record("safety.danger", spoken(4), "b" * 32)
    keeper.look()
    assert len(list(tried.takes.iterdir())) == 2
    tried.clock.pass_(days=14, hours=1)
    old = (tried.clock() - timedelta(days=14)).timestamp()
    for path in tried.takes.iterdir():
        os.utime(path, (old, old))
    keeper.look()
    assert [path.name for path in tried.takes.iterdir()] == [f"{'b' * 32}.wav"]


def test_what_cannot_be_deleted_now_is_told(
    tried: TriedRoom, keeper: Housekeeper, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for error in (RecordsFault("it is locked", "wait"), OSError(28, "no space left")):

        def fails(*_: object, error: Exception = error) -> int:
            raise error

        monkeypatch.setattr("ivr.room.housekeeping.delete_unused", fails)
        with caplog.at_level(logging.ERROR):
            keeper.look()
    assert "it is locked" in caplog.text
    assert "no space left" in caplog.text


def test_a_site_that_is_broken_at_first_shows_nothing(tried: TriedRoom, changes_site: None, prompts: Prompts) -> None:
    prompts.edit("flow.yaml", "start: opening", "start: nowhere")
    with pytest.raises(BrokenRoomSite):
        RoomSite(prompts.folder, tried.site.now.audio, tried.clock.today)


def test_another_day_is_another_script(tried: TriedRoom) -> None:
    before = tried.site.now
    tried.site.look()
    assert tried.site.now is before
    tried.clock.pass_(days=1)
    tried.site.look()
    assert tried.site.now.today == before.today + timedelta(days=1)


def test_a_thread_looks_and_goes_on_whatever_happens(
    changes_site: None,
    tried: TriedRoom,
    prompts: Prompts,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(_: object) -> bool:
        monkeypatch.undo()
        monkeypatch.setattr("ivr.room.site.EVERY_S", 0.01)
        raise OSError("a disk that is gone for a moment")

    monkeypatch.setattr("ivr.room.site.RoomContent.measure", fails)
    with caplog.at_level(logging.ERROR):
        tried.site.start()
        until(lambda: "looking for changes of the site failed" in caplog.text)
    prompts.translate("so.po", "welcome.machine", "Tani waa mashiin. Kuma maqli karto.")
    said = until(lambda: tried.site.now.sentences("so")["welcome.machine"].text.endswith("karto."))
    assert said
    until(lambda: tried.site.now.too_long("so", "safety.danger", 60, {}))
    tried.site.stop()


def test_a_keeper_begins_at_once(tried: TriedRoom, keeper: Housekeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = Event()

    def looks(*_: object) -> int:
        looked.set()
        return 0

    monkeypatch.setattr("ivr.room.housekeeping.delete_unused", looks)
    keeper.start()
    assert looked.wait(PATIENCE)
    keeper.stop()
