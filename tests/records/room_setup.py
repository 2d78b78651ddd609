"""What the tests of the room's records share."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.records.room import Kind, Room, Take, Volunteer

NOW = datetime(2026, 11, 24, 8, 10, tzinfo=ZoneInfo("Europe/Helsinki"))
TEXT = "Haddii aad khatar ku jirto, wac kow kow laba."


def volunteer(room: Room, name: str = "Hodan Cali", kind: Kind = "voice", language: str = "so") -> Volunteer:
    """Somebody who is invited."""
    return room.invite(language, name, kind, "Anna", NOW).volunteer


def speaker(room: Room, name: str = "Hodan Cali", kind: Kind = "voice", language: str = "so") -> Volunteer:
    """Somebody who is invited and has agreed."""
    made = volunteer(room, name, kind, language)
    room.agree(made.id, "a1b2", language, NOW, named=False)
    return made


def name_of_file(number: int) -> str:
    """The name of the file of a take."""
    return f"{number:032x}"


def kept(
    room: Room, who: Volunteer, number: int = 1, sentence: str = "safety.danger", text: str = TEXT, at: datetime = NOW
) -> Take:
    """A take of somebody, with a hash of its own."""
    return room.keep_take(who.id, name_of_file(number), sentence, text, f"{number:064x}", 3.25, at)
