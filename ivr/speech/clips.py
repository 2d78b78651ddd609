"""Clips on disk: rendered ones by a hash of their request, recordings by the id of their utterance."""

from __future__ import annotations

import hashlib
import os
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, Literal, NamedTuple

from ivr.core.content import Content
from ivr.core.prompts import SAFETY
from ivr.core.script import recorded_as
from ivr.core.utterance import Clip, Utterance
from ivr.files import Stamp, is_nowhere, stamp_of
from ivr.speech.engines import VOICE_SOURCES
from ivr.speech.port import SynthesisRequest
from ivr.speech.recorded import ENDING, TEXTS, name_of_older, read_texts

Ending = Literal["sentence", "option", "digit", "group"]
"""Decides how much silence follows: an option leaves time to press its key, a group of digits to take it in."""
PROCESSING_VERSION = 5
"""Of what turns speech into a clip (`telephone`, `pauses`). A new version makes every clip again."""
SLOWER = 0.8
"""Pace of the slow version, relative to the usual one (rule K4)."""
RATE = 8000
"""Samples a second of a clip."""
RENDERED = re.compile("[0-9a-f]{32}")
"""How the file of a rendered clip is called. Any other file beside it, such as a clip of a draft voice, is no clip."""
MOST_READ = 4096
"""Clips of which it is remembered what was read; more than all languages have."""


def ending_of(content: Content, utterance: Utterance) -> Ending:
    """How the clip of an utterance ends."""
    if utterance.prompt.startswith("digit."):
        return "group" if utterance.ends_group else "digit"
    return "option" if utterance.prompt in content.option_prompts else "sentence"


def request_of(content: Content, utterance: Utterance, engine: str) -> SynthesisRequest | None:
    """The request to an engine for an utterance; None where its language has no voice of that engine."""
    language = content.languages.languages[utterance.language]
    if (voice := language.voices.get(engine)) is None:
        return None
    pace = voice.pace * (SLOWER if utterance.slow else 1)
    # Most engines need no vowel marks: they read text as people write it.
    text = (VOICE_SOURCES[engine].reads_marks and utterance.spoken) or utterance.text
    return SynthesisRequest(utterance.id, language.locale, text, voice.voice, round(pace, 3))


def clip_name(request: SynthesisRequest, ending: Ending, engine: str) -> str:
    """The name of a rendered clip: 32 hexadecimal digits that change with text, voice, pace, ending and processing.

    It is no hash of the sound, as an engine does not make the same bytes twice.
    """
    what = (str(PROCESSING_VERSION), engine, request.voice, str(request.pace), ending, request.text)
    return hashlib.sha256("\n".join(what).encode()).hexdigest()[:32]


def seconds_of(path: Path) -> float | None:
    """Duration of a clip in seconds; None where the file is not there or is no whole clip."""
    try:
        with path.open("rb") as file:
            return wav_seconds(file.read(64), path.stat().st_size)
    except OSError:
        return None


def wav_seconds(head: bytes, size: int) -> float | None:
    """Duration in seconds of a WAV file by its first 64 bytes and its size; None unless mu-law, 8 kHz and mono.

    None also where header and size disagree: a player would add silence up to the length in the header.
    """
    if head[:4] != b"RIFF" or head[8:16] != b"WAVEfmt " or len(head) < 44:
        return None
    length, codec, channels, rate = struct.unpack("<IHHI", head[16:28])
    at = head.find(b"data", 20 + length)
    if (codec, channels, rate) != (7, 1, RATE) or at < 0 or at + 8 > len(head):
        return None
    frames = int(struct.unpack("<I", head[at + 4 : at + 8])[0])
    whole = at + 8 + frames + frames % 2  # RIFF: a chunk of odd length is padded by a byte
    return frames / RATE if frames and size == whole else None


def wav_sound(data: bytes) -> bytes:
    """The sound of a WAV file, one byte a sample; empty where `wav_seconds` takes it for no whole clip."""
    seconds = wav_seconds(data[:64], len(data))
    if seconds is None:
        return b""
    at = data.find(b"data", 20 + int(struct.unpack("<I", data[16:20])[0])) + 8
    return data[at : at + round(seconds * RATE)]


class ClipFile(NamedTuple):
    """A file as it was read: its stamp, and the clip in it, by the name under which it is served, and its length.

    The name of a file that is no whole clip is empty. There are thousands, and a start waits for them: so they are
    plain values, and share what they can.
    """

    folder: Path
    stem: str
    stamp: Stamp
    name: str
    seconds: float

    @property
    def size(self) -> int:
        """In bytes."""
        return self.stamp[1]

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.folder / f"{self.stem}{ENDING}"

    @property
    def clip(self) -> Clip:
        """The sound that it holds."""
        return Clip(self.name, self.seconds)

    def open(self) -> BinaryIO:
        """The file, at its start. OSError where it has gone, or is whole no more."""
        with ExitStack() as opened:
            file = opened.enter_context(self.path.open("rb"))
            size = os.fstat(file.fileno()).st_size
            if size != self.size and wav_seconds(file.read(64), size) is None:
                raise OSError(f"{self.path.name} is no whole clip")
            file.seek(0)
            opened.pop_all()
        return file


class _Folder:
    """The whole clips of one folder, by the names of their files without the ending.

    A look costs a few milliseconds, as only files that are new or have changed are read. One thread looks; any may
    forget.
    """

    def __init__(self, path: Path, read: Callable[[Path, str, Stamp], ClipFile]) -> None:
        self._path, self._read = path, read
        self._seen: Mapping[str, ClipFile] = {}
        self._forgotten = False
        self.fault = ""
        """Why the folder cannot be read; empty where it can, or is not there."""

    def look(self) -> bool:
        """Look again; whether anything has changed since the last look."""
        before, forgotten, fault = self._seen, self._forgotten, self.fault
        self._forgotten, self.fault = False, ""
        try:
            with os.scandir(self._path) as entries:
                self._seen = dict(self._look_at(entries, before))
        except OSError as error:
            self._seen = {}
            if not is_nowhere(error, self._path):
                self.fault = error.strerror or type(error).__name__
        return forgotten or self._seen != before or self.fault != fault

    def _look_at(
        self, entries: Iterable[os.DirEntry[str]], before: Mapping[str, ClipFile]
    ) -> Iterator[tuple[str, ClipFile]]:
        for entry in entries:
            if not entry.name.endswith(ENDING):
                continue
            name = entry.name[: -len(ENDING)]
            try:
                stat = entry.stat()
                stamp, seen = stamp_of(stat), before.get(name)
                if seen and seen.stamp == stamp:
                    yield name, seen
                elif S_ISREG(stat.st_mode):
                    yield name, self._read(self._path, name, stamp)
            except OSError:  # it has gone meanwhile, or cannot be read: the next look tries again
                continue

    def get(self, name: str) -> ClipFile | None:
        """A clip; None where it is not there, or not whole."""
        seen = self._seen.get(name)
        return seen if seen and seen.name else None

    def names(self) -> Iterable[str]:
        """The names of all files, whole or not."""
        return self._seen.keys()

    def files(self) -> Iterator[ClipFile]:
        """Every whole clip."""
        return (file for file in self._seen.values() if file.name)

    def forget(self, name: str) -> None:
        """The clip of a name could not be opened: it is not there until the next look has read its file again."""
        self._seen = {stem: seen for stem, seen in self._seen.items() if seen.name != name}
        self._forgotten = True


def _rendered_clip(folder: Path, stem: str, stamp: Stamp) -> ClipFile:
    """The clip in a file as it is now; it is read once for all selectors of a process."""
    if not RENDERED.fullmatch(stem):
        return ClipFile(folder, stem, stamp, "", 0)
    if (known := _READ.get((folder, stem))) and known.stamp == stamp:
        return known
    file = os.open(
        folder / f"{stem}{ENDING}", os.O_RDONLY
    )  # a file object takes longer to make than the header to read
    try:
        size = os.fstat(file).st_size
        seconds = wav_seconds(os.read(file, 64), size)
    finally:
        os.close(file)
    if len(_READ) >= MOST_READ:
        _READ.clear()
    clip = _READ[folder, stem] = ClipFile(folder, stem, stamp, stem if seconds else "", seconds or 0)
    return clip


_READ: dict[tuple[Path, str], ClipFile] = {}
"""What was read last of each file. By their stamps they would be kept again whenever a file is written or moved."""


def _recorded_clip(folder: Path, stem: str, stamp: Stamp) -> ClipFile:
    data = (folder / f"{stem}{ENDING}").read_bytes()
    seconds = wav_seconds(data[:64], len(data))
    name = hashlib.sha256(data).hexdigest()[:32]
    return ClipFile(folder, stem, stamp, name if seconds else "", seconds or 0)


class Rendered:
    """The clips that speech engines have made, as they are in their folder when it is looked at."""

    def __init__(self, content: Content, folder: Path) -> None:
        self._content, self._folder = content, folder
        self._clips: _Folder | None = None
        self._names: dict[tuple[Utterance, str], str | None] = {}
        self._hashes: dict[ClipFile, str] = {}

    def __getstate__(self) -> Mapping[str, object]:
        """Without the names, which are worked out as they are asked for."""
        return {**vars(self), "_names": {}}

    def look(self) -> bool:
        """Look at the folder again; whether anything has changed since the last look."""
        return self._looked_at.look()

    @property
    def _looked_at(self) -> _Folder:
        if self._clips is None:
            self._clips = _Folder(self._folder, _rendered_clip)
            self._clips.look()
        return self._clips

    @property
    def are_there(self) -> bool:
        """Whether there are clips at all."""
        return any(True for _ in self._looked_at.files())

    @property
    def fault(self) -> str:
        """Why the folder cannot be read; empty where it can, or is not there."""
        fault = self._looked_at.fault
        return f"{_told(self._folder)} cannot be read: {fault}" if fault else ""

    @property
    def paths(self) -> Mapping[str, Path]:
        """Name -> file of every whole clip."""
        return {file.name: file.path for file in self._looked_at.files()}

    def name(self, utterance: Utterance, engine: str) -> str | None:
        """The name of an utterance's clip, whether it is there or not; None for a language without a voice."""
        key = (utterance, engine)
        if key not in self._names:
            request = request_of(self._content, utterance, engine)
            ending = ending_of(self._content, utterance)
            self._names[key] = clip_name(request, ending, engine) if request else None
        return self._names[key]

    def clip(self, utterance: Utterance, engine: str) -> Clip | None:
        """The clip of an utterance; None where it is not there or not whole."""
        name = self.name(utterance, engine)
        file = self._looked_at.get(name) if name else None
        return file.clip if file else None

    def file(self, name: str) -> ClipFile | None:
        """The file of a clip by its name."""
        return self._looked_at.get(name)

    def sha256(self, name: str) -> str:
        """The hash of a clip's bytes, in hex; empty where it is not there. It is read once, until it changes."""
        if (file := self.file(name)) and file not in self._hashes:
            with suppress(OSError), file.path.open("rb") as clip:  # one that has gone meanwhile is lost
                self._hashes[file] = hashlib.file_digest(clip, "sha256").hexdigest()
        return self._hashes.get(file, "") if file else ""

    def path(self, name: str) -> Path:
        """Where the clip of a name is, or would be."""
        return self._folder / f"{name}{ENDING}"

    def lose(self, name: str) -> None:
        """The file of a clip could not be opened."""
        self._looked_at.forget(name)


class _Recorded:
    """The recordings of one language in one folder, and of each that its table names what was spoken in it.

    Who spoke is not kept: the line needs no name, and what it does not have it cannot give away.
    """

    def __init__(self, folder: Path, *, moves: bool) -> None:
        self._path, self._moves = folder / TEXTS, moves
        self._stamp: Stamp | None = None
        self._fault = ""
        self.clips = _Folder(folder, _recorded_clip)
        self.words: Mapping[str, str] = {}
        """Name -> words. They stay where the table is gone or cannot be read: a look must not silence a language.

        Where recordings are moved away (`moves`), a table that is gone is one that was moved.
        """
        self.is_there = False
        """Whether there is a table."""

    def look(self) -> bool:
        """Look again; whether anything has changed since the last look."""
        return any([self._read(), self.clips.look()])

    def _read(self) -> bool:
        fault, was_there = self._fault, self.is_there
        self._fault, self.is_there = "", True
        try:
            if (stamp := stamp_of(self._path.stat())) != self._stamp:
                table = read_texts(self._path.read_bytes())
                self.words, self._stamp = {name: spoken.text for name, spoken in table.items()}, stamp
                return True
        except OSError as error:
            if not is_nowhere(error, self._path.parent):
                self._fault = f"{_told(self._path.parent.parent)}/{self._name} cannot be read: {error.strerror}"
            else:
                self.is_there = False
                if self._moves:
                    self.words, self._stamp = {}, None
        except (ValueError, RecursionError):
            self._fault = f"{_told(self._path.parent.parent)}/{self._name} is no table of texts"
        return (self._fault, self.is_there) != (fault, was_there)

    @property
    def _name(self) -> str:
        return f"{self._path.parent.name}/{TEXTS}"

    @property
    def fault(self) -> str:
        """Why something cannot be read; empty where all can, or there is nothing."""
        folder = f"{_told(self._path.parent.parent)}/{self._path.parent.name} cannot be read: {self.clips.fault}"
        return self._fault or (folder if self.clips.fault else "")


class Recordings:
    """The recordings of every language (see `recorded`), as they are in their folders when these are looked at.

    `unmoved`: the folder in which an earlier version kept them. What is there is heard until it is moved, after what is
    in `folder`.
    """

    def __init__(self, content: Content, folder: Path, unmoved: Path | None = None) -> None:
        self._content, self._folder, self._unmoved = content, folder, unmoved
        self._places = {
            code: [_Recorded(folder / code, moves=False), *([_Recorded(unmoved / code, moves=True)] if unmoved else [])]
            for code in content.languages.languages
        }
        self._spoken: Mapping[str, Mapping[str, str]] = {}
        self._files: Mapping[str, ClipFile] = {}
        self.too_long: Mapping[str, str] = {}
        """Name of a recording -> why it is not spoken (rule M0)."""
        self.look()

    def look(self) -> bool:
        """Look at the folders again; whether anything has changed since the last look."""
        # First what is moved away: where that is gone, it is already at its new place.
        changed = [place.look() for places in self._places.values() for place in reversed(places)]
        self._spoken = {
            code: {name: words for place in reversed(places) for name, words in place.words.items()}
            for code, places in self._places.items()
        }
        self._files = {file.name: file for place in self._all() for file in place.clips.files()}
        return any(changed)

    def _all(self) -> Iterator[_Recorded]:
        return (place for places in self._places.values() for place in places)

    def fault(self, code: str) -> str:
        """Why the recordings of a language cannot be read; empty where they can, or there are none."""
        return next((place.fault for place in self._places[code] if place.fault), "")

    def are_there(self, code: str) -> bool:
        """Whether anything of a language was recorded."""
        return bool(self._spoken[code])

    def is_there(self, utterance: Utterance) -> bool:
        """Whether an utterance was recorded, stale or not."""
        return self.name(utterance) is not None

    def is_stale(self, utterance: Utterance) -> bool:
        """Whether the text of an utterance has changed since it was recorded."""
        words = self.words(utterance)
        return words is not None and words != utterance.text

    def words(self, utterance: Utterance) -> str | None:
        """What was spoken in the recording of an utterance; None where there is none."""
        name = self.name(utterance)
        return None if name is None else self._spoken[utterance.language][name]

    def name(self, utterance: Utterance) -> str | None:
        """The name of the recording of these very words, new or older; else of the newest of the sentence."""
        spoken, id_ = self._spoken[utterance.language], recorded_as(utterance).id
        newest = spoken.get(id_)
        if newest != utterance.text:
            older = name_of_older(id_, utterance.text)
            if spoken.get(older) == utterance.text:
                return older
        return None if newest is None else id_

    def is_kept_back(self, utterance: Utterance) -> bool:
        """Whether it is a safety sentence whose recording is stale: it is not spoken."""
        return utterance.prompt.startswith(SAFETY) and self.is_stale(utterance)

    def clip(self, utterance: Utterance) -> Clip | None:
        """The recording of an utterance, also for its slow version; None for one that must not be spoken."""
        file = None if self.is_kept_back(utterance) else self._file(utterance)
        return None if file is None or file.name in self.too_long else file.clip

    def exact(self, utterance: Utterance) -> Clip | None:
        """The same, of these very words alone."""
        return None if self.is_stale(utterance) else self.clip(utterance)

    def is_too_long(self, utterance: Utterance) -> bool:
        """Whether the recording of an utterance is not spoken, as it would break a rule of seconds (rule M0)."""
        file = self._file(utterance)
        return file is not None and file.name in self.too_long

    def _file(self, utterance: Utterance) -> ClipFile | None:
        name = self.name(utterance)
        places = (place for place in self._places[utterance.language] if name in place.words)
        return next((place.clips.get(name) for place in places if name), None)

    @property
    def clips(self) -> frozenset[str]:
        """The names under which the recordings are served."""
        return frozenset(self._files)

    def unnamed(self, code: str) -> tuple[str, ...]:
        """The files of a language of which its table does not say what was spoken: they are not used."""
        found = (name for place in self._places[code] for name in place.clips.names() if name not in place.words)
        return tuple(sorted(found))

    @property
    def unheard(self) -> tuple[str, ...]:
        """The folders of recordings that are called like no language of the line, as when its code has changed."""
        folders = (self._folder, *([self._unmoved] if self._unmoved else []))
        return tuple(sorted(name for folder in folders for name in self._unheard_in(folder)))

    def _unheard_in(self, folder: Path) -> Iterator[str]:
        with suppress(OSError):  # which `fault` tells
            names = (path.parent.name for path in folder.glob(f"*/{TEXTS}"))
            yield from (f"{_told(folder)}/{name}" for name in names if name not in self._places)

    @property
    def still_to_move(self) -> tuple[str, ...]:
        """The languages with recordings where an earlier version kept them."""
        return tuple(code for code, (_, *before) in self._places.items() if any(each.is_there for each in before))

    def file(self, name: str) -> ClipFile | None:
        """The file of a recording by the name under which it is served."""
        return self._files.get(name)

    def lose(self, name: str) -> None:
        """The file of a recording could not be opened."""
        for place in self._all():
            place.clips.forget(name)
        self._files = {other: file for other, file in self._files.items() if other != name}


def _told(folder: Path) -> str:
    """How a folder is called in messages, which the world may read: as in `audio/rendered`."""
    return f"{folder.parent.name}/{folder.name}"


def recording_name(utterance: Utterance) -> str:
    """How the recording of an utterance is called in messages."""
    return f"{utterance.language}/{recorded_as(utterance).id}"
