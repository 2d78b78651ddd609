"""`line.json` beside the recordings of a language: what a team leader has decided about it (decision 28).

`{"in_use": true, "heard": {"<name of a clip>": "<sha256 of its bytes>"}}`. The office's pages write it, and
the line reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from errno import ENOENT
from pathlib import Path

from ivr.files import Stamp, is_nowhere, stamp_of, write_atomically, writing

LINE = "line.json"
TAKEN_OFF = "a team leader has taken it off the line"
MOST_BYTES = 1 << 20
"""Of the file; that of all safety sentences by every engine is a hundredth of it."""


@dataclass(frozen=True, slots=True)
class LineState:
    """What was decided about a language. `in_use`: whether the line may offer it, if all else is there too.

    `heard`: the clips of safety sentences that a second reader has heard and approved: the name under which a clip is
    served -> the SHA-256 of what they heard, in hex: one that is made again is another one.
    """

    in_use: bool
    heard: Mapping[str, str] = field(default_factory=dict)


UNDECIDED = LineState(in_use=True)
"""What holds where no team leader has decided anything: the line offers the language, if all else is there."""


def read_line_state(folder: Path) -> LineState | None:
    """Read what was decided about a language, by the folder of its recordings; None where nothing was.

    OSError where it cannot be read, ValueError where it is something else.
    """
    try:
        with (folder / LINE).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        if is_nowhere(error, folder):
            return None
        raise
    return _parsed(data)


def write_line_state(folder: Path, state: LineState) -> None:
    """Keep what was decided about a language in the folder of its recordings. Raises NotWritten."""
    written = {"in_use": state.in_use, "heard": dict(state.heard)}
    data = json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True)
    with writing(folder / LINE):
        folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / LINE, f"{data}\n".encode(), durable=True)


def _parsed(data: bytes) -> LineState:
    try:
        written = json.loads(data) if len(data) <= MOST_BYTES else None
    except RecursionError as error:
        raise ValueError(LINE) from error
    if not isinstance(written, dict) or not isinstance(in_use := written.get("in_use"), bool):
        raise ValueError(LINE)
    heard = written.get("heard", {})
    if not isinstance(heard, dict) or not all(isinstance(sha256, str) for sha256 in heard.values()):
        raise ValueError(LINE)
    return LineState(in_use, heard)


class LineStates:
    """What was decided about every language, as it stands in their folders when these are looked at.

    A file that cannot be read, or that is gone, changes nothing of what is known, and is told. Where nothing is known,
    the language is not offered: it may be one that was taken off the line. `known`: what was read before, by whoever
    looked then.
    """

    def __init__(self, folder: Path, languages: Iterable[str], known: Mapping[str, LineState] | None = None) -> None:
        self._folder, self._languages = folder, tuple(languages)
        self._stamps: dict[str, Stamp | None] = {}
        self._faults: dict[str, str] = {}
        self.known: Mapping[str, LineState] = dict(known or {})
        """Language -> what was decided, as it was last read; `UNDECIDED` where there was nothing to read."""
        self.look()

    def look(self) -> bool:
        """Look again; whether anything has changed since the last look."""
        before = self.known, dict(self._faults)
        self.known = dict(self.known)
        for code in self._languages:
            self._look_at(code, self.known)
        return before != (self.known, self._faults)

    def _look_at(self, code: str, known: dict[str, LineState]) -> None:
        path = self._folder / code / LINE
        stamp: Stamp | None = None
        state: LineState | None = None
        try:
            with suppress(FileNotFoundError, NotADirectoryError):
                stamp = stamp_of(path.stat())
            if code in self._stamps and self._stamps[code] == stamp and code not in self._faults:
                return
            state = read_line_state(path.parent)
            if state is None and known.get(code, UNDECIDED) != UNDECIDED:  # such as a disk that is not there any more
                raise FileNotFoundError(ENOENT, "it is gone")
        except OSError as error:
            self._faults[code] = f"cannot be read: {error.strerror or error}"
            return
        except ValueError:
            self._faults[code] = "does not say what a team leader has decided"
            return
        self._stamps[code] = stamp
        self._faults.pop(code, None)
        known[code] = state or UNDECIDED

    def fault(self, code: str) -> str:
        """Why what was decided about a language cannot be read, with the remedy; empty where it can."""
        if (fault := self._faults.get(code)) is None:
            return ""
        return (
            f"{self._folder.parent.name}/{self._folder.name}/{code}/{LINE} {fault}. What was known of it before goes "
            'on; without that the language is not offered. On the office\'s page of languages press "Take into use" or '
            '"Take off the line" again'
        )

    def why_off(self, code: str) -> str:
        """Why the line must not offer a language; empty where it may."""
        if state := self.known.get(code):
            return "" if state.in_use else TAKEN_OFF
        return "it is not known whether a team leader has taken it off the line" if code in self._faults else ""

    def has_heard(self, code: str, name: str, sha256: str) -> bool:
        """Whether a second reader has heard the clip of this name, in this language, as its bytes are now."""
        state = self.known.get(code)
        return state is not None and state.heard.get(name) == sha256
