"""The site that every fault is planted in, made once by the real engine, and the switch to plant all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import made_once
from tests.faults.served import Served, make_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with clips, already proved: each line starts in a copy of it."""

    def prove(folder: Path) -> None:
        make_template(folder)
        line = Served(folder)
        line.start()
        try:
            assert line.stop() == 0, "".join(line.told)
        finally:
            line.kill()
        for left in ("journal", "plants"):
            path = folder / left
            path.unlink() if path.is_file() else path.rmdir()

    return made_once(tmp_path_factory, "template", prove)
