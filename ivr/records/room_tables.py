"""The tables of the room's records. Whoever changes one writes a migration too: a test holds them equal."""

from __future__ import annotations

from typing import get_args

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from ivr.records.room import KINDS, VERDICTS, RoomDeed, Stage
from ivr.records.tables import NAMING, UtcTime, one_of

ROOM_METADATA = MetaData(naming_convention=NAMING)
"""A number is given once in every table: an old page must not mean somebody new."""

VOLUNTEER = Table(
    "volunteer",
    ROOM_METADATA,
    Column("id", Integer, primary_key=True),
    Column("language", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text),  # none once the voice is taken back
    Column("invited", UtcTime, nullable=False),
    Column("ends", UtcTime, nullable=False),
    Column("ended", UtcTime),
    Column("consent_version", Text),
    Column("consent_read_in", Text),
    Column("consent_named", Boolean),
    Column("consent_at", UtcTime),
    Column("withdrawn", UtcTime),
    Column("forgotten", Boolean, nullable=False),
    UniqueConstraint("language", "name_key"),  # one person has one kind in a language
    one_of("kind", KINDS),
    CheckConstraint("(name_key IS NULL) = (withdrawn IS NOT NULL)", "name_key"),
    CheckConstraint("withdrawn IS NULL OR (ended IS NOT NULL AND consent_at IS NULL)", "withdrawn"),
    CheckConstraint(
        "(consent_at IS NULL) = (consent_version IS NULL) AND (consent_at IS NULL) = (consent_read_in IS NULL) "
        "AND (consent_at IS NULL) = (consent_named IS NULL)",
        "consent",
    ),
    sqlite_autoincrement=True,
)
TOKEN = Table(
    "token",  # of an invitation; the last of a volunteer is the one that is good
    ROOM_METADATA,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("volunteer_id", Integer, ForeignKey("volunteer.id"), nullable=False, index=True),
    Column("devices", Integer, nullable=False),
    Column("ended", UtcTime),
    sqlite_autoincrement=True,
)
VISIT = Table(
    "visit",
    ROOM_METADATA,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),  # of its token
    Column("volunteer_id", Integer, ForeignKey("volunteer.id"), nullable=False, index=True),
    Column("device", Integer, nullable=False),
    Column("device_name", Text, nullable=False),
    Column("begun", UtcTime, nullable=False),
    Column("ended", UtcTime),
    sqlite_autoincrement=True,
)
TAKE = Table(
    "take",
    ROOM_METADATA,
    Column("id", Integer, primary_key=True),
    Column("volunteer_id", Integer, ForeignKey("volunteer.id"), nullable=False, index=True),
    Column("language", Text, nullable=False, index=True),
    Column("sentence", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("file", Text, nullable=False, unique=True),
    Column("sha256", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("replaced", UtcTime),
    sqlite_autoincrement=True,
)
READING = Table(
    "reading",
    ROOM_METADATA,
    Column("id", Integer, primary_key=True),
    Column("volunteer_id", Integer, ForeignKey("volunteer.id"), nullable=False, index=True),
    Column("language", Text, nullable=False, index=True),
    Column("sentence", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    one_of("verdict", VERDICTS),
    sqlite_autoincrement=True,
)
SUGGESTION = Table(
    "suggestion",
    ROOM_METADATA,
    Column("id", Integer, primary_key=True),
    Column("volunteer_id", Integer, ForeignKey("volunteer.id"), nullable=False, index=True),
    Column("language", Text, nullable=False, index=True),
    Column("sentence", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("stage", Text, nullable=False),
    Column("decided_by", Integer, ForeignKey("volunteer.id")),
    Column("decided", UtcTime),
    one_of("stage", get_args(Stage)),
    CheckConstraint("(stage = 'open') = (decided IS NULL)", "decided"),
    CheckConstraint("(decided IS NULL) = (decided_by IS NULL)", "decided_by"),
    sqlite_autoincrement=True,
)
CHANGE = Table(
    "change",  # of a text, by an accepted suggestion
    ROOM_METADATA,
    Column("id", Integer, primary_key=True),
    Column("suggestion_id", Integer, ForeignKey("suggestion.id"), nullable=False, index=True),
    Column("text_id", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("english", Text, nullable=False),
    Column("words", Text, nullable=False),
    sqlite_autoincrement=True,
)
HEARING = Table(
    "hearing",
    ROOM_METADATA,
    Column("id", Integer, primary_key=True),
    Column("volunteer_id", Integer, ForeignKey("volunteer.id"), nullable=False, index=True),  # the reader
    Column("language", Text, nullable=False, index=True),
    Column("sentence", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("meaning", Text, nullable=False),
    Column("spoken", Text),
    Column("approved", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
    CheckConstraint("meaning <> '' OR spoken IS NOT NULL", "meaning"),
    sqlite_autoincrement=True,
)
EVENT = Table(
    "event",
    ROOM_METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("done_by", Text, nullable=False),
    Column("by_volunteer", Integer),  # if it was one; no key: what is noted of others stays
    Column("deed", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("about", Text, nullable=False),
    one_of("deed", get_args(RoomDeed)),
    sqlite_autoincrement=True,
)
TABLES = tuple(ROOM_METADATA.sorted_tables)
