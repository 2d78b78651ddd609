"""A voice that is taken back is nowhere in the room's records, nor in the files of their database."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, make_url, update

from ivr.records import database as module
from ivr.records.faults import RecordsFault
from ivr.records.reach import SECONDS
from ivr.records.room import Gone, InvitationOver, NoConsent, Room, TextChange, Volunteer
from ivr.records.room_reach import room_database
from ivr.records.room_tables import TAKE
from ivr.records.sql_room import SqlRoom
from tests.postgresql import Postgresql
from tests.records.conftest import Environment
from tests.records.room_setup import NOW, TEXT, kept, name_of_file, speaker, volunteer
from tests.records.test_room_people import at_once

SECOND = timedelta(seconds=1)
NAME, DEVICE = "Hodan Cali Warsame", "Chrome 131 on a Nokia X30"
SENTENCES = 60


def full(room: Room) -> Volunteer:
    """Somebody who has left all that can be left, so much that pages of the database were split."""
    for number in range(SENTENCES):
        kept(room, speaker(room, f"Ayaan {number}"), 1000 + number, f"sentence.{number}")
    made = room.invite("so", NAME, "voice", "Anna", NOW)
    who = made.volunteer
    room.enter(made.token, DEVICE, NOW)
    room.agree(who.id, "a1b2", "so", NOW, named=True)
    for number in range(SENTENCES):
        kept(room, who, 2000 + number, f"sentence.{number}")
        kept(room, who, 3000 + number, f"sentence.{number}", at=NOW + SECOND)
        room.read(who.id, f"sentence.{number}", TEXT, "wrong", NOW)
        room.suggest(who.id, f"sentence.{number}", TEXT, "other words", NOW)
    reader = speaker(room, "Cige", "reader")
    room.hear(reader.id, "sentence.0", TEXT, f"{3000:064x}", "it is about Hodan's voice", None, NOW, approved=True)
    room.hear(reader.id, "sentence.1", TEXT, f"{3001:064x}", "", name_of_file(5001), NOW, approved=True)
    room.hear(reader.id, "sentence.1", TEXT, f"{1001:064x}", "it is about Ayaan's", None, NOW, approved=True)
    return who


def secrets() -> tuple[bytes, ...]:
    names = [name_of_file(number) for number in (*range(2000, 2060), *range(3000, 3060), 5001)]
    hashes = [f"{number:064x}" for number in (*range(2000, 2060), *range(3000, 3060))]
    found = (NAME, NAME.casefold(), DEVICE, "it is about Hodan's voice", *names, *hashes)
    return tuple(each.encode() for each in found)


def in_files(room_env: Environment, server: Callable[[], Postgresql]) -> set[bytes]:
    """Which of the secrets stand in the files of a database."""
    if folder := room_env.get("IVR_RECORDINGS"):
        files = [*Path(folder).glob("room.db*")]
    else:
        postgresql, name = server(), make_url(room_env["IVR_ROOM_DATABASE_URL"]).database
        with postgresql.connection(str(name)) as other:
            other.execute("CHECKPOINT")  # it writes its tables behind
            ((oid,),) = other.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchall()
        files = [*(postgresql.folder / "data" / "base" / str(oid)).iterdir()]
    whole = [each.read_bytes() for each in files]
    assert any(b"other words" in each for each in whole), "these are not the files"
    return {secret for secret in secrets() if any(secret in each for each in whole)}


def test_nothing_of_a_voice_is_left(room: Room, room_env: Environment, request: pytest.FixtureRequest) -> None:
    def server() -> Postgresql:
        found: Postgresql = request.getfixturevalue("postgresql")
        with found.connection(str(make_url(room_env["IVR_ROOM_DATABASE_URL"]).database)) as other:
            other.execute("ANALYZE")  # which the server does by itself, some day
        return found

    who = full(room)
    assert len(in_files(room_env, server)) == len(secrets())
    room.begin_withdrawal(who.id, "Anna", NOW)
    assert len(room.voice_files(who.id)) == 2 * SENTENCES + 1
    room.forget_voice(who.id, "Anna", NOW)
    assert in_files(room_env, server) == set()
    assert len(room.takes("so")) == SENTENCES
    assert [each.meaning for each in room.hearings("so")] == ["it is about Ayaan's"]
    assert room.voice_files(who.id) == ()
    left = next(each for each in room.volunteers("so") if each.id == who.id)
    assert (left.name, left.consent, left.withdrawn, left.ended, left.forgotten) == ("v61", None, NOW, NOW, True)


def test_what_somebody_wrote_stays_without_a_name(room: Room) -> None:
    who, reader = speaker(room, NAME), speaker(room, "Cige", "reader")
    room.read(who.id, "a", TEXT, "wrong", NOW)
    room.suggest(who.id, "a", TEXT, "other words", NOW)
    room.hear(reader.id, "a", TEXT, "a" * 64, "written", name_of_file(1), NOW, approved=True)
    room.hear(reader.id, "b", TEXT, "b" * 64, "", name_of_file(2), NOW, approved=True)
    assert set(room.voice_files(reader.id)) == {name_of_file(1), name_of_file(2)}
    room.forget_voice(who.id, None, NOW)
    room.forget_voice(reader.id, None, NOW)
    assert [each.volunteer for each in room.readings("so")] == [who.id]
    assert [each.volunteer for each in room.suggestions("so")] == [who.id]
    assert [(each.meaning, each.spoken) for each in room.hearings("so")] == [("written", None)]


def test_the_name_is_gone_from_who_did_what_and_nobody_elses(room: Room) -> None:
    editor, other = speaker(room, "Hodan", "editor"), volunteer(room, "Hodan Cali")
    elsewhere = volunteer(room, "Hodan", "reader", "ckb")
    hers = room.suggest(other.id, "a", TEXT, "other words", NOW)
    room.accept(hers.id, editor.id, (TextChange("a", TEXT, "english", "other words"),), NOW)
    room.note("use", "so", "", "Hodan", NOW)  # a team leader of the same name
    room.end(editor.id, "Anna", NOW)
    room.forget_voice(editor.id, "Bea", NOW + SECOND)
    room.forget_voice(editor.id, None, NOW + 2 * SECOND)
    assert [(each.by, each.deed, each.about) for each in room.events(NOW)] == [
        ("Anna", "invite", "v1"),
        ("Anna", "invite", "Hodan Cali"),
        ("Anna", "invite", "Hodan"),
        ("v1", "accept", "a"),
        ("Hodan", "use", ""),
        ("Anna", "end", "v1"),
        ("Bea", "withdraw", "v1"),
    ]
    assert [each.name for each in room.volunteers()] == ["Hodan", "Hodan Cali", "v1"]
    again = volunteer(room, "Hodan", "reader")
    assert again.id not in (editor.id, elsewhere.id), "the name is free, and whoever comes with it is somebody new"


def test_once_it_has_begun_nothing_is_added(room: Room) -> None:
    made = room.invite("so", NAME, "voice", "Anna", NOW)
    session = room.enter(made.token, DEVICE, NOW).session_token
    who = made.volunteer
    room.agree(who.id, "a1b2", "so", NOW, named=True)
    take = kept(room, who)
    room.begin_withdrawal(who.id, None, NOW)
    assert room.volunteers()[0].withdrawn == NOW
    assert not room.volunteers()[0].forgotten
    assert (room.takes("so"), room.voice_files(who.id)) == ((), (take.file,))
    added: tuple[Callable[[], object], ...] = (
        lambda: kept(room, who, 2),
        lambda: room.agree(who.id, "a1b2", "so", NOW, named=True),
        lambda: room.read(who.id, "a", TEXT, "right", NOW),
        lambda: room.suggest(who.id, "a", TEXT, "words", NOW),
        lambda: room.renew(who.id, "Anna", NOW),
        lambda: room.end(who.id, "Anna", NOW),
        lambda: room.begin_withdrawal(77, "Anna", NOW),
        lambda: room.forget_voice(77, "Anna", NOW),
    )
    for each in added:
        with pytest.raises(Gone):
            each()
    with pytest.raises(InvitationOver):
        room.visit(session, NOW)
    with pytest.raises(InvitationOver):
        room.enter(made.token, DEVICE, NOW)


@pytest.mark.parametrize("_again", range(3))
def test_a_take_that_comes_while_it_begins_is_among_the_files_or_refused(room: Room, _again: int) -> None:
    who = speaker(room)
    taken, _ = at_once(lambda: kept(room, who), lambda: room.begin_withdrawal(who.id, None, NOW))
    assert isinstance(taken, (Gone, NoConsent)) == (room.voice_files(who.id) == ())


def test_while_somebody_reads_the_log_it_is_told_and_done_later(tmp_path: Path) -> None:
    env = {"IVR_RECORDINGS": str(tmp_path)}
    SqlRoom.open(env)
    room = SqlRoom(room_database(env, 0.2))
    who = speaker(room, NAME)
    kept(room, who)
    with closing(sqlite3.connect(tmp_path / "room.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM take").fetchall()
        with pytest.raises(RecordsFault, match="is locked by another program"):
            room.forget_voice(who.id, None, NOW)
    assert not room.volunteers()[0].forgotten
    room.forget_voice(who.id, None, NOW)
    assert room.volunteers()[0].forgotten
    assert not any(NAME.encode() in each.read_bytes() for each in tmp_path.iterdir())


def test_a_server_that_is_busy_is_told(postgresql: Postgresql, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"IVR_ROOM_DATABASE_URL": postgresql.new_database()}
    room = SqlRoom.open(env)
    who = speaker(room, NAME)
    monkeypatch.setattr(module, "SLACK", 1.0 - SECONDS)
    with postgresql.connection(str(make_url(env["IVR_ROOM_DATABASE_URL"]).database)) as other, other.transaction():
        other.execute("SELECT * FROM event")  # whoever only reads keeps nobody from writing, but from writing anew
        with pytest.raises(RecordsFault, match="IVR_ROOM_DATABASE_URL"):
            room.forget_voice(who.id, None, NOW)
    assert not room.volunteers()[0].forgotten
    monkeypatch.undo()
    room.forget_voice(who.id, None, NOW)
    assert room.volunteers()[0].forgotten


def test_nor_in_what_sqlite_copied_as_its_pages_were_split(tmp_path: Path) -> None:
    """What it overwrites when it deletes is not all: of thousands of rows in no order, some stand somewhere twice."""
    env = {"IVR_RECORDINGS": str(tmp_path)}
    room = Room.open(env)
    who, other = speaker(room, NAME), speaker(room, "Ayaan")
    names = [hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest() for number in range(4000)]
    row = {"language": "so", "sentence": "a", "seconds": 3.25, "at": NOW, "replaced": NOW}
    with room_database(env).transaction() as connection:
        for number, name in enumerate(names):
            own = {"file": name, "sha256": name + name, "text": "words " * (number % 31)}
            whose = (who, other)[number % 2].id
            connection.execute(insert(TAKE).values(row | own | {"volunteer_id": whose}))
            if number % 5 == 0:  # a row that grows
                grows = update(TAKE).where(TAKE.c.id == 1 + int(name, 16) % (number + 1))
                connection.execute(grows.values(text="word " * (number % 301)))
    room.forget_voice(who.id, None, NOW)
    left = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert [name for name in names[1::2] if name.encode() not in left] == []
    assert [name for name in names[::2] if name.encode() in left] == []
