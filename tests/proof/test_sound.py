"""Every made clip keeps S1-S3, and the time rules hold in the seconds of real clips."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.core.utterance import Clip
from ivr.proof.prove import prove_walk, walk_all
from ivr.proof.rules.sound import Heard, made_clips, prove_sound
from ivr.speech.clips import Rendered, seconds_of
from ivr.speech.level import Samples
from ivr.speech.mulaw import RATE, decode, encode, to_wav
from tests.speech.test_ladder import TODAY


def clips_of(content: Content, rendered: Rendered) -> list[Heard]:
    return [heard for each in made_clips(content, rendered, closed_set(content, TODAY)).values() for heard in each]


def against(content: Content, rendered: Rendered, made: dict[str, list[Heard]], rule: str) -> list[str]:
    """What speaks against a rule of sound."""
    proofs = prove_sound(content, rendered, made, closed_set(content, TODAY))
    return [issue.message for proof in proofs if proof.rule == rule for issue in proof.against]


def test_every_sentence_is_made_in_every_language_that_the_offline_voice_has(
    content: Content, rendered: Rendered
) -> None:
    spoken = {code for code, language in content.languages.languages.items() if language.offline}
    assert spoken == {"fi", "sv", "en", "ru", "uk", "ar", "fa", "sw"}
    said = {said for said in closed_set(content, TODAY) if said.language in spoken}
    assert {heard.said for heard in clips_of(content, rendered)} == said


def test_the_rules_of_time_and_of_sound_hold_on_real_clips(content: Content, rendered: Rendered) -> None:
    proofs = prove_walk(walk_all(content, TODAY), TODAY, rendered).proofs
    assert [(proof.rule, issue.message) for proof in proofs for issue in proof.against] == []
    assert {proof.how for proof in proofs if proof.rule in ("S1", "S2", "S3")} == {"sound"}


def louder(samples: Samples) -> Samples:
    return np.multiply(samples, np.float32(1.6))


def quieter(samples: Samples) -> Samples:
    return np.multiply(samples, np.float32(0.5))


def peaked(samples: Samples) -> Samples:
    changed = samples.copy()
    changed[len(changed) // 2] = 0.9
    return changed


def clipped(samples: Samples) -> Samples:
    return np.asarray(np.clip(samples * np.float32(40), -1, 1), np.float32)


def begun_late(samples: Samples) -> Samples:
    return np.concatenate([np.zeros(RATE // 5, np.float32), samples])


def begun_at_once(samples: Samples) -> Samples:
    return np.array(samples[RATE // 10 :])


def ended_late(samples: Samples) -> Samples:
    return np.concatenate([samples, np.zeros(RATE // 2, np.float32)])


def cut_off(samples: Samples) -> Samples:
    return np.array(samples[: -RATE // 4])


DOCTORS = [louder, quieter, peaked, clipped, begun_late, begun_at_once, ended_late, cut_off]


@pytest.mark.parametrize("doctor", DOCTORS, ids=[doctor.__name__ for doctor in DOCTORS])
def test_a_clip_that_breaks_a_limit_is_caught(
    content: Content, rendered: Rendered, few: list[Heard], doctor: Callable[[Samples], Samples], tmp_path: Path
) -> None:
    assert against(content, rendered, {"fi": few}, "S1") == []
    heard = few[0]
    samples = decode(heard.path.read_bytes()[-round(heard.clip.seconds * RATE) :])
    path = tmp_path / heard.path.name
    path.write_bytes(to_wav(encode(np.asarray(doctor(samples), np.float32))))
    assert against(content, rendered, {"fi": [Heard(heard.said, heard.clip, path), *few[1:]]}, "S1")


@pytest.fixture(scope="module")
def few(content: Content, rendered: Rendered) -> list[Heard]:
    """A few sentences, normal and slow; the first is about danger."""
    fi = [heard for heard in clips_of(content, rendered) if heard.said.language == "fi"]
    wanted = ("safety.danger", "main.press", "hours.phone.week", "help_with.violence", "main_closed.wait")
    return sorted((h for h in fi if h.said.prompt in wanted), key=lambda h: wanted.index(h.said.prompt))


def timed(heard: Heard, seconds: float) -> Heard:
    return Heard(heard.said, Clip(heard.clip.name, seconds), heard.path)


def test_a_language_spoken_too_fast_is_caught(content: Content, rendered: Rendered) -> None:
    finnish = [heard for heard in clips_of(content, rendered) if heard.said.language == "fi"]
    assert not against(content, rendered, {"fi": finnish}, "S2")
    fast = [timed(heard, heard.clip.seconds * 0.8) for heard in finnish]
    assert "too fast" in against(content, rendered, {"fi": fast}, "S2")[0]


def test_a_slow_version_that_is_not_slower_is_caught(content: Content, rendered: Rendered, few: list[Heard]) -> None:
    normal = {heard.said.id: heard.clip.seconds for heard in few if not heard.said.slow}
    same = [timed(heard, normal[heard.said.id]) for heard in few]
    assert any("hardly slower" in message for message in against(content, rendered, {"fi": same}, "S2"))
    assert not any("hardly slower" in message for message in against(content, rendered, {"fi": few}, "S2"))


def test_without_clips_there_is_nothing_to_prove_yet(content: Content, tmp_path: Path) -> None:
    nothing = Rendered(content, tmp_path)
    assert {proof.how for proof in prove_sound(content, nothing, {}, ())} == {"not yet"}
    assert {proof.how for proof in prove_sound(content, None, {}, ())} == {"not yet"}


@pytest.mark.parametrize("data", [b"", b"RIFF", b"no sound at all, but long enough to be looked at and found wanting"])
def test_what_is_no_clip_has_no_seconds(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "clip.wav"
    path.write_bytes(data)
    assert seconds_of(path) is None
    assert seconds_of(tmp_path / "missing.wav") is None


def test_where_nothing_measures_sound_the_levels_are_not_proved_and_it_is_told_how(
    content: Content, rendered: Rendered, few: list[Heard], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ivr.speech.mulaw", None)  # it imports numpy, which a plain install lacks
    levels, *others = prove_sound(content, rendered, {"fi": few}, closed_set(content, TODAY))
    assert (levels.rule, levels.how) == ("S1", "not yet")
    assert "kemi-guidance-line[audio]" in levels.detail
    assert {proof.how for proof in others} == {"sound"}
