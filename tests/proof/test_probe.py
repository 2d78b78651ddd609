"""`ivr probe` rings nobody, whatever becomes of its keys: in every language, at every hour, on every variant of a site.

The calls here are played second by second, by code that shares nothing with the proof.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import accumulate, product
from pathlib import Path

import pytest

from ivr.core.call import CallStarted, CallState, Collect, Dial, HangUp, KeyPressed, NoInput, Reject
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.speak import emergency_words
from ivr.core.utterance import Clip, SpokenByProvider
from ivr.proof.probe import NoProbe, Probe, earliest_ringing, find_probe, seconds_heard
from ivr.proof.walk import moments
from ivr.speech.estimate import SLOWER, estimate
from tests.conftest import TODAY
from tests.content.conftest import Prompts

DAY = datetime.fromisoformat("2026-11-24T10:00:00+02:00")
NIGHT = DAY.replace(hour=22)
BEGINS = CallStarted()


def times(content: Content) -> list[datetime]:
    return [moment.now for moment in moments(content.office, TODAY)]


def probe(content: Content, language: str | None = None, now: datetime = DAY, began: CallStarted = BEGINS) -> Probe:
    return find_probe(content, began, now, times(content), partial(estimate, content.languages), language)


def why_not(content: Content, language: str | None = None) -> str:
    with pytest.raises(NoProbe) as refused:
        probe(content, language)
    return str(refused.value)


class Call:
    """A call in seconds from the answer on. `pace`: of the voices, relative to what is expected of them."""

    def __init__(self, content: Content, now: Callable[[], datetime], pace: float, began: CallStarted) -> None:
        self.content, self.now, self.pace = content, now, pace
        self.at = 0.0
        self.step = step(content, CallState(""), began, now())

    @property
    def spoken(self) -> float:
        return self.pace * sum(estimate(self.content.languages, each) for each in self.step.plays)

    def until(self, second: float) -> float | None:
        """Go on in silence until a second; when a phone has begun to ring before, if one has."""
        while True:
            match self.step.action:
                case Collect(seconds=wait):
                    due = self.at + self.spoken + wait
                    if due > second:
                        return None
                    self.at, self.step = due, step(self.content, self.step.state, NoInput(), self.now())
                case Dial(announce=announce):
                    lead_in = 1 if self.step.plays else 0
                    words = self.pace * sum(estimate(self.content.languages, each) for each in announce)
                    rings = self.at + self.spoken + lead_in + words
                    return rings if rings <= second else None
                case HangUp() | Reject():
                    return None

    def press(self, key: str, second: float) -> None:
        listens = isinstance(self.step.action, Collect) or second < self.at + self.spoken
        if listens and not isinstance(self.step.action, (HangUp, Reject)):
            self.at, self.step = second, step(self.content, self.step.state, KeyPressed(key), self.now())


def breaks(content: Content, at: float, pace: float) -> float:
    """When the emergency document of a line that broke at a second rings."""
    return at + pace * sum(estimate(content.languages, each) for each in emergency_words(content).danger_and_calling)


def sent(planned: Probe) -> list[tuple[str, float]]:
    return [(press.key, planned.pause * place) for place, press in enumerate(planned.presses, 1)]


def fates(planned: Probe) -> Iterator[list[tuple[str, float]]]:
    """Every key lost, once, or twice, each at once or late; sound keeps its order, so a late key makes others late."""
    each = [
        [[], *([(key, when + late)] * copies for copies, late in product((1, 2), (0.0, 0.7, 2.5)))]
        for key, when in sent(planned)
    ]
    for chosen in product(*each):
        keys, seconds = [key for some in chosen for key, _ in some], [when for some in chosen for _, when in some]
        yield list(zip(keys, accumulate(seconds, max), strict=True))


def first_ringing(content: Content, planned: Probe, keys: Sequence[tuple[str, float]], now: Callable[[], datetime],
                  pace: float, began: CallStarted) -> float | None:  # fmt: skip
    call = Call(content, now, pace, began)
    for key, when in keys:
        if (rings := call.until(when)) is not None:
            return rings
        call.press(key, when)
    return call.until(planned.limit)


def offered(content: Content) -> list[str]:
    return [code for code in content.languages.languages if code in content.offered]


def rung(content: Content, planned: Probe, began: CallStarted = BEGINS) -> list[float]:
    """When phones ring in calls with every fate of the keys, at every hour, also one that changes at each step."""
    hours, chance = times(content), random.Random(1)  # noqa: S311 - no secret
    clocks = [*(lambda now=now: now for now in hours), lambda: chance.choice(hours)]
    found = [
        first_ringing(content, planned, keys, now, pace, began)
        for keys in fates(planned)
        for now in clocks
        for pace in (0.75, 1.0, 1.6)
    ]
    assert len(found) > 100
    return [rings for rings in found if rings is not None]


# --- nobody is rung -------------------------------------------------------------------------------------------------


def variants(folder: Path) -> Iterator[Content]:
    """Sites as offices have them: all languages, the first ones, closing days, other numbers of contacts."""
    for languages in ((), ("fi", "sv", "en"), ("ar", "sw", "ckb")):
        prompts = Prompts.copied_to(folder / "_".join(("site", *languages)), *languages)
        content = prompts.load().content
        assert content
        yield content
        yield content.with_numbers({"on_call": 3, "social_instructor": 2})
        yield replace(content, offered=frozenset(content.languages.before_choice))
    prompts.edit("office.yaml", 'phone:   {mon-fri: "09:00-15:00"}', "phone:   {}")
    closed = prompts.load().content
    assert closed
    yield closed


def test_no_phone_rings_in_any_language_at_any_hour_of_any_site(tmp_path: Path) -> None:
    planned = refused = 0
    for content, now in product(variants(tmp_path), (DAY, NIGHT)):
        for code in offered(content):
            try:
                call = probe(content, code, now)
            except NoProbe:
                refused += 1
                continue
            planned += 1
            assert rung(content, call) == []
            assert breaks(content, 0, 0.75) > call.limit
            assert call.seconds <= call.limit < call.rings_at
    assert planned > 20
    assert refused > 20


def test_the_calls_here_do_ring_where_a_key_that_is_heard_twice_would(content: Content) -> None:
    """Finnish is 1, which then is a person: it is refused, and rightly so."""
    assert "in Finnish (fi) the keys 1 3 could ring social_instructor: after 1 and 1, in 4 s" in why_not(content, "fi")
    english = probe(content, "en")
    finnish = replace(english, presses=(replace(english.presses[0], key="1"), english.presses[1]))
    assert rung(content, finnish)
    swedish = replace(english, presses=(replace(english.presses[0], key="2"), english.presses[1]))
    assert rung(content, swedish)


def test_the_proof_finds_no_later_ringing_than_the_calls_here(content: Content) -> None:
    """For keys of all kinds, of which many ring somebody."""
    chance, pace = random.Random(2), 0.75  # noqa: S311 - no secret
    seconds, hours, found = partial(estimate, content.languages), times(content), 0
    base = probe(content, "en")
    for _ in range(60):
        keys = [chance.choice("1234569*") for _ in range(chance.randint(1, 3))]
        tried = replace(base, presses=tuple(replace(base.presses[0], key=key) for key in keys), limit=40)
        earliest = earliest_ringing(content, BEGINS, hours, seconds, sent(tried)).at
        for fate in fates(tried):
            rings = first_ringing(content, tried, fate, lambda: chance.choice(hours), pace, BEGINS)
            assert rings is None or rings >= earliest - 1e-6
            found += rings is not None
    assert found > 1000


def test_a_line_that_breaks_rings_only_after_the_call(content: Content) -> None:
    call = probe(content)
    assert call.rings_at == pytest.approx(breaks(content, 0, 0.75))


def test_words_that_are_shorter_make_the_time_limit_shorter(content: Content) -> None:
    whole = probe(content)
    shorter = find_probe(content, BEGINS, DAY, times(content), lambda _each: 0.1, "en")
    assert shorter.limit <= whole.limit


def test_a_flow_in_which_the_hours_could_ring_somebody_is_refused(tmp_path: Path) -> None:
    prompts = Prompts.copied_to(tmp_path, "fi", "sv", "en")
    prompts.edit("flow.yaml", '"3": {to: opening_hours, say: main.hours}', '"3": {to: person, say: main.hours}')
    content = prompts.load().content
    assert content
    assert "no keys lead to the opening hours of the phone" in why_not(content, "en")
    assert "no keys lead" in why_not(content)


def test_a_door_that_calls_somebody_is_seen(tmp_path: Path) -> None:
    """The key of the hours, heard twice, would ring on-call."""
    prompts = Prompts.copied_to(tmp_path, "fi", "sv", "en")
    prompts.edit("flow.yaml", '"3": {to: door, say: opening_hours.door}', '"3": {to: child, say: opening_hours.door}')
    content = prompts.load().content
    assert content
    assert "could ring on_call: after 3 and 3 and 3" in why_not(content, "en")


# --- what it presses ------------------------------------------------------------------------------------------------


def test_the_first_language_that_can_ring_nobody_is_taken(content: Content) -> None:
    call = probe(content)
    assert call.language == "en"
    assert [press.key for press in call.presses] == ["3", "3"]
    assert [set(press.nodes) for press in call.presses] == [{"choose_language"}, {"main_open", "main_closed"}]
    assert call.hours == {"opening_hours"}


def test_keys_follow_the_flow(tmp_path: Path) -> None:
    prompts = Prompts.copied_to(tmp_path)
    prompts.edit("flow.yaml", '"3": {to: opening_hours, say: main.hours}', '"3": {to: information, say: main.hours}')
    prompts.edit(
        "flow.yaml", '"4": {to: information, say: main.information}', '"4": {to: opening_hours, say: main.information}'
    )
    content = prompts.load().content
    assert content
    assert [press.key for press in probe(content, "en").presses] == ["3", "4"]


def test_a_number_of_a_language_needs_one_key(content: Content) -> None:
    began = CallStarted(language="ar")
    call = probe(content, "ar", began=began)
    assert [press.key for press in call.presses] == ["3"]
    assert rung(content, call, began) == []
    assert probe(content, "en", began=began).presses[0].key == "*"


def test_a_language_that_is_not_offered_is_refused(content: Content) -> None:
    few = replace(content, offered=frozenset({"fi", "sv", "en"}))
    assert "Arabic (ar) is not offered now" in why_not(few, "ar")
    assert "'xx' is not offered now" in why_not(few, "xx")


def test_who_is_rejected_or_rings_at_once_has_no_probe(content: Content) -> None:
    with pytest.raises(NoProbe, match="no keys lead"):
        probe(content, "en", began=CallStarted("ourselves"))


def test_seconds_are_those_of_the_voices(content: Content) -> None:
    (first, *_) = emergency_words(content).danger_and_calling
    said = SpokenByProvider("any", "fi-FI", first.text)
    both = seconds_heard(content, lambda _each: (Clip("a", 0.5), replace(said, text=first.text[:9])))
    assert both(first) == pytest.approx(0.5 + estimate(content.languages, replace(first, text=first.text[:9])))
    slow = seconds_heard(content, lambda _each: (replace(said, slow=True),))
    assert slow(replace(first, slow=True)) == pytest.approx(SLOWER * estimate(content.languages, first))
    assert seconds_heard(content, lambda _each: ())(first) == 0


def test_a_slow_recording_that_is_lost_meanwhile_rings_nobody_sooner(content: Content) -> None:
    """Another voice says its sentence."""
    (first, *_) = emergency_words(content).danger_and_calling
    slow = seconds_heard(content, lambda _each: (Clip("a", 30.0),))
    assert slow(first) == pytest.approx(estimate(content.languages, first))
