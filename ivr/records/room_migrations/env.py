"""Alembic runs this; `ivr.records.schema` gives it a connection that is within a transaction, and commits it."""

from __future__ import annotations

from alembic import context

from ivr.records.room_tables import ROOM_METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ROOM_METADATA,
    render_as_batch=True,  # SQLite cannot alter a table: Alembic makes it anew
)
with context.begin_transaction():
    context.run_migrations()
