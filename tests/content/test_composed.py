"""Files whose letters and marks an editor stores apart (Unicode NFD) are the same content, with the same clips."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.speech.render import jobs
from tests.conftest import TODAY
from tests.content.conftest import Prompts

pytestmark = pytest.mark.untraced


def clips(content: Content) -> list[object]:
    return [job for engine in ("google", "offline") for job in jobs(content, closed_set(content, TODAY), engine)]


def test_they_are_the_same_content_with_the_same_clips_and_recordings(tmp_path: Path) -> None:
    prompts = Prompts.copied_to(tmp_path, "ar", "fa", "uk")
    before = prompts.load()
    changed = 0
    for path in prompts.folder.iterdir():
        apart = unicodedata.normalize("NFD", path.read_text(encoding="utf-8"))
        changed += apart != path.read_text(encoding="utf-8")
        path.write_text(apart, encoding="utf-8")
    assert changed > 5
    after = prompts.load()
    assert after.issues == before.issues
    assert (after.texts, before.content is not None) == (before.texts, after.content is not None)
    assert before.content
    assert after.content
    assert after.content.catalogue.texts == before.content.catalogue.texts
    assert after.content.catalogue.spoken == before.content.catalogue.spoken
    assert after.content.offered == before.content.offered
    assert clips(after.content) == clips(before.content)
