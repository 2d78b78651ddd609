"""The tables. Whoever changes one writes a migration too: a test holds them equal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)

from ivr.records.closings import REASONS, Deed
from ivr.records.counts import OUTCOMES
from ivr.records.people import ROLES

NAMING = {"ck": "ck_%(table_name)s_%(constraint_name)s", "ix": "ix_%(column_0_label)s"}
METADATA = MetaData(naming_convention=NAMING)


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
SEEN = Table(
    "seen",  # what was seen of calls that are not folded yet: `SeenRow`
    METADATA,
    Column("call", Text, primary_key=True),
    Column("token", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("second", Integer, nullable=False),
    Column("node", Text, nullable=False),
    Column("exit", Text, nullable=False),
    Column("key", Boolean, nullable=False),
    Column("language", Text),
    Column("matter", Text),
    Column("rings", Text),
    Column("missed", Text),
    Column("told", Boolean, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("written", BigInteger, nullable=False, index=True),  # when it came here, in epoch microseconds
)
FOLDED_CALL = Table(
    "folded_call",  # calls that are counted: whatever is still seen of them adds nothing
    METADATA,
    Column("call", Text, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
)
DAY_KEY = Table(
    "day_key",  # by which the machines of one line name its calls alike
    METADATA,
    Column("day", Date, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)
URGENT_RING = Table(
    "urgent_ring",  # when the urgent line was last answered, and not answered; no older than a day
    METADATA,
    Column("token", Text, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("answered", Boolean, nullable=False),
)
COUNT_LANGUAGE = Table(
    "count_language",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("calls", Integer, nullable=False),
    one_of("outcome", OUTCOMES),
)
COUNT_MATTER = Table(
    "count_matter",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("matter", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("calls", Integer, nullable=False),
    one_of("outcome", OUTCOMES),
)
COUNT_HOUR = Table(
    "count_hour",  # of a whole month: never an hour with a date
    METADATA,
    Column("month", Date, primary_key=True),  # its first day
    Column("weekday", Integer, primary_key=True),  # Monday is 0
    Column("hour", Integer, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("calls", Integer, nullable=False),
    one_of("outcome", OUTCOMES),
)
COUNT_HANG_UP = Table(
    "count_hang_up",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("node", Text, primary_key=True),
    Column("calls", Integer, nullable=False),
)
COUNT_RINGING = Table(
    "count_ringing",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("step", Integer, primary_key=True),  # of `RINGING_SECONDS`
    Column("calls", Integer, nullable=False),
)
COUNTS = (COUNT_LANGUAGE, COUNT_MATTER, COUNT_HOUR, COUNT_HANG_UP, COUNT_RINGING)
PASSING = (SEEN, FOLDED_CALL, DAY_KEY, URGENT_RING)
"""What no back-up may hold: it is gone within a day or two."""
