"""Three acts by three people before a caller hears a language: what is missing is told, and the press writes files."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.content.approval import read_heard
from ivr.content.load import load
from ivr.core.content import Content
from ivr.core.prompts import SAFETY
from ivr.core.script import closed_set, recorded_as
from ivr.core.utterance import Utterance
from ivr.files import NotWritten
from ivr.listening import release
from ivr.listening.release import NotReady, standing, take_into_use, take_off
from ivr.listening.safety_sounds import candidates, to_hear
from ivr.listening.withdrawal import take_back
from ivr.records.room import Gone, OwnWork, Room, Take
from ivr.speech.clips import Rendered
from ivr.speech.line_state import LineState, read_line_state, write_line_state
from ivr.speech.recorded import ENDING, TAKES, TEXTS, RecordedText, read_texts, take_in
from ivr.speech.voices import Audio, VoiceSelector
from tests.conftest import TODAY
from tests.content.conftest import Prompts
from tests.listening import volunteers
from tests.listening.volunteers import LEADER, NOW, Volunteers, recorded_once, sound

WHOLE = 116
"""Sentences of Somali."""


@pytest.fixture(autouse=True)
def seconds_are_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The office's page has a test of them; the proof takes two seconds at each press."""
    monkeypatch.setattr(release, "heard_now", lambda *_: None)
    monkeypatch.setattr(release, "too_long", lambda *_: {})


@pytest.fixture
def audio(tmp_path: Path) -> Audio:
    return Audio(tmp_path / "rendered", tmp_path / "recordings")


@pytest.fixture
def room(audio: Audio) -> Room:
    return Room.open({"IVR_RECORDINGS": str(audio.recorded)})


@pytest.fixture
def somali(content: Content, audio: Audio) -> Volunteers:
    return Volunteers.of(content, audio)


@pytest.fixture(scope="session")
def recorded_and_heard(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded_once(tmp_path_factory, content)


@pytest.fixture
def ready(recorded_and_heard: Path, content: Content, audio: Audio) -> Volunteers:
    """All of Somali is recorded by Samira and heard by Ruqiya; nobody has pressed."""
    shutil.copytree(recorded_and_heard, audio.recorded)
    return Volunteers.of(content, audio)


# --- three acts by three people ---------------------------------------------------------------------------------------


def test_recorded_heard_and_pressed_it_is_on_the_line(somali: Volunteers) -> None:
    assert somali.missing() == {"nothing"}
    somali.record()
    assert somali.missing() == {"unheard"}
    somali.hear()
    shown = standing(somali.room, somali.content, TODAY, somali.audio, "so")
    assert (shown.recorded, shown.all, shown.heard, shown.to_hear) == (WHOLE, WHOLE, 8, 8)
    assert (shown.missing, shown.has_changed, shown.state) == ((), True, None)
    assert somali.published() == {}
    somali.press()
    takes = candidates(somali.room, somali.content, TODAY, "so")
    assert somali.on_line() == {id_: take.sha256[:32] for id_, take in takes.items()}
    texts = read_texts((somali.folder / TEXTS).read_bytes())
    voice = f"v{somali.names['Samira']}"
    assert texts == {said.id: RecordedText(said.text, "", "2026-11-24", voice) for said in somali.script}
    approvals = read_heard(somali.audio.recorded, "so").valid
    assert approvals.keys() == {said.prompt for said in somali.safety}
    assert {(each.by, each.is_of(each.wording, each.english)) for each in approvals.values()} == {
        (f"v{somali.names['Ruqiya']}", True)
    }
    heard = {takes[said.id].sha256[:32]: takes[said.id].sha256 for said in somali.safety}
    assert read_line_state(somali.folder) == LineState(True, heard)
    assert not standing(somali.room, somali.content, TODAY, somali.audio, "so").has_changed
    assert b"Samira" not in b"".join(somali.published().values()), "a voice has a name in the room's records alone"


def test_every_word_that_callers_hear_is_signed_as_it_stands(ready: Volunteers) -> None:
    ready.press()
    for id_, approval in read_heard(ready.audio.recorded, "so").valid.items():
        texts = ready.content.catalogue.texts
        assert (approval.wording, approval.english) == (texts["so"][id_], texts["en"][id_])


def test_all_that_is_missing_is_told_at_once(somali: Volunteers) -> None:
    somali.record([said for said in somali.script if said.id not in ("main.person+1", "safety.free")])
    somali.hear(only=["safety.danger", "safety.opening", "safety.last_words"], wrong=["safety.danger"])
    somali.record([said for said in somali.safety if said.id == "safety.opening"])
    (somali.audio.recorded / TAKES / "so" / f"{takes_of(somali)['main.child+2'].file}{ENDING}").write_bytes(b"")
    assert somali.missing() == {"recordings", "refused", "changed", "unheard", "damaged"}
    shown = standing(somali.room, somali.content, TODAY, somali.audio, "so").missing
    assert [(each.count, each.all) for each in shown if each.what == "recordings"] == [(2, WHOLE)]
    assert [each.sentence for each in shown if each.what == "refused"] == ["safety.danger"]
    assert [each.sentence for each in shown if each.what == "changed"] == ["safety.opening"]
    assert len([each for each in shown if each.what == "unheard"]) == 4


def takes_of(volunteers: Volunteers) -> dict[str, Take]:
    return dict(candidates(volunteers.room, volunteers.content, TODAY, volunteers.language))


@pytest.mark.parametrize("name", ["samira", "  SAMIRA ", "ruqiya"])
def test_a_leader_who_is_a_volunteer_of_the_language_cannot_press(ready: Volunteers, name: str) -> None:
    with pytest.raises(OwnWork):
        ready.press(by=name)
    assert ready.published() == {}


def test_a_reader_who_is_the_speaker_decides_nothing(ready: Volunteers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The records let nobody be both; nothing is believed twice."""
    both = tuple(replace(each, name="SAMIRA") for each in ready.room.volunteers("so"))
    monkeypatch.setattr(ready.room, "volunteers", lambda _: both)
    assert ready.missing() == {"changed"}


def test_one_reader_who_says_that_it_is_wrong_outweighs_another(somali: Volunteers) -> None:
    somali.record()
    somali.hear("Warsame", wrong=["safety.danger"])
    somali.hear("Ruqiya")
    assert somali.missing() == {"refused"}
    somali.record([said for said in somali.safety if said.id == "safety.danger"])
    assert somali.missing() == {"changed"}
    somali.hear("Warsame")
    somali.press()


def test_who_has_not_agreed_is_not_heard(somali: Volunteers, monkeypatch: pytest.MonkeyPatch) -> None:
    somali.record()
    not_agreed = tuple(replace(each, consent=None) for each in somali.room.volunteers("so"))
    monkeypatch.setattr(somali.room, "volunteers", lambda _: not_agreed)
    assert somali.missing() == {"nothing"}


def test_one_file_that_was_sent_for_two_sentences_is_heard_as_both(
    somali: Volunteers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volunteers, "sound", lambda _: sound(1))
    wanted = [said for said in somali.safety if said.id in ("safety.danger", "safety.free")]
    somali.record(wanted)
    somali.hear()
    assert {each.sentence for each in somali.room.hearings("so")} == {said.id for said in wanted}


def test_what_a_reader_says_while_the_rules_are_looked_at_counts(
    ready: Volunteers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*_: object) -> tuple[str, ...]:
        ready.hear(wrong=["safety.danger"])
        return ()

    monkeypatch.setattr(release, "too_long", meanwhile)
    with pytest.raises(NotReady) as refused:
        ready.press()
    assert [(each.what, each.sentence) for each in refused.value.missing] == [("refused", "safety.danger")]
    assert ready.published() == {}


def test_what_was_shown_is_what_is_pressed(ready: Volunteers) -> None:
    """Also what a reader said that it means: the same sound may have been understood in another way since."""

    def press(seen: str) -> None:
        take_into_use(ready.room, ready.content, ready.audio, "so", None, LEADER, NOW, seen=seen)

    def key() -> str:
        return standing(ready.room, ready.content, TODAY, ready.audio, "so").key

    first = key()
    ready.hear()
    second = key()
    ready.record([ready.script[-1]])
    for seen in (first, second):
        with pytest.raises(Gone):
            press(seen)
    assert ready.published() == {}
    press(key())


# --- which take -------------------------------------------------------------------------------------------------------


def test_one_voice_speaks_and_others_fill_its_gaps(somali: Volunteers) -> None:
    somali.record(somali.script[:60], "Samira")
    somali.record(somali.script[40:], "Hodan")
    samira, hodan = somali.names["Samira"], somali.names["Hodan"]
    by = [take.volunteer for take in takes_of(somali).values()]
    assert by == [samira] * 40 + [hodan] * 76
    chosen = candidates(somali.room, somali.content, TODAY, "so", samira)
    assert [take.volunteer for take in chosen.values()] == [samira] * 60 + [hodan] * 56


def test_a_take_of_other_words_or_of_an_earlier_try_is_none(somali: Volunteers) -> None:
    first, second = somali.script[:2]
    somali.record([first, replace(first, text="Wax kale."), second, second])
    assert takes_of(somali).keys() == {second.id}
    somali.record([first])
    assert takes_of(somali)[second.id].file == somali.room.takes("so")[3].file


def test_readers_hear_every_voice_that_could_be_chosen(somali: Volunteers) -> None:
    somali.record(by="Samira")
    somali.record(somali.safety, "Hodan")
    somali.record(somali.safety[:3], "Ifrah")
    sounds = to_hear(somali.room, somali.content, TODAY, somali.audio, "so")
    by = [each.take.volunteer for each in sounds if each.take]
    assert by == [somali.names["Samira"]] * 8 + [somali.names["Hodan"]] * 8
    assert all(each.path.read_bytes() and each.clip_name == each.sha256[:32] for each in sounds)
    somali.hear()
    somali.press("Hodan")
    texts = read_texts((somali.folder / TEXTS).read_bytes())
    assert {texts[said.id].voice for said in somali.safety} == {f"v{somali.names['Hodan']}"}


# --- languages that machines speak ------------------------------------------------------------------------------------


def test_single_recordings_replace_those_of_the_offline_voice(
    room: Room, content: Content, made_clips: Path, tmp_path: Path
) -> None:
    """Of what nobody has recorded nobody needs to hear anything; it speaks already."""
    swahili = Volunteers(room, content, Audio(made_clips, tmp_path / "recordings"), "sw")
    swahili.record([said for said in swahili.script if said.id in ("main.person+1", "safety.danger")])
    assert swahili.missing() == {"unheard"}
    swahili.hear()
    before = swahili.on_line()
    swahili.press()
    assert {id_ for id_, name in swahili.on_line().items() if name != before[id_]} == {"main.person+1", "safety.danger"}
    assert read_heard(swahili.audio.recorded, "sw").valid.keys() == {"safety.danger"}


def make(content: Content, audio: Audio, said: Iterable[Utterance], engine: str) -> dict[str, str]:
    """Stand-ins for the clips of an engine: name -> sentence."""
    rendered, made = Rendered(content, audio.rendered), dict[str, str]()
    audio.rendered.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(said):
        name = rendered.name(each, engine)
        assert name
        rendered.path(name).write_bytes(sound(1000 + number))
        made[name] = recorded_as(each).id
    return made


@pytest.fixture
def swahili(room: Room, content: Content, audio: Audio) -> Volunteers:
    """A language that a cloud voice speaks, and no volunteer."""
    found = Volunteers(room, content, audio, "sw")
    make(content, audio, [said for said in closed_set(content, TODAY) if said.language == "sw"], "google")
    return found


def test_a_cloud_voice_needs_the_second_reader_too_at_both_paces(swahili: Volunteers) -> None:
    assert swahili.missing() == {"unheard"}
    sounds = to_hear(swahili.room, swahili.content, TODAY, swahili.audio, "sw")
    assert sorted((each.text, each.slow) for each in sounds) == sorted(
        {
            (said.text, said.slow)
            for said in closed_set(swahili.content, TODAY)
            if said.language == "sw" and said.prompt.startswith(SAFETY)
        }
    )
    swahili.hear()
    swahili.press()
    state = read_line_state(swahili.folder)
    assert state
    assert state.heard.keys() == {each.clip_name for each in sounds}
    assert not (swahili.folder / TEXTS).exists()
    assert read_heard(swahili.audio.recorded, "sw").valid.keys() == {said.prompt for said in swahili.safety}


def test_a_clip_that_was_made_again_after_its_hearing_does_not_count(swahili: Volunteers) -> None:
    swahili.hear()
    sounds = to_hear(swahili.room, swahili.content, TODAY, swahili.audio, "sw")
    assert all(each.is_approved for each in sounds)
    sounds[0].path.write_bytes(sound(7))
    assert swahili.missing() == {"changed"}


def test_what_was_heard_of_a_cloud_voice_is_said_again_once_a_recording_is_taken_back(swahili: Volunteers) -> None:
    swahili.hear()
    swahili.press()
    state = read_line_state(swahili.folder)
    assert state
    swahili.record(swahili.safety)
    swahili.hear()
    for _ in range(2):
        swahili.press()
        pressed = read_line_state(swahili.folder)
        assert pressed
        assert pressed.heard.items() > state.heard.items()
    take_back(swahili.room, swahili.audio.recorded, swahili.names["Samira"], None, NOW)
    assert "sw" in VoiceSelector(swahili.content, swahili.audio, TODAY, require_approval=True).voiced


# --- broken off, taken off, taken back --------------------------------------------------------------------------------


def test_whatever_is_broken_off_is_finished_by_a_second_press(
    ready: Volunteers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each step in turn: what is decided is written last, so nothing is heard before."""
    write_line_state(ready.folder, LineState(False))
    for step in ("take_in", "approve_heard", "write_line_state"):
        with monkeypatch.context() as patched:

            def killed(*_: object, **__: object) -> None:
                raise NotWritten("the disk is full")

            patched.setattr(release, step, killed)
            with pytest.raises(NotWritten):
                ready.press()
        assert read_line_state(ready.folder) == LineState(False)
    ready.press()
    state = read_line_state(ready.folder)
    assert state
    assert state.in_use


def test_taken_off_and_brought_back_with_what_was_heard(ready: Volunteers) -> None:
    ready.press()
    before = read_line_state(ready.folder)
    assert before
    take_off(ready.room, ready.audio.recorded, ready.content, "so", LEADER, NOW)
    assert read_line_state(ready.folder) == LineState(False, before.heard)
    assert standing(ready.room, ready.content, TODAY, ready.audio, "so").has_changed
    ready.press()
    assert read_line_state(ready.folder) == before
    deeds = [(event.deed, event.by) for event in ready.room.events(NOW)]
    assert [each for each in deeds if each[0] in ("use", "off")] == [("use", LEADER), ("off", LEADER), ("use", LEADER)]


def test_the_first_languages_cannot_be_taken_off(somali: Volunteers) -> None:
    with pytest.raises(NotReady):
        take_off(somali.room, somali.audio.recorded, somali.content, "fi", LEADER, NOW)
    assert not (somali.audio.recorded / "fi").exists()


def test_a_damaged_decision_is_written_anew(ready: Volunteers) -> None:
    ready.press()
    good = read_line_state(ready.folder)
    (ready.folder / "line.json").write_text("{", encoding="utf-8")
    assert standing(ready.room, ready.content, TODAY, ready.audio, "so").state is None
    ready.press()
    assert read_line_state(ready.folder) == good


def test_a_voice_taken_back_while_it_is_written_goes_again(somali: Volunteers, monkeypatch: pytest.MonkeyPatch) -> None:
    somali.record(by="Samira")
    somali.hear()

    def meanwhile(folder: Path, clips: dict[str, tuple[RecordedText, bytes]]) -> None:
        take_in(folder, clips)
        somali.room.forget_voice(somali.names["Samira"], None, NOW)

    monkeypatch.setattr(release, "take_in", meanwhile)
    with pytest.raises(Gone):
        somali.press()
    assert list(somali.folder.glob("*.wav")) == []
    assert read_line_state(somali.folder) is None


def test_signatures_that_cannot_be_read_are_not_lost(ready: Volunteers) -> None:
    ready.press()
    (path,) = ready.folder.glob("approved.yaml")
    path.write_text("- [", encoding="utf-8")
    assert ready.missing() == {"signatures"}


def test_new_words_of_a_safety_sentence_are_said_once_they_are_recorded_heard_and_pressed(
    recorded_and_heard: Path, audio: Audio, tmp_path: Path
) -> None:
    """Until then callers hear the words approved last, in their recording; and volunteers read the new ones."""
    shutil.copytree(recorded_and_heard, audio.recorded)
    prompts = Prompts.copied_to(tmp_path / "town", "so")

    def said(id_: str = "safety.free") -> tuple[str, str]:
        """What callers hear, and the recording of it."""
        content = load(prompts.folder, TODAY, audio.recorded).content
        assert content
        selector = VoiceSelector(content, audio, TODAY)
        assert "so" in selector.offered
        (free,) = (each for each in selector.script["so"] if each.id == id_ and not each.slow)
        return free.text, getattr(selector.sound(free), "name", "")

    def now_there() -> Volunteers:
        written = load(prompts.folder, TODAY, audio.recorded).as_written
        assert written
        return Volunteers.of(written, audio)

    now_there().press()
    before = said()
    prompts.translate("so.po", "safety.free", "Kow kow laba waa lacag la'aan, habeen iyo maalin.")
    assert said() == before
    somali = now_there()
    assert somali.missing() == {"recordings"}
    (free,) = (each for each in somali.safety if each.id == "safety.free")
    assert free.text.startswith("Kow kow laba waa lacag")
    somali.record([free])
    assert (somali.missing(), said()) == ({"unheard"}, before)
    somali.hear()
    assert said() == before
    somali.press()
    assert said() == (free.text, candidates(somali.room, somali.content, TODAY, "so")[free.id].sha256[:32])
