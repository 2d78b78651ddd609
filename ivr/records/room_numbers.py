"""A voice has the number of its volunteer, and none is given again: recordings outlive a database that was lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

from sqlalchemy import func, select, text

from ivr.records.database import Database
from ivr.records.room_tables import VOLUNTEER
from ivr.settings.read import recordings_folder
from ivr.speech.recorded import TEXTS, read_texts

VOICE = re.compile(r"v([1-9][0-9]{0,8})")
"""A voice, in the table of the recordings."""


def highest_heard(env: Mapping[str, str]) -> int:
    """The highest number of a voice that callers hear; 0 if they hear none. A table that cannot be read is left out."""
    found = [0]
    for path in recordings_folder(env).glob(f"*/{TEXTS}"):
        with suppress(OSError, ValueError, RecursionError):
            voices = (VOICE.fullmatch(spoken.voice) for spoken in read_texts(path.read_bytes()).values())
            found += [int(voice[1]) for voice in voices if voice]
    return max(found)


def number_above(database: Database, highest: int) -> None:
    """Let the numbers of new volunteers be higher than this one: else the next would take back another's voice."""
    if not highest:
        return
    with database.transaction() as connection:
        if (connection.scalar(select(func.max(VOLUNTEER.c.id))) or 0) >= highest:
            return
        if connection.dialect.name == "sqlite":
            given = {"seq": highest}
            if not connection.execute(
                text("UPDATE sqlite_sequence SET seq = max(seq, :seq) WHERE name = 'volunteer'"), given
            ).rowcount:
                connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES ('volunteer', :seq)"), given)
        else:
            connection.execute(
                text("SELECT setval('volunteer_id_seq', greatest(:seq, (SELECT last_value FROM volunteer_id_seq)))"),
                {"seq": highest},
            )
