"""Which voice speaks: decided once at start, from what has been made and recorded.

Of the made voices a language takes the first source (`engines.VOICE_SOURCES`) that can say all of it. A recording by a
person replaces single sentences and always wins.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from ivr.core.content import Content
from ivr.core.languages import PROVIDER
from ivr.core.script import closed_set, twin
from ivr.core.utterance import Clip, Sound, SpokenByProvider, Utterance
from ivr.speech.clips import Recordings, Rendered
from ivr.speech.engines import ENGINES, VOICE_SOURCES

log = logging.getLogger(__name__)

Mode = Literal["auto", "say", "text"]
"""`say`: no clips at all. `text`, of a simulated line: what no voice speaks is given to read."""
UNSPOKEN = "Polly.Nobody"
"""The voice of a text that is only read, in a simulated call."""


@dataclass(frozen=True)
class Audio:
    """Where clips are: made by machines, and recorded by people."""

    rendered: Path
    recorded: Path


NO_AUDIO = Audio(Path("no-clips"), Path("no-recordings"))


def audio_folders(site: Path) -> Audio:
    """`audio/` beside a folder `prompts/`; in a site of any other name, so that no two share their recordings."""
    site = site.resolve()
    audio = (site.parent if site.name == "prompts" else site) / "audio"
    return Audio(audio / "rendered", audio / "recorded")


class VoiceSelector:
    """How every utterance sounds. Calling it gives the sound; KeyError for a language without any voice."""

    def __init__(self, content: Content, audio: Audio, today: date, mode: Mode = "auto") -> None:
        self._content, self._today, self._mode = content, today, mode
        self._rendered = Rendered(content, audio.rendered) if mode != "say" else None
        self._recordings = Recordings(content, audio.recorded) if mode != "say" else None
        self.sources: Mapping[str, str | None] = {
            code: self._first_source(code) for code in content.languages.languages
        }
        """The made voice of each language, by its source; None where none can say all of it."""
        self.lost: set[str] = set()
        """Names of clips that were there at start and are no more."""

    def __call__(self, utterance: Utterance) -> Sound:
        """A person's recording, else the language's source, else its twin without day and time, else what is left."""
        if sound := self._sound(utterance):
            return sound
        # A clip is lost at run time, and there is nothing else: better too slow or too fast than not at all.
        if sound := self._sound(replace(utterance, slow=not utterance.slow)):
            return sound
        raise KeyError(f"no voice for {utterance.language}")

    @cached_property
    def voiced(self) -> frozenset[str]:
        """The languages among those offered in which every sentence has a sound."""
        return frozenset(code for code in self._content.offered if self._speaks(code))

    def _speaks(self, code: str) -> bool:
        if self._mode == "text" or self._content.languages.languages[code].provider_voice or self.sources[code]:
            return True
        if not (self._recordings and self._recordings.are_there(code)):
            return False
        return all(self._sound(utterance) for utterance in self.script[code])

    def _sound(self, utterance: Utterance) -> Sound | None:
        source = self.sources[utterance.language]
        candidates = [utterance, *((plain,) if (plain := twin(self._content, utterance)) else ())]
        for candidate in candidates:
            if recording := self._recorded(candidate):
                return recording
            if clip := self._made(candidate, source):
                return clip
        if voice := self._spoken(utterance):
            return voice
        return next((clip for engine in ENGINES if (clip := self._made(utterance, engine))), None)

    def _recorded(self, utterance: Utterance) -> Clip | None:
        clip = self._recordings.clip(utterance) if self._recordings else None
        return clip if clip and clip.name not in self.lost else None

    def path(self, name: str) -> Path | None:
        """The file of a clip that the line may serve."""
        found = self._recordings and self._recordings.paths.get(name)
        return found or (self._rendered and self._rendered.paths.get(name)) or None

    def subtitle(self, name: str) -> tuple[str, str, bool]:
        """What a clip says, for showing a call: the locale, the text, and whether slowly. KeyError for no clip."""
        return self._subtitles[name]

    @cached_property
    def _subtitles(self) -> Mapping[str, tuple[str, str, bool]]:
        locales = {code: language.locale for code, language in self._content.languages.languages.items()}
        found = {}
        for said in (said for several in self.script.values() for said in several):
            if isinstance(sound := self._sound(said), Clip):
                found[sound.name] = (locales[said.language], said.text, said.slow)
        return found

    def lose(self, name: str) -> None:
        """A clip is gone: from now on its sentence is said by the next source, and only its."""
        if name not in self.lost:
            self.lost.add(name)
            log.error("a clip is lost: %s; its sentence is said by the next voice", name)

    @cached_property
    def script(self) -> Mapping[str, tuple[Utterance, ...]]:
        """All that the line can say, by language."""
        said = closed_set(self._content, self._today)
        return {code: tuple(u for u in said if u.language == code) for code in self._content.languages.languages}

    def _first_source(self, code: str) -> str | None:
        voices = self._content.languages.languages[code].voices
        for source in (source for source in VOICE_SOURCES if source in voices):
            if source == PROVIDER or self.is_complete(code, source):
                return source
        return None

    def is_complete(self, code: str, engine: str) -> bool:
        """Whether an engine's clip of every sentence of a language is there."""
        if self._rendered is None or not self._rendered.paths:
            return False
        return bool(self.script[code]) and all(self._rendered.clip(said, engine) for said in self.script[code])

    def _made(self, utterance: Utterance, source: str | None) -> Clip | None:
        if self._rendered is None or source not in ENGINES:
            return None
        clip = self._rendered.clip(utterance, source)
        return clip if clip and clip.name not in self.lost else None

    def _spoken(self, utterance: Utterance) -> SpokenByProvider | None:
        language = self._content.languages.languages[utterance.language]
        voice = language.provider_voice or (UNSPOKEN if self._mode == "text" else None)
        return SpokenByProvider(voice, language.locale, utterance.text, utterance.slow) if voice else None
