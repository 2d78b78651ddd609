"""The rules of keys (K1-K6), proved over the whole walk.

Endless 9, `*` and `#` are exempt everywhere: whoever presses them hears the same again, as often as they like.
"""

from __future__ import annotations

from ivr.core.call import CallState, Collect, Dial, KeyPressed
from ivr.core.flow import LanguageMenu, Menu
from ivr.core.issue import Issue
from ivr.core.office import INSTRUCTOR, ON_CALL
from ivr.proof.evidence import Evidence, levels
from ivr.proof.registry import Finding, counterexample, rule


@rule(
    "K1",
    "walk",
    "`0` is help now: it rings the urgent line from every prompt that takes keys, at every hour, also before a "
    "language is chosen, against old and new menus. It never means anything else.",
)
def key_zero(evidence: Evidence) -> Finding:
    found, count = list[Issue](), 0
    for state, transitions in evidence.walk.after.items():
        zeros = [t.step.action for t in transitions if isinstance(t.event, KeyPressed) and t.event.key == "0"]
        count += len(zeros)
        if not zeros:
            found.append(counterexample(state.node, "0 is not heard"))
        if any(not (isinstance(then, Dial) and then.contact == ON_CALL) for then in zeros):
            found.append(counterexample(state.node, "0 does not ring the urgent line", "Name it as 'help'"))
    return Finding(f"{count} times 0", found)


@rule(
    "K2",
    "walk",
    "`1` is a person in every menu but those of languages: the social instructor while the phone is open, else "
    "the urgent line.",
)
def key_one(evidence: Evidence) -> Finding:
    found, count = list[Issue](), 0
    for state in evidence.menus:
        if isinstance(evidence.node(state), LanguageMenu):
            continue
        for transition in evidence.on(state, KeyPressed, "1"):
            count += 1
            then = transition.step.action
            rings = then.contact if isinstance(then, Dial) else None
            if {INSTRUCTOR if is_open else ON_CALL for is_open in transition.phone} != {rings}:
                found.append(counterexample(state.node, f"1 rings {rings or 'nobody'}", "Lead option 1 to a person"))
    return Finding(f"{count} times 1", found)


@rule("K3", "flow", "The other options have no gaps, and a digit of the main menu means the same open and closed.")
def same_digits(evidence: Evidence) -> Finding:
    found, count = list[Issue](), 0
    flow = evidence.content.flow
    for name, node in flow.nodes.items():
        if isinstance(node, Menu):
            count += 1
            keys = list(node.options)
            if keys != [str(number) for number in range(1, len(keys) + 1)]:
                found.append(counterexample(name, f"its keys are {', '.join(keys)}", "Number the options 1, 2, 3 ..."))
            for other in _beside(evidence, name):
                twin = flow.nodes[other]
                if isinstance(twin, Menu) and _meaning(node) != _meaning(twin):
                    found.append(counterexample(name, f"its digits differ from '{other}'", "Make them the same"))
    return Finding(f"{count} menus", found)


def _beside(evidence: Evidence, name: str) -> set[str]:
    """The menus that an hours node leads to instead of this one at other hours."""
    branches = (node for node in evidence.content.flow.nodes.values() if node.kind == "hours")
    return {
        other
        for node in branches
        for here, other in ((node.open.to, node.closed.to), (node.closed.to, node.open.to))
        if here == name
    }


def _meaning(node: Menu) -> dict[str, str]:
    return {key: option.to for key, option in node.options.items()}


@rule(
    "K4",
    "walk",
    "`9` says the whole prompt again and more slowly, `*` goes one level up, `#` does nothing. None of them costs"
    " a try, and whoever presses them for ever hears the same for ever.",
)
def again_and_up(evidence: Evidence) -> Finding:
    found, count, depths = list[Issue](), 0, levels(evidence)
    for state in evidence.walk.after:
        node = evidence.node(state)
        steps = [(key, t.step) for key in "9*#" for t in evidence.on(state, KeyPressed, key)]
        if {key for key, _ in steps} != set("9*#"):
            found.append(counterexample(state.node, "9, * and # are not all heard"))
        for pressed, after in steps:
            count += 1
            if pressed == "9" and isinstance(node, LanguageMenu) and evidence.content.behind(node):
                good = after.state == state._replace(node=node.more or "", attempt=0)
            elif pressed == "9":
                said = (*after.plays, *getattr(after.action, "announce", ()))
                good = after.state == state and all(play.slow for play in said)
            elif pressed == "*":
                good = after.state.attempt == 0 and _is_up(evidence, depths, state, after.state)
            else:
                good = after.state == state
            if not good:
                found.append(counterexample(state.node, f"{pressed} does not do what it does everywhere"))
    return Finding(f"{count} times 9, * and #", found)


def _is_up(evidence: Evidence, depths: dict[str, int], before: CallState, after: CallState) -> bool:
    """Whether one state is a level above another: the menu before, the main menu, or the language menu."""
    if before.language is None or depths.get(before.node) == 0:
        return isinstance(evidence.node(after), LanguageMenu) and after.language is None
    return after.language == before.language and depths.get(after.node) == depths.get(before.node, 1) - 1


@rule(
    "K5",
    "walk",
    "No task needs a key: silence leads to a ringing phone from every menu. After a talk the call may end (T5).",
)
def silence_reaches_a_person(evidence: Evidence) -> Finding:
    found, waits, longest = list[Issue](), 0, 0.0
    ended = evidence.after_talk
    for state in evidence.menus:
        if state.node in ended:
            continue
        silent = evidence.silence(state)
        if silent is None:
            found.append(
                counterexample(state.node, "silence does not lead to a person", "Lead 'noinput' or 'exhausted' on")
            )
        else:
            waits, longest = max(waits, silent[0]), max(longest, silent[1])
    return Finding(f"{len(evidence.menus)} states; at most {waits} waits, {longest:.0f} s", found)


@rule(
    "K6",
    "walk",
    "Each offered language says its own digit, which chooses it and no other. A digit of no language is a wrong "
    "key; 9 leads to the languages behind it.",
)
def language_digits(evidence: Evidence) -> Finding:
    found, count, missing = list[Issue](), 0, set(evidence.content.offered)
    for state in evidence.menus:
        node = evidence.node(state)
        if not isinstance(node, LanguageMenu):
            continue
        choices = evidence.content.choices(node)
        for transition in (t for key in "12345678" for t in evidence.on(state, KeyPressed, key)):
            count += 1
            key, after = getattr(transition.event, "key", ""), transition.step
            chosen = after.state.language
            missing.discard(chosen or "")
            if chosen != choices.get(key) or (key not in choices and after.exit not in ("nomatch", "exhausted")):
                found.append(counterexample(state.node, f"{key} does not choose {choices.get(key, 'nothing')}"))
    found += [
        counterexample(evidence.content.flow.languages, f"{language} is offered, and no digit chooses it", "Add 'more'")
        for language in sorted(missing)
    ]
    for taken in (taken for taken in evidence.steps if isinstance(taken.action, Collect) and not taken.state.attempt):
        node = evidence.node(taken.state)
        if isinstance(node, LanguageMenu):
            wanted = {*evidence.content.choices(node).values(), *evidence.content.behind(node).values()}
            said = {p.language for p in taken.plays if p.prompt == node.choice}
            if said != wanted:
                found.append(counterexample(taken.state.node, "not every language says its digit itself"))
    return Finding(f"{count} digits", found)
