"""The rules of transfers (T1-T7) and of children and 112 (W2, W5), proved over the whole walk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from ivr.core.call import (
    CallerGone,
    CallStarted,
    CallState,
    Collect,
    Dial,
    HangUp,
    KeyPressed,
    NoInput,
    Outcome,
    Reject,
    Step,
    TransferEnded,
)
from ivr.core.flow import Menu, Transfer
from ivr.core.issue import Issue
from ivr.core.office import INSTRUCTOR, ON_CALL
from ivr.proof.evidence import Evidence, known_starts, says, staff_may_not_speak, starts
from ivr.proof.registry import Finding, counterexample, rule
from ivr.proof.walk import Transition

AFTER_TALK = 8
ANSWERED, OUTCOMES = TransferEnded("answered"), frozenset(get_args(Outcome))
ROUNDS = 3
SAME_PLACE = frozenset({"nomatch", "exhausted", "repeat", "harmless", "dial"})
"""Exits of keys that lead nowhere else than silence does."""


@rule(
    "T1",
    "walk",
    "Every ringing is announced, in at most 5 s. Where the workers may not speak the caller's language, that is said.",
)
def announcements(evidence: Evidence) -> Finding:
    found, count, longest = list[Issue](), 0, 0.0
    told = {evidence.roles.say_language, evidence.roles.only_these_languages}
    for taken in evidence.steps:
        dial, state = taken.action, taken.state
        if not isinstance(dial, Dial) or dial.number_index:
            continue
        count += 1
        normal = tuple(p for p in dial.announce if not p.slow)
        longest = max(longest, seconds := evidence.length(normal))
        ids = {play.prompt for play in (*taken.plays, *dial.announce)}
        if not dial.announce or seconds > 5:
            found.append(
                counterexample(
                    state.node,
                    f"its announcement takes {seconds:.1f} s of 5 in {state.language}",
                    "Announce it shortly",
                )
            )
        # Whoever skips the words by a key has heard that they can: it is said wherever words are said.
        if staff_may_not_speak(evidence, state.language) and taken.exit != "dial" and not ids & told:
            found.append(counterexample(state.node, "it does not say that the worker may not speak the language"))
    return Finding(f"{count} times ringing; at most {longest:.1f} s", found)


@rule(
    "T3",
    "walk",
    "Busy, no answer, failed and not accepted all lead on. While the phone is open nobody hears the last words "
    "before the urgent line and the instructor have both been rung.",
)
def both_were_rung(evidence: Evidence) -> Finding:
    found, seen = list[Issue](), set[tuple[CallState, frozenset[str]]]()
    begun = (*starts(evidence), *known_starts(evidence))
    waiting = [(start.step.state, frozenset[str]()) for start in begun]
    leads = {state: _leads(evidence, state) for state in evidence.walk.after}
    while waiting:
        state, rung = waiting.pop()
        if (state, rung) in seen:
            continue
        seen.add((state, rung))
        for after, rings, opened, last in leads.get(state, ()):
            if last and opened and after.node != state.node and not {ON_CALL, INSTRUCTOR} <= rung:
                found.append(
                    counterexample(after.node, "the last words can come before both were rung", "Ring both first")
                )
            waiting.append((after, rung | {rings} if rings else rung))
    for state in evidence.walk.after:
        found += _unanswered(evidence, state)
    return Finding(f"{len(seen)} states with who was rung before", found)


def _unanswered(evidence: Evidence, state: CallState) -> Iterator[Issue]:
    """Every outcome of a transfer is told apart; all but an answer ring the next number or, after the last, lead on."""
    if not isinstance(node := evidence.node(state), Transfer):
        return
    another = state.attempt + 1 < evidence.content.numbers_of(node.contact)
    missing = set(OUTCOMES)
    for outcome, taken in ((getattr(t.event, "outcome", ""), t.step) for t in evidence.on(state, TransferEnded)):
        missing.discard(outcome)
        if another:
            leads_on = taken.action == Dial(node.contact, state.attempt + 1, ())
        else:
            leads_on = taken.path[0] == node.unanswered.to
        if outcome != ANSWERED.outcome and not leads_on:
            yield counterexample(state.node, f"'{outcome}' does not lead on as nobody's answer does")
    if missing:
        yield counterexample(state.node, f"it is never heard to end by {', '.join(sorted(missing))}")


def _leads(evidence: Evidence, state: CallState) -> set[tuple[CallState, str | None, bool, bool]]:
    """Where a state can lead: next state, who rings there, whether the phone is open, whether last words are said."""
    ends = TransferEnded if isinstance(evidence.node(state), Transfer) else NoInput
    found = set()
    for transition in evidence.walk.after.get(state, ()):
        if isinstance(transition.event, (ends, KeyPressed)):
            taken = transition.step
            rings = taken.action.contact if isinstance(taken.action, Dial) else None
            found.add((taken.state, rings, True in transition.phone, says(taken, evidence.roles.last_words)))
    return found


@rule(
    "T4",
    "walk",
    'Last words: 112 first, the urgent number digit by digit, twice, then "stay". At least three rounds for a '
    "caller who stays, each ends by ringing; only then the call ends.",
)
def last_words(evidence: Evidence) -> Finding:
    found, count, rounds = list[Issue](), 0, ROUNDS
    digits = len((evidence.content.office.contacts[ON_CALL].number or "").replace(" ", ""))
    for taken in (taken for taken in evidence.steps if says(taken, evidence.roles.last_words)):
        count += 1
        said = taken.plays
        numbers = sum(play.prompt.startswith("digit.") for play in said) / max(digits, 1)
        ends = [t.step.action for t in evidence.on(taken.state, NoInput)]
        if not all(isinstance(then, Dial) for then in ends):
            found.append(counterexample(taken.state.node, "these last words do not end by ringing"))
        if said[0].prompt != evidence.roles.last_words or numbers < 2 or said[-1].prompt != evidence.roles.stay:
            found.append(
                counterexample(taken.state.node, "it is not: 112, the number twice, stay", "Say it in this order")
            )
    for end in _silent_ends(evidence):
        rounds = min(rounds, end[1])
        if end[1] < ROUNDS:
            found.append(counterexample(end[0].state.node, f"the call can end after {end[1]} rounds of last words"))
    return Finding(f"{count} last words; {rounds} rounds before the end", found)


def _silent_ends(evidence: Evidence) -> list[tuple[Step, int]]:
    """The ends that a caller comes to whom nobody answers and who presses no right key, and the last words before.

    Counted from the start, and from every key that leads elsewhere. After a talk the call may end (T5).
    """
    ends, seen = list[tuple[Step, int]](), set[tuple[CallState, int]]()
    begun = (t.step for t in evidence.walk.transitions if _begins_anew(t))
    waiting = [(taken.state, int(says(taken, evidence.roles.last_words))) for taken in begun]
    while waiting:
        state, rounds = waiting.pop()
        if (state, rounds) in seen or state.node in evidence.after_talk:
            continue
        seen.add((state, rounds))
        for taken in {t.step for t in evidence.walk.after.get(state, ()) if _leads_on(evidence, t)}:
            now = rounds if taken.state.node == state.node else rounds + says(taken, evidence.roles.last_words)
            if isinstance(taken.action, HangUp):
                ends.append((taken, now))
            else:
                waiting.append((taken.state, min(now, ROUNDS)))
    return ends


def _begins_anew(transition: Transition) -> bool:
    """Whether the caller has just rung us, or has pressed a key that means something."""
    return isinstance(transition.event, (CallStarted, KeyPressed)) and transition.step.exit not in SAME_PLACE


def _leads_on(evidence: Evidence, transition: Transition) -> bool:
    """Whether a transition follows though nobody answers and no key means anything."""
    match transition.event:
        case NoInput():
            return not isinstance(evidence.node(transition.before), Transfer)
        case KeyPressed():
            return transition.step.exit in ("nomatch", "exhausted") and not transition.old
        case TransferEnded():
            return transition.event != ANSWERED
        case _:
            return False


@rule("T5", "walk", "After a talk it is said that it has ended; 1 and 0 ring, and after 8 s the call ends.")
def after_a_talk(evidence: Evidence) -> Finding:
    found, count = list[Issue](), 0
    for state in evidence.walk.after:
        if not isinstance(evidence.node(state), Transfer):
            continue
        for transition in (t for t in evidence.on(state, TransferEnded) if t.event == ANSWERED):
            count += 1
            taken = transition.step
            silence, one, zero = (
                [type(t.step.action) for t in evidence.on(taken.state, kind, key)]
                for kind, key in ((NoInput, None), (KeyPressed, "1"), (KeyPressed, "0"))
            )
            if taken.action != Collect(AFTER_TALK) or ({*silence}, {*one}, {*zero}) != ({HangUp}, {Dial}, {Dial}):
                found.append(counterexample(taken.state.node, "after a talk it is not: 1, 0, 8 s, the end"))
    return Finding(f"{count} talks", found)


@rule("T6", "walk", "Whoever has hung up rings nobody, wherever they were.")
def caller_gone(evidence: Evidence) -> Finding:
    gone = [t for t in evidence.walk.transitions if isinstance(t.event, CallerGone)]
    found = [
        counterexample(t.before.node, "a caller who has hung up still rings somebody")
        for t in gone
        if not isinstance(t.step.action, HangUp)
    ]
    found += [
        counterexample(state.node, "nobody hears of it when the caller hangs up")
        for state, transitions in evidence.walk.after.items()
        if not any(isinstance(t.event, CallerGone) for t in transitions)
    ]
    return Finding(f"{len(gone)} times", found)


@rule(
    "T7",
    "walk",
    "A call from one of our own contacts hears what this line is and rings nobody; a call from our own number is "
    "not taken.",
)
def loops(evidence: Evidence) -> Finding:
    found, count = list[Issue](), 0
    for start in evidence.walk.starts:
        if not (isinstance(start.event, CallStarted) and start.event.caller != "anyone"):
            continue
        count += 1
        then, said = start.step.action, start.step.plays
        staff = {evidence.content.languages.staff}
        ours = start.event.caller == "ourselves" and isinstance(then, Reject)
        contact = start.event.caller == "contact" and isinstance(then, HangUp) and {p.language for p in said} == staff
        if not (ours or contact):
            found.append(counterexample(evidence.content.flow.own_contact, "a loop is not stopped"))
    return Finding(f"{count} calls from ourselves", found)


@rule("W2", "walk", "An option is spoken to a child, and rings the urgent line within 10 s of its key.")
def child(evidence: Evidence) -> Finding:
    found, count, longest = list[Issue](), 0, 0.0
    for state, taken in _child_chosen(evidence):
        count += 1
        seconds = (
            evidence.from_step(taken) if isinstance(taken.action, Dial) and taken.action.contact == ON_CALL else None
        )
        longest = max(longest, seconds or 0.0)
        if seconds is None or seconds > 10:
            found.append(
                counterexample(
                    state.node,
                    f"a child waits {seconds or 0:.1f} s for ringing in {state.language}",
                    "Shorten what is said",
                )
            )
        if taken.state.matter != "child":
            found.append(counterexample(state.node, "whoever answers is not told that it is about a child"))
    if not count:
        found.append(
            counterexample(evidence.content.flow.start, "no option is about a child", "Add one to the main menu")
        )
    return Finding(f"{count} times; at most {longest:.1f} s from the key to ringing", found)


def _child_chosen(evidence: Evidence) -> Iterator[tuple[CallState, Step]]:
    """Every step by which an option about a child is chosen."""
    for state in evidence.menus:
        node = evidence.node(state)
        if isinstance(node, Menu):
            for key in (key for key, option in node.options.items() if option.matter == "child"):
                yield from ((state, transition.step) for transition in evidence.on(state, KeyPressed, key))


@rule(
    "W5",
    "walk",
    "A language is offered only when it is whole. In one that 112 may not speak, child, help and last words tell "
    "which languages 112 speaks.",
)
def told_of_112(evidence: Evidence) -> Finding:
    found, count, roles = list[Issue](), 0, evidence.roles
    helped = (t.step for state in evidence.menus for t in evidence.on(state, KeyPressed, "0"))
    last = (taken for taken in evidence.steps if says(taken, evidence.roles.last_words))
    for taken in (*helped, *(taken for _, taken in _child_chosen(evidence)), *last):
        if staff_may_not_speak(evidence, taken.state.language):
            count += 1
            if not (says(taken, roles.languages_of_112) or says(taken, roles.only_these_languages)):
                found.append(counterexample(taken.state.node, "it does not say which languages 112 speaks"))
    offered = ", ".join(sorted(evidence.content.offered))
    return Finding(f"offered: {offered}, each whole; {count} times told of 112's languages", found)
