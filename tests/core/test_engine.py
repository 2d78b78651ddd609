"""Tests speak the caller's language: what is pressed, what is heard, who rings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.core.call import (
    CallerGone,
    CallStarted,
    CallState,
    Collect,
    Dial,
    Event,
    HangUp,
    KeyPressed,
    NoInput,
    Outcome,
    Reject,
    Step,
    TransferEnded,
)
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.flow import Menu, Transfer

HELSINKI = ZoneInfo("Europe/Helsinki")
DAY = datetime(2026, 11, 24, 10, 0, tzinfo=HELSINKI)
NIGHT = datetime(2026, 11, 24, 22, 0, tzinfo=HELSINKI)
SOMEWHERE = CallState("")


@dataclass
class Call:
    """A call in progress; every method is one event and keeps what came of it."""

    content: Content
    now: datetime = DAY

    def __post_init__(self) -> None:
        self.taken = step(self.content, SOMEWHERE, CallStarted(), self.now)

    def happens(self, event: Event) -> Call:
        self.taken = step(self.content, self.taken.state, event, self.now)
        return self

    def press(self, *keys: str) -> Call:
        for key in keys:
            self.happens(KeyPressed(key, self.content.revision(self.taken.state.node, self.taken.state.language)))
        return self

    def wait(self) -> Call:
        return self.happens(NoInput())

    def transfer(self, outcome: Outcome) -> Call:
        return self.happens(TransferEnded(outcome))

    @property
    def node(self) -> str:
        return self.taken.state.node

    @property
    def rings(self) -> str | None:
        return self.taken.action.contact if isinstance(self.taken.action, Dial) else None


def texts(taken: Step) -> list[str]:
    return [play.text for play in taken.plays]


def menus(content: Content) -> list[str]:
    return [name for name, node in content.flow.nodes.items() if isinstance(node, Menu)]


FIRST_PAGE = ("fi", "sv", "en", "ru", "uk", "ar", "fa", "so")
BEHIND_NINE = ("ckb", "sw")
"""The languages in the order of their digits."""


class TestFirstWords:
    def test_who_we_are_and_112_are_said_in_three_languages_before_any_language_names_itself(
        self, content: Content
    ) -> None:
        said = [(u.language, u.prompt) for u in Call(content).taken.plays]
        assert said == [
            *((lang, "safety.opening") for lang in ("fi", "sv", "en")),
            *((lang, "choose_language.choice") for lang in (*FIRST_PAGE, *BEHIND_NINE)),
        ]

    def test_each_digit_chooses_its_language(self, content: Content) -> None:
        for key, language in enumerate(FIRST_PAGE, 1):
            taken = Call(content).press(str(key)).taken
            assert taken.state == CallState("main_open", language)
            assert {u.language for u in taken.plays} == {language}

    def test_a_language_that_is_not_offered_leaves_a_gap_and_its_digit_is_a_wrong_key(self, content: Content) -> None:
        call = Call(replace(content, offered=frozenset({"fi", "en"}))).press("2")
        assert call.node == "choose_language"
        assert call.taken.exit == "nomatch"
        assert call.press("3").taken.state.language == "en"

    def test_two_failed_tries_ring_a_person_and_wrong_keys_count_like_silence(self, content: Content) -> None:
        content = replace(content, offered=content.offered - {"so"})
        call = Call(content).press("8")
        again = [(play.language, play.prompt) for play in call.taken.plays]
        named = [lang for lang in (*FIRST_PAGE, *BEHIND_NINE) if lang != "so"]
        assert again == [(lang, "choose_language.choice") for lang in named] + [
            (lang, "main.wait") for lang in FIRST_PAGE[:3]
        ]
        assert call.taken.action == Collect(5)
        assert call.wait().rings == "social_instructor"
        assert call.taken.state.matter == "silent"
        assert Call(content, NIGHT).wait().press("8").rings == "on_call"

    def test_nine_says_the_languages_again_and_more_slowly_while_none_is_behind_it(self, content: Content) -> None:
        call = Call(replace(content, offered=content.offered - {*BEHIND_NINE})).press("9")
        assert call.node == "choose_language"
        assert all(u.slow for u in call.taken.plays)


class TestLanguagesBehindNine:
    def test_they_name_themselves_with_nine(self, content: Content) -> None:
        assert [(play.language, play.values) for play in Call(content).taken.plays[-2:]] == [
            ("ckb", ("digit.9",)),
            ("sw", ("digit.9",)),
        ]

    def test_nine_and_then_their_digit_chooses_them(self, content: Content) -> None:
        for key, language in enumerate(BEHIND_NINE, 1):
            call = Call(content).press("9")
            assert call.node == "other_languages"
            assert [u.language for u in call.taken.plays] == list(BEHIND_NINE)
            assert call.press(str(key)).taken.state == CallState("main_open", language)

    def test_star_goes_back_and_silence_reaches_a_person(self, content: Content) -> None:
        assert Call(content).press("9", "*").node == "choose_language"
        assert Call(content).press("9").wait().wait().rings == "social_instructor"


class TestALanguageKnownByTheNumberDialled:
    def test_it_skips_the_menu_and_star_brings_it(self, content: Content) -> None:
        taken = step(content, CallState(""), CallStarted(language="so"), DAY)
        assert taken.state == CallState("main_open", "so")
        assert [u.prompt for u in taken.plays][:3] == ["welcome.office", "safety.danger", "welcome.machine"]
        assert {u.language for u in taken.plays} == {"so"}
        up = step(content, taken.state, KeyPressed("*"), DAY)
        assert up.state == CallState("choose_language")

    def test_one_that_is_not_offered_is_asked_for_as_ever(self, content: Content) -> None:
        content = replace(content, offered=content.offered - {"so"})
        taken = step(content, CallState(""), CallStarted(language="so"), DAY)
        assert taken == step(content, CallState(""), CallStarted(), DAY)

    def test_our_own_contacts_hear_what_this_is_all_the_same(self, content: Content) -> None:
        assert step(content, CallState(""), CallStarted("contact", "so"), DAY).state.node == "own_contact"


class TestKeysThatMeanTheSameEverywhere:
    def test_zero_rings_the_urgent_line_from_every_menu_at_every_hour(self, content: Content) -> None:
        for now in (DAY, NIGHT):
            for language in (None, "sv"):
                for name in [*menus(content), "choose_language", "other_languages"]:
                    taken = step(content, CallState(name, language), KeyPressed("0", "an old menu"), now)
                    assert isinstance(taken.action, Dial)
                    assert (taken.action.contact, taken.state.matter) == ("on_call", "help")

    def test_one_is_a_person_in_every_menu(self, content: Content) -> None:
        for now, contact in ((DAY, "social_instructor"), (NIGHT, "on_call")):
            for name in menus(content):
                taken = step(content, CallState(name, "sv"), KeyPressed("1", content.revision(name, "sv")), now)
                assert isinstance(taken.action, Dial)
                assert taken.action.contact == contact

    @pytest.mark.parametrize("key", ["9", "#"])
    def test_nine_and_hash_cost_no_try(self, content: Content, key: str) -> None:
        for name in menus(content):
            for attempt in (0, 1):
                state = CallState(name, "en", attempt=attempt)
                assert step(content, state, KeyPressed(key, "old"), DAY).state == state

    def test_star_goes_one_level_up(self, content: Content) -> None:
        call = Call(content).press("3", "4", "3")
        assert [call.press("*").node for _ in range(3)] == ["information", "main_open", "choose_language"]
        assert call.taken.state.language is None

    def test_star_leads_to_the_languages_while_none_is_chosen(self, content: Content) -> None:
        assert step(content, CallState("last_words"), KeyPressed("*"), NIGHT).state.node == "choose_language"

    def test_star_in_the_first_menu_stays_there(self, content: Content) -> None:
        assert Call(content).press("*").node == "choose_language"


class TestMainMenu:
    def test_its_second_ask_is_shorter_and_then_a_person_rings(self, content: Content) -> None:
        call = Call(content).press("3").wait()
        assert texts(call.taken) == ["Take your time. For a person, press one.", "Or wait. We call a person."]
        assert call.press("7").rings == "social_instructor"

    def test_waiting_is_a_choice_while_closed(self, content: Content) -> None:
        call = Call(content, NIGHT).press("3")
        assert call.taken.action == Collect(5)
        assert call.wait().rings == "on_call"
        assert call.taken.state.matter == "closed"

    def test_one_wrong_key_while_closed_is_asked_again(self, content: Content) -> None:
        call = Call(content, NIGHT).press("3", "8")
        assert texts(call.taken) == ["Take your time. For a person, press one.", "Or wait. We call urgent social help."]
        assert call.press("8").rings == "on_call"

    def test_a_digit_means_the_same_open_and_closed(self, content: Content) -> None:
        open_, closed = (content.flow.nodes[name] for name in ("main_open", "main_closed"))
        assert isinstance(open_, Menu)
        assert isinstance(closed, Menu)
        assert open_.options == closed.options

    def test_time_to_answer_is_longer_unless_the_last_words_say_that_waiting_is_fine(self, content: Content) -> None:
        assert Call(content).taken.action == Collect(8)
        assert Call(content).press("3").taken.action == Collect(5)
        assert Call(content).press("3", "3").taken.action == Collect(8)
        assert Call(content).press("3", "3").wait().taken.action == Collect(5)

    def test_three_o_clock_is_noticed_when_the_main_menu_is_entered_again(self, content: Content) -> None:
        call = Call(content, DAY.replace(hour=14, minute=59)).press("3", "4")
        call.now += timedelta(minutes=2)
        assert call.press("*").node == "main_closed"

    @pytest.mark.parametrize("key", ["", "12", "12#", "A", "٣", "1 "])
    def test_anything_but_one_key_is_a_wrong_key(self, content: Content, key: str) -> None:
        assert Call(content).press("3").press(key).taken.exit == "nomatch"

    def test_a_key_for_an_old_menu_is_asked_again_and_costs_one_try(self, content: Content) -> None:
        call = Call(content).press("3")
        old = step(content, call.taken.state, KeyPressed("2", "00000000"), DAY)
        assert (old.exit, old.state.attempt) == ("nomatch", 1)
        assert step(content, old.state, KeyPressed("2", "00000000"), DAY).exit == "exhausted"


class TestTransfers:
    def test_a_child_is_on_call_by_day_and_by_night(self, content: Content) -> None:
        for now in (DAY, NIGHT):
            call = Call(content, now).press("3", "2")
            assert (call.rings, call.taken.state.matter) == ("on_call", "child")

    def test_what_is_said_before_ringing_can_be_interrupted_and_the_announcement_cannot(self, content: Content) -> None:
        taken = Call(content).press("6", "2").taken
        assert isinstance(taken.action, Dial)
        assert [u.prompt for u in taken.plays] == ["safety.only_these_languages"]
        assert [u.prompt for u in taken.action.announce] == ["child.calling"]

    @pytest.mark.parametrize("key", ["0", "1", "7"])
    def test_a_key_while_it_is_said_rings_at_once(self, content: Content, key: str) -> None:
        call = Call(content).press("6", "2").press(key)
        assert (call.node, call.rings, call.taken.plays, call.taken.state.matter) == ("child", "on_call", (), "child")

    def test_nine_repeats_it_slowly_and_star_goes_back(self, content: Content) -> None:
        call = Call(content).press("6", "2", "9")
        assert [u.slow for u in call.taken.plays] == [True]
        assert call.press("*").node == "main_open"

    def test_zero_while_the_instructor_is_announced_rings_the_urgent_line(self, content: Content) -> None:
        assert step(content, CallState("instructor", "en"), KeyPressed("0"), DAY).state.node == "on_call"

    def test_several_numbers_ring_in_turn_without_a_new_announcement(self, content: Content) -> None:
        call = Call(replace(content, number_counts={"social_instructor": 3})).press("3", "1")
        for line in (1, 2):
            taken = call.transfer("busy").taken
            assert (taken.plays, taken.action) == ((), Dial("social_instructor", line, ()))
        assert call.transfer("no_answer").node == "nobody_free"

    @pytest.mark.parametrize("outcome", ["declined", "busy", "no_answer", "failed"])
    def test_whatever_was_not_answered_asks_the_caller_before_it_rings_again(
        self, content: Content, outcome: Outcome
    ) -> None:
        for name, node in content.flow.nodes.items():
            if isinstance(node, Transfer):
                taken = step(content, CallState(name, "en"), TransferEnded(outcome), DAY)
                assert isinstance(taken.action, (Collect, HangUp)), name

    def test_answered_leads_to_the_words_after_a_talk(self, content: Content) -> None:
        call = Call(content).press("3", "1").transfer("answered")
        assert texts(call.taken) == [
            "Your talk has ended.",
            "For a person again, press one.",
            "For help now, press zero.",
            "You can hang up now.",
        ]
        assert isinstance(call.wait().taken.action, HangUp)

    def test_a_wrong_key_after_a_talk_does_not_end_the_call(self, content: Content) -> None:
        call = Call(content).press("3", "1").transfer("answered").press("7")
        assert call.node == "after_talk"
        assert call.press("7").rings == "social_instructor"

    def test_silence_when_nobody_is_free_rings_once_more_and_then_the_urgent_line(self, content: Content) -> None:
        call = Call(content).press("3", "1").transfer("busy").wait()
        assert call.rings == "social_instructor"
        assert call.transfer("busy").wait().rings == "on_call"

    def test_the_urgent_line_is_followed_by_the_instructor_while_the_phone_is_open(self, content: Content) -> None:
        assert Call(content).press("0").transfer("declined").wait().rings == "social_instructor"
        assert Call(content, NIGHT).press("0").transfer("declined").wait().rings == "on_call"

    def test_nine_o_clock_before_the_last_words_rings_the_instructor_first(self, content: Content) -> None:
        call = Call(content, NIGHT).press("0").transfer("declined").wait()
        call.now = DAY
        assert call.transfer("declined").node == "nobody_yet"
        assert call.wait().rings == "social_instructor"
        assert call.transfer("declined").node == "last_words"

    def test_the_last_words_ring_again_three_times_and_only_then_is_the_end(self, content: Content) -> None:
        call = Call(content, NIGHT).press("3", "0").transfer("busy").wait().transfer("busy")
        for round_ in (1, 2, 3):
            assert call.taken.state.round == round_
            assert texts(call.taken)[0].endswith("Call one one two.")
            assert len([play for play in call.taken.plays if play.prompt.startswith("digit.")]) == 20
            assert texts(call.taken)[-1] == "Stay on the line. We try again."
            assert call.wait().rings == "on_call"
            call.transfer("busy")
        assert isinstance(call.taken.action, HangUp)
        assert texts(call.taken)[0] == "If you are in danger, call one one two."

    def test_rounds_are_counted_through_wrong_keys_and_hours_and_begin_anew_with_a_key(self, content: Content) -> None:
        call = Call(content, NIGHT).press("3", "0").transfer("busy").wait().transfer("busy")
        call.press("#", "9", "7", "7")
        assert (call.rings, call.taken.state.round) == ("on_call", 1)
        call.now = DAY
        assert (call.transfer("busy").node, call.taken.state.round) == ("nobody_yet", 1)
        assert (call.wait().transfer("busy").node, call.taken.state.round) == ("last_words", 2)
        assert call.press("1").taken.state.round == 0

    def test_by_day_the_instructor_is_rung_once_more_before_the_end(self, content: Content) -> None:
        call = Call(content)
        call.taken = step(content, CallState("last_words", "en", round=3), NoInput(), DAY)
        assert call.rings == "on_call"
        assert call.transfer("busy").wait().rings == "social_instructor"
        assert isinstance(call.transfer("busy").taken.action, HangUp)

    def test_before_a_language_is_known_the_announcement_is_as_short_as_can_be(self, content: Content) -> None:
        taken = Call(content).press("0").taken
        assert isinstance(taken.action, Dial)
        assert taken.plays == ()
        assert [u.text for u in taken.action.announce] == ["Soitamme.", "Vi ringer.", "We are calling."]


class TestWhoCalls:
    def test_a_contact_hears_in_finnish_what_this_is_and_rings_nobody(self, content: Content) -> None:
        taken = step(content, SOMEWHERE, CallStarted("contact"), DAY)
        assert isinstance(taken.action, HangUp)
        assert [(u.language, u.prompt) for u in taken.plays] == [("fi", "staff.own_contact")]

    def test_our_own_number_is_refused(self, content: Content) -> None:
        assert isinstance(step(content, SOMEWHERE, CallStarted("ourselves"), DAY).action, Reject)

    def test_whoever_has_hung_up_rings_nobody(self, content: Content) -> None:
        for name in content.flow.nodes:
            taken = step(content, CallState(name, "fi"), CallerGone(), DAY)
            assert (taken.plays, taken.action) == ((), HangUp())


class TestRequestsThatFitNothing:
    """A node that is gone or does not wait, as after a deploy; requests that come late or twice."""

    @pytest.mark.parametrize("event", [KeyPressed("3"), NoInput(), KeyPressed("9"), KeyPressed("*")])
    def test_a_node_that_is_gone_leads_to_the_main_menu_and_without_a_language_to_the_start(
        self, content: Content, event: Event
    ) -> None:
        assert step(content, CallState("gone", "fi"), event, DAY).state == CallState("main_open", "fi")
        assert step(content, CallState("gone", "fi"), event, NIGHT).state == CallState("main_closed", "fi")
        assert step(content, CallState("gone"), event, DAY).state == CallState("choose_language")

    def test_silence_after_last_words_that_are_gone_still_rings_the_urgent_line(self, content: Content) -> None:
        for language in ("fi", None):
            taken = step(content, CallState("gone", language, round=2), NoInput(), NIGHT)
            assert isinstance(taken.action, Dial)
            assert taken.action.contact == "on_call"

    @pytest.mark.parametrize("event", [NoInput(), KeyPressed("7"), TransferEnded("busy")])
    def test_a_number_that_is_gone_counts_as_unanswered_and_none_rings_twice(
        self, content: Content, event: Event
    ) -> None:
        fewer = replace(content, number_counts={"social_instructor": 1})
        assert step(fewer, CallState("instructor", "fi", attempt=2), event, DAY).state.node == "nobody_free"

    def test_zero_at_a_node_that_is_gone_still_rings_the_urgent_line(self, content: Content) -> None:
        assert step(content, CallState("gone", "fi"), KeyPressed("0"), DAY).state.node == "on_call"

    def test_an_unanswered_transfer_of_a_node_that_is_gone_leads_to_the_urgent_line(self, content: Content) -> None:
        for outcome in ("declined", "busy", "no_answer", "failed"):
            taken = step(content, CallState("gone", "fi"), TransferEnded(outcome), DAY)
            assert isinstance(taken.action, Dial)
            assert taken.action.contact == "on_call"

    def test_a_talk_of_a_node_that_is_gone_ends(self, content: Content) -> None:
        assert isinstance(step(content, CallState("gone"), TransferEnded("answered"), DAY).action, HangUp)

    def test_a_node_that_does_not_wait_is_entered_anew(self, content: Content) -> None:
        assert step(content, CallState("front", "fi"), NoInput(), DAY).state.node == "main_open"
        assert isinstance(step(content, CallState("goodbye", "fi"), KeyPressed("1"), DAY).action, HangUp)

    def test_the_same_request_twice_has_the_same_answer(self, content: Content) -> None:
        state = Call(content).press("3").taken.state
        assert step(content, state, NoInput(), DAY) == step(content, state, NoInput(), DAY)

    def test_a_flow_that_never_waits_is_an_error_and_no_endless_loop(self, content: Content) -> None:
        front = content.flow.nodes["front"].model_copy(update={"open": content.flow.exits("welcome").__next__()[1]})
        flow = content.flow.model_copy(update={"nodes": {**content.flow.nodes, "front": front}})
        with pytest.raises(RecursionError, match=r"^the nodes front, front, front lead to each other without"):
            step(replace(content, flow=flow), CallState("front", "fi"), NoInput(), DAY)
