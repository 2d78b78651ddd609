"""Closings, and who has made or withdrawn them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "closing",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token", sa.Uuid, nullable=False, unique=True),
        sa.Column("schedule", sa.Text),
        sa.Column("hours", sa.Text),
        sa.Column("contact", sa.Text),
        sa.Column("label", sa.Text),
        sa.Column("begins", WHEN, nullable=False),
        sa.Column("ends", WHEN, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("closed_by", sa.Text, nullable=False),
        sa.Column("created", WHEN, nullable=False),
        sa.Column("withdrawn", WHEN),
        sa.Column("withdrawn_by", sa.Text),
        sa.CheckConstraint("begins < ends", name="forward"),
        sa.CheckConstraint("(schedule IS NULL) = (hours IS NULL)", name="hours"),
        sa.CheckConstraint("(contact IS NULL) = (label IS NULL)", name="stand_in"),
        sa.CheckConstraint("(schedule IS NULL) <> (contact IS NULL)", name="kind"),
        sa.CheckConstraint("(withdrawn IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
        sa.CheckConstraint("why IN ('no-staff', 'meeting', 'technical', 'other')", name="why"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_closing_ends", "closing", ["ends"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("done_by", sa.Text, nullable=False),
        sa.Column("deed", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.CheckConstraint(
            "deed IN ('close', 'withdraw', 'add', 'remove', 'role', 'password', 'reset', 'sign-out')", name="deed"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])
