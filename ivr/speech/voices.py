"""Which voice speaks, decided once at start from the clips and recordings that are there.

A language uses the first voice source (`engines.VOICE_SOURCES`) that has all its utterances. A recording of an
utterance always comes before that voice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from ivr.core.content import Content
from ivr.core.languages import PROVIDER
from ivr.core.script import closed_set, twin
from ivr.core.utterance import Clip, Sound, SpeechMode, SpokenByProvider, Utterance
from ivr.speech.clips import Recordings, Rendered
from ivr.speech.engines import ENGINES, VOICE_SOURCES

log = logging.getLogger(__name__)

TEXT_ONLY = "Polly.TextOnly"
"""Stands for the provider's voice where a simulated call shows an utterance as text."""


@dataclass(frozen=True)
class Audio:
    """The folders of the clips that engines rendered, and of those that people recorded."""

    rendered: Path
    recorded: Path


NO_AUDIO = Audio(Path("no-clips"), Path("no-recordings"))


def audio_folders(site: Path) -> Audio:
    """`audio/` beside a site named `prompts`, and inside a site of any other name, so that no two sites share it."""
    site = site.resolve()
    audio = (site.parent if site.name == "prompts" else site) / "audio"
    return Audio(audio / "rendered", audio / "recorded")


class VoiceSelector:
    """Chooses the sound of every utterance. Call it with an utterance; KeyError for a language without a voice."""

    def __init__(self, content: Content, audio: Audio, today: date, mode: SpeechMode = "auto") -> None:
        self._content, self._today, self._mode = content, today, mode
        folders = NO_AUDIO if mode == "say" else audio
        self._rendered, self._recordings = Rendered(content, folders.rendered), Recordings(content, folders.recorded)
        self.sources: Mapping[str, str | None] = {
            code: self._first_source(code) for code in content.languages.languages
        }
        """Language -> its voice source; None where none has all its utterances."""
        self.lost: set[str] = set()
        """Names of clips that were there at start, and whose file has gone since."""

    def __call__(self, utterance: Utterance) -> Sound:
        """The sound of an utterance: a recording, else its voice source's, else its twin's, else any that is left."""
        if sound := self._sound(utterance):
            return sound
        # A clip was lost during operation and nothing else is left: better at the wrong pace than not at all.
        if sound := self._sound(replace(utterance, slow=not utterance.slow)):
            return sound
        raise KeyError(f"no voice for {utterance.language}")

    @cached_property
    def voiced(self) -> frozenset[str]:
        """The offered languages in which every utterance has a sound."""
        return frozenset(code for code in self._content.offered if self._is_voiced(code))

    def _is_voiced(self, code: str) -> bool:
        if self._mode == "text" or self._content.languages.languages[code].provider_voice or self.sources[code]:
            return True
        return self._recordings.are_there(code) and all(self._sound(utterance) for utterance in self.script[code])

    def _sound(self, utterance: Utterance) -> Sound | None:
        source = self.sources[utterance.language]
        candidates = [utterance, *((plain,) if (plain := twin(self._content, utterance)) else ())]
        for candidate in candidates:
            if recording := self._recording(candidate):
                return recording
            if clip := self._rendered_clip(candidate, source):
                return clip
        if voice := self._by_provider(utterance):
            return voice
        return next((clip for engine in ENGINES if (clip := self._rendered_clip(utterance, engine))), None)

    def _recording(self, utterance: Utterance) -> Clip | None:
        clip = self._recordings.clip(utterance)
        return clip if clip and clip.name not in self.lost else None

    def path(self, name: str) -> Path | None:
        """The file of a clip by its name; None for any other name."""
        return self._recordings.paths.get(name) or self._rendered.paths.get(name)

    def subtitle(self, name: str) -> tuple[str, str, bool]:
        """(locale, text, slow) of a clip, for showing a call. KeyError for any other name."""
        return self._subtitles[name]

    @cached_property
    def _subtitles(self) -> Mapping[str, tuple[str, str, bool]]:
        locales = {code: language.locale for code, language in self._content.languages.languages.items()}
        found = {}
        for utterance in closed_set(self._content, self._today):
            if isinstance(sound := self._sound(utterance), Clip):
                found[sound.name] = (locales[utterance.language], utterance.text, utterance.slow)
        return found

    def lose(self, name: str) -> None:
        """Note that the file of a clip has gone: only its utterance is said by another voice from now on."""
        if name not in self.lost:
            self.lost.add(name)
            log.error("a clip is lost: %s; its sentence is said by the next voice", name)

    @cached_property
    def script(self) -> Mapping[str, tuple[Utterance, ...]]:
        """Language -> all utterances that the line can say in it."""
        everything = closed_set(self._content, self._today)
        return {code: tuple(u for u in everything if u.language == code) for code in self._content.languages.languages}

    def _first_source(self, code: str) -> str | None:
        voices = self._content.languages.languages[code].voices
        usable = (source for source in VOICE_SOURCES if source in voices)
        return next((source for source in usable if source == PROVIDER or self._has_all_clips(code, source)), None)

    def _has_all_clips(self, code: str, engine: str) -> bool:
        script = self.script[code] if self._rendered.paths else ()
        return bool(script) and all(self._rendered.clip(utterance, engine) for utterance in script)

    def _rendered_clip(self, utterance: Utterance, source: str | None) -> Clip | None:
        clip = self._rendered.clip(utterance, source) if source in ENGINES else None
        return clip if clip and clip.name not in self.lost else None

    def _by_provider(self, utterance: Utterance) -> SpokenByProvider | None:
        language = self._content.languages.languages[utterance.language]
        voice = language.provider_voice or (TEXT_ONLY if self._mode == "text" else None)
        return SpokenByProvider(voice, language.locale, utterance.text, utterance.slow) if voice else None
