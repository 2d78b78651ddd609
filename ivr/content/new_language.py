"""Adding a language to a site: its entry in languages.yaml, its names, and its PO file."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from ivr.content.files import LANGUAGES, SOURCE
from ivr.content.merge import open_po, save, update_language
from ivr.content.po_document import Entry
from ivr.content.texts import Texts
from ivr.core.languages import Languages
from ivr.core.prompts import LANGUAGE_NAMES


def add_language(folder: Path, texts: Texts, code: str, digit: str, name: str, english: str, finnish: str) -> None:
    """Write a language into languages.yaml, its names into prompts.pot and the staff's PO file, and its own PO file.

    `name` is its name in the language itself, `finnish` the one that the staff hear. Raises Unreadable.
    """
    if (own := folder / f"{code}.po").is_file():
        open_po(own)  # one that was there before must be readable, before anything is written
    rtl = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    quoted = json.dumps(name, ensure_ascii=False)  # a JSON string is a YAML string too
    entry = f'  {code}:\n    digit: "{digit}"\n    name: {quoted}\n    locale: {code}\n'
    entry += ("    direction: rtl\n" if rtl else "") + "    characters_per_second: 14\n"
    languages = folder / Path(LANGUAGES).name
    languages.write_text(languages.read_text(encoding="utf-8").rstrip("\n") + "\n" + entry, encoding="utf-8")
    id_ = f"{LANGUAGE_NAMES}{code}"
    if id_ not in texts.sources:
        source = open_po(folder / Path(SOURCE).name)
        names = [at for at, entry in enumerate(source.entries) if (entry.msgctxt or "").startswith(LANGUAGE_NAMES)]
        source.entries.insert(names[-1] + 1, Entry(id_, english))
        save(source, folder / Path(SOURCE).name)
    staff = texts.languages.staff
    update_language(folder, texts, staff, texts.languages.languages[staff].name)
    file = open_po(folder / f"{staff}.po")
    next(entry for entry in file.entries if entry.msgctxt == id_).msgstr = finnish
    save(file, folder / f"{staff}.po")
    update_language(folder, texts, code, name)


def next_digit(languages: Languages) -> str:
    """The keys after the last ones in use. Keys that a language gave up are not used again (rule K6)."""
    taken = [language.digit for language in languages.languages.values()]
    first = max((int(digit) for digit in taken if "-" not in digit), default=0)
    if first < 8:
        return str(first + 1)
    return f"9-{max((int(digit[-1]) for digit in taken if '-' in digit), default=0) + 1}"
