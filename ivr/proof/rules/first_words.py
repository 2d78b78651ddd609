"""The rules of the first words (F1-F4), proved over the whole walk."""

from __future__ import annotations

from ivr.core.call import Collect, KeyPressed, NoInput
from ivr.core.issue import Issue
from ivr.core.prompts import SAFETY, WAIT
from ivr.proof.evidence import Evidence, chooses, known_starts, starts
from ivr.proof.registry import Finding, counterexample, rule


@rule(
    "F1",
    "walk",
    "Before the language menu: who we are and 112 in the first languages, at most 10 s. Then each language names "
    "itself in at most 2.5 s, all in at most 30 s.",
)
def first_words(evidence: Evidence) -> Finding:
    issues, opening, menu, longest = list[Issue](), 0.0, 0.0, 0.0
    for start in starts(evidence):
        choices = [p for p in start.step.plays if p.prompt.endswith(".choice")]
        before = start.step.plays[: len(start.step.plays) - len(choices)]
        opening, menu = max(opening, evidence.length(before)), max(menu, evidence.length(tuple(choices)))
        longest = max([longest, *map(evidence.seconds, choices)])
        said = {play.language for play in before if play.prompt.startswith(SAFETY)}
        if said != set(evidence.content.languages.before_choice):
            node = start.step.state.node
            issues.append(counterexample(node, "who we are and 112 are not said in all first languages"))
    node = evidence.content.flow.start
    for value, most, what in ((opening, 10, "opening"), (menu, 30, "language menu"), (longest, 2.5, "one language")):
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
    chosen = [t for t in evidence.walk.transitions if chooses(evidence, t) and not t.old]
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
    "A caller who presses nothing hears in at most 15 s, in all first languages, that waiting is fine, and "
    "ringing within 90 s of pick-up, at any hour.",
)
def no_key_at_all(evidence: Evidence) -> Finding:
    times = [evidence.from_step(start.step) for start in (*starts(evidence), *known_starts(evidence))]
    issues, node = list[Issue](), evidence.content.flow.start
    longest = max((time for time in times if time is not None), default=0.0)
    if not times or None in times or longest > 90:
        issues.append(counterexample(node, f"{longest:.0f} s of silence until a phone rings", "Shorten it"))
    for again in (t.step for start in starts(evidence) for t in evidence.on(start.step.state, NoInput)):
        fine = {p.language for p in again.plays if p.prompt.endswith(WAIT)}
        says_so = fine == set(evidence.content.languages.before_choice) and evidence.length(again.plays) <= 15
        if isinstance(again.action, Collect) and not says_so:
            issues.append(
                counterexample(again.state.node, "the second ask does not say, in 15 s, that waiting is fine")
            )
    return Finding(f"at most {longest:.1f} s", issues)


@rule("F4", "walk", "From 0 to ringing at most 6 s before a language is known, and 10 s after.")
def zero_to_ringing(evidence: Evidence) -> Finding:
    issues, before, after = list[Issue](), 0.0, 0.0
    for state in evidence.menus:
        for transition in evidence.on(state, KeyPressed, "0"):
            seconds = evidence.from_step(transition.step) or 0.0
            if state.language is None:
                before = max(before, seconds)
            else:
                after = max(after, seconds)
            if seconds > (10 if state.language else 6):
                issues.append(counterexample(state.node, f"{seconds:.1f} s from 0 to ringing in {state.language}"))
    return Finding(f"{before:.1f} s before a language is known, {after:.1f} s after", issues)
