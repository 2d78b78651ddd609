"""Processes that prepare and make clips: what becomes of them when they fail, hang or are not wanted any more."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ivr.live.prepare import prepare
from ivr.live.prepared import Wanted
from ivr.live.preparer import NotPrepared, Preparer
from ivr.speech.voices import NO_AUDIO
from tests.conftest import ROOT, TODAY
from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE


@pytest.fixture
def wanted(tmp_path: Path) -> Wanted:
    return Wanted(Prompts.copied_to(tmp_path, *FIRST).folder, NO_AUDIO, TODAY, "auto", tmp_path / "var", "never")


def test_a_content_comes_back_whole(wanted: Wanted) -> None:
    prepared = Preparer().prepare(wanted)
    assert prepared.usable
    content, voices = prepared.usable
    assert content.offered == voices.voiced == set(FIRST)


def test_one_that_cannot_begin_is_told(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(NotPrepared, match="the process that prepares the content has ended with 1"):
        Preparer().prepare(wanted)


def test_one_that_says_something_else_is_told(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/echo")
    with pytest.raises(NotPrepared, match="cannot be read"):
        Preparer().prepare(wanted)


def test_another_program_gives_no_content(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was replaced under the running line: its values may be of other kinds."""
    preparer = Preparer()
    monkeypatch.setattr("ivr.live.preparer.this_program", lambda: b"as it was")
    with pytest.raises(NotPrepared, match="the program was replaced under the running line; restart it"):
        preparer.prepare(wanted)


def test_another_program_in_the_working_folder_is_not_taken_for_ours(wanted: Wanted, tmp_path: Path) -> None:
    """An installed line that is started in the folder of the source of another version, as `bin/ivr` starts it."""
    started = tmp_path / "bin" / "started.py"
    started.parent.mkdir()
    started.write_text(
        "import pickle, sys\nfrom ivr.live.preparer import Preparer\n"
        "assert Preparer().prepare(pickle.load(sys.stdin.buffer)).usable\n",
        encoding="utf-8",
    )
    other = tmp_path / "source" / "ivr"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, started],
        cwd=other.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=pickle.dumps(wanted),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")


def test_a_disk_without_room_stops_no_start(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.live.prepare.tempfile.TemporaryDirectory", _no_room)
    assert prepare(wanted).usable


def _no_room() -> None:
    raise OSError(28, "No space left on device")


def test_one_that_hangs_is_ended(wanted: Wanted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hangs = tmp_path / "hangs"
    hangs.write_text("#!/bin/sh\nexec sleep 1000\n", encoding="ascii")
    hangs.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(hangs))
    monkeypatch.setattr("ivr.live.preparer.PREPARE_SECONDS", 0.05)
    with pytest.raises(NotPrepared, match="has ended with -9"):
        Preparer().prepare(wanted)


def test_after_the_end_none_begins(wanted: Wanted) -> None:
    preparer = Preparer()
    preparer.stop()
    with pytest.raises(NotPrepared, match="stopping"):
        preparer.prepare(wanted)


def test_the_end_does_not_wait_for_one_that_works(wanted: Wanted, tmp_path: Path) -> None:
    """Its content is proved meanwhile; what it gives back then is not taken for content."""
    preparer, told = Preparer(), list[Exception]()
    lock = tmp_path / "var"

    def prepare() -> None:
        try:
            preparer.prepare(Wanted(**{**vars(wanted), "proving": "if_new"}))
        except NotPrepared as error:
            told.append(error)

    worker = threading.Thread(target=prepare)
    worker.start()
    while not (lock / "prove.lock").exists():
        assert worker.is_alive()
    preparer.stop()
    worker.join()
    assert len(told) == 1
