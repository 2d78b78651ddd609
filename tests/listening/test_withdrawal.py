"""A voice that is taken back is on no disk, in no record and in no ear, wherever a process is killed meanwhile."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.listening.unused import UNTOLD, delete_unused
from ivr.listening.withdrawal import finish_withdrawals, take_back
from ivr.records.database import Database
from ivr.records.room import UNUSED, Gone, Room, Take, Volunteer
from ivr.speech.recorded import RecordedText, take_in
from tests.folders import files_of
from tests.records.room_setup import NOW, TEXT, name_of_file, speaker

SECOND = timedelta(seconds=1)


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Meanwhile the process ends before it deletes or replaces a file, or reads or changes a record: at the nth."""
    steps = iter(range(step))

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def does(*args: Any, **kwargs: Any) -> Any:
            if next(steps, None) is None:
                raise Killed
            return real(*args, **kwargs)

        return does

    with monkeypatch.context() as patched:
        for owner, name in ((Path, "unlink"), (Path, "replace"), (Database, "transaction"), (Database, "rewrite")):
            patched.setattr(owner, name, counted(getattr(owner, name)))
        yield


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def room(recorded: Path) -> Room:
    return Room.open({"IVR_RECORDINGS": str(recorded)})


def sound(number: int) -> bytes:
    """The bytes of a clip of its own."""
    return b"RIFF" + hashlib.sha256(str(number).encode()).digest() * 20


def take_file(recorded: Path, number: int) -> Path:
    return recorded / "takes" / "so" / f"{name_of_file(number)}.wav"


def written(recorded: Path, number: int) -> str:
    """The file of a take is written; the hash of its clip."""
    file = take_file(recorded, number)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(sound(number))
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    return hashlib.sha256(sound(number)).hexdigest()


def taken(room: Room, recorded: Path, who: Volunteer, number: int, sentence: str) -> Take:
    """A take with its file."""
    return room.keep_take(who.id, name_of_file(number), sentence, TEXT, written(recorded, number), 3.25, NOW)


def published(recorded: Path, who: Volunteer, numbers: dict[str, int], text: str = TEXT) -> None:
    """Callers hear these takes, by the ids of their sentences."""
    take_in(recorded / "so", {id_: (RecordedText(text, voice=who.voice), sound(n)) for id_, n in numbers.items()})


def filled(room: Room, recorded: Path) -> tuple[Volunteer, Volunteer]:
    """Two who have recorded, both of whom callers hear; and a reader who has said what it means."""
    hodan, ayaan = speaker(room), speaker(room, "Ayaan")
    for number, sentence in ((1, "safety.danger"), (2, "safety.danger"), (3, "menu.person"), (4, "menu.again")):
        taken(room, recorded, hodan, number, sentence)
    taken(room, recorded, ayaan, 11, "safety.danger")
    taken(room, recorded, ayaan, 12, "menu.other")
    reader = speaker(room, "Cige", "reader")
    for spoken, number in ((21, 2), (22, 11)):
        written(recorded, spoken)
        clip = hashlib.sha256(sound(number)).hexdigest()
        room.hear(reader.id, "safety.danger", TEXT, clip, "", name_of_file(spoken), NOW, approved=True)
    published(recorded, hodan, {"menu.again": 4}, "words of last year")
    published(recorded, ayaan, {"menu.other": 12, "menu.again": 12})
    published(recorded, hodan, {"safety.danger": 2, "menu.person": 3})
    return hodan, ayaan


HERS = (1, 2, 3, 4, 21)


def sounds(recorded: Path) -> set[int]:
    """Which sounds are in any file at all."""
    whole = files_of(recorded).values()
    return {number for number in range(30) if any(sound(number) in each for each in whole)}


def voices(recorded: Path) -> set[str]:
    """Whose recordings callers hear."""
    texts = json.loads((recorded / "so" / "texts.json").read_bytes())
    return {each["voice"] for each in texts.values()}


def nothing_is_left(room: Room, recorded: Path, who: Volunteer) -> None:
    assert sounds(recorded) == {11, 12, 22}
    assert sorted(path.name for path in recorded.rglob("*.wav")) == sorted(
        [*(f"{name_of_file(number)}.wav" for number in (11, 12, 22)), "menu.again.wav", "menu.other.wav"]
    )
    assert voices(recorded) == {"v2"}
    assert not any(who.name.encode() in held for held in files_of(recorded).values())
    assert [each.forgotten for each in room.volunteers() if each.id == who.id] == [True]
    assert {each.volunteer for each in room.takes("so")} == {2}
    assert [each.spoken for each in room.hearings("so")] == [name_of_file(22)]


def test_files_takes_and_name_go_and_what_callers_lose_is_told(room: Room, recorded: Path) -> None:
    hodan, _ = filled(room, recorded)
    assert sounds(recorded) == {*HERS, 11, 12, 22}
    assert take_back(room, recorded, hodan.id, "Anna", NOW) == ("menu.again", "menu.person", "safety.danger")
    nothing_is_left(room, recorded, hodan)
    assert take_back(room, recorded, hodan.id, "Anna", NOW) == ()
    assert [each.deed for each in room.events(NOW)].count("withdraw") == 1
    with pytest.raises(Gone):
        take_back(room, recorded, 77, "Anna", NOW)


def test_who_has_left_nothing_can_go_too(room: Room, recorded: Path) -> None:
    assert take_back(room, recorded, speaker(room).id, None, NOW) == ()
    assert room.volunteers()[0].forgotten


def test_wherever_it_is_killed_nothing_is_heard_that_nobody_can_take_back_and_it_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, was_killed = 0, True
    while was_killed:
        recorded = tmp_path / str(step)
        room = Room.open({"IVR_RECORDINGS": str(recorded)})
        hodan, _ = filled(room, recorded)
        was_killed = False
        try:
            with killed_at(step, monkeypatch):
                take_back(room, recorded, hodan.id, None, NOW)
        except Killed:
            was_killed = True
        began = [each for each in room.volunteers() if each.id == hodan.id and each.withdrawn]
        if not began:
            assert sounds(recorded) >= {*HERS}, "something went before the records say so"
            take_back(room, recorded, hodan.id, None, NOW)
        finish_withdrawals(room, recorded, NOW)
        nothing_is_left(room, recorded, hodan)
        step += 1
    assert step > 15


def test_a_press_that_was_killed_while_it_published_a_voice_leaves_it_to_nobody(room: Room, recorded: Path) -> None:
    hodan, _ = filled(room, recorded)
    take_back(room, recorded, hodan.id, None, NOW)
    published(recorded, hodan, {"safety.danger": 2})
    assert voices(recorded) == {"v1", "v2"}
    delete_unused(room, recorded, ["so"], NOW)
    nothing_is_left(room, recorded, hodan)


def test_a_press_sees_that_a_voice_is_being_taken_back(room: Room, recorded: Path) -> None:
    """It looks after it has written: either it sees that, or its files are there to be deleted."""
    hodan, _ = filled(room, recorded)
    room.begin_withdrawal(hodan.id, None, NOW)
    assert {each.volunteer for each in room.takes("so")} == {2}


class TestUnused:
    def test_takes_that_nobody_hears_go_after_fourteen_days_and_no_others(self, room: Room, recorded: Path) -> None:
        hodan, ayaan = filled(room, recorded)
        room.renew(hodan.id, "Anna", NOW, 10 * UNUSED)
        taken(room, recorded, hodan, 5, "safety.danger")  # callers still hear the one before
        room.end(ayaan.id, "Anna", NOW + SECOND)
        assert delete_unused(room, recorded, ["so"], NOW + UNUSED - SECOND) == 0
        assert delete_unused(room, recorded, ["so"], NOW + UNUSED) == 1
        assert not take_file(recorded, 1).exists()
        assert delete_unused(room, recorded, ["so"], NOW + UNUSED + SECOND) == 2  # and what was said of it
        assert not take_file(recorded, 11).exists()
        assert sounds(recorded) == {2, 3, 4, 5, 12, 21}
        assert [each.file for each in room.takes("so")] == [name_of_file(number) for number in (2, 3, 4, 12, 5)]
        assert [each.spoken for each in room.hearings("so")] == [name_of_file(21)]
        assert delete_unused(room, recorded, ["so", "ckb"], NOW + UNUSED + SECOND) == 0

    def test_files_that_no_row_names_go_after_a_day(self, room: Room, recorded: Path) -> None:
        filled(room, recorded)
        written(recorded, 25)
        written(recorded, 26)
        take_file(recorded, 26).rename(take_file(recorded, 26).with_name(f".{name_of_file(26)}.wav.0a1b2c3d.part"))
        assert delete_unused(room, recorded, ["so"], NOW + UNTOLD - SECOND) == 0
        assert sounds(recorded) >= {25, 26}
        assert delete_unused(room, recorded, ["so"], NOW + UNTOLD) == 2
        assert sounds(recorded) & {25, 26} == set()
        assert sounds(recorded) >= {2, 3, 4, 12}

    def test_wherever_it_is_killed_no_file_stays_without_a_row_for_long(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        step, was_killed = 0, True
        while was_killed:
            recorded = tmp_path / str(step)
            room = Room.open({"IVR_RECORDINGS": str(recorded)})
            filled(room, recorded)
            was_killed = False
            try:
                with killed_at(step, monkeypatch):
                    delete_unused(room, recorded, ["so"], NOW + UNUSED)
            except Killed:
                was_killed = True
            delete_unused(room, recorded, ["so"], NOW + UNUSED)
            assert sounds(recorded) == {2, 3, 4, 11, 12, 21, 22}
            assert {take_file(recorded, int(each.file, 16)).is_file() for each in room.takes("so")} == {True}
            step += 1
        assert step > 7

    def test_a_withdrawal_that_was_broken_off_is_finished(self, room: Room, recorded: Path) -> None:
        hodan, _ = filled(room, recorded)
        room.begin_withdrawal(hodan.id, None, NOW)
        delete_unused(room, recorded, (), NOW)
        nothing_is_left(room, recorded, hodan)
