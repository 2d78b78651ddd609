"""The rules of menus (M1-M6), proved over the whole walk."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.core.call import CallState, Collect, Dial, KeyPressed, NoInput
from ivr.core.flow import Menu
from ivr.core.issue import Issue
from ivr.core.office import ON_CALL
from ivr.core.prompts import WAIT
from ivr.core.utterance import Utterance
from ivr.proof.evidence import Evidence, chooses, levels, says
from ivr.proof.registry import Finding, counterexample, rule
from ivr.proof.walk import Transition

MOST_MESSAGE, MOST_LAST_WORDS = 25, 30
"""Seconds."""


@rule(
    "M1",
    "walk",
    "At most 5 options and 2 levels after the language; the options of a menu take at most 20 s, a message at "
    "most 25 s, last words at most 30 s.",
)
def menu_sizes(evidence: Evidence) -> Finding:
    found, longest, message, last = list[Issue](), 0.0, 0.0, 0.0
    for taken in (taken for taken in evidence.steps if taken.exit not in ("repeat", "harmless")):
        node, state = evidence.content.flow.nodes.get(taken.state.node), taken.state
        if not (isinstance(node, Menu) and state.language):
            continue
        said = list(taken.plays)
        first = next((at for at, play in enumerate(said) if _is_option(node, play)), len(said))
        longest = max(longest, options := evidence.length(tuple(said[first:])))
        own = _own_words(evidence, node, said[:first])
        if says(taken, evidence.roles.last_words):
            last, most = max(last, own), MOST_LAST_WORDS
        else:
            message, most = max(message, own), MOST_MESSAGE
        if options > 20:
            found.append(
                counterexample(state.node, f"its options take {options:.0f} s in {state.language}", "Shorten them")
            )
        if own > most:
            found.append(counterexample(state.node, f"its message takes {own:.1f} s in {state.language}", "Shorten it"))
    depths = levels(evidence)
    found += [
        counterexample(name, "it lies deeper than two levels", "Lift it") for name, at in depths.items() if at > 2
    ]
    detail = f"options at most {longest:.1f} s, messages {message:.1f} s, last words {last:.1f} s"
    detail += f", {max(depths.values(), default=0)} levels"
    return Finding(detail, found)


def _is_option(node: Menu, play: Utterance) -> bool:
    return play.prompt in {option.say for option in node.options.values()}


def _own_words(evidence: Evidence, node: Menu, said: list[Utterance]) -> float:
    """Seconds of what a node says itself, without the messages on the way to it."""
    own = {item.name for item in node.say}
    parts = (play for play in said if play.prompt in own or play.prompt.startswith(("digit.", "hours.")))
    return evidence.length(tuple(parts))


@rule(
    "M3",
    "walk",
    "Wrong keys and silence count together; after at most 2 failed tries a person rings. No error ends a call or "
    "leads deeper.",
)
def failed_tries(evidence: Evidence) -> Finding:
    found, count = list[Issue](), 0
    for state in evidence.menus:
        tries = list(_tries(evidence, state))
        if {type(t.event) for t in tries if len(getattr(t.event, "key", "  ")) > 1} != {NoInput, KeyPressed}:
            found.append(counterexample(state.node, "silence, or several keys at once, are not heard"))
        for transition in tries:
            count += 1
            then = transition.step.action
            if isinstance(then, Dial):
                continue
            silent_end = isinstance(transition.event, NoInput) and state.node in evidence.after_talk
            second = transition.step.state.node == state.node and transition.step.state.attempt > state.attempt
            if not silent_end and not (second and transition.step.state.attempt < 2):
                found.append(counterexample(state.node, "a failed try neither asks once more nor rings a person"))
    return Finding(f"{count} failed tries", found)


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


@rule(
    "M4",
    "walk",
    "In the closed main menu waiting is a choice: the first silence rings the urgent line, at most 40 s after the"
    " language key.",
)
def closed_menu(evidence: Evidence) -> Finding:
    found, count, longest = list[Issue](), 0, 0.0
    for transition in evidence.walk.transitions:
        if not (chooses(evidence, transition) and False in transition.phone):
            continue
        count += 1
        taken = transition.step
        silent = list(evidence.on(taken.state, NoInput))
        rings = all(isinstance(t.step.action, Dial) for t in silent)
        urgent = all(
            isinstance(t.step.action, Dial) and t.step.action.contact == ON_CALL for t in silent if False in t.phone
        )
        seconds = evidence.from_step(taken) or 0.0
        longest = max(longest, seconds)
        if not (silent and rings and urgent):
            found.append(counterexample(taken.state.node, "the first silence does not ring the urgent line"))
        if seconds > 40:
            found.append(counterexample(taken.state.node, f"{seconds:.0f} s to ringing in {taken.state.language}"))
    return Finding(f"{count} choices while closed; at most {longest:.1f} s to ringing", found)


@rule(
    "M5",
    "walk",
    "5 s to answer after last words that say that waiting is fine, else 8 s. All that is said before can be "
    "interrupted by a key.",
)
def time_to_answer(evidence: Evidence) -> Finding:
    found, count = list[Issue](), 0
    for taken in evidence.steps:
        if not isinstance(taken.action, Collect):
            continue
        count += 1
        last = next(iter(reversed(taken.plays)), None)
        expected = 5 if last and last.prompt.endswith(WAIT) else 8
        if taken.action.seconds != expected or not last:
            found.append(counterexample(taken.state.node, f"{taken.action.seconds} s to answer instead of {expected}"))
    return Finding(f"{count} times listening", found)


@rule("M6", "flow", "Every page of information ends with: again, a person, or hang up now.")
def pages(evidence: Evidence) -> Finding:
    found, count = list[Issue](), 0
    for name, node in evidence.content.flow.nodes.items():
        if not (isinstance(node, Menu) and node.kind == "page"):
            continue
        count += 1
        closing = [item.name for item in node.closing]
        if not (
            "1" in node.options and node.options["1"].say and closing == [evidence.roles.again, evidence.roles.hang_up]
        ):
            found.append(
                counterexample(name, "it does not end with again, a person, hang up", "Close it as the others")
            )
    return Finding(f"{count} pages", found)
