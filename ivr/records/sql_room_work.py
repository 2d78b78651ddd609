"""The part of the room's records that keeps what volunteers leave there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.records.mirror import in_utc
from ivr.records.room import (
    RECORDERS,
    VERDICTS,
    Gone,
    NoConsent,
    OwnWork,
    Reading,
    RoomDeed,
    SecondHearing,
    Stage,
    Suggestion,
    Take,
    TextChange,
    Verdict,
)
from ivr.records.room_rows import alone, fit_words, note
from ivr.records.room_tables import CHANGE, HEARING, READING, SUGGESTION, TAKE, VOLUNTEER
from ivr.records.sql_room_people import SqlInvited


class SqlLeft(SqlInvited):
    """Takes, verdicts, suggestions and hearings in SQLite or PostgreSQL."""

    def keep_take(
        self, id: int, take: str, sentence: str, text: str, sha256: str, seconds: float, now: datetime
    ) -> Take:
        """See `Room.keep_take`."""
        row = {"volunteer_id": id, "sentence": sentence, "text": text, "file": take, "sha256": sha256}
        row |= {"seconds": seconds, "at": in_utc(now)}
        try:
            with self._database.transaction() as connection:
                speaker = _recorder(connection, id)
                if speaker.consent_at is None:
                    raise NoConsent
                if again := connection.execute(select(TAKE).where(TAKE.c.file == take)).one_or_none():
                    if again.volunteer_id != id:
                        raise Gone
                    return as_take(again)
                earlier = (TAKE.c.volunteer_id == id) & (TAKE.c.sentence == sentence) & TAKE.c.replaced.is_(None)
                connection.execute(update(TAKE).where(earlier).values(replaced=in_utc(now)))
                made = insert(TAKE).values(row | {"language": speaker.language}).returning(TAKE)
                return as_take(connection.execute(made).one())
        except IntegrityError:  # somebody else has just kept a file of this name
            raise Gone from None

    def takes(self, language: str) -> tuple[Take, ...]:
        """See `Room.takes`."""
        chosen = select(TAKE).join_from(TAKE, VOLUNTEER).where(TAKE.c.language == language)
        chosen = chosen.where(VOLUNTEER.c.withdrawn.is_(None)).order_by(TAKE.c.id)
        with self._database.transaction() as connection:
            return tuple(map(as_take, connection.execute(chosen)))

    def read(self, id: int, sentence: str, text: str, verdict: Verdict, now: datetime) -> None:
        """See `Room.read`."""
        if verdict not in VERDICTS:
            raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}")
        of_it = (READING.c.volunteer_id == id) & (READING.c.sentence == sentence) & (READING.c.text == text)
        row = {"volunteer_id": id, "sentence": sentence, "text": text, "verdict": verdict, "at": in_utc(now)}
        with self._database.transaction() as connection:
            row["language"] = _recorder(connection, id).language
            connection.execute(delete(READING).where(of_it))
            connection.execute(insert(READING).values(row))

    def readings(self, language: str) -> tuple[Reading, ...]:
        """See `Room.readings`."""
        chosen = select(READING).where(READING.c.language == language).order_by(READING.c.id)
        with self._database.transaction() as connection:
            return tuple(
                Reading(row.volunteer_id, row.sentence, row.text, row.verdict, row.at)
                for row in connection.execute(chosen)
            )

    def suggest(self, id: int, sentence: str, text: str, words: str, now: datetime) -> Suggestion:
        """See `Room.suggest`."""
        words = fit_words(words)
        if not words:
            raise ValueError("a suggestion has words")
        of_it = (SUGGESTION.c.volunteer_id == id) & (SUGGESTION.c.sentence == sentence)
        row = {"volunteer_id": id, "sentence": sentence, "text": text, "words": words, "at": in_utc(now)}
        with self._database.transaction() as connection:
            language = _recorder(connection, id).language
            connection.execute(delete(SUGGESTION).where(of_it & (SUGGESTION.c.stage == "open")))
            made = insert(SUGGESTION).values(row | {"language": language, "stage": "open"}).returning(SUGGESTION)
            return _suggestion(connection.execute(made).one(), ())

    def suggestions(self, language: str) -> tuple[Suggestion, ...]:
        """See `Room.suggestions`."""
        chosen = select(SUGGESTION).where(SUGGESTION.c.language == language).order_by(SUGGESTION.c.id.desc())
        theirs = select(CHANGE).join_from(CHANGE, SUGGESTION).where(SUGGESTION.c.language == language)
        changes = dict[int, list[TextChange]]()
        with self._database.snapshot() as connection:
            for row in connection.execute(theirs.order_by(CHANGE.c.id)):
                changes.setdefault(row.suggestion_id, []).append(_change(row))
            return tuple(_suggestion(row, tuple(changes.get(row.id, ()))) for row in connection.execute(chosen))

    def accept(self, suggestion: int, editor: int, changes: tuple[TextChange, ...], now: datetime) -> None:
        """See `Room.accept`."""
        rows = [{"suggestion_id": suggestion, **asdict(each)} for each in changes]
        if not rows:
            raise ValueError("what is accepted changes a text")
        with self._database.transaction() as connection:
            _decide(connection, suggestion, editor, "accepted", "accept", in_utc(now))
            connection.execute(insert(CHANGE), rows)

    def reject(self, suggestion: int, editor: int, now: datetime) -> None:
        """See `Room.reject`."""
        with self._database.transaction() as connection:
            _decide(connection, suggestion, editor, "rejected", "reject", in_utc(now))

    def accepted(self, language: str) -> Mapping[str, TextChange]:
        """See `Room.accepted`."""
        chosen = select(CHANGE).join_from(CHANGE, SUGGESTION).where(SUGGESTION.c.language == language)
        with self._database.transaction() as connection:
            found = connection.execute(chosen.order_by(SUGGESTION.c.decided, CHANGE.c.id))
            return {row.text_id: _change(row) for row in found}

    def hear(
        self,
        reader: int,
        sentence: str,
        text: str,
        sha256: str,
        meaning: str,
        spoken: str | None,
        now: datetime,
        *,
        approved: bool,
    ) -> SecondHearing:
        """See `Room.hear`."""
        meaning = fit_words(meaning)
        if not (meaning or spoken):
            raise ValueError("a meaning is written or spoken")
        row = {"volunteer_id": reader, "sentence": sentence, "text": text, "sha256": sha256, "meaning": meaning}
        row |= {"spoken": spoken, "approved": approved, "at": in_utc(now)}
        same = (HEARING.c.volunteer_id == reader) & (HEARING.c.sentence == sentence) & (HEARING.c.sha256 == sha256)
        with self._database.transaction() as connection:
            who = alone(connection, reader)
            if who.kind != "reader":
                raise OwnWork
            if spoken and who.consent_at is None:
                raise NoConsent
            connection.execute(delete(HEARING).where(same))
            made = insert(HEARING).values(row | {"language": who.language}).returning(HEARING)
            return _hearing(connection.execute(made).one())

    def hearings(self, language: str) -> tuple[SecondHearing, ...]:
        """See `Room.hearings`."""
        chosen = select(HEARING).where(HEARING.c.language == language).order_by(HEARING.c.id.desc())
        with self._database.transaction() as connection:
            return tuple(map(_hearing, connection.execute(chosen)))


def _recorder(connection: Connection, id: int) -> Row[Any]:
    """Somebody who may record, judge and suggest; locked. A reader may not: then there was text to see."""
    row = alone(connection, id)
    if row.kind not in RECORDERS:
        raise OwnWork
    return row


def _decide(connection: Connection, suggestion: int, editor: int, stage: Stage, deed: RoomDeed, now: datetime) -> None:
    """Gone if it is decided already: of two editors at once the first has decided."""
    who = alone(connection, editor)
    is_open = (SUGGESTION.c.id == suggestion) & (SUGGESTION.c.stage == "open")
    values = {"stage": stage, "decided_by": editor, "decided": now}
    row = connection.execute(update(SUGGESTION).where(is_open).values(values).returning(SUGGESTION)).one_or_none()
    if row is None:
        raise Gone
    if who.kind != "editor" or who.language != row.language or row.volunteer_id == editor:
        raise OwnWork
    note(connection, now, who.name, deed, row.language, row.sentence, editor)


def as_take(row: Row[Any]) -> Take:
    """A take as a value."""
    return Take(
        id=row.id,
        volunteer=row.volunteer_id,
        language=row.language,
        sentence=row.sentence,
        text=row.text,
        file=row.file,
        sha256=row.sha256,
        seconds=row.seconds,
        at=row.at,
        replaced=row.replaced,
    )


def _change(row: Row[Any]) -> TextChange:
    return TextChange(row.text_id, row.base, row.english, row.words)


def _suggestion(row: Row[Any], changes: tuple[TextChange, ...]) -> Suggestion:
    return Suggestion(
        id=row.id,
        volunteer=row.volunteer_id,
        language=row.language,
        sentence=row.sentence,
        text=row.text,
        words=row.words,
        at=row.at,
        stage=row.stage,
        changes=changes,
        decided_by=row.decided_by,
        decided=row.decided,
    )


def _hearing(row: Row[Any]) -> SecondHearing:
    return SecondHearing(
        id=row.id,
        reader=row.volunteer_id,
        language=row.language,
        sentence=row.sentence,
        text=row.text,
        sha256=row.sha256,
        meaning=row.meaning,
        spoken=row.spoken,
        approved=row.approved,
        at=row.at,
    )
