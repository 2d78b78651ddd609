"""The sound of what the line says: the line's own clips, and made voices where the provider's voice would speak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, assert_never

from ivr.core.content import Content
from ivr.core.utterance import Utterance
from ivr.phone.clip_builder import ClipBuilder, sentences
from ivr.phone.hearing import Hearing, Subtitle
from ivr.phone.network.events import Spoken
from ivr.phone.network.port import SpokenOf
from ivr.phone.twiml.document import PlayVerb, SayVerb, Words
from ivr.speech.clips import RATE, wav_sound

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PATIENCE = 1.0
"""Seconds that a call waits for a sentence whose clip is being made."""
NO_VOICE, BEING_MADE, LOST = "it has no voice here", "its voice is being made", "its clip is not whole"

Missed = Callable[[Spoken, str], None]
"""Takes a sentence that has no sound, and why."""


class SipSounds:
    """Sounds of all calls: mu-law, 8 kHz, mono, without header.

    `builder`: makes the clips that stand in for the provider's voice.
    """

    def __init__(self, content: Content, script: Sequence[Utterance], builder: ClipBuilder) -> None:
        self._sentences, self._builder = sentences(content, script), builder
        self._sounds: dict[Spoken, bytes] = {}

    def sound_of(self, spoken: Spoken) -> bytes:
        """The sound of what a call was told to say; empty if there is none."""
        return self._sounds.get(spoken, b"")

    def of_call(self, app: WSGIApplication, subtitle: Subtitle, missed: Missed) -> SpokenOf:
        """What tells one call the words and the seconds of each Say and Play; `app`: where its clips are fetched.

        `missed` is told of each sentence without sound, once. It takes no time.
        """
        return _CallSounds(self, Hearing(app, subtitle, self._fetched), missed).spoken

    def _fetched(self, spoken: Spoken, wav: bytes) -> None:
        self._sounds[spoken] = wav_sound(wav)

    def made(self, said: Spoken, patience: float) -> Spoken | str:
        """A sentence with the seconds of its made clip, after waiting some seconds at most; else why it has none."""
        utterance = self._sentences.get((said.language, said.text, said.slow))
        if utterance is None:
            return NO_VOICE
        self._builder.hurry(utterance.language)
        name = self._builder.clip(utterance, patience)
        if name is None:
            return BEING_MADE if self._builder.is_making(utterance) else NO_VOICE
        sound = self._read(name)
        if not sound:
            return LOST
        spoken = Spoken(said.language, said.text, len(sound) / RATE, said.slow)
        self._sounds[spoken] = sound
        return spoken

    def _read(self, name: str) -> bytes:
        path = self._builder.path(name)
        with suppress(OSError):  # somebody has removed it
            return wav_sound(path.read_bytes()) if path else b""
        return b""


class _CallSounds:
    """The sounds of one call."""

    def __init__(self, sounds: SipSounds, hearing: Hearing, missed: Missed) -> None:
        self._sounds, self._hearing, self._missed = sounds, hearing, missed
        self._told = set[Spoken]()
        self._waits = True

    def spoken(self, sound: SayVerb | PlayVerb) -> Spoken:
        """The words of a Say or Play and the seconds of its sound; ProviderFault if a clip cannot be fetched."""
        match sound:
            case PlayVerb(url=url):
                return self._hearing(url)
            case SayVerb():
                return self._made(sound)
            case _:
                assert_never(sound)

    def _made(self, say: SayVerb) -> Spoken:
        words = [part for part in say.parts if isinstance(part, Words)]
        slow = any(part.rate < 1 for part in words)
        silent = Spoken(say.language, " ".join(part.text for part in words), 0.0, slow)
        # Whoever has waited in vain for one sentence does not wait in silence for the next one too.
        found = self._sounds.made(silent, PATIENCE if self._waits else 0.0)
        if isinstance(found, Spoken):
            self._waits = True
            return found
        self._waits = found != BEING_MADE
        if silent not in self._told:
            self._told.add(silent)
            self._missed(silent, found)
        return silent
