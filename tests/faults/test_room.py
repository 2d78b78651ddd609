"""A language that has no voice comes onto a running line: by three people, each for themselves, and never by fewer."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPException
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]

from ivr.content.load import Loaded, load
from ivr.core.content import Content
from ivr.listening.release import NotReady, take_into_use, take_off
from ivr.listening.suggested import apply, to_take
from ivr.listening.withdrawal import take_back
from ivr.records.room import Kind, OwnWork, Room
from ivr.room.access import Reception
from ivr.room.app import create_room
from ivr.room.site import RoomSite
from ivr.settings.room_pages import RoomSettings
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import RecordedText, take_in
from ivr.speech.voices import Audio, audio_folders
from tests.conftest import made_once
from tests.faults.ring import Telephone
from tests.faults.served import URL, Heard, Served, make_template, served, today
from tests.folders import files_of
from tests.http_transport import HttpTransport
from tests.limits import until
from tests.room.conftest import Visitor
from tests.room.volunteer import LEVEL, RATE
from tests.speech.sounds import talk

SO, KEY, LOCALE = "so", "8", "so-SO"
AMINA, RAGE, EDNA, LEADER = "Amina Xyloph", "Rage Quillon", "Edna Zephyr", "Anna Åkesson"
KINDS: dict[str, Kind] = {AMINA: "voice", RAGE: "reader", EDNA: "editor"}
DANGER, PLAIN = "safety.danger", "welcome.machine"
SWEDISH, MARKER = "sv", "main.again"
"""A sentence of another language, by whose recording a test sees that the line has looked again."""


@cache
def sound_of(sentence: str, letters: int) -> bytes:
    """What Amina says of a sentence: like no other, and as fast as somebody may read."""
    seed = int.from_bytes(hashlib.sha256(sentence.encode()).digest()[:4])
    spoken = np.pad(talk(RATE, max(0.55, letters / 20), seed) * np.float32(LEVEL), RATE)
    file = BytesIO()
    soundfile.write(file, spoken, RATE, format="WAV")
    return file.getvalue()


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class House:
    """A running line, and the room beside it: they share the site and the folder of recordings, and nothing else."""

    line: Served
    room: Room
    settings: RoomSettings
    visitors: dict[str, Visitor] = field(default_factory=dict)
    looks: int = 0
    site: RoomSite = field(init=False)

    @property
    def recorded(self) -> Path:
        return self.settings.recordings

    @property
    def audio(self) -> Audio:
        return audio_folders(self.line.prompts.folder, self.recorded)

    @property
    def loaded(self) -> Loaded:
        return load(self.line.prompts.folder, today(), self.recorded)

    @property
    def content(self) -> Content:
        content = self.loaded.content
        assert content
        return content

    def text(self, sentence: str) -> str:
        return self.content.catalogue.utter(sentence, SO, {}).text

    def open(self) -> None:
        """Open the room's pages, and let everybody in."""
        self.site = RoomSite(self.line.prompts.folder, self.audio, today)
        app = create_room(Reception(self.room, self.settings, self.site, now))
        for name, kind in KINDS.items():
            visitor = self.visitors[name] = Visitor(app.test_client())
            assert visitor.enter(self.room.invite(SO, name, kind, LEADER, now()).token).status_code == 200
            visitor.agree()

    def id(self, name: str) -> int:
        return next(each.id for each in self.room.volunteers() if each.name == name)

    def press(self, by: str = LEADER) -> None:
        take_into_use(self.room, self.content, self.audio, SO, None, by, now())

    def records(self, *sentences: str) -> None:
        """Amina records these sentences, or all."""
        amina = self.visitors[AMINA]
        for each in amina.state["sentences"]:
            if sentences and each["id"] not in sentences:
                continue
            sound = sound_of(each["id"], len(each["text"]))
            path = f"/takes/{uuid.uuid4().hex}?sentence={each['id'].replace('+', '%2B')}&words={each['words']}"
            answer = amina.put(path, sound)
            assert answer.status_code == 200, (each["id"], answer.text)

    def hears(self, verdict: str = "right") -> set[bytes]:
        """Rage hears each safety sentence, says what it means, and judges it; what came to his ears."""
        rage, heard = self.visitors[RAGE], set[bytes]()
        for each in rage.state["to_hear"]:
            heard.add(rage.get(f"/{each['url'].lstrip('/')}").data)
            said = {"sound": each["sound"], "meaning": "it says so", "spoken": None, "verdict": verdict}
            assert rage.post("/heard", said).status_code == 204
        return heard

    def has_looked(self) -> None:
        """Wait until the line has looked at the recordings once more: it serves one that came there just now."""
        self.looks += 1
        told = self.content.catalogue.utter(MARKER, SWEDISH, {"again_key": "key.9"}).text
        clip = clip_like(self.looks)
        take_in(self.recorded / SWEDISH, {f"{MARKER}+9": (RecordedText(told), clip)})
        until(lambda: self.fetch(name_of(clip)) == clip, lambda: str(self.line.health()))

    def fetch(self, name: str) -> bytes | None:
        """A clip, as the provider gets it; None where there is none."""
        try:
            status, data = HttpTransport(self.line.address).get(f"{URL}/audio/{name}.wav")
        except (OSError, HTTPException):
            return None
        return data if status == 200 else None

    def ring(self, *keys: str) -> Heard:
        return Telephone(self.line).ring(*keys)


def clip_like(number: int) -> bytes:
    """Some clip of a second, another one for each number."""
    return to_wav(talk(8000, 1.0, number) * np.float32(LEVEL))


def name_of(clip: bytes) -> str:
    """The name under which a recording is served."""
    return hashlib.sha256(clip).hexdigest()[:32]


def _make(folder: Path) -> None:
    """A site with Somali, in which no engine speaks, already proved."""
    make_template(folder, SO, clipped=())
    line = Served(folder)
    line.start()
    try:
        assert line.stop() == 0, "".join(line.told)
    finally:
        line.kill()


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[House]:
    template = made_once(tmp_path_factory, "somali line", _make)
    with served(template, tmp_path / "line") as line:
        line.start()
        recorded = line.recordings
        room = Room.open({"IVR_RECORDINGS": str(recorded)})
        house = House(line, room, RoomSettings(recorded, b"k" * 32))
        house.open()
        yield house


def test_only_three_people_together_bring_a_language_onto_the_line(house: House) -> None:
    with pytest.raises(NotReady):
        house.press()
    house.records()
    house.has_looked()
    assert SO not in house.line.languages()
    assert LOCALE not in spoken_in(house.ring(KEY))
    with pytest.raises(NotReady) as not_heard:  # nobody has heard it
        house.press()
    assert {each.what for each in not_heard.value.missing} >= {"unheard"}

    house.hears("wrong")
    with pytest.raises(NotReady):
        house.press()
    approved = house.hears()
    house.has_looked()
    assert SO not in house.line.languages()  # nobody has pressed
    for own in (AMINA, RAGE, EDNA, RAGE.upper()):
        with pytest.raises(OwnWork):
            house.press(own)
    house.has_looked()
    assert SO not in house.line.languages()

    house.press()
    until(lambda: SO in house.line.languages(), lambda: str(house.line.health()))
    takes = {take.sentence: take for take in house.room.takes(SO) if take.replaced is None}
    heard = clips_of(house, house.ring(KEY), LOCALE)
    assert heard[house.text(DANGER)] in approved
    for text, clip in heard.items():
        assert hashlib.sha256(clip).hexdigest() in {take.sha256 for take in takes.values() if take.text == text}
    assert len(heard) > 8

    take_off(house.room, house.recorded, house.content, SO, LEADER, now())
    until(lambda: SO not in house.line.languages(), lambda: str(house.line.health()))
    assert LOCALE not in spoken_in(house.ring(KEY))
    assert house.line.alarms() == {}, "a leader's decision wakes nobody"
    house.press()
    until(lambda: SO in house.line.languages(), lambda: str(house.line.health()))


def clips_of(house: House, call: Heard, locale: str) -> dict[str, bytes]:
    """Words -> the clip by which a caller heard them in a language."""
    found = dict[str, bytes]()
    for spoken in call.spoken:
        if spoken.language == locale and spoken.clip:
            clip = house.fetch(spoken.clip.rsplit("/", 1)[1].removesuffix(".wav"))
            assert clip
            found[spoken.text] = clip
    return found


def spoken_in(call: Heard) -> set[str]:
    """The locales that a caller heard."""
    return {spoken.language for spoken in call.spoken}


def test_a_suggestion_becomes_text_and_costs_only_its_own_sentence(house: House) -> None:
    house.records()
    house.hears()
    house.press()
    until(lambda: SO in house.line.languages(), lambda: str(house.line.health()))
    before = clips_of(house, house.ring(KEY), LOCALE)
    amina, edna = house.visitors[AMINA], house.visitors[EDNA]
    old = house.text(PLAIN)
    new = old.replace("Mashiin baa kula hadlaya.", "Waxaa kula hadlaya mashiin.")
    shown = amina.sentence(PLAIN)
    assert amina.post("/suggest", {"sentence": PLAIN, "words": shown["words"], "said": new}).status_code == 204
    (open_one,) = edna.state["suggestions"]
    assert open_one["proposed"] == {PLAIN: new}
    path = f"/suggestions/{open_one['id']}/accept"
    assert amina.post(path, {"changes": {PLAIN: new}}).status_code == 403
    assert edna.post(path, {"changes": {PLAIN: new}}).status_code == 204

    loaded = house.loaded
    assert loaded.texts
    applied = apply(house.line.prompts.folder, SO, to_take(house.room, loaded.texts, SO), today())
    assert applied.written
    assert house.text(PLAIN) == new
    until(lambda: f"{PLAIN} has other words" in str(house.line.health()), lambda: str(house.line.health()))
    assert SO in house.line.languages()
    after = clips_of(house, house.ring(KEY), LOCALE)
    assert {text: clip for text, clip in before.items() if text != old} == {t: c for t, c in after.items() if t != new}
    house.site.look()
    assert amina.sentence(PLAIN)["text"] == new
    assert amina.sentence(PLAIN)["take"]["stale"]

    house.records(PLAIN)
    house.press()
    (take,) = (each for each in house.room.takes(SO) if each.sentence == PLAIN and each.replaced is None)

    def heard() -> str:
        """The hash of what a caller hears; nothing while it is the recording of the old words, which nobody lists."""
        with suppress(KeyError):
            return hashlib.sha256(clips_of(house, house.ring(KEY), LOCALE)[new]).hexdigest()
        return ""

    until(lambda: heard() == take.sha256, lambda: str(house.line.health()))


def test_nothing_of_a_voice_is_left_when_it_is_taken_back(house: House) -> None:
    house.records()
    house.hears()
    house.press()
    until(lambda: SO in house.line.languages(), lambda: str(house.line.health()))
    sounds = [path.read_bytes() for path in house.recorded.rglob("*.wav") if SO in path.parts]
    names = {name_of(sound) for sound in sounds}
    assert len(sounds) > 200  # takes, and what callers hear
    assert all(map(house.fetch, names & {name_of(p.read_bytes()) for p in (house.recorded / SO).glob("*.wav")}))

    lost = take_back(house.room, house.recorded, house.id(AMINA), None, now())
    assert DANGER in lost
    until(lambda: not any(map(house.fetch, sorted(names)[:20])), lambda: "a clip is still served")
    assert not any(map(house.fetch, names))
    until(lambda: SO not in house.line.languages(), lambda: str(house.line.health()))
    names_of_hers = (AMINA, *AMINA.split(), *map(str.lower, AMINA.split()))
    for path, held in files_of(house.line.folder).items():
        assert not any(sound[200:400] in held for sound in sounds), path
        assert not any(part.encode() in held for part in names_of_hers), path
    assert AMINA not in "".join(house.line.told)

    until(lambda: "languages_missing" in house.line.alarms(), lambda: str(house.line.health()))
    take_off(house.room, house.recorded, house.content, SO, LEADER, now())
    until(lambda: not house.line.alarms(), lambda: str(house.line.health()))
