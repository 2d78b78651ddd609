"""Makes clips by the offline voice in the background, first those that are heard soonest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ivr.core.content import Content
from ivr.core.flow import LanguageMenu
from ivr.core.utterance import Utterance
from ivr.speech.clips import Rendered
from ivr.speech.port import Engine, EngineFault
from ivr.speech.render import Job, build, jobs, missing

log = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds to wait for a clip that is being made; then the sentence is only shown."""


class Progress(NamedTuple):
    """How many clips are made, of how many, and why no more can be made (empty: they can)."""

    made: int
    wanted: int
    fault: str


class ClipBuilder:
    """Clips of everything that the line can say, in the languages that the offline voice speaks."""

    def __init__(
        self, content: Content, script: Sequence[Utterance], folder: Path, engine: Callable[[], Engine]
    ) -> None:
        self._folder, self._engine = folder, engine
        self._jobs: Mapping[str, Sequence[Job]] = {
            code: jobs(content, _soonest_first(script, code), "offline") for code in content.languages.languages
        }
        self._first = jobs(content, _heard_first(content, script), "offline")
        rendered = Rendered(content, folder)
        self._names = {utterance: name for utterance in script if (name := rendered.name(utterance, "offline"))}
        self._changed = threading.Condition()
        wanted = {job.name for several in self._jobs.values() for job in several}
        self._left = {job.name for several in self._jobs.values() for job in missing(several, folder)}
        self._wanted, self._fault = len(wanted), ""
        self._next: list[str] = []

    def start(self) -> None:
        """Begin to make clips, in a daemon thread."""
        threading.Thread(target=self._work, name="clip-builder", daemon=True).start()

    def progress(self) -> Progress:
        """How many clips are made now."""
        with self._changed:
            return Progress(self._wanted - len(self._left), self._wanted, self._fault)

    def hurry(self, code: str) -> None:
        """Make the clips of a language next."""
        with self._changed:
            self._next = [code, *(other for other in self._next if other != code)]

    def clip(self, utterance: Utterance) -> str | None:
        """Wait for the clip of a sentence and return its name; None if there is none in time."""
        name = self._names.get(utterance)
        if name is None:
            return None
        with self._changed:
            there = self._changed.wait_for(lambda: name not in self._left or bool(self._fault), PATIENCE)
            return name if there and name not in self._left else None

    def path(self, name: str) -> Path | None:
        """The file of a clip, or None if this builder has made no such clip."""
        return self._folder / f"{name}.wav" if name in self._names.values() and name not in self._left else None

    def _work(self) -> None:
        try:
            self._make(self._first)
            done = set[str]()
            while code := next((code for code in [*self._next, *self._jobs] if code not in done), None):
                self._make(self._jobs[code])
                done.add(code)
        except (EngineFault, OSError) as fault:
            log.warning("making clips has stopped: %s", fault)
            with self._changed:
                self._fault = str(fault)
                self._changed.notify_all()

    def _make(self, wanted: Sequence[Job]) -> None:
        with self._changed:
            left = [job for job in wanted if job.name in self._left]
        if left:
            build(left, self._engine(), self._folder, self._made)

    def _made(self, job: Job) -> None:
        with self._changed:
            self._left.discard(job.name)
            self._changed.notify_all()


def _heard_first(content: Content, script: Sequence[Utterance]) -> list[Utterance]:
    """What every caller may hear first: the opening, the language menu, and that somebody is rung."""
    roles, menus = content.flow.roles, [n for n in content.flow.nodes.values() if isinstance(n, LanguageMenu)]
    prompts = {roles.opening, roles.calling, *(menu.choice for menu in menus)}
    prompts |= {item.name for menu in menus for item in menu.reprompt}
    return [said for said in script if said.prompt in prompts and not said.slow]


def _soonest_first(script: Sequence[Utterance], code: str) -> list[Utterance]:
    return [said for slow in (False, True) for said in script if said.language == code and said.slow is slow]
