"""The recordings of a language on disk: `<id>.wav` for each sentence, and `texts.json`, which says what was spoken.

A recording of words that have changed since is kept beside the new one as `<id>~<hash of its words>.wav`. Whatever a
killed import leaves behind, no recording ever stands under words that are not its own (rule S4).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ivr.files import PART, NotWritten, alone, write_atomically, writing

ENDING = ".wav"
TEXTS = "texts.json"
"""Beside the recordings of a language: the name of each -> what was spoken in it."""
TAKES = "takes"
"""Below the recordings: a folder for each language with what volunteers have recorded and nobody hears yet."""
TAKING = "~taking"
"""Ending of a name in the table while the sound of an id is being replaced: whose voice the new one is."""


@dataclass(frozen=True, slots=True)
class RecordedText:
    """The words of a recording; who spoke them, and on which day (ISO 8601), empty where that was not kept.

    `voice`: what the voice of a volunteer is called, which is no name (`v12`); empty for one of `ivr audio import`.
    """

    text: str
    by: str = ""
    on: str = ""
    voice: str = ""


def take_path(recordings: Path, language: str, take: str) -> Path:
    """Where the file of a take is, or of a meaning that a reader has spoken."""
    return recordings / TAKES / language / f"{take}{ENDING}"


def name_of_older(id_: str, text: str) -> str:
    """The name of a recording of a sentence whose words have changed since."""
    return f"{id_}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def read_texts(data: bytes) -> dict[str, RecordedText]:
    """Read `texts.json`: name -> words, or name -> {"text", "by", "on", "voice"}. ValueError for something else."""
    texts = json.loads(data)
    if not isinstance(texts, dict):
        raise ValueError(TEXTS)
    return {name: _spoken(value) for name, value in texts.items()}


def _spoken(value: object) -> RecordedText:
    fields = {"text": value} if isinstance(value, str) else value
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        raise ValueError(TEXTS)
    by, on, voice = (str(fields.get(key, "")) for key in ("by", "on", "voice"))
    return RecordedText(fields["text"], by, on, voice)


def take_in(folder: Path, clips: Mapping[str, tuple[RecordedText, bytes]]) -> None:
    """Keep clips by the ids of their sentences, as the newest recordings in the folder of a language.

    Two imports at once lose nothing: one waits for the other. Raises NotWritten; what was written until then is kept.
    """
    with writing(folder / TEXTS):
        folder.mkdir(parents=True, exist_ok=True)
        _take_in(folder, clips)


def replaced(folder: Path, clips: Mapping[str, tuple[RecordedText, bytes]]) -> dict[str, RecordedText]:
    """Id -> the recording of the same words, but another sound, whose place a clip takes. Ask before `take_in`."""
    found: dict[str, RecordedText] = {}
    with suppress(OSError):  # which `take_in` tells
        table = read_table(folder)
        for id_, (spoken, data) in clips.items():
            path = folder / f"{id_}{ENDING}"
            if id_ in table and table[id_].text == spoken.text and path.is_file() and path.read_bytes() != data:
                found[id_] = table[id_]
    return found


def _take_in(folder: Path, clips: Mapping[str, tuple[RecordedText, bytes]]) -> None:
    with alone(folder / TEXTS):
        table = read_table(folder)
        # Until its file is replaced, a recording of other words stands under them only.
        if older := [id_ for id_, (spoken, _) in clips.items() if id_ in table and table[id_].text != spoken.text]:
            for id_ in older:
                _set_aside(folder, table, id_)
            write_table(folder, table)
        # Whose voice is in a file stands in the table before the file does: a killed process leaves none without it.
        if taking := {f"{id_}{TAKING}": spoken for id_, (spoken, _) in clips.items() if spoken.voice}:
            write_table(folder, {**table, **taking})
        try:
            for id_, (spoken, data) in clips.items():
                write_atomically(folder / f"{id_}{ENDING}", data)
                table[id_] = spoken
                table.pop(f"{id_}{TAKING}", None)
        finally:
            write_table(folder, table)


def remove_voice(folder: Path, voice: str) -> tuple[str, ...]:
    """Delete every recording of a voice from the folder of a language, also older ones; their names, sorted.

    Files go before their rows: a killed process leaves rows without sound, by which another call finds what is left.
    Raises NotWritten; what was deleted until then is gone.
    """
    if not folder.is_dir():
        return ()
    with writing(folder / TEXTS), alone(folder / TEXTS):
        table = read_table(folder)
        own = {name: spoken for name, spoken in table.items() if spoken.voice == voice}
        for name, spoken in own.items():
            id_ = name.removesuffix(TAKING)
            (folder / f"{id_}{ENDING}").unlink(missing_ok=True)
            # An import that was killed while it set one aside has left it under its other name, too.
            for other in {name_of_older(id_, spoken.text), id_.partition("~")[0]} - table.keys():
                (folder / f"{other}{ENDING}").unlink(missing_ok=True)
        if own:
            gone = {each for name in own for each in (name, name.removesuffix(TAKING))}
            for part in folder.glob(f".*{ENDING}.*{PART}"):  # of a process that was killed while it wrote
                part.unlink(missing_ok=True)
            write_table(folder, {name: spoken for name, spoken in table.items() if name not in gone})
    return tuple(sorted({name.removesuffix(TAKING) for name in own}))


def _set_aside(folder: Path, table: dict[str, RecordedText], id_: str) -> None:
    spoken = table.pop(id_)
    try:
        data = (folder / f"{id_}{ENDING}").read_bytes()
    except FileNotFoundError:
        return
    name = name_of_older(id_, spoken.text)
    write_atomically(folder / f"{name}{ENDING}", data)
    table[name] = spoken


def read_table(folder: Path) -> dict[str, RecordedText]:
    """The table in the folder of a language; empty where there is none. Raises NotWritten where it is no table."""
    try:
        return read_texts((folder / TEXTS).read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise NotWritten(
            f"{folder / TEXTS} is no table of texts, so nothing was written. Restore it from version control"
        ) from error


def write_table(folder: Path, table: Mapping[str, RecordedText]) -> None:
    """Write the table of the folder of a language. Raises NotWritten."""
    written = {name: _row(spoken) for name, spoken in table.items()}
    data = json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(folder / TEXTS, f"{data}\n".encode())


def _row(spoken: RecordedText) -> str | dict[str, str]:
    if not (spoken.by or spoken.voice):
        return spoken.text
    row = {"text": spoken.text, "by": spoken.by, "on": spoken.on, "voice": spoken.voice}
    return {key: value for key, value in row.items() if value or key in ("text", "on")}


def print_command(language: str) -> str:
    """How the pages of a language are printed."""
    return f"ivr audio script --lang {language} --print"
