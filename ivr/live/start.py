"""The content that a line starts with: that of its site, or else the last good one (rule O4)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date

from ivr.content.files import OF_RECORDINGS
from ivr.core.issue import Issue
from ivr.core.utterance import SpeechMode
from ivr.live.kept import kept
from ivr.live.prepared import Prepared, Wanted
from ivr.live.preparer import NotPrepared, Preparer
from ivr.live.state import StateFolder
from ivr.live.watcher import Place, Signature, signature
from ivr.serving import Serving
from ivr.settings.env_file import SettingsError

log = logging.getLogger(__name__)

SITE = "prompts/"
"""The file of an issue that concerns the whole site."""


class CannotStart(Exception):
    """Neither the site nor the last good content can be served. `issues`: those of the site, the worst first."""

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        super().__init__("the content is broken")
        self.issues = issues


@dataclass(frozen=True)
class Started:
    """What is served first. `issues`: those of the site; `refused`: why its content will not be served.

    `proved_on`: the day of the last proof of what is served. `files`: the signature of the site where it is that which
    is served, else None.
    """

    serving: Serving
    issues: tuple[Issue, ...]
    proved_on: date | None
    files: Signature | None
    refused: str = ""


class Starter:
    """Prepares what is served first."""

    def __init__(self, place: Place, preparer: Preparer, speech: SpeechMode) -> None:
        self._place, self._preparer, self._speech = place, preparer, speech
        self._state = StateFolder(place.state)
        self._last_good = self._state.last_good
        self._files: Signature = ()

    def start(self) -> Started:
        """The site where it is whole and proved; else the last good content, and the site as soon as it is proved.

        Where that seems to be of another site, this one is proved first: its callers shall not hear of another office.
        CannotStart or SettingsError where there is nothing to serve.
        """
        self._files = signature(self._place.site, self._place.audio.recorded)
        there = self._state.has_last_good
        wanted = self._place.wanted(self._speech, "if_new")
        try:
            mine = self._prepared(replace(wanted, proving="never" if there and self._is_of_this_site() else "if_new"))
        except NotPrepared as error:
            if not there:
                raise
            mine = Prepared("", (Issue("broken", SITE, (), str(error), "See the log"),))
        fault: SettingsError | None = None
        if mine.proved_on:
            try:
                if started := self._started(mine, mine):
                    return started
            except SettingsError as error:
                fault = error
        if there:
            good = self._prepared(replace(wanted, folder=self._last_good, heard=self._last_good / OF_RECORDINGS))
            why = mine.worst or (" ".join(fault.faults) if fault else "")
            try:
                if started := self._started(good, mine):
                    return replace(started, refused=why and f"{why}; the last good content goes on")
            except SettingsError as error:
                fault = fault or error
            if mine.usable and fault is None:  # the last good one is of no use: the site is proved now
                mine = self._preparer.prepare(wanted)
                if started := self._started(mine, mine):
                    return started
        if fault:
            raise fault
        raise CannotStart(mine.issues)

    def _is_of_this_site(self) -> bool:
        before = self._state.site()
        if before in (None, self._place.site.absolute()):
            return True
        log.warning(
            "IVR_STATE was last used for the site %s; if that is another line, give each a folder of its own", before
        )
        return False

    def _prepared(self, wanted: Wanted) -> Prepared:
        """What is kept of an earlier start; else it is prepared now. NotPrepared where it cannot be."""
        # Where there is no last good content, or no more, the process that prepares makes one.
        return (kept(wanted) if self._state.has_last_good else None) or self._preparer.prepare(wanted)

    def _started(self, served: Prepared, mine: Prepared) -> Started | None:
        """None where it is broken."""
        if not served.usable:
            return None
        content, voices = served.usable
        serving = Serving.of(self._place.settings(content), content, voices, served.key)
        return Started(serving, mine.issues, served.proved_on, self._files if served is mine else None)
