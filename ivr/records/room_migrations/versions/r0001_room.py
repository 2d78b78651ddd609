"""Who is invited to the room, and what they leave there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "room_0001"
down_revision = None
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
PERSONAL = {
    "volunteer": ("name", "name_key"),
    "visit": ("device_name",),
    "take": ("file", "sha256"),
    "hearing": ("sha256", "meaning", "spoken"),
    "event": ("done_by", "about"),
}
"""PostgreSQL copies examples of what a column holds into its statistics, where nobody deletes them."""


def upgrade() -> None:
    """Make the first tables."""
    _people()
    _takes()
    _suggestions()
    _hearings_and_events()
    if op.get_context().dialect.name == "postgresql":
        for table, columns in PERSONAL.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _of_volunteer() -> sa.Column[int]:
    return sa.Column("volunteer_id", sa.Integer, sa.ForeignKey("volunteer.id"), nullable=False)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _people() -> None:
    op.create_table(
        "volunteer",
        _id(),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text),
        sa.Column("invited", WHEN, nullable=False),
        sa.Column("ends", WHEN, nullable=False),
        sa.Column("ended", WHEN),
        sa.Column("consent_version", sa.Text),
        sa.Column("consent_read_in", sa.Text),
        sa.Column("consent_named", sa.Boolean),
        sa.Column("consent_at", WHEN),
        sa.Column("withdrawn", WHEN),
        sa.Column("forgotten", sa.Boolean, nullable=False),
        sa.CheckConstraint("kind IN ('voice', 'reader', 'editor')", name="kind"),
        sa.CheckConstraint("(name_key IS NULL) = (withdrawn IS NOT NULL)", name="name_key"),
        sa.CheckConstraint("withdrawn IS NULL OR (ended IS NOT NULL AND consent_at IS NULL)", name="withdrawn"),
        sa.CheckConstraint(
            "(consent_at IS NULL) = (consent_version IS NULL) AND (consent_at IS NULL) = (consent_read_in IS NULL) "
            "AND (consent_at IS NULL) = (consent_named IS NULL)",
            name="consent",
        ),
        sa.UniqueConstraint("language", "name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "token",
        _id(),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        _of_volunteer(),
        sa.Column("devices", sa.Integer, nullable=False),
        sa.Column("ended", WHEN),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "visit",
        _id(),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        _of_volunteer(),
        sa.Column("device", sa.Integer, nullable=False),
        sa.Column("device_name", sa.Text, nullable=False),
        sa.Column("begun", WHEN, nullable=False),
        sa.Column("ended", WHEN),
        sqlite_autoincrement=True,
    )
    _index("token", "volunteer_id")
    _index("visit", "volunteer_id")


def _takes() -> None:
    op.create_table(
        "take",
        _id(),
        _of_volunteer(),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False, unique=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("replaced", WHEN),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reading",
        _id(),
        _of_volunteer(),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.CheckConstraint("verdict IN ('right', 'wrong')", name="verdict"),
        sqlite_autoincrement=True,
    )
    _index("take", "volunteer_id", "language")
    _index("reading", "volunteer_id", "language")


def _suggestions() -> None:
    op.create_table(
        "suggestion",
        _id(),
        _of_volunteer(),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Integer, sa.ForeignKey("volunteer.id")),
        sa.Column("decided", WHEN),
        sa.CheckConstraint("stage IN ('open', 'accepted', 'rejected')", name="stage"),
        sa.CheckConstraint("(stage = 'open') = (decided IS NULL)", name="decided"),
        sa.CheckConstraint("(decided IS NULL) = (decided_by IS NULL)", name="decided_by"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "change",
        _id(),
        sa.Column("suggestion_id", sa.Integer, sa.ForeignKey("suggestion.id"), nullable=False),
        sa.Column("text_id", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("english", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    _index("suggestion", "volunteer_id", "language")
    _index("change", "suggestion_id")


def _hearings_and_events() -> None:
    op.create_table(
        "hearing",
        _id(),
        _of_volunteer(),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("meaning", sa.Text, nullable=False),
        sa.Column("spoken", sa.Text),
        sa.Column("approved", sa.Boolean, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.CheckConstraint("meaning <> '' OR spoken IS NOT NULL", name="meaning"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "event",
        _id(),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("done_by", sa.Text, nullable=False),
        sa.Column("by_volunteer", sa.Integer),
        sa.Column("deed", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.CheckConstraint(
            "deed IN ('invite', 'renew', 'end', 'withdraw', 'use', 'off', 'accept', 'reject', 'take')", name="deed"
        ),
        sqlite_autoincrement=True,
    )
    _index("hearing", "volunteer_id", "language", "sha256")
    _index("event", "at")
