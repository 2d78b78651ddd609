"""The site that every fault is planted in, made once by the real engine, and the switch to plant all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import made_once
from tests.faults.served import Served, make_proved_template, served


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with clips, already proved: each line starts in a copy of it."""
    return made_once(tmp_path_factory, "template", make_proved_template)


@pytest.fixture
def two(template: Path, tmp_path: Path) -> Iterator[tuple[Served, Served]]:
    """Two lines that share nothing."""
    with served(template, tmp_path / "one") as one, served(template, tmp_path / "two") as two:
        one.start()
        two.start()
        yield one, two
