"""The rules of the first words (F1-F4), proved over the whole walk."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.core.call import CallState, Collect, KeyPressed, NoInput, Step
from ivr.core.flow import LanguageMenu
from ivr.core.issue import Issue
from ivr.core.prompts import SAFETY, WAIT
from ivr.proof.evidence import Evidence, known_starts, starts
from ivr.proof.registry import Finding, counterexample, rule

MOST_UNTIL_RINGING, MOST_SECOND_ASK = 90, 33
"""Seconds for a caller who presses nothing: from pick-up to ringing, and of the second ask (rule F3)."""


@rule(
    "F1",
    "walk",
    "Before the language menu: who we are and 112 in the first languages, at most 13 s. Then each language says its "
    'name, "press" and its digit in at most 3 s, all in at most 24 s.',
)
def first_words(evidence: Evidence) -> Finding:
    issues, opening, menu, longest, slowest = list[Issue](), 0.0, 0.0, 0.0, ""
    for start in starts(evidence):
        choices = [p for p in start.step.plays if p.prompt.endswith(".choice")]
        before = start.step.plays[: len(start.step.plays) - len(choices)]
        opening, menu = max(opening, evidence.length(before)), max(menu, evidence.length(tuple(choices)))
        for choice in choices:
            if (seconds := evidence.seconds(choice)) > longest:
                longest, slowest = seconds, choice.language
        said = {play.language for play in before if play.prompt.startswith(SAFETY)}
        if said != set(evidence.content.languages.before_choice):
            node = start.step.state.node
            issues.append(counterexample(node, "who we are and 112 are not said in all first languages"))
    node = evidence.content.flow.start
    for value, most, what in (
        (opening, 13, "opening"),
        (menu, 24, "language menu"),
        (longest, 3, f"the name of {slowest}"),
    ):
        if value > most:
            issues.append(counterexample(node, f"{what} takes {value:.1f} s of {most}", "Shorten it"))
    return Finding(f"opening {opening:.1f} s, languages {menu:.1f} s, one {longest:.1f} s", issues)


@rule(
    "F2",
    "walk",
    "After the choice, in that language: danger, that this is a machine (at most 5 s), whether our phone is open,"
    " the menu. The same where the language is known from the start.",
)
def after_the_choice(evidence: Evidence) -> Finding:
    issues, count, machine = list[Issue](), 0, 0.0
    chosen = [choice for choice in evidence.choices if not choice.old]
    for transition in (*chosen, *known_starts(evidence)):
        count += 1
        plays = transition.step.plays
        ids = [play.prompt for play in plays]
        hours = next((id_ for id_ in ids if id_.startswith("hours.phone.")), "")
        wanted = [evidence.roles.danger, evidence.roles.machine, hours]
        machine = max([machine, *(evidence.seconds(play) for play in plays if play.prompt == evidence.roles.machine)])
        mixed = {play.language for play in plays} != {transition.step.state.language}
        if [id_ for id_ in ids if id_ in wanted] != wanted or mixed or machine > 5:
            node = transition.step.state.node
            issues.append(counterexample(node, "danger, the machine and our hours are not said in order"))
    return Finding(f"{count} choices; 'this is a machine' {machine:.1f} s", issues)


@rule(
    "F3",
    "walk",
    "The second ask of a language menu is the names and keys again and then, in all first languages, that waiting is "
    "fine; nothing else, at most 33 s. A caller who presses nothing hears ringing within 90 s of pick-up, at any hour; "
    "whoever dialled a number of a language hears that language all the while.",
)
def no_key_at_all(evidence: Evidence) -> Finding:
    issues, longest, second = list[Issue](), 0.0, 0.0
    for start in (*starts(evidence), *known_starts(evidence)):
        seconds = evidence.from_step(start.step)
        longest = max(longest, seconds or 0.0)
        if seconds is None or seconds > MOST_UNTIL_RINGING:
            message = f"a caller who presses nothing waits {seconds or 0:.0f} s for a phone to ring"
            issues.append(counterexample(start.step.state.node, message, "Shorten the words before it"))
    for start in known_starts(evidence):
        language = start.step.state.language
        if mixed := {play.language for step in _waiting(evidence, start.step) for play in step.plays} - {language}:
            message = f"whoever dialled the number of {language} and waits hears {', '.join(sorted(mixed))}"
            issues.append(counterexample(start.step.state.node, message, "Keep the language"))
    for again in _second_asks(evidence):
        second = max(second, seconds := evidence.length(again.plays))
        if not _names_then_wait(evidence, again):
            message = "the second ask is not the names and keys again and then, in all first languages, 'or wait'"
            issues.append(counterexample(again.state.node, message, "Say nothing else there: reprompt: [main.wait]"))
        elif seconds > MOST_SECOND_ASK:
            message = f"the second ask takes {seconds:.1f} s of {MOST_SECOND_ASK}"
            issues.append(counterexample(again.state.node, message, "Shorten the names, or what may be waited for"))
    return Finding(f"at most {longest:.1f} s; the second ask {second:.1f} s", issues)


def _waiting(evidence: Evidence, first: Step) -> Iterator[Step]:
    """The steps of a caller who presses nothing, from one on until a phone rings."""
    ahead, seen = [first], set[CallState]()
    while ahead:
        yield (step := ahead.pop())
        if isinstance(step.action, Collect) and step.state not in seen:
            seen.add(step.state)
            ahead += {id(t.step): t.step for t in evidence.on(step.state, NoInput)}.values()


def _second_asks(evidence: Evidence) -> Iterator[Step]:
    """Every step that asks for a language once more after a failed try."""
    for state in evidence.menus:
        if isinstance(evidence.node(state), LanguageMenu):
            for step in {id(t.step): t.step for t in evidence.walk.after[state]}.values():
                if step.state.node == state.node and step.exit in ("noinput", "nomatch"):
                    yield step


def _names_then_wait(evidence: Evidence, again: Step) -> bool:
    """Whether all that a language menu offers is said, and then in every first language that waiting is fine."""
    menu, content = evidence.node(again.state), evidence.content
    if not isinstance(menu, LanguageMenu):
        return False
    offered = [*content.choices(menu).values(), *content.behind(menu).values()]
    names, fine = again.plays[: len(offered)], again.plays[len(offered) :]
    return (
        [play.language for play in names] == offered
        and {play.prompt for play in names} == {menu.choice}
        and [play.language for play in fine] == list(content.languages.before_choice)
        and all(play.prompt.endswith(WAIT) for play in fine)
    )


@rule("F4", "walk", "From 0 to ringing at most 6 s before a language is known, and 11 s after.")
def zero_to_ringing(evidence: Evidence) -> Finding:
    issues, before, after = list[Issue](), 0.0, 0.0
    for state in evidence.menus:
        for transition in evidence.on(state, KeyPressed, "0"):
            seconds = evidence.from_step(transition.step) or 0.0
            if state.language is None:
                before = max(before, seconds)
            else:
                after = max(after, seconds)
            if seconds > (11 if state.language else 6):
                issues.append(counterexample(state.node, f"{seconds:.1f} s from 0 to ringing in {state.language}"))
    return Finding(f"{before:.1f} s before a language is known, {after:.1f} s after", issues)
