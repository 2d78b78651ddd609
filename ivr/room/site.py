"""The site as the room shows it: read again when its files change, so that new words are read aloud at once."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from ivr.content.load import load
from ivr.content.texts import Texts
from ivr.core.content import Content
from ivr.core.issue import any_broken
from ivr.core.script import to_record
from ivr.core.utterance import Clip, Utterance
from ivr.listening.sentences import RoomSentence, in_order
from ivr.live.watcher import Signature, signature
from ivr.proof.evidence import Evidence
from ivr.proof.kept import IN_MEMORY
from ivr.proof.prove import made_now
from ivr.proof.recordings import TooLong, too_long
from ivr.speech.clips import ClipFile
from ivr.speech.estimate import estimate
from ivr.speech.voices import Audio, VoiceSelector

EVERY_S = 2.0
"""How often it is looked whether a file has changed."""

log = logging.getLogger(__name__)


class BrokenRoomSite(Exception):
    """The site cannot be read: `ivr check` says why."""


class RoomContent:
    """What is said in every language, on one day; and by which voice now. Any thread may ask."""

    def __init__(self, content: Content, texts: Texts, today: date, audio: Audio) -> None:
        self.content, self.texts, self.today, self.audio = content, texts, today, audio
        self.voices = VoiceSelector(content, audio, today)
        self._evidence: Evidence | None = None
        self._sentences: dict[str, Mapping[str, RoomSentence]] = {}
        self._utterances: dict[str, Mapping[str, Utterance]] = {}
        self._clips: dict[tuple[str, str], ClipFile | None] = {}
        """Language and sentence -> what `clip_of_today` has found since the clips were last looked at."""

    def sentences(self, language: str) -> Mapping[str, RoomSentence]:
        """Id -> sentence, in the order in which they are read; empty for a language that is not whole, or not there."""
        if (found := self._sentences.get(language)) is None:
            known = language in self.content.languages.languages
            found = {each.id: each for each in in_order(self.content, self.today, language)} if known else {}
            self._sentences[language] = found
        return found

    def _utterance(self, language: str, sentence: str) -> Utterance:
        if (found := self._utterances.get(language)) is None:
            found = {each.id: each for each in to_record(self.content, self.today, language)}
            self._utterances[language] = found
        return found[sentence]

    def clip_of_today(self, language: str, sentence: str) -> ClipFile | None:
        """The clip by which callers hear a sentence now; else one of its words by any voice; None without one.

        Every page asks this of every sentence, several times, so it is worked out once for each look at the clips.
        """
        found, key = self._clips, (language, sentence)  # if another thread looks meanwhile, this goes with what it was
        if key not in found:
            found[key] = self._clip(language, sentence)
        return found[key]

    def look(self) -> None:
        """Look at the clips again."""
        if self.voices.look():
            self._clips = {}

    def _clip(self, language: str, sentence: str) -> ClipFile | None:
        said = self._utterance(language, sentence)
        sound = self.voices.sound(said) if self.voices.said(said) == said else None
        clip = sound if isinstance(sound, Clip) else self.voices.same_words(said)
        return self.voices.file(clip.name) if clip else None

    def is_by_person(self, clip: ClipFile) -> bool:
        """Whether a person speaks in a clip."""
        return clip.folder.parent in (self.audio.recorded, self.audio.unmoved)

    def seconds(self, language: str, sentence: str) -> float:
        """How long a sentence takes: as it is heard today, else estimated by its letters."""
        clip = self.clip_of_today(language, sentence)
        return clip.seconds if clip else estimate(self.content.languages, self._utterance(language, sentence))

    def measure(self) -> bool:
        """Work out what is heard now, by which it is known which recordings are too long. It takes seconds.

        Whether anything was to be worked out.
        """
        if self._evidence is not None:
            return False
        self._evidence = made_now(self.content, self.today, self.audio, IN_MEMORY)
        return True

    def too_long(self, language: str, sentence: str, seconds: float, others: Mapping[str, float]) -> TooLong | None:
        """How a recording of so many seconds would break a rule of seconds (M0), if so; not known before `measure`.

        `others`: sentence -> seconds of what the same voice has recorded: each may be fit alone, and all be too long.
        """
        new = {**others, sentence: seconds}
        return too_long(self._evidence, language, new).get(sentence) if self._evidence else None


class RoomSite:
    """A site whose files may change at any time; a thread looks. BrokenRoomSite if it is broken at first."""

    def __init__(self, folder: Path, audio: Audio, today: Callable[[], date]) -> None:
        self.folder = folder
        self._audio, self._today = audio, today
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="room's site", daemon=True)
        self.now = self._first()

    def start(self) -> None:
        """Begin to look every few seconds."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()

    def look(self) -> None:
        """Read the site again if a file or the day has changed. Where it is broken, the last good one goes on."""
        seen = self._to_see()
        if seen == self._seen:
            self.now.look()
            return
        if content := self._read(seen):
            self.now = content
        else:
            log.error("the site is broken: `ivr check` says why. The room goes on with the last good one")

    def _first(self) -> RoomContent:
        if content := self._read(self._to_see()):
            return content
        raise BrokenRoomSite

    def _to_see(self) -> tuple[Signature, date]:
        return signature(self.folder, self._audio.recorded), self._today()

    def _read(self, seen: tuple[Signature, date]) -> RoomContent | None:
        """The content of a moment, which is read once, whole or not."""
        self._seen = seen
        loaded = load(self.folder, seen[1], self._audio.recorded)
        if (content := loaded.as_written) is None or loaded.texts is None or any_broken(loaded.issues):
            return None
        return RoomContent(content, loaded.texts, seen[1], self._audio)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                if self.now.measure():
                    _settle_memory()
                self._over.wait(EVERY_S)
                self.look()
            except Exception:
                log.exception("looking for changes of the site failed")
                self._over.wait(EVERY_S)


def _settle_memory() -> None:
    """What a site holds stays until its files change: else answers would wait now and then while all is scanned."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
