"""New words of texts, tried on a copy of the site before anybody keeps or writes them: what `ivr check` would say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ivr.content.files import APPROVED, file_of
from ivr.content.load import load
from ivr.content.po_document import PoDocument
from ivr.content.po_reader import SPOKEN, read_document
from ivr.content.texts import Texts
from ivr.core.characters import CONTROL, code_of
from ivr.core.issue import Issue
from ivr.listening.reading_marks import needs_marks, without_marks, written
from ivr.proof.kept import IN_MEMORY
from ivr.proof.prove import settle

OF_SITE = ("*.yaml", "*.pot", "*.po")
LONGEST = 500
"""Letters of one text."""
NUMBER = re.compile(r"\d+(\.\d+)?")
Files = tuple[tuple[str, bytes], ...]
"""The files of a site, by name, without what native speakers have approved: new words are tried as if callers heard
them, whatever still waits for an approval."""


class NewWords(NamedTuple):
    """A text and its new words."""

    text_id: str
    words: str


class BrokenSite(Exception):
    """No text can be tried, as a file of the site is broken."""

    def __init__(self) -> None:
        super().__init__(
            "no text can be checked, as a file of the site is broken. Correct what `ivr check` tells first"
        )


class _Found(NamedTuple):
    """What `ivr check` says of a site. `whole`: whether no file is broken."""

    issues: tuple[Issue, ...]
    whole: bool


def read_site(folder: Path) -> Files:
    """The files of a site, as they are now. Raises OSError."""
    paths = {path for pattern in OF_SITE for path in folder.glob(pattern) if not path.name.endswith(APPROVED)}
    return tuple((path.name, path.read_bytes()) for path in sorted(paths))


def with_words(files: Files, texts: Texts, language: str, wanted: Iterable[NewWords]) -> Files:
    """The files with new words in them. Those of the source language stand in every file, so that no text is stale."""
    source, wanted = language == texts.languages.source, tuple(wanted)
    own = Path(file_of(texts.languages, language)).name
    changed = {}
    for name, data in files:
        if name == own or (source and name.endswith(".po")):
            document, _ = read_document(data, name)
            if document is None:  # told by `ivr check` already; nobody has texts of it to change
                continue
            for each in wanted:
                _put_english(document, each) if source else _put_words(document, texts, language, each)
            changed[name] = str(document).encode()
    return tuple((name, changed.get(name, data)) for name, data in files)


def _put_english(document: PoDocument, wanted: NewWords) -> None:
    """Put the new words of a source text into one file."""
    for entry in document.entries:
        if entry.id == wanted.text_id and not entry.obsolete:
            entry.msgid = wanted.words


def _put_words(document: PoDocument, texts: Texts, language: str, wanted: NewWords) -> None:
    """Put the new words of a text into the file of its language, as a translation of the English of today."""
    text, spoken = written(texts, language, wanted.text_id, wanted.words)
    for entry in document.entries:
        if entry.id == wanted.text_id and not entry.obsolete:
            entry.msgid, entry.msgstr = texts.sources[wanted.text_id].source, text
            entry.previous_msgid = entry.previous_msgctxt = None
            entry.mark_fuzzy(False)
            line = [f" {SPOKEN} {spoken}"] if spoken and spoken != text else []
            entry.notes = [*line, *(note for note in entry.notes if not note.strip().startswith(SPOKEN))]


def _new_issues(before: Files, after: Files, today: date) -> tuple[Issue, ...]:
    """What is wrong with a site that was not before: of its texts, and of the rules that their words may break.

    Another number in the same message is not new: a menu of 41 seconds that takes 42 was too long before.
    """
    known = set(map(_alike, _found(before, today).issues))
    return tuple(issue for issue in _found(after, today).issues if _alike(issue) not in known)


def _alike(issue: Issue) -> Issue:
    return replace(issue, message=NUMBER.sub("#", issue.message), line=0)


@lru_cache(maxsize=4)
def _found(files: Files, today: date) -> _Found:
    """All that is wrong with a site; seconds are estimated, as whoever speaks new words has not spoken them yet."""
    with TemporaryDirectory(prefix="ivr-texts-") as folder:
        for name, data in files:
            (Path(folder) / name).write_bytes(data)
        loaded = load(Path(folder), today)
    if loaded.content is None:
        return _Found(loaded.issues, False)
    # Where calls go is nearly always as before, as only words are new: then this takes a tenth of the time.
    settled = settle(loaded.content, today, None, "text", "walk", "flow", kept=IN_MEMORY)
    counterexamples = (issue for proof in settled.proofs for issue in proof.counterexamples)
    return _Found((*loaded.issues, *settled.notes, *counterexamples), True)


def faults(files: Files, texts: Texts, language: str, wanted: Iterable[NewWords], today: date) -> tuple[str, ...]:
    """What keeps new words from being texts, all at once, each with its remedy. It takes some seconds.

    Raises BrokenSite.
    """
    wanted = tuple(wanted)
    if wrong := [fault for each in wanted for fault in _by_itself(texts, language, each)]:
        return tuple(wrong)
    if not _found(files, today).whole:
        raise BrokenSite
    after = with_words(files, texts, language, wanted)
    return tuple(dict.fromkeys(f"{issue.message}. {issue.remedy}." for issue in _new_issues(files, after, today)))


def _by_itself(texts: Texts, language: str, wanted: NewWords) -> Iterator[str]:
    """What is wrong with new words before they are tried: no file could hold them, or no voice read them."""
    id_, words = wanted
    if not words:
        yield f"'{id_}' has no words. Write them."
    elif len(words) > LONGEST:
        yield f"'{id_}' has more than {LONGEST} letters. Write it shorter."
    elif hidden := CONTROL.search(words):
        yield f"'{id_}' has a character that nobody sees ({code_of(hidden[0])}). Type it again, do not paste."
    elif needs_marks(texts, language) and (bare := without_marks(words)):
        yield (
            f"'{id_}' has words without vowel marks: {' '.join(bare)}. Write their marks: a computer voice reads by "
            "them, and people are shown the words without."
        )
