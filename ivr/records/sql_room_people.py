"""The part of the room's records that says who is invited, and who is there."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.records.database import Database
from ivr.records.mirror import in_utc
from ivr.records.people import fit_name, name_key, proper_name
from ivr.records.room import (
    INVITED,
    KINDS,
    Entrance,
    Gone,
    InvitationOver,
    Kind,
    NewInvitation,
    OneKindOnly,
    Room,
    RoomDeed,
    Visit,
    Volunteer,
)
from ivr.records.room_rows import alone, hash_of, invited, note, staff, volunteer_of
from ivr.records.room_tables import TOKEN, VISIT, VOLUNTEER

LONGEST_DEVICE = 100


class SqlInvited(Room):
    """Invitations and visits in SQLite or PostgreSQL. A change writes first and looks then: none has to be repeated."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def invite(
        self, language: str, name: str, kind: Kind, by: str, now: datetime, good_for: timedelta = INVITED
    ) -> NewInvitation:
        """See `Room.invite`."""
        name, language, by, now = proper_name(name), fit_name(language), staff(by), in_utc(now)
        if kind not in KINDS:
            raise ValueError(f"a kind is one of {', '.join(KINDS)}")
        who = (VOLUNTEER.c.language == language) & (VOLUNTEER.c.name_key == name_key(name))
        try:
            with self._database.transaction() as connection:
                found = connection.execute(
                    update(VOLUNTEER).where(who).values(kind=VOLUNTEER.c.kind).returning(VOLUNTEER)
                )
                row = found.one_or_none() or _first_invited(connection, language, name, kind, now)
                if row.kind != kind:
                    raise OneKindOnly
                return _new_token(connection, row, "invite", by, now, good_for)
        except IntegrityError:  # somebody else has invited them at the same moment: now they are found
            return self.invite(language, name, kind, by, now, good_for)

    def renew(self, id: int, by: str, now: datetime, good_for: timedelta = INVITED) -> NewInvitation:
        """See `Room.renew`."""
        by, now = staff(by), in_utc(now)
        with self._database.transaction() as connection:
            return _new_token(connection, alone(connection, id), "renew", by, now, good_for)

    def end(self, id: int, by: str, now: datetime) -> None:
        """See `Room.end`."""
        by, now = staff(by), in_utc(now)
        with self._database.transaction() as connection:
            row = alone(connection, id)
            if row.ended is None:
                connection.execute(update(VOLUNTEER).where(VOLUNTEER.c.id == id).values(ended=now))
                for table in (TOKEN, VISIT):
                    open_ = (table.c.volunteer_id == id) & table.c.ended.is_(None)
                    connection.execute(update(table).where(open_).values(ended=now))
                note(connection, now, by, "end", row.language, row.name)

    def volunteers(self, language: str | None = None) -> tuple[Volunteer, ...]:
        """See `Room.volunteers`."""
        newest = select(func.max(TOKEN.c.id)).group_by(TOKEN.c.volunteer_id)
        chosen = select(VOLUNTEER, TOKEN.c.devices).join_from(VOLUNTEER, TOKEN).where(TOKEN.c.id.in_(newest))
        if language is not None:
            chosen = chosen.where(VOLUNTEER.c.language == language)
        with self._database.transaction() as connection:
            found = [volunteer_of(row, row.devices) for row in connection.execute(chosen)]
        return tuple(sorted(found, key=lambda each: (each.language, name_key(each.name), each.id)))

    def enter(self, token: str, device: str, now: datetime) -> Entrance:
        """See `Room.enter`."""
        now, session = in_utc(now), secrets.token_urlsafe(32)
        entered = TOKEN.c.hash == hash_of(token)
        with self._database.transaction() as connection:
            counting = update(TOKEN).where(entered).values(devices=TOKEN.c.devices + 1).returning(TOKEN)
            found = connection.execute(counting).one_or_none()
            if found is None:
                raise InvitationOver("unknown")
            row = connection.execute(select(VOLUNTEER).where(VOLUNTEER.c.id == found.volunteer_id)).one()
            _still_good(row, found.ended, now)
            visit = {
                "hash": hash_of(session),
                "volunteer_id": row.id,
                "device": found.devices,
                "device_name": device[:LONGEST_DEVICE],
                "begun": now,
            }
            made = connection.execute(insert(VISIT).values(visit).returning(VISIT.c.id)).scalar_one()
            return Entrance(Visit(volunteer_of(row, found.devices), made, found.devices), session)

    def visit(self, session_token: str, now: datetime) -> Visit:
        """See `Room.visit`."""
        with self._database.transaction() as connection:
            found = connection.execute(select(VISIT).where(VISIT.c.hash == hash_of(session_token))).one_or_none()
            if found is None:
                raise InvitationOver("unknown")
            row = connection.execute(select(VOLUNTEER).where(VOLUNTEER.c.id == found.volunteer_id)).one()
            _still_good(row, found.ended, in_utc(now))
            return Visit(invited(connection, row), found.id, found.device)

    def agree(self, id: int, version: str, read_in: str, now: datetime, *, named: bool) -> None:
        """See `Room.agree`."""
        consent = {
            "consent_version": version,
            "consent_read_in": read_in,
            "consent_named": named,
            "consent_at": in_utc(now),
        }
        here = (VOLUNTEER.c.id == id) & VOLUNTEER.c.withdrawn.is_(None)
        with self._database.transaction() as connection:
            if not connection.execute(update(VOLUNTEER).where(here).values(consent)).rowcount:
                raise Gone


def _first_invited(connection: Connection, language: str, name: str, kind: Kind, now: datetime) -> Row[Any]:
    row = {
        "language": language,
        "kind": kind,
        "name": name,
        "name_key": name_key(name),
        "invited": now,
        "ends": now,
        "forgotten": False,
    }
    return connection.execute(insert(VOLUNTEER).values(row).returning(VOLUNTEER)).one()


def _new_token(
    connection: Connection, row: Row[Any], deed: RoomDeed, by: str, now: datetime, good_for: timedelta
) -> NewInvitation:
    """A token for a volunteer, whose row is locked. What was made before is good no more, but who has entered stays."""
    token = secrets.token_urlsafe(32)
    earlier = (TOKEN.c.volunteer_id == row.id) & TOKEN.c.ended.is_(None)
    connection.execute(update(TOKEN).where(earlier).values(ended=now))
    connection.execute(insert(TOKEN).values(hash=hash_of(token), volunteer_id=row.id, devices=0))
    good = update(VOLUNTEER).where(VOLUNTEER.c.id == row.id).values(ends=now + good_for, ended=None)
    row = connection.execute(good.returning(VOLUNTEER)).one()
    note(connection, now, by, deed, row.language, row.name)
    return NewInvitation(volunteer_of(row, 0), token)


def _still_good(row: Row[Any], ended: datetime | None, now: datetime) -> None:
    """InvitationOver unless a volunteer may be here. `ended`: when their token or their session was ended."""
    if ended or row.ended:
        raise InvitationOver("ended", row.language)
    if row.ends <= now:
        raise InvitationOver("over", row.language)
