"""When the pages open the room's records, what a killed process has left of a voice taken back goes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.office.language_desk import open_room
from ivr.records.room import Room
from tests.listening.test_withdrawal import filled, nothing_is_left
from tests.listening.volunteers import NOW


def test_a_voice_is_gone_that_was_being_taken_back(tmp_path: Path) -> None:
    env = {"IVR_RECORDINGS": str(tmp_path)}
    room = Room.open(env)
    hodan, _ = filled(room, tmp_path)
    room.begin_withdrawal(hodan.id, None, NOW)
    open_room(env, tmp_path, NOW)
    nothing_is_left(room, tmp_path, hodan)


def test_a_disk_that_cannot_be_written_is_logged_and_keeps_nobody_from_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ivr.office.language_desk.finish_withdrawals", full)
    assert open_room({"IVR_RECORDINGS": str(tmp_path)}, tmp_path, NOW).volunteers() == ()
    assert "not wholly deleted" in caplog.text
