"""Callers who do anything at any time, contacts who do anything, on every kind of carrier: nobody is ever lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ivr.commands.phone import simulated_app
from ivr.core.content import Content
from ivr.core.office import INSTRUCTOR, ON_CALL, PHONE
from ivr.phone.network.behaviour import ALL_BEHAVIOURS, CarrierBehaviour
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Bridged, Ended, Event, NotReached, PickedUp, Requested, Ringing, Said, TalkEnded
from ivr.phone.network.people import (
    Answer,
    Attention,
    Busy,
    Failed,
    HangsUp,
    LeavesWhisper,
    NoAnswer,
    Pickup,
    Press,
    Voicemail,
)
from ivr.phone.simulation import CALLER, OUR_NUMBER, carrier_for, contact_numbers
from ivr.speech.estimate import seconds_by_locale

HELSINKI = ZoneInfo("Europe/Helsinki")
RINGING_WITHIN = 90
"""Seconds in which a caller who does nothing hears a phone ring (rule F3)."""
SURELY_A_TALK = 60
"""Seconds from which on a talk is known as one even by a carrier that does not tell of talks."""

When = Literal["any time", "in the words", "in the waiting", "while deaf"]
MOMENTS = {"in the words": Attention.SPEAKING, "in the waiting": Attention.WAITING, "while deaf": Attention.DEAF}


# --- people ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """A key, or hanging up (no key), so long into the time that counts for it."""

    key: str | None
    after: float
    when: When = "any time"


@dataclass
class RandomCaller:
    """Acts in turn, then is silent for ever."""

    acts: Sequence[Act]
    _done: int = 0
    _passed: float = 0.0
    hung_up: bool = False

    def hears(self, _event: Event) -> None:
        """It does not listen."""

    def key_within(self, seconds: float, moment: Attention) -> Press | HangsUp | None:
        if self._done == len(self.acts):
            return None
        act = self.acts[self._done]
        if act.when != "any time" and MOMENTS[act.when] is not moment:
            return None
        if (left := max(0.0, act.after - self._passed)) > seconds:
            self._passed += seconds
            return None
        self._done, self._passed = self._done + 1, 0.0
        self.hung_up = act.key is None
        return HangsUp(left) if act.key is None else Press(act.key, left)


@dataclass
class RandomContacts:
    """At each ring, whoever it is, the next thing happens; after that nobody answers."""

    pickups: Sequence[Pickup]
    rung: list[tuple[str, Pickup]] = field(default_factory=list)

    def answers(self, contact_number: str) -> Pickup:
        pickup = self.pickups[len(self.rung)] if len(self.rung) < len(self.pickups) else NoAnswer()
        self.rung.append((contact_number, pickup))
        return pickup


# --- what may come --------------------------------------------------------------------------------------------------


def seconds(most: int) -> st.SearchStrategy[float]:
    return st.integers(0, most * 10).map(lambda tenths: tenths / 10)


keys = st.sampled_from("0123456789*#")
whens = st.sampled_from(("any time", "any time", "in the words", "in the waiting", "while deaf"))
presses = st.builds(Act, keys, st.one_of(seconds(2), seconds(10), seconds(60)), whens)
hang_ups = st.builds(Act, st.none(), st.one_of(seconds(3), seconds(40), seconds(300)), whens)
silent = st.just(list[Act]())
staying = silent | st.lists(presses, max_size=8)
leaving = st.tuples(st.lists(presses, max_size=5), hang_ups).map(lambda acts: [*acts[0], acts[1]])
callers = st.one_of(staying, staying, leaving)

talks = st.one_of(seconds(5), seconds(100), st.just(5 * 3600.0))
answers = st.one_of(
    st.builds(Answer, seconds(15), keys, talks, seconds(10)),
    st.builds(Answer, seconds(30), st.none() | keys, talks, seconds(40)),
)
unanswered = st.one_of(
    st.builds(Voicemail, seconds(30)),
    st.builds(LeavesWhisper, seconds(30), seconds(30)),
    st.builds(Busy, seconds(30)),
    st.builds(Failed, seconds(30)),
    st.just(NoAnswer()),
)
pickups = st.lists(unanswered | answers, max_size=12)

NOTABLE = [
    datetime.fromisoformat(text)
    for text in (
        "2026-11-24 08:59",
        "2026-11-24 14:59",
        "2026-11-27 14:59",  # a Friday
        "2026-12-24 10:00",  # Christmas Eve
        "2026-12-31 23:59",
        "2027-01-04 08:58",
        "2026-04-03 10:00",  # Good Friday
        "2026-06-19 08:59",  # Midsummer Eve
        "2026-03-29 02:59",  # the clocks go forward
        "2026-10-25 03:59",  # and back
        "2028-02-29 14:55",
    )
]
near = st.builds(lambda moment, later: moment + timedelta(seconds=later), st.sampled_from(NOTABLE), st.integers(0, 59))
starts = st.one_of(near, st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31))).map(  # noqa: DTZ001 - zoned here
    lambda moment: moment.replace(tzinfo=HELSINKI)
)


# --- the line -------------------------------------------------------------------------------------------------------


@dataclass
class Call:
    """A call that is over, and what may be asked of it."""

    caller: RandomCaller
    contacts: RandomContacts
    behaviour: CarrierBehaviour
    start: datetime
    events: list[Event]

    @property
    def ended(self) -> Ended:
        (ended,) = (event for event in self.events if isinstance(event, Ended))
        return ended

    @property
    def after_the_end(self) -> list[Event]:
        return self.events[self.events.index(self.ended) + 1 :]

    def rings(self) -> list[Ringing]:
        return [event for event in self.events if isinstance(event, Ringing)]

    def talks(self) -> list[Bridged]:
        return [event for event in self.events if isinstance(event, Bridged)]

    def last_words(self) -> list[str]:
        """What the caller heard of the last document."""
        last = max(at for at, event in enumerate(self.events) if isinstance(event, Requested) and event.twiml)
        return [event.spoken.text for event in self.events[last:] if isinstance(event, Said)]

    def nodes(self) -> list[str]:
        """The nodes that were asked on the caller's leg."""
        paths = [urlsplit(event.url).path for event in self.events if isinstance(event, Requested)]
        return [path.removeprefix("/voice/at/") for path in paths if path.startswith("/voice/at/")]


class Town:
    """One line, rung again and again at other times, so that no call may leave anything behind for the next."""

    def __init__(self, content: Content) -> None:
        self.content = content
        every = content.catalogue.texts.values()
        self.words_after_a_talk = {texts[f"after_talk.{end}"] for texts in every for end in ("ended", "short")}
        self.words_of_112 = {texts["safety.goodbye"] for texts in every}
        self.numbers = {name: numbers[0] for name, numbers in contact_numbers(content.office.contacts).items()}
        self._clock = VirtualClock(datetime.now(UTC))
        self._app = simulated_app(content, lambda: self._clock.now())

    def call(
        self,
        start: datetime,
        behaviour: CarrierBehaviour,
        acts: Sequence[Act],
        does: Sequence[Pickup],
        from_: str = CALLER,
    ) -> Call:
        self._clock = VirtualClock(start)
        carrier = carrier_for(self._app, self._clock, seconds_by_locale(self.content.languages), behaviour)
        caller, contacts = RandomCaller(acts), RandomContacts(does)
        return Call(caller, contacts, behaviour, start, carrier.call(caller, contacts, from_=from_))

    def open_all_along(self, call: Call) -> bool:
        schedule = self.content.office.schedules[PHONE]
        return all(schedule.is_open(call.start + timedelta(seconds=at)) for at in range(0, int(call.ended.at) + 60, 60))


@pytest.fixture(scope="module")
def town(content: Content) -> Town:
    return Town(content)


@settings(max_examples=120)
@given(start=starts, behaviour=st.sampled_from(ALL_BEHAVIOURS), acts=callers, does=pickups)
def test_whatever_happens(
    town: Town, start: datetime, behaviour: CarrierBehaviour, acts: list[Act], does: list[Pickup]
) -> None:
    call = town.call(start, behaviour, acts, does)
    event(f"ended by the {call.ended.by}, {'after a talk' if call.talks() else 'without a talk'}")
    ends_as_it_may(town, call)
    rings_nobody_after_the_end(call)
    talks_only_with_people(call)
    says_after_a_talk_that_it_is_over(town, call)
    if call.ended.by == "line":
        reached_somebody_or_tried_everybody(town, call)


def ends_as_it_may(town: Town, call: Call) -> None:
    """By the caller who hangs up, or by the line after words that tell of 112; never in silence."""
    if call.caller.hung_up:
        assert call.ended.by == "caller"
        return
    assert call.ended.by == "line"
    words = call.last_words()
    assert town.words_of_112 & {*words}, words
    assert call.nodes()[-1] in ("after_talk", "on_call_second", "instructor_too"), (
        "the last words follow a talk or the last ring"
    )


def rings_nobody_after_the_end(call: Call) -> None:
    for event_ in call.after_the_end:
        assert isinstance(event_, Requested)
        assert "<Dial" not in event_.twiml
    closed = [event_ for event_ in call.events if isinstance(event_, NotReached | TalkEnded)]
    assert len(closed) == len(call.rings()) == len(call.contacts.rung), "a phone rings on"


def talks_only_with_people(call: Call) -> None:
    """Whoever pressed a key; no machine, and nobody who listens for longer than the whisper."""
    for ring, (number, pickup) in zip(spans(call.events), call.contacts.rung, strict=True):
        talked = any(isinstance(event_, Bridged) for event_ in ring)
        if talked:
            assert isinstance(pickup, Answer)
            assert pickup.presses
            assert {event_.number for event_ in ring if isinstance(event_, Ringing | PickedUp | Bridged)} == {number}


def spans(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """The events from each ring to the next."""
    at = [place for place, event_ in enumerate(events) if isinstance(event_, Ringing)]
    yield from (events[begin:end] for begin, end in pairwise([*at, len(events)]))


def says_after_a_talk_that_it_is_over(town: Town, call: Call) -> None:
    for place, event_ in enumerate(call.events):
        match event_:
            case TalkEnded(by="contact" | "limit") if call.behaviour.dial_bridged or talked(call, place):
                asked = next(later for later in call.events[place:] if isinstance(later, Requested))
                assert "/voice/at/after_talk?" in asked.twiml
                heard = call.events[call.events.index(asked) + 1]
                if isinstance(heard, Said):  # and not a key that came before the words
                    assert heard.spoken.text in town.words_after_a_talk


def talked(call: Call, place: int) -> bool:
    began = max(event_.at for event_ in call.events[:place] if isinstance(event_, Bridged))
    return call.events[place].at - began >= SURELY_A_TALK


def reached_somebody_or_tried_everybody(town: Town, call: Call) -> None:
    """Without a talk three rounds of last words ring, and while the phone is open both contacts (rules T3 and T4)."""
    if call.talks():
        return
    rung = {ring.number for ring in call.rings()}
    assert len(call.rings()) >= 3
    assert call.nodes().count("last_words") >= 3
    assert town.numbers[ON_CALL] in rung
    if town.open_all_along(call):
        assert town.numbers[INSTRUCTOR] in rung


@settings(max_examples=60)
@given(start=starts, behaviour=st.sampled_from(ALL_BEHAVIOURS), does=pickups)
def test_a_silent_caller_hears_a_phone_ring(
    town: Town, start: datetime, behaviour: CarrierBehaviour, does: list[Pickup]
) -> None:
    call = town.call(start, behaviour, [], does)
    assert call.rings()[0].at <= RINGING_WITHIN


@settings(max_examples=60)
@given(
    start=starts,
    behaviour=st.sampled_from(ALL_BEHAVIOURS),
    does=pickups,
    last=hang_ups,
    acts=st.lists(presses, max_size=4),
)
def test_nothing_rings_for_a_caller_who_is_gone(
    town: Town, start: datetime, behaviour: CarrierBehaviour, does: list[Pickup], last: Act, acts: list[Act]
) -> None:
    call = town.call(start, behaviour, [*acts, last], does)
    rings_nobody_after_the_end(call)
    if call.caller.hung_up:
        assert call.ended.by == "caller"
        assert all(ring.at <= call.ended.at for ring in call.rings())
        assert not any(isinstance(event_, Said) for event_ in call.after_the_end)


@settings(max_examples=40)
@given(start=starts, behaviour=st.sampled_from(ALL_BEHAVIOURS), acts=callers, data=st.data())
def test_our_own_phones_ring_nobody(
    town: Town, start: datetime, behaviour: CarrierBehaviour, acts: list[Act], data: st.DataObject
) -> None:
    from_ = data.draw(st.sampled_from([OUR_NUMBER, *town.numbers.values()]))
    call = town.call(start, behaviour, acts, [], from_)
    assert not call.rings()
    if not call.caller.hung_up:
        assert call.ended.by == ("rejected" if from_ == OUR_NUMBER else "line")


@pytest.mark.parametrize("behaviour", ALL_BEHAVIOURS)
@pytest.mark.parametrize("key", ["0", "9", "#", "*", "7"])
def test_somebody_frightened_presses_again_and_again_while_it_rings(
    town: Town, key: str, behaviour: CarrierBehaviour
) -> None:
    acts = [Act("0", 1.0), *[Act(key, 0.5, "while deaf")] * 20]
    call = town.call(NOTABLE[0].replace(tzinfo=HELSINKI), behaviour, acts, [NoAnswer(), Answer()])
    assert len(call.talks()) == 1
