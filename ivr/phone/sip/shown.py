"""Shows the calls of real telephones in the terminal: several at once, each line with the number of its call."""

from __future__ import annotations

import io
import itertools
import logging
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from typing import Protocol

from rich.console import Console
from rich.text import Text

from ivr.phone.network.events import Event, Spoken
from ivr.phone.network.transcript import Transcript
from ivr.phone.terminal import Screen, clock

MOST_WAITING = 10_000
"""Lines that wait for a terminal that stands still, as after Ctrl-S; more are lost."""
LAST_LINES_SECONDS = 2.0
"""Seconds in which the last lines are written at the end."""
log = logging.getLogger(__name__)
_NUMBER: ContextVar[str] = ContextVar("number of the call that this thread carries", default="")


class CallToShow(Protocol):
    """What is shown of a call beside its events."""

    @property
    def peer(self) -> str:
        """The caller's address."""
        ...

    @property
    def seconds(self) -> float:
        """Seconds since the call began."""
        ...


class ShownCalls:
    """Numbers the calls, and writes them: their events on standard output, all else on standard error.

    One thread writes, so that no line stands within another, and no call waits for the terminal.
    """

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._events, self._remarks = Console(highlight=False), Console(highlight=False, stderr=True)
        self._numbers = itertools.count(1)
        self._lines = queue.Queue[Callable[[], None] | None](MOST_WAITING)

    @contextmanager
    def written(self) -> Iterator[None]:
        """Write what is shown in a with block; a sign that the terminal does not have becomes "?"."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")
        thread = threading.Thread(target=self._write, name="shown-calls", daemon=True)
        thread.start()
        try:
            yield
        finally:
            with suppress(queue.Full):
                self._lines.put(None, timeout=LAST_LINES_SECONDS)
            thread.join(LAST_LINES_SECONDS)

    def begin(self, call: CallToShow) -> ShownCall:
        """Give a call its number, and show who rings. To be called by the thread that carries the call."""
        number = f"#{next(self._numbers)}"
        _NUMBER.set(number)
        shown = ShownCall(self, number, call, Screen(self._transcript, self._events, f"{number} "))
        rings = shown.line(f"{call.peer} rings", "bold")
        self._put(partial(self._events.print, rings, soft_wrap=True))
        return shown

    def event(self, screen: Screen, event: Event) -> None:
        """Show an event of a call."""
        self._put(partial(screen.show, event))

    def remark(self, line: Text) -> None:
        """Show what is no event of a call."""
        self._put(partial(self._remarks.print, line, soft_wrap=True))

    def note(self, words: str) -> None:
        """Show a hint."""
        self.remark(Text(words, "dim"))

    def ask(self, words: str) -> None:
        """Show what somebody has to decide, or need not decide any more."""
        self.remark(Text(words, "bold reverse"))  # to be seen on any background

    def in_words(self, spoken: Spoken) -> str:
        """A sentence as it is shown, with its language."""
        return f"{self._transcript.codes[spoken.language]}: {spoken.text}{' (slowly)' if spoken.slow else ''}"

    def _put(self, write: Callable[[], None]) -> None:
        with suppress(queue.Full):
            self._lines.put_nowait(write)

    def _write(self) -> None:
        while write := self._lines.get():
            try:
                write()
            except SystemExit:  # what rich does where the reader of standard output is gone
                log.warning("nobody reads the transcript any more; the line goes on")
            except (OSError, ValueError) as fault:  # ValueError: the stream is closed
                log.warning("a line is lost: %s", fault)


class ShownCall:
    """Shows one call."""

    def __init__(self, calls: ShownCalls, number: str, call: CallToShow, screen: Screen) -> None:
        self._calls, self._number, self._call, self._screen = calls, number, call, screen

    def event(self, event: Event) -> None:
        """Show an event, if people notice it."""
        self._calls.event(self._screen, event)

    def missed(self, spoken: Spoken, why: str) -> None:
        """Show that a sentence has no sound."""
        self._calls.remark(self.line(f"no sound, as {why}: {self._calls.in_words(spoken)}", "yellow"))

    def fault(self, words: str) -> None:
        """Show why the line cannot go on with the call."""
        self._calls.remark(self.line(f"the line broke a rule of telephony: {words}", "bold red"))

    def line(self, words: str, style: str) -> Text:
        """A line with the number and the clock of the call."""
        return Text.assemble((f"{self._number} {clock(self._call.seconds)}", "dim"), (words, style))


def number_of_this_call() -> str:
    """The number of the call that this thread carries, such as `#3`; empty if it carries none."""
    return _NUMBER.get()
