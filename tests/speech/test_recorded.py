"""Recordings on disk: whatever happens, none stands under words that are not its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from ivr.core.content import Content
from ivr.core.prompts import SAFETY
from ivr.core.utterance import Utterance
from ivr.files import NotWritten, write_atomically
from ivr.speech import recorded
from ivr.speech.clips import Recordings
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import TAKING, TEXTS, RecordedText, name_of_older, read_texts, remove_voice, take_in
from tests.speech.test_voices import first


def clip(level: float) -> bytes:
    return to_wav(np.full(800, level, np.float32))


Sentence = tuple[Utterance, Callable[[Utterance], bytes | None]]
OLD, NEW = clip(0.1), clip(0.2)


def table(folder: Path) -> dict[str, RecordedText]:
    return read_texts((folder / TEXTS).read_bytes())


class TestTable:
    def test_has_words_or_words_with_who_spoke_them_and_when(self, tmp_path: Path) -> None:
        take_in(tmp_path, {"a": (RecordedText("One."), OLD), "b": (RecordedText("Two.", "Amina", "2026-11-24"), OLD)})
        written = json.loads((tmp_path / TEXTS).read_text(encoding="utf-8"))
        assert written == {"a": "One.", "b": {"text": "Two.", "by": "Amina", "on": "2026-11-24"}}
        assert table(tmp_path) == {"a": RecordedText("One."), "b": RecordedText("Two.", "Amina", "2026-11-24")}

    @pytest.mark.parametrize("data", [b"", b"[]", b'{"a": 1}', b'{"a": {"by": "Amina"}}', b"{", b"[" * 100_000])
    def test_anything_else_is_told_and_left_alone(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / TEXTS).write_bytes(data)
        with pytest.raises(NotWritten, match="Restore it from version control"):
            take_in(tmp_path, {"a": (RecordedText("One."), OLD)})
        assert [path.name for path in tmp_path.iterdir()] == [TEXTS]
        assert (tmp_path / TEXTS).read_bytes() == data


class TestOlder:
    def test_a_recording_of_other_words_is_kept_beside_the_new_one(self, tmp_path: Path) -> None:
        take_in(tmp_path, {"a": (RecordedText("One.", "Amina", "2026-11-24"), OLD)})
        take_in(tmp_path, {"a": (RecordedText("Won."), NEW)})
        older = name_of_older("a", "One.")
        assert older.startswith("a~")
        assert table(tmp_path) == {"a": RecordedText("Won."), older: RecordedText("One.", "Amina", "2026-11-24")}
        assert [(tmp_path / f"{name}.wav").read_bytes() for name in ("a", older)] == [NEW, OLD]

    def test_one_of_the_same_words_takes_its_place(self, tmp_path: Path) -> None:
        for data in (OLD, NEW):
            take_in(tmp_path, {"a": (RecordedText("One."), data)})
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", TEXTS]
        assert (tmp_path / "a.wav").read_bytes() == NEW

    def test_one_whose_file_is_gone_is_forgotten(self, tmp_path: Path) -> None:
        take_in(tmp_path, {"a": (RecordedText("One."), OLD)})
        (tmp_path / "a.wav").unlink()
        take_in(tmp_path, {"a": (RecordedText("Won."), NEW)})
        assert table(tmp_path) == {"a": RecordedText("Won.")}


class TestHeard:
    """Which recording of a sentence is heard: that of its very words, else the newest, but for safety sentences."""

    @pytest.fixture
    def sentence(self, content: Content, tmp_path: Path) -> Sentence:
        said = first(content, "nobody_free.sorry", "so")

        def heard(utterance: Utterance) -> bytes | None:
            recordings = Recordings(content, tmp_path)
            found = recordings.clip(utterance)
            file = recordings.file(found.name) if found else None
            return file.path.read_bytes() if file else None

        for words, data in (("Old words.", OLD), ("New words.", NEW)):
            take_in(
                tmp_path / "so", {said.id: (RecordedText(words), data), f"{SAFETY}danger": (RecordedText(words), data)}
            )
        return said, heard

    def test_of_its_words_new_or_older_else_the_newest(self, sentence: Sentence) -> None:
        said, heard = sentence
        assert heard(replace(said, text="New words.")) == NEW
        assert heard(replace(said, text="Old words.")) == OLD
        assert heard(replace(said, text="Old words.", slow=True)) == OLD
        assert heard(replace(said, text="Other words.")) == NEW

    def test_a_safety_sentence_only_in_its_words(self, content: Content, sentence: Sentence) -> None:
        danger, heard = first(content, f"{SAFETY}danger", "so"), sentence[1]
        assert [heard(replace(danger, text=words)) for words in ("New words.", "Old words.", "Other words.")] == [
            NEW,
            OLD,
            None,
        ]


class Killed(BaseException):
    """What a killed process does: nothing more."""


@pytest.mark.parametrize("writes", range(7))
def test_a_kill_at_any_moment_leaves_no_recording_under_words_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """And the next import of the same files heals all."""
    old = {name: (RecordedText(f"{name} one."), clip(0.1 + place / 50)) for place, name in enumerate("abc")}
    new = {
        "b": (RecordedText("b two."), clip(0.3)),
        "c": (RecordedText("c one."), clip(0.4)),
        "d": (RecordedText("d one."), clip(0.5)),
    }
    take_in(tmp_path, old)
    spoken = {data: said.text for several in (old, new) for said, data in several.values()}
    left, write = writes, write_atomically

    def write_or_die(path: Path, data: bytes) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(recorded, "write_atomically", write_or_die)
        if writes < 6:
            with pytest.raises(Killed):
                take_in(tmp_path, new)
        else:
            take_in(tmp_path, new)
    for name, said in table(tmp_path).items():
        assert spoken[(tmp_path / f"{name}.wav").read_bytes()] == said.text
    take_in(tmp_path, new)
    names = {"a": "a one.", "b": "b two.", "c": "c one.", "d": "d one.", name_of_older("b", "b one."): "b one."}
    assert {name: said.text for name, said in table(tmp_path).items()} == names
    for name, text in names.items():
        assert spoken[(tmp_path / f"{name}.wav").read_bytes()] == text


def _import_many(folder: Path, first: int) -> None:
    for number in range(first, 40, 2):
        take_in(folder, {f"s{number}": (RecordedText(f"{number}."), OLD)})


def test_two_imports_at_once_lose_nothing(tmp_path: Path) -> None:
    fresh = get_context("spawn")
    both = [fresh.Process(target=_import_many, args=(tmp_path, first)) for first in (0, 1)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert {name: said.text for name, said in table(tmp_path).items()} == {f"s{n}": f"{n}." for n in range(40)}


class TestVoice:
    """Whose voice a recording is: a volunteer takes it back, and nothing of it is left."""

    AMINA, HODAN = (RecordedText("One.", on="2026-11-24", voice=voice) for voice in ("v1", "v2"))

    def test_is_kept_without_a_name(self, tmp_path: Path) -> None:
        take_in(tmp_path, {"a": (self.AMINA, OLD)})
        written = json.loads((tmp_path / TEXTS).read_text(encoding="utf-8"))
        assert written == {"a": {"text": "One.", "on": "2026-11-24", "voice": "v1"}}
        assert table(tmp_path) == {"a": self.AMINA}

    def test_goes_with_all_that_it_spoke_and_others_stay(self, tmp_path: Path) -> None:
        take_in(tmp_path, {"a": (self.AMINA, OLD), "b": (self.AMINA, OLD), "c": (self.HODAN, NEW)})
        take_in(tmp_path, {"a": (replace(self.HODAN, text="Won."), NEW), "d": (RecordedText("Four.", "Ali"), NEW)})
        older = name_of_older("a", "One.")
        (tmp_path / ".b.wav.12345678.part").write_bytes(OLD)  # of a process that was killed
        assert remove_voice(tmp_path, "v1") == (older, "b")
        assert {path.name for path in tmp_path.iterdir()} == {"a.wav", "c.wav", "d.wav", TEXTS}
        assert set(table(tmp_path)) == {"a", "c", "d"}
        assert not any(path.read_bytes() == OLD for path in tmp_path.iterdir())
        assert remove_voice(tmp_path, "v1") == ()
        assert remove_voice(tmp_path / "nowhere", "v1") == ()

    def test_a_table_that_cannot_be_read_is_told_and_nothing_deleted(self, tmp_path: Path) -> None:
        take_in(tmp_path, {"a": (self.AMINA, OLD)})
        (tmp_path / TEXTS).write_bytes(b"{")
        with pytest.raises(NotWritten, match="is no table of texts"):
            remove_voice(tmp_path, "v1")
        assert (tmp_path / "a.wav").exists()

    @pytest.mark.parametrize("writes", range(6))
    def test_is_found_whenever_the_process_that_took_it_in_was_killed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
    ) -> None:
        """Also where the sound is there and its row is not; and of whoever spoke before."""
        take_in(tmp_path, {"a": (self.AMINA, OLD), "b": (replace(self.AMINA, text="Two."), OLD)})
        left = iter(range(writes))

        def write_or_die(path: Path, data: bytes) -> None:
            if next(left, None) is None:
                raise Killed
            write_atomically(path, data)

        new = {"a": (replace(self.HODAN, text="Won."), NEW), "b": (replace(self.HODAN, text="Two."), NEW)}
        with monkeypatch.context() as patch:
            patch.setattr(recorded, "write_atomically", write_or_die)
            with pytest.raises(Killed):
                take_in(tmp_path, new)
        both = {"v1": OLD, "v2": NEW}
        for voice, other in (("v1", "v2"), ("v2", "v1")):
            copy = tmp_path.with_name(f"{tmp_path.name}-{voice}")
            shutil.copytree(tmp_path, copy)
            remove_voice(copy, voice)
            assert not [path for path in copy.iterdir() if path.read_bytes() == both[voice]]
            for name, said in table(copy).items():
                if (copy / f"{name}.wav").exists():
                    assert (said.voice, (copy / f"{name}.wav").read_bytes()) == (other, both[other])

    def test_what_an_import_left_half_done_is_done_by_the_next(self, tmp_path: Path) -> None:
        take_in(tmp_path, {"a": (self.AMINA, OLD)})
        (tmp_path / TEXTS).write_text(json.dumps({f"a{TAKING}": {"text": "One.", "voice": "v2"}}))
        take_in(tmp_path, {"a": (self.HODAN, NEW)})
        assert table(tmp_path) == {"a": self.HODAN}
