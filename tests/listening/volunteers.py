"""Volunteers of a language, and what they have left in the room, for tests of what is made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ivr.core.content import Content
from ivr.core.prompts import SAFETY
from ivr.core.script import to_record
from ivr.core.utterance import Utterance
from ivr.listening.release import NotReady, standing, take_into_use
from ivr.listening.safety_sounds import to_hear
from ivr.records.room import Room
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import ENDING, TAKES
from ivr.speech.voices import Audio, VoiceSelector
from tests.conftest import TODAY, made_once

NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Europe/Helsinki"))
LEADER = "Anna Åkesson"


def sound(number: int) -> bytes:
    """A clip like no other."""
    return to_wav((0.2 * np.sin(np.arange(4_000) * (200 + number) / 8000)).astype(np.float32))


@dataclass
class Volunteers:
    """What volunteers have left in a room, and where."""

    room: Room
    content: Content
    audio: Audio
    language: str = "so"
    made: int = 0
    names: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, content: Content, audio: Audio, language: str = "so") -> Volunteers:
        """Those who are in the room of these recordings already, if anybody is."""
        room = Room.open({"IVR_RECORDINGS": str(audio.recorded)})
        names = {each.name: each.id for each in room.volunteers(language)}
        return cls(room, content, audio, language, len(room.takes(language)), names)

    @property
    def script(self) -> tuple[Utterance, ...]:
        return to_record(self.content, TODAY, self.language)

    @property
    def safety(self) -> list[Utterance]:
        return [said for said in self.script if said.prompt.startswith(SAFETY)]

    def speaker(self, name: str) -> int:
        if name not in self.names:
            made = self.room.invite(self.language, name, "voice", LEADER, NOW)
            self.names[name] = made.volunteer.id
            self.room.agree(made.volunteer.id, "v1", self.language, NOW, named=False)
        return self.names[name]

    def reader(self, name: str = "Ruqiya") -> int:
        if name not in self.names:
            self.names[name] = self.room.invite(self.language, name, "reader", LEADER, NOW).volunteer.id
        return self.names[name]

    def record(self, sentences: Iterable[Utterance] | None = None, by: str = "Samira", seconds: float = 0.5) -> None:
        """Record some sentences, or all. `seconds`: how long each is said to be."""
        for said in self.script if sentences is None else sentences:
            self.made += 1
            data = sound(self.made)
            file = hashlib.sha256(data + str(self.made).encode()).hexdigest()[:32]
            path = self.audio.recorded / TAKES / self.language / f"{file}{ENDING}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            sha256, at = hashlib.sha256(data).hexdigest(), NOW + timedelta(seconds=self.made)
            self.room.keep_take(self.speaker(by), file, said.id, said.text, sha256, seconds, at)

    def hear(self, by: str = "Ruqiya", wrong: Iterable[str] = (), only: Iterable[str] | None = None) -> None:
        """Hear all that there is to hear, and approve it but for some sentences."""
        for each in to_hear(self.room, self.content, TODAY, self.audio, self.language):
            if only is None or each.sentence in only:
                approved = each.sentence not in wrong
                args = (self.reader(by), each.sentence, each.text, each.sha256, "Soo wac 112.", None, NOW)
                self.room.hear(*args, approved=approved)

    def press(self, voice: str | None = None, by: str = LEADER) -> None:
        chosen = None if voice is None else self.names[voice]
        take_into_use(self.room, self.content, self.audio, self.language, chosen, by, NOW)

    def missing(self) -> set[str]:
        """What keeps the press from doing anything; it is pressed, and must have written nothing."""
        before = self.published()
        with pytest.raises(NotReady) as refused:
            self.press()
        shown = standing(self.room, self.content, TODAY, self.audio, self.language)
        assert refused.value.missing == shown.missing
        assert self.published() == before
        return {each.what for each in shown.missing}

    @property
    def folder(self) -> Path:
        return self.audio.recorded / self.language

    def published(self) -> dict[str, bytes]:
        """Every file that the line reads of the language."""
        return {path.name: path.read_bytes() for path in self.folder.glob("*")}

    def on_line(self) -> dict[str, str]:
        """Sentence -> the name of the recording that callers would hear."""
        selector = VoiceSelector(self.content, self.audio, TODAY)
        return {said.id: getattr(selector.sound(said), "name", "") for said in self.script}


def recorded_once(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Path:
    """A folder of recordings in which all of Somali is recorded by Samira and heard by Ruqiya; to be copied."""

    def make(folder: Path) -> None:
        somali = Volunteers.of(content, Audio(folder / "rendered", folder))
        somali.record()
        somali.hear()

    return made_once(tmp_path_factory, "somali", make)
