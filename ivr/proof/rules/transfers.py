"""The rules of transfers (T1-T7) and of children and 112 (W2, W5), proved over the whole walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import get_args

from ivr.core.call import (
    CallerGone,
    CallStarted,
    CallState,
    Collect,
    HangUp,
    KeyPressed,
    NoInput,
    Outcome,
    Refuse,
    Ring,
    Step,
    TransferEnded,
)
from ivr.core.flow import Menu, Transfer
from ivr.core.issue import Issue
from ivr.core.office import INSTRUCTOR, ON_CALL
from ivr.proof.evidence import (
    LANGUAGES_OF_112,
    LAST_WORDS,
    ONLY_THESE,
    SAY_LANGUAGE,
    Evidence,
    is_foreign,
    known_starts,
    says,
    starts,
)
from ivr.proof.registry import Proof, against, proof

AFTER_TALK = 8
ANSWERED, OUTCOMES = TransferEnded("answered"), frozenset(get_args(Outcome))
ROUNDS = 3


def announcements(evidence: Evidence) -> Proof:
    """T1: every ringing is announced, in at most 5 s (K1); where workers may not speak the language, that is said."""
    found, count, longest = list[Issue](), 0, 0.0
    for taken in evidence.steps:
        then, state = taken.then, taken.state
        if not isinstance(then, Ring) or then.line:
            continue
        count += 1
        normal = tuple(p for p in then.announce if not p.slow)
        longest = max(longest, seconds := evidence.length(normal))
        ids = {play.prompt for play in (*taken.plays, *then.announce)}
        if not then.announce or seconds > 5:
            found.append(
                against(
                    "T1",
                    state.node,
                    f"its announcement takes {seconds:.1f} s of 5 in {state.language}",
                    "Announce it shortly",
                )
            )
        # Whoever skips the words by a key has heard that they can: it is said wherever words are said.
        if is_foreign(evidence, state.language) and taken.exit != "ring" and not ids & {SAY_LANGUAGE, ONLY_THESE}:
            found.append(against("T1", state.node, "it does not say that the worker may not speak the language"))
    return proof("T1", "walk", f"{count} times ringing; at most {longest:.1f} s", found)


def both_were_rung(evidence: Evidence) -> Proof:
    """T3: whatever is not answered leads on, and while the phone is open nobody hears the last words before the
    urgent line and the instructor have both been rung; the hours may change between any two steps."""
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
                    against("T3", after.node, "the last words can come before both were rung", "Ring both first")
                )
            waiting.append((after, rung | {rings} if rings else rung))
    for state in evidence.walk.after:
        found += _unanswered(evidence, state)
    return proof("T3", "walk", f"{len(seen)} states with who was rung before", found)


def _unanswered(evidence: Evidence, state: CallState) -> Iterator[Issue]:
    """Every outcome of a transfer is told apart; all but an answer ring the next number or, after the last, lead on."""
    if not isinstance(node := evidence.node(state), Transfer):
        return
    another = state.attempt + 1 < evidence.content.lines.get(node.contact, 1)
    missing = set(OUTCOMES)
    for outcome, taken in ((getattr(t.event, "outcome", ""), t.step) for t in evidence.on(state, TransferEnded)):
        missing.discard(outcome)
        if another:
            leads_on = taken.then == Ring(node.contact, state.attempt + 1, ())
        else:
            leads_on = taken.path[0] == node.unanswered.to
        if outcome != ANSWERED.outcome and not leads_on:
            yield against("T3", state.node, f"'{outcome}' does not lead on as nobody's answer does")
    if missing:
        yield against("T3", state.node, f"it is never heard to end by {', '.join(sorted(missing))}")


def _leads(evidence: Evidence, state: CallState) -> set[tuple[CallState, str | None, bool, bool]]:
    """Where a state can lead: next state, who rings there, whether the phone is open, whether last words are said."""
    ends = TransferEnded if isinstance(evidence.node(state), Transfer) else NoInput
    found = set()
    for transition in evidence.walk.after.get(state, ()):
        if isinstance(transition.event, (ends, KeyPressed)):
            taken = transition.step
            rings = taken.then.contact if isinstance(taken.then, Ring) else None
            found.add((taken.state, rings, True in transition.phone, says(taken, LAST_WORDS)))
    return found


def last_words(evidence: Evidence) -> Proof:
    """T4: 112 first, then the number twice, then "stay": three rounds that end by ringing; only then the end."""
    found, count, rounds = list[Issue](), 0, ROUNDS
    digits = len((evidence.content.office.contacts[ON_CALL].number or "").replace(" ", ""))
    for taken in (taken for taken in evidence.steps if says(taken, LAST_WORDS)):
        count += 1
        said = taken.plays
        numbers = sum(play.prompt.startswith("digit.") for play in said) / max(digits, 1)
        ends = [t.step.then for t in evidence.on(taken.state, NoInput)]
        if not all(isinstance(then, Ring) for then in ends):
            found.append(against("T4", taken.state.node, "these last words do not end by ringing"))
        if said[0].prompt != LAST_WORDS or numbers < 2 or said[-1].prompt != "last_words.wait":
            found.append(
                against("T4", taken.state.node, "it is not: 112, the number twice, stay", "Say it in this order")
            )
    for end in _silent_ends(evidence):
        rounds = min(rounds, end[1])
        if end[1] < ROUNDS:
            found.append(against("T4", end[0].state.node, f"the call can end after {end[1]} rounds of last words"))
    return proof("T4", "walk", f"{count} last words; {rounds} rounds before the end", found)


def _silent_ends(evidence: Evidence) -> list[tuple[Step, int]]:
    """The ends that a caller whom nobody answers, and who only waits, comes to, and how many last words came before.

    Counted from every menu but the last words themselves; after a talk the call may end (T5).
    """
    ends, seen = list[tuple[Step, int]](), set[tuple[CallState, int]]()
    waiting = [(state, 0) for state in evidence.menus if not _is_late(evidence, state)]
    while waiting:
        state, rounds = waiting.pop()
        if (state, rounds) in seen:
            continue
        seen.add((state, rounds))
        ringing = isinstance(evidence.node(state), Transfer)
        for taken in {t.step for t in evidence.on(state, TransferEnded if ringing else NoInput) if t.event != ANSWERED}:
            now = min(rounds + says(taken, LAST_WORDS), ROUNDS)
            if isinstance(taken.then, HangUp):
                ends.append((taken, now))
            else:
                waiting.append((taken.state, now))
    return ends


def _is_late(evidence: Evidence, state: CallState) -> bool:
    """Whether a state lies behind the first last words, or after a talk."""
    return state.node in evidence.after_talk or state.node in evidence.behind_last_words


def after_a_talk(evidence: Evidence) -> Proof:
    """T5: after a talk it is said that it has ended, 1 and 0 ring, and after 8 s the call ends."""
    found, count = list[Issue](), 0
    for state in evidence.walk.after:
        if not isinstance(evidence.node(state), Transfer):
            continue
        for transition in (t for t in evidence.on(state, TransferEnded) if t.event == ANSWERED):
            count += 1
            taken = transition.step
            silence, one, zero = (
                [type(t.step.then) for t in evidence.on(taken.state, kind, key)]
                for kind, key in ((NoInput, None), (KeyPressed, "1"), (KeyPressed, "0"))
            )
            if taken.then != Collect(AFTER_TALK) or ({*silence}, {*one}, {*zero}) != ({HangUp}, {Ring}, {Ring}):
                found.append(against("T5", taken.state.node, "after a talk it is not: 1, 0, 8 s, the end"))
    return proof("T5", "walk", f"{count} talks", found)


def caller_gone(evidence: Evidence) -> Proof:
    """T6: whoever has hung up rings nobody, wherever they were."""
    gone = [t for t in evidence.walk.transitions if isinstance(t.event, CallerGone)]
    found = [
        against("T6", t.before.node, "a caller who has hung up still rings somebody")
        for t in gone
        if not isinstance(t.step.then, HangUp)
    ]
    found += [
        against("T6", state.node, "nobody hears of it when the caller hangs up")
        for state, transitions in evidence.walk.after.items()
        if not any(isinstance(t.event, CallerGone) for t in transitions)
    ]
    return proof("T6", "walk", f"{len(gone)} times", found)


def loops(evidence: Evidence) -> Proof:
    """T7: our own contacts hear what this is and ring nobody; our own number is not taken."""
    found, count = list[Issue](), 0
    for start in evidence.walk.starts:
        if not (isinstance(start.event, CallStarted) and start.event.caller != "anyone"):
            continue
        count += 1
        then, said = start.step.then, start.step.plays
        staff = {evidence.content.languages.staff}
        ours = start.event.caller == "ourselves" and isinstance(then, Refuse)
        contact = start.event.caller == "contact" and isinstance(then, HangUp) and {p.language for p in said} == staff
        if not (ours or contact):
            found.append(against("T7", evidence.content.flow.own_contact, "a loop is not stopped"))
    return proof("T7", "walk", f"{count} calls from ourselves", found)


def child(evidence: Evidence) -> Proof:
    """W2: an option is spoken to a child, and rings the urgent line within 10 s of its key."""
    found, count, longest = list[Issue](), 0, 0.0
    for state, taken in _child_chosen(evidence):
        count += 1
        seconds = evidence.from_step(taken) if isinstance(taken.then, Ring) and taken.then.contact == ON_CALL else None
        longest = max(longest, seconds or 0.0)
        if seconds is None or seconds > 10:
            found.append(
                against(
                    "W2",
                    state.node,
                    f"a child waits {seconds or 0:.1f} s for ringing in {state.language}",
                    "Shorten what is said",
                )
            )
        if taken.state.about != "child":
            found.append(against("W2", state.node, "whoever answers is not told that it is about a child"))
    if not count:
        found.append(
            against("W2", evidence.content.flow.start, "no option is about a child", "Add one to the main menu")
        )
    return proof("W2", "walk", f"{count} times; at most {longest:.1f} s from the key to ringing", found)


def _child_chosen(evidence: Evidence) -> Iterator[tuple[CallState, Step]]:
    """Every step by which an option about a child is chosen."""
    for state in evidence.menus:
        node = evidence.node(state)
        if isinstance(node, Menu):
            for key in (key for key, option in node.options.items() if option.about == "child"):
                yield from ((state, transition.step) for transition in evidence.on(state, KeyPressed, key))


def told_of_112(evidence: Evidence) -> Proof:
    """W5: in a language that 112 may not speak, child, help and last words tell which it speaks."""
    found, count = list[Issue](), 0
    helped = (t.step for state in evidence.menus for t in evidence.on(state, KeyPressed, "0"))
    last = (taken for taken in evidence.steps if says(taken, LAST_WORDS))
    for taken in (*helped, *(taken for _, taken in _child_chosen(evidence)), *last):
        if is_foreign(evidence, taken.state.language):
            count += 1
            if not (says(taken, LANGUAGES_OF_112) or says(taken, ONLY_THESE)):
                found.append(against("W5", taken.state.node, "it does not say which languages 112 speaks"))
    offered = ", ".join(sorted(evidence.content.offered))
    return proof("W5", "walk", f"offered: {offered}, each whole; {count} times told of 112's languages", found)


RULES: tuple[Callable[[Evidence], Proof], ...] = (
    announcements,
    both_were_rung,
    last_words,
    after_a_talk,
    caller_gone,
    loops,
    child,
    told_of_112,
)
