"""What volunteers suggest, as texts: an editor accepts it as new words of texts, and these are written into the site.

Nothing here decides what callers hear of a safety sentence: new words of one wait for their approval (decision 17).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from ivr.content.files import po_name
from ivr.content.load import load
from ivr.content.merge import Unreadable
from ivr.content.texts import Texts
from ivr.core.prompts import slots_of
from ivr.files import alone, write_atomically
from ivr.listening.reading_marks import marked, needs_marks, written
from ivr.listening.sentence_texts import back_to_template, made_of, tidied
from ivr.listening.trial import BrokenSite, Files, NewWords, faults, read_site, with_words
from ivr.records.room import Gone, Room, Suggestion, TextChange

ENGLISH = "translations follow the English text, so a change of it makes all of them stale"
REJECTED = "Let it be suggested and accepted anew in other words"
BY_HAND = "Write it behind msgid in prompts.pot, then: ivr texts update. Translate the text anew in each language"


class TextOfSentence(NamedTuple):
    """One text of which a sentence is made. `words`: with reading marks, where its language needs these."""

    words: str
    english: str


@dataclass(frozen=True)
class RefusedChange:
    """A change that is not written: of which text, why, and the remedy; both without a full stop at the end."""

    text_id: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Applied:
    """What was written, or would be: `diff`: of the file, unified; `taken`, `refused`: which changes and which not."""

    diff: str
    taken: tuple[TextChange, ...] = ()
    refused: tuple[RefusedChange, ...] = ()
    written: bool = False


class NotAccepted(Exception):
    """New words that cannot be texts of the line. `faults`: what is wrong, each with its remedy, in English."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def texts_of(texts: Texts, language: str, sentence: str) -> Mapping[str, TextOfSentence]:
    """The texts of which a sentence is made, by id: its prompt first. Empty where there is no such sentence today."""
    if (made := made_of(texts, language, sentence)) is None:
        return {}
    ids = dict.fromkeys((made.prompt, *made.entries.values()))
    return {id_: TextOfSentence(_now(texts, language, id_), texts.sources[id_].source) for id_ in ids}


def _now(texts: Texts, language: str, id_: str) -> str:
    text = texts.wording(language, id_)
    return tidied((text.spoken if needs_marks(texts, language) else "") or text.translation)


def proposed(texts: Texts, language: str, suggestion: Suggestion) -> Mapping[str, str]:
    """The new words of the texts of a sentence, to begin with for the editor: the prompt with its slots.

    Where a value of a slot is not in the suggested words just as it is said, these are given as they are: the editor
    puts the slots in. Empty where there is no such sentence today.
    """
    if (made := made_of(texts, language, suggestion.sentence)) is None:
        return {}
    words, said = tidied(suggestion.words), texts.of(language)
    values = {slot: tidied(said.get(id_, "")) for slot, id_ in made.entries.items()}
    template = back_to_template(words, values, slots_of(said[made.prompt])) or words
    return {made.prompt: marked(texts, language, made.prompt, template) if needs_marks(texts, language) else template}


def accept(
    room: Room, folder: Path, language: str, suggestion: int, editor: int, words: Mapping[str, str], now: datetime
) -> tuple[TextChange, ...]:
    """Accept a suggestion as new words of texts, by id; the changes. It takes some seconds.

    Raises NotAccepted; OwnWork; Gone where it is not open any more, or the line does not say its sentence. `folder`: of
    the site, which is only read.
    """
    open_now = {each.id: each for each in room.suggestions(language) if each.stage == "open"}
    if suggestion not in open_now:
        raise Gone
    today = now.date()
    texts = load(folder, today).texts
    if texts is None:
        raise NotAccepted("the texts of the line cannot be read now. Tell the office.")
    changes = _changes(texts, language, open_now[suggestion].sentence, words)
    try:
        wrong = faults(read_site(folder), texts, language, _wanted(changes), today)
    except BrokenSite as broken:
        wrong = (str(broken),)
    if wrong:
        raise NotAccepted(*wrong)
    room.accept(suggestion, editor, changes, now)
    return changes


def _changes(texts: Texts, language: str, sentence: str, words: Mapping[str, str]) -> tuple[TextChange, ...]:
    """The texts whose words are new. Raises NotAccepted where none are, or one is no text of the sentence; Gone."""
    known = texts_of(texts, language, sentence)
    if not known:
        raise Gone
    if strange := sorted(words.keys() - known.keys()):
        raise NotAccepted(f"the sentence has no text {', '.join(strange)}. Change {' or '.join(known)}.")
    changes = tuple(
        TextChange(id_, known[id_].words, known[id_].english, new)
        for id_, each in words.items()
        if (new := tidied(each)) != known[id_].words
    )
    if not changes:
        raise NotAccepted("the words are those of today. Change them, or reject the suggestion.")
    return changes


def to_take(room: Room, texts: Texts, language: str) -> tuple[TextChange, ...]:
    """The accepted changes whose words are not in the texts now, in the order of the texts.

    So also those that a newer version of the program has written over. A text that has been translated anew since, from
    another English, is newer than what was accepted.
    """
    order = {id_: place for place, id_ in enumerate(texts.sources)}
    waiting = (change for change in room.accepted(language).values() if _waits(texts, language, change))
    return tuple(sorted(waiting, key=lambda change: (order.get(change.text_id, len(order)), change.text_id)))


def _waits(texts: Texts, language: str, change: TextChange) -> bool:
    if change.text_id not in texts.sources or texts.state(language, change.text_id) != "fresh":
        return True
    now = texts.wording(language, change.text_id)
    text, spoken = written(texts, language, *_want(change))
    there = now.translation == text and (now.spoken or text) == (spoken or text)
    return not there and now.source == change.english


def preview(folder: Path, language: str, changes: Iterable[TextChange], today: date) -> Applied:
    """What `apply` would write. Raises Unreadable, OSError and BrokenSite."""
    return _applied(folder, language, changes, today)[0]


def apply(folder: Path, language: str, changes: Iterable[TextChange], today: date) -> Applied:
    """Write accepted changes into the file of a language, whole or not at all; those that break a check are refused.

    Two who write at once wait for each other. Raises Unreadable, OSError (NotWritten) and BrokenSite. It takes seconds.
    """
    path = folder / Path(po_name(language)).name
    with alone(path):
        applied, data = _applied(folder, language, changes, today)
        if data is not None:
            write_atomically(path, data)
    return replace(applied, written=data is not None)


def _applied(folder: Path, language: str, changes: Iterable[TextChange], today: date) -> tuple[Applied, bytes | None]:
    """What is to be written, and the whole file; None where it stays as it is."""
    loaded = load(folder, today)
    if loaded.texts is None:
        raise Unreadable("\n".join(map(str, loaded.issues)))
    texts, files = loaded.texts, read_site(folder)
    good, refused = list[TextChange](), list[RefusedChange]()
    for change in changes:
        if reason := _not_of_today(texts, language, change):
            refused.append(RefusedChange(change.text_id, *reason))
        else:
            good.append(change)
    taken, wrong = _most_that_pass(files, texts, language, good, today)
    refused += wrong
    if not taken:
        return Applied("", refused=tuple(refused)), None
    name = Path(po_name(language)).name
    old, new = (dict(each)[name] for each in (files, with_words(files, texts, language, _wanted(taken))))
    return Applied(_diff(old, new, str(folder / name)), tuple(taken), tuple(refused)), new


def _not_of_today(texts: Texts, language: str, change: TextChange) -> tuple[str, str] | None:
    """Why a change cannot be taken whatever its words are, and the remedy."""
    id_ = change.text_id
    if language == texts.languages.source:
        return ENGLISH, BY_HAND
    if id_ not in texts.sources:
        return "the line has no such text any more", "Nothing is to be done: nobody hears it"
    if texts.sources[id_].source != change.english:
        why = f"its English has changed since it was accepted, from '{change.english}'"
        return why, f"Translate the new one in {po_name(language)}, or let it be suggested anew"
    if id_ not in texts.translations.get(language, {}):
        return f"{po_name(language)} has no such text", f"Type: ivr texts update {language}. Then type this again"
    return None


def _most_that_pass(
    files: Files, texts: Texts, language: str, changes: Sequence[TextChange], today: date
) -> tuple[list[TextChange], list[RefusedChange]]:
    """The changes that pass every check together, and those that do not: tried one by one where all of them do not."""
    if not changes or not faults(files, texts, language, _wanted(changes), today):
        return list(changes), []
    taken, refused = list[TextChange](), list[RefusedChange]()
    for change in changes:
        if wrong := faults(files, texts, language, _wanted([*taken, change]), today):
            refused.append(RefusedChange(change.text_id, " ".join(wrong).removesuffix("."), REJECTED))
        else:
            taken.append(change)
    return taken, refused


def _wanted(changes: Iterable[TextChange]) -> tuple[NewWords, ...]:
    return tuple(map(_want, changes))


def _want(change: TextChange) -> NewWords:
    return NewWords(change.text_id, change.words)


def _diff(old: bytes, new: bytes, name: str) -> str:
    before, after = (data.decode().splitlines(keepends=True) for data in (old, new))
    return "".join(difflib.unified_diff(before, after, name, name))
