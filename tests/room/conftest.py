"""A listening room for a site whose Somali is whole, with records of its own, and people who come to it."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import soundfile  # type: ignore[import-untyped]
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.records.room import Kind, Room
from ivr.room.access import Reception
from ivr.room.app import create_room
from ivr.room.site import RoomSite
from ivr.settings.room import ROOM_FILE
from ivr.settings.room_pages import RoomSettings
from ivr.speech.voices import audio_folders
from tests.content.conftest import Prompts
from tests.speech.sounds import sentence

AMINA, BAHAR, RAGE, EDNA = "Amina", "Bahar", "Rage", "Edna"
KINDS_OF: dict[str, Kind] = {AMINA: "voice", BAHAR: "voice", RAGE: "reader", EDNA: "editor"}
START = datetime(2026, 11, 24, 8, 10, tzinfo=UTC)
HERE = "http://127.0.0.1:8091"
URL = "https://room.kemi.example"
RATE = 16000
KEY = b"k" * 32
COOKIE = "room"


@dataclass
class RoomClock:
    """A clock that stands still until it is told to go on."""

    time: datetime = START

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, **time: float) -> None:
        self.time += timedelta(**time)

    def today(self) -> date:
        return self.time.date()


@dataclass
class Visitor:
    """A browser of somebody, in the room or before it."""

    client: FlaskClient
    base: str = HERE
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=self.base, headers={**self.headers, **headers}, buffered=True)

    def post(self, path: str, body: object, **headers: str) -> TestResponse:
        return self.client.post(path, base_url=self.base, json=body, headers={**self.headers, **headers})

    def put(self, path: str, sound: bytes, **headers: str) -> TestResponse:
        return self.client.put(path, base_url=self.base, data=sound, headers={**self.headers, **headers})

    def enter(self, token: str) -> TestResponse:
        return self.post("/enter", {"token": token})

    @property
    def session(self) -> str:
        """What the browser keeps by which the room knows who has entered."""
        kept = self.client.get_cookie(COOKIE, "127.0.0.1")
        assert kept
        return kept.value

    @property
    def state(self) -> dict[str, Any]:
        answer = self.get("/state")
        assert answer.status_code == 200, answer.text
        return dict(told(answer))

    def sentence(self, id_: str) -> dict[str, Any]:
        """A sentence as the page shows it."""
        (found,) = [each for each in self.state["sentences"] if each["id"] == id_]
        return dict(found)

    def agree(self, *, named: bool = False) -> None:
        version = self.state["consent"]["version"]
        assert self.post("/consent", {"version": version, "adult": True, "named": named}).status_code == 204

    def record(self, id_: str, sound: bytes, take: str = "a" * 32) -> TestResponse:
        return self.put(f"/takes/{take}?sentence={id_}&words={self.sentence(id_)['words']}", sound)


def told(answer: TestResponse) -> Any:
    """The JSON of an answer."""
    return answer.json


@dataclass
class TriedRoom:
    """A room, its records, and the folder of its recordings."""

    app: Flask
    room: Room
    recordings: Path
    site: RoomSite
    prompts: Prompts
    clock: RoomClock
    reception: Reception

    def browser(self, **headers: str) -> Visitor:
        """A browser that was never here; or one that sends a cookie of its own, and keeps none."""
        return Visitor(self.app.test_client(use_cookies="Cookie" not in headers), headers=headers)

    def token(self, name: str, language: str = "so") -> str:
        """A new invitation of somebody."""
        return self.room.invite(language, name, KINDS_OF[name], "Anna", self.clock()).token

    def let_in(self, name: str, language: str = "so", *, agrees: bool = True) -> Visitor:
        """Somebody who has entered."""
        visitor = self.browser()
        assert visitor.enter(self.token(name, language)).status_code == 200
        if agrees:
            visitor.agree()
        return visitor

    def id(self, name: str) -> int:
        return next(each.id for each in self.room.volunteers() if each.name == name)

    @property
    def takes(self) -> Path:
        """Where the sounds of Somali lie that nobody is called with."""
        return self.recordings / "takes" / "so"


@pytest.fixture(scope="session")
def somali_site(tmp_path_factory: pytest.TempPathFactory) -> Prompts:
    """A site with Somali and what speaks before the choice, which nobody changes."""
    return Prompts.copied_to(tmp_path_factory.mktemp("somali"), "so")


@pytest.fixture(scope="session")
def made_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of a room where nobody was yet: made once, as tables take a while."""
    folder = tmp_path_factory.mktemp("room")
    Room.open({"IVR_RECORDINGS": str(folder)})
    return folder / ROOM_FILE


@pytest.fixture
def clock() -> RoomClock:
    return RoomClock()


@pytest.fixture
def recordings(made_records: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    shutil.copy(made_records, folder)
    return folder


@pytest.fixture
def settings(recordings: Path) -> RoomSettings:
    return RoomSettings(recordings, KEY)


@pytest.fixture
def changes_site() -> None:
    """Whoever asks for this has a site of its own."""


@pytest.fixture
def prompts(request: pytest.FixtureRequest, somali_site: Prompts, tmp_path: Path) -> Prompts:
    """The site of the room: reading it takes long, so it is the same one for all who do not change it."""
    if "changes_site" not in request.fixturenames:
        return somali_site
    return Prompts(shutil.copytree(somali_site.folder, tmp_path / "prompts"))


@pytest.fixture
def tried(settings: RoomSettings, prompts: Prompts, clock: RoomClock) -> TriedRoom:
    """A room where nobody was yet."""
    return opened(settings, prompts, clock)


def opened(settings: RoomSettings, prompts: Prompts, clock: RoomClock) -> TriedRoom:
    """A room with the records that are in its folder."""
    room = Room.open({"IVR_RECORDINGS": str(settings.recordings)})
    site = RoomSite(prompts.folder, audio_folders(prompts.folder, settings.recordings), clock.today)
    reception = Reception(room, settings, site, clock)
    return TriedRoom(create_room(reception), room, settings.recordings, site, prompts, clock, reception)


@cache
def spoken(seconds: float = 3.5, **how: float) -> bytes:
    """Somebody who speaks for so long, as a browser records it."""
    file = io.BytesIO()
    soundfile.write(file, sentence(RATE, seconds, **how), RATE, format="WAV")
    return file.getvalue()
