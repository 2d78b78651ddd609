"""What counts as a change of a site."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ivr.live.watcher import signature


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("office.yaml", "fi.po", "README.md"):
        (tmp_path / name).write_text("one\n", encoding="utf-8")
    return tmp_path


def test_nothing_has_changed_where_nothing_has(site: Path) -> None:
    before = signature(site)
    (site / "README.md").write_text("other words\n", encoding="utf-8")
    assert signature(site) == before
    assert [name for name, _ in before] == ["fi.po", "office.yaml"]


def test_a_file_that_keeps_its_size_and_time_has_changed(site: Path) -> None:
    """As a deployment leaves it that gives every file the same time."""
    before, office = signature(site), site / "office.yaml"
    times = office.stat()
    new = site / "new"
    new.write_text("two\n", encoding="utf-8")
    os.utime(new, ns=(times.st_atime_ns, times.st_mtime_ns))
    new.replace(office)
    assert signature(site) != before


def test_a_link_to_nowhere_hides_no_other_file(site: Path) -> None:
    """The lock of an editor is one."""
    (site / ".#fi.po").symlink_to("somebody@somewhere.123")
    before = signature(site)
    (site / "office.yaml").write_text("two\n", encoding="utf-8")
    assert signature(site) != before


def test_a_folder_that_is_gone_has_no_files(tmp_path: Path) -> None:
    assert signature(tmp_path / "nowhere") == ()


def test_what_is_approved_in_the_listening_room_is_a_change(site: Path, tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    (recordings / "so").mkdir(parents=True)
    before = signature(site, recordings)
    (recordings / "so" / "approved.yaml").write_text("", encoding="utf-8")
    assert [name for name, _ in signature(site, recordings)] == [
        *(name for name, _ in before),
        "recordings/so/approved.yaml",
    ]
    (recordings / "so" / "line.json").write_text("{}", encoding="utf-8")  # the voices look at it by themselves
    assert len(signature(site, recordings)) == len(before) + 1
