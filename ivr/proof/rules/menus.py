"""The rules of menus (M1-M6), proved over the whole walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ivr.core.call import (
    CallState,
    Collect,
    KeyPressed,
    NoInput,
    Ring,
)
from ivr.core.flow import Menu
from ivr.core.issue import Issue
from ivr.core.office import ON_CALL
from ivr.core.prompts import WAIT
from ivr.core.utterance import Utterance
from ivr.proof.evidence import LAST_WORDS, Evidence, chooses, levels, says
from ivr.proof.registry import Proof, against, proof
from ivr.proof.walk import Transition

MOST_MESSAGE, MOST_LAST_WORDS = 25, 30
"""Seconds."""


def menu_sizes(evidence: Evidence) -> Proof:
    """M1: at most 5 options, 2 levels after the language, 20 s of options with the help line, 25 s of message.

    The last words are no message, and are not told twice: 112, its languages and a number said twice take longer.
    """
    found, longest, message, last = list[Issue](), 0.0, 0.0, 0.0
    for taken in (taken for taken in evidence.steps if taken.exit not in ("again", "harmless")):
        node, state = evidence.content.flow.nodes.get(taken.state.node), taken.state
        if not (isinstance(node, Menu) and state.language):
            continue
        said = list(taken.plays)
        first = next((at for at, play in enumerate(said) if _is_option(node, play)), len(said))
        longest = max(longest, options := evidence.length(tuple(said[first:])))
        own = _own_words(evidence, node, said[:first])
        if says(taken, LAST_WORDS):
            last, most = max(last, own), MOST_LAST_WORDS
        else:
            message, most = max(message, own), MOST_MESSAGE
        if options > 20:
            found.append(
                against("M1", state.node, f"its options take {options:.0f} s in {state.language}", "Shorten them")
            )
        if own > most:
            found.append(against("M1", state.node, f"its message takes {own:.1f} s in {state.language}", "Shorten it"))
    depths = levels(evidence)
    found += [against("M1", name, "it lies deeper than two levels", "Lift it") for name, at in depths.items() if at > 2]
    detail = f"options at most {longest:.1f} s, messages {message:.1f} s, last words {last:.1f} s"
    detail += f", {max(depths.values(), default=0)} levels"
    return proof("M1", "walk", detail, found)


def _is_option(node: Menu, play: Utterance) -> bool:
    return play.prompt in {option.say for option in node.options.values()}


def _own_words(evidence: Evidence, node: Menu, said: list[Utterance]) -> float:
    """Seconds of what a node says itself, without the messages on the way to it."""
    own = {item.name for item in node.say}
    parts = (play for play in said if play.prompt in own or play.prompt.startswith(("digit.", "hours.")))
    return evidence.length(tuple(parts))


def failed_tries(evidence: Evidence) -> Proof:
    """M3: wrong keys and silence count together; after at most two a person rings, and no error ends a call."""
    found, count = list[Issue](), 0
    for state in evidence.menus:
        tries = list(_tries(evidence, state))
        if {type(t.event) for t in tries if len(getattr(t.event, "key", "  ")) > 1} != {NoInput, KeyPressed}:
            found.append(against("M3", state.node, "silence, or several keys at once, are not heard"))
        for transition in tries:
            count += 1
            then = transition.step.then
            if isinstance(then, Ring):
                continue
            silent_end = isinstance(transition.event, NoInput) and state.node in evidence.after_talk
            second = transition.step.state.node == state.node and transition.step.state.attempt > state.attempt
            if not silent_end and not (second and transition.step.state.attempt < 2):
                found.append(against("M3", state.node, "a failed try neither asks once more nor rings a person"))
    return proof("M3", "walk", f"{count} failed tries", found)


def _tries(evidence: Evidence, state: CallState) -> Iterator[Transition]:
    """What is no valid answer in a state: silence, several keys, keys of no option, keys of an old menu."""
    node = evidence.node(state)
    valid = set("09*#")
    valid |= set(node.options) if isinstance(node, Menu) else set(evidence.content.choices(node))  # type: ignore[arg-type]
    for transition in evidence.walk.after[state]:
        event = transition.event
        wrong = isinstance(event, KeyPressed) and (
            event.key not in valid or (transition.old and event.key not in "09*#")
        )
        if wrong or isinstance(event, NoInput):
            yield transition


def closed_menu(evidence: Evidence) -> Proof:
    """M4: in the closed main menu the first silence rings the urgent line, within 40 s of the language key."""
    found, count, longest = list[Issue](), 0, 0.0
    for transition in evidence.walk.transitions:
        if not (chooses(evidence, transition) and False in transition.phone):
            continue
        count += 1
        taken = transition.step
        silent = list(evidence.on(taken.state, NoInput))
        rings = all(isinstance(t.step.then, Ring) for t in silent)
        urgent = all(
            isinstance(t.step.then, Ring) and t.step.then.contact == ON_CALL for t in silent if False in t.phone
        )
        seconds = evidence.from_step(taken) or 0.0
        longest = max(longest, seconds)
        if not (silent and rings and urgent):
            found.append(against("M4", taken.state.node, "the first silence does not ring the urgent line"))
        if seconds > 40:
            found.append(against("M4", taken.state.node, f"{seconds:.0f} s to ringing in {taken.state.language}"))
    return proof("M4", "walk", f"{count} choices while closed; at most {longest:.1f} s to ringing", found)


def time_to_answer(evidence: Evidence) -> Proof:
    """M5: 5 s after last words that say waiting is fine, else 8 s; all that is said before can be interrupted."""
    found, count = list[Issue](), 0
    for taken in evidence.steps:
        if not isinstance(taken.then, Collect):
            continue
        count += 1
        last = next(iter(reversed(taken.plays)), None)
        expected = 5 if last and last.prompt.endswith(WAIT) else 8
        if taken.then.seconds != expected or not last:
            found.append(against("M5", taken.state.node, f"{taken.then.seconds} s to answer instead of {expected}"))
    return proof("M5", "walk", f"{count} times listening", found)


def pages(evidence: Evidence) -> Proof:
    """M6: every message that an option leads to ends with: again, a person, hang up."""
    found, count, depths = list[Issue](), 0, levels(evidence)
    for name, node in evidence.content.flow.nodes.items():
        if not (isinstance(node, Menu) and list(node.options) == ["1"] and depths.get(name, 0) > 0):
            continue
        count += 1
        closing = [item.name for item in node.closing]
        if not (node.options["1"].say and closing == ["main.again", "page.hang_up"]):
            found.append(against("M6", name, "it does not end with again, a person, hang up", "Close it as the others"))
    return proof("M6", "flow", f"{count} messages", found)


RULES: tuple[Callable[[Evidence], Proof], ...] = (menu_sizes, failed_tries, closed_menu, time_to_answer, pages)
