"""`GET /audio/<name>.wav`: the right bytes, for ever, and nothing else of the disk."""

from __future__ import annotations

import io
import pickle
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from werkzeug.test import Client

from ivr.app import create_app
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.core.utterance import Clip
from ivr.journal import Journal
from ivr.phone.errors import CarrierError
from ivr.phone.hearing import Hearing
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Ended, Said
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.simulation import carrier_for
from ivr.settings.read import Settings
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import RecordedText, take_in
from ivr.speech.voices import Audio, VoiceSelector
from ivr.speech.web import clips_blueprint
from tests.conftest import TODAY
from tests.speech.test_voices import A_SECOND, clip_of, first, make, record, script
from tests.telephony.conftest import line_settings

PCM = A_SECOND.replace(b"\x07\x00", b"\x01\x00", 1)
NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def content(content: Content) -> Content:
    """The real content, of which the line offers three languages."""
    return replace(content, offered=frozenset({"fi", "sv", "en"}))


@pytest.fixture(scope="module")
def whole(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Audio:
    folder = tmp_path_factory.mktemp("audio")
    where = Audio(folder / "rendered", folder / "recorded")
    where.rendered.mkdir()
    for code in ("fi", "sv", "en"):
        for said in script(content, code):
            make(content, where, said, "google")
    return where


@pytest.fixture
def audio(whole: Audio, tmp_path: Path) -> Audio:
    """A copy, for each test to lose what it likes."""
    return Audio(Path(shutil.copytree(whole.rendered, tmp_path / "rendered")), whole.recorded)


@pytest.fixture(scope="module")
def first_name(content: Content, whole: Audio) -> str:
    return clip_of(VoiceSelector(content, whole, TODAY), script(content, "fi")[0]).name


@pytest.fixture
def client(content: Content, audio: Audio) -> Client:
    return Client(create_app(line_settings(), content, lambda: NOON, Journal(io.StringIO()), audio))


def test_a_clip_is_served_for_ever_without_a_signature(first_name: str, client: Client) -> None:
    response = client.get(f"/audio/{first_name}.wav", buffered=True)
    assert (response.status_code, response.data, response.mimetype) == (200, A_SECOND, "audio/wav")
    assert response.headers["ETag"] == f'"{first_name}"'
    assert {"immutable", "public", "max-age=31536000"} <= set(response.headers["Cache-Control"].split(", "))
    again = client.get(f"/audio/{first_name}.wav", headers={"If-None-Match": f'"{first_name}"'}, buffered=True)
    assert (again.status_code, again.data) == (304, b"")


def test_ranges_and_head_are_answered(first_name: str, client: Client) -> None:
    part = client.get(f"/audio/{first_name}.wav", headers={"Range": "bytes=0-3"}, buffered=True)
    assert (part.status_code, part.data) == (206, b"RIFF")
    head = client.head(f"/audio/{first_name}.wav", buffered=True)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(A_SECOND)))


@pytest.mark.parametrize(
    "path",
    [
        "/audio/" + "0" * 32 + ".wav",
        "/audio/../settings.wav",
        "/audio/%2e%2e%2fpyproject.wav",
        "/audio/",
        "/audio/x.wav",
    ],
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_other_methods_are_refused(first_name: str, client: Client) -> None:
    assert client.post(f"/audio/{first_name}.wav").status_code == 405


def test_a_clip_lost_at_run_time_is_told_in_health_and_spoken_by_the_next_rung(
    first_name: str, audio: Audio, client: Client
) -> None:
    (audio.rendered / f"{first_name}.wav").unlink()
    assert client.get(f"/audio/{first_name}.wav", buffered=True).status_code == 404
    assert client.get("/health").status_code == 503


@pytest.mark.parametrize("data", [b"", A_SECOND[:-1], A_SECOND + b"more", A_SECOND[:30]])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-3"}])
def test_a_clip_whose_header_and_size_disagree_is_not_served(
    first_name: str, audio: Audio, client: Client, data: bytes, headers: dict[str, str]
) -> None:
    """H3: a player would add silence up to the length in the header."""
    path = audio.rendered / f"{first_name}.wav"
    path.write_bytes(data)
    assert client.get(f"/audio/{first_name}.wav", headers=headers, buffered=True).status_code == 404
    assert client.get("/health").status_code == 503


def test_a_clip_that_was_made_anew_in_another_length_is_served(first_name: str, audio: Audio, client: Client) -> None:
    longer = to_wav(np.full(9000, 0.1, np.float32))
    (audio.rendered / f"{first_name}.wav").write_bytes(longer)
    assert client.get(f"/audio/{first_name}.wav", buffered=True).data == longer


def test_a_document_that_names_a_lost_clip_is_dropped(content: Content, audio: Audio, first_name: str) -> None:
    """One that was written while the clip was being lost; asking for a name that nobody knows drops nothing."""
    dropped = list[str]()
    selector = VoiceSelector(content, audio, TODAY)
    app = Flask("clips")
    app.register_blueprint(clips_blueprint(lambda: selector, lambda: dropped.append("all")))
    (audio.rendered / f"{first_name}.wav").unlink()
    assert selector.look()
    client = Client(app)
    for name, times in ((first_name, 1), ("0" * 32, 1)):
        assert client.get(f"/audio/{name}.wav").status_code == 404
        assert len(dropped) == times


class TestTheCarrierHears:
    @pytest.fixture
    def subtitles(self, content: Content, audio: Audio) -> dict[str, tuple[str, str, bool]]:
        selector = VoiceSelector(content, audio, TODAY)
        locales = {code: language.locale for code, language in content.languages.languages.items()}
        return {
            sound.name: (locales[said.language], said.text, said.slow)
            for said in closed_set(content, TODAY)
            for sound in selector(said)
            if isinstance(sound, Clip)
        }

    def test_a_whole_call_of_clips(
        self, content: Content, audio: Audio, subtitles: dict[str, tuple[str, str, bool]]
    ) -> None:
        settings = Settings("https://guidance-line.example", "+358753250000", ("simulated",), line_settings().contacts)
        app = create_app(settings, content, lambda: NOON, Journal(io.StringIO()), audio)
        hearing = Hearing(app, subtitles.__getitem__)
        carrier = carrier_for(app, VirtualClock(NOON), lambda _text, _locale: 0.0, hearing=hearing)
        events = carrier.call(ScriptedCaller(["early 3", "hang up after 20"]), ScriptedContacts({}))
        said = [event.spoken for event in events if isinstance(event, Said)]
        assert said[-1].language == "en-GB"
        assert {spoken.seconds for spoken in said} == {1.0}
        assert all(spoken.clip for spoken in said)
        assert [event.by for event in events if isinstance(event, Ended)] == ["caller"]

    @pytest.mark.parametrize("data", [b"", b"RIFF1234WAVE", A_SECOND[:200], PCM])
    def test_what_is_no_whole_clip_is_an_error(
        self, content: Content, audio: Audio, first_name: str, data: bytes
    ) -> None:
        app = create_app(line_settings(), content, lambda: NOON, Journal(io.StringIO()), audio)
        (audio.rendered / f"{first_name}.wav").write_bytes(data)
        with pytest.raises(CarrierError):
            Hearing(app, lambda _name: ("fi-FI", "", False))(f"https://line.example/audio/{first_name}.wav")


def test_the_voice_of_a_person_is_kept_by_nobody_for_long(content: Content, whole: Audio, tmp_path: Path) -> None:
    """It may be taken back: then no copy may stay, and the next request finds nothing."""
    audio = Audio(whole.rendered, tmp_path / "recorded")
    said = first(content, "nobody_free.sorry", "sv")
    record(audio, said)
    voices = VoiceSelector(content, audio, TODAY)
    name = clip_of(voices, said).name
    client = Client(create_app(line_settings(), content, lambda: NOON, Journal(io.StringIO()), audio))
    for headers in ({}, {"Range": "bytes=0-"}):
        response = client.get(f"/audio/{name}.wav", headers=headers, buffered=True)
        assert response.headers["Cache-Control"] == "public, max-age=3600"
    (audio.recorded / "sv" / f"{said.id}.wav").unlink()
    assert client.get(f"/audio/{name}.wav").status_code == 404
    assert voices.look()
    assert (voices.file(name), voices.is_recording(name)) == (None, False)


def test_a_line_knows_no_name_of_who_spoke(content: Content, whole: Audio, tmp_path: Path) -> None:
    """Neither it nor what it keeps for its next start."""
    audio = Audio(whole.rendered, tmp_path / "recorded")
    said = first(content, "nobody_free.sorry", "sv")
    take_in(audio.recorded / "sv", {said.id: (RecordedText(said.text, "Amina Yusuf", "2026-11-24", "v17"), A_SECOND)})
    voices = VoiceSelector(content, audio, TODAY)
    assert clip_of(voices, said)
    kept = pickle.dumps(voices)
    assert said.text.encode() in kept
    assert not [each for each in (b"Amina", b"v17", b"2026-11-24") if each in kept]
