"""Makes clips by the offline voice in the background, first those that are heard soonest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ivr.core.content import Content
from ivr.core.flow import LanguageMenu
from ivr.core.utterance import Utterance
from ivr.speech.clips import Rendered
from ivr.speech.draft_voice import DraftEngine, DraftVoice
from ivr.speech.port import Engine, EngineFault
from ivr.speech.render import Job, build, jobs, missing

log = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds to wait for a clip that is being made; then the sentence is only shown."""


CLOSES_SECONDS = 10.0
"""Seconds to wait at most for clips that are being made when the program ends."""


class _Closed(Exception):
    """No more clips are wanted."""


class Progress(NamedTuple):
    """How many clips are made, of how many, and why no more can be made (empty: they can)."""

    made: int
    wanted: int
    fault: str


@dataclass(frozen=True)
class Drafts:
    """The draft voices of languages that no engine speaks, by their codes, and where their clips lie."""

    voices: Mapping[str, DraftVoice]
    folder: Path


class _Part(NamedTuple):
    """Clips that are made together: by which engine, and where."""

    jobs: Sequence[Job]
    folder: Path
    engine: Callable[[], Engine]


class ClipBuilder:
    """Clips of everything that the line can say, in the languages that the offline voice speaks, and draft voices."""

    def __init__(
        self,
        content: Content,
        script: Sequence[Utterance],
        folder: Path,
        engine: Callable[[], Engine],
        drafts: Drafts | None = None,
    ) -> None:
        self._parts = {
            code: _Part(jobs(content, _soonest_first(script, code), "offline"), folder, engine)
            for code in content.languages.languages
        }
        self._first = _Part(jobs(content, _heard_first(content, script), "offline"), folder, engine)
        rendered = Rendered(content, folder)
        self._names = {utterance: name for utterance in script if (name := rendered.name(utterance, "offline"))}
        if drafts:
            self._add(drafts, content, script)
        self._changed = threading.Condition()
        self._folders = {job.name: part.folder for part in self._parts.values() for job in part.jobs}
        self._left = {job.name for part in self._parts.values() for job in missing(part.jobs, part.folder)}
        self._wanted, self._fault = len(self._folders), ""
        self._next: list[str] = []
        self._thread: threading.Thread | None = None
        self._ends = False

    def _add(self, drafts: Drafts, content: Content, script: Sequence[Utterance]) -> None:
        """Add the clips of draft voices, behind all others until one is asked for."""
        for code, voice in drafts.voices.items():
            made = voice.jobs(content, _soonest_first(script, code))
            self._names |= {utterance: job.name for utterance, job in made.items()}
            del self._parts[code]
            self._parts[code] = _Part(tuple(dict.fromkeys(made.values())), drafts.folder, DraftEngine)

    def start(self) -> None:
        """Begin to make clips, in a daemon thread."""
        self._thread = threading.Thread(target=self._work, name="clip-builder", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Make no more clips than those that are begun, which takes about a second; what was made is kept."""
        self._ends = True
        if self._thread:
            self._thread.join(CLOSES_SECONDS)

    def progress(self) -> Progress:
        """How many clips are made now."""
        with self._changed:
            return Progress(self._wanted - len(self._left), self._wanted, self._fault)

    def hurry(self, code: str) -> None:
        """Make the clips of a language next."""
        with self._changed:
            self._next = [code, *(other for other in self._next if other != code)]

    def clip(self, utterance: Utterance, patience: float | None = None) -> str | None:
        """Wait for the clip of a sentence and return its name; None if there is none in time.

        `patience`: seconds to wait at most, if not PATIENCE.
        """
        name = self._names.get(utterance)
        if name is None:
            return None
        seconds = PATIENCE if patience is None else patience
        with self._changed:
            there = self._changed.wait_for(lambda: name not in self._left or bool(self._fault), seconds)
            return name if there and name not in self._left else None

    def is_making(self, utterance: Utterance) -> bool:
        """Whether the clip of a sentence is not there yet, and still comes."""
        with self._changed:
            return self._names.get(utterance) in self._left and not self._fault

    def wait(self, seconds: float) -> bool:
        """Wait until nothing more will be made, for some seconds at most; whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._left or bool(self._fault), seconds)

    def path(self, name: str) -> Path | None:
        """The file of a clip, or None if this builder has made no such clip."""
        folder = self._folders.get(name)
        return folder / f"{name}.wav" if folder and name not in self._left else None

    def _work(self) -> None:
        try:
            self._make(self._first)
            done = set[str]()
            while code := next((code for code in [*self._next, *self._parts] if code not in done), None):
                self._make(self._parts[code])
                done.add(code)
        except _Closed:
            pass
        except (EngineFault, OSError) as fault:
            log.warning("making clips has stopped: %s", fault)
            with self._changed:
                self._fault = str(fault)
                self._changed.notify_all()

    def _make(self, part: _Part) -> None:
        with self._changed:
            left = [job for job in part.jobs if job.name in self._left]
        if left:
            build(left, part.engine(), part.folder, self._made)

    def _made(self, job: Job) -> None:
        if self._ends:
            raise _Closed
        with self._changed:
            self._left.discard(job.name)
            self._changed.notify_all()


def sentences(content: Content, script: Iterable[Utterance]) -> dict[tuple[str, str, bool], Utterance]:
    """The sentences of a script by what a Say tells of them: locale, text, and whether it is slow."""
    languages = content.languages.languages
    return {(languages[said.language].locale, said.text, said.slow): said for said in script}


def _heard_first(content: Content, script: Sequence[Utterance]) -> list[Utterance]:
    """What every caller may hear first: the opening, the language menu, and that somebody is rung."""
    roles, menus = content.flow.roles, [n for n in content.flow.nodes.values() if isinstance(n, LanguageMenu)]
    prompts = {roles.opening, roles.calling, *(menu.choice for menu in menus)}
    prompts |= {item.name for menu in menus for item in menu.reprompt}
    return [said for said in script if said.prompt in prompts and not said.slow]


def _soonest_first(script: Sequence[Utterance], code: str) -> list[Utterance]:
    return [said for slow in (False, True) for said in script if said.language == code and said.slow is slow]
