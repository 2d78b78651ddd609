"""The rules of keys (K1-K6), proved over the whole walk.

No rule bounds how often a caller may press 9, `*` and `#`: each time they hear the same again.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.content.checks.flow import NEVER_LEFT_OUT
from ivr.core.call import CallState, Collect, KeyPressed
from ivr.core.flow import PERSON, Flow, LanguageMenu, Menu, Option
from ivr.core.issue import Issue
from ivr.core.office import INSTRUCTOR, ON_CALL
from ivr.proof.evidence import Evidence, levels, rings
from ivr.proof.registry import Finding, counterexample, rule


@rule(
    "K1",
    "walk",
    "`0` is help now: it rings the urgent line from every prompt that takes keys, at every hour, also before a "
    "language is chosen, against old and new menus. It never means anything else.",
    reads="moves",
)
def key_zero(evidence: Evidence) -> Finding:
    issues, count = list[Issue](), 0
    for state, transitions in evidence.walk.after.items():
        zeros = [t.step for t in transitions if isinstance(t.event, KeyPressed) and t.event.key == "0"]
        count += len(zeros)
        if not zeros:
            issues.append(counterexample(state.node, "0 is not heard"))
        if any(rings(step) != ON_CALL for step in zeros):
            issues.append(counterexample(state.node, "0 does not ring the urgent line", "Name it as 'help'"))
    return Finding(f"{count} times 0", issues)


@rule(
    "K2",
    "walk",
    "`1` is a person in every menu but those of languages: the social instructor while the phone is open, else "
    "the urgent line.",
    reads="moves",
)
def key_one(evidence: Evidence) -> Finding:
    issues, count = list[Issue](), 0
    for state in evidence.menus:
        if isinstance(evidence.node(state), LanguageMenu):
            continue
        for transition in evidence.on(state, KeyPressed, "1"):
            count += 1
            rung = rings(transition.step)
            if {INSTRUCTOR if is_open else ON_CALL for is_open in transition.phone} != {rung}:
                issues.append(counterexample(state.node, f"1 rings {rung or 'nobody'}", "Lead option 1 to a person"))
    return Finding(f"{count} times 1", issues)


@rule(
    "K3",
    "walk",
    "The other options have no gaps, but for an optional page that a language lacks: its digit is then a wrong key "
    "there, is not said, and the others keep theirs. A person, a child, hours and urgent help are never left out. A "
    "digit of the main menu means the same open and closed.",
    reads="moves",
)
def same_digits(evidence: Evidence) -> Finding:
    issues, count = list(_left_out_wrongly(evidence)), 0
    flow = evidence.content.flow
    for name, node in flow.nodes.items():
        if isinstance(node, Menu):
            count += 1
            keys = list(node.options)
            if keys != [str(number) for number in range(1, len(keys) + 1)]:
                issues.append(counterexample(name, f"its keys are {', '.join(keys)}", "Number the options 1, 2, 3 ..."))
            for other_name in _at_other_hours(evidence, name):
                other = flow.nodes[other_name]
                if isinstance(other, Menu) and _meaning(node) != _meaning(other):
                    issues.append(counterexample(name, f"its digits differ from '{other_name}'", "Make them the same"))
    languages = len({language for _, language in evidence.content.left_out})
    return Finding(f"{count} menus; {languages} languages lack a page", issues)


def _left_out_wrongly(evidence: Evidence) -> Iterator[Issue]:
    """What is left out and must not be; and what is said, works or is reached in a language that lacks it."""
    content = evidence.content
    for state in evidence.menus:
        for key, option in _left_out(evidence, state).items():
            if key == PERSON or option.matter in NEVER_LEFT_OUT or not _is_all_optional(content.flow, option.to):
                yield counterexample(state.node, f"{key} is left out in {state.language}", "Translate its texts")
            exits = {transition.step.exit for transition in evidence.on(state, KeyPressed, key)}
            if not exits <= {"nomatch", "exhausted"}:
                yield counterexample(state.node, f"{key} is no wrong key in {state.language}, which lacks its page")
    for step in evidence.steps:
        said = {play.prompt for play in step.plays}
        for key, option in _left_out(evidence, step.state).items():
            if option.say in said:
                yield counterexample(step.state.node, f"{key} is said in {step.state.language}, which lacks its page")
        if (step.state.node, step.state.language or "") in content.left_out:
            yield counterexample(step.state.node, f"it is reached in {step.state.language}, which lacks its texts")


def _left_out(evidence: Evidence, state: CallState) -> dict[str, Option]:
    """The options of a menu that are left out in the language of a state."""
    node = evidence.content.flow.nodes.get(state.node)
    options = node.options if isinstance(node, Menu) else {}
    there = evidence.content.options(state.node, state.language) if options else {}
    return {key: option for key, option in options.items() if key not in there}


def _is_all_optional(flow: Flow, name: str) -> bool:
    """Whether a node is an optional page, or a menu of nothing else."""
    node = flow.nodes[name]
    pages = [option.to for key, option in node.options.items() if key != PERSON] if isinstance(node, Menu) else []
    return node.optional or (bool(pages) and all(_is_all_optional(flow, page) for page in pages))


def _at_other_hours(evidence: Evidence, name: str) -> set[str]:
    """The nodes that an hours node leads to instead of this one at other hours."""
    pairs = ({n.open.to, n.closed.to} for n in evidence.content.flow.nodes.values() if n.kind == "hours")
    return {other for pair in pairs if name in pair for other in pair - {name}}


def _meaning(node: Menu) -> dict[str, str]:
    """Key -> node that it leads to."""
    return {key: option.to for key, option in node.options.items()}


@rule(
    "K4",
    "walk",
    "`9` says the whole prompt again and more slowly, `*` goes one level up, `#` does nothing. None of them costs"
    " a try, and whoever keeps pressing them hears the same each time.",
    reads="moves",
)
def again_and_up(evidence: Evidence) -> Finding:
    issues, count, depths = list[Issue](), 0, levels(evidence)
    for state in evidence.walk.after:
        node = evidence.node(state)
        steps = [(key, t.step) for key in "9*#" for t in evidence.on(state, KeyPressed, key)]
        if {key for key, _ in steps} != set("9*#"):
            issues.append(counterexample(state.node, "9, * and # are not all heard"))
        for key, step in steps:
            count += 1
            after = step.state
            if key == "9" and isinstance(node, LanguageMenu) and evidence.content.behind(node):
                good = after == state._replace(node=node.more or "", attempt=0)
            elif key == "9":
                plays = (*step.plays, *getattr(step.action, "announce", ()))
                good = after == state and all(play.slow for play in plays)
            elif key == "*":
                good = after.attempt == 0 and _is_up(evidence, depths, state, after)
            else:
                good = after == state
            if not good:
                issues.append(counterexample(state.node, f"{key} does not do what it does everywhere"))
    return Finding(f"{count} times 9, * and #", issues)


def _is_up(evidence: Evidence, depths: dict[str, int], before: CallState, after: CallState) -> bool:
    """Whether a state is one level above another; above the main menu is the language menu."""
    if before.language is None or depths.get(before.node) == 0:
        return isinstance(evidence.node(after), LanguageMenu) and after.language is None
    return after.language == before.language and depths.get(after.node) == depths.get(before.node, 1) - 1


@rule(
    "K5",
    "walk",
    "No task needs a key: silence leads to a ringing phone from every menu. After a talk the call may end (T5).",
)
def silence_reaches_a_person(evidence: Evidence) -> Finding:
    issues, waits, longest = list[Issue](), 0, 0.0
    remedy = "Lead 'noinput' or 'exhausted' on"
    for state in (state for state in evidence.menus if state.node not in evidence.after_talk):
        if silence := evidence.silence(state):
            waits, longest = max(waits, silence[0]), max(longest, silence[1])
        else:
            issues.append(counterexample(state.node, "silence does not lead to a person", remedy))
    return Finding(f"{len(evidence.menus)} states; at most {waits} waits, {longest:.0f} s", issues)


@rule(
    "K6",
    "walk",
    "Each offered language says its own digit, which chooses it and no other. A digit of no language is a wrong "
    "key; 9 leads to the languages behind it.",
    reads="moves",
)
def language_digits(evidence: Evidence) -> Finding:
    issues, count, missing = list[Issue](), 0, set(evidence.content.offered)
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
                issues.append(counterexample(state.node, f"{key} does not choose {choices.get(key, 'nothing')}"))
    issues += [
        counterexample(evidence.content.flow.languages, f"{language} is offered, and no digit chooses it", "Add 'more'")
        for language in sorted(missing)
    ]
    for step in (step for step in evidence.steps if isinstance(step.action, Collect) and not step.state.attempt):
        node = evidence.node(step.state)
        if isinstance(node, LanguageMenu):
            wanted = {*evidence.content.choices(node).values(), *evidence.content.behind(node).values()}
            named = {p.language for p in step.plays if p.prompt == node.choice}
            if named != wanted:
                issues.append(counterexample(step.state.node, "not every language says its digit itself"))
    return Finding(f"{count} digits", issues)
