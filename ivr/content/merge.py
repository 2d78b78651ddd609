"""Bring translations up to date with prompts.pot, entry by entry, by id (`msgctxt`). No translation is ever lost.

msgmerge of GNU gettext also matches entries of similar English, and would give "on Sunday" the translation of Monday.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ivr.content.files import SOURCE
from ivr.content.po_document import Entry, PoDocument
from ivr.content.po_reader import read_document
from ivr.content.texts import Texts
from ivr.files import write_atomically


class Merged(NamedTuple):
    """The ids of one file that are new, became stale, are fresh again, and have no source any more."""

    added: tuple[str, ...]
    stale: tuple[str, ...]
    fresh: tuple[str, ...]
    gone: tuple[str, ...]


class Unreadable(Exception):
    """A PO file cannot be read, or could not once it is written: the message says where, why and the remedy."""


def open_po(path: Path) -> PoDocument:
    """Open a PO file to change it. Raises Unreadable before anything is changed."""
    return _read(path.read_bytes(), path)


def _read(data: bytes, path: Path) -> PoDocument:
    document, issues = read_document(data, f"prompts/{path.name}")
    if document is None:
        raise Unreadable("\n".join(map(str, issues)))
    return document


def merge(source: PoDocument, translation: PoDocument, wants: Callable[[str], bool]) -> Merged:
    """Give a translation the entries of its source, in the order of the source. Only wanted entries are added.

    An entry whose source has changed becomes fuzzy and keeps the sentence that was translated (`#| msgid`). One whose
    source has changed back is fresh again. One without a source becomes obsolete (`#~`), and returns with its source.
    """
    kept, repeated = _by_id(translation)
    stale_before = {id_ for id_, entry in kept.items() if entry.fuzzy}
    added, entries = list[str](), list[Entry]()
    for original in source.entries:
        if original.obsolete:
            continue
        entry = kept.pop(original.id, None)
        if entry is None:
            if not wants(original.id):
                continue
            entry = Entry(original.id, original.msgid)
            added.append(original.id)
        _update_entry(entry, original)
        entries.append(entry)
    gone = [entry for entry in (*kept.values(), *repeated) if entry.msgstr or entry.notes]
    newly_gone = tuple(entry.id for entry in gone if not entry.obsolete)
    for entry in gone:
        if not entry.obsolete:
            _set_aside(entry)
    translation.entries = [*entries, *gone]
    stale = [entry.id for entry in entries if entry.fuzzy]
    fresh = [entry.id for entry in entries if not entry.fuzzy]
    return Merged(
        tuple(added),
        tuple(id_ for id_ in stale if id_ not in stale_before),
        tuple(id_ for id_ in fresh if id_ in stale_before),
        newly_gone,
    )


def _by_id(translation: PoDocument) -> tuple[dict[str, Entry], list[Entry]]:
    """Each entry by its id, and the obsolete entries that repeat an id; other tools write such."""
    kept, repeated = dict[str, Entry](), list[Entry]()
    for entry in sorted(translation.entries, key=lambda entry: entry.obsolete):
        if entry.id in kept:
            repeated.append(entry)
        else:
            kept[entry.id] = entry
    return kept, repeated


def _update_entry(entry: Entry, original: Entry) -> None:
    entry.obsolete, entry.extracted = False, list(original.extracted)
    marked_by_translator = entry.fuzzy and not entry.previous_msgid  # stays fuzzy, whatever the source says
    if entry.msgid != original.msgid:
        translated_from = (entry.fuzzy and entry.previous_msgid) or entry.msgid
        entry.msgid, entry.previous_msgid, entry.previous_msgctxt = original.msgid, None, None
        if not marked_by_translator:
            changed = bool(entry.msgstr) and translated_from != original.msgid
            entry.previous_msgid = translated_from if changed else None
            entry.mark_fuzzy(changed)


def _set_aside(entry: Entry) -> None:
    """Make an entry obsolete, under the sentence that was translated, so that it can return with that."""
    entry.obsolete, entry.extracted = True, []
    if entry.fuzzy and entry.previous_msgid:
        entry.msgid = entry.previous_msgid
        entry.mark_fuzzy(False)
    entry.previous_msgid = entry.previous_msgctxt = None


def save(file: PoDocument, path: Path) -> bool:
    """Write a file, whole or not at all; return whether that changed it. Raises NotWritten and Unreadable."""
    written = str(file).encode()
    if path.is_file() and path.read_bytes() == written:
        return False
    _read(written, path)  # what could not be read again is not written
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, written)
    return True


def update_language(folder: Path, texts: Texts, code: str, name: str) -> tuple[Merged, bool]:
    """Merge prompts.pot into the PO file of a language, made if it is not there; the bool says whether it changed."""
    path = folder / f"{code}.po"
    file = open_po(path) if path.is_file() else _empty_po(name, code)
    merged = merge(open_po(folder / Path(SOURCE).name), file, lambda id_: texts.wants(code, id_))
    return merged, save(file, path)


def _empty_po(name: str, code: str) -> PoDocument:
    fields = {
        "Project-Id-Version": "kemi-guidance-line",
        "Language": code,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return PoDocument(fields, Entry(None, "", notes=[f"  {name}. A draft until a native speaker has signed it."]))
