"""`ivr call` and `ivr phone --sip` in a real (pseudo) terminal: keys are pressed while they go on."""

from __future__ import annotations

import codecs
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE


class Terminal:
    """A process in a terminal, with a person who reads and types."""

    def __init__(self, *words: str, module: str = "ivr") -> None:
        ours, theirs = pty.openpty()
        self._screen = ours
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *words], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self._decoder = codecs.getincrementaldecoder("utf-8")()  # what is read may end within a letter
        self.shown = ""

    def reads(self, words: str) -> None:
        """Wait until something is shown."""
        ends = time.monotonic() + PATIENCE
        while words not in self.shown and (left := ends - time.monotonic()) > 0:
            if select.select([self._screen], [], [], left)[0]:
                try:
                    self.shown += self._decoder.decode(os.read(self._screen, 4096))
                except OSError:  # the process has closed the terminal
                    break
        assert words in self.shown, self.shown

    def types(self, key: str) -> None:
        os.write(self._screen, key.encode())

    def close(self) -> None:
        os.close(self._screen)
        self.process.wait(PATIENCE)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    opened = Terminal("call", "--at", "2026-11-24 10:00")
    yield opened
    opened.close()


def test_keys_work_while_it_speaks_and_h_hangs_up(terminal: Terminal) -> None:
    terminal.reads("Kemin sosiaalitoimisto.")
    terminal.types("x3")  # a key that no phone has is passed over
    terminal.reads("If you are in danger, hang up.")
    terminal.types("1")
    terminal.reads("it rings here")
    terminal.types("a")
    terminal.reads("caller and social_instructor talk")
    terminal.types("h")
    terminal.reads("the caller hangs up")
    assert terminal.process.wait(PATIENCE) == 0


def test_a_contact_without_a_telephone_is_answered_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_SITE", str(Prompts.copied_to(tmp_path, *FIRST).folder))  # its clips are made there
    terminal = Terminal("phone", "--sip", module="tests.phone.sip.without_network")
    try:
        terminal.reads("on_call is rung")
        terminal.types("a")
        terminal.reads("done: ContactPresses")
        terminal.types("h")
        terminal.reads("done: ContactHangsUp")
        assert terminal.process.wait(PATIENCE) == 0
    finally:
        terminal.close()
