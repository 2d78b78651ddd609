"""The state folder: what a process leaves for the next, and that nothing in it can stop a line."""

from __future__ import annotations

import errno
import json
import os
import time
from datetime import date
from pathlib import Path

import pytest

from ivr.live.state import STAMPS_KEPT, Stamp, StateFolder

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
FILES = {"office.yaml": b"zone: Europe/Helsinki\n", "fi.po": b""}


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "var")


def test_a_proof_is_remembered_with_the_files_that_were_proved(state: StateFolder) -> None:
    assert state.stamp("a") is None
    state.proved("a", Stamp(MONDAY), FILES)
    state.proved("b", Stamp(TUESDAY, frozenset({"fa", "sv"})), FILES)
    assert state.stamp("a") == Stamp(MONDAY)
    assert state.stamp("b") == Stamp(TUESDAY, frozenset({"fa", "sv"}))
    assert {path.name: path.read_bytes() for path in state.last_good.iterdir()} == FILES


def test_the_last_good_files_are_those_of_the_last_proof_alone(state: StateFolder) -> None:
    state.proved("a", Stamp(MONDAY), FILES)
    state.proved("b", Stamp(MONDAY), {"flow.yaml": b"start: x\n"})
    assert [path.name for path in state.last_good.iterdir()] == ["flow.yaml"]
    assert sorted(path.name for path in state.folder.iterdir()) == ["last-good", "proofs"]


@pytest.mark.parametrize("spoilt", [b"", b"\xff", b"yesterday\n", b"2026-13-01\n"])
def test_a_spoilt_stamp_is_none(state: StateFolder, spoilt: bytes) -> None:
    state.proved("a", Stamp(MONDAY), FILES)
    (state.folder / "proofs" / "a").write_bytes(spoilt)
    assert state.stamp("a") is None


def test_old_stamps_go(state: StateFolder) -> None:
    for number in range(STAMPS_KEPT + 3):
        state.proved(f"{number}", Stamp(MONDAY), FILES)
        os.utime(state.folder / "proofs" / f"{number}", (number, number))
    state.proved("last", Stamp(MONDAY), FILES)
    left = {path.name for path in (state.folder / "proofs").iterdir()}
    assert len(left) == STAMPS_KEPT
    assert {"last", f"{STAMPS_KEPT + 2}"} <= left
    assert "0" not in left


def test_a_clock_that_was_set_back_does_not_make_a_new_stamp_the_oldest(state: StateFolder) -> None:
    to_come = time.time() + 1e6
    for number in range(STAMPS_KEPT):
        state.proved(f"{number}", Stamp(MONDAY), FILES)
        os.utime(state.folder / "proofs" / f"{number}", (to_come, to_come))
    state.proved("last", Stamp(MONDAY), FILES)
    state.proved("very last", Stamp(MONDAY), FILES)
    assert state.stamp("last")
    assert state.stamp("very last")


def test_the_offered_languages_are_remembered(state: StateFolder) -> None:
    assert state.offered() == frozenset()
    state.keep_offered(frozenset({"fi", "uk"}))
    assert state.offered() == {"fi", "uk"}
    assert json.loads((state.folder / "offered.json").read_text(encoding="utf-8")) == ["fi", "uk"]


@pytest.mark.parametrize("spoilt", [b"", b"\xff", b"{}x", b"7"])
def test_a_spoilt_list_of_languages_is_empty(state: StateFolder, spoilt: bytes) -> None:
    state.keep_offered(frozenset({"fi"}))
    (state.folder / "offered.json").write_bytes(spoilt)
    assert state.offered() == frozenset()


def test_a_folder_that_cannot_be_made_is_told_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "var").write_text("a file", encoding="utf-8")
    state = StateFolder(tmp_path / "var")
    state.proved("a", Stamp(MONDAY), FILES)
    state.keep_offered(frozenset({"fi"}))
    with state.alone():
        assert state.stamp("a") is None
    told = [record.getMessage() for record in caplog.records]
    assert [message.split(" cannot be kept")[0] for message in told] == [
        "the last good content",
        "the offered languages",
    ]


def test_one_that_was_killed_between_two_renames_leaves_the_content_before(state: StateFolder) -> None:
    state.proved("a", Stamp(MONDAY), FILES)
    state.last_good.rename(state.folder / "last-good.old")
    assert {path.name for path in state.last_good.iterdir()} == FILES.keys()
    state.proved("b", Stamp(MONDAY), {"flow.yaml": b""})
    assert [path.name for path in state.last_good.iterdir()] == ["flow.yaml"]
    assert state.last_good.name == "last-good"


def test_whose_content_is_the_last_good_one_is_remembered(state: StateFolder, tmp_path: Path) -> None:
    state.folder.mkdir()
    assert state.site() is None
    state.keep_site(tmp_path / "päivä\n\udcff")
    assert state.site() == tmp_path / "päivä\n\udcff"
    state.keep_site(state.last_good)
    assert state.site() == tmp_path / "päivä\n\udcff"


def test_where_the_file_system_knows_no_locks_nobody_waits(state: StateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with state.alone():
        state.proved("a", Stamp(MONDAY), FILES)
    assert state.stamp("a")
