"""What native code writes to standard error is told, and does nothing to a terminal."""

from __future__ import annotations

import os
import queue
import subprocess
import sys

import pytest

from ivr.phone.sip.native_words import STDERR, native_words
from tests.limits import PATIENCE


def test_each_line_is_told_and_pythons_own_words_are_not(capfd: pytest.CaptureFixture[str]) -> None:
    told = queue.Queue[str]()
    with native_words(told.put):
        os.write(STDERR, b"unhandled request from 127.0.0.1:5080: FO\x1b[31mO sip:k")
        os.write(STDERR, b"emi@127.0.0.1\nand")
        assert told.get(timeout=PATIENCE) == "unhandled request from 127.0.0.1:5080: FO?[31mO sip:kemi@127.0.0.1"
    os.write(STDERR, b"as before\n")
    assert told.empty()
    assert capfd.readouterr() == ("", "as before\n")


def test_pythons_own_words_go_where_they_went() -> None:
    script = (
        "import os, sys\n"
        "from ivr.phone.sip.native_words import native_words\n"
        "with native_words(lambda words: None):\n"
        "    print('own \\x1b words', file=sys.stderr)\n"
        "    os.write(2, b'native words\\n')\n"
        "print('own words behind', file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stderr == "own \x1b words\nown words behind\n"


def test_a_program_that_holds_the_pipe_open_is_not_waited_for() -> None:
    with native_words(lambda _words: None):
        held = os.dup(STDERR)
    os.close(held)


def test_a_terminal_that_stands_still_does_not_hold_up_the_end() -> None:
    script = (
        "import sys, threading\n"
        "from ivr.phone.sip.native_words import native_words\n"
        "def write():\n"
        "    while True:\n"
        "        print('words ' * 1000, file=sys.stderr)\n"
        "with native_words(lambda words: None):\n"
        "    threading.Thread(target=write, daemon=True).start()\n"
        "    threading.Event().wait(0.3)\n"
    )
    reading, writing = os.pipe()
    try:
        subprocess.run([sys.executable, "-c", script], stderr=writing, check=True, timeout=PATIENCE)
    finally:
        os.close(reading)
        os.close(writing)
