"""An office with its pages of languages, beside a room in which volunteers of Somali have left something."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ivr.content.load import load
from ivr.office.app import create_office
from ivr.office.language_desk import LanguageDesk, RoomPlace
from ivr.office.languages import languages_pages
from ivr.records.faults import RecordsFault
from ivr.records.people import People
from ivr.records.room import Room, TextChange
from ivr.serving import Serving
from ivr.settings.office import OfficeSettings
from ivr.settings.read import Settings
from ivr.speech.voices import Audio, VoiceSelector
from tests.conftest import TODAY
from tests.content.conftest import Prompts
from tests.listening.volunteers import LEADER, NOW, Volunteers
from tests.office.closed import NUMBERS
from tests.office.conftest import Clock, Office

ROOM_URL = "https://room.kemi.example"


@dataclass
class Helped:
    """`fails`: the room's records cannot be opened. The line looks at its files whenever it is asked."""

    office: Office
    desk: LanguageDesk
    somali: Volunteers
    prompts: Prompts
    fails: bool = False

    def open_room(self) -> Room:
        if self.fails:
            raise RecordsFault("the database cannot be reached", "see that it runs")
        return self.somali.room


def helped(folder: Path, people: People, settings: OfficeSettings, clock: Clock) -> Helped:
    """A town that speaks Somali besides the first languages."""
    prompts, audio = Prompts.copied_to(folder, "so"), Audio(folder / "rendered", folder / "recordings")
    loaded = prompts.load().content
    assert loaded

    def line() -> Serving:
        now = load(prompts.folder, TODAY, audio.recorded).content
        assert now
        own = Settings("https://line.example.fi", "+358753250000", ("a-token",), NUMBERS)
        return Serving.of(own, now, VoiceSelector(now, audio, TODAY))

    somali = Volunteers.of(loaded, audio)
    place = RoomPlace(ROOM_URL, prompts.folder, audio)
    desk = LanguageDesk(line, lambda: found.open_room(), place)
    app = create_office(people, settings, clock, [languages_pages(desk, clock)])
    found = Helped(Office(app, people, clock), desk, somali, prompts)
    return found


def accept_other_words(here: Helped) -> str:
    """An editor accepts other words of a sentence; these."""
    somali, id_ = here.somali, "welcome.machine"
    said = next(each for each in somali.script if each.prompt == id_)
    new = somali.content.catalogue.texts["so"][id_].replace("baa kula", "ayaa kula")
    assert new != somali.content.catalogue.texts["so"][id_]
    texts = somali.content.catalogue.texts
    editor = somali.room.invite("so", "Warsame", "editor", LEADER, NOW).volunteer.id
    suggestion = somali.room.suggest(somali.speaker("Samira"), said.id, said.text, new, NOW)
    change = TextChange(id_, texts["so"][id_], texts["en"][id_], new)
    somali.room.accept(suggestion.id, editor, (change,), NOW)
    return new
