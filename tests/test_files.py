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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
def test_root_leaves_a_file_to_whose_it_is(tmp_path: Path) -> None:
    """An administrator runs `ivr texts update`: the office goes on writing its own files."""
    file = tmp_path / "office.yaml"
    file.write_bytes(b"before")
    os.chown(file, 12345, 23456)
    file.chmod(0o640)
    write_atomically(file, b"after")
    status = file.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (12345, 23456, 0o640)


def test_whoever_cannot_give_a_file_away_still_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.chown", refused)
    file = tmp_path / "office.yaml"
    file.write_bytes(b"before")
    write_atomically(file, b"after")
    assert file.read_bytes() == b"after"
