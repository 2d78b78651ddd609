"""Volunteers and an editor, as tests need them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ivr.content.texts import Texts
from ivr.core.script import to_record
from ivr.listening.suggested import accept
from ivr.records.room import Room, Suggestion, TextChange
from tests.conftest import TODAY
from tests.content.conftest import Prompts

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 10, tzinfo=UTC)


def texts_of_site(site: Prompts) -> Texts:
    """All texts as they are written now."""
    texts = site.load().texts
    assert texts
    return texts


def said(site: Prompts, language: str, sentence: str) -> str:
    """A sentence with its slots filled, as a volunteer reads it."""
    content = site.load().content
    assert content
    return next(each.text for each in to_record(content, TODAY, language) if each.id == sentence)


def suggested(room: Room, language: str, sentence: str, words: str, text: str = "as it was") -> Suggestion:
    """What a volunteer would say."""
    volunteer = room.invite(language, "Hodan Cali", "voice", "Anna", NOW).volunteer
    return room.suggest(volunteer.id, sentence, text, words, NOW)


def editor(room: Room, language: str) -> int:
    """The number of the editor of a language."""
    return room.invite(language, "Cabdi Faarax", "editor", "Anna", NOW).volunteer.id


def accepted(
    room: Room, site: Prompts, language: str, sentence: str, words: Mapping[str, str]
) -> tuple[TextChange, ...]:
    """The editor accepts a suggestion, as these words of texts."""
    suggestion = suggested(room, language, sentence, "as I would say it")
    return accept(room, site.folder, language, suggestion.id, editor(room, language), words, NOW)


def accepted_unchecked(room: Room, texts: Texts, language: str, id_: str, words: str) -> TextChange:
    """Words that were accepted while they kept every rule: the site has changed since."""
    change = TextChange(id_, texts.wording(language, id_).translation, texts.sources[id_].source, words)
    suggestion = suggested(room, language, id_, words)
    room.accept(suggestion.id, editor(room, language), (change,), NOW)
    return change
