"""How the room's database is reached: another one than the office's, by another user (decision 28)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import URL, inspect

from ivr.records import schema
from ivr.records.database import Database, in_file, on_server, url_of
from ivr.records.faults import RecordsFault
from ivr.records.reach import SECONDS, Store, address
from ivr.records.room_numbers import highest_heard, number_above
from ivr.settings.room import ROOM_DATABASE, ROOM_FILE, room_file

ROOM_STORE = Store(
    ROOM_DATABASE,
    f"move {ROOM_FILE} and its -wal and -shm away, of all else in IVR_RECORDINGS nothing: a new one is made, and "
    "whoever was invited is invited anew",
)
MIGRATIONS = schema.Migrations("ivr.records:room_migrations", "room_0001")
"""Their names are no names of the records' own: neither program takes the database of the other for an older one."""
OWN_DATABASE = "make a database of its own for the room, owned by a role of its own, as docs/behaviour.md says"


def room_database(env: Mapping[str, str], seconds: float = SECONDS) -> Database:
    """The database that the settings name; RecordsFault if they are wrong. Nobody has asked yet whether it is there.

    `seconds`: how long it is waited for at most.
    """
    if written := address(env, ROOM_DATABASE):
        _not_the_offices(url_of(written, ROOM_STORE), env)
        return on_server(written, seconds, ROOM_STORE)
    return in_file(room_file(env), seconds, ROOM_STORE)


def up_to_date(env: Mapping[str, str]) -> Database:
    """The same, with the tables that this version of the program knows. RecordsFault if it holds anything else."""
    found = room_database(env)
    with found.transaction() as connection:
        revision = schema.revision_of(connection)
        if revision != MIGRATIONS.newest and inspect(connection).has_table("staff"):
            raise RecordsFault(f"{ROOM_DATABASE} names the database of the office's records", OWN_DATABASE)
    if revision != MIGRATIONS.newest:
        schema.migrate(room_database(env, schema.SECONDS), of=MIGRATIONS)
    number_above(found, highest_heard(env))
    return found


def _not_the_offices(ours: URL, env: Mapping[str, str]) -> None:
    """RecordsFault if both settings name one database, or one user of a server: it could read the staff's names."""
    written = address(env)
    if not written:
        return
    office = url_of(written)
    if _server(ours) != _server(office):
        return
    if ours.database == office.database:
        raise RecordsFault(f"{ROOM_DATABASE} names the same database as IVR_DATABASE_URL", OWN_DATABASE)
    if ours.username and ours.username == office.username:
        raise RecordsFault(f"{ROOM_DATABASE} names the same user as IVR_DATABASE_URL", OWN_DATABASE)


def _server(url: URL) -> tuple[str, int]:
    """Where a server is; one that is written in two ways is found by what stands in its database."""
    host = url.host or url.query.get("host") or ""
    return str(host).lower(), url.port or 5432
