"""Recordings move from the site to IVR_RECORDINGS: all of a language or none, and callers hear them all the while."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.core.content import Content
from ivr.files import write_atomically
from ivr.speech import moving
from ivr.speech.clips import Recordings
from ivr.speech.moving import MovedRecordings, has_recordings, move
from ivr.speech.recorded import TEXTS, RecordedText, read_table, take_in
from ivr.speech.voices import MOVE, Audio, VoiceSelector
from tests.conftest import TODAY
from tests.speech.test_recorded import NEW, OLD, clip
from tests.speech.test_voices import first

TABLE = {"a": RecordedText("One.", "Amina", "2026-11-24"), "b": RecordedText("Two.")}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "site" / "audio" / "recorded" / "so"
    take_in(folder, {name: (spoken, OLD) for name, spoken in TABLE.items()})
    (folder / "scripts").mkdir()
    (folder / "scripts" / "bcdfgh.json").write_text("{}")
    return folder


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "var" / "recordings" / "so"


def there(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


ALL = {"a.wav", "b.wav", TEXTS, "scripts/bcdfgh.json"}


def test_all_is_moved_and_nothing_is_left(old: Path, new: Path) -> None:
    assert has_recordings(old)
    assert move(old, new) == MovedRecordings(2)
    assert (there(new), read_table(new)) == (ALL, TABLE)
    assert not old.parent.exists()
    assert not has_recordings(old)
    assert move(old, new) == MovedRecordings(0)
    assert there(new) == ALL


def test_what_is_there_besides_stays(old: Path, new: Path) -> None:
    take_in(new, {"c": (RecordedText("Three.", voice="v1"), NEW)})
    (new / "line.json").write_text("{}")
    assert move(old, new) == MovedRecordings(2)
    assert there(new) == ALL | {"c.wav", "line.json"}
    assert read_table(new) == {**TABLE, "c": RecordedText("Three.", voice="v1")}


@pytest.mark.parametrize(("words", "data"), [("One.", NEW), ("Won.", OLD)])
def test_nothing_is_overwritten_and_nothing_else_moved(old: Path, new: Path, words: str, data: bytes) -> None:
    take_in(new, {"a": (RecordedText(words, "Amina", "2026-11-24"), data)})
    assert move(old, new) == MovedRecordings(0, ("a.wav",))
    assert (there(old), there(new)) == (ALL, {"a.wav", TEXTS})
    assert (new / "a.wav").read_bytes() == data


class Killed(BaseException):
    """The process has ended."""


@pytest.mark.parametrize("steps", range(8))
def test_a_killed_move_loses_nothing_and_goes_on(
    old: Path, new: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    left = iter(range(steps))

    def step() -> None:
        if next(left, None) is None:
            raise Killed

    def write_or_die(path: Path, data: bytes, **how: bool) -> None:
        step()
        write_atomically(path, data, **how)

    unlink = Path.unlink

    def delete_or_die(path: Path, *, missing_ok: bool = False) -> None:
        if path.name.startswith("."):  # of a file that is written
            return unlink(path, missing_ok=missing_ok)
        step()
        return unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(moving, "write_atomically", write_or_die)
        patch.setattr(Path, "unlink", delete_or_die)
        if steps < 7:
            with pytest.raises(Killed):
                move(old, new)
        else:
            move(old, new)
    for name, spoken in TABLE.items():  # it can be heard from one of the two folders
        assert any(
            (folder / f"{name}.wav").is_file() and (folder / TEXTS).is_file() and read_table(folder)[name] == spoken
            for folder in (old, new)
        )
    move(old, new)
    assert (there(new), read_table(new), old.exists()) == (ALL, TABLE, False)


def test_a_table_that_cannot_be_read_moves_nothing(old: Path, new: Path) -> None:
    (old / TEXTS).write_bytes(b"{")
    with pytest.raises(OSError, match="is no table of texts"):
        move(old, new)
    assert there(new) == set()


class TestHeard:
    """`Recordings` of both folders."""

    def test_until_it_is_moved_it_is_heard_and_told(self, content: Content, tmp_path: Path) -> None:
        sentence = first(content, "nobody_free.sorry", "so")
        old, new = tmp_path / "audio" / "recorded", tmp_path / "var" / "recordings"
        take_in(old / "so", {sentence.id: (RecordedText(sentence.text), OLD)})
        selector = VoiceSelector(content, Audio(tmp_path / "rendered", new, old), TODAY)
        name = selector(sentence)
        assert name
        (told,) = selector.faults()
        assert told == f"the recordings of so are still in the site. {MOVE}"
        assert MOVE.endswith(": ivr audio move")
        move(old / "so", new / "so")
        assert selector.look()
        assert selector(sentence) == name
        assert selector.faults() == ()
        assert selector.lost == frozenset()

    def test_what_is_new_comes_before_what_was_not_moved(self, content: Content, tmp_path: Path) -> None:
        sorry, calm = first(content, "nobody_free.sorry", "so"), first(content, "main.calm", "so")
        old, new = tmp_path / "old", tmp_path / "new"
        take_in(old / "so", {said.id: (RecordedText(said.text), OLD) for said in (sorry, calm)})
        take_in(new / "so", {sorry.id: (RecordedText(sorry.text), clip(0.3))})
        recordings = Recordings(content, new, old)
        alone = Recordings(content, new)
        assert recordings.clip(sorry) == alone.clip(sorry)
        assert (recordings.clip(calm) is not None, alone.clip(calm)) == (True, None)
        # What goes from the new folder is not replaced by words that nobody says now.
        other = replace(sorry, text="Other words.")
        assert recordings.is_stale(other)

    def test_a_recording_that_was_moved_and_then_removed_is_not_lost(self, content: Content, tmp_path: Path) -> None:
        sorry = first(content, "nobody_free.sorry", "so")
        old, new = tmp_path / "old", tmp_path / "new"
        take_in(old / "so", {sorry.id: (RecordedText(sorry.text), OLD)})
        recordings = Recordings(content, new, old)
        move(old / "so", new / "so")
        (new / "so" / TEXTS).write_text("{}")
        (new / "so" / f"{sorry.id}.wav").unlink()
        recordings.look()
        assert not recordings.is_there(sorry)
