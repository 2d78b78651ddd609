"""Calls that a team leader could have listened to, each counted as they would count it by docs/counts.md."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from ivr.core.content import Content
from ivr.phone.network.behaviour import ALL_BEHAVIOURS, INSTANT, CarrierBehaviour
from ivr.speech.estimate import seconds_by_locale
from tests.calls.counting import CountedLine, without_times
from tests.calls.golden import GoldenCall, Must, play

DAY, NIGHT = datetime(2026, 11, 24, 10), datetime(2026, 11, 24, 22)


@dataclass(frozen=True)
class Judged:
    """A call, and how it is counted. `keys`: what the caller does."""

    title: str
    keys: tuple[str, ...]
    counted: str
    at: datetime = DAY
    contacts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    dials: str | None = None

    def golden(self) -> GoldenCall:
        must = Must(last="", ends="caller")
        return GoldenCall(title="", at=self.at, caller=self.keys, contacts=self.contacts, dials=self.dials, must=must)


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
        datetime(2026, 11, 24, 23),
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
        datetime(2026, 11, 25, 1),
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
    Judged(
        "hears once more, before it rings, that it rings because of waiting",
        ("6", "wait", "wait", "early 9"),
        "ar, silent: reached, urgent_by_waiting; rings in ar within 90 s",
        datetime(2026, 11, 24, 14, 59, 20),
        {"on_call": ("answers",)},
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
        if slow:
            assert without_times(found) == without_times(judged.counted), behaviour
        else:
            assert found == judged.counted, behaviour
