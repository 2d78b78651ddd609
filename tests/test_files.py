"""Files that are written whole: who may read them while they are, and what a power cut leaves."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.files import write_atomically


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_nobody_else_can_read_a_secret_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets its mode before anything stands in it, and not after."""
    modes = list[int]()
    right = Path.chmod

    def looked_at(path: Path, mode: int) -> None:
        modes.append(stat.S_IMODE(path.stat().st_mode))
        right(path, mode)

    monkeypatch.setattr(Path, "chmod", looked_at)
    write_atomically(tmp_path / "secret", b"a number", mode=0o600)

    assert modes == [0o600]


@pytest.mark.parametrize(("durable", "synced"), [(True, ["file", "folder"]), (False, [])])
def test_what_must_outlast_a_power_cut_is_synced_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool, synced: list[str]
) -> None:
    kinds = list[str]()

    def noted(descriptor: int) -> None:
        kinds.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")

    monkeypatch.setattr("os.fsync", noted)
    write_atomically(tmp_path / "kept", b"the way back", durable=durable)

    assert (kinds, (tmp_path / "kept").read_bytes()) == (synced, b"the way back")
