"""The records in a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, delete, false, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ivr.core.closing import Change
from ivr.records import schema
from ivr.records.closings import (
    KEPT,
    REASONS,
    AuditEntry,
    Deed,
    KeptClosing,
    NothingToWithdraw,
    Reason,
    Records,
    Standing,
)
from ivr.records.counts import first_kept
from ivr.records.database import Database, database, is_there
from ivr.records.faults import RecordsFault
from ivr.records.folding import microseconds
from ivr.records.mirror import FILE, as_texts, checked, from_bytes, from_texts, in_utc
from ivr.records.people import fit_name
from ivr.records.reach import name_of_file, sqlite_file
from ivr.records.seen import FORGOTTEN
from ivr.records.tables import AUDIT, CLOSING, COUNT_HOUR, COUNTS, DAY_KEY, FOLDED_CALL, SEEN, URGENT_RING
from ivr.settings.read import state_folder


class SqlRecords(Records):
    """Records in SQLite or PostgreSQL. A change writes first and looks then, so that none has to be tried again."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @staticmethod
    def open(env: Mapping[str, str]) -> SqlRecords:
        """See `Records.open`."""
        found = database(env)
        with found.transaction() as connection:
            revision = schema.revision_of(connection)
        if revision != schema.NEWEST:
            if revision is None:
                _never_in_place_of_lost(env, found.name)
            schema.migrate(database(env, schema.SECONDS))
        return SqlRecords(found)

    @staticmethod
    def look(env: Mapping[str, str]) -> Standing:
        """See `Records.look`."""
        if not is_there(env):
            _never_in_place_of_lost(env, name_of_file(sqlite_file(env)))
            return "none"
        found = database(env)
        with found.transaction() as connection:
            revision = schema.revision_of(connection)
            if revision == schema.NEWEST:
                connection.execute(delete(AUDIT).where(false()))  # who may not write is told so by it
                return "newest"
        if revision and revision not in schema.known_revisions():
            raise schema.changed_by_a_newer(found)
        if revision is None:
            _never_in_place_of_lost(env, found.name)
        return "older" if revision else "none"

    def close(self, closing: Change, why: Reason, by: str, now: datetime, *, token: UUID | None = None) -> KeptClosing:
        """See `Records.close`."""
        closing, by, now, token = checked(closing), fit_name(by.strip()), in_utc(now), token or uuid4()
        if why not in REASONS:
            raise ValueError(f"a reason is one of {', '.join(REASONS)}")
        row = as_texts(closing) | {
            "token": token,
            "begins": closing.begins,
            "ends": closing.ends,
            "why": why,
            "closed_by": by,
            "created": now,
        }
        try:
            with self.database.transaction() as connection:
                made = connection.execute(insert(CLOSING).values(row).returning(CLOSING.c.id)).scalar_one()
                note(connection, now, by, "close", str(made))
                _forget(connection, now)
        except IntegrityError:  # the only one that can be: the token is there
            return self._again(token, closing, why, by)
        return KeptClosing(made, closing, why, by, now)

    def _again(self, token: UUID, closing: Change, why: Reason, by: str) -> KeptClosing:
        with self.database.transaction() as connection:
            kept = _only(connection, CLOSING.c.token == token)
        if kept is None or (kept.closing, kept.why, kept.by) != (closing, why, by):
            raise RecordsFault("another closing was kept in its place", "look at the list of closings, and begin anew")
        return kept

    def withdraw(self, id: int, by: str, now: datetime) -> KeptClosing:
        """See `Records.withdraw`."""
        by, now, meant = fit_name(by.strip()), in_utc(now), CLOSING.c.id == id
        holds = meant & CLOSING.c.withdrawn.is_(None) & (CLOSING.c.ends > now)
        with self.database.transaction() as connection:
            done = connection.execute(update(CLOSING).where(holds).values(withdrawn=now, withdrawn_by=by)).rowcount
            kept = _only(connection, meant)
            if done:
                note(connection, now, by, "withdraw", str(id))
                _forget(connection, now)
        if kept and done:
            return kept
        if kept is None:
            raise NothingToWithdraw(f"there is no closing {id}", None)
        what = "was withdrawn before" if kept.withdrawn else "has ended"
        raise NothingToWithdraw(f"closing {id} {what}", kept)

    def current(self, now: datetime) -> tuple[KeptClosing, ...]:
        """See `Records.current`."""
        return self._found(CLOSING.c.withdrawn.is_(None) & (CLOSING.c.ends > in_utc(now)))

    def all(self, since: datetime) -> tuple[KeptClosing, ...]:
        """See `Records.all`."""
        return self._found(CLOSING.c.ends > in_utc(since))

    def _found(self, which: ColumnElement[bool]) -> tuple[KeptClosing, ...]:
        with self.database.transaction() as connection:
            return tuple(map(_kept, connection.execute(select(CLOSING).where(which).order_by(CLOSING.c.id))))

    def audit(self, since: datetime) -> tuple[AuditEntry, ...]:
        """See `Records.audit`."""
        chosen = select(AUDIT).where(AUDIT.c.at >= in_utc(since)).order_by(AUDIT.c.id)
        with self.database.transaction() as connection:
            return tuple(AuditEntry(row.at, row.done_by, row.deed, row.about) for row in connection.execute(chosen))

    def forget(self, now: datetime) -> None:
        """See `Records.forget`."""
        with self.database.transaction() as connection:
            _forget(connection, in_utc(now))
        with self.database.transaction() as connection:  # of its own: no closing waits for what is counted
            _forget_calls(connection, in_utc(now))


def note(connection: Connection, at: datetime, by: str, deed: Deed, about: str) -> None:
    """Keep who did what, in the transaction in which it is done."""
    connection.execute(insert(AUDIT).values(at=at, done_by=by, deed=deed, about=about))


def _forget(connection: Connection, now: datetime) -> None:
    before = now - KEPT
    connection.execute(delete(AUDIT).where(AUDIT.c.at < before))
    connection.execute(delete(CLOSING).where(or_(CLOSING.c.ends < before, CLOSING.c.withdrawn < before)))


def _forget_calls(connection: Connection, now: datetime) -> None:
    """Where a line counts, it does so itself and sooner; here for one that counts no longer.

    In the order of `seen.forget`: else each could wait for the other.
    """
    before = microseconds(now - FORGOTTEN)
    for table in (FOLDED_CALL, URGENT_RING, SEEN, DAY_KEY):
        is_old = table.c.day < now.date() - timedelta(days=1) if table is DAY_KEY else table.c.at < before
        connection.execute(delete(table).where(is_old))
    for table in COUNTS:
        when = table.c.month if table is COUNT_HOUR else table.c.day
        connection.execute(delete(table).where(when < first_kept(now.date())))


def _only(connection: Connection, which: ColumnElement[bool]) -> KeptClosing | None:
    row = connection.execute(select(CLOSING).where(which)).one_or_none()
    return _kept(row) if row else None


def _kept(row: Row[tuple[object, ...]]) -> KeptClosing:
    try:
        closing = checked(from_texts(dict(row._mapping), row.begins, row.ends))
    except (LookupError, TypeError, ValueError):
        raise RecordsFault(
            f"closing {row.id} was changed by something else, and cannot be read", "put the last backup in its place"
        ) from None
    return KeptClosing(row.id, closing, row.why, row.closed_by, row.created, row.withdrawn, row.withdrawn_by)


def _never_in_place_of_lost(env: Mapping[str, str], name: str) -> None:
    """RecordsFault where there are no records any more, but the line's copy of them still holds something.

    New ones would open at once what the office has closed, and the line would no longer say that its records are gone.
    """
    copy = state_folder(env).absolute() / FILE
    try:
        held = from_bytes(copy.read_bytes())
    except (OSError, ValueError):
        return
    if held:
        raise RecordsFault(
            f"{name} is gone or empty, and the line goes on with what was closed by hand before",
            "put the last back-up in its place, as docs/behaviour.md says; if there is none, delete "
            f"{copy}: then new ones are made, and nothing is closed by hand",
        )
