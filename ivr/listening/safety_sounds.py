"""The sounds of safety sentences that a second reader must hear, and which takes callers would hear."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from ivr.core.content import Content
from ivr.core.prompts import SAFETY
from ivr.core.script import closed_set, recorded_as, to_record
from ivr.core.utterance import Utterance
from ivr.records.people import name_key
from ivr.records.room import Room, SecondHearing, Take, Volunteer
from ivr.speech.clips import Rendered
from ivr.speech.engines import CLOUD, ENGINES
from ivr.speech.recorded import take_path
from ivr.speech.voices import Audio

NAME_DIGITS = 32
"""How much of the hash of a recording is its name where it is served."""


@dataclass(frozen=True)
class ToHear:
    """The sound of a safety sentence that a reader must hear before callers do.

    `path`: its file; `clip_name`: its name where callers are served it; `slow`: the version said when a caller asks
    again. `take`: whose it is, if a person spoke it. `hearing`: what decides: a refusal, else an approval; None where
    no reader has heard it.
    """

    sentence: str
    text: str
    sha256: str
    path: Path
    clip_name: str
    slow: bool = False
    take: Take | None = None
    hearing: SecondHearing | None = None

    @property
    def is_approved(self) -> bool:
        """Whether callers may hear it."""
        return self.hearing is not None and self.hearing.approved


def candidates(
    room: Room, content: Content, today: date, language: str, voice: int | None = None
) -> Mapping[str, Take]:
    """Sentence -> the newest take of its words of today: of one volunteer, else of whoever has most of them.

    What they lack is filled by the others, whoever has most of it first.
    """
    wanted = {said.id: said.text for said in to_record(content, today, language)}
    by_voice = takes_by_voice(room, language, wanted)
    found = dict[str, Take]()
    for id_ in sorted(by_voice, key=lambda id_: (id_ != voice, -len(by_voice[id_]), id_)):
        found = {**by_voice[id_], **found}
    return {sentence: found[sentence] for sentence in wanted if sentence in found}


def takes_by_voice(room: Room, language: str, wanted: Mapping[str, str]) -> dict[int, dict[str, Take]]:
    """Volunteer who has agreed -> sentence -> their newest take of its words. `wanted`: sentence -> words."""
    agreed = {each.id for each in room.volunteers(language) if each.consent}
    found = dict[int, dict[str, Take]]()
    for take in room.takes(language):
        if take.replaced is None and take.volunteer in agreed and wanted.get(take.sentence) == take.text:
            found.setdefault(take.volunteer, {})[take.sentence] = take
    return found


def to_hear(room: Room, content: Content, today: date, audio: Audio, language: str) -> tuple[ToHear, ...]:
    """The sounds of safety sentences that readers are asked to hear, each once, also where two sentences share it.

    Those that callers would hear first; then those of everybody else who has recorded all safety sentences, so that a
    team leader can choose between voices.
    """
    known = LanguageAtHand(room, content, today, audio, language)
    safety = {said.id: said.text for said in known.safety}
    whole = [id_ for id_, takes in takes_by_voice(room, language, safety).items() if takes.keys() == safety.keys()]
    # One file may have been sent for two sentences: each is heard, so that a reader can say that one is wrong.
    found = {(s.text, s.sha256): s for voice in (None, *whole) for s in known.sounds(known.takes_of(voice))}
    return tuple(found.values())


class LanguageAtHand:
    """What is known of one language at one moment.

    `script`: all that a person would record of it; `safety`: the safety sentences among them.
    """

    def __init__(self, room: Room, content: Content, today: date, audio: Audio, language: str) -> None:
        self.room, self.content, self.today, self.audio, self.language = room, content, today, audio, language
        self.script = to_record(content, today, language)
        self.safety = tuple(said for said in self.script if said.prompt.startswith(SAFETY))
        self.volunteers = {each.id: each for each in room.volunteers(language)}
        self.hearings = room.hearings(language)
        self._rendered = Rendered(content, audio.rendered)
        self.recordings = audio.recordings(content)

    def takes_of(self, voice: int | None) -> Mapping[str, Take]:
        """Its `candidates`."""
        return candidates(self.room, self.content, self.today, self.language, voice)

    def path(self, take: Take) -> Path:
        """Where the file of a take is."""
        return take_path(self.audio.recorded, self.language, take.file)

    # --- what readers hear ---

    def sounds(self, takes: Mapping[str, Take]) -> tuple[ToHear, ...]:
        """The sounds of its safety sentences, if these takes are heard: of some there may be none, or two."""
        return tuple(self._sounds(takes))

    def _sounds(self, takes: Mapping[str, Take]) -> Iterator[ToHear]:
        engine = self._cloud_engine
        for said in self.safety:
            if take := takes.get(said.id):
                sound = ToHear(said.id, said.text, take.sha256, self.path(take), take.sha256[:NAME_DIGITS], take=take)
                yield replace(sound, hearing=self._decides(sound))
            elif engine and not self.recordings.clip(said):
                yield from self._by_cloud(said, engine)

    def by_cloud(self) -> tuple[ToHear, ...]:
        """What a cloud voice says of its safety sentences, also of those that somebody has recorded."""
        engine = self._cloud_engine
        return tuple(each for said in self.safety for each in self._by_cloud(said, engine)) if engine else ()

    def _by_cloud(self, said: Utterance, engine: str) -> Iterator[ToHear]:
        for own in self._as_said[said]:
            name = self._rendered.name(own, engine)
            path = self._rendered.path(name) if name and self._rendered.file(name) else None
            if name and path and (data := read_clip(path)):
                sound = ToHear(said.id, said.text, hashlib.sha256(data).hexdigest(), path, name, own.slow)
                yield replace(sound, hearing=self._decides(sound))

    @cached_property
    def _as_said(self) -> Mapping[Utterance, list[Utterance]]:
        """Sentence -> all that is said of it, at both paces."""
        found: dict[Utterance, list[Utterance]] = {said: [] for said in self.script}
        for own in closed_set(self.content, self.today):
            if own.language == self.language:
                found[recorded_as(own)].append(own)
        return found

    @property
    def _cloud_engine(self) -> str | None:
        """The cloud voice that callers would hear, once a reader has approved it: the first that has made clips."""
        voices = self.content.languages.languages[self.language].voices
        engines = [name for name in ENGINES if name in CLOUD and name in voices]
        return next((name for name in engines if any(self._rendered.clip(said, name) for said in self.safety)), None)

    def _decides(self, sound: ToHear) -> SecondHearing | None:
        """The hearing of this very clip that decides. One who says that it is wrong outweighs all who approve it."""
        speaker = self.volunteers.get(sound.take.volunteer) if sound.take else None
        heard = [
            each
            for each in self.hearings
            if (each.sha256, each.text) == (sound.sha256, sound.text) and self._may_decide(each.reader, speaker)
        ]
        return next((each for each in heard if not each.approved), heard[0] if heard else None)

    def _may_decide(self, reader: int, speaker: Volunteer | None) -> bool:
        found = self.volunteers.get(reader)
        own = found and speaker and name_key(found.name) == name_key(speaker.name)
        return found is not None and found.kind == "reader" and not own


def read_clip(path: Path) -> bytes | None:
    """The bytes of a clip; None where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None
