"""The room's records in memory, for tests of what reads them: it keeps every rule that these tests need."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from ivr.records.people import name_key
from ivr.records.room import (
    INVITED,
    Change,
    Consent,
    Entry,
    Gone,
    Hearing,
    Kind,
    NewInvitation,
    NoConsent,
    OneKindOnly,
    OwnWork,
    Reading,
    Room,
    RoomDeed,
    RoomEvent,
    Suggestion,
    Take,
    Verdict,
    Visit,
    Volunteer,
)


class MemoryRoom(Room):
    """One process's room: lists and nothing else."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._volunteers: dict[int, Volunteer] = {}
        self._takes: list[Take] = []
        self._hearings: list[Hearing] = []
        self._suggestions: list[Suggestion] = []
        self._events: list[RoomEvent] = []

    # --- invitations ---

    def invite(
        self, language: str, name: str, kind: Kind, by: str, now: datetime, good_for: timedelta = INVITED
    ) -> NewInvitation:
        if not name.strip():
            raise ValueError(name)
        for each in self._volunteers.values():
            if each.language == language and name_key(each.name) == name_key(name):
                if each.kind != kind:
                    raise OneKindOnly
                return self.renew(each.id, by, now, good_for)
        id_ = next(self._ids)
        self._volunteers[id_] = Volunteer(id_, language, kind, name.strip(), now, now + good_for)
        self.note("invite", language, name, by, now)
        return NewInvitation(self._volunteers[id_], f"token-{id_}")

    def renew(self, id: int, by: str, now: datetime, good_for: timedelta = INVITED) -> NewInvitation:
        made = self._volunteers[id] = replace(self._one(id), ends=now + good_for, ended=None)
        self.note("renew", made.language, made.name, by, now)
        return NewInvitation(made, f"token-{id}-again")

    def end(self, id: int, by: str, now: datetime) -> None:
        made = self._volunteers[id] = replace(self._one(id), ended=now)
        self.note("end", made.language, made.name, by, now)

    def volunteers(self, language: str | None = None) -> tuple[Volunteer, ...]:
        found = [each for each in self._volunteers.values() if language in (None, each.language)]
        return tuple(sorted(found, key=lambda each: (each.language, each.name)))

    def _one(self, id: int) -> Volunteer:
        if id not in self._volunteers:
            raise Gone
        return self._volunteers[id]

    # --- a visit ---

    def enter(self, token: str, device: str, now: datetime) -> Entry:
        raise NotImplementedError

    def visit(self, session_token: str, now: datetime) -> Visit:
        raise NotImplementedError

    def agree(self, id: int, version: str, read_in: str, now: datetime, *, named: bool) -> None:
        self._volunteers[id] = replace(self._one(id), consent=Consent(version, read_in, named, now))

    # --- what is left there ---

    def keep_take(
        self, id: int, take: str, sentence: str, text: str, sha256: str, seconds: float, now: datetime
    ) -> Take:
        by = self._one(id)
        if by.consent is None:
            raise NoConsent
        self._takes = [
            replace(each, replaced=now) if (each.volunteer, each.sentence) == (id, sentence) else each
            for each in self._takes
        ]
        kept = Take(next(self._ids), id, by.language, sentence, text, take, sha256, seconds, now)
        self._takes.append(kept)
        return kept

    def takes(self, language: str) -> tuple[Take, ...]:
        return tuple(each for each in self._takes if each.language == language)

    def read(self, id: int, sentence: str, text: str, verdict: Verdict, now: datetime) -> None:
        raise NotImplementedError

    def readings(self, language: str) -> tuple[Reading, ...]:
        raise NotImplementedError

    def suggest(self, id: int, sentence: str, text: str, words: str, now: datetime) -> Suggestion:
        made = Suggestion(next(self._ids), id, self._one(id).language, sentence, text, words, now)
        self._suggestions.insert(0, made)
        return made

    def suggestions(self, language: str) -> tuple[Suggestion, ...]:
        return tuple(each for each in self._suggestions if each.language == language)

    def accept(self, suggestion: int, editor: int, changes: tuple[Change, ...], now: datetime) -> None:
        self._suggestions = [
            replace(each, stage="accepted", changes=changes, decided_by=editor, decided=now)
            if each.id == suggestion
            else each
            for each in self._suggestions
        ]

    def reject(self, suggestion: int, editor: int, now: datetime) -> None:
        raise NotImplementedError

    def accepted(self, language: str) -> Mapping[str, Change]:
        found = [each for each in self.suggestions(language)[::-1] if each.stage == "accepted"]
        return {change.text_id: change for each in found for change in each.changes}

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
    ) -> Hearing:
        by = self._one(reader)
        if by.kind != "reader":
            raise OwnWork
        self._hearings = [each for each in self._hearings if (each.reader, each.sha256) != (reader, sha256)]
        made = Hearing(next(self._ids), reader, by.language, sentence, text, sha256, meaning, spoken, approved, now)
        self._hearings.insert(0, made)
        return made

    def hearings(self, language: str) -> tuple[Hearing, ...]:
        return tuple(each for each in self._hearings if each.language == language)

    # --- what the office does, and what goes ---

    def note(self, deed: RoomDeed, language: str, about: str, by: str, now: datetime) -> None:
        self._events.append(RoomEvent(now, by, deed, language, about))

    def events(self, since: datetime) -> tuple[RoomEvent, ...]:
        return tuple(each for each in self._events if each.at >= since)

    def voice_files(self, id: int) -> tuple[str, ...]:
        own = [each.file for each in self._takes if each.volunteer == id]
        return (*own, *(each.spoken for each in self._hearings if each.reader == id and each.spoken))

    def forget_voice(self, id: int, by: str | None, now: datetime) -> None:
        gone = {each.sha256 for each in self._takes if each.volunteer == id}
        self._takes = [each for each in self._takes if each.volunteer != id]
        self._hearings = [each for each in self._hearings if each.sha256 not in gone]
        made = self._volunteers[id] = replace(self._one(id), consent=None, ended=now)
        self._volunteers[id] = replace(made, name=made.voice)
        self.note("withdraw", made.language, made.voice, by or "", now)

    def unused(self, language: str, heard: frozenset[str], now: datetime) -> tuple[Take, ...]:
        raise NotImplementedError

    def forget_takes(self, ids: tuple[int, ...]) -> None:
        self._takes = [each for each in self._takes if each.id not in ids]

    def forget(self, now: datetime) -> None:
        raise NotImplementedError


def file_of(data: bytes, number: int) -> str:
    """A name for the file of a take, as the page makes one: 32 hex digits."""
    return hashlib.sha256(data + str(number).encode()).hexdigest()[:32]
