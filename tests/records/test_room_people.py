"""Who is invited to the listening room, and who is there; in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import text

from ivr.records.faults import RecordsFault
from ivr.records.room import (
    INVITED,
    KEPT,
    Consent,
    Entrance,
    Gone,
    InvitationOver,
    Kind,
    NewInvitation,
    OneKindOnly,
    Room,
    RoomEvent,
)
from ivr.records.room_reach import room_database
from tests.limits import PATIENCE
from tests.records.conftest import Environment
from tests.records.room_setup import NOW, kept, speaker, volunteer

SECOND = timedelta(seconds=1)
T = TypeVar("T")


def at_once(*things: Callable[[], T]) -> list[T | RecordsFault]:
    """What comes of things that several people do at the same moment."""
    together = Barrier(len(things))

    def done(thing: Callable[[], T]) -> T | RecordsFault:
        together.wait(PATIENCE)
        try:
            return thing()
        except RecordsFault as fault:
            return fault

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(done, things))


def why(does: Callable[[], object]) -> tuple[str, str | None]:
    """Why an invitation or a session lets nobody in, and its language."""
    with pytest.raises(InvitationOver) as told:
        does()
    return told.value.why, told.value.language


def test_whoever_has_the_token_enters_and_each_device_is_counted(room: Room) -> None:
    made = room.invite("so", "Hodan Cali", "voice", "Anna", NOW)
    assert (made.volunteer.devices, made.volunteer.voice) == (0, "v1")
    first = room.enter(made.token, "Chrome, Android", NOW)
    second = room.enter(made.token, "Safari, iPhone", NOW)
    assert (first.visit.device, second.visit.device) == (1, 2)
    assert first.session_token != second.session_token
    for entry in (first, second):
        visit = room.visit(entry.session_token, NOW)
        assert (visit.session, visit.device) == (entry.visit.session, entry.visit.device)
        assert (visit.volunteer.id, visit.volunteer.devices) == (made.volunteer.id, 2)
    assert [each.devices for each in room.volunteers("so")] == [2]
    assert room.volunteers("ckb") == ()


def test_an_invitation_and_its_sessions_end_after_its_days(room: Room) -> None:
    made = room.invite("so", "Hodan", "voice", "Anna", NOW)
    session = room.enter(made.token, "Chrome", NOW).session_token
    assert made.volunteer.ends == NOW + INVITED
    room.visit(session, NOW + INVITED - SECOND)
    assert why(lambda: room.visit(session, NOW + INVITED)) == ("over", "so")
    assert why(lambda: room.enter(made.token, "Chrome", NOW + INVITED)) == ("over", "so")
    assert room.volunteers()[0].devices == 1, "who is not let in is not counted"
    assert why(lambda: room.enter("never", "Chrome", NOW)) == ("unknown", None)
    assert why(lambda: room.visit("\ud800", NOW)) == ("unknown", None)


def test_one_that_is_ended_lets_nobody_in_nor_stay(room: Room) -> None:
    made = room.invite("so", "Hodan", "voice", "Anna", NOW)
    session = room.enter(made.token, "Chrome", NOW).session_token
    room.end(made.volunteer.id, "Bea", NOW + SECOND)
    room.end(made.volunteer.id, "Anna", NOW + 2 * SECOND)  # which it is
    assert why(lambda: room.enter(made.token, "Chrome", NOW + SECOND)) == ("ended", "so")
    assert why(lambda: room.visit(session, NOW + SECOND)) == ("ended", "so")
    assert room.volunteers()[0].ended == NOW + SECOND
    again = room.invite("so", "hodan", "voice", "Anna", NOW + SECOND)
    assert (again.volunteer.id, again.volunteer.ended, again.volunteer.name) == (made.volunteer.id, None, "Hodan")
    assert room.enter(again.token, "Chrome", NOW + SECOND).visit.device == 1
    assert why(lambda: room.visit(session, NOW + SECOND)) == ("ended", "so"), "a forwarded one comes back"
    assert [(each.by, each.deed, each.about) for each in room.events(NOW)] == [
        ("Anna", "invite", "Hodan"),
        ("Bea", "end", "Hodan"),
        ("Anna", "invite", "Hodan"),
    ]


def test_a_new_token_ends_the_earlier_and_whoever_is_in_stays(room: Room) -> None:
    made = room.invite("so", "Hodan", "voice", "Anna", NOW)
    session = room.enter(made.token, "Chrome", NOW).session_token
    newer = room.renew(made.volunteer.id, "Bea", NOW + SECOND, timedelta(days=1))
    assert why(lambda: room.enter(made.token, "Chrome", NOW + SECOND)) == ("ended", "so")
    assert room.enter(newer.token, "Firefox", NOW + SECOND).visit.device == 1
    assert room.visit(session, NOW + SECOND).volunteer.id == made.volunteer.id
    assert why(lambda: room.visit(session, NOW + SECOND + timedelta(days=1))) == ("over", "so")
    with pytest.raises(Gone):
        room.renew(77, "Bea", NOW)


@pytest.mark.parametrize("written", ["Åsa Ölund", "  åsa  ÖLUND ", "A\u030asa O\u0308lund"])
def test_one_person_has_one_kind_in_a_language(room: Room, written: str) -> None:
    made = volunteer(room, "Åsa Ölund")
    others: tuple[Kind, ...] = ("reader", "editor")
    for kind in others:
        with pytest.raises(OneKindOnly):
            room.invite("so", written, kind, "Anna", NOW)
    assert volunteer(room, written) == made
    assert volunteer(room, written, "reader", "ckb").id != made.id
    assert len(room.events(NOW)) == 3


@pytest.mark.parametrize("written", ["", "  ", "A\0", "\u202eanna", "a" * 101])
def test_what_can_be_no_name_is_refused(room: Room, written: str) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        room.invite("so", written, "voice", "Anna", NOW)
    assert (room.volunteers(), room.events(NOW)) == ((), ())


def test_of_two_kinds_that_are_given_at_once_one_stands(room: Room) -> None:
    kinds: tuple[Kind, ...] = ("voice", "reader", "editor")
    done = at_once(*(lambda kind=kind: room.invite("so", "Hodan", kind, "Anna", NOW) for kind in kinds))
    assert sorted(type(each).__name__ for each in done) == ["NewInvitation", "OneKindOnly", "OneKindOnly"]
    assert len(room.volunteers()) == len(room.events(NOW)) == 1


def test_of_two_tokens_that_are_made_at_once_one_is_good(room: Room) -> None:
    done = at_once(*[lambda: room.invite("so", "Hodan", "voice", "Anna", NOW)] * 2)
    tokens = [each.token for each in done if isinstance(each, NewInvitation)]
    entered = [at_once(partial(room.enter, token, "Chrome", NOW))[0] for token in tokens]
    assert (len(tokens), sum(isinstance(each, InvitationOver) for each in entered)) == (2, 1)
    assert [each.devices for each in room.volunteers()] == [1]


def test_devices_that_enter_at_once_have_numbers_of_their_own(room: Room) -> None:
    made = room.invite("so", "Hodan", "voice", "Anna", NOW)
    done = at_once(*[lambda: room.enter(made.token, "Chrome", NOW).visit.device] * 4)
    assert sorted(map(str, done)) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("_again", range(3))
def test_whoever_enters_while_it_is_ended_is_out(room: Room, _again: int) -> None:
    made = room.invite("so", "Hodan", "voice", "Anna", NOW)

    def end() -> None:
        room.end(made.volunteer.id, "Anna", NOW)

    entered, _ = at_once(lambda: room.enter(made.token, "Chrome", NOW), end)
    room.renew(made.volunteer.id, "Anna", NOW)
    if isinstance(entered, Entrance):
        assert why(lambda: room.visit(entered.session_token, NOW)) == ("ended", "so")


def test_a_consent_is_kept_and_replaced(room: Room) -> None:
    made = volunteer(room)
    room.agree(made.id, "a1b2", "so", NOW, named=False)
    assert room.volunteers()[0].consent == Consent("a1b2", "so", False, NOW)
    room.agree(made.id, "c3d4", "fi", NOW + SECOND, named=True)
    assert room.volunteers()[0].consent == Consent("c3d4", "fi", True, NOW + SECOND)
    with pytest.raises(Gone):
        room.agree(77, "a1b2", "so", NOW, named=False)


def test_no_token_is_kept(room: Room, room_env: Environment) -> None:
    made = room.invite("so", "Hodan", "voice", "Anna", NOW)
    entry = room.enter(made.token, "Chrome", NOW)
    with room_database(room_env).transaction() as connection:
        rows = [
            str(row)
            for name in ("token", "visit", "volunteer", "event")
            for row in connection.execute(text(f"SELECT * FROM {name}"))  # noqa: S608 - our own
        ]
    assert len(rows) == 4
    assert not any(secret in row for secret in (made.token, entry.session_token) for row in rows)
    assert made.token not in repr(made)
    assert entry.session_token not in repr(entry)


def test_what_is_over_is_forgotten(room: Room, room_env: Environment) -> None:
    made = room.invite("so", "Hodan", "voice", "Anna", NOW)
    room.enter(made.token, "Chrome", NOW)
    ended = volunteer(room, "Ayaan")
    newer = room.renew(ended.id, "Anna", NOW)
    room.enter(newer.token, "Chrome", NOW)
    room.end(ended.id, "Anna", NOW)
    kept(room, speaker(room, "Cige"))

    def rows() -> tuple[object, ...]:
        with room_database(room_env).transaction() as connection:
            return tuple(
                connection.scalar(text(f"SELECT count(*) FROM {name}"))  # noqa: S608 - our own
                for name in ("visit", "token", "event", "volunteer", "take")
            )

    assert rows() == (2, 4, 5, 3, 1)
    room.forget(NOW + INVITED - SECOND)
    assert rows() == (1, 4, 5, 3, 1)
    room.forget(NOW + INVITED)
    assert rows() == (0, 4, 5, 3, 1)
    room.forget(NOW + KEPT)
    assert rows() == (0, 4, 5, 3, 1)
    room.forget(NOW + KEPT + SECOND)
    assert rows() == (0, 3, 0, 3, 1)
    assert len(room.volunteers()) == 3


def test_the_office_notes_what_it_did(room: Room) -> None:
    room.note("use", "so", "v1", "Anna", NOW)
    room.note("off", "so", "", "Bea", NOW + SECOND)
    assert room.events(NOW + SECOND) == (RoomEvent(NOW + SECOND, "Bea", "off", "so", ""),)
    assert [each.deed for each in room.events(NOW)] == ["use", "off"]
