"""Brings the tables of a database to what this version of the program knows, however many processes start at once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from ivr.records.database import Database
from ivr.records.faults import RecordsFault

NEWEST = "0003"
"""The last of `migrations/versions/`. It stands here too: so nobody loads Alembic only to see that all is well."""
FOLDER = "ivr.records:migrations"
"""Where Alembic finds them."""
LOCK = 0x6B656D69
"""What the processes that migrate on one PostgreSQL wait for; any number that nobody else uses."""
SECONDS = 60.0
"""How long a migration may take, and another process waits for it."""


@dataclass(frozen=True)
class Migrations:
    """Those of one kind of database. `folder`: where Alembic finds them; `newest`: the last of them."""

    folder: str = FOLDER
    newest: str = NEWEST


RECORDS = Migrations()


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None where there are no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def known_revisions(of: Migrations = RECORDS) -> set[str]:
    """Every revision that this program knows of a kind of database."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", of.folder)
    return {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}


def changed_by_a_newer(database: Database) -> RecordsFault:
    """What is told of a database whose revision this program does not know."""
    return RecordsFault(
        f"{database.name} was changed by a newer version of this program",
        "install that version again, or put the back-up from before it in its place, as docs/behaviour.md says",
    )


def migrate(database: Database, to: str = "head", of: Migrations = RECORDS) -> None:
    """Carry out what a database lacks, all or nothing, alone. RecordsFault if a newer program has been there."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", of.folder)
    known = known_revisions(of)
    with database.transaction() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        revision = revision_of(connection)
        if revision is not None and revision not in known:
            raise changed_by_a_newer(database)
        config.attributes["connection"] = connection
        command.upgrade(config, to)
