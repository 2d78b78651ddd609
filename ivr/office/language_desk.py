"""What the pages of languages show: what the line offers, and what volunteers have left in the listening room."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ivr.content.load import load
from ivr.content.texts import Texts
from ivr.core.content import Content
from ivr.core.script import to_record
from ivr.listening.release import NotReady, Standing, published, refuse_own_work, standing, take_into_use, take_off
from ivr.listening.safety_sounds import to_hear
from ivr.listening.suggested import Applied, apply, preview, to_take
from ivr.listening.withdrawal import finish_withdrawals, take_back
from ivr.live.watcher import Signature, signature
from ivr.records.faults import RecordsFault
from ivr.records.room import Gone, Room, Suggestion, TextChange, Volunteer
from ivr.serving import Serving
from ivr.speech.recorded import take_path
from ivr.speech.voices import Audio

log = logging.getLogger(__name__)


class SiteBroken(RecordsFault):
    """The files of the site cannot be read now; the line goes on with what it had."""

    def __init__(self) -> None:
        super().__init__("the files of the site cannot be read", "`ivr check` says why")


@dataclass(frozen=True)
class RoomPlace:
    """Where the room is: how its links begin, the site that it reads, and the folders of clips and recordings."""

    url: str
    site: Path
    audio: Audio


@dataclass(frozen=True)
class LanguageRow:
    """A language in the list. `voice`: whose voices speak it. `standing`: None where the room cannot be asked."""

    code: str
    name: str
    is_offered: bool
    is_off: bool
    voice: tuple[str, ...]
    standing: Standing | None = None
    open_suggestions: int = 0


def open_room(env: Mapping[str, str], recorded: Path, now: datetime) -> Room:
    """The room's records, once what a process that was killed has left of a voice taken back is deleted."""
    room = Room.open(env)
    try:
        finish_withdrawals(room, recorded, now)
    except OSError:  # another start, or the room itself, tries again
        log.exception("a voice that was taken back is not wholly deleted")
    return room


class LanguageDesk:
    """Answers what the pages of languages ask. `line`: what the line serves; `open_room`: opens the room's records.

    They are opened when first asked for, and again as long as they cannot be.
    """

    def __init__(self, line: Callable[[], Serving], open_room: Callable[[], Room], place: RoomPlace) -> None:
        self._line, self._open, self.place = line, open_room, place
        self._room: Room | None = None
        self._read: tuple[object, Content, Texts] | None = None
        self._lock = threading.Lock()

    @property
    def room(self) -> Room:
        """The room's records. RecordsFault where they cannot be opened."""
        with self._lock:
            if self._room is None:
                self._room = self._open()
            return self._room

    def content(self, today: date) -> Content:
        """What is recorded and approved next: every text as it is written now. SiteBroken."""
        return self._site(today)[0]

    def texts(self, today: date) -> Texts:
        """The texts of the site. SiteBroken."""
        return self._site(today)[1]

    def _site(self, today: date) -> tuple[Content, Texts]:
        seen: tuple[Signature, date] = signature(self.place.site, self.place.audio.recorded), today
        with self._lock:
            if self._read is None or self._read[0] != seen:
                loaded = load(self.place.site, today, self.place.audio.recorded)
                if (content := loaded.as_written) is None or loaded.texts is None:
                    raise SiteBroken
                self._read = seen, content, loaded.texts
            return self._read[1:]

    # --- what is shown ---

    @property
    def codes(self) -> tuple[str, ...]:
        """The languages of the line."""
        return tuple(self._line().content.languages.languages)

    @property
    def first(self) -> tuple[str, ...]:
        """Those that speak before the choice: they cannot be taken off the line."""
        return self._line().content.languages.before_choice

    def row(self, code: str) -> LanguageRow:
        """How the line offers a language now."""
        serving = self._line()
        voice = tuple(serving.voices.heard(code).split(" and "))
        name = serving.content.languages.languages[code].name
        return LanguageRow(code, name, code in serving.content.offered, code in serving.voices.off, voice)

    def is_spoken_by_people_alone(self, code: str) -> bool:
        """Whether no machine could say all of a language now."""
        return self._line().voices.sources[code] is None

    def rows(self, today: date) -> tuple[LanguageRow, ...]:
        """All languages, with what volunteers have left. RecordsFault where the room cannot be asked."""
        return tuple(self._with_room(self.row(code), today) for code in self.codes)

    def _with_room(self, row: LanguageRow, today: date) -> LanguageRow:
        open_now = sum(each.stage == "open" for each in self.room.suggestions(row.code))
        own = (row.code, row.name, row.is_offered, row.is_off, row.voice)
        return LanguageRow(*own, self.standing(row.code, None, today), open_now)

    def standing(self, code: str, voice: int | None, today: date) -> Standing:
        """How far a language is."""
        return standing(self.room, self.content(today), today, self.place.audio, code, voice)

    def waiting(self, code: str, today: date) -> tuple[TextChange, ...]:
        """Accepted words that are not in the texts yet."""
        return to_take(self.room, self.texts(today), code)

    @property
    def can_write(self) -> bool:
        """Whether this process may write the texts of the site."""
        return os.access(self.place.site, os.W_OK | os.X_OK)

    def would_write(self, code: str, today: date) -> Applied:
        """What writing them would change. It takes some seconds."""
        return preview(self.place.site, code, self.waiting(code, today), today)

    def sound(self, code: str, name: str, today: date) -> Path | None:
        """The file of a sound that the page of a language plays: a take, a spoken meaning, a clip to be heard."""
        hearings = self.room.hearings(code)
        takes = {each.file for each in self.room.takes(code)} | {each.spoken for each in hearings if each.spoken}
        if name in takes:
            return take_path(self.place.audio.recorded, code, name)
        sounds = to_hear(self.room, self.content(today), today, self.place.audio, code)
        return next((each.path for each in sounds if each.take is None and each.clip_name == name), None)

    def suggestions(self, code: str) -> tuple[Suggestion, ...]:
        """Those that no editor has decided yet, the newest first."""
        return tuple(each for each in self.room.suggestions(code) if each.stage == "open")

    def volunteer(self, code: str, id: int) -> Volunteer:
        """Somebody who is or was invited for a language. Gone."""
        found = next((each for each in self.room.volunteers(code) if each.id == id), None)
        if found is None or found.forgotten:
            raise Gone
        return found

    def falls(self, code: str, volunteer: Volunteer, today: date) -> Mapping[str, str]:
        """Sentence -> its words, of those that callers would hear no more by this voice."""
        said = {each.id: each.text for each in to_record(self.content(today), today, code)}
        return {id_: said.get(id_, id_) for id_ in published(self.place.audio.recorded, code, volunteer.voice)}

    # --- what is done ---

    def refuse_own_work(self, code: str, by: str) -> None:
        """OwnWork where this person is a volunteer of the language too."""
        refuse_own_work(self.room, code, by)

    def press(self, code: str, voice: int | None, seen: str, by: str, now: datetime) -> None:
        """Take a language into use as it was `seen`. NotReady, OwnWork, Gone, NotWritten, NotSigned."""
        take_into_use(self.room, self.content(now.date()), self.place.audio, code, voice, by, now, seen=seen)

    def off(self, code: str, by: str, now: datetime) -> None:
        """Take a language off the line, also where the room's records cannot be opened. NotReady, NotWritten."""
        room = None
        with suppress(RecordsFault):
            room = self.room
        try:
            take_off(room, self.place.audio.recorded, self._line().content, code, by, now)
        except NotReady:
            raise
        except RecordsFault as error:  # it is off the line; only who did it is not kept
            log.error("%s", error)  # noqa: TRY400 - what a database says may name somebody

    def take_back(self, volunteer: Volunteer, by: str, now: datetime) -> tuple[str, ...]:
        """Delete all of somebody's voice; the ids of the sentences that callers lose. NotWritten."""
        return take_back(self.room, self.place.audio.recorded, volunteer.id, by, now)

    def write(self, code: str, by: str, now: datetime) -> Applied:
        """Write accepted words into the texts of the site, through every check. It takes some seconds."""
        applied = apply(self.place.site, code, self.waiting(code, now.date()), now.date())
        for change in applied.taken:
            self.room.note("take", code, change.text_id, by, now)
        return applied
