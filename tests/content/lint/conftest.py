"""The real content."""

from __future__ import annotations

import pytest

from ivr.content.load import Loaded, load
from tests.conftest import TODAY
from tests.content.conftest import REAL


@pytest.fixture(scope="session")
def real() -> Loaded:
    """The content of prompts/ in all ten languages."""
    return load(REAL, TODAY)
