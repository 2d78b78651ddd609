"""The real content."""

from __future__ import annotations

import pytest

from ivr.content.load import Loaded, load
from tests.content.conftest import REAL, TODAY


@pytest.fixture(scope="session")
def real() -> Loaded:
    """The content of prompts/ in all ten languages."""
    return load(REAL, TODAY)
