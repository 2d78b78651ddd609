"""The rules of menus (M1-M6), proved over the whole walk."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.core.call import CallState, Collect, KeyPressed, NoInput
from ivr.core.flow import HELP, LanguageMenu, Menu
from ivr.core.issue import Issue
from ivr.core.office import ON_CALL
from ivr.core.prompts import WAIT
from ivr.core.utterance import Utterance
from ivr.proof.evidence import Evidence, levels, rings, says
from ivr.proof.registry import Finding, counterexample, rule, rule_by_test
from ivr.proof.walk import Transition

rule_by_test(
    "M0",
    "tests/proof/test_recordings.py",
    "A recording that is too long for a rule of seconds is told at import, with the most that it may take, and is not "
    "spoken: it costs its language the recording, never the content.",
)
HELP_KEY = f"key.{HELP}"
MOST_MESSAGE, MOST_LAST_WORDS = 25, 30
"""Seconds of the own words of a menu: of a message, and of last words (rule M1)."""


@rule(
    "M1",
    "walk",
    "At most 5 options and 2 levels after the language; the options of a menu with the one for help take at most 20 s, "
    "a message at most 25 s, last words at most 30 s.",
)
def menu_sizes(evidence: Evidence) -> Finding:
    issues, longest, message, last = list[Issue](), 0.0, 0.0, 0.0
    for step in (step for step in evidence.steps if step.exit not in ("repeat", "harmless")):
        node, state = evidence.content.flow.nodes.get(step.state.node), step.state
        if not (isinstance(node, Menu) and state.language):
            continue
        prompts = {option.say for option in node.options.values()}
        first = next((place for place, play in enumerate(step.plays) if play.prompt in prompts), len(step.plays))
        named = tuple(play for play in step.plays if play.prompt in prompts or HELP_KEY in play.values)
        longest = max(longest, options := evidence.length(named))
        own = _own_words(evidence, node, step.plays[:first])
        if says(step, evidence.roles.last_words):
            last, most = max(last, own), MOST_LAST_WORDS
        else:
            message, most = max(message, own), MOST_MESSAGE
        if options > 20:
            what = f"its options take {options:.0f} s in {state.language}"
            issues.append(counterexample(state.node, what, "Shorten them", state.language))
        if own > most:
            what = f"its message takes {own:.1f} s in {state.language}"
            issues.append(counterexample(state.node, what, "Shorten it", state.language))
    depths = levels(evidence)
    deep = (name for name, level in depths.items() if level > 2)
    issues += [counterexample(name, "it lies deeper than two levels", "Move it up") for name in deep]
    detail = f"options at most {longest:.1f} s, messages {message:.1f} s, last words {last:.1f} s"
    detail += f", {max(depths.values(), default=0)} levels"
    return Finding(detail, issues)


def _own_words(evidence: Evidence, node: Menu, plays: tuple[Utterance, ...]) -> float:
    """Seconds of what a node says itself, without the messages on the way to it."""
    own = {item.name for item in node.say}
    parts = (play for play in plays if play.prompt in own or play.prompt.startswith(("digit.", "hours.")))
    return evidence.length(tuple(parts))


@rule(
    "M3",
    "walk",
    "Wrong keys and silence count together; after at most 2 failed tries a person rings. No error ends a call or "
    "leads deeper.",
    reads="moves",
)
def failed_tries(evidence: Evidence) -> Finding:
    issues, count = list[Issue](), 0
    for state in evidence.menus:
        tries = list(_tries(evidence, state))
        if {type(t.event) for t in tries if len(getattr(t.event, "key", "  ")) > 1} != {NoInput, KeyPressed}:
            issues.append(counterexample(state.node, "silence, or several keys at once, are not heard"))
        for transition in tries:
            count += 1
            if rings(transition.step):
                continue
            silent_end = isinstance(transition.event, NoInput) and state.node in evidence.after_talk
            second = transition.step.state.node == state.node and transition.step.state.attempt > state.attempt
            if not silent_end and not (second and transition.step.state.attempt < 2):
                issues.append(counterexample(state.node, "a failed try neither asks once more nor rings a person"))
    return Finding(f"{count} failed tries", issues)


def _tries(evidence: Evidence, state: CallState) -> Iterator[Transition]:
    """The failed tries in a state: silence, several keys at once, keys of no option, keys of an old menu."""
    node = evidence.node(state)
    valid = set("09*#")
    if isinstance(node, Menu):
        valid |= evidence.content.options(state.node, state.language).keys()
    elif isinstance(node, LanguageMenu):
        valid |= evidence.content.choices(node).keys()
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
    issues, count, longest = list[Issue](), 0, 0.0
    for transition in (choice for choice in evidence.choices if False in choice.phone):
        count += 1
        step = transition.step
        silent = list(evidence.on(step.state, NoInput))
        urgent = all(rings(t.step) == ON_CALL if False in t.phone else rings(t.step) for t in silent)
        seconds = evidence.from_step(step) or 0.0
        longest = max(longest, seconds)
        if not (silent and urgent):
            issues.append(counterexample(step.state.node, "the first silence does not ring the urgent line"))
        if not (step.plays and step.plays[-1].prompt.endswith(WAIT)):
            message = "its last words do not say that waiting is fine"
            issues.append(counterexample(step.state.node, message, "Close it with a text whose id ends in .wait"))
        if seconds > 40:
            message = f"{seconds:.0f} s to ringing in {step.state.language}"
            issues.append(counterexample(step.state.node, message, language=step.state.language))
    return Finding(f"{count} choices while closed; at most {longest:.1f} s to ringing", issues)


@rule(
    "M5",
    "walk",
    "5 s to answer after last words that say that waiting is fine, else 8 s. All that is said before can be "
    "interrupted by a key.",
    reads="moves",
)
def time_to_answer(evidence: Evidence) -> Finding:
    issues, count = list[Issue](), 0
    for step in evidence.steps:
        if not isinstance(step.action, Collect):
            continue
        count += 1
        last = step.plays[-1] if step.plays else None
        expected = 5 if last and last.prompt.endswith(WAIT) else 8
        if step.action.seconds != expected or not last:
            issues.append(counterexample(step.state.node, f"{step.action.seconds} s to answer instead of {expected}"))
    return Finding(f"{count} times listening", issues)


@rule("M6", "flow", "Every page of information ends with: again, a person, or hang up now.")
def pages(evidence: Evidence) -> Finding:
    issues, count = list[Issue](), 0
    for name, node in evidence.content.flow.nodes.items():
        if not (isinstance(node, Menu) and node.kind == "page"):
            continue
        count += 1
        person = "1" in node.options and node.options["1"].say
        if not person or [item.name for item in node.closing] != [evidence.roles.again, evidence.roles.hang_up]:
            message, remedy = "it does not end with again, a person, hang up", "Close it as the others"
            issues.append(counterexample(name, message, remedy))
    return Finding(f"{count} pages", issues)
