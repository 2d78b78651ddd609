"""Starts the processes that prepare contents and make clips, and ends them when the line ends."""

from __future__ import annotations

import os
import pickle
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ivr.live.prepared import Prepared, Wanted
from ivr.program import python, this_program

PREPARE_SECONDS, MAKE_SECONDS = 300.0, 3600.0
"""Longest time to prepare a content, and to make the clips of a language; then something hangs."""
NICE = 10
"""How far a process beside a running line steps back for it."""
ENDED = "the process that {what} has ended with {code}; its own words are above"


class NotPrepared(Exception):
    """A process could not do its work; the message is for an operator."""


class Preparer:
    """One process at a time; `stop` ends the one that works now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._stopped = False
        this_program()  # as it is now, before anybody replaces it

    def prepare(self, wanted: Wanted) -> Prepared:
        """Read, check and prove a content elsewhere. NotPrepared where that could not be done at all."""
        asked = pickle.dumps(replace(wanted, program=this_program()))
        data = self._run(["-m", "ivr.live.prepare"], asked, "prepares the content", PREPARE_SECONDS)
        try:
            prepared: Prepared | str = pickle.loads(data)  # noqa: S301 - from our own process
        except Exception as error:
            raise NotPrepared(f"the prepared content cannot be read: {type(error).__name__}") from error
        if isinstance(prepared, str):
            raise NotPrepared(prepared)
        return prepared

    def make_clips(self, folder: Path, languages: Sequence[str]) -> None:
        """Make the missing clips of the offline voice. NotPrepared where that could not be done."""
        for code in languages:
            words = ["-m", "ivr", "--site", str(folder), "audio", "build", "--lang", code]
            self._run(words, b"", "makes clips", MAKE_SECONDS, nice=NICE)

    def stop(self) -> None:
        """End the process that works now, and start no other."""
        with self._lock:
            self._stopped = True
            if self._running:
                self._running.kill()

    def _run(self, words: Sequence[str], sent: bytes, what: str, seconds: float, nice: int = 0) -> bytes:
        with self._lock:
            if self._stopped:
                raise NotPrepared("the line is stopping")
            process = self._running = subprocess.Popen(  # noqa: S603 - our own program
                python(*words),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONUNBUFFERED": ""},
            )
        data = b""
        if nice:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, nice)  # what it starts is as nice
        late = threading.Timer(seconds, process.kill)
        late.daemon = True
        late.start()
        with suppress(OSError), process:  # it may be killed at any moment
            if process.stdin and process.stdout:
                # The pipe stays open: the process ends when it closes, and so when this one is killed.
                process.stdin.write(sent)
                process.stdin.flush()
                data = process.stdout.read()
        late.cancel()
        code = process.wait()
        with self._lock:
            self._running = None
        if code != 0 and not self._stopped:
            raise NotPrepared(ENDED.format(what=what, code=code))
        return data
