"""The terminal phone: rings the line, shows what is said as it is said, and takes keys as they are pressed."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from ivr.phone.network.events import Bridged, Ended, Event, Pressed, Requested, Ringing, Said, TalkEnded, Waited
from ivr.phone.network.people import (
    Answer,
    Attention,
    Busy,
    Contacts,
    HangsUp,
    NoAnswer,
    Pickup,
    Press,
    ScriptedCaller,
    Voicemail,
)
from ivr.phone.network.transcript import Transcript, line

KEYS = frozenset("0123456789*#")
STYLES: dict[type, str] = {
    Pressed: "bold cyan",
    Waited: "dim",
    Ringing: "yellow",
    Bridged: "bold green",
    TalkEnded: "green",
    Ended: "bold magenta",
}
CHOICES: dict[str, Pickup] = {
    "a": Answer(after=1, listens=2, talks=30),
    "v": Voicemail(after=2),
    "b": Busy(),
    "n": NoAnswer(),
}
HELP = "Keys: 0-9 * #   h: hang up   silence: just wait. While a phone rings: a answer, v voicemail, b busy, n nobody"


class Screen:
    """Shows a call: seconds since pick-up, who speaks in which language, and what happens."""

    def __init__(self, transcript: Transcript, console: Console | None = None) -> None:
        self._transcript, self._console = transcript, console or Console(highlight=False)

    def show(self, event: Event) -> None:
        """Print one event, if a person would notice it."""
        words = line(event, self._transcript)
        if words is None or isinstance(event, Requested):
            return
        style = STYLES.get(type(event), "")
        if isinstance(event, Said) and event.where == "whisper":
            style = "italic blue"
        clock = f"{int(event.at // 60):>2}:{int(event.at % 60):02}  "
        self._console.print(Text.assemble((clock, "dim"), (words, style)))

    def note(self, words: str) -> None:
        """Print a hint to whoever sits at the terminal."""
        self._console.print(Text(words, "dim"))


class ShownCaller(ScriptedCaller):
    """A scripted caller whose call is shown."""

    def __init__(self, script: tuple[str, ...], screen: Screen) -> None:
        super().__init__(script)
        self._screen = screen

    def hears(self, event: Event) -> None:
        """Show it, and follow the script."""
        self._screen.show(event)
        super().hears(event)


class LiveCaller:
    """Whoever sits at the terminal, once the steps given beforehand are done; time passes as in a call."""

    def __init__(self, first: Sequence[str], screen: Screen, keyboard: Keyboard) -> None:
        self._first = ScriptedCaller(first)
        self._left = len(first)
        self._screen, self._keyboard = screen, keyboard

    def hears(self, event: Event) -> None:
        """Show it."""
        self._screen.show(event)
        self._first.hears(event)
        self._left -= isinstance(event, Pressed)

    def key_within(self, seconds: float, moment: Attention) -> Press | HangsUp | None:
        """Wait for a key that a phone has."""
        if self._left > 0:
            return self._first.key_within(seconds, moment)
        began = time.monotonic()
        while (left := seconds - (time.monotonic() - began)) > 0:
            typed = self._keyboard.read(left)
            passed = min(time.monotonic() - began, seconds)
            if typed == "h":
                return HangsUp(passed)
            if typed and typed in KEYS:
                return Press(typed, passed)
        return None


class LiveContacts:
    """Contacts whose phones are answered at the terminal, unless it was said before what they do."""

    def __init__(self, scripted: Contacts, decided: frozenset[str], screen: Screen, keyboard: Keyboard) -> None:
        self._scripted, self._decided = scripted, decided
        self._screen, self._keyboard = screen, keyboard

    def answers(self, contact_number: str) -> Pickup:
        """Ask what the phone that rings does; whoever says nothing lets it be answered."""
        if contact_number in self._decided:
            return self._scripted.answers(contact_number)
        self._screen.note("      it rings here: (a)nswer and press a key, (v)oicemail, (b)usy, (n)obody?")
        return CHOICES.get(self._keyboard.read(8.0) or "a", CHOICES["a"])


class Keyboard:
    """Single keys from the terminal, without Enter."""

    def read(self, seconds: float) -> str | None:
        """The next key typed within so many seconds."""
        descriptor = sys.stdin.fileno()
        ready, _, _ = select.select([descriptor], [], [], seconds)
        # Not sys.stdin.read: it would buffer the keys that were typed behind this one, out of select's sight.
        return os.read(descriptor, 1).decode("ascii", "replace") if ready else None


@contextmanager
def keyboard() -> Iterator[Keyboard]:
    """A keyboard that reads keys as they are typed; the terminal is put back as it was."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield Keyboard()
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
