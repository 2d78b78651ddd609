"""What an editor does besides: accepts what others have suggested, as new words of texts, or rejects it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort

from ivr.listening.suggested import NotAccepted, accept, proposed, texts_of
from ivr.records.room import Suggestion, Visit
from ivr.room.access import content, may, reception, visit
from ivr.room.told import NOTHING, Answer, said
from ivr.room.uploads import LONGEST_TEXT, body

MOST_CHANGES = 20
"""Texts that one sentence is made of; none is made of more."""


def editors_state(editor: Visit) -> dict[str, Any]:
    """What waits for an editor: each suggestion, with the texts that its sentence is made of."""
    me, sentences = editor.volunteer, content().sentences(editor.volunteer.language)
    waiting = [each for each in reception().room.suggestions(me.language) if each.stage == "open"]
    return {"suggestions": [_told(each, me.id) for each in waiting if each.sentence in sentences]}


def _told(suggestion: Suggestion, editor: int) -> dict[str, Any]:
    texts, language = content().texts, suggestion.language
    return {
        "id": suggestion.id,
        "sentence": suggestion.sentence,
        "text": suggestion.text,
        "words": suggestion.words,
        "meaning": dict(content().sentences(language)[suggestion.sentence].meaning),
        "own": suggestion.volunteer == editor,
        "proposed": dict(proposed(texts, language, suggestion)),
        "texts": {
            id_: {"words": each.words, "english": each.english}
            for id_, each in texts_of(texts, language, suggestion.sentence).items()
        },
    }


def add_editing(pages: Blueprint) -> None:
    """Add the views to the pages of a room."""

    @pages.post("/suggestions/<row:suggestion>/accept")
    @may("editor")
    def accept_suggestion(suggestion: int) -> Answer | tuple[str, int]:
        me, here = visit().volunteer, reception()
        try:
            accept(here.room, here.site.folder, me.language, suggestion, me.id, _changes(), here.now())
        except NotAccepted as error:
            return said(HTTPStatus.UNPROCESSABLE_ENTITY, faults=[*error.faults])
        return NOTHING

    @pages.post("/suggestions/<row:suggestion>/reject")
    @may("editor")
    def reject(suggestion: int) -> tuple[str, int]:
        me, here = visit().volunteer, reception()
        if suggestion not in {each.id for each in here.room.suggestions(me.language)}:
            abort(HTTPStatus.NOT_FOUND)
        here.room.reject(suggestion, me.id, here.now())
        return NOTHING


def _changes() -> dict[str, str]:
    changes = body().get("changes")
    if not isinstance(changes, dict) or len(changes) > MOST_CHANGES:
        abort(HTTPStatus.BAD_REQUEST)
    for words in changes.values():
        if not isinstance(words, str) or len(words) > LONGEST_TEXT:
            abort(HTTPStatus.BAD_REQUEST)
    return changes
