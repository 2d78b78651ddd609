"""The table of letters by which a draft voice reads a language that no machine speaks.

It is read for simulated calls only: it is no part of a Content, and nothing that is proved or served depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ivr.content.files import letters_name, po_name
from ivr.content.yaml import YamlFile, read_yaml, validate
from ivr.core.issue import Issue
from ivr.core.letters import Letters, UnknownLetter, words_of


@dataclass(frozen=True)
class LettersFile:
    """What was read. `letters` is None where the file is not valid; `file` is None where it cannot be read."""

    letters: Letters | None
    file: YamlFile | None
    issues: tuple[Issue, ...]


def read_letters(folder: Path, language: str, texts: Mapping[str, str]) -> LettersFile | None:
    """Read the table of a language in the folder of a site; None where it has none. `texts`: id -> text.

    Its issues are notes, as no line needs it. Those about a text have no line yet (`Loaded.in_order`).
    """
    name = letters_name(language)
    path = folder / Path(name).name
    if not path.exists():
        return None
    file, issues = read_yaml(path, name)
    letters = None
    if file and not issues:
        letters, issues = validate(file, Letters)
    if letters:
        issues = [*_unknown_letters(letters, language, texts)]
    noted = (replace(issue, severity="note", language=language) for issue in issues)
    return LettersFile(letters, file, tuple(noted))


def _unknown_letters(letters: Letters, language: str, texts: Mapping[str, str]) -> Iterator[Issue]:
    told = set[str]()
    for id_, text in texts.items():
        for word in words_of(text):
            try:
                letters.phonemes(word)
            except UnknownLetter as unknown:
                if unknown.letter not in told:
                    told.add(unknown.letter)
                    message = f"the draft voice cannot read '{word}', as {unknown}"
                    remedy = f"In {letters_name(language)}, write the letter below letters:, or the word below words:"
                    yield Issue("note", po_name(language), (id_,), message, remedy)
