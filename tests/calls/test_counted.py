"""Calls that a team leader could have listened to, each counted as they would count it by docs/counts.md."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from ivr.core.call import Step
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.phone.network.behaviour import ALL_BEHAVIOURS, INSTANT, CarrierBehaviour
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.simulation import CALLER, carrier_for
from ivr.speech.estimate import seconds_by_locale
from tests.calls.counting import CountedLine, without_times
from tests.calls.golden import GoldenCall, Must, play

DAY, NIGHT, AFTER_MIDNIGHT = "2026-11-24 10:00", "2026-11-24 22:00", "2026-11-25 01:00"
BY_HANG_UP = {(each.action_after_hangup, each.dial_bridged): each for each in ALL_BEHAVIOURS}
"""One behaviour for each way in which the end of a call and of a talk is told."""
NUMBERS = "+358457001001", "+358457001002"
ways = pytest.mark.parametrize("behaviour", BY_HANG_UP.values())


@dataclass(frozen=True)
class Judged:
    """A call, and how it is counted. `keys`: what the caller does."""

    title: str
    keys: tuple[str, ...]
    counted: str
    at: str = DAY
    contacts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    dials: str | None = None

    def golden(self) -> GoldenCall:
        must = Must(last="", ends="caller")
        return GoldenCall(
            title="",
            at=datetime.fromisoformat(self.at),
            caller=self.keys,
            contacts=self.contacts,
            dials=self.dials,
            must=must,
        )


CALLS = [
    Judged(
        "hangs up in the first words",
        ("hang up after 5",),
        "none, none: hung_up_early, pressed_nothing; hangs up at choose_language",
    ),
    Judged(
        "hears by night when the phone opens, and hangs up",
        ("1", "hang up after 12"),
        "fi, none: hung_up_early, met_closed; hangs up at main_closed",
        NIGHT,
    ),
    Judged(
        "hears only which information there is",
        ("3", "4", "hang up after 5"),
        "en, none: hung_up_early; hangs up at information",
    ),
    Judged(
        "hears a page of information and goes back to the main menu",
        ("3", "4", "3", "*", "*", "hang up after 2"),
        "en, none: informed; hangs up at main_open",
    ),
    Judged(
        "hears a page, does not hang up, and does so once it rings",
        ("3", "4", "3", "hang up after 45"),
        "en, guidance: hung_up_ringing; rings in en later; hangs up at instructor",
    ),
    Judged(
        "presses zero at once, and hangs up while it rings",
        ("early 0", "hang up after 10"),
        "none, help: hung_up_ringing, urgent_by_key; rings in none within 15 s; hangs up at on_call",
    ),
    Judged(
        "hangs up after a worker did so in the whisper",
        ("1", "1", "hang up after 15"),
        "fi, guidance: unanswered; rings in fi within 60 s; hangs up at nobody_free",
        contacts={"social_instructor": ("hangs_up_in_whisper",)},
    ),
    Judged(
        "the on-call worker picks up and presses nothing",
        ("3", "0", "hang up after 40"),
        "en, help: unanswered, met_closed, urgent_by_key, urgent_unanswered; rings in en within 60 s; "
        "hangs up at on_call_again",
        NIGHT,
        {"on_call": ("answers after 3, presses nothing",)},
    ),
    Judged(
        "is answered at the second ringing",
        ("3", "1"),
        "en, guidance: reached; rings in en within 60 s",
        contacts={"social_instructor": ("no_answer", "answers")},
    ),
    Judged(
        "is answered by the instructor after the urgent line did not answer",
        ("1", "2"),
        "fi, child: reached, urgent_by_key, urgent_unanswered; rings in fi within 60 s",
        contacts={"social_instructor": ("answers",)},
    ),
    Judged(
        "hears the opening hours after nobody answered",
        ("3", "1", "*", "3", "hang up after 5"),
        "en, guidance: unanswered; rings in en within 60 s; hangs up at opening_hours",
    ),
    Judged(
        "leaves a language by star, and hangs up",
        ("5", "*", "hang up after 3"),
        "uk, none: hung_up_early; hangs up at choose_language",
    ),
    Judged(
        "hangs up in the first words of the number of Somali",
        ("hang up after 8",),
        "so, none: hung_up_early, pressed_nothing; hangs up at main_open",
        dials="so",
    ),
    Judged(
        "hangs up in the last words",
        ("2", "wait", "wait", "hang up after 40"),
        "sv, closed: unanswered, met_closed, urgent_by_waiting, urgent_unanswered; rings in sv within 90 s; "
        "hangs up at last_words",
        NIGHT,
    ),
    Judged(
        "hangs up in a talk",
        ("1", "1", "hang up after 40"),
        "fi, guidance: reached; rings in fi within 60 s",
        contacts={"social_instructor": ("answers",)},
    ),
    Judged(
        "hangs up after a talk",
        ("1", "1", "hang up after 80"),
        "fi, guidance: reached; rings in fi within 60 s",
        contacts={"social_instructor": ("answers",)},
    ),
    Judged(
        "talks for three hours over midnight of UTC, and then needs help that does not answer",
        ("1", "0", "0"),
        "fi, help: reached, met_closed, urgent_by_key, urgent_unanswered; rings in fi within 60 s",
        AFTER_MIDNIGHT,
        {"on_call": ("answers after 5, talks 10800", "no_answer")},
    ),
    Judged(
        "a talk of ten seconds is one",
        ("1", "0"),
        "fi, help: reached, met_closed, urgent_by_key; rings in fi within 60 s",
        NIGHT,
        {"on_call": ("answers after 3, talks 10",)},
    ),
    Judged(
        "hangs up in the words before it rings",
        ("6", "1", "hang up after 1"),
        "ar, guidance: hung_up_ringing; rings in ar within 60 s; hangs up at instructor",
    ),
    Judged(
        "goes back by star before it rings, and hangs up",
        ("6", "1", "early *", "hang up after 5"),
        "ar, none: hung_up_early; hangs up at main_open",
    ),
    Judged(
        "goes back by star before the urgent line rings, and hears the opening hours",
        ("6", "2", "early *", "3", "hang up after 5"),
        "ar, none: informed; hangs up at opening_hours",
    ),
    Judged(
        "asks for help now before the instructor is rung",
        ("6", "1", "early 0", "hang up after 20"),
        "ar, help: hung_up_ringing, urgent_by_key; rings in ar within 60 s; hangs up at on_call",
    ),
]


def counted(judged: Judged, content: Content, line: CountedLine, behaviour: CarrierBehaviour) -> str:
    play(judged.golden(), content, line, seconds_by_locale(content.languages), behaviour)
    return line.counted(content)


@pytest.mark.parametrize("judged", CALLS, ids=lambda judged: judged.title)
def test_is_counted_as_judged(judged: Judged, content: Content) -> None:
    for behaviour in ALL_BEHAVIOURS:
        line, slow = CountedLine(), behaviour.delays != INSTANT
        found = counted(judged, content, line, behaviour)
        line.rows = [row for row in line.rows if row.what != "ended"]
        assert line.counted(content) == found, "that its end was told changes nothing"
        assert not line.misdated(content, judged.golden().begins(content))
        if slow:
            assert without_times(found) == without_times(judged.counted), behaviour
        else:
            assert found == judged.counted, behaviour


class TestTwoNumbers:
    """Only after the last number of a contact has anybody missed a call."""

    def heard(self, content: Content, *keys: str, answers: bool, behaviour: CarrierBehaviour) -> str:
        line = CountedLine({"social_instructor": NUMBERS})
        second = {NUMBERS[1]: ["answers" if answers else "no_answer"]}
        clock = VirtualClock(Judged("", keys, "").golden().begins(content))
        carrier = carrier_for(line(content, clock.now), clock, seconds_by_locale(content.languages), behaviour)
        carrier.call(ScriptedCaller(keys), ScriptedContacts(second), from_=CALLER)
        return line.counted(content)

    @ways
    def test_the_second_answers(self, content: Content, behaviour: CarrierBehaviour) -> None:
        found = self.heard(content, "3", "1", answers=True, behaviour=behaviour)
        assert without_times(found) == "en, guidance: reached"

    @ways
    def test_the_caller_hangs_up_while_the_second_rings(self, content: Content, behaviour: CarrierBehaviour) -> None:
        found = self.heard(content, "3", "1", "hang up after 35", answers=False, behaviour=behaviour)
        assert without_times(found) == "en, guidance: hung_up_ringing; hangs up at instructor"

    def test_neither_answers(self, content: Content) -> None:
        found = self.heard(content, "3", "1", "hang up after 50", answers=False, behaviour=CarrierBehaviour())
        assert without_times(found) == "en, guidance: unanswered; hangs up at nobody_free"


class TestAtOnce:
    """Contacts that are connected without a key: only the end of their talk tells that there was one."""

    @pytest.fixture
    def at_once(self, content: Content) -> Content:
        office = content.office
        contacts = {name: each.model_copy(update={"accept": "at_once"}) for name, each in office.contacts.items()}
        return replace(content, office=office.model_copy(update={"contacts": contacts}))

    def heard(self, content: Content, behaviour: CarrierBehaviour, *keys: str, talks: int = 60) -> str:
        judged = Judged("", ("3", "0", *keys), "", contacts={"on_call": (f"answers after 5, talks {talks}",)})
        return without_times(counted(judged, content, CountedLine(), behaviour))

    @ways
    def test_the_talk_ends(self, at_once: Content, behaviour: CarrierBehaviour) -> None:
        assert self.heard(at_once, behaviour) == "en, help: reached, urgent_by_key"

    @ways
    def test_the_caller_hangs_up_in_the_talk(self, at_once: Content, behaviour: CarrierBehaviour) -> None:
        """Where the provider does not ask what follows the talk, nobody knows that there was one (docs/counts.md)."""
        asked = behaviour.action_after_hangup != "none"
        ringing = "en, help: hung_up_ringing, urgent_by_key; hangs up at on_call"
        found = self.heard(at_once, behaviour, "hang up after 50")
        assert found == ("en, help: reached, urgent_by_key" if asked else ringing)


class TestEmergency:
    """A step fails, and the caller is sent the emergency document."""

    def heard(
        self,
        content: Content,
        monkeypatch: pytest.MonkeyPatch,
        *keys: str,
        on_call: tuple[str, ...] = ("no_answer",),
        fails_at: int = 3,
        behaviour: CarrierBehaviour = ALL_BEHAVIOURS[0],
    ) -> str:
        numbers = count(1)

        def step_or_fail(*args: Any) -> Step:
            if next(numbers) >= fails_at:
                raise RuntimeError
            return step(*args)

        monkeypatch.setattr("ivr.telephony.web.step", step_or_fail)
        return without_times(
            counted(Judged("", keys, "", contacts={"on_call": on_call}), content, CountedLine(), behaviour)
        )

    @ways
    def test_who_is_rung_answers(
        self, content: Content, monkeypatch: pytest.MonkeyPatch, behaviour: CarrierBehaviour
    ) -> None:
        found = self.heard(content, monkeypatch, "3", "3", on_call=("answers",), behaviour=behaviour)
        assert found == "en, none: reached, emergency"

    @ways
    def test_nobody_answers(
        self, content: Content, monkeypatch: pytest.MonkeyPatch, behaviour: CarrierBehaviour
    ) -> None:
        found = self.heard(content, monkeypatch, "3", "3", behaviour=behaviour)
        assert found == "en, none: unanswered, urgent_unanswered, emergency"

    def test_of_its_second_ringing_nothing_is_told(self, content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.heard(content, monkeypatch, "3", "3", on_call=("no_answer", "answers"))
        assert found == "en, none: unanswered, urgent_unanswered, emergency"

    @ways
    def test_the_caller_hangs_up_in_the_talk(
        self, content: Content, monkeypatch: pytest.MonkeyPatch, behaviour: CarrierBehaviour
    ) -> None:
        keys = "3", "3", "hang up after 70"
        found = self.heard(content, monkeypatch, *keys, on_call=("answers after 5, talks 600",), behaviour=behaviour)
        is_told = behaviour.action_after_hangup != "none"
        ringing = "en, none: hung_up_ringing, emergency; hangs up at emergency"
        assert found == ("en, none: reached, emergency" if is_told else ringing)

    @ways
    def test_the_first_step_fails(
        self, content: Content, monkeypatch: pytest.MonkeyPatch, behaviour: CarrierBehaviour
    ) -> None:
        found = self.heard(content, monkeypatch, fails_at=1, on_call=("answers",), behaviour=behaviour)
        assert found == "none, none: reached, pressed_nothing, pressed_nothing_reached, emergency"

    @ways
    def test_the_caller_hangs_up(
        self, content: Content, monkeypatch: pytest.MonkeyPatch, behaviour: CarrierBehaviour
    ) -> None:
        found = self.heard(content, monkeypatch, "3", "3", "hang up after 5", behaviour=behaviour)
        assert found == "en, none: hung_up_ringing, emergency; hangs up at emergency"

    def test_what_follows_a_ringing_that_was_answered_fails(
        self, content: Content, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = self.heard(content, monkeypatch, "3", "0", on_call=("answers",), fails_at=4)
        assert found == "en, help: reached, urgent_by_key, emergency"

    def test_what_follows_a_ringing_in_vain_fails(self, content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
        found = self.heard(content, monkeypatch, "3", "1", fails_at=4)
        assert found == "en, guidance: unanswered, urgent_unanswered, emergency"
