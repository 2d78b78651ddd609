"""The recording script: the sentences of a language, numbered for whoever records them, with a code.

A number means something only together with its code: the sentences of a script are kept under it when it is printed,
so that `38-<code>.wav` is the same sentence whatever has moved since (rule S4).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from ivr.core.content import Content
from ivr.core.prompts import LANGUAGE_IN_FINNISH, LANGUAGE_NAMES
from ivr.core.script import closed_set, to_record
from ivr.core.utterance import Utterance
from ivr.files import write_atomically, writing

FOLDER = "scripts"
"""Beside the recordings of a language: the scripts that were printed."""
LETTERS, LENGTH = "bcdfghjkmnpqrstvwxyz", 6
"""Of a code. Consonants only: it is no word, and no letter is taken for a digit or for another letter."""


@dataclass(frozen=True)
class RecordingScript:
    """The numbered sentences of a language: id and text of each, the first is number 1. `printed`: when, if it was."""

    language: str
    sentences: tuple[tuple[str, str], ...]
    printed: datetime | None = None

    @cached_property
    def code(self) -> str:
        """A hash of the language, the ids, the texts and their order."""
        data = json.dumps([self.language, self.sentences], ensure_ascii=False).encode()
        number, code = int.from_bytes(hashlib.sha256(data).digest()), ""
        for _ in range(LENGTH):
            number, letter = divmod(number, len(LETTERS))
            code += LETTERS[letter]
        return code

    @cached_property
    def text_of(self) -> Mapping[str, str]:
        """Id -> text."""
        return dict(self.sentences)

    def file_name(self, number: int) -> str:
        """The name to give to the file of a sentence, by its number."""
        return f"{number}-{self.code}.wav"


def script_of(content: Content, today: date, language: str) -> RecordingScript:
    """The script of a language as it is today; without sentences for a language that is not whole."""
    return RecordingScript(language, tuple((u.id, u.text) for u in to_record(content, today, language)))


def keep(script: RecordingScript, folder: Path, now: datetime) -> None:
    """Keep a script, printed now, in the folder of its language's recordings. Raises NotWritten."""
    path = folder / FOLDER / f"{script.code}.json"
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    sentences = [{"id": id_, "text": text} for id_, text in script.sentences]
    written = {"language": script.language, "printed": now.astimezone(UTC).isoformat(), "sentences": sentences}
    write_atomically(path, f"{json.dumps(written, ensure_ascii=False, indent=1)}\n".encode())


def printed_scripts(folder: Path) -> tuple[RecordingScript, ...]:
    """The scripts that are kept in the folder of a language's recordings, the last one printed first.

    Raises OSError where they are there and cannot be read.
    """
    try:
        paths = sorted(path for path in (folder / FOLDER).iterdir() if path.suffix == ".json")
    except (FileNotFoundError, NotADirectoryError):
        return ()
    found = [script for path in paths if (script := _read(path))]
    return tuple(sorted(found, key=lambda script: script.printed or datetime.min.replace(tzinfo=UTC), reverse=True))


def _read(path: Path) -> RecordingScript | None:
    """None for a file that is no script, or not the one that its name says: it must not name a sentence."""
    try:
        written = json.loads(path.read_bytes())
        sentences = tuple((str(each["id"]), str(each["text"])) for each in written["sentences"])
        printed = datetime.fromisoformat(written["printed"]).astimezone(UTC)
        script = RecordingScript(str(written["language"]), sentences, printed)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return script if script.code == path.stem else None


def meanings(content: Content, today: date, language: str) -> Mapping[str, Mapping[str, str]]:
    """Id -> what the sentence means, in the language of the staff and in that of the source texts."""
    into = dict.fromkeys((content.languages.staff, content.languages.source))
    said = {(u.language, u.id): u.text for u in closed_set(content, today) if not u.slow}
    return {
        utterance.id: {
            code: text
            for code in into
            if (text := said.get((code, utterance.id)) or next(_meant(content, utterance, code), ""))
        }
        for utterance in to_record(content, today, language)
    }


def _meant(content: Content, utterance: Utterance, code: str) -> Iterator[str]:
    """A sentence that is not said in a language: what it would be there, if the language has its text."""
    slots = {LANGUAGE_IN_FINNISH: f"{LANGUAGE_NAMES}{utterance.language}"}
    if not utterance.values and (found := content.catalogue.find(utterance.prompt, code, slots)):
        yield found.text
