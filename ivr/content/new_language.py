"""Add a language to a site: its row, its name, and a PO file to be translated."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from ivr.content.checks.lint import lint
from ivr.content.checks.texts import check_texts
from ivr.content.files import LANGUAGES, SOURCE
from ivr.content.merge import Unreadable, open_po, save, update_language
from ivr.content.po_document import Entry
from ivr.content.texts import Text, Texts
from ivr.content.yaml import compose, one_kind_of_blank, parse_yaml, validate
from ivr.content.yaml_faults import Fault
from ivr.core.issue import Issue
from ivr.core.languages import Languages
from ivr.core.prompts import LANGUAGE_NAMES
from ivr.files import write_atomically


def add_language(folder: Path, texts: Texts, code: str, digit: str, name: str, english: str, finnish: str) -> None:
    """Write a language into languages.yaml, its names into prompts.pot and the staff's PO file, and its own PO file.

    `name` is its name in the language itself, `finnish` the one that the staff hear. Raises Unreadable before anything
    is written, and NotWritten.
    """
    if (own := folder / f"{code}.po").is_file():
        open_po(own)
    languages = folder / Path(LANGUAGES).name
    with_it = _with_language(languages.read_bytes(), code, _fields(code, digit, name))
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
    write_atomically(languages, with_it)  # last: before it, the other files are right without the language too


def wrong_names(texts: Texts, code: str, english: str, finnish: str) -> Iterator[Issue]:
    """What `ivr check` would say of the names of a language that is to be added."""
    id_, staff = f"{LANGUAGE_NAMES}{code}", texts.languages.staff
    named = Text(texts.sources[id_].source if id_ in texts.sources else english, finnish)
    translations = {**texts.translations, staff: {**texts.translations.get(staff, {}), id_: named}}
    trial = replace(texts, sources={**texts.sources, id_: named}, translations=translations)
    for issue in (*check_texts(trial), *lint(trial)):
        if issue.severity != "note" and issue.where[:1] == (id_,):
            yield issue


def _fields(code: str, digit: str, name: str) -> list[str]:
    """The lines of a language in languages.yaml, each without its indentation."""
    rtl = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    quoted = json.dumps(name, ensure_ascii=False)  # a JSON string is a YAML string too
    direction = ["direction: rtl"] if rtl else []
    return [
        f'digit: "{digit}"',
        f"name: {quoted}",
        f"locale: {code}",
        *direction,
        "characters_per_second: 14",
        "press: []",
    ]


def _with_language(data: bytes, code: str, fields: list[str]) -> bytes:
    """languages.yaml with one language more, below the others and indented as they are. Raises Unreadable."""
    text = data.decode("utf-8")
    lines, line_end = text.removesuffix("\n").split("\n"), "\r\n" if "\r\n" in text else "\n"
    if place := _end_of_languages(text):
        at, outer, inner = min(place[0], len(lines)), *place[1:]
        while at and lines[at - 1].strip()[:1] in ("", "#"):
            at -= 1  # comments and gaps before what comes next stay with that
        added = [" " * outer + f"{code}:", *(" " * inner + field for field in fields)]
        carriage = line_end[:-1]
        lines[at:at] = [line + carriage for line in added]
        if at and not lines[at - 1].endswith(carriage):
            lines[at - 1] += carriage
        written = ("\n".join(lines) + "\n").encode()
        file, issues = parse_yaml(written, LANGUAGES)
        read = validate(file, Languages)[0] if file and not issues else None
        if read and list(read.languages)[-1] == code:
            return written
    row = f"{code}: {{{', '.join(fields)}}}"
    raise Unreadable(f"{LANGUAGES} is written so that no language can be added by itself. Add it by hand: {row}")


def _end_of_languages(text: str) -> tuple[int, int, int] | None:
    """The line behind the last language, and the columns of its code and of its fields; None where that is not plain.

    Only a map of one line a key, as the file comes, can be continued by lines.
    """
    try:
        root = compose(one_kind_of_blank(text.removeprefix("\ufeff")) + "\n")
    except Fault:
        return None
    found = (
        [value for key, value in root.value if key.value == "languages"] if isinstance(root, yaml.MappingNode) else []
    )
    if not found or not isinstance(found[0], yaml.MappingNode) or found[0].flow_style or not found[0].value:
        return None
    code, language = found[0].value[-1]
    if not isinstance(language, yaml.MappingNode) or not language.value:
        return None
    column = code.start_mark.column
    inner = column + 2 if language.flow_style else language.value[0][0].start_mark.column
    return language.end_mark.line + bool(language.flow_style), column, inner


def next_digit(languages: Languages) -> str:
    """The keys after the last ones in use. Keys that a language gave up are not used again (rule K6)."""
    taken = [language.digit for language in languages.languages.values()]
    first = max((int(digit) for digit in taken if "-" not in digit), default=0)
    if first < 8:
        return str(first + 1)
    return f"9-{max((int(digit[-1]) for digit in taken if '-' in digit), default=0) + 1}"
