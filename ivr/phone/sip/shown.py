"""Shows the calls of real telephones in the terminal: several at once, each line with the number of its call."""

from __future__ import annotations

import itertools
import threading
from contextvars import ContextVar
from typing import Protocol

from rich.console import Console
from rich.text import Text

from ivr.phone.network.events import Event, Spoken
from ivr.phone.network.transcript import Transcript
from ivr.phone.terminal import Screen, clock

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
    """Numbers the calls, and writes them: their events on standard output, all else on standard error."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.events = Console(highlight=False)
        self._remarks = Console(highlight=False, stderr=True)
        self._numbers = itertools.count(1)
        self.writing = threading.Lock()
        """Held for each line, so that none stands within another."""

    def begin(self, call: CallToShow) -> ShownCall:
        """Give a call its number, and write who rings. To be called by the thread that carries the call."""
        number = f"#{next(self._numbers)}"
        _NUMBER.set(number)
        shown = ShownCall(self, number, call)
        with self.writing:
            self.events.print(shown.line(f"{call.peer} rings", "bold"), soft_wrap=True)
        return shown

    def remark(self, line: Text) -> None:
        """Write what is no event of a call."""
        with self.writing:
            self._remarks.print(line, soft_wrap=True)

    def note(self, words: str) -> None:
        """Write a hint or a question."""
        self.remark(Text(words, "dim"))


class ShownCall:
    """Writes one call."""

    def __init__(self, calls: ShownCalls, number: str, call: CallToShow) -> None:
        self._calls, self._number, self._call = calls, number, call
        self._screen = Screen(calls.transcript, calls.events, f"{number} ")

    def event(self, event: Event) -> None:
        """Write an event, if people notice it."""
        with self._calls.writing:
            self._screen.show(event)

    def missed(self, spoken: Spoken, why: str) -> None:
        """Write that a sentence has no sound."""
        code, pace = self._calls.transcript.codes[spoken.language], " (slowly)" if spoken.slow else ""
        self._calls.remark(self.line(f"no sound, as {why}: {code}: {spoken.text}{pace}", "yellow"))

    def fault(self, words: str) -> None:
        """Write why the line cannot go on with the call."""
        self._calls.remark(self.line(f"the line broke a rule of telephony: {words}", "bold red"))

    def line(self, words: str, style: str) -> Text:
        """A line with the number and the clock of the call."""
        return Text.assemble((f"{self._number} {clock(self._call.seconds)}", "dim"), (words, style))


def number_of_this_call() -> str:
    """The number of the call that this thread carries, such as `#3`; empty if it carries none."""
    return _NUMBER.get()
