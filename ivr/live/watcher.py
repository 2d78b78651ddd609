"""Looks for changes of the site and of the clips, and swaps in what is new once it is proved (rule O4)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ivr.core.content import Content
from ivr.core.utterance import SpeechMode
from ivr.files import Stamp, stamp_of
from ivr.live.prepared import Proving, Wanted, content_files
from ivr.live.preparer import NICE, NotPrepared, Preparer
from ivr.live.state import StateFolder
from ivr.serving import Current, Serving
from ivr.settings.env_file import SettingsError
from ivr.settings.read import Settings
from ivr.speech.line_state import LineState
from ivr.speech.voices import Audio, audio_folders

log = logging.getLogger(__name__)

LONGEST_WAIT = 60.0
"""Seconds until a process that could not do its work is started again, at most."""
Signature = tuple[tuple[str, Stamp | None], ...]
"""Name and stamp of each file of a site; None where there is nothing behind the name."""


@dataclass(frozen=True)
class Place:
    """Where a line has its site, its clips and its state, and how its settings are read for a content.

    `require_approval`: whether every language waits for the approval of its safety sentences.
    """

    site: Path
    audio: Audio
    state: Path
    settings: Callable[[Content], Settings]
    today: Callable[[], date]
    require_approval: bool = False

    def wanted(
        self,
        speech: SpeechMode,
        proving: Proving,
        *,
        keep: frozenset[str] = frozenset(),
        nice: int = 0,
        decided: Mapping[str, LineState] | None = None,
    ) -> Wanted:
        """The site as a content to prepare."""
        heard = self.audio.recorded
        audio = audio_folders(self.site, heard)  # anew: the site may be behind a link that has been switched
        required, known = self.require_approval, decided or {}
        return Wanted(self.site, audio, self.today(), speech, self.state, proving, keep, nice, required, heard, known)


class Watcher:
    """A thread that looks every few seconds, or at once when asked.

    `proved_on`: the day of the last proof of what is served. `files`: the signature of the site when it was read; None
    if something else is served: then the site is taken as soon as it can be. `refused`: why it cannot.
    """

    def __init__(
        self,
        place: Place,
        current: Current,
        preparer: Preparer,
        every: float,
        proved_on: date | None,
        files: Signature | None,
        refused: str = "",
    ) -> None:
        self._place, self._current, self._preparer, self._every = place, current, preparer, every
        self._state = StateFolder(place.state)
        self._wake = threading.Event()
        self._over = False
        self._day = proved_on
        self._done = self._seen = files
        self._taking: threading.Thread | None = None
        self._failures, self._not_before = 0, 0.0
        self.refused = refused
        """Why the content of the site is not served; empty if it is."""
        self._not_looked = self._not_made = ""
        self._audio = place.audio
        self._unproved = frozenset[str]()
        """The recordings that were last to be proved (rule M0): once is enough, whatever comes of it."""
        self.swaps = 0
        """How often new content has been taken."""
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._remember_offered()
        self._thread.start()

    def look_soon(self) -> None:
        """Look now and not at the next turn (SIGHUP)."""
        self._not_before = 0.0
        self._wake.set()

    def stop(self) -> None:
        """End, and the process that works for it."""
        self._over = True
        self._wake.set()
        self._preparer.stop()

    @property
    def failed(self) -> str:
        """What else could not be done, such as making clips; empty if nothing."""
        return self._not_looked or self._not_made

    @property
    def missing(self) -> str:
        """The languages that should be offered and are not, and why; empty if none.

        One that a team leader has taken off the line should not.
        """
        serving = self._current.serving
        known = serving.content.languages.languages
        should = {
            code
            for code, language in known.items()
            if language.live or (language.live is None and code in self._remembered)
        }
        reasons = serving.voices.missing()
        gone = sorted(should - serving.content.offered - serving.voices.off)
        return "; ".join(f"{code}: {reasons.get(code, 'its texts are not whole')}" for code in gone)

    def _run(self) -> None:
        self._pause()  # a line that has just started has looked, and the first callers need its time
        while not self._over:
            try:
                self._look()
                self._not_looked = ""
            except Exception as error:
                self._not_looked = f"looking for changes failed: {type(error).__name__}"
                log.exception("looking for changes failed")
            self._pause()

    def _pause(self) -> None:
        self._wake.wait(self._every)
        self._wake.clear()

    def _look(self) -> None:
        if self._current.serving.voices.look():
            self._current.voices_changed()
            self._remember_offered()
        now = signature(self._place.site, self._place.audio.recorded)
        settled, self._seen = now == self._seen, now  # a file that is being written changes until it is whole
        if time.monotonic() < self._not_before or (self._taking and self._taking.is_alive()):
            return  # clips are looked at meanwhile
        if settled and now != self._done:
            self._begin(now, "if_new")
        elif now == self._done and self._day != self._place.today():
            self._begin(now, "today")
        elif now == self._done and (unproved := self._current.serving.voices.unproved) and unproved != self._unproved:
            self._unproved = unproved
            self._begin(now, "if_new")

    def _begin(self, seen: Signature, proving: Proving) -> None:
        """Prepare in a thread of its own; there is one at most."""
        self._taking = threading.Thread(target=self._try_to_take, args=(seen, proving), name="taking", daemon=True)
        self._taking.start()

    def _try_to_take(self, seen: Signature, proving: Proving) -> None:
        try:
            self._take(seen, proving)
        except Exception as error:
            self.refused = f"taking new content failed: {type(error).__name__}; the last good content goes on"
            log.exception("taking new content failed")

    def _take(self, seen: Signature, proving: Proving) -> None:
        """Prepare what is there now, and serve it if it is whole and proved."""
        serving = self._current.serving
        try:
            voices, speech = serving.voices, serving.settings.speech
            wanted = self._place.wanted(speech, proving, keep=voices.kept, nice=NICE, decided=voices.decided)
            prepared = self._preparer.prepare(wanted)
        except NotPrepared as error:
            self.refused = f"{error}; the last good content goes on"
            self._failures += 1  # it is tried again, less and less often
            self._not_before = time.monotonic() + min(LONGEST_WAIT, self._every * 2**self._failures)
            return
        self._failures = 0
        self._done, self._day = seen, wanted.today
        why = prepared.worst
        as_before = proving != "today" and prepared.key == serving.key and wanted.audio == self._audio
        if prepared.usable and (not as_before or serving.voices.unproved):
            content, voices = prepared.usable
            try:
                new = Serving.of(self._place.settings(content), content, voices, prepared.key)
            except SettingsError as error:
                why = "; ".join(error.faults)
            else:
                self._current.swap(new)
                self._audio = wanted.audio
                self.swaps += not as_before
                log.warning("new recordings are proved" if as_before else "new content is served")
        self.refused = f"{why}; the last good content goes on" if why else ""
        if not why:
            self._remember_offered()
            self._make(prepared.unmade)

    def _make(self, languages: tuple[str, ...]) -> None:
        """Clips of sentences that are new; the next look finds them."""
        self._not_made = ""
        if languages:
            try:
                self._preparer.make_clips(self._place.site, languages)
            except NotPrepared as error:
                self._not_made = f"clips of {', '.join(languages)} could not be made: {error}"

    def _remember_offered(self) -> None:
        known = frozenset(self._current.serving.content.languages.languages)
        self._remembered = (self._state.offered() | self._current.serving.content.offered) & known
        self._state.keep_offered(self._remembered)


def signature(site: Path, recordings: Path | None = None) -> Signature:
    """What changes when a file of the content changes, also one that keeps its size and time.

    `recordings`: the folder of the recordings of people, with what was approved in the listening room.
    """
    return tuple((name, _stamp(path)) for name, path in content_files(site, recordings))


def _stamp(path: Path) -> Stamp | None:
    try:
        return stamp_of(path.stat())
    except OSError:  # such as the lock of an editor, a link to nowhere: the other files are looked at all the same
        return None
