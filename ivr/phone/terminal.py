"""The terminal phone: shows a call as it goes on, and reads keys as they are pressed."""

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
from ivr.phone.network.people import Attention, Contacts, HangsUp, Pickup, Press, ScriptedCaller, parse_pickup
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
    "a": parse_pickup("answers after 1"),
    "v": parse_pickup("voicemail after 2"),
    "b": parse_pickup("busy"),
    "n": parse_pickup("no_answer"),
}
QUESTION = "(a)nswer and press a key, (v)oicemail, (b)usy, (n)obody?"
"""What whoever sits at the terminal is asked about a phone that rings there, in the keys of CHOICES."""
USUAL = CHOICES["a"]
DECIDES_SECONDS = 8.0
"""Seconds after which the usual happens though nobody has chosen."""
HELP = "Keys: 0-9 * #   h: hang up   silence: just wait. While a phone rings: a answer, v voicemail, b busy, n nobody"


def clock(at: float) -> str:
    """The second of a call, as each line begins with it."""
    return f"{int(at // 60):>2}:{int(at % 60):02}  "


class Screen:
    """Prints a call, an event a line; `before`: what each line begins with."""

    def __init__(self, transcript: Transcript, console: Console | None = None, before: str = "") -> None:
        self._transcript, self._console = transcript, console or Console(highlight=False)
        self._before = before

    def show(self, event: Event) -> None:
        """Print one event, if people notice it."""
        words = line(event, self._transcript)
        if words is None or isinstance(event, Requested):
            return
        style = STYLES.get(type(event), "")
        if isinstance(event, Said) and event.where == "whisper":
            style = "italic blue"
        in_a_pipe = not self._console.is_terminal  # an event is one line there, so that it can be searched
        line_ = Text.assemble((self._before + clock(event.at), "dim"), (words, style))
        self._console.print(line_, soft_wrap=in_a_pipe)

    def note(self, words: str) -> None:
        """Print a hint."""
        self._console.print(Text(words, "dim"))


class ShownCaller(ScriptedCaller):
    """A scripted caller whose call is shown."""

    def __init__(self, script: tuple[str, ...], screen: Screen) -> None:
        super().__init__(script)
        self._screen = screen

    def hears(self, event: Event) -> None:
        """Show an event, and follow the script."""
        self._screen.show(event)
        super().hears(event)


class LiveCaller:
    """A caller who does the first steps, then whatever is typed; from then on time passes as in a real call."""

    def __init__(self, first: Sequence[str], screen: Screen, keyboard: Keyboard) -> None:
        self._first = ScriptedCaller(first)
        self._left = len(first)
        self._screen, self._keyboard = screen, keyboard

    def hears(self, event: Event) -> None:
        """Show an event."""
        self._screen.show(event)
        self._first.hears(event)
        self._left -= isinstance(event, Pressed)

    def key_within(self, seconds: float, moment: Attention) -> Press | HangsUp | None:
        """Wait for a key of a phone, or for h: hang up."""
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
    """Contacts whose phones are answered at the terminal, but for the numbers in `decided`, which follow a script."""

    def __init__(self, scripted: Contacts, decided: frozenset[str], screen: Screen, keyboard: Keyboard) -> None:
        self._scripted, self._decided = scripted, decided
        self._screen, self._keyboard = screen, keyboard

    def answers(self, contact_number: str) -> Pickup:
        """Ask what a phone does that rings; without a choice it is answered."""
        if contact_number in self._decided:
            return self._scripted.answers(contact_number)
        self._screen.note(f"      it rings here: {QUESTION}")
        return CHOICES.get(self._keyboard.read(DECIDES_SECONDS) or "", USUAL)


class Keyboard:
    """Reads single keys from the terminal, without Enter."""

    def read(self, seconds: float) -> str | None:
        """The next key that is typed within `seconds`, or None; an empty one if nothing more can be typed."""
        descriptor = sys.stdin.fileno()
        ready, _, _ = select.select([descriptor], [], [], seconds)
        # Not sys.stdin.read: it would buffer later keys, and select would not see them.
        return os.read(descriptor, 1).decode("ascii", "replace") if ready else None


@contextmanager
def keyboard() -> Iterator[Keyboard]:
    """A keyboard for the time of a with block; afterwards the terminal is as before."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield Keyboard()
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)  # not after what waits: the terminal may stand still
