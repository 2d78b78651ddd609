"""Making clips: what is missing and only that, whole or not at all, and on where it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ivr.core.content import Content
from ivr.speech.clips import seconds_of
from ivr.speech.port import EngineFault, Speech, SynthesisRequest
from ivr.speech.render import Job, build, jobs, missing, prune
from tests.speech.test_voices import script


class Hum:
    """An engine that hums, counts what it was asked, and may fail after so many."""

    name = "hum"

    def __init__(self, fails_after: int = 10**6) -> None:
        self.asked: list[str] = []
        self._fails_after = fails_after

    def speak(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        for request in requests:
            if len(self.asked) == self._fails_after:
                raise EngineFault("the engine is tired")
            self.asked.append(request.prompt)
            time = np.arange(8000) / 8000
            yield request, Speech((0.3 * np.sin(2 * np.pi * 300 * time) * np.sin(9 * time)).astype(np.float32), 8000)

    def voices(self) -> dict[str, tuple[str, ...]]:
        return {}


@pytest.fixture
def wanted(content: Content) -> tuple[Job, ...]:
    return jobs(content, script(content, "sv")[:20], "offline")


def test_what_is_there_is_not_made_again(wanted: tuple[Job, ...], tmp_path: Path) -> None:
    told: list[Job] = []
    build(wanted, Hum(), tmp_path / "new", told.append)
    assert sorted(job.name for job in told) == sorted(job.name for job in wanted)
    assert missing(wanted, tmp_path / "new") == ()
    (tmp_path / "new" / f"{wanted[3].name}.wav").write_bytes(b"RIFF, but cut off")
    assert missing(wanted, tmp_path / "new") == (wanted[3],)


def test_after_a_fault_it_goes_on_where_it_was_and_asks_nothing_twice(wanted: tuple[Job, ...], tmp_path: Path) -> None:
    tired, rested = Hum(fails_after=7), Hum()
    with pytest.raises(EngineFault):
        build(wanted, tired, tmp_path, lambda _job: None)
    left = missing(wanted, tmp_path)
    assert len(left) == len(wanted) - 7
    build(left, rested, tmp_path, lambda _job: None)
    assert sorted(tired.asked + rested.asked) == sorted(job.request.prompt for job in wanted)
    assert all(seconds_of(tmp_path / f"{job.name}.wav") for job in wanted)


def test_a_folder_that_cannot_be_written_is_told(wanted: tuple[Job, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OSError, match="file"):
        build(wanted, Hum(), tmp_path / "file", lambda _job: None)


def test_prune_removes_what_nothing_says(wanted: tuple[Job, ...], tmp_path: Path) -> None:
    build(wanted, Hum(), tmp_path, lambda _job: None)
    assert prune(wanted[:15], tmp_path) == len(wanted) - 15
    assert missing(wanted[:15], tmp_path) == ()


def test_a_language_without_a_voice_has_nothing_to_be_made(content: Content) -> None:
    swedish = content.languages.languages["sv"].model_copy(update={"voices": {}})
    languages = content.languages.model_copy(update={"languages": {**content.languages.languages, "sv": swedish}})
    assert jobs(replace(content, languages=languages), script(content, "sv"), "offline") == ()
