"""What the interpreter asks of a network, whichever it is: who hears what, when, and that no leg stays open."""

from collections.abc import Mapping, Sequence

import pytest

from ivr.phone.errors import CarrierError
from ivr.phone.network.carrier import Carrier
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Event, Spoken
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.port import ContactAct, ContactLeg, ContactPresses
from ivr.phone.network.sounds import Voices
from ivr.phone.network.transport import WsgiTransport
from ivr.phone.network.virtual import VirtualCall, VirtualContact
from tests.phone.carrier.tiny_line import (
    BYE,
    DIAL_PAGES,
    MENU,
    OURS,
    PUBLIC,
    START,
    TOKEN,
    WORKER,
    Answers,
    TinyLine,
    doc,
    gather,
    number,
    say,
    ten_letters_a_second,
)


class WatchedContact(VirtualContact):
    """A contact that writes down what its leg is asked to do."""

    asked: list[str]

    def begin(self, spoken: Spoken, /) -> None:
        self.asked.append(f"contact hears {spoken.text}")
        super().begin(spoken)

    def stop(self) -> None:
        self.asked.append("contact's sound stops")

    def hang_up(self) -> None:
        self.asked.append("contact's leg ends")


class WatchedCall(VirtualCall):
    """A call that writes down what its network is asked to do."""

    def __init__(self, script: Sequence[str], contacts: Mapping[str, Sequence[str]]) -> None:
        self._people = ScriptedContacts(contacts)
        super().__init__(VirtualClock(START), ScriptedCaller(script), self._people)
        self.asked: list[str] = []

    def answer(self) -> None:
        self.asked.append("answer")

    def begin(self, spoken: Spoken, /) -> None:
        self.asked.append(f"caller hears {spoken.text}")

    def stop(self) -> None:
        self.asked.append("caller's sound stops")

    def ring(self, number: str, caller_id: str, /) -> ContactLeg:
        self.asked.append(f"ring {number} as {caller_id}")
        contact = WatchedContact(self._people.answers(number), lambda: self.seconds)
        contact.asked = self.asked
        return contact

    def ringback(self, *, heard: bool) -> None:
        self.asked.append("ringback" if heard else "no ringback")

    def bridge(self, contact: ContactLeg, /) -> None:
        self.asked.append("bridge")
        super().bridge(contact)

    def refuse(self, *, busy: bool) -> None:
        self.asked.append("refuse, busy" if busy else "refuse")

    def hang_up(self) -> None:
        self.asked.append("hang up")


def carried(call: WatchedCall | VirtualCall, pages: Mapping[str, Answers]) -> list[Event]:
    carrier = Carrier(
        WsgiTransport(TinyLine(pages)),
        public_url=PUBLIC,
        auth_token=TOKEN,
        our_number=OURS,
        spoken_of=Voices(ten_letters_a_second, None).spoken,
        strict=True,
    )
    return carrier.carry(call, from_="+358401234567")


def asked(script: Sequence[str], contact: str, pages: Mapping[str, Answers]) -> list[str]:
    call = WatchedCall(script, {WORKER: [contact]})
    carried(call, pages)
    return call.asked


def test_a_talk() -> None:
    assert asked([], "answers after 3, listens 0.2", DIAL_PAGES) == [
        "answer",
        "caller hears Yhdistämme.",
        f"ring {WORKER} as {OURS}",
        "ringback",
        "contact hears Paina.",
        "contact's sound stops",
        "no ringback",
        "bridge",
        "no ringback",
        "contact's leg ends",
        "caller hears Hei hei.",
        "hang up",
    ]


@pytest.mark.parametrize("contact", ["busy", "failed", "no_answer", "answers after 1, presses nothing"])
def test_ringing_is_heard_no_longer_and_the_leg_ends(contact: str) -> None:
    steps = asked([], contact, DIAL_PAGES)
    assert steps[-4:] == ["no ringback", "contact's leg ends", "caller hears Hei hei.", "hang up"]
    assert "bridge" not in steps


@pytest.mark.parametrize("seconds", [2, 4, 30])
def test_both_legs_end_when_the_caller_hangs_up(seconds: int) -> None:
    steps = asked([f"hang up after {seconds}"], "answers after 2, listens 5", DIAL_PAGES)
    assert steps[-3:] == ["no ringback", "contact's leg ends", "hang up"]


def test_without_answer_on_bridge_the_caller_is_answered_and_hears_no_ringing_after_the_pick_up() -> None:
    plain = f'<Dial action="/voice/after" callerId="{OURS}" timeout="20">{number(WORKER, "")}</Dial>'
    steps = asked([], "answers after 3, talks 5", {"/voice": doc(plain), "/voice/after": BYE})
    assert steps[:5] == ["answer", f"ring {WORKER} as {OURS}", "ringback", "no ringback", "no ringback"]
    assert steps[5] == "bridge"


def test_a_key_stops_what_plays() -> None:
    steps = asked(["early 1", "early 2"], "busy", MENU)
    assert steps == [
        "answer",
        f"caller hears {'a' * 30}",
        "caller's sound stops",
        f"caller hears {'c' * 30}",
        "caller's sound stops",
        "caller hears Hei hei.",
        "hang up",
    ]


@pytest.mark.parametrize(("reason", "told"), [("", "refuse"), (' reason="busy"', "refuse, busy")])
def test_a_call_that_is_not_taken_is_never_answered(reason: str, told: str) -> None:
    assert asked([], "busy", {"/voice": doc(f"<Reject{reason}/>")}) == [told, "hang up"]


def test_the_leg_ends_also_when_the_line_breaks_a_rule() -> None:
    call = WatchedCall([], {WORKER: ["answers after 1"]})
    with pytest.raises(CarrierError):
        carried(call, {**DIAL_PAGES, "/voice/whisper": doc("<Record/>")})
    assert call.asked[-3:] == ["no ringback", "contact's leg ends", "hang up"]


class KeenContact(VirtualContact):
    """A contact that presses a key before the line listens for one."""

    def acted(self, act: ContactAct) -> None:
        super().acted(act)
        if not isinstance(act, ContactPresses):
            self._in(0.1, ContactPresses("5", 0.1))


class KeenCall(VirtualCall):
    def ring(self, number: str, _caller_id: str, /) -> ContactLeg:
        return KeenContact(
            ScriptedContacts({}, default="answers after 2, presses nothing").answers(number), lambda: self.seconds
        )


def test_a_key_of_the_contact_before_the_gather_counts_in_it() -> None:
    """A real contact presses when they like."""
    whisper = doc(say("Neuvontapuhelu."), gather(say("Paina."), action="/voice/accept"), "<Hangup/>")
    call = KeenCall(VirtualClock(START), ScriptedCaller([]), ScriptedContacts({}))
    events = carried(call, {**DIAL_PAGES, "/voice/whisper": whisper})
    assert "Bridged" in [type(event).__name__ for event in events]
