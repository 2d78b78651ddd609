"""What the process that prepares a content is asked, and what it gives back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from ivr.content.files import heard_name
from ivr.core.content import Content
from ivr.core.issue import Issue, any_broken
from ivr.core.utterance import SpeechMode
from ivr.program import this_installation
from ivr.speech.line_state import LineState
from ivr.speech.voices import Audio, VoiceSelector

Proving = Literal["never", "if_new", "today"]
"""Whether the rules are proved: not at all, unless they have been on any day, or unless they have been today."""
REPLACED = "the program was replaced under the running line; restart it"
"""The answer of a process of another program: plain words, as it may know other kinds of values."""
ENDINGS = frozenset({".yaml", ".po", ".pot"})
"""The endings of the files of a site that say what the line does."""


@dataclass(frozen=True)
class Wanted:
    """A content to prepare. `keep`: languages that stay offered though single sentences lack their clip.

    `require_approval`: whether every language waits for the approval of its safety sentences. `heard`: the folder below
    which it stands for each language what was approved in the listening room. `decided`: what is known of team leaders'
    decisions, wherever it cannot be read now.
    """

    folder: Path
    audio: Audio
    today: date
    speech: SpeechMode
    state: Path
    proving: Proving
    keep: frozenset[str] = frozenset()
    nice: int = 0
    require_approval: bool = False
    heard: Path | None = None
    decided: Mapping[str, LineState] = field(default_factory=dict)
    program: bytes = b""
    """Of the process that asks: a program that has been replaced under it would give it values of other kinds."""


@dataclass(frozen=True)
class Prepared:
    """A content that was read, and how it may be used.

    `content` and `voices` are None where it is broken. `proved_on`: the day of the last proof of it (None: not
    proved). `unmade`: languages that speak offline, and lack some of their clips.
    """

    key: str
    issues: tuple[Issue, ...]
    content: Content | None = None
    voices: VoiceSelector | None = None
    proved_on: date | None = None
    unmade: tuple[str, ...] = ()

    @property
    def usable(self) -> tuple[Content, VoiceSelector] | None:
        """The content and its voices, unless it is broken."""
        return (
            None
            if self.content is None or self.voices is None or any_broken(self.issues)
            else (self.content, self.voices)
        )

    @property
    def worst(self) -> str:
        """The first issue that keeps it from being served, and how many more there are."""
        broken = [issue for issue in self.issues if issue.severity == "broken"]
        more = f" ({len(broken) - 1} more: ivr check)" if len(broken) > 1 else ""
        return f"{broken[0]}{more}" if broken else ""


def content_files(folder: Path, recordings: Path | None) -> Iterator[tuple[str, Path]]:
    """Name and path of the files that say what the line does: those of a site, and what was approved in the room.

    `recordings`: the folder of the recordings of people, if there is one.
    """
    with suppress(OSError):
        yield from ((path.name, path) for path in sorted(folder.iterdir()) if path.suffix in ENDINGS)
    with suppress(OSError):
        for path in sorted(recordings.glob("*/approved.yaml")) if recordings else ():
            yield heard_name(path.parent.name), path


def site_files(folder: Path, recordings: Path | None = None) -> Mapping[str, bytes]:
    """Name -> bytes of those that can be read."""
    found = {}
    for name, path in content_files(folder, recordings):
        with suppress(OSError):  # the loader tells of a file that it needs
            found[name] = path.read_bytes()
    return found


def key_of(files: Mapping[str, bytes]) -> str:
    """The key of a content: it changes with the files, this program, Python and all installed packages."""
    hashed = hashlib.sha256(this_installation())
    for name, data in files.items():
        hashed.update(f"{name}:{len(data)}:".encode())
        hashed.update(data)
    return hashed.hexdigest()[:32]
