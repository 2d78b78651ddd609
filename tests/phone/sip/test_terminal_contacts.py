"""Contacts who are answered at the terminal: what is asked, and what they do, by a clock of the test."""

from __future__ import annotations

import pytest

from ivr.phone.network.events import Spoken
from ivr.phone.network.people import TALK_SECONDS
from ivr.phone.network.port import Answered, ContactAct, ContactHangsUp, ContactPresses, NotAnswered
from ivr.phone.sip.terminal_contacts import TerminalContacts, TerminalLeg
from ivr.phone.terminal import DECIDES_SECONDS, Keyboard
from tests.limits import until

ON_CALL, INSTRUCTOR = "+358457000001", "+358457000002"
NAMES = {ON_CALL: "on_call", INSTRUCTOR: "social_instructor"}
ASKS = " is rung: (a)nswer and press a key, (v)oicemail, (b)usy, (n)obody? In 8 s it is answered by itself"


class Desk:
    """The terminal, with a clock that moves by `passes`; keys are given by the test."""

    def __init__(self, *, has_keys: bool = True) -> None:
        self.now = 0.0
        self.told: list[str] = []
        self.contacts = TerminalContacts(NAMES, self.told.append, Keyboard() if has_keys else None, lambda: self.now)

    def rung(self, number: str) -> tuple[TerminalLeg, list[ContactAct]]:
        acts = list[ContactAct]()
        leg = self.contacts(number, acts.append)
        self.contacts.look()
        return leg, acts

    def passes(self, seconds: float, key: str | None = None) -> None:
        self.now += seconds
        self.contacts.look(key)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    ("key", "after", "acts"),
    [
        ("a", 1.0, [Answered(0.0)]),
        ("v", 2.0, [Answered(0.0, "voicemail")]),
        ("b", 2.0, [NotAnswered(0.0, "busy")]),
        ("n", 60.0, []),
    ],
)
def test_a_key_decides_what_the_phone_does(desk: Desk, key: str, after: float, acts: list[ContactAct]) -> None:
    _, did = desk.rung(ON_CALL)
    assert desk.told == ["on_call" + ASKS]
    desk.passes(0.1, key)
    desk.passes(after - 0.1)
    assert did == []
    desk.passes(0.2)
    assert did == acts
    assert len(desk.told) == 1


def test_without_a_choice_the_phone_is_answered_in_the_end(desk: Desk) -> None:
    _, did = desk.rung(ON_CALL)
    desk.passes(DECIDES_SECONDS - 0.1, "x")
    desk.passes(0.2)
    desk.passes(1.0)
    assert did == [Answered(0.0)]


def test_without_a_keyboard_it_is_answered_at_once_and_nothing_is_asked() -> None:
    desk = Desk(has_keys=False)
    _, did = desk.rung(ON_CALL)
    desk.passes(1.0)
    assert did == [Answered(0.0)]
    assert desk.told == []


def test_the_key_is_pressed_once_all_was_told_and_the_talk_takes_a_minute(desk: Desk) -> None:
    leg, did = desk.rung(ON_CALL)
    desk.passes(0.0, "a")
    desk.passes(1.0)
    leg.begin(Spoken("fi-FI", "Paina numeroa.", 3.0))
    desk.passes(3.0)
    leg.begin(Spoken("fi-FI", "Kieli: suomi.", 3.0))
    desk.passes(3.0)
    assert did == [Answered(0.0)]
    leg.awaited()
    desk.passes(0.5)
    leg.awaited()
    desk.passes(0.5)
    assert did[1:] == [ContactPresses("5", 0.0)]
    leg.stop()
    desk.passes(TALK_SECONDS - 0.1)
    assert len(did) == 2
    desk.passes(0.2)
    assert did[2:] == [ContactHangsUp(0.0)]
    desk.passes(TALK_SECONDS)
    assert len(did) == 3


def test_all_was_told_too_when_the_first_words_come_again(desk: Desk) -> None:
    leg, did = desk.rung(ON_CALL)
    desk.passes(0.0, "a")
    desk.passes(1.0)
    for _ in range(2):
        leg.begin(Spoken("fi-FI", "Paina numeroa.", 3.0))
    desk.passes(1.0)
    assert did[1:] == [ContactPresses("5", 0.0)]


def test_a_machine_presses_nothing(desk: Desk) -> None:
    leg, did = desk.rung(ON_CALL)
    desk.passes(0.0, "v")
    desk.passes(2.0)
    leg.awaited()
    desk.passes(10.0)
    assert did == [Answered(0.0, "voicemail")]


def test_h_ends_the_talk_that_began_last_and_no_phone_that_rings(desk: Desk) -> None:
    _, first = desk.rung(ON_CALL)
    desk.passes(0.0, "h")
    assert first == []
    desk.passes(0.0, "a")
    desk.passes(1.0)
    _, second = desk.rung(INSTRUCTOR)
    desk.passes(0.0, "a")
    desk.passes(1.0)
    desk.passes(0.0, "h")
    assert (first, second) == ([Answered(0.0)], [Answered(0.0), ContactHangsUp(0.0)])
    desk.passes(0.0, "h")
    assert first == [Answered(0.0), ContactHangsUp(0.0)]
    desk.passes(0.0, "h")


def test_one_question_at_a_time_and_it_is_withdrawn_when_the_ring_ends(desk: Desk) -> None:
    first, did_first = desk.rung(ON_CALL)
    _, did_second = desk.rung(INSTRUCTOR)
    assert desk.told == ["on_call" + ASKS]
    desk.passes(5.0)
    first.hang_up()
    desk.passes(0.1)
    assert desk.told[1:] == ["on_call is no longer rung", "social_instructor" + ASKS]
    desk.passes(DECIDES_SECONDS - 0.1)  # its own time begins when it is asked
    assert did_second == []
    desk.passes(0.0, "b")
    desk.passes(2.0)
    assert (did_first, did_second) == ([], [NotAnswered(0.0, "busy")])


def test_a_leg_that_the_line_has_ended_does_nothing_more(desk: Desk) -> None:
    leg, did = desk.rung(ON_CALL)
    desk.passes(0.0, "a")
    leg.hang_up()
    leg.awaited()
    desk.passes(100.0)
    leg.hang_up()
    assert did == []


def test_whoever_is_told_of_an_act_may_end_the_leg_at_once(desk: Desk) -> None:
    did = list[ContactAct]()

    def post(act: ContactAct) -> None:
        did.append(act)
        leg.hang_up()

    leg = desk.contacts(ON_CALL, post)
    desk.passes(0.0, "a")
    desk.passes(1.0)
    desk.passes(TALK_SECONDS)
    assert did == [Answered(0.0)]


class Typed(Keyboard):
    """A keyboard on which somebody types, and then closes the terminal."""

    def __init__(self, keys: str) -> None:
        self._keys: list[str] = [*keys, ""]

    def read(self, _seconds: float) -> str | None:
        return self._keys.pop(0)


def test_a_thread_asks_and_goes_on_when_the_terminal_is_gone() -> None:
    told = list[str]()
    contacts = TerminalContacts(NAMES, told.append, Typed("b"), lambda: 0.0)
    _ = contacts(ON_CALL, lambda _act: None)
    leg = contacts(INSTRUCTOR, lambda _act: None)
    with contacts.working():
        until(lambda: not leg.undecided)
    assert told == ["on_call" + ASKS, "social_instructor" + ASKS]
