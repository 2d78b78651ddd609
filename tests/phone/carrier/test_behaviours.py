"""The switches: every pair of values is tried, delays take their time, and a call is answered when it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from itertools import combinations, product

import pytest

from ivr.phone.network.behaviour import ALL_BEHAVIOURS, SWITCHES, USUAL, CarrierBehaviour, Delays
from ivr.phone.network.events import Ended, NotReached, PickedUp, Requested, Ringing, Said
from tests.phone.carrier.tiny_line import (
    BYE,
    DIAL_PAGES,
    HANGUP,
    WORKER,
    Answers,
    TinyLine,
    dial,
    doc,
    gather,
    number,
    of,
    ring,
    say,
)


def test_every_two_values_of_two_switches_occur_together() -> None:
    for one, other in combinations(SWITCHES, 2):
        seen = {(getattr(behaviour, one), getattr(behaviour, other)) for behaviour in ALL_BEHAVIOURS}
        assert seen == {*product(SWITCHES[one], SWITCHES[other])}


def test_the_usual_behaviour_comes_first_and_the_others_are_few() -> None:
    assert ALL_BEHAVIOURS[0] == CarrierBehaviour()
    assert len(set(ALL_BEHAVIOURS)) == len(ALL_BEHAVIOURS) <= 12


def test_every_switch_is_tried() -> None:
    assert [*SWITCHES] == [field.name for field in fields(CarrierBehaviour)]


def test_requests_sentences_and_dialling_take_their_time() -> None:
    slow = CarrierBehaviour(delays=Delays(request=1.0, sentence=0.25, dialling=3.0))
    transcript = ring(TinyLine({**DIAL_PAGES, "/voice": doc(say("a" * 10), dial())}), ["wait"], None, slow)
    assert [event.at for event in of(transcript, Requested)] == [1.0, 1 + 1.25 + 3 + 20 + 1, 27.25 + 0.8 + 0.25 - 1]
    assert [event.at for event in of(transcript, Said)] == [1.0, 26.25]
    assert of(transcript, Ringing) == [Ringing(1 + 1.25 + 3, WORKER)]


def test_a_whisper_waits_for_its_requests_too() -> None:
    slow = CarrierBehaviour(delays=Delays(request=1.0))
    transcript = ring(TinyLine(DIAL_PAGES), contacts={WORKER: ["answers after 5, listens 3"]}, behaviour=slow)
    (picked_up,) = of(transcript, PickedUp)
    asked = [event.at - picked_up.at for event in of(transcript, Requested) if "/voice/" in event.url]
    assert asked[:2] == [1.0, 4.0]


def test_whoever_hangs_up_before_the_phone_rings_has_rung_nobody() -> None:
    pages = {**DIAL_PAGES, "/voice": doc(dial())}
    line = TinyLine(pages)
    transcript = ring(line, ["hang up after 1"], behaviour=CarrierBehaviour(delays=USUAL))
    assert not of(transcript, Ringing)
    assert not of(transcript, NotReached)
    assert line.forms("/voice/after")[0]["DialCallStatus"] == "canceled"


UNANSWERED: Mapping[str, tuple[Answers, str]] = {
    "a Redirect first": (doc("<Redirect>/next</Redirect>"), "ringing"),
    "a Pause first": (doc('<Pause length="2"/>', "<Redirect>/next</Redirect>"), "ringing"),
    "a Dial first that answers when it is bridged": (doc(dial(attributes='action="/next"')), "ringing"),
    "a Dial first": (doc(dial(attributes='action="/next"').replace(' answerOnBridge="true"', "")), "in-progress"),
    "words first": (doc(say("Hei"), "<Redirect>/next</Redirect>"), "in-progress"),
    "a Gather first": (doc(gather(action="/next")), "in-progress"),
}


@pytest.mark.parametrize(("first", "status"), UNANSWERED.values(), ids=UNANSWERED)
def test_a_call_rings_until_it_is_answered(first: Answers, status: str) -> None:
    line = TinyLine({"/voice": first, "/next": BYE})
    ring(line)
    assert line.forms("/voice")[0]["CallStatus"] == "ringing"
    assert line.forms("/next")[0]["CallStatus"] == status


def test_a_talk_answers_a_call() -> None:
    pages = {"/voice": doc(dial(number(attributes=""), attributes='action="/next"')), "/next": BYE}
    line = TinyLine(pages)
    ring(line, contacts={WORKER: ["answers after 7, talks 30"]})
    assert line.forms("/next")[0]["CallStatus"] == "in-progress"
    assert line.forms("/voice/status")[0]["CallDuration"] == "31"


@pytest.mark.parametrize(
    ("verbs", "status"),
    [
        (["<Reject/>"], "no-answer"),
        (['<Reject reason="rejected"/>'], "no-answer"),
        (['<Reject reason="busy"/>'], "busy"),
        ([say("Hei"), '<Reject reason="busy"/>'], "completed"),
        ([say("Hei"), HANGUP], "completed"),
    ],
)
def test_how_a_call_that_is_not_taken_is_told(verbs: list[str], status: str) -> None:
    line = TinyLine({"/voice": doc(*verbs)})
    transcript = ring(line)
    (told,) = line.forms("/voice/status")
    assert told["CallStatus"] == status
    assert told["CallDuration"] == "0"
    assert of(transcript, Ended)[0].by == ("line" if HANGUP in verbs else "rejected")


def test_the_action_of_a_gather_is_told_what_ended() -> None:
    line = TinyLine({"/voice": doc(gather()), "/voice/next": BYE})
    ring(line)
    assert line.forms("/voice/next")[0]["msg"] == "Gather End"
