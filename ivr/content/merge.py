"""Bring translations up to date with prompts.pot, entry by entry, by id (`msgctxt`). No translation is ever lost.

msgmerge of GNU gettext also matches entries of similar English, and would give "on Sunday" the translation of Monday.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polib

from ivr.content.files import SOURCE
from ivr.content.texts import Texts
from ivr.files import write_atomically


class Merged(NamedTuple):
    """The ids of one file that are new, became stale, are fresh again, and have no source any more."""

    added: tuple[str, ...]
    stale: tuple[str, ...]
    fresh: tuple[str, ...]
    gone: tuple[str, ...]


def open_po(path: Path) -> polib.POFile:
    """Open a PO file to change it. Lines are not wrapped, so that saving it changes nothing else."""
    return polib.pofile(path, wrapwidth=0, encoding="utf-8")


def merge(source: polib.POFile, translation: polib.POFile, wants: Callable[[str], bool]) -> Merged:
    """Give a translation the entries of its source, in the order of the source. Only wanted entries are added.

    An entry whose source has changed becomes fuzzy and keeps the sentence that was translated (`#| msgid`). One whose
    source has changed back is fresh again. One without a source becomes obsolete (`#~`), and returns with its source.
    """
    kept, repeated = _by_id(translation)
    stale_before = {id_ for id_, entry in kept.items() if entry.fuzzy}
    added, entries = list[str](), list[polib.POEntry]()
    for original in source:
        entry = kept.pop(original.msgctxt, None)
        if entry is None:
            if not wants(original.msgctxt):
                continue
            entry = polib.POEntry(msgctxt=original.msgctxt, msgid=original.msgid)
            added.append(original.msgctxt)
        _update_entry(entry, original)
        entries.append(entry)
    gone = [entry for entry in (*kept.values(), *repeated) if entry.msgstr]
    newly_gone = tuple(entry.msgctxt for entry in gone if not entry.obsolete)
    for entry in gone:
        _make_obsolete(entry)
    translation[:] = [*entries, *gone]
    stale = [entry.msgctxt for entry in entries if entry.fuzzy]
    fresh = [entry.msgctxt for entry in entries if not entry.fuzzy]
    return Merged(
        tuple(added),
        tuple(id_ for id_ in stale if id_ not in stale_before),
        tuple(id_ for id_ in fresh if id_ in stale_before),
        newly_gone,
    )


def _by_id(translation: polib.POFile) -> tuple[dict[str, polib.POEntry], list[polib.POEntry]]:
    """Each entry by its id, and the obsolete entries that repeat an id; other tools write such."""
    kept, repeated = dict[str, polib.POEntry](), list[polib.POEntry]()
    for entry in sorted(translation, key=lambda entry: entry.obsolete):
        if entry.msgctxt in kept:
            repeated.append(entry)
        else:
            kept[entry.msgctxt] = entry
    return kept, repeated


def _update_entry(entry: polib.POEntry, original: polib.POEntry) -> None:
    entry.obsolete, entry.comment = False, original.comment
    marked_by_translator = entry.fuzzy and not entry.previous_msgid  # stays fuzzy, whatever the source says
    if entry.msgid != original.msgid:
        translated_from = (entry.fuzzy and entry.previous_msgid) or entry.msgid
        entry.msgid, entry.previous_msgid = original.msgid, None
        if not marked_by_translator:
            changed = bool(entry.msgstr) and translated_from != original.msgid
            entry.previous_msgid = translated_from if changed else None
            _mark_fuzzy(entry, changed)


def _make_obsolete(entry: polib.POEntry) -> None:
    """Make an entry obsolete, under the sentence that was translated: polib does not read a previous one back."""
    entry.obsolete = True
    if entry.fuzzy and entry.previous_msgid:
        entry.msgid = entry.previous_msgid
        _mark_fuzzy(entry, False)
    entry.previous_msgid = None


def _mark_fuzzy(entry: polib.POEntry, fuzzy: bool) -> None:
    entry.flags = [*(["fuzzy"] if fuzzy else []), *(flag for flag in entry.flags if flag != "fuzzy")]


def save(file: polib.POFile, path: Path) -> bool:
    """Write a file, whole or not at all; return whether that changed it. Raises NotWritten."""
    written = str(file).rstrip("\n") + "\n"
    if path.is_file() and path.read_text(encoding="utf-8") == written:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, written.encode())
    return True


def update_language(folder: Path, texts: Texts, code: str, name: str) -> tuple[Merged, bool]:
    """Merge prompts.pot into the PO file of a language, made if it is not there; the bool says whether it changed."""
    path = folder / f"{code}.po"
    file = open_po(path) if path.is_file() else _empty_po(code, name)
    merged = merge(open_po(folder / Path(SOURCE).name), file, lambda id_: texts.wants(code, id_))
    return merged, save(file, path)


def _empty_po(code: str, name: str) -> polib.POFile:
    file = polib.POFile(wrapwidth=0)
    file.header = f" {name}. A draft until a native reader has signed it."
    file.metadata = {
        "Project-Id-Version": "kemi-guidance-line",
        "Language": code,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return file
