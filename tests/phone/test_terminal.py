"""`ivr call` and `ivr phone --sip` in a real (pseudo) terminal: keys are pressed while they go on."""

from __future__ import annotations

import codecs
import os
import pty
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ivr.phone.terminal import keyboard
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


def test_a_terminal_that_stands_still_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    main, terminal = pty.openpty()
    stdin = os.fdopen(terminal, "rb", buffering=0)
    monkeypatch.setattr(sys, "stdin", stdin)

    def write() -> None:
        with suppress(OSError):  # the terminal is gone
            while True:
                os.write(terminal, b"nobody reads this " * 100)

    def use() -> None:
        with keyboard():
            writer.start()
            writer.join(0.3)  # it stands in the middle of a line then

    writer, using = (threading.Thread(target=run, daemon=True) for run in (write, use))
    using.start()
    using.join(PATIENCE)
    ended = not using.is_alive()
    os.close(main)
    writer.join(PATIENCE)
    stdin.close()
    assert ended
