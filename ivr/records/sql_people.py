"""The people of the office in a database."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.records.closings import KEPT, AuditEntry
from ivr.records.database import Database
from ivr.records.faults import RecordsFault
from ivr.records.mirror import in_utc
from ivr.records.people import (
    INVITED,
    ROLES,
    SEEN_AGAIN,
    SIGNED_IN,
    Device,
    Invitation,
    InvitationEnded,
    LastLeader,
    NameTaken,
    NobodyOfThisName,
    People,
    Person,
    Role,
    SignedIn,
    name_key,
    proper_name,
)
from ivr.records.sql import SqlRecords, note
from ivr.records.tables import DEVICE, INVITATION, STAFF

CAN_LOG_IN = STAFF.c.password.is_not(None)
LONGEST_DEVICE = 100


class SqlPeople(People):
    """People in SQLite or PostgreSQL. A change writes first and looks then, so that none has to be tried again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    def open(env: Mapping[str, str]) -> SqlPeople:
        """See `People.open`."""
        return SqlPeople(SqlRecords.open(env).database)

    def all(self) -> tuple[Person, ...]:
        """See `People.all`."""
        with self._database.transaction() as connection:
            return tuple(map(_person, connection.execute(select(STAFF).order_by(STAFF.c.name_key))))

    def find(self, name: str) -> Person | None:
        """See `People.find`."""
        try:
            key = name_key(proper_name(name))
        except ValueError:  # nobody has such a name; PostgreSQL would not even look for some of them
            return None
        with self._database.transaction() as connection:
            row = connection.execute(select(STAFF).where(STAFF.c.name_key == key)).one_or_none()
        return _person(row) if row else None

    def password_of(self, id: int | None) -> str | None:
        """See `People.password_of`."""
        with self._database.transaction() as connection:
            found: str | None = connection.scalar(select(STAFF.c.password).where(STAFF.c.id == id))
        return found

    def add(self, name: str, role: Role, by: str, now: datetime) -> Invitation:
        """See `People.add`."""
        name, by, now = proper_name(name), proper_name(by), in_utc(now)
        row = {"name": name, "name_key": name_key(name), "role": _role(role), "created": now}
        try:
            with self._database.transaction() as connection:
                made = connection.execute(insert(STAFF).values(row).returning(STAFF.c.id)).scalar_one()
                note(connection, now, by, "add", name)
                return _invite(connection, Person(made, name, role), now)
        except IntegrityError:  # the only one that can be: the name is there
            raise NameTaken from None

    def invite(self, id: int, by: str, now: datetime) -> Invitation:
        """See `People.invite`."""
        by, now = proper_name(by), in_utc(now)
        with self._database.transaction() as connection:
            _end_links(connection, id, now)
            person = _one(connection, id)
            note(connection, now, by, "reset", person.name)
            return _invite(connection, person, now)

    def remove(self, id: int, by: str, now: datetime) -> None:
        """See `People.remove`."""
        by, now = proper_name(by), in_utc(now)
        with self._database.transaction() as connection:
            _leaders_alone(connection)
            person = _one(connection, id)
            _sign_out(connection, id)  # SQLite deletes no rows by itself
            connection.execute(delete(INVITATION).where(INVITATION.c.staff_id == id))
            connection.execute(delete(STAFF).where(STAFF.c.id == id))
            note(connection, now, by, "remove", person.name)
            _a_leader_is_left(connection, person)

    def set_role(self, id: int, role: Role, by: str, now: datetime) -> None:
        """See `People.set_role`."""
        by, now = proper_name(by), in_utc(now)
        with self._database.transaction() as connection:
            _leaders_alone(connection)
            person = _one(connection, id)
            if person.role == _role(role):
                return
            connection.execute(update(STAFF).where(STAFF.c.id == id).values(role=role))
            note(connection, now, by, "role", person.name)
            _a_leader_is_left(connection, person)

    def invited(self, token: str, now: datetime) -> Person:
        """See `People.invited`."""
        with self._database.transaction() as connection:
            return _invited(connection, token, in_utc(now))

    def accept(self, token: str, password: str, now: datetime) -> Person:
        """See `People.accept`."""
        now = in_utc(now)
        good = (INVITATION.c.token == _hash(token)) & INVITATION.c.used.is_(None) & (INVITATION.c.ends > now)
        with self._database.transaction() as connection:
            using = update(INVITATION).where(good).values(used=now).returning(INVITATION.c.staff_id)
            id = connection.execute(using).scalar_one_or_none()
            if id is None:
                _invited(connection, token, now)
                raise InvitationEnded("unknown")
            person = _one(connection, id)
            connection.execute(update(STAFF).where(STAFF.c.id == id).values(password=password))
            _end_links(connection, id, now)
            _sign_out(connection, id)
            note(connection, now, person.name, "password", person.name)
            return person

    def change_password(self, id: int, password: str, device: int, now: datetime) -> None:
        """See `People.change_password`."""
        now = in_utc(now)
        with self._database.transaction() as connection:
            _end_links(connection, id, now)
            connection.execute(update(STAFF).where(STAFF.c.id == id).values(password=password))
            person = _one(connection, id)
            _sign_out(connection, id, but=device)
            note(connection, now, person.name, "password", person.name)

    def rehash(self, id: int, old: str, new: str) -> None:
        """See `People.rehash`."""
        same = (STAFF.c.id == id) & (STAFF.c.password == old)
        with self._database.transaction() as connection:
            connection.execute(update(STAFF).where(same).values(password=new))

    def sign_in(self, id: int, device: str, now: datetime) -> str:
        """See `People.sign_in`."""
        token, now = secrets.token_urlsafe(32), in_utc(now)
        row = {"token": _hash(token), "staff_id": id, "name": device[:LONGEST_DEVICE], "created": now, "seen": now}
        try:
            with self._database.transaction() as connection:
                connection.execute(insert(DEVICE).values(row))
                _one(connection, id)
        except IntegrityError:  # who was removed a moment ago
            raise NobodyOfThisName from None
        return token

    def signed_in(self, token: str, now: datetime) -> SignedIn | None:
        """See `People.signed_in`."""
        now = in_utc(now)
        which = (DEVICE.c.token == _hash(token)) & (DEVICE.c.seen > now - SIGNED_IN)
        chosen = select(DEVICE, STAFF).join_from(DEVICE, STAFF, DEVICE.c.staff_id == STAFF.c.id).where(which)
        with self._database.transaction() as connection:
            row = connection.execute(chosen).one_or_none()
        if row is None:
            return None
        found = row._mapping
        person = Person(found[STAFF.c.id], found[STAFF.c.name], found[STAFF.c.role], has_password=True)
        device = Device(found[DEVICE.c.id], found[DEVICE.c.name], found[DEVICE.c.created], found[DEVICE.c.seen])
        return SignedIn(person, device, now - device.seen > SEEN_AGAIN and self._note_seen(device, now))

    def _note_seen(self, device: Device, now: datetime) -> bool:
        try:
            with self._database.transaction() as connection:
                connection.execute(update(DEVICE).where(DEVICE.c.id == device.id).values(seen=now))
        except RecordsFault:  # what can be read is shown, though nothing can be written
            return False
        return True

    def log_out(self, token: str) -> None:
        """See `People.log_out`."""
        with self._database.transaction() as connection:
            connection.execute(delete(DEVICE).where(DEVICE.c.token == _hash(token)))

    def devices(self, id: int, now: datetime) -> tuple[Device, ...]:
        """See `People.devices`."""
        which = (DEVICE.c.staff_id == id) & (DEVICE.c.seen > in_utc(now) - SIGNED_IN)
        chosen = select(DEVICE).where(which).order_by(DEVICE.c.seen.desc(), DEVICE.c.id.desc())
        with self._database.transaction() as connection:
            return tuple(Device(row.id, row.name, row.created, row.seen) for row in connection.execute(chosen))

    def sign_out(self, id: int, device: int, now: datetime) -> None:
        """See `People.sign_out`."""
        which = (DEVICE.c.staff_id == id) & (DEVICE.c.id == device)
        with self._database.transaction() as connection:
            if connection.execute(delete(DEVICE).where(which)).rowcount:
                name = _one(connection, id).name
                note(connection, in_utc(now), name, "sign-out", name)

    def sign_out_others(self, id: int, device: int, now: datetime) -> None:
        """See `People.sign_out_others`."""
        with self._database.transaction() as connection:
            if _sign_out(connection, id, but=device):
                name = _one(connection, id).name
                note(connection, in_utc(now), name, "sign-out", name)

    def audit(self, since: datetime) -> tuple[AuditEntry, ...]:
        """See `People.audit`."""
        return SqlRecords(self._database).audit(since)

    def forget(self, now: datetime) -> None:
        """See `People.forget`."""
        now = in_utc(now)
        with self._database.transaction() as connection:
            connection.execute(delete(DEVICE).where(DEVICE.c.seen <= now - SIGNED_IN))
            connection.execute(delete(INVITATION).where(INVITATION.c.ends < now - KEPT))
        SqlRecords(self._database).forget(now)


def _hash(token: str) -> str:
    """What is kept of a token: it is random, so nobody finds it by its hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _role(role: Role) -> Role:
    if role not in ROLES:
        raise ValueError(f"a role is one of {', '.join(ROLES)}")
    return role


def _person(row: Row[Any]) -> Person:
    return Person(row.id, row.name, row.role, row.password is not None)


def _one(connection: Connection, id: int) -> Person:
    row = connection.execute(select(STAFF).where(STAFF.c.id == id)).one_or_none()
    if row is None:
        raise NobodyOfThisName
    return _person(row)


def _invite(connection: Connection, person: Person, now: datetime) -> Invitation:
    token = secrets.token_urlsafe(32)
    row = {"token": _hash(token), "staff_id": person.id, "ends": now + INVITED}
    connection.execute(insert(INVITATION).values(row))
    return Invitation(person, token, now + INVITED)


def _end_links(connection: Connection, id: int, now: datetime) -> None:
    """Let no link set somebody's password that was made before."""
    open = (INVITATION.c.staff_id == id) & INVITATION.c.used.is_(None) & (INVITATION.c.ends > now)
    connection.execute(update(INVITATION).where(open).values(ends=now))


def _invited(connection: Connection, token: str, now: datetime) -> Person:
    row = connection.execute(select(INVITATION).where(INVITATION.c.token == _hash(token))).one_or_none()
    if row is None:
        raise InvitationEnded("unknown")
    if row.used:
        raise InvitationEnded("used")
    if row.ends <= now:
        raise InvitationEnded("over")
    return _one(connection, row.staff_id)


def _sign_out(connection: Connection, id: int, but: int | None = None) -> int:
    which = DEVICE.c.staff_id == id
    return connection.execute(delete(DEVICE).where(which if but is None else which & (DEVICE.c.id != but))).rowcount


def _leaders_alone(connection: Connection) -> None:
    """Wait until nobody else changes a team leader: of the last two, each could let the other go."""
    connection.execute(update(STAFF).where(STAFF.c.role == "leader").values(role="leader"))


def _a_leader_is_left(connection: Connection, before: Person) -> None:
    if before.role == "leader" and before.has_password:
        left = select(func.count()).select_from(STAFF).where((STAFF.c.role == "leader") & CAN_LOG_IN)
        if not connection.scalar(left):
            raise LastLeader
