"""Faults sown into the engine and the adapter, one at a time: each is caught, by the rule or the call that is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest

from ivr.commands.phone import simulated_app
from ivr.core.call import CallerGone, CallStarted, CallState, Dial, KeyPressed, NoInput, Step, TransferEnded
from ivr.core.content import Content
from ivr.core.engine import Move
from ivr.core.flow import LanguageMenu, Message
from ivr.core.values import Frozen
from ivr.phone.errors import CarrierError
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.proof.evidence import Evidence
from ivr.proof.prove import walk_all
from ivr.proof.registry import rules
from ivr.speech.estimate import seconds_by_locale
from tests.calls.golden import GoldenCall, Must, broken_promises, play, read_golden
from tests.conftest import ROOT, TODAY

Function = Callable[..., Any]
Faulty = Callable[[Any], Any]
"""Makes a faulty function, or number, of a right one."""

ENGINE, SPEAK, WEB = "ivr.core.engine.", "ivr.core.speak.", "ivr.telephony.web."
TWILIO, TWIML = "ivr.telephony.twilio.", "ivr.telephony.twiml."
STEP = ("ivr.proof.walk.step", WEB + "step")
EARLY_KEYS_ARE_LOST = CarrierBehaviour(early_keys="lost")
USUAL = CarrierBehaviour()
ACTION_AFTER_HANGUP = CarrierBehaviour(action_after_hangup="all")


@dataclass(frozen=True)
class Fault:
    """What is wrong, what shows it (a rule or a golden call), where it is sown, and how the carrier behaves."""

    what: str
    caught_by: str
    where: tuple[str, ...]
    faulty: Faulty
    behaviour: CarrierBehaviour = USUAL

    def sow(self, patch: pytest.MonkeyPatch) -> None:
        for name in self.where:
            parts, owner = name.split("."), None
            for end in range(len(parts) - 1, 0, -1):
                try:
                    owner = import_module(".".join(parts[:end]))
                    break
                except ModuleNotFoundError:
                    continue
            for part in parts[end:-1]:
                owner = getattr(owner, part)
            patch.setattr(owner, parts[-1], self.faulty(getattr(owner, parts[-1])))


# --- ways of being wrong ------------------------------------------------------------------------------------------


def returns(value: object) -> Faulty:
    """Always the same."""
    return lambda _right: lambda *_args, **_named: value


def inverted(right: Function) -> Function:
    return lambda *args: not right(*args)


def written(pattern: str, instead: str = "") -> Faulty:
    """A document in which something is missing or different; where it never was, nothing has been sown."""

    def faulty(right: Function) -> Function:
        def write(*args: object) -> str | bytes:
            document = right(*args)
            text = document.decode() if isinstance(document, bytes) else document
            changed = re.sub(pattern, instead, text, flags=re.DOTALL)
            return changed.encode() if isinstance(document, bytes) else changed

        return write

    return faulty


def in_another_event(change: Callable[[Any, Any], Any]) -> Faulty:
    """A step that takes an event for another one: `change` is given state and event."""
    return lambda right: lambda content, state, event, now: right(content, state, change(state, event), now)


def in_another_state(**changes: object) -> Faulty:
    """An address that forgets something of the state."""
    return lambda right: lambda base, state, *rest: right(base, state._replace(**changes), *rest)


def everywhere(key: str, move: Callable[[Content, CallState], Move]) -> Faulty:
    """One of the keys 9, * and # leads elsewhere."""

    def faulty(right: Function) -> Function:
        def changed(content: Content, state: CallState, node: object, pressed: str) -> object:
            return move(content, state) if pressed == key else right(content, state, node, pressed)

        return changed

    return faulty


def never_spoken(kind: type | None = None, variant: str | None = None) -> Faulty:
    """Nothing is said by a kind of node, or in a manner."""

    def faulty(right: Function) -> Function:
        def said(content: Content, name: str, how: str, *args: Any, **named: Any) -> object:
            silent = how == variant or (kind and isinstance(content.flow.nodes[name], kind))
            return () if silent else right(content, name, how, *args, **named)

        return said

    return faulty


def in_the_variant(**instead: str) -> Faulty:
    """What is said in one manner is said in another."""

    def faulty(right: Function) -> Function:
        return lambda content, name, how, *args, **named: right(content, name, instead.get(how, how), *args, **named)

    return faulty


def without(part: str, nothing: object) -> Faulty:
    """A part of a node or of an exit is not there."""

    def blind(value: object) -> object:
        there = isinstance(value, Frozen) and part in type(value).model_fields
        return value.model_copy(update={part: nothing}) if isinstance(value, Frozen) and there else value

    return lambda right: lambda *args: right(*map(blind, args))


def in_english(right: Function) -> Function:
    return lambda speaker, node, _language: right(speaker, node, "en")


def backwards(right: Function) -> Function:
    return lambda *args, **named: list(right(*args, **named))[::-1]


def keeps_the_matter(right: Function) -> Function:
    def leave(content: object, state: CallState, event: object) -> Move:
        move: Move = right(content, state, event)
        return move._replace(state=move.state._replace(matter=state.matter)) if move.exit == "help" else move

    return leave


def announces_every_number(right: Function) -> Function:
    def ring(content: object, node: object, state: CallState, *rest: object) -> Dial:
        first: Dial = right(content, node, state._replace(attempt=0), *rest)
        return replace(first, number_index=state.attempt)

    return ring


def asks_for_ever(right: Function) -> Function:
    def failed_try(state: CallState, node: Any, event: object) -> object:
        moved = right(state, node, event)
        return moved if moved.entry == "reprompt" else Move("noinput", state, "reprompt")

    return failed_try


def forgets_wrong_keys(right: Function) -> Function:
    def failed_try(state: CallState, node: object, event: object) -> object:
        return Move("nomatch", state, "reprompt") if isinstance(event, KeyPressed) else right(state, node, event)

    return failed_try


def waiting_is_a_failure(right: Function) -> Function:
    return lambda content, state, node, event: right(content, state, node.model_copy(update={"noinput": None}), event)


def keeps_the_language(right: Function) -> Function:
    def enter(content: Content, move: Move, now: object) -> Step:
        taken: Step = right(content, move, now)
        into_languages = isinstance(content.flow.nodes[taken.state.node], LanguageMenu)
        return taken._replace(state=taken.state._replace(language=move.state.language)) if into_languages else taken

    return enter


def whatever_the_hours(right: Function) -> Function:
    def entered(content: Content, move: Move, now: object) -> object:
        return content.step_cache.setdefault(move, right(content, move, now))

    return entered


def reads_outcome(word: str, instead: str) -> Faulty:
    """The adapter takes one end of a Dial for another."""

    def faulty(right: Function) -> Function:
        def outcome(form: Any, **named: bool) -> object:
            return instead if right(form, **named) == word else right(form, **named)

        return outcome

    return faulty


def ends_transfers(word: str, instead: str) -> Faulty:
    """The engine takes one outcome of a transfer for another."""

    def faulty(right: Function) -> Function:
        def ended(content: object, state: object, node: object, event: TransferEnded) -> object:
            taken_for: Any = instead if event.outcome == word else event.outcome
            return right(content, state, node, TransferEnded(taken_for))

        return ended

    return faulty


def rings_one_number(right: Function) -> Function:
    return lambda content, *args: right(replace(content, number_counts={}), *args)


def swallows_no_answer(right: Function) -> Function:
    def ended(content: object, state: CallState, node: object, event: TransferEnded) -> object:
        return Move("dial", state, "dial") if event.outcome == "no_answer" else right(content, state, node, event)

    return ended


RENDER, WHISPER = (TWILIO + "provider.Twilio._render",), (TWILIO + "provider.Twilio.write_whisper",)
URL, READ = (TWIML + "urls.state_url",), (TWILIO + "provider.read_event",)
OUTCOME = (TWIML + "events.outcome",)
EVERYWHERE, SAID = (ENGINE + "_common_key",), (ENGINE + "utterances",)

EMERGENCY = "something breaks, and the emergency document answers"
FAULTS = [
    # What the engine counts and waits for.
    Fault(
        "the count of tries never grows",
        "M3",
        (ENGINE + "_failed_try",),
        lambda _: lambda state, *_: Move("noinput", state, "reprompt"),
    ),
    Fault("it is asked again for ever", "M3", (ENGINE + "_failed_try",), asks_for_ever),
    Fault("wrong keys are not counted", "M3", (ENGINE + "_failed_try",), forgets_wrong_keys),
    Fault(
        "silence is swallowed",
        "K5",
        STEP,
        in_another_event(lambda _, event: KeyPressed("#") if event == NoInput() else event),
    ),
    Fault("waiting is a failure", "M4", (ENGINE + "_menu",), waiting_is_a_failure),
    Fault("always 5 seconds to answer", "M5", (ENGINE + "TIMEOUT",), lambda _: 5),
    # Keys.
    Fault(
        "0 on an old menu is a wrong key",
        "K1",
        STEP,
        in_another_event(
            lambda _, event: (
                KeyPressed("8")
                if isinstance(event, KeyPressed) and (event.key, event.revision) == ("0", "0ld")
                else event
            )
        ),
    ),
    Fault("0 is not help while somebody else rings", "K1", (ENGINE + "_rings_help",), returns(True)),
    Fault("an old key is read on a new menu", "M3", (ENGINE + "_is_current",), returns(True)),
    Fault(
        "an old key is read on a new menu", "golden: deploy_moves_an_option", (ENGINE + "_is_current",), returns(True)
    ),
    Fault(
        "9 costs a try", "K4", EVERYWHERE, everywhere("9", lambda _, s: Move("repeat", s._replace(attempt=1), "slow"))
    ),
    Fault("9 is not slower", "K4", EVERYWHERE, everywhere("9", lambda _, s: Move("repeat", s, "repeat"))),
    Fault(
        "9 says the second ask",
        "golden: again_and_slowly",
        EVERYWHERE,
        everywhere("9", lambda _, s: Move("repeat", s, "reprompt")),
    ),
    Fault(
        "# is a wrong key",
        "K4",
        EVERYWHERE,
        everywhere("#", lambda _, s: Move("nomatch", s._replace(attempt=1), "reprompt")),
    ),
    Fault("* leads nowhere", "K4", EVERYWHERE, everywhere("*", lambda _, s: Move("up", s))),
    Fault(
        "* always leads to the languages",
        "K4",
        EVERYWHERE,
        everywhere("*", lambda content, _: Move("up", CallState(content.flow.languages))),
    ),
    Fault("* keeps the language", "K4", (ENGINE + "_enter",), keeps_the_language),
    # Hours and words.
    Fault(
        "what was entered before is taken though the hours have changed",
        "golden: nine_o_clock_passes_between_two_stars",
        (ENGINE + "_enter_cached",),
        whatever_the_hours,
    ),
    Fault(
        "what was entered before is taken though the hours have changed",
        "K2",
        (ENGINE + "_enter_cached",),
        whatever_the_hours,
    ),
    Fault("open is closed", "K2", ("ivr.core.hours.Schedule.is_open",), inverted),
    Fault("open is closed", "golden: silence_by_night", ("ivr.core.hours.Schedule.is_open",), inverted),
    Fault("messages are not said", "F1", SAID, never_spoken(Message)),
    Fault("ringing is not announced", "T1", SAID, never_spoken(variant="announce")),
    Fault("no language names itself", "K6", (SPEAK + "_Speaker._choices",), returns(())),
    Fault(
        "a number lacks its last digits",
        "T4",
        (SPEAK + "spoken_number",),
        lambda right: lambda *args, **named: list(right(*args, **named))[:-2],
    ),
    Fault("the whisper is said once", "T2", (SPEAK + "WHISPER_ROUNDS",), lambda _: 1),
    Fault("the second ask is the first once more", "F3", SAID, in_the_variant(reprompt="first")),
    Fault("the second ask names no language", "F3", (SPEAK + "_Speaker._choices",), returns(())),
    Fault(
        "before a language all is said",
        "golden: help_before_the_language",
        (SPEAK + "_Speaker._words",),
        without("before_language", ()),
    ),
    Fault("options are in another language", "F2", (SPEAK + "_Speaker._options",), in_english),
    Fault("a number is said backwards", "golden: everybodys_voicemail", (SPEAK + "spoken_number",), backwards),
    # Calls and transfers.
    Fault("the matter of an option is forgotten", "W2", (ENGINE + "_follow",), without("matter", None)),
    Fault("the matter is not help", "golden: everybodys_voicemail_by_night", (ENGINE + "_leave",), keeps_the_matter),
    Fault("every number is announced", "T3", (ENGINE + "_dial",), announces_every_number),
    Fault(
        "somebody rings for a caller who is gone",
        "T6",
        STEP,
        in_another_event(lambda _, event: NoInput() if event == CallerGone() else event),
    ),
    Fault(
        "somebody rings for a caller who is gone",
        "golden: caller_hangs_up_while_it_rings",
        STEP,
        in_another_event(lambda _, event: NoInput() if event == CallerGone() else event),
        ACTION_AFTER_HANGUP,
    ),
    Fault(
        "our own number is taken like anybody",
        "T7",
        STEP,
        in_another_event(lambda _, event: CallStarted() if isinstance(event, CallStarted) else event),
    ),
    Fault("the second number is never rung", "T3", (ENGINE + "_transfer_ended",), rings_one_number),
    Fault("busy is an answer", "T3", (ENGINE + "_transfer_ended",), ends_transfers("busy", "answered")),
    Fault("an answer is none", "T5", (ENGINE + "_transfer_ended",), ends_transfers("answered", "failed")),
    Fault("who does not answer is rung again for ever", "T3", (ENGINE + "_transfer_ended",), swallows_no_answer),
    # The address.
    Fault("the address forgets the tries", "M3", URL, in_another_state(attempt=0)),
    Fault("the address forgets the language", "K4", URL, in_another_state(language=None)),
    Fault("the address forgets the language", "golden: wrong_keys", URL, in_another_state(language=None)),
    Fault("the address forgets the matter", "K4", URL, in_another_state(matter="guidance")),
    Fault(
        "the whisper's address forgets the matter",
        "golden: everybodys_voicemail_by_night",
        (TWIML + "urls.whisper_url",),
        in_another_state(matter="guidance"),
    ),
    Fault(
        "the address forgets the menu",
        "golden: deploy_moves_an_option",
        (TWIML + "urls.state_url",),
        lambda right: lambda base, state, _revision, *rest: right(base, state, "", *rest),
    ),
    # What the adapter reads.
    Fault(
        "keys are not heard",
        "K1",
        READ,
        lambda right: lambda form, **named: right({k: v for k, v in form.items() if k != "Digits"}, **named),
    ),
    Fault(
        "nobody hears of it when a caller hangs up",
        "T6",
        READ,
        lambda right: lambda form, **named: right({k: v for k, v in form.items() if k != "CallStatus"}, **named),
    ),
    Fault("busy is read as an answer", "T3", OUTCOME, reads_outcome("busy", "answered")),
    Fault(
        "busy is read as an answer", "golden: instructor_busy_then_waiting", OUTCOME, reads_outcome("busy", "answered")
    ),
    Fault("a declined call is read as an answer", "T3", OUTCOME, reads_outcome("declined", "answered")),
    Fault(
        "a declined call is read as an answer",
        "golden: everybodys_voicemail",
        OUTCOME,
        reads_outcome("declined", "answered"),
    ),
    Fault(
        "any length is a talk",
        "golden: everybodys_voicemail",
        (TWIML + "events.LONGEST_WHISPER",),
        lambda _: 1,
        CarrierBehaviour(dial_bridged=False),
    ),
    Fault(
        "our contact is read as anybody", "golden: our_contact_rings_us", (TWIML + "events.caller",), returns("anyone")
    ),
    Fault(
        "our own number is read as anybody",
        "golden: our_own_number_rings_us",
        (TWIML + "events.caller",),
        returns("anyone"),
    ),
    # What the adapter writes.
    Fault("a menu does not say where to go on", "the walk", RENDER, written(r' action="[^"]*"')),
    Fault(
        "a menu has neither redirect nor an empty result",
        "golden: silence_by_night",
        RENDER,
        written(r' actionOnEmptyResult="true"|<Redirect.*?</Redirect>'),
    ),
    Fault("last words without a hangup", "golden: silence_by_night", RENDER, written(r"<Hangup ?/>")),
    Fault("a whisper without a hangup", "golden: everybodys_voicemail_by_night", WHISPER, written(r"<Hangup ?/>")),
    Fault(
        "a contact is asked for no key", "golden: everybodys_voicemail", RENDER, written(r"<Number [^>]*>", "<Number>")
    ),
    Fault(
        "a Dial without action",
        "golden: instructor_busy_then_waiting",
        RENDER,
        written(r'(<Dial[^>]*) action="[^"]*"', r"\1"),
    ),
    Fault("the caller's number is shown", "golden: anonymous_caller", RENDER, written(r' callerId="[^"]*"')),
    Fault(
        "# ends the digits", "golden: a_gap_in_the_language_menu", RENDER, written(r'finishOnKey=""', 'finishOnKey="#"')
    ),
    Fault(
        "two digits are awaited", "golden: day_to_the_instructor", RENDER, written(r'numDigits="1"', 'numDigits="2"')
    ),
    Fault("a menu waits too long", "golden: silence_by_day", RENDER, written(r'timeout="5"', 'timeout="8"')),
    Fault("a menu waits too short", "golden: wrong_keys", RENDER, written(r'timeout="8"', 'timeout="5"')),
    Fault(
        "a contact rings for ever", "golden: nobody_answers_by_day", RENDER, written(r'timeout="20"', 'timeout="120"')
    ),
    Fault(
        "no key stops the words",
        "golden: day_keys_pressed_early",
        RENDER,
        written(r"(<Gather[^>]*>)(.*?)(</Gather>)", r"\2\1\3"),
        EARLY_KEYS_ARE_LOST,
    ),
    Fault(
        "the caller hears silence while it rings",
        "golden: everybodys_voicemail",
        RENDER,
        written(r' answerOnBridge="true"'),
    ),
    Fault("slow is not slower", "golden: again_and_slowly", (TWIML + "document.SLOW",), lambda _: "100%"),
    # The web in between.
    Fault("nothing is genuine", "golden: silence_by_day", (WEB + "Answers._verified",), returns(None)),
    Fault(
        "the whisper never says the language",
        "golden: day_to_the_instructor",
        (WEB + "whisper",),
        lambda right: lambda content, _, matter: right(content, None, matter),
    ),
    Fault(EMERGENCY, "golden: day_to_the_instructor", (TWIML + "urls.read_state",), lambda _: lambda *_: 1 / 0),
]


# --- what catches them --------------------------------------------------------------------------------------------


SAME_KEYS_BEFORE_AND_AFTER_NINE = GoldenCall(
    title="Nine o'clock passes between two stars, pressed in the same place",
    at=datetime(2026, 11, 24, 8, 58, 10),  # noqa: DTZ001 - a golden call is on the office's time
    caller=("3", "3", "*", "3", "*", "1"),
    contacts={"social_instructor": ("answers",)},
    must=Must(
        rings=("social_instructor",),
        says=(
            "Our phone service is closed. It opens today at nine in the morning.",
            "Our phone service is open until three in the afternoon.",
        ),
        last="You can call us again at any hour. This call ends now.",
        ends="line",
    ),
)
"""What no golden call does: the same key in the same place, at other hours."""


def golden(name: str) -> GoldenCall:
    if name == "nine_o_clock_passes_between_two_stars":
        return SAME_KEYS_BEFORE_AND_AFTER_NINE
    call, issues = read_golden(ROOT / "tests" / "calls" / f"{name}.yaml")
    assert call, "\n".join(map(str, issues))
    return call


def caught_by_call(name: str, content: Content, behaviour: CarrierBehaviour) -> list[str]:
    """What is wrong with a golden call: promises, and under a carrier's usual ways every word that is heard."""
    call = golden(name)
    try:
        played = play(call, content, simulated_app, seconds_by_locale(content.languages), behaviour)
    except CarrierError as error:
        return [str(error)]
    changed = behaviour == USUAL and call.heard and played.text() != call.heard
    return [*broken_promises(call, played), *(["it is not heard as written"] if changed else [])]


def rules_that_fail(content: Content, wanted: Iterable[str]) -> list[str]:
    """Which rules' proofs fail over the walk of one language; 'the walk' where it cannot be walked at all."""
    try:
        walked = walk_all(replace(content, offered=frozenset({"fi"})), TODAY)
    except (ValueError, RecursionError) as error:
        return ["the walk", str(error)]
    evidence = Evidence(walked, TODAY)
    return [rule for rule in wanted if rule in rules() and not rules()[rule].prove(evidence).holds]


def caught(by: str, content: Content, behaviour: CarrierBehaviour) -> bool:
    kind, _, name = by.partition("golden: ")
    return bool(caught_by_call(name, content, behaviour)) if name else kind in rules_that_fail(content, [kind])


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault.what} - {fault.caught_by}" for fault in FAULTS])
def test_is_caught(
    fault: Fault, content: Content, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fresh = replace(content)  # nothing that was put together without the fault
    fault.sow(monkeypatch)
    assert caught(fault.caught_by, fresh, fault.behaviour)
    assert ("failed: " in caplog.text) == (fault.what == EMERGENCY), "a fault is wrong, it does not merely break"


def test_without_a_fault_nothing_is_caught(content: Content) -> None:
    assert rules_that_fail(content, rules()) == []
    for fault in FAULTS:
        _, _, name = fault.caught_by.partition("golden: ")
        assert not name or caught_by_call(name, content, fault.behaviour) == []
