"""Every golden call as production plays it: by made clips where the provider has no voice, and nothing in no time."""

from __future__ import annotations

import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.phone.hearing import Hearing, Subtitle
from ivr.phone.network.behaviour import USUAL, CarrierBehaviour
from ivr.phone.network.events import Said
from ivr.speech.clips import Rendered
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.render import jobs
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from tests.calls.golden import Played, broken_promises, play
from tests.calls.test_golden import FILES, files, read
from tests.conftest import TODAY

WITHOUT_A_PROVIDER_VOICE = {"uk", "fa", "sw"}
"""Languages that only clips speak; Somali and Sorani wait for a voice and are shown as text."""


@pytest.fixture(scope="module")
def audio(content: Content, rendered: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Audio:
    """The clips of the languages that have no other voice, made by the real engine."""
    folder = tmp_path_factory.mktemp("clips")
    script = [said for said in closed_set(content, TODAY) if said.language in WITHOUT_A_PROVIDER_VOICE]
    for job in jobs(content, script, "offline"):
        shutil.copy(rendered.path(job.name), folder)
    return Audio(folder, NO_AUDIO.recorded)


@pytest.fixture(scope="module")
def subtitle(content: Content, audio: Audio) -> Subtitle:
    return VoiceSelector(content, audio, TODAY).subtitle


def played(path: Path, content: Content, audio: Audio, subtitle: Subtitle) -> Played:
    app = partial(simulated_app, audio=audio)
    seconds_of, slow_network = seconds_by_locale(content.languages), CarrierBehaviour(delays=USUAL)
    return play(read(path), content, app, seconds_of, slow_network, lambda app: Hearing(app, subtitle))


def by_clips(call: Played) -> Counter[str]:
    """How many sentences of each language are clips."""
    spoken = [event.spoken for event in call.events if isinstance(event, Said)]
    return Counter(call.transcript.codes[each.language] for each in spoken if each.clip)


@files
def test_keeps_its_promises_by_made_clips_on_a_slow_network(
    path: Path, content: Content, audio: Audio, subtitle: Subtitle
) -> None:
    assert not broken_promises(read(path), played(path, content, audio, subtitle))


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("ukrainian_child_by_night", "uk"),
        ("a_wrong_language_left_by_star", "fa"),
        ("swahili_behind_nine_and_back", "sw"),
    ],
)
def test_a_language_without_a_voice_of_the_provider_is_heard_by_clips_alone(
    name: str, language: str, content: Content, audio: Audio, subtitle: Subtitle
) -> None:
    (path,) = [path for path in FILES if path.stem == name]
    call = played(path, content, audio, subtitle)
    locale = content.languages.languages[language].locale
    spoken = [event.spoken for event in call.events if isinstance(event, Said) and event.spoken.language == locale]
    assert len(spoken) > 10
    assert all(each.clip for each in spoken)
    assert set(by_clips(call)) == WITHOUT_A_PROVIDER_VOICE
