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
        sa.Column("schedule", sa.Text, nullable=False),
        sa.Column("begins", WHEN, nullable=False),
        sa.Column("ends", WHEN, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("closed_by", sa.Text, nullable=False),
        sa.Column("created", WHEN, nullable=False),
        sa.Column("withdrawn", WHEN),
        sa.Column("withdrawn_by", sa.Text),
        sa.CheckConstraint("begins < ends", name="forward"),
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
        sa.Column("closing", sa.Integer, nullable=False),
        sa.CheckConstraint("deed IN ('close', 'withdraw')", name="deed"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])
