"""A connection to PostgreSQL that is kept, as making one costs the server a process; after a fault, another is made."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ivr.records.faults import RecordsFault
from ivr.records.reach import ENCODING, NO_DRIVER, SECONDS, SLACK, Limit, fault, name_of_server

if TYPE_CHECKING:
    import psycopg


class KeptConnection:
    """`words`: those by which psycopg connects."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words, self.name = words, name_of_server(words.get("host"))
        self._kept: psycopg.Connection[tuple[Any, ...]] | None = None

    @contextmanager
    def used(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """It, for some seconds. RecordsFault if what is done with it fails."""
        try:
            import psycopg
        except ImportError:
            raise RecordsFault(*NO_DRIVER) from None
        try:
            connection = self._kept = self._kept or self._connect()
            limit = Limit(connection.fileno(), SECONDS + SLACK)
            try:
                yield connection
            finally:
                limit.end()
        except psycopg.Error as error:
            self.close()
            raise fault(self.name, error.sqlstate) from None

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        import psycopg

        logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # else it tells failures itself, with the user's name
        words: dict[str, Any] = {"connect_timeout": round(SECONDS), **self._words, "client_encoding": ENCODING}
        # Not prepared: that too would be left in a session that a pooler gives to others.
        return psycopg.connect(**words, autocommit=True, prepare_threshold=None)

    def close(self) -> None:
        """Let it go."""
        connection, self._kept = self._kept, None
        if connection:
            connection.close()
