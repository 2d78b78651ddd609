"""A room that keeps suggestions in memory, for whoever looks at nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from ivr.records.room import Change, OwnWork, Room, Suggestion


class SuggestionBox:
    """What volunteers of all languages have suggested, and what was accepted of it."""

    def __init__(self) -> None:
        self._all: dict[int, Suggestion] = {}

    @classmethod
    def as_room(cls) -> Room:
        """Such a room; it can do no more."""
        return cast("Room", cls())

    def put(self, language: str, sentence: str, text: str, words: str, now: datetime, volunteer: int = 1) -> Suggestion:
        """Somebody suggests something."""
        new = Suggestion(len(self._all) + 1, volunteer, language, sentence, text, words, now)
        self._all[new.id] = new
        return new

    def suggestions(self, language: str) -> tuple[Suggestion, ...]:
        return tuple(each for each in reversed(self._all.values()) if each.language == language)

    def accept(self, suggestion: int, editor: int, changes: tuple[Change, ...], now: datetime) -> None:
        if self._all[suggestion].volunteer == editor:
            raise OwnWork
        self._all[suggestion] = replace(
            self._all[suggestion], stage="accepted", changes=changes, decided_by=editor, decided=now
        )

    def accepted(self, language: str) -> Mapping[str, Change]:
        return {change.text_id: change for each in reversed(self.suggestions(language)) for change in each.changes}
