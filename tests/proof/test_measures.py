"""A clip is measured once, and again when its file has changed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ivr.program import COARSEST_S
from ivr.proof.kept import Kept
from ivr.proof.measures import Measures
from ivr.speech.limits import Measured
from ivr.speech.mulaw import BadClip

LONG_AGO = 10 * COARSEST_S


class Measuring:
    """Measures the length of a file, and counts how often."""

    def __init__(self) -> None:
        self.measured = list[str]()

    def __call__(self, path: Path) -> Measured:
        self.measured.append(path.name)
        if not path.exists():
            raise BadClip("it is gone")
        return Measured(-24.0, float("-inf"), 115.0, 230.0, clipped=False, seconds=path.stat().st_size / 8000)


class Folder:
    """Clips, whose files have stood there for long unless it is said otherwise."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clips, self._kept = folder / "rendered", Kept(folder / "var")
        self.clips.mkdir()
        self.later = LONG_AGO
        now = time.time
        monkeypatch.setattr("ivr.proof.measures.time.time", lambda: now() + self.later)

    def write(self, name: str, size: int) -> Path:
        (self.clips / name).write_bytes(bytes(size))
        return self.clips / name

    def measured(self, *paths: Path) -> tuple[list[str], list[float]]:
        """What had to be measured in a proof, and the seconds that it found."""
        measuring = Measuring()
        measures = Measures(self._kept, self.clips, measuring)
        seconds = [measures.of(path).seconds for path in paths]
        measures.keep()
        return measuring.measured, seconds


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    return Folder(tmp_path, monkeypatch)


def test_a_clip_that_has_not_changed_is_not_measured_again(folder: Folder) -> None:
    one, two = folder.write("1.wav", 8000), folder.write("2.wav", 16000)
    assert folder.measured(one, two) == (["1.wav", "2.wav"], [1.0, 2.0])
    assert folder.measured(one, two) == ([], [1.0, 2.0])
    folder.write("2.wav", 24000)
    assert folder.measured(one, two) == (["2.wav"], [1.0, 3.0])
    assert folder.measured(two) == ([], [3.0])
    assert folder.measured(one) == ([], [1.0]), "one that was not asked for is not forgotten"


def test_another_file_with_the_same_size_and_time_is_measured(folder: Folder) -> None:
    one = folder.write("1.wav", 8000)
    before = one.stat()
    assert folder.measured(one)[0] == ["1.wav"]
    folder.write("new", 8000).replace(one)
    os.utime(one, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert folder.measured(one)[0] == ["1.wav"]


def test_what_has_only_just_changed_is_measured_again(folder: Folder) -> None:
    """A second change within the same tick of the clock would have the same stamp."""
    one = folder.write("1.wav", 8000)
    folder.later = 0
    assert folder.measured(one)[0] == ["1.wav"]
    assert folder.measured(one)[0] == ["1.wav"]


def test_a_clip_that_is_gone_or_bad_is_never_kept(folder: Folder) -> None:
    one = folder.write("1.wav", 8000)
    folder.measured(one)
    one.unlink()
    with pytest.raises(BadClip):
        folder.measured(one)


def test_another_installation_measures_anew(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    one = folder.write("1.wav", 8000)
    folder.measured(one)
    monkeypatch.setattr("ivr.proof.measures.what_was_read", lambda: b"another")
    assert folder.measured(one)[0] == ["1.wav"]


def test_without_changed_clips_nothing_is_written(folder: Folder, tmp_path: Path) -> None:
    one = folder.write("1.wav", 8000)
    folder.measured(one)
    (file,) = (tmp_path / "var" / "proved").iterdir()
    inode = file.stat().st_ino
    folder.measured(one)
    assert file.stat().st_ino == inode
