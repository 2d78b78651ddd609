"""Two processes behind nginx: a lost process, a rolling restart and a rolling change lose no call (rule O7)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ivr.phone.network.events import Event, Said
from ivr.phone.network.people import Answer, Attention, Press
from tests.faults.proxy import proxy
from tests.faults.ring import Telephone
from tests.faults.served import Heard, Served
from tests.limits import until

CHILD = '      "{}": {{to: child, matter: child, say: main.child}}\n'
HOURS = '      "{}": {{to: opening_hours, say: main.hours}}\n'
ORDERS = CHILD.format(2) + HOURS.format(3), HOURS.format(2) + CHILD.format(3)
"""Two options of the main menu, in one order and in the other."""
CHILD_MATTER = "Asia: huoli lapsesta."
NOTHING_CHOSEN = "Soittaja ei valinnut mitään."
"""The matter of somebody who was asked twice and answered the menu of the other process both times."""
NUMBERS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
CALLS = 300


class Listener:
    """A caller who chooses English, then presses the key that the menu says for a child, and only that."""

    def __init__(self) -> None:
        self._next: str | None = None
        self.pressed: list[str] = []

    def hears(self, event: Event) -> None:
        if not isinstance(event, Said) or event.where != "gather":
            return
        text = event.spoken.text
        if text.startswith("English:"):
            self._next = "3"
        elif text.startswith("You are a child, or worried"):
            self._next = NUMBERS[text.rstrip(".").rsplit(" ", 1)[1]]

    def key_within(self, seconds: float, moment: Attention) -> Press | None:
        key, self._next = self._next, None
        if key is None or moment is Attention.DEAF:
            return None
        self.pressed.append(key)
        return Press(key, min(0.5, seconds))


class Staff:
    """Everybody picks up and listens until the matter has been said."""

    def answers(self, _number: str) -> Answer:
        return Answer(listens=12)


def call(telephone: Telephone) -> str:
    """One call through the proxy, up to a talk with a person: the matter that this person was told."""
    return call_and_failures(telephone)[0]


def call_and_failures(telephone: Telephone) -> tuple[str, list[str]]:
    """The same, and each request in it that the provider had to send again."""
    listener = Listener()
    events = telephone.carrier().call(listener, Staff())
    heard = Heard(events)
    assert not heard.fell_back, heard.failed
    assert heard.talked
    whispered = {event.spoken.text for event in events if isinstance(event, Said) and event.where == "whisper"}
    (matter,) = whispered & {CHILD_MATTER, NOTHING_CHOSEN} or {str((listener.pressed, heard.words, whispered))}
    return matter, heard.failed


def killed(line: Served) -> None:
    port = urlsplit(line.address).port or 0
    line.kill()
    line.start(port)


def restarted(line: Served) -> None:
    port = urlsplit(line.address).port or 0
    assert line.stop() == 0
    line.start(port)


def changed(line: Served) -> None:
    """Two options change places; the line serves that once it is proved."""
    text, before = line.prompts.read("flow.yaml"), line.swaps()
    (old,) = (order for order in ORDERS if order in text)
    (new,) = (order for order in ORDERS if order not in text)
    line.prompts.write("flow.yaml", text.replace(old, new))
    until(lambda: line.swaps() > before, lambda: str(line.health()))


@pytest.mark.long
def test_three_hundred_calls_through_it_all(two: tuple[Served, Served], tmp_path: Path) -> None:
    turns: list[Callable[[Served], None]] = [killed, restarted, changed]
    ports = [urlsplit(line.address).port or 0 for line in two]
    over, happened = threading.Event(), list[str]()

    def trouble() -> None:
        while not over.is_set():
            for act in turns:
                for line in two:
                    act(line)
                    happened.append(act.__name__)

    with proxy(tmp_path / "proxy", ports) as address, ThreadPoolExecutor(4) as callers:
        telephone = Telephone(replace(two[0], address=address))  # it reads the content, which is about to be changed
        troubled = threading.Thread(target=trouble)
        troubled.start()
        try:
            calls = [callers.submit(call, telephone) for _ in range(CALLS)]
            matters = Counter(done.result() for done in calls)
            until(lambda: set(happened) >= {"killed", "restarted", "changed"} or over.is_set())
        finally:
            over.set()
            troubled.join()
    assert matters.keys() <= {CHILD_MATTER, NOTHING_CHOSEN}, matters
    assert matters[CHILD_MATTER] > CALLS / 2
    assert {name: happened.count(name) >= 2 for name in ("killed", "restarted", "changed")} == dict.fromkeys(
        ("killed", "restarted", "changed"), True
    )
