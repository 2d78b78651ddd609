"""Clips on disk: made ones under the hash of what they say and how, recorded ones under the id of what they say."""

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
CHAIN = 5
"""Version of the chain from speech to clip; a new one makes every clip anew."""
SLOWER = 0.8
"""Pace of the slow version (rule K4)."""
RATE = 8000
TEXTS = "texts.json"
"""What each recording of a folder said when it was made."""


def ending_of(content: Content, utterance: Utterance) -> Ending:
    """How much silence follows: an option leaves time to press its key, a group of digits to take it in."""
    if utterance.prompt.startswith("digit."):
        return "group" if utterance.ends_group else "digit"
    return "option" if utterance.prompt in option_prompts(content) else "sentence"


def request_of(content: Content, utterance: Utterance, engine: str) -> SynthesisRequest | None:
    """What an engine is asked for; None for a language without a voice there."""
    language = content.languages.languages[utterance.language]
    if (voice := language.voices.get(engine)) is None:
        return None
    pace = voice.pace * (SLOWER if utterance.slow else 1)
    # Most engines need no vowel marks: they were made to read what people write.
    text = (VOICE_SOURCES[engine].reads_marks and utterance.spoken) or utterance.text
    return SynthesisRequest(utterance.id, language.locale, text, voice.voice, round(pace, 3))


def clip_name(request: SynthesisRequest, ending: Ending, engine: str) -> str:
    """The name of a made clip: it changes with text, voice, pace, ending or chain, and with nothing else.

    Never a hash of the audio: engines do not say the same twice in the same bytes.
    """
    what = (str(CHAIN), engine, request.voice, str(request.pace), ending, request.text)
    return hashlib.sha256("\n".join(what).encode()).hexdigest()[:32]


def seconds_of(path: Path) -> float | None:
    """Seconds of a clip; None where the file is no whole clip, or is not there."""
    try:
        with path.open("rb") as file:
            return wav_seconds(file.read(64), path.stat().st_size)
    except OSError:
        return None


def wav_seconds(head: bytes, size: int) -> float | None:
    """Seconds of a WAV file in mu-law, 8 kHz, mono, by its first 64 bytes and its size; None where it is none.

    The two must agree: a player would go on in silence to the length that the header promises.
    """
    if head[:4] != b"RIFF" or head[8:16] != b"WAVEfmt " or len(head) < 44:
        return None
    length, kind, channels, rate = struct.unpack("<IHHI", head[16:28])
    at = head.find(b"data", 20 + length)
    if (kind, channels, rate) != (7, 1, RATE) or at < 0 or at + 8 > len(head):
        return None
    frames = int(struct.unpack("<I", head[at + 4 : at + 8])[0])
    whole = at + 8 + frames + frames % 2  # a chunk of an odd length ends with a byte that does not count
    return frames / RATE if frames and size == whole else None


class Rendered:
    """The clips that machines have made: what is there is looked up once."""

    def __init__(self, content: Content, folder: Path) -> None:
        self._content, self._folder = content, folder
        self._names: dict[tuple[Utterance, str], str | None] = {}

    @cached_property
    def paths(self) -> Mapping[str, Path]:
        """Every clip by name."""
        return {path.stem: path for path in self._folder.glob("*.wav")} if self._folder.is_dir() else {}

    @cached_property
    def _seconds(self) -> Mapping[str, float]:
        found = ((name, seconds_of(path)) for name, path in self.paths.items())
        return {name: seconds for name, seconds in found if seconds is not None}

    def name(self, utterance: Utterance, engine: str) -> str | None:
        """The name that the clip of an utterance has, made or not; None for a language without a voice."""
        key = (utterance, engine)
        if key not in self._names:
            request = request_of(self._content, utterance, engine)
            ending = ending_of(self._content, utterance)
            self._names[key] = clip_name(request, ending, engine) if request else None
        return self._names[key]

    def clip(self, utterance: Utterance, engine: str) -> Clip | None:
        """The clip of an utterance, if it is there and whole."""
        name = self.name(utterance, engine)
        seconds = self._seconds.get(name) if name else None
        return Clip(name, seconds) if name and seconds is not None else None


class Recordings:
    """What people have recorded: `<folder>/<language>/<id>.wav`, and `texts.json` with what each said then."""

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
        """Whether anything at all is recorded in a language."""
        return bool(self._texts[code])

    def is_there(self, utterance: Utterance) -> bool:
        """Whether somebody has recorded this sentence, stale or not."""
        return utterance.id in self._texts[utterance.language]

    def is_stale(self, utterance: Utterance) -> bool:
        """Whether its text has changed since."""
        recorded = self._texts[utterance.language].get(utterance.id)
        return recorded is not None and recorded != utterance.text

    def clip(self, utterance: Utterance) -> Clip | None:
        """The recording of an utterance, also for its slow version; a stale safety sentence is never spoken."""
        if self.is_stale(utterance) and utterance.prompt.startswith(SAFETY):
            return None
        if utterance.ends_group:  # digits are ten recordings
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
