"""What a team leader has decided about a language: a file that the line looks at, whatever happens to it."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from ivr.core.content import Content
from ivr.files import NotWritten
from ivr.speech.line_state import LINE, TAKEN_OFF, UNDECIDED, LineState, LineStates, read_line_state, write_line_state
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from tests.conftest import TODAY
from tests.speech.test_offered import approved, record_all
from tests.speech.test_voices import audio

__all__ = ["audio"]
UNKNOWN = "it is not known whether a team leader has taken it off the line"
BROKEN = (
    b"",
    b"[]",
    b"{",
    b"\xff",
    b'{"in_use": 1}',
    b'{"in_use": true, "heard": []}',
    b'{"in_use": true, "heard": {"a": 1}}',
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert read_line_state(tmp_path / "so") is None
    for state in (LineState(in_use=True, heard={"0" * 32: "safety.danger"}), LineState(in_use=False)):
        write_line_state(tmp_path / "so", state)
        assert read_line_state(tmp_path / "so") == state
    assert [path.name for path in (tmp_path / "so").iterdir()] == [LINE]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "so").write_bytes(b"no folder")
    with pytest.raises(NotWritten, match=r"line\.json could not be written"):
        write_line_state(tmp_path / "so", LineState(in_use=False))


@pytest.mark.parametrize("data", [*BROKEN, b"[" * 100_000, b" " * (2 << 20)])
def test_anything_else_is_no_decision(tmp_path: Path, data: bytes) -> None:
    (tmp_path / LINE).write_bytes(data)
    with pytest.raises(ValueError, match=r"."):
        read_line_state(tmp_path)


@pytest.fixture
def recorded_somali(content: Content, audio: Audio) -> Content:
    """The content, in which all of Somali is recorded and approved."""
    record_all(content, audio, "so")
    return approved(content, "so")


class TestOffered:
    def test_off_is_off_until_it_is_taken_into_use_again(self, recorded_somali: Content, audio: Audio) -> None:
        selector = VoiceSelector(recorded_somali, audio, TODAY)
        assert "so" in selector.offered
        write_line_state(audio.recorded / "so", LineState(in_use=False))
        assert selector.look()
        assert ("so" in selector.offered, selector.off, selector.missing()["so"]) == (
            False,
            frozenset({"so"}),
            TAKEN_OFF,
        )
        assert "so" in selector.voiced  # a call under way goes on in it
        assert selector.lost == frozenset()
        write_line_state(audio.recorded / "so", LineState(in_use=True))
        assert selector.look()
        assert not selector.look()
        assert "so" in selector.offered

    def test_what_speaks_first_is_never_off(self, content: Content, audio: Audio) -> None:
        write_line_state(audio.recorded / "fi", LineState(in_use=False))
        write_line_state(audio.recorded / "ru", LineState(in_use=False))
        selector = VoiceSelector(content, audio, TODAY)
        assert ("fi" in selector.offered, "ru" in selector.offered) == (True, False)

    def test_a_simulated_call_shows_it_all_the_same(self, content: Content, audio: Audio) -> None:
        write_line_state(audio.recorded / "ru", LineState(in_use=False))
        assert "ru" in VoiceSelector(content, audio, TODAY, "text").offered
        assert "ru" not in VoiceSelector(content, audio, TODAY, "say").offered


class TestDamaged:
    @pytest.mark.parametrize("data", BROKEN)
    @pytest.mark.parametrize("in_use", [True, False])
    def test_what_was_known_goes_on_and_that_is_told(
        self, recorded_somali: Content, audio: Audio, data: bytes, *, in_use: bool
    ) -> None:
        path = audio.recorded / "so" / LINE
        write_line_state(path.parent, LineState(in_use))
        selector = VoiceSelector(recorded_somali, audio, TODAY)
        path.write_bytes(data)
        assert selector.look()
        (told,) = selector.faults()
        assert told.startswith("recorded/so/line.json does not say") or "/recorded/so/line.json does not say" in told
        assert 'press "Take into use" or "Take off the line" again' in told
        for each in (selector, pickle.loads(pickle.dumps(selector))):  # noqa: S301 - our own
            assert ("so" in each.offered) == in_use
            assert not each.look()
        # New content that takes its place knows the same.
        new = VoiceSelector(recorded_somali, audio, TODAY, decided=selector.decided)
        assert ("so" in new.offered) == in_use

    def test_where_nothing_is_known_the_language_does_not_come_back(
        self, recorded_somali: Content, audio: Audio
    ) -> None:
        path = audio.recorded / "so" / LINE
        path.write_bytes(b"{")
        selector = VoiceSelector(recorded_somali, audio, TODAY)
        assert ("so" in selector.offered, selector.missing()["so"]) == (False, UNKNOWN)
        path.unlink()
        assert selector.look()
        assert ("so" in selector.offered, selector.faults()) == (True, ())

    @pytest.mark.parametrize("there", [True, False])
    def test_a_folder_that_is_lost_for_a_while_changes_nothing(
        self, content: Content, audio: Audio, *, there: bool
    ) -> None:
        """Such as a disk on the network: neither what was taken off comes back, nor does what was never decided go."""
        write_line_state(audio.recorded / "ru", LineState(in_use=False))
        selector = VoiceSelector(content, audio, TODAY)
        before = selector.offered
        assert ("ru" in before, "ar" in before) == (False, True)
        audio.recorded.rename(away := audio.recorded.with_name("away"))
        if there:
            audio.recorded.write_bytes(b"no folder")
        selector.look()
        new = VoiceSelector(content, audio, TODAY, decided=selector.decided)
        assert (selector.offered, new.offered) == (before, before)
        assert any("ru/line.json cannot be read: " in fault for fault in selector.faults())
        audio.recorded.unlink(missing_ok=True)
        away.rename(audio.recorded)
        assert selector.look()
        assert (selector.offered, selector.faults()) == (before, ())

    def test_one_that_nobody_may_read_is_told_too(self, tmp_path: Path) -> None:
        (tmp_path / "so" / LINE).mkdir(parents=True)
        states = LineStates(tmp_path, ("so", "ckb"))
        assert "line.json cannot be read: Is a directory" in states.fault("so")
        assert (states.why_off("so"), states.why_off("ckb"), states.fault("ckb")) == (UNKNOWN, "", "")


def test_without_any_decision_nothing_changes(content: Content) -> None:
    selector = VoiceSelector(content, NO_AUDIO, TODAY)
    assert (selector.off, selector.faults()) == (frozenset(), ())
    assert selector.decided == dict.fromkeys(content.languages.languages, UNDECIDED)
