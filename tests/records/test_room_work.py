"""What volunteers leave in the listening room; in SQLite and in PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.records.room import (
    UNUSED,
    Gone,
    NoConsent,
    OwnWork,
    Reading,
    Room,
    SecondHearing,
    Suggestion,
    Take,
    TextChange,
)
from tests.limits import PATIENCE
from tests.records.conftest import Environment
from tests.records.room_setup import NOW, TEXT, kept, name_of_file, speaker, volunteer
from tests.records.test_room_people import at_once

SECOND = timedelta(seconds=1)


def test_a_take_replaces_the_earlier_one_of_its_sentence_and_speaker(room: Room) -> None:
    hodan, ayaan = speaker(room), speaker(room, "Ayaan")
    first, hers, other = kept(room, hodan), kept(room, ayaan, 2), kept(room, hodan, 3, "menu.person")
    newer = kept(room, hodan, 4, at=NOW + SECOND)
    assert newer == Take(
        4, hodan.id, "so", "safety.danger", TEXT, name_of_file(4), f"{4:064x}", 3.25, NOW + SECOND, None
    )
    assert room.takes("so") == (replace(first, replaced=NOW + SECOND), hers, other, newer)
    assert room.takes("ckb") == ()


def test_the_same_file_twice_is_one_take(room: Room) -> None:
    hodan, ayaan = speaker(room), speaker(room, "Ayaan")
    first = kept(room, hodan)
    assert kept(room, hodan, at=NOW + SECOND) == first
    newer = kept(room, hodan, 2, at=NOW + SECOND)
    assert kept(room, hodan).replaced == NOW + SECOND  # sent again late, it comes not back before the newer
    with pytest.raises(Gone):
        kept(room, ayaan)
    assert [each.replaced for each in room.takes("so")] == [NOW + SECOND, None]
    assert room.takes("so")[1] == newer


def test_nobody_is_recorded_who_has_not_agreed_nor_reads_nor_is_unknown(room: Room) -> None:
    with pytest.raises(NoConsent):
        kept(room, volunteer(room))
    with pytest.raises(OwnWork):
        kept(room, speaker(room, "Cige", "reader"))
    with pytest.raises(Gone):
        kept(room, replace(volunteer(room, "Ayaan"), id=77))
    assert room.takes("so") == ()


def test_takes_of_two_tabs_at_once_leave_one_that_is_not_replaced(room: Room) -> None:
    hodan = speaker(room)
    done = at_once(*(lambda number=number: kept(room, hodan, number) for number in (1, 2, 3, 4, 1, 2)))
    assert all(isinstance(each, Take) for each in done)
    found = room.takes("so")
    assert sorted(each.file for each in found) == [name_of_file(number) for number in (1, 2, 3, 4)]
    assert [each.replaced is None for each in found] == [False, False, False, True]


def test_two_processes_at_once_lose_nothing(room: Room, room_env: Environment) -> None:
    """They begin together: each has loaded everything and opened nothing."""
    for name in ("Hodan", "Ayaan"):
        speaker(room, name)
    script = """
import os
from ivr.records.room import Room
from tests.records.room_setup import NOW, kept, name_of_file, speaker
import ivr.records.sql_room

waits, begin = os.pipe()
for process in range(2):
    if not os.fork():
        os.close(begin)
        os.read(waits, 1)  # until the other end is closed
        room = Room.open(os.environ)
        who = next(each for each in room.volunteers() if each.name == ("Hodan", "Ayaan")[process])
        for number in range(25):
            kept(room, who, 100 * process + number, f"sentence.{number}")
            room.read(who.id, f"sentence.{number}", "words", "right", NOW)
            room.suggest(who.id, f"sentence.{number}", "words", "better words", NOW)
        os._exit(0)
os.close(begin)
print(*(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(2)))
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **room_env},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ran.stderr, ran.stdout) == ("", "0 0\n")
    assert [len(found("so")) for found in (room.takes, room.readings, room.suggestions)] == [50, 50, 50]
    assert all(each.replaced is None for each in room.takes("so"))


def test_a_verdict_is_of_these_words_and_the_last_one_stands(room: Room) -> None:
    hodan, ayaan = volunteer(room), volunteer(room, "Ayaan", "editor")
    room.read(hodan.id, "menu.person", "words", "wrong", NOW)
    room.read(ayaan.id, "menu.person", "words", "wrong", NOW)
    room.read(hodan.id, "menu.person", "words", "right", NOW + SECOND)
    room.read(hodan.id, "menu.person", "other words", "wrong", NOW + SECOND)
    assert room.readings("so") == (
        Reading(ayaan.id, "menu.person", "words", "wrong", NOW),
        Reading(hodan.id, "menu.person", "words", "right", NOW + SECOND),
        Reading(hodan.id, "menu.person", "other words", "wrong", NOW + SECOND),
    )
    assert room.readings("ckb") == ()
    with pytest.raises(OwnWork):
        room.read(volunteer(room, "Cige", "reader").id, "menu.person", "words", "right", NOW)


def test_a_suggestion_replaces_an_open_one_of_the_same_sentence(room: Room) -> None:
    hodan, editor = volunteer(room), volunteer(room, "Ayaan", "editor")
    room.suggest(hodan.id, "menu.person", "words", "first", NOW)
    second = room.suggest(hodan.id, "menu.person", "words", " second\u200c one \n", NOW)
    assert second.words == "second\u200c one", "a mark without width is a part of a word"
    other = room.suggest(hodan.id, "menu.again", "words", "third", NOW)
    assert room.suggestions("so") == (other, second)
    change = TextChange("menu.person", "words", "english", "second one")
    room.accept(second.id, editor.id, (change,), NOW + SECOND)
    accepted = replace(second, stage="accepted", changes=(change,), decided_by=editor.id, decided=NOW + SECOND)
    fourth = room.suggest(hodan.id, "menu.person", "second one", "fourth", NOW)
    assert room.suggestions("so") == (fourth, other, accepted)
    assert room.suggestions("ckb") == ()


@pytest.mark.parametrize("words", ["", " \n ", "a\0b", "a\x1bb", "\ud800", "a" * 2001])
def test_what_nobody_can_say_is_no_suggestion(room: Room, words: str) -> None:
    hodan = volunteer(room)
    with pytest.raises(ValueError, match="words"):
        room.suggest(hodan.id, "menu.person", "words", words, NOW)
    assert room.suggestions("so") == ()


def suggested(room: Room, name: str = "Hodan", sentence: str = "menu.person", language: str = "so") -> Suggestion:
    return room.suggest(volunteer(room, name, language=language).id, sentence, "words", "better", NOW)


def test_the_change_that_was_accepted_last_holds(room: Room) -> None:
    editor = volunteer(room, "Ayaan", "editor")
    found = [suggested(room, name, f"menu.{name}") for name in ("a", "b", "c")]
    room.accept(
        found[2].id,
        editor.id,
        (TextChange("menu.person", "1", "english", "2"), TextChange("menu.again", "x", "english", "y")),
        NOW,
    )
    room.accept(found[0].id, editor.id, (TextChange("menu.person", "2", "english", "3"),), NOW + SECOND)
    room.reject(found[1].id, editor.id, NOW)
    assert room.accepted("so") == {
        "menu.person": TextChange("menu.person", "2", "english", "3"),
        "menu.again": TextChange("menu.again", "x", "english", "y"),
    }
    assert room.accepted("ckb") == {}
    assert [each.stage for each in room.suggestions("so")] == ["accepted", "rejected", "accepted"]
    assert [(each.by, each.deed, each.about) for each in room.events(NOW)][-3:] == [
        ("Ayaan", "accept", "menu.c"),
        ("Ayaan", "accept", "menu.a"),
        ("Ayaan", "reject", "menu.b"),
    ]


CHANGES = (TextChange("menu.person", "words", "english", "better"),)
DECIDES: tuple[Callable[[Room, int, int], None], ...] = (
    lambda room, suggestion, editor: room.accept(suggestion, editor, CHANGES, NOW),
    lambda room, suggestion, editor: room.reject(suggestion, editor, NOW),
)


@pytest.mark.parametrize("decides", DECIDES)
def test_nobody_decides_on_their_own_words_nor_who_is_no_editor_of_the_language(
    room: Room, decides: Callable[[Room, int, int], None]
) -> None:
    editor, voice = volunteer(room, "Ayaan", "editor"), volunteer(room, "Cige")
    foreign, reader = volunteer(room, "Dara", "editor", "ckb"), volunteer(room, "Ebla", "reader")
    own = room.suggest(editor.id, "menu.person", "words", "better", NOW)
    hers = suggested(room)
    for suggestion, who in ((own, editor), (hers, voice), (hers, foreign), (hers, reader)):
        with pytest.raises(OwnWork):
            decides(room, suggestion.id, who.id)
    for gone in ((77, editor.id), (hers.id, 77)):
        with pytest.raises(Gone):
            decides(room, *gone)
    assert {each.stage for each in room.suggestions("so")} == {"open"}
    decides(room, hers.id, editor.id)
    with pytest.raises(Gone):
        decides(room, hers.id, editor.id)
    assert len([each for each in room.events(NOW) if each.deed in ("accept", "reject")]) == 1


def test_of_two_editors_at_once_one_decides(room: Room) -> None:
    editors = [volunteer(room, name, "editor") for name in ("Ayaan", "Bilan")]
    hers = suggested(room)
    done = at_once(*(lambda who=who: room.accept(hers.id, who.id, CHANGES, NOW) for who in editors))
    assert sorted(isinstance(each, Gone) for each in done) == [False, True]
    assert room.suggestions("so")[0].changes == CHANGES


def test_a_reader_says_what_a_clip_means_and_may_change_it(room: Room) -> None:
    reader, other = speaker(room, "Cige", "reader"), volunteer(room, "Dara", "reader")
    take = kept(room, speaker(room))

    def heard(meaning: str, spoken: str | None, approved: bool, sha256: str = take.sha256) -> SecondHearing:
        return room.hear(reader.id, "safety.danger", TEXT, sha256, meaning, spoken, NOW, approved=approved)

    heard("Call  112\n", None, True)
    again = heard("", name_of_file(9), False)
    assert room.hearings("so") == (again,)
    assert again == SecondHearing(
        2, reader.id, "so", "safety.danger", TEXT, take.sha256, "", name_of_file(9), False, NOW
    )
    newer = heard("Call 112", None, True, "f" * 64)
    theirs = room.hear(other.id, "safety.danger", TEXT, take.sha256, "Help", None, NOW, approved=True)
    assert room.hearings("so") == (theirs, newer, again)
    assert (newer.meaning, room.hearings("ckb")) == ("Call 112", ())
    with pytest.raises(ValueError, match="written or spoken"):
        heard(" ", None, True)


def test_nobody_approves_a_clip_but_a_reader_and_none_speaks_unasked(room: Room) -> None:
    take = kept(room, speaker(room))
    for who in (volunteer(room, "Ayaan"), volunteer(room, "Bilan", "editor"), volunteer(room, "Hodan Cali")):
        with pytest.raises(OwnWork):
            room.hear(who.id, "safety.danger", TEXT, take.sha256, "Help", None, NOW, approved=True)
    reader = volunteer(room, "Cige", "reader")
    with pytest.raises(NoConsent):
        room.hear(reader.id, "safety.danger", TEXT, take.sha256, "", name_of_file(9), NOW, approved=True)
    assert room.hearings("so") == ()


def test_what_nobody_hears_goes_after_fourteen_days(room: Room) -> None:
    hodan, ayaan, cige = speaker(room), speaker(room, "Ayaan"), speaker(room, "Cige")
    replaced, current = kept(room, hodan), kept(room, hodan, 2, at=NOW + SECOND)
    left, in_use = kept(room, ayaan, 3), kept(room, ayaan, 4, "menu.person")
    over = kept(room, cige, 5)
    room.end(ayaan.id, "Anna", NOW + 2 * SECOND)
    room.renew(cige.id, "Anna", NOW, timedelta(days=1))
    heard = frozenset({in_use.sha256})

    def unused(after: timedelta) -> list[int]:
        return [each.id for each in room.unused("so", heard, NOW + UNUSED + after)]

    assert unused(timedelta()) == []
    assert unused(SECOND) == [replaced.id]
    assert unused(2 * SECOND) == [replaced.id, left.id]
    assert unused(timedelta(days=1)) == [replaced.id, left.id, over.id]
    assert room.unused("ckb", heard, NOW + 2 * UNUSED) == ()
    reader = volunteer(room, "Dara", "reader")
    for take in (replaced, current):
        room.hear(reader.id, take.sentence, TEXT, take.sha256, "Help", None, NOW, approved=True)
    room.forget_takes((replaced.id, left.id))
    assert [each.id for each in room.takes("so")] == [current.id, in_use.id, over.id]
    assert [each.sha256 for each in room.hearings("so")] == [current.sha256]
    room.forget_takes(())
    assert len(room.takes("so")) == 3
