"""The room's records in a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Select, delete, func, or_, select, update

from ivr.records.mirror import in_utc
from ivr.records.people import fit_name, name_key
from ivr.records.room import KEPT, UNUSED, Gone, RoomDeed, RoomEvent, Take
from ivr.records.room_reach import up_to_date
from ivr.records.room_rows import note, staff
from ivr.records.room_tables import EVENT, HEARING, TABLES, TAKE, TOKEN, VISIT, VOLUNTEER
from ivr.records.sql_room_work import SqlLeft, as_take


class SqlRoom(SqlLeft):
    """The room's records in SQLite or PostgreSQL."""

    @staticmethod
    def open(env: Mapping[str, str]) -> SqlRoom:
        """See `Room.open`."""
        return SqlRoom(up_to_date(env))

    def note(self, deed: RoomDeed, language: str, about: str, by: str, now: datetime) -> None:
        """See `Room.note`."""
        with self._database.transaction() as connection:
            note(connection, in_utc(now), staff(by), deed, fit_name(language), about)

    def events(self, since: datetime) -> tuple[RoomEvent, ...]:
        """See `Room.events`."""
        chosen = select(EVENT).where(EVENT.c.at >= in_utc(since)).order_by(EVENT.c.id)
        with self._database.transaction() as connection:
            return tuple(
                RoomEvent(row.at, row.done_by, row.deed, row.language, row.about) for row in connection.execute(chosen)
            )

    def voice_files(self, id: int) -> tuple[str, ...]:
        """See `Room.voice_files`."""
        takes = select(TAKE.c.file).where(TAKE.c.volunteer_id == id)
        spoken = select(HEARING.c.spoken).where(HEARING.c.spoken.is_not(None))
        theirs = spoken.where(or_(HEARING.c.volunteer_id == id, HEARING.c.sha256.in_(_clips(id))))
        with self._database.snapshot() as connection:
            return (*connection.scalars(takes), *connection.scalars(theirs))

    def begin_withdrawal(self, id: int, by: str | None, now: datetime) -> None:
        """See `Room.begin_withdrawal`."""
        by, now = by and staff(by), in_utc(now)
        with self._database.transaction() as connection:
            touching = update(VOLUNTEER).where(VOLUNTEER.c.id == id).values(kind=VOLUNTEER.c.kind)
            row = connection.execute(touching.returning(VOLUNTEER)).one_or_none()
            if row is None:
                raise Gone
            if not row.withdrawn:
                _lose_name(connection, id, row.language, row.name_key, now)
                note(connection, now, by or f"v{id}", "withdraw", row.language, f"v{id}", None if by else id)

    def forget_voice(self, id: int, by: str | None, now: datetime) -> None:
        """See `Room.forget_voice`."""
        self.begin_withdrawal(id, by, now)
        said = HEARING.c.volunteer_id == id
        with self._database.transaction() as connection:
            connection.execute(delete(HEARING).where(HEARING.c.sha256.in_(_clips(id))))
            connection.execute(delete(HEARING).where(said & (HEARING.c.meaning == "")))
            connection.execute(update(HEARING).where(said).values(spoken=None))
            connection.execute(delete(TAKE).where(TAKE.c.volunteer_id == id))
        self._database.rewrite(TABLES)
        with self._database.transaction() as connection:
            connection.execute(update(VOLUNTEER).where(VOLUNTEER.c.id == id).values(forgotten=True))

    def unused(self, language: str, heard: frozenset[str], now: datetime) -> tuple[Take, ...]:
        """See `Room.unused`."""
        before = in_utc(now) - UNUSED
        is_old = or_(TAKE.c.replaced <= before, VOLUNTEER.c.ended <= before, VOLUNTEER.c.ends <= before)
        chosen = select(TAKE).join_from(TAKE, VOLUNTEER).where((TAKE.c.language == language) & is_old)
        with self._database.transaction() as connection:
            found = map(as_take, connection.execute(chosen.order_by(TAKE.c.id)))
            return tuple(each for each in found if each.sha256 not in heard)

    def forget_takes(self, ids: tuple[int, ...]) -> None:
        """See `Room.forget_takes`."""
        gone, others = TAKE.c.id.in_(ids), select(TAKE.c.sha256).where(TAKE.c.id.not_in(ids))
        clips = select(TAKE.c.sha256).where(gone)
        of_none = HEARING.c.sha256.in_(clips) & HEARING.c.sha256.not_in(others)
        with self._database.transaction() as connection:
            connection.execute(delete(HEARING).where(of_none))
            connection.execute(delete(TAKE).where(gone))

    def forget(self, now: datetime) -> None:
        """See `Room.forget`."""
        now = in_utc(now)
        before = now - KEPT
        over = select(VOLUNTEER.c.id).where(VOLUNTEER.c.ends <= now)
        newest = select(func.max(TOKEN.c.id)).group_by(TOKEN.c.volunteer_id)
        with self._database.transaction() as connection:
            connection.execute(delete(EVENT).where(EVENT.c.at < before))
            connection.execute(delete(VISIT).where(or_(VISIT.c.ended <= now, VISIT.c.volunteer_id.in_(over))))
            connection.execute(delete(TOKEN).where((TOKEN.c.ended < before) & TOKEN.c.id.not_in(newest)))


def _clips(id: int) -> Select[tuple[str]]:
    """The hashes of somebody's clips."""
    return select(TAKE.c.sha256).where(TAKE.c.volunteer_id == id)


def _lose_name(connection: Connection, id: int, language: str, key: str, now: datetime) -> None:
    """Let nobody see any more who a volunteer was, nor be here by their invitation."""
    voice = f"v{id}"
    connection.execute(delete(VISIT).where(VISIT.c.volunteer_id == id))
    connection.execute(update(TOKEN).where((TOKEN.c.volunteer_id == id) & TOKEN.c.ended.is_(None)).values(ended=now))
    connection.execute(update(EVENT).where(EVENT.c.by_volunteer == id).values(done_by=voice))
    of_language = connection.execute(select(EVENT.c.id, EVENT.c.about).where(EVENT.c.language == language)).all()
    named = [row.id for row in of_language if name_key(row.about) == key]
    connection.execute(update(EVENT).where(EVENT.c.id.in_(named)).values(about=voice))
    nobody: dict[str, object] = {f"consent_{what}": None for what in ("version", "read_in", "named", "at")}
    nobody |= {"name": voice, "name_key": None, "withdrawn": now, "ended": func.coalesce(VOLUNTEER.c.ended, now)}
    connection.execute(update(VOLUNTEER).where(VOLUNTEER.c.id == id).values(nobody))
