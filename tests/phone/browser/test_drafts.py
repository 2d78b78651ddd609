"""The draft voice in the browser phone: heard where there was only text, and called what it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import Client

from ivr.content.letters import read_letters
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.core.utterance import Utterance
from ivr.phone.browser.app import create_phone
from ivr.phone.browser.words import INTERFACES, words
from ivr.phone.clip_builder import ClipBuilder, Drafts
from ivr.speech.clips import wav_seconds
from ivr.speech.draft_voice import DRAFT, DraftVoice
from ivr.speech.voices import Audio
from tests.conftest import ROOT, TODAY
from tests.limits import PATIENCE
from tests.phone.browser.helpers import Page, Tones, begun, get, line_of
from tests.speech.test_voices import record


@pytest.fixture(scope="module")
def content(content: Content) -> Content:
    """The real content, of which the line has four languages and Somali, which waits."""
    return replace(content, offered=content.offered | {"so"})


@pytest.fixture(scope="module")
def few(content: Content) -> list[Utterance]:
    """The first sentences of a call in two languages."""
    first = ("welcome.office", "welcome.machine", "safety.opening")
    return [said for said in closed_set(content, TODAY) if said.prompt in first and said.language in ("fi", "so")]


@pytest.fixture
def drafts(content: Content, tmp_path: Path) -> Drafts:
    read = read_letters(ROOT / "prompts", "so", content.catalogue.texts["so"])
    assert read
    assert read.letters
    return Drafts({"so": DraftVoice("so", read.letters)}, tmp_path / "draft")


@pytest.fixture
def engine() -> Tones:
    return Tones()


@pytest.fixture
def builder(content: Content, few: Sequence[Utterance], tmp_path: Path, drafts: Drafts, engine: Tones) -> ClipBuilder:
    """One that has made all its clips."""
    builder, others = (
        ClipBuilder(content, few, tmp_path / "rendered", lambda: engine, drafts),
        set(threading.enumerate()),
    )
    builder.start()
    for thread in begun("clip-builder", others):
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert builder.progress().fault == ""
    return builder


@pytest.fixture
def heard(content: Content, builder: ClipBuilder) -> Iterator[Page]:
    """A call to the number of Somali that has said its first sentences."""
    page = Page(Client(create_phone(line_of(content), builder)), dials="so", waiting=True)
    page.until("moment")
    yield page
    assert page.posts("moments/0", what="hang up") == 204


def test_it_is_made_behind_the_other_voices_and_in_a_folder_of_its_own(
    builder: ClipBuilder, few: Sequence[Utterance], engine: Tones, tmp_path: Path, drafts: Drafts
) -> None:
    assert {request.language for request in engine.spoken} == {"fi-FI"}
    made = sorted(drafts.folder.glob("*.wav"))
    assert len(made) == len([said for said in few if said.language == "so"])
    assert all(path.name.startswith(f"{DRAFT}-so-") for path in made)
    assert not any(DRAFT in path.name for path in (tmp_path / "rendered").iterdir())
    assert builder.progress().made == builder.progress().wanted == len(made) + len(engine.spoken)


def test_a_caller_who_chose_somali_hears_it_and_the_page_says_what_it_is(
    content: Content, builder: ClipBuilder, heard: Page
) -> None:
    client = Client(create_phone(line_of(content), builder))
    said = [message for message in heard.of("said") if message["sound"]]
    assert said
    for message in said:
        assert (message["language"], message["draft"], message["stand_in"]) == ("so", True, True)
        assert message["sound"].startswith(f"/offline/{DRAFT}-so-")
        sound = get(client, message["sound"])
        assert sound.status_code == 200
        assert wav_seconds(sound.data[:64], len(sound.data))


def test_the_offline_voice_of_another_language_is_no_draft(content: Content, builder: ClipBuilder) -> None:
    page = Page(Client(create_phone(line_of(content), builder)), dials="fi", waiting=True)
    page.until("moment")
    assert {(message["draft"], message["stand_in"]) for message in page.of("said")} == {(False, True)}
    assert page.posts("moments/0", what="hang up") == 204


def test_a_recording_by_a_person_comes_before_it(
    content: Content, builder: ClipBuilder, few: Sequence[Utterance], tmp_path: Path
) -> None:
    first = next(said for said in few if (said.prompt, said.language, said.slow) == ("welcome.office", "so", False))
    audio = Audio(tmp_path / "rendered", tmp_path / "recorded")
    record(audio, first)
    page = Page(Client(create_phone(line_of(content, audio), builder)), dials="so", waiting=True)
    page.until("moment")
    sounds = {message["text"]: (message["sound"], message["draft"]) for message in page.of("said")}
    assert sounds[first.text][0].startswith("/audio/")
    assert not sounds[first.text][1]
    assert page.posts("moments/0", what="hang up") == 204


def test_the_line_behind_the_page_has_no_such_clip(content: Content, builder: ClipBuilder, drafts: Drafts) -> None:
    client = Client(create_phone(line_of(content), builder))
    for path in drafts.folder.iterdir():
        assert get(client, f"/audio/{path.name}").status_code == 404
        assert get(client, f"/offline/{path.name}").status_code == 200


@pytest.mark.parametrize("interface", INTERFACES)
def test_the_mark_is_in_every_language_of_the_page(interface: str) -> None:
    assert words(interface)["mark_draft"]
    assert words(interface)["mark_draft"] not in (words(interface)["mark_stand_in"], words(interface)["mark_silent"])
