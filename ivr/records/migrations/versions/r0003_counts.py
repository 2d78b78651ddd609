"""What is seen of calls, and what is counted of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OUTCOME = (
    "outcome IN ('unanswered', 'hung_up_early', 'hung_up_ringing', 'informed', 'reached', 'pressed_nothing', "
    "'pressed_nothing_reached', 'met_closed', 'urgent_by_key', 'urgent_by_waiting', 'urgent_unanswered', 'emergency')"
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "seen",
        sa.Column("call", sa.Text, primary_key=True),
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("second", sa.Integer, nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("exit", sa.Text, nullable=False),
        sa.Column("key", sa.Boolean, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("matter", sa.Text),
        sa.Column("rings", sa.Text),
        sa.Column("missed", sa.Text),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("over", sa.Boolean, nullable=False),
        sa.Column("written", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_seen_written", "seen", ["written"])
    op.create_table(
        "folded_call", sa.Column("call", sa.Text, primary_key=True), sa.Column("at", sa.BigInteger, nullable=False)
    )
    op.create_index("ix_folded_call_at", "folded_call", ["at"])
    op.create_table(
        "day_key", sa.Column("day", sa.Date, primary_key=True), sa.Column("key", sa.LargeBinary, nullable=False)
    )
    op.create_table(
        "urgent_ring",
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("answered", sa.Boolean, nullable=False),
    )
    op.create_index("ix_urgent_ring_at", "urgent_ring", ["at"])
    _count(
        "count_language", sa.Column("day", sa.Date, primary_key=True), sa.Column("language", sa.Text, primary_key=True)
    )
    _count("count_matter", sa.Column("day", sa.Date, primary_key=True), sa.Column("matter", sa.Text, primary_key=True))
    _count(
        "count_hour",
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("weekday", sa.Integer, primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True),
    )
    op.create_table(
        "count_hang_up",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("node", sa.Text, primary_key=True),
        sa.Column("calls", sa.Integer, nullable=False),
    )
    op.create_table(
        "count_ringing",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("calls", sa.Integer, nullable=False),
    )


def _count(name: str, *by: sa.Column[object]) -> None:
    op.create_table(
        name,
        *by,
        sa.Column("outcome", sa.Text, primary_key=True),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.CheckConstraint(OUTCOME, name="outcome"),
    )
