"""Real clips of the real content, made once by the offline voice."""

from __future__ import annotations

import pytest

from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.speech.clips import Rendered
from ivr.speech.espeak import Espeak
from ivr.speech.render import build, jobs
from tests.speech.test_voices import TODAY


@pytest.fixture(scope="session")
def rendered(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Every clip of every language that the offline voice has."""
    folder = tmp_path_factory.mktemp("rendered")
    build(jobs(content, closed_set(content, TODAY), "offline"), Espeak(), folder, lambda _job: None)
    return Rendered(content, folder)
