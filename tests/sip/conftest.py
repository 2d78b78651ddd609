"""What the tests with telephones share: a site that rings for ten seconds, and the sound of each of its sentences."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.core.content import Content
from tests.conftest import ROOT
from tests.sip.clips import Clips
from tests.sip.line import NIGHT, TelephoneLine, clean_line
from tests.sip.ports import free_port

if sys.version_info >= (3, 14):
    collect_ignore_glob = ["test_*.py"]  # there is no SIP stack for it yet


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the figures that tests have recorded."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        if report.when == "call":
            for name, figure in report.user_properties:
                terminalreporter.write_line(f"{name}: {figure}")


CHANGED = (
    ("office.yaml", "ring: 25", "ring: 10"),
    ("office.yaml", "ring: 20", "ring: 10"),
    ("flow.yaml", "rounds: 3", "rounds: 1"),
)


@pytest.fixture(scope="session")
def town(made_clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with all its clips. Tests wait in real time, so each phone rings for 10 s, and one round is the last."""
    folder = tmp_path_factory.mktemp("town")
    site = folder / "prompts"
    shutil.copytree(ROOT / "prompts", site)
    for name, there, ours in CHANGED:
        text = (site / name).read_text(encoding="utf-8")
        assert text.count(there) == 1
        (site / name).write_text(text.replace(there, ours), encoding="utf-8")
    # Each is another name of the same file, for others hear these clips too: what is made anew is written beside.
    shutil.copytree(made_clips, folder / "audio" / "rendered", copy_function=os.link)
    return site


@pytest.fixture(scope="session")
def clips(content: Content, made_clips: Path) -> Clips:
    """The sound of each sentence."""
    return Clips(content, made_clips)


@pytest.fixture(scope="module")
def duty_port() -> int:
    """Where the telephone on call is rung."""
    return free_port()


@pytest.fixture(scope="module")
def line(town: Path, duty_port: int) -> Iterator[TelephoneLine]:
    """A line at night, which rings that telephone."""
    with clean_line(town, at=NIGHT, contacts={"on_call": f"sip:duty@127.0.0.1:{duty_port}"}) as running:
        yield running
