"""Who may use the pages, on which devices and by which links; in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from ivr.records.closings import KEPT, AuditEntry
from ivr.records.database import database
from ivr.records.faults import RecordsFault
from ivr.records.people import (
    INVITED,
    SEEN_AGAIN,
    SIGNED_IN,
    Invitation,
    InvitationEnded,
    LastLeader,
    NameTaken,
    NobodyOfThisName,
    People,
    Person,
)
from tests.limits import PATIENCE
from tests.records.conftest import Environment

NOW = datetime(2026, 11, 24, 8, 10, tzinfo=ZoneInfo("Europe/Helsinki"))
SECOND = timedelta(seconds=1)
T = TypeVar("T")


@pytest.fixture
def people(env: Environment) -> People:
    return People.open(env)


def leader(people: People, name: str) -> Person:
    """Somebody who leads, and can log in."""
    made = people.add(name, "leader", "root", NOW)
    return people.accept(made.token, f"hash of {name}", NOW)


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


@pytest.mark.parametrize("written", ["Åsa Ölund", "  åsa  ÖLUND ", "A\u030asa O\u0308lund", "ÅSA\tÖlund"])
def test_a_name_is_the_same_however_it_is_written(people: People, written: str) -> None:
    made = people.add("A\u030asa  Ölund ", "staff", "root", NOW).person
    assert made.name == "Åsa Ölund"
    assert people.find(written) == made
    with pytest.raises(NameTaken):
        people.add(written, "leader", "root", NOW)
    assert people.all() == (made,)


@pytest.mark.parametrize("written", ["", "  ", "A\0", "\u202eanna", "a" * 101])
def test_what_can_be_no_name_is_refused(people: People, written: str) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        people.add(written, "staff", "root", NOW)
    assert people.find(written) is None
    assert people.audit(NOW) == ()


def test_a_link_sets_a_password_once(people: People) -> None:
    made = people.add("Anna", "staff", "root", NOW)
    for _ in range(2):  # looking at it does not use it up
        assert people.invited(made.token, NOW) == made.person
    assert (made.ends, made.person.has_password, people.password_of(made.person.id)) == (NOW + INVITED, False, None)
    people.accept(made.token, "hash", NOW)
    assert people.password_of(made.person.id) == "hash"
    with pytest.raises(InvitationEnded) as again:
        people.accept(made.token, "other", NOW)
    with pytest.raises(InvitationEnded) as seen:
        people.invited(made.token, NOW)
    assert (again.value.why, seen.value.why) == ("used", "used")
    assert people.password_of(made.person.id) == "hash"


def test_of_two_who_use_a_link_at_once_one_has_it(people: People) -> None:
    made = people.add("Anna", "staff", "root", NOW)
    done = at_once(*(lambda hash=hash: people.accept(made.token, hash, NOW) for hash in ("one", "other")))
    assert sorted(isinstance(each, InvitationEnded) for each in done) == [False, True]
    assert [each.deed for each in people.audit(NOW)] == ["add", "password"]


def test_a_link_ends_after_a_day_and_when_there_is_a_newer_one(people: People) -> None:
    first = people.add("Anna", "staff", "root", NOW)
    people.invited(first.token, first.ends - SECOND)
    newer = people.invite(first.person.id, "Bea", NOW + SECOND)
    for token, at, why in (
        (newer.token, newer.ends, "over"),
        (first.token, NOW + 2 * SECOND, "over"),
        ("never", NOW, "unknown"),
    ):
        with pytest.raises(InvitationEnded) as told:
            people.accept(token, "hash", at)
        assert told.value.why == why
    assert people.accept(newer.token, "hash", NOW + 2 * SECOND).name == "Anna"


def test_a_device_stays_signed_in_while_it_is_used(people: People) -> None:
    anna = leader(people, "Anna")
    token = people.sign_in(anna.id, "Chrome, Android", NOW)
    first = people.signed_in(token, NOW + SEEN_AGAIN)
    assert first
    assert (first.person, first.device.name) == (Person(anna.id, "Anna", "leader", True), "Chrome, Android")
    assert not first.noted
    later = people.signed_in(token, NOW + SIGNED_IN - SECOND)
    assert later
    assert later.noted
    assert people.signed_in(token, NOW + 2 * SIGNED_IN - 2 * SECOND)
    assert people.signed_in(token, NOW + 4 * SIGNED_IN) is None
    assert people.signed_in("another", NOW) is None


def test_devices_are_signed_out_one_by_one_and_all_others(people: People) -> None:
    anna, bea = leader(people, "Anna"), leader(people, "Bea")
    tokens = [people.sign_in(anna.id, name, NOW + n * SECOND) for n, name in enumerate(("a", "b", "c", "d"))]
    hers = people.sign_in(bea.id, "hers", NOW)
    a, b, c, d = people.devices(anna.id, NOW)[::-1]
    assert [each.name for each in (a, b, c, d)] == ["a", "b", "c", "d"]
    people.sign_out(bea.id, a.id, NOW)  # who may only sign out her own
    assert len(people.devices(anna.id, NOW)) == 4
    people.sign_out(anna.id, a.id, NOW)
    people.log_out(tokens[1])
    assert people.devices(anna.id, NOW) == (d, c)
    people.sign_out_others(anna.id, c.id, NOW)
    assert [people.signed_in(token, NOW) is not None for token in (*tokens, hers)] == [False, False, True, False, True]
    assert [each.deed for each in people.audit(NOW)][-2:] == ["sign-out", "sign-out"]


def test_a_new_password_signs_out(people: People) -> None:
    anna = leader(people, "Anna")
    here, there = (people.sign_in(anna.id, name, NOW) for name in ("here", "there"))
    device = people.signed_in(here, NOW)
    assert device
    people.change_password(anna.id, "new", device.device.id, NOW)
    assert people.signed_in(here, NOW)
    assert people.signed_in(there, NOW) is None
    people.accept(people.invite(anna.id, "Bea", NOW).token, "newer", NOW)
    assert people.signed_in(here, NOW) is None


def test_a_new_password_ends_all_links(people: People) -> None:
    anna, later = leader(people, "Anna"), NOW + SECOND
    old = people.invite(anna.id, "Bea", NOW).token
    people.change_password(anna.id, "new", 1, later)
    with pytest.raises(InvitationEnded):
        people.accept(old, "of a stranger", later)
    assert people.password_of(anna.id) == "new"


def test_of_two_links_that_are_made_at_once_one_sets_a_password(people: People) -> None:
    anna = leader(people, "Anna")
    made = at_once(*[lambda: people.invite(anna.id, "Bea", NOW)] * 2)
    tokens = [each.token for each in made if isinstance(each, Invitation)]
    done = [at_once(partial(people.accept, token, token, NOW + SECOND))[0] for token in tokens]
    assert [isinstance(each, InvitationEnded) for each in done].count(False) == 1


def test_another_hash_does_not_undo_a_new_password(people: People) -> None:
    anna = leader(people, "Anna")
    people.rehash(anna.id, "hash of Anna", "better hash")
    people.rehash(anna.id, "hash of Anna", "late")
    assert people.password_of(anna.id) == "better hash"


def test_who_is_removed_is_gone_with_devices_and_links(people: People) -> None:
    leader(people, "Anna")
    bea = leader(people, "Bea")
    token, link = people.sign_in(bea.id, "phone", NOW), people.invite(bea.id, "Anna", NOW).token
    people.remove(bea.id, "Anna", NOW)
    assert people.find("Bea") is None
    assert people.signed_in(token, NOW) is None
    with pytest.raises(InvitationEnded):
        people.accept(link, "hash", NOW)
    gone: list[Callable[[], object]] = [
        lambda: people.remove(bea.id, "Anna", NOW),
        lambda: people.invite(bea.id, "Anna", NOW),
        lambda: people.set_role(bea.id, "staff", "Anna", NOW),
        lambda: people.sign_in(bea.id, "phone", NOW),
        lambda: people.change_password(bea.id, "hash", 1, NOW),
    ]
    for each in gone:
        with pytest.raises(NobodyOfThisName):
            each()
    assert people.add("Bea", "staff", "Anna", NOW).person.id != bea.id


def test_a_leader_who_can_log_in_is_left(people: People) -> None:
    anna = leader(people, "Anna")
    waiting = people.add("Bea", "leader", "Anna", NOW).person  # she has no password yet
    with pytest.raises(LastLeader):
        people.remove(anna.id, "Anna", NOW)
    with pytest.raises(LastLeader):
        people.set_role(anna.id, "staff", "Anna", NOW)
    assert [each.deed for each in people.audit(NOW)] == ["add", "password", "add"]
    people.remove(waiting.id, "Anna", NOW)
    people.set_role(anna.id, "leader", "Anna", NOW)  # which she is
    assert people.all() == (Person(anna.id, "Anna", "leader", True),)


@pytest.mark.parametrize("_again", range(5))
def test_of_two_leaders_each_of_whom_lets_the_other_go_one_stays(people: People, _again: int) -> None:
    anna, bea = leader(people, "Anna"), leader(people, "Bea")
    done = at_once(
        lambda: people.set_role(anna.id, "staff", "Bea", NOW), lambda: people.set_role(bea.id, "staff", "Anna", NOW)
    )
    assert sum(isinstance(each, LastLeader) for each in done) == 1
    assert sum(each.role == "leader" for each in people.all()) == 1


def test_who_did_what(people: People) -> None:
    anna = leader(people, "Anna")
    bea = people.add("Bea", "staff", "Anna", NOW).person
    people.set_role(bea.id, "leader", "Anna", NOW)
    people.invite(bea.id, "Anna", NOW)
    people.remove(bea.id, "Anna", NOW)
    assert people.audit(NOW) == (
        AuditEntry(NOW, "root", "add", "Anna"),
        AuditEntry(NOW, "Anna", "password", "Anna"),
        AuditEntry(NOW, "Anna", "add", "Bea"),
        AuditEntry(NOW, "Anna", "role", "Bea"),
        AuditEntry(NOW, "Anna", "reset", "Bea"),
        AuditEntry(NOW, "Anna", "remove", "Bea"),
    )
    assert people.all() == (Person(anna.id, "Anna", "leader", True),)


def test_what_is_over_is_forgotten(people: People, env: Environment) -> None:
    anna = leader(people, "Anna")
    people.sign_in(anna.id, "phone", NOW)

    def rows() -> tuple[object, ...]:
        with database(env).transaction() as connection:
            return tuple(
                connection.scalar(text(f"SELECT count(*) FROM {name}"))  # noqa: S608 - our own
                for name in ("device", "invitation", "audit", "staff")
            )

    people.forget(NOW + SIGNED_IN - SECOND)
    assert rows() == (1, 1, 2, 1)
    people.forget(NOW + SIGNED_IN)
    assert rows() == (0, 1, 2, 1)
    people.forget(NOW + INVITED + KEPT + SECOND)
    assert rows() == (0, 0, 0, 1)


def test_no_token_is_kept(people: People, env: Environment) -> None:
    made = people.add("Anna", "staff", "root", NOW)
    token = people.sign_in(made.person.id, "phone", NOW)
    with database(env).transaction() as connection:
        kept = [
            str(row)
            for name in ("device", "invitation")
            for row in connection.execute(text(f"SELECT * FROM {name}"))  # noqa: S608 - our own
        ]
    assert len(kept) == 2
    assert not any(secret in row for secret in (made.token, token) for row in kept)
    assert made.token not in repr(made)
