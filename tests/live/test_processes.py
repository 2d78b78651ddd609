"""Where the processes of a line note themselves: what is no note is passed over, and each is asked where it listens."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from ivr.live.processes import Presence, ServingProcess, serving_processes

OURS = ServingProcess(os.getpid(), "127.0.0.1", 8080, "", 0.0)


@pytest.mark.parametrize(
    "written",
    ["", "[" * 4000, "null", "{}", *(json.dumps({**asdict(OURS), "pid": pid}) for pid in (0, -1, 2**40))],
    ids=["empty", "deep", "null", "nothing", "a group", "all", "too large"],
)
def test_a_spoilt_note_is_none_and_hides_no_other(tmp_path: Path, written: str) -> None:
    Presence(tmp_path, None).begins("127.0.0.1", 8080)
    (tmp_path / "processes" / "8000.json").write_text(written)

    assert [(each.port, each.is_alive) for each in serving_processes(tmp_path)] == [(8080, True)]


@pytest.mark.parametrize("written", ["[" * 4000, "{}"], ids=["deep", "nothing"])
def test_a_process_whose_note_was_spoilt_ends_all_the_same(tmp_path: Path, written: str) -> None:
    presence = Presence(tmp_path, None)
    presence.begins("127.0.0.1", 8080)
    (tmp_path / "processes" / "8080.json").write_text(written)

    presence.ends()


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("127.0.0.1", "127.0.0.1:9464"),
        ("0.0.0.0", "127.0.0.1:9464"),  # noqa: S104 - nothing is bound
        ("*", "127.0.0.1:9464"),
        ("::", "[::1]:9464"),
        ("fd00::7", "[fd00::7]:9464"),
    ],
)
def test_a_process_is_asked_where_it_listens(tmp_path: Path, host: str, asked: str) -> None:
    Presence(tmp_path, (host, 9464)).begins(host, 9464)

    (found,) = serving_processes(tmp_path)

    assert (found.address, found.operators) == (asked, asked)
