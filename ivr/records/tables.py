"""The tables. Whoever changes one writes a migration too: a test holds them equal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)

from ivr.records.closings import REASONS, Deed
from ivr.records.people import ROLES

METADATA = MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s", "ix": "ix_%(column_0_label)s"})


class UtcTime(TypeDecorator[datetime]):
    """An aware time. SQLite knows no zones: there it stands in UTC, in a form whose order is that of time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """A column has one of these values."""
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, values))})", column)


CLOSING = Table(
    "closing",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("token", Uuid, nullable=False, unique=True),
    Column("schedule", Text),
    Column("hours", Text),
    Column("contact", Text),
    Column("label", Text),
    Column("begins", UtcTime, nullable=False),
    Column("ends", UtcTime, nullable=False, index=True),
    Column("why", Text, nullable=False),
    Column("closed_by", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("withdrawn", UtcTime),
    Column("withdrawn_by", Text),
    CheckConstraint("begins < ends", "forward"),
    CheckConstraint("(schedule IS NULL) = (hours IS NULL)", "hours"),
    CheckConstraint("(contact IS NULL) = (label IS NULL)", "stand_in"),
    CheckConstraint("(schedule IS NULL) <> (contact IS NULL)", "kind"),
    CheckConstraint("(withdrawn IS NULL) = (withdrawn_by IS NULL)", "withdrawn"),
    one_of("why", REASONS),
    sqlite_autoincrement=True,  # a number is never given again: an old page must not withdraw a new closing
)
AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("done_by", Text, nullable=False),
    Column("deed", Text, nullable=False),
    Column("about", Text, nullable=False),  # no key: what it was done to may be forgotten first
    one_of("deed", get_args(Deed)),
    sqlite_autoincrement=True,
)
STAFF = Table(
    "staff",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password", Text),  # its hash
    Column("created", UtcTime, nullable=False),
    one_of("role", ROLES),
    sqlite_autoincrement=True,  # an old page must not remove somebody new
)
DEVICE = Table(
    "device",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("token", Text, nullable=False, unique=True),  # its hash
    Column("staff_id", Integer, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)
INVITATION = Table(
    "invitation",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("token", Text, nullable=False, unique=True),  # its hash
    Column("staff_id", Integer, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("ends", UtcTime, nullable=False),
    Column("used", UtcTime),
)
