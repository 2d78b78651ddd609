"""What is kept is believed only if it is ours and whole; and what cannot be kept changes nothing but time."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.proof.kept import FOLDER, MOST_KEPT, NOTHING_KEPT, Kept, KeptInMemory

VALUE = {"a": [1, 2, 3], "b": "ä"}
NAME = "moves-0123"


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "var")


@pytest.fixture
def file(tmp_path: Path, kept: Kept) -> Path:
    kept.write(NAME, VALUE)
    return tmp_path / "var" / FOLDER / NAME


def read(kept: Kept, name: str = NAME) -> object:
    return kept.read(name, lambda value: value)


def test_what_was_kept_is_read(kept: Kept, file: Path) -> None:
    assert read(kept) == VALUE
    assert file.stat().st_mode & 0o777 == 0o600
    assert read(kept, "moves-0124") is None


def test_without_a_folder_nothing_is_kept() -> None:
    NOTHING_KEPT.write(NAME, VALUE)
    assert read(NOTHING_KEPT) is None
    assert not NOTHING_KEPT.is_possible


def test_in_memory_those_used_last_are_kept() -> None:
    kept = KeptInMemory()
    assert kept.is_possible
    assert read(kept) is None
    for number in range(MOST_KEPT):
        kept.write(str(number), VALUE)
    assert read(kept, "0") == VALUE
    kept.write("one more", VALUE)
    assert [read(kept, name) for name in ("0", "1", "one more")] == [VALUE, None, VALUE]


def test_one_that_was_cut_off_anywhere_is_ignored(kept: Kept, file: Path) -> None:
    data = file.read_bytes()
    for length in range(len(data)):
        file.write_bytes(data[:length])
        assert read(kept) is None
    file.write_bytes(data)
    assert read(kept) == VALUE


def test_one_of_which_any_byte_has_changed_is_ignored(kept: Kept, file: Path) -> None:
    data = file.read_bytes()
    for place in range(len(data)):
        file.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert read(kept) is None


def linked(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)


NOT_OURS: dict[str, Callable[[Path], object]] = {
    "others may write it": lambda file: file.chmod(0o602),
    "our group may write it": lambda file: file.chmod(0o620),
    "a link": linked,
    "a folder": a_folder,
    "a pipe": a_pipe,
    "empty": lambda file: file.write_bytes(b""),
    "gone": lambda file: file.unlink(),
}


@pytest.mark.parametrize("what", NOT_OURS)
def test_what_somebody_else_may_have_written_is_ignored(what: str, kept: Kept, file: Path) -> None:
    NOT_OURS[what](file)
    assert read(kept) is None


@pytest.mark.parametrize(
    ("us", "owner", "is_kept"), [(0, 0, True), (0, 1000, False), (1000, 1000, True), (1000, 0, True)]
)
def test_root_leaves_nothing_in_the_folder_of_another_user(
    us: int, owner: int, is_kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sudo ivr check`: the line could not write there again. Others may, as where root made a folder for all."""
    state, stat = tmp_path / "var", Path.stat
    monkeypatch.setattr("os.geteuid", lambda: us)

    def owned(path: Path, **follow: bool) -> os.stat_result:
        status = stat(path, **follow)
        return os.stat_result((*status[:4], owner, *status[5:10])) if path == state else status

    monkeypatch.setattr(Path, "stat", owned)
    Kept(state).write(NAME, VALUE)
    assert (state / FOLDER / NAME).exists() == is_kept


def test_what_another_user_owns_is_ignored(kept: Kept, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file.stat().st_uid == os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: file.stat().st_uid + 1)
    assert read(kept) is None


def test_what_was_written_under_another_name_is_ignored(kept: Kept, file: Path) -> None:
    file.rename(file.with_name("moves-0125"))
    assert read(kept, "moves-0125") is None


def test_a_value_of_another_kind_is_ignored(kept: Kept, file: Path) -> None:
    assert file.exists()
    assert kept.read(NAME, lambda value: value["c"]) is None  # type: ignore[index]
    assert kept.read(NAME, lambda value: value.c) is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_a_disk_that_takes_nothing_changes_nothing(
    number: int, kept: Kept, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", refuse)
        kept.write(NAME, "other")
    assert read(kept) == VALUE
    assert [path.name for path in file.parent.iterdir()] == [NAME]


def test_a_folder_that_cannot_be_made_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file", encoding="utf-8")
    kept = Kept(tmp_path / "var")
    kept.write(NAME, VALUE)
    assert read(kept) is None


def test_those_used_last_are_kept(kept: Kept, file: Path) -> None:
    for number in range(1, MOST_KEPT):
        kept.write(f"moves-{number}", VALUE)
        os.utime(file.with_name(f"moves-{number}"), (number, number))
    os.utime(file, (0, 0))
    assert read(kept) == VALUE  # and so it was used
    for number in range(MOST_KEPT, MOST_KEPT + 3):
        kept.write(f"moves-{number}", VALUE)
    assert len(list(file.parent.iterdir())) == MOST_KEPT
    assert read(kept) == VALUE
    assert read(kept, "moves-1") is None


def test_what_killed_processes_have_left_half_written_is_deleted(kept: Kept, file: Path) -> None:
    for number in range(2 * MOST_KEPT):
        left = file.with_name(f".{NAME}.{number}.part")
        left.write_bytes(b"half")
        os.utime(left, (number, number))
    kept.write(NAME, VALUE)
    assert len(list(file.parent.iterdir())) == MOST_KEPT
    assert read(kept) == VALUE
