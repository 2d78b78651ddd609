"""The rules of transfers (T1-T7) and of children and 112 (W2, W5), proved over the whole walk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from itertools import chain
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
from ivr.proof.evidence import Evidence, known_starts, rings, says, staff_may_not_speak, starts
from ivr.proof.registry import Finding, counterexample, rule

AFTER_TALK = 8
ANSWERED, OUTCOMES = TransferEnded("answered"), frozenset(get_args(Outcome))
ROUNDS = 3
SAME_PLACE = frozenset({"nomatch", "exhausted", "repeat", "harmless", "dial"})
"""Exits of keys that do not lead elsewhere: a failed try, or the same node once more."""


@rule(
    "T1",
    "walk",
    "Every ringing is announced, in at most 5 s. Where the workers may not speak the caller's language, that is said.",
)
def announcements(evidence: Evidence) -> Finding:
    issues, count, longest = list[Issue](), 0, 0.0
    either = {evidence.roles.say_language, evidence.roles.only_these_languages}
    for step in evidence.steps:
        dial, state = step.action, step.state
        if not isinstance(dial, Dial) or dial.number_index:
            continue
        count += 1
        normal = tuple(p for p in dial.announce if not p.slow)
        longest = max(longest, seconds := evidence.length(normal))
        ids = {play.prompt for play in (*step.plays, *dial.announce)}
        if not dial.announce or seconds > 5:
            message = f"its announcement takes {seconds:.1f} s of 5 in {state.language}"
            issues.append(counterexample(state.node, message, "Announce it shortly"))
        # Not required where a key has skipped the words (exit `dial`).
        if staff_may_not_speak(evidence, state.language) and step.exit != "dial" and not ids & either:
            issues.append(counterexample(state.node, "it does not say that the worker may not speak the language"))
    return Finding(f"{count} times ringing; at most {longest:.1f} s", issues)


@rule(
    "T3",
    "walk",
    "Busy, no answer, failed and not accepted all lead on. While the phone is open nobody hears the last words "
    "before the urgent line and the instructor have both been rung.",
    reads="moves",
)
def both_were_rung(evidence: Evidence) -> Finding:
    issues, seen = list[Issue](), set[tuple[CallState, frozenset[str]]]()
    begun = (*starts(evidence), *known_starts(evidence))
    queue = [(start.step.state, frozenset[str]()) for start in begun]
    leads = {state: _leads(evidence, state) for state in evidence.walk.after}
    while queue:
        state, rung = queue.pop()
        if (state, rung) in seen:
            continue
        seen.add((state, rung))
        for after, contact, opened, last in leads.get(state, ()):
            if last and opened and after.node != state.node and not {ON_CALL, INSTRUCTOR} <= rung:
                message = "the last words can come before both were rung"
                issues.append(counterexample(after.node, message, "Ring both first"))
            queue.append((after, rung | {contact} if contact else rung))
    for state in evidence.walk.after:
        issues += _unanswered(evidence, state)
    return Finding(f"{len(seen)} states with who was rung before", issues)


def _unanswered(evidence: Evidence, state: CallState) -> Iterator[Issue]:
    """Outcomes of a transfer that are missing, or that neither ring the next number nor, after the last, lead on."""
    if not isinstance(node := evidence.node(state), Transfer):
        return
    another = state.attempt + 1 < evidence.content.numbers_of(node.contact)
    missing = set(OUTCOMES)
    for outcome, step in ((getattr(t.event, "outcome", ""), t.step) for t in evidence.on(state, TransferEnded)):
        missing.discard(outcome)
        if another:
            leads_on = step.action == Dial(node.contact, state.attempt + 1, ())
        else:
            leads_on = step.path[0] == node.unanswered.to
        if outcome != ANSWERED.outcome and not leads_on:
            yield counterexample(state.node, f"'{outcome}' does not lead on as nobody's answer does")
    if missing:
        yield counterexample(state.node, f"it is never reported to end by {', '.join(sorted(missing))}")


def _leads(evidence: Evidence, state: CallState) -> set[tuple[CallState, str | None, bool, bool]]:
    """Where a state can lead: next state, contact that rings, whether the phone is open and last words are said."""
    ends = TransferEnded if isinstance(evidence.node(state), Transfer) else NoInput
    after = (t for t in evidence.walk.after.get(state, ()) if isinstance(t.event, (ends, KeyPressed)))
    last_words, different = evidence.roles.last_words, {(id(t.step), t.phone): t for t in after}.values()
    return {(t.step.state, rings(t.step), True in t.phone, says(t.step, last_words)) for t in different}


@rule(
    "T4",
    "walk",
    'Last words: 112 first, the urgent number digit by digit, twice, then "stay". At least three rounds for a '
    "caller who stays, each ends by ringing; only then the call ends.",
    reads="moves",
)
def last_words(evidence: Evidence) -> Finding:
    issues, count, rounds = list[Issue](), 0, ROUNDS
    digits = len((evidence.content.office.contacts[ON_CALL].number or "").replace(" ", ""))
    for step in (step for step in evidence.steps if says(step, evidence.roles.last_words)):
        count += 1
        first, last = step.plays[0].prompt, step.plays[-1].prompt
        numbers = sum(play.prompt.startswith("digit.") for play in step.plays) / max(digits, 1)
        if not all(rings(t.step) for t in evidence.on(step.state, NoInput)):
            issues.append(counterexample(step.state.node, "these last words do not end by ringing"))
        if first != evidence.roles.last_words or numbers < 2 or last != evidence.roles.stay:
            message = "it is not: 112, the number twice, stay"
            issues.append(counterexample(step.state.node, message, "Say it in this order"))
    for end, heard in _silent_ends(evidence):
        rounds = min(rounds, heard)
        if heard < ROUNDS:
            issues.append(counterexample(end.state.node, f"the call can end after {heard} rounds of last words"))
    return Finding(f"{count} last words; {rounds} rounds before the end", issues)


def _silent_ends(evidence: Evidence) -> list[tuple[Step, int]]:
    """The ends of calls in which nobody answers and no key means anything, and the rounds of last words before each.

    Counted from the start, and from every key that leads elsewhere. After a talk the call may end (T5).
    """
    last_words_, follow = evidence.roles.last_words, cache(partial(_silent_steps, evidence))
    begun = {
        id(t.step): t.step
        for t in evidence.walk.transitions
        if t.step.exit not in SAME_PLACE and isinstance(t.event, (CallStarted, KeyPressed))
    }
    ends, seen = list[tuple[Step, int]](), set[tuple[CallState, int]]()
    queue = [(step.state, int(says(step, last_words_))) for step in begun.values() if step.state in evidence.walk.after]
    while queue:
        state, rounds = queue.pop()
        if (state, rounds) in seen or state.node in evidence.after_talk:
            continue
        seen.add((state, rounds))
        for step in follow(state):
            is_new = step.state.node != state.node and says(step, last_words_)
            if isinstance(step.action, HangUp):
                ends.append((step, rounds + is_new))
            else:
                queue.append((step.state, min(rounds + is_new, ROUNDS)))
    return ends


def _silent_steps(evidence: Evidence, state: CallState) -> list[Step]:
    """What can follow a state where nobody answers and no key means anything, each step once."""
    ends = TransferEnded if isinstance(evidence.node(state), Transfer) else NoInput
    silent = (t for t in evidence.walk.after[state] if isinstance(t.event, ends) and t.event != ANSWERED)
    wrong = (t for t in evidence.on(state, KeyPressed) if t.step.exit in ("nomatch", "exhausted"))
    return list({id(t.step): t.step for t in chain(silent, wrong)}.values())


@rule(
    "T5", "walk", "After a talk it is said that it has ended; 1 and 0 ring, and after 8 s the call ends.", reads="moves"
)
def after_a_talk(evidence: Evidence) -> Finding:
    issues, count = list[Issue](), 0
    for state in evidence.walk.after:
        if not isinstance(evidence.node(state), Transfer):
            continue
        for transition in (t for t in evidence.on(state, TransferEnded) if t.event == ANSWERED):
            count += 1
            step = transition.step
            silence, one, zero = (
                [type(t.step.action) for t in evidence.on(step.state, kind, key)]
                for kind, key in ((NoInput, None), (KeyPressed, "1"), (KeyPressed, "0"))
            )
            if step.action != Collect(AFTER_TALK) or ({*silence}, {*one}, {*zero}) != ({HangUp}, {Dial}, {Dial}):
                issues.append(counterexample(step.state.node, "after a talk it is not: 1, 0, 8 s, the end"))
    return Finding(f"{count} talks", issues)


@rule("T6", "walk", "After the caller has hung up nobody is rung, at any place of the flow.", reads="moves")
def caller_gone(evidence: Evidence) -> Finding:
    gone = [t for t in evidence.walk.transitions if isinstance(t.event, CallerGone)]
    issues = [
        counterexample(t.before.node, "a caller who has hung up still rings somebody")
        for t in gone
        if not isinstance(t.step.action, HangUp)
    ]
    issues += [
        counterexample(state.node, "it is never reported that the caller hangs up")
        for state, transitions in evidence.walk.after.items()
        if not any(isinstance(t.event, CallerGone) for t in transitions)
    ]
    return Finding(f"{len(gone)} times", issues)


@rule(
    "T7",
    "walk",
    "A call from one of our own contacts hears what this line is and rings nobody; a call from our own number is "
    "rejected.",
    reads="moves",
)
def loops(evidence: Evidence) -> Finding:
    issues, count = list[Issue](), 0
    for start in evidence.walk.starts:
        if not (isinstance(start.event, CallStarted) and start.event.caller != "anyone"):
            continue
        count += 1
        action, spoken = start.step.action, {play.language for play in start.step.plays}
        if start.event.caller == "ourselves":
            stopped = isinstance(action, Reject)
        else:
            stopped = isinstance(action, HangUp) and spoken == {evidence.content.languages.staff}
        if not stopped:
            issues.append(counterexample(evidence.content.flow.own_contact, "a loop is not stopped"))
    return Finding(f"{count} calls from ourselves", issues)


@rule("W2", "walk", "One option addresses a child, and rings the urgent line within 11 s of its key.")
def child(evidence: Evidence) -> Finding:
    issues, count, longest = list[Issue](), 0, 0.0
    for state, step in _child_chosen(evidence):
        count += 1
        seconds = evidence.from_step(step) if rings(step) == ON_CALL else None
        longest = max(longest, seconds or 0.0)
        if seconds is None or seconds > 11:
            message = f"a child waits {seconds or 0:.1f} s for ringing in {state.language}"
            issues.append(counterexample(state.node, message, "Shorten what is said"))
        if step.state.matter != "child":
            issues.append(counterexample(state.node, "whoever answers is not told that it is about a child"))
    if not count:
        start = evidence.content.flow.start
        issues.append(counterexample(start, "no option is about a child", "Add one to the main menu"))
    return Finding(f"{count} times; at most {longest:.1f} s from the key to ringing", issues)


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
    "A language is offered only when it is whole. In one that 112 may not speak, child, help and last words say "
    "which languages 112 speaks.",
    reads="moves",
)
def languages_of_112(evidence: Evidence) -> Finding:
    issues, count, roles = list[Issue](), 0, evidence.roles
    helped = (t.step for state in evidence.menus for t in evidence.on(state, KeyPressed, "0"))
    last = (step for step in evidence.steps if says(step, roles.last_words))
    for step in (*helped, *(step for _, step in _child_chosen(evidence)), *last):
        if staff_may_not_speak(evidence, step.state.language):
            count += 1
            if not (says(step, roles.languages_of_112) or says(step, roles.only_these_languages)):
                issues.append(counterexample(step.state.node, "it does not say which languages 112 speaks"))
    offered = ", ".join(sorted(evidence.content.offered))
    return Finding(f"offered: {offered}, each whole; {count} times told of 112's languages", issues)
