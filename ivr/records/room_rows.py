"""What the parts of the room's records share: rows as values, the lock of one volunteer, and who did what."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ivr.records.people import fit_name
from ivr.records.room import Consent, Gone, RoomDeed, Volunteer
from ivr.records.room_tables import EVENT, TOKEN, VOLUNTEER

LONGEST_WORDS = 2000
"""More letters than anybody needs for one sentence and what they think of it."""


def hash_of(token: str) -> str:
    """What is kept of a token: it is random, so nobody finds it by its hash."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def alone(connection: Connection, id: int) -> Row[Any]:
    """A volunteer, whom nobody else changes, or adds anything to, until this transaction is over. Gone if withdrawn.

    It writes first, so that SQLite lets one after the other look.
    """
    locking = update(VOLUNTEER).where(VOLUNTEER.c.id == id).values(kind=VOLUNTEER.c.kind).returning(VOLUNTEER)
    row = connection.execute(locking).one_or_none()
    if row is None or row.withdrawn:
        raise Gone
    return row


def invited(connection: Connection, row: Row[Any]) -> Volunteer:
    """A volunteer as a value."""
    last = select(TOKEN.c.devices).where(TOKEN.c.volunteer_id == row.id).order_by(TOKEN.c.id.desc()).limit(1)
    return volunteer_of(row, connection.scalar(last) or 0)


def volunteer_of(row: Row[Any], devices: int) -> Volunteer:
    """The same, where the number of devices is known."""
    consent = None
    if row.consent_at:
        consent = Consent(row.consent_version, row.consent_read_in, row.consent_named, row.consent_at)
    return Volunteer(
        id=row.id,
        language=row.language,
        kind=row.kind,
        name=row.name,
        invited=row.invited,
        ends=row.ends,
        ended=row.ended,
        devices=devices,
        consent=consent,
        withdrawn=row.withdrawn,
        forgotten=row.forgotten,
    )


def staff(name: str) -> str:
    """The name of who of the staff did something. ValueError if it can be none."""
    return fit_name(name.strip())


def note(
    connection: Connection,
    at: datetime,
    by: str,
    deed: RoomDeed,
    language: str,
    about: str,
    volunteer: int | None = None,
) -> None:
    """Keep who did what, in the transaction in which it is done. `volunteer`: the number of `by`, if it is one."""
    row = {"at": at, "done_by": by, "by_volunteer": volunteer, "deed": deed, "language": language, "about": about}
    connection.execute(insert(EVENT).values(row))


def fit_words(written: str) -> str:
    """Words that somebody wrote, composed (NFC), with single blanks. ValueError if they can be none.

    The marks without width that some scripts need between two letters are kept.
    """
    words = unicodedata.normalize("NFC", " ".join(written.split()))
    if len(words) > LONGEST_WORDS or any(unicodedata.category(each) in ("Cc", "Cs") for each in words):
        raise ValueError(f"words are at most {LONGEST_WORDS} letters and marks")
    return words
