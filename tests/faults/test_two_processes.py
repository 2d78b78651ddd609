"""Two processes behind nginx: a lost process, a rolling restart and a rolling change lose no call (rule O7)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ivr.phone.network.events import Event, Said
from ivr.phone.network.people import Attention, Press, ScriptedContacts
from tests.faults.proxy import proxy
from tests.faults.ring import EVERYBODY, Telephone
from tests.faults.served import ON_CALL, Heard, Served, served
from tests.limits import until

CHILD = '      "2": {to: child, matter: child, say: main.child}\n'
HOURS = '      "3": {to: opening_hours, say: main.hours}\n'
MOVED = CHILD.replace('"2"', '"3"'), HOURS.replace('"3"', '"2"')
CHILD_MATTER = "Asia: huoli lapsesta."
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


def call(line: Served, address: str) -> None:
    """One call through the proxy: a person is reached, and is told that it is about a child."""
    telephone = Telephone(replace(line, address=address))
    listener = Listener()
    events = telephone.carrier().call(listener, ScriptedContacts(EVERYBODY))
    heard = Heard(events)
    assert not heard.fell_back, heard.failed
    assert heard.talked
    whispered = {event.spoken.text for event in events if isinstance(event, Said) and event.where == "whisper"}
    assert CHILD_MATTER in whispered, (listener.pressed, heard.words, whispered)
    assert heard.rang == [ON_CALL]


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
    text = line.prompts.read("flow.yaml")
    there, new = ((CHILD, HOURS), MOVED) if CHILD in text else (MOVED, (CHILD, HOURS))
    assert all(text.count(option) == 1 for option in there)
    before = line.swaps()
    line.prompts.write("flow.yaml", text.replace(there[0], "@@").replace(there[1], new[1]).replace("@@", new[0]))
    until(lambda: line.swaps() > before, lambda: str(line.health()))


@pytest.fixture
def two(template: Path, tmp_path: Path) -> Iterator[tuple[Served, Served]]:
    with served(template, tmp_path / "one") as one, served(template, tmp_path / "two") as two:
        one.start()
        two.start()
        yield one, two


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
        troubled = threading.Thread(target=trouble)
        troubled.start()
        try:
            calls = [callers.submit(call, two[0], address) for _ in range(CALLS)]
            for done in calls:
                done.result()
            until(lambda: set(happened) >= {"killed", "restarted", "changed"} or over.is_set())
        finally:
            over.set()
            troubled.join()
    assert {name: happened.count(name) >= 2 for name in ("killed", "restarted", "changed")} == dict.fromkeys(
        ("killed", "restarted", "changed"), True
    )
