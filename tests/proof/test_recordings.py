"""Recordings that are too long for a rule of seconds (M0): which, why, and how many seconds there are to save."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.content import Content
from ivr.core.script import recorded_as
from ivr.proof.evidence import Evidence
from ivr.proof.prove import heard_now
from ivr.proof.recordings import too_long
from ivr.proof.registry import rules
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import RecordedText, take_in
from ivr.speech.voices import NO_AUDIO, Audio
from tests.conftest import TODAY

SECONDS = ("M1", "M4", "F1", "F2", "F3", "F4", "T1", "T2", "W2")
"""The rules that say how long something may take."""


@pytest.fixture(scope="module")
def few(content: Content) -> Content:
    return replace(content, offered=frozenset({"fi", "sv", "en", "so"}))


@pytest.fixture(scope="module")
def before(few: Content) -> Evidence:
    return heard_now(few, TODAY, NO_AUDIO)


def usual(before: Evidence, language: str = "so") -> dict[str, float]:
    """Id -> seconds of what is heard without new recordings."""
    return {u.id: before.seconds(u) for u in before.script if u.language == language and recorded_as(u) == u}


def broken(before: Evidence, new: dict[str, float]) -> set[str]:
    """The rules that are broken with new recordings in Somali, found without the code under test."""
    recorded = {u: new[recorded_as(u).id] for u in before.script if u.language == "so" and recorded_as(u).id in new}
    evidence = replace(before, recorded={**before.recorded, **recorded})
    return {id_ for id_ in SECONDS if not rules()[id_].prove(evidence).holds}


def test_what_takes_no_longer_than_now_is_used(before: Evidence) -> None:
    assert broken(before, {}) == set()
    assert too_long(before, "so", usual(before)) == {}
    assert too_long(before, "so", {}) == {}


def test_one_that_is_too_long_is_told_with_the_rule_and_the_most_seconds(before: Evidence) -> None:
    options = [id_ for id_ in usual(before) if id_.startswith("main.") and id_.endswith(("+1", "+2"))]
    new = {**{id_: usual(before)[id_] for id_ in options}, options[0]: 19.0}
    told = too_long(before, "so", new)
    assert list(told) == options[:1]
    found = told[options[0]]
    assert str(found) == f"It takes 19.0 s; {found.most:.1f} s is the most (ivr rules {' '.join(found.rules)})"
    assert {*found.rules} == broken(before, new)
    assert broken(before, {**new, options[0]: found.most}) == set()
    assert broken(before, {**new, options[0]: found.most + 0.2}) != set()


def test_a_rule_that_is_broken_already_is_no_reason(few: Content, before: Evidence, tmp_path: Path) -> None:
    """Somebody has copied a file by hand. A good recording heals it, and others are taken all the same."""
    id_, text = next((u.id, u.text) for u in before.script if u.id == "welcome.machine" and u.language == "so")
    take_in(tmp_path / "so", {id_: (RecordedText(text), to_wav(np.full(9 * 8000, 0.1, np.float32)))})
    copied = heard_now(few, TODAY, Audio(tmp_path / "none", tmp_path))
    assert broken(copied, {}) >= {"F2"}
    assert too_long(copied, "so", {id_: 2.0, "goodbye": 1.0}) == {}


@settings(max_examples=3)
@given(st.data())
def test_what_is_taken_holds_together_and_what_is_refused_would_break_a_rule(
    before: Evidence, data: st.DataObject
) -> None:
    normal = usual(before)
    ids = data.draw(st.lists(st.sampled_from(sorted(normal)), min_size=1, max_size=25, unique=True))
    new = {id_: round(normal[id_] * data.draw(st.floats(0.5, 2.5)), 2) for id_ in ids}
    refused = too_long(before, "so", new)
    taken = {id_: seconds for id_, seconds in new.items() if id_ not in refused}
    assert broken(before, taken) == set()
    for id_ in refused:
        assert broken(before, {**taken, id_: new[id_]}) != set()
