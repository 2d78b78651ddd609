"""Clips on disk: rendered ones by a hash of their request, recordings by the id of their utterance."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from ivr.core.content import Content
from ivr.core.prompts import SAFETY
from ivr.core.script import option_prompts
from ivr.core.utterance import Clip, Utterance
from ivr.speech.engines import VOICE_SOURCES
from ivr.speech.port import SynthesisRequest

Ending = Literal["sentence", "option", "digit", "group"]
"""Decides how much silence follows: an option leaves time to press its key, a group of digits to take it in."""
PROCESSING_VERSION = 5
"""Of what turns speech into a clip (`telephone`, `pauses`). A new version makes every clip again."""
SLOWER = 0.8
"""Pace of the slow version, relative to the usual one (rule K4)."""
RATE = 8000
"""Samples a second of a clip."""
TEXTS = "texts.json"
"""Beside the recordings of a language: id -> the text that was recorded."""


def ending_of(content: Content, utterance: Utterance) -> Ending:
    """How the clip of an utterance ends."""
    if utterance.prompt.startswith("digit."):
        return "group" if utterance.ends_group else "digit"
    return "option" if utterance.prompt in option_prompts(content) else "sentence"


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


class Rendered:
    """The clips that speech engines have made. The folder is read once."""

    def __init__(self, content: Content, folder: Path) -> None:
        self._content, self._folder = content, folder
        self._names: dict[tuple[Utterance, str], str | None] = {}

    @cached_property
    def paths(self) -> Mapping[str, Path]:
        """Name -> file."""
        return {path.stem: path for path in self._folder.glob("*.wav")} if self._folder.is_dir() else {}

    @cached_property
    def _seconds(self) -> Mapping[str, float]:
        found = ((name, seconds_of(path)) for name, path in self.paths.items())
        return {name: seconds for name, seconds in found if seconds is not None}

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
        seconds = self._seconds.get(name) if name else None
        return Clip(name, seconds) if name and seconds is not None else None


class Recordings:
    """The recordings: `<folder>/<language>/<id>.wav`, and `texts.json` with the text of each when it was recorded."""

    def __init__(self, content: Content, folder: Path) -> None:
        self._content, self._folder = content, folder
        self.paths: dict[str, Path] = {}
        self._clips: dict[tuple[str, str], Clip | None] = {}

    @cached_property
    def _texts(self) -> Mapping[str, Mapping[str, str]]:
        found = {}
        for code in self._content.languages.languages:
            path = self._folder / code / TEXTS
            found[code] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return found

    def are_there(self, code: str) -> bool:
        """Whether there are recordings in a language."""
        return bool(self._texts[code])

    def is_there(self, utterance: Utterance) -> bool:
        """Whether an utterance is recorded, stale or not."""
        return utterance.id in self._texts[utterance.language]

    def is_stale(self, utterance: Utterance) -> bool:
        """Whether the text of an utterance has changed since it was recorded."""
        recorded = self._texts[utterance.language].get(utterance.id)
        return recorded is not None and recorded != utterance.text

    def clip(self, utterance: Utterance) -> Clip | None:
        """The recording of an utterance, also for its slow version; None for a safety sentence that is stale."""
        if self.is_stale(utterance) and utterance.prompt.startswith(SAFETY):
            return None
        if utterance.ends_group:  # a digit is recorded once, wherever it stands in a number
            utterance = replace(utterance, values=())
        key = (utterance.language, utterance.id)
        if key not in self._clips:
            self._clips[key] = self._read(utterance) if self.is_there(utterance) else None
        return self._clips[key]

    def _read(self, utterance: Utterance) -> Clip | None:
        path = self._folder / utterance.language / f"{utterance.id}.wav"
        if (seconds := seconds_of(path)) is None:
            return None
        name = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
        self.paths[name] = path
        return Clip(name, seconds)
