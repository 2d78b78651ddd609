"""A site with five languages, and the room of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.records.room import Room
from tests.content.conftest import Prompts


@pytest.fixture
def site(tmp_path: Path) -> Prompts:
    """The real content in Finnish, Swedish, English, Arabic and Somali, of which nobody has approved anything."""
    return Prompts.copied_to(tmp_path, "ar", "so")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room.open({"IVR_RECORDINGS": str(tmp_path / "recordings")})
