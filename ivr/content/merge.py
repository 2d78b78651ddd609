"""Bring translations up to date with their source, entry by entry, by id: nothing that was translated is ever lost.

Other tools match by English text, and give "on Sunday" the translation of Monday.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polib

from ivr.files import write_atomically


class Merged(NamedTuple):
    """What became of one file: ids that are new, that became stale, that are fresh again, that nothing says now."""

    added: tuple[str, ...]
    stale: tuple[str, ...]
    fresh: tuple[str, ...]
    gone: tuple[str, ...]


def open_po(path: Path) -> polib.POFile:
    """A file to be changed; written again it differs in nothing but the changes."""
    return polib.pofile(path, wrapwidth=0, encoding="utf-8")


def merge(source: polib.POFile, translation: polib.POFile, needs: Callable[[str], bool]) -> Merged:
    """Give a translation the entries of its source, in its order.

    An entry whose sentence has changed becomes fuzzy and keeps the sentence that was translated; one whose sentence has
    changed back is as it was. One that has no source any more is kept aside, and comes back with it.
    """
    kept, spare = _by_id(translation)
    stale_before = {id_ for id_, entry in kept.items() if entry.fuzzy}
    added, entries = list[str](), list[polib.POEntry]()
    for original in source:
        entry = kept.pop(original.msgctxt, None)
        if entry is None:
            if not needs(original.msgctxt):
                continue
            entry = polib.POEntry(msgctxt=original.msgctxt, msgid=original.msgid)
            added.append(original.msgctxt)
        entries.append(_renewed(entry, original))
    gone = [entry for entry in (*kept.values(), *spare) if entry.msgstr]
    newly_gone = tuple(entry.msgctxt for entry in gone if not entry.obsolete)
    for entry in gone:
        _set_aside(entry)
    translation[:] = [*entries, *gone]
    stale = {entry.msgctxt for entry in entries if entry.fuzzy}
    in_order = [entry.msgctxt for entry in entries]
    return Merged(
        tuple(added),
        tuple(id_ for id_ in in_order if id_ in stale - stale_before),
        tuple(id_ for id_ in in_order if id_ in stale_before - stale),
        newly_gone,
    )


def _by_id(translation: polib.POFile) -> tuple[dict[str, polib.POEntry], list[polib.POEntry]]:
    """Each entry under its id, and those that another tool has kept aside beside one of the same id."""
    kept, spare = dict[str, polib.POEntry](), list[polib.POEntry]()
    for entry in sorted(translation, key=lambda entry: entry.obsolete):
        if entry.msgctxt in kept:
            spare.append(entry)
        else:
            kept[entry.msgctxt] = entry
    return kept, spare


def _renewed(entry: polib.POEntry, original: polib.POEntry) -> polib.POEntry:
    entry.obsolete, entry.comment = False, original.comment
    doubted = entry.fuzzy and not entry.previous_msgid  # by a translator, whatever the source says
    if entry.msgid != original.msgid:
        translated_from = (entry.fuzzy and entry.previous_msgid) or entry.msgid
        entry.msgid, entry.previous_msgid = original.msgid, None
        if not doubted:
            changed = bool(entry.msgstr) and translated_from != original.msgid
            entry.previous_msgid = translated_from if changed else None
            _mark_fuzzy(entry, changed)
    return entry


def _set_aside(entry: polib.POEntry) -> None:
    """Keep an entry with the sentence that it translates: the previous one of a kept entry is not read again."""
    entry.obsolete = True
    if entry.fuzzy and entry.previous_msgid:
        entry.msgid = entry.previous_msgid
        _mark_fuzzy(entry, False)
    entry.previous_msgid = None


def _mark_fuzzy(entry: polib.POEntry, fuzzy: bool) -> None:
    entry.flags = [*(["fuzzy"] if fuzzy else []), *(flag for flag in entry.flags if flag != "fuzzy")]


def save(file: polib.POFile, path: Path) -> bool:
    """Write a file whole or not at all; whether it differs from what was there."""
    written = str(file).rstrip("\n") + "\n"
    if path.is_file() and path.read_text(encoding="utf-8") == written:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, written.encode())
    return True
