"""Every made clip keeps S1-S3, and the time rules hold in the seconds of real clips."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.core.utterance import Clip
from ivr.proof.evidence import Evidence, MadeClip
from ivr.proof.kept import Kept
from ivr.proof.prove import prove, walk_all
from ivr.proof.registry import Proof
from ivr.proof.walk import Walk
from ivr.speech.clips import RATE, Rendered, seconds_of
from ivr.speech.level import Samples
from ivr.speech.mulaw import read_clip, to_wav
from tests.conftest import TODAY


def heard(content: Content, rendered: Rendered | None, made: dict[str, list[MadeClip]] | None = None) -> Evidence:
    """What rules of sound look at: the clips that are there, or those given."""
    evidence = Evidence(Walk(content, (), (), {}, 0), TODAY, rendered)
    if made is not None:
        evidence.__dict__["made"] = made  # in place of what is found on the disk
    return evidence


def proofs_of_sound(content: Content, rendered: Rendered | None, made: dict[str, list[MadeClip]]) -> tuple[Proof, ...]:
    return prove(heard(content, rendered, made), "sound")


def clips_of(content: Content, rendered: Rendered) -> list[MadeClip]:
    return [made for each in heard(content, rendered).made.values() for made in each]


def against(content: Content, rendered: Rendered, made: dict[str, list[MadeClip]], rule: str) -> list[str]:
    """What speaks against a rule of sound."""
    proofs = proofs_of_sound(content, rendered, made)
    return [issue.message for proof in proofs if proof.rule == rule for issue in proof.counterexamples]


def test_every_sentence_is_made_in_every_language_that_the_offline_voice_has(
    content: Content, rendered: Rendered
) -> None:
    spoken = {code for code, language in content.languages.languages.items() if "offline" in language.voices}
    assert spoken == {"fi", "sv", "en", "ru", "uk", "ar", "fa", "sw"}
    said = {said for said in closed_set(content, TODAY) if said.language in spoken}
    assert {made.utterance for made in clips_of(content, rendered)} == said


def test_the_rules_of_time_and_of_sound_hold_on_real_clips(content: Content, rendered: Rendered) -> None:
    proofs = prove(Evidence(walk_all(content, TODAY), TODAY, rendered))
    assert [(proof.rule, issue.message) for proof in proofs for issue in proof.counterexamples] == []
    assert {proof.by for proof in proofs if proof.rule in ("S1", "S2", "S3")} == {"sound"}


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
    content: Content, rendered: Rendered, few: list[MadeClip], doctor: Callable[[Samples], Samples], tmp_path: Path
) -> None:
    assert against(content, rendered, {"fi": few}, "S1") == []
    made = few[0]
    path = tmp_path / made.path.name
    path.write_bytes(to_wav(np.asarray(doctor(read_clip(made.path)), np.float32)))
    assert against(content, rendered, {"fi": [replace(made, path=path), *few[1:]]}, "S1")


@pytest.fixture(scope="module")
def few(content: Content, rendered: Rendered) -> list[MadeClip]:
    """A few sentences, normal and slow; the first is about danger."""
    fi = [made for made in clips_of(content, rendered) if made.utterance.language == "fi"]
    wanted = ("safety.danger", "nobody_free.sorry", "hours.phone.week", "help_with.violence", "main_closed.wait")
    found = (made for made in fi if made.utterance.prompt in wanted)
    return sorted(found, key=lambda made: wanted.index(made.utterance.prompt))


def timed(made: MadeClip, seconds: float) -> MadeClip:
    return replace(made, clip=Clip(made.clip.name, seconds))


def test_a_language_spoken_too_fast_is_caught(content: Content, rendered: Rendered) -> None:
    finnish = [made for made in clips_of(content, rendered) if made.utterance.language == "fi"]
    assert not against(content, rendered, {"fi": finnish}, "S2")
    fast = [timed(made, made.clip.seconds * 0.8) for made in finnish]
    assert "too fast" in against(content, rendered, {"fi": fast}, "S2")[0]


def test_a_slow_version_that_is_not_slower_is_caught(content: Content, rendered: Rendered, few: list[MadeClip]) -> None:
    normal = {made.utterance.id: made.clip.seconds for made in few if not made.utterance.slow}
    same = [timed(made, normal[made.utterance.id]) for made in few]
    assert any("hardly slower" in message for message in against(content, rendered, {"fi": same}, "S2"))
    assert not any("hardly slower" in message for message in against(content, rendered, {"fi": few}, "S2"))


def test_a_language_spoken_by_two_engines_is_caught(content: Content, rendered: Rendered, few: list[MadeClip]) -> None:
    assert not against(content, rendered, {"fi": few}, "S3")
    mixed = [replace(few[0], engine="google"), *few[1:]]
    assert "more than one voice" in against(content, rendered, {"fi": mixed}, "S3")[0]


def test_without_clips_there_is_nothing_to_prove_yet(content: Content, tmp_path: Path) -> None:
    for rendered in (Rendered(content, tmp_path), None):
        assert {proof.by for proof in prove(heard(content, rendered), "sound")} == {"not yet"}


@pytest.mark.parametrize("data", [b"", b"RIFF", b"no sound at all, but long enough to be looked at and found wanting"])
def test_what_is_no_clip_has_no_seconds(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "clip.wav"
    path.write_bytes(data)
    assert seconds_of(path) is None
    assert seconds_of(tmp_path / "missing.wav") is None


def test_where_nothing_measures_sound_the_levels_are_not_proved_and_it_is_told_how(
    content: Content, rendered: Rendered, few: list[MadeClip], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ivr.speech.mulaw", None)  # it imports numpy, which a plain install lacks
    levels, *others = proofs_of_sound(content, rendered, {"fi": few})
    assert (levels.rule, levels.by) == ("S1", "not yet")
    assert "kemi-guidance-line[audio]" in levels.detail
    assert {proof.by for proof in others} == {"sound"}


def test_what_was_measured_before_is_found_alike(content: Content, rendered: Rendered, tmp_path: Path) -> None:
    """By parts as from nothing: the clips that have stood for long are not measured again."""
    made = {code: each[:20] for code, each in heard(content, rendered).made.items()}
    from_nothing = heard(content, rendered, made)
    by_parts = replace(from_nothing, kept=Kept(tmp_path))
    by_parts.__dict__["made"] = made
    proofs = prove(from_nothing, "sound")
    assert prove(by_parts, "sound") == proofs
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ivr.speech.telephone.measure", lambda _: pytest.fail("it was measured before"))
        assert prove(by_parts, "sound") == proofs
