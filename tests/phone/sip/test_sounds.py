"""The sounds of calls by telephones: whose they are, how long, and what is told of a sentence without any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.core.utterance import Utterance
from ivr.phone.clip_builder import ClipBuilder
from ivr.phone.errors import ProviderFault
from ivr.phone.network.events import Spoken
from ivr.phone.network.port import SpokenOf
from ivr.phone.simulation import PUBLIC_URL
from ivr.phone.sip import sounds
from ivr.phone.sip.sounds import BEING_MADE, LOST, NO_VOICE, SipSounds
from ivr.phone.twiml.document import Break, PlayVerb, SayVerb, Words
from ivr.speech.clips import wav_sound
from ivr.speech.voices import TEXT_ONLY, Audio, VoiceSelector
from tests.conftest import TODAY
from tests.limits import PATIENCE
from tests.phone.browser.helpers import Tones
from tests.speech.test_voices import A_SECOND, make, record

NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "PATIENCE", PATIENCE)


@pytest.fixture(scope="module")
def few(content: Content) -> list[Utterance]:
    """Sentences of two languages, at both paces."""
    prompts = ("safety.opening", "welcome.machine")
    return [said for said in closed_set(content, TODAY) if said.prompt in prompts and said.language in ("fi", "so")]


@pytest.fixture
def audio(tmp_path: Path) -> Audio:
    return Audio(tmp_path / "rendered", tmp_path / "recorded")


@dataclass
class Told:
    """What one call is told, and what it was told to be missing."""

    spoken: SpokenOf
    missed: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Sounds:
    """The sounds of all calls, of a line with these clips."""

    content: Content
    audio: Audio
    all: SipSounds

    def of_call(self) -> Told:
        app = simulated_app(self.content, lambda: NOON, self.audio)
        subtitle = VoiceSelector(self.content, self.audio, TODAY, "text").subtitle
        missed = list[tuple[str, str]]()
        spoken = self.all.of_call(app, subtitle, lambda spoken, why: missed.append((spoken.text, why)))
        return Told(spoken, missed)


def of(content: Content, few: Sequence[Utterance], audio: Audio, builder: ClipBuilder) -> Sounds:
    return Sounds(content, audio, SipSounds(content, few, builder))


def say(content: Content, said: Utterance) -> SayVerb:
    locale = content.languages.languages[said.language].locale
    return SayVerb(TEXT_ONLY, locale, (Words(said.text, 0.8 if said.slow else 1.0),))


def test_a_say_is_spoken_by_the_made_voice_at_its_own_pace(
    content: Content, few: Sequence[Utterance], audio: Audio
) -> None:
    builder = ClipBuilder(content, few, audio.rendered, Tones)
    builder.start()
    heard = of(content, few, audio, builder)
    call = heard.of_call()
    for said in (said for said in few if said.language == "fi"):
        spoken = call.spoken(say(content, said))
        name = builder.clip(said)
        assert name
        path = builder.path(name)
        assert path
        assert heard.all.sound_of(spoken) == wav_sound(path.read_bytes()) != b""
        assert spoken == Spoken("fi-FI", said.text, len(heard.all.sound_of(spoken)) / 8000, said.slow)
    assert call.missed == []


def test_a_play_is_fetched_as_the_provider_does_and_is_heard_byte_for_byte(
    content: Content, few: Sequence[Utterance], audio: Audio
) -> None:
    said = few[0]
    record(audio, said)
    (file,) = audio.recorded.rglob("*.wav")
    clip = audio.recordings(content).clip(said)
    assert clip
    heard = of(content, (), audio, ClipBuilder(content, (), audio.rendered, Tones))
    call = heard.of_call()
    url = f"{PUBLIC_URL}/audio/{clip.name}.wav"
    spoken = call.spoken(PlayVerb(url))
    assert (spoken.text, spoken.seconds, spoken.clip) == (said.text, 0.5, url)
    assert heard.all.sound_of(spoken) == file.read_bytes()[-4000:]
    with pytest.raises(ProviderFault, match="404"):
        call.spoken(PlayVerb(f"{PUBLIC_URL}/audio/{'0' * 32}.wav"))


def test_a_sentence_without_a_voice_takes_no_time_and_is_told_once_in_a_call(
    content: Content, few: Sequence[Utterance], audio: Audio
) -> None:
    somali = next(said for said in few if said.language == "so")
    heard = of(content, few, audio, ClipBuilder(content, few, audio.rendered, Tones))
    stranger = SayVerb(TEXT_ONLY, "fi-FI", (Words("Nobody", 1.0), Break(1.0), Words("wrote this.", 1.0)))
    for _ in range(2):
        call = heard.of_call()
        for _ in range(2):
            spoken = call.spoken(say(content, somali))
            assert (spoken.seconds, heard.all.sound_of(spoken)) == (0.0, b"")
            assert call.spoken(stranger) == Spoken("fi-FI", "Nobody wrote this.", 0.0)
        assert call.missed == [(somali.text, NO_VOICE), ("Nobody wrote this.", NO_VOICE)]


def test_a_sentence_that_is_being_made_is_told_so_and_the_next_one_is_not_waited_for(
    content: Content, few: Sequence[Utterance], audio: Audio, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = list[float]()

    def clip(_builder: ClipBuilder, _said: Utterance, patience: float) -> None:
        waited.append(patience)

    monkeypatch.setattr(ClipBuilder, "clip", clip)
    heard = of(content, few, audio, ClipBuilder(content, few, audio.rendered, Tones))  # and nobody starts it
    call = heard.of_call()
    for said in few[:2]:
        assert call.spoken(say(content, said)).seconds == 0.0
    assert call.missed == [(said.text, BEING_MADE) for said in few[:2]]
    assert waited == [PATIENCE, 0.0]


def test_a_made_clip_that_is_cut_or_gone_is_told_as_lost(
    content: Content, few: Sequence[Utterance], audio: Audio
) -> None:
    audio.rendered.mkdir()
    said = few[0]
    path = make(content, audio, said, "offline")
    heard = of(content, few, audio, ClipBuilder(content, [said], audio.rendered, Tones))
    assert heard.of_call().spoken(say(content, said)).seconds == 1.0
    path.write_bytes(A_SECOND[:-100])
    call = heard.of_call()
    assert call.spoken(say(content, said)).seconds == 0.0
    path.unlink()
    again = heard.of_call()
    assert again.spoken(say(content, said)).seconds == 0.0
    assert (call.missed, again.missed) == ([(said.text, LOST)],) * 2


def test_what_was_never_said_has_no_sound(content: Content, audio: Audio) -> None:
    heard = of(content, (), audio, ClipBuilder(content, (), audio.rendered, Tones))
    assert heard.all.sound_of(Spoken("fi-FI", "Hei.", 1.0)) == b""
