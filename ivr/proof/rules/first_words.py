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
    found, opening, menu, longest = list[Issue](), 0.0, 0.0, 0.0
    for start in starts(evidence):
        choices = [p for p in start.step.plays if p.prompt.endswith(".choice")]
        before = start.step.plays[: len(start.step.plays) - len(choices)]
        opening, menu = max(opening, evidence.length(before)), max(menu, evidence.length(tuple(choices)))
        longest = max([longest, *map(evidence.seconds, choices)])
        said = {play.language for play in before if play.prompt.startswith(SAFETY)}
        if said != set(evidence.content.languages.before_choice):
            found.append(
                counterexample(start.step.state.node, "who we are and 112 are not said in all first languages")
            )
    for value, most, what in ((opening, 10, "opening"), (menu, 30, "language menu"), (longest, 2.5, "one language")):
        if value > most:
            found.append(
                counterexample(evidence.content.flow.start, f"{what} takes {value:.1f} s of {most}", "Shorten it")
            )
    return Finding(f"opening {opening:.1f} s, languages {menu:.1f} s, one {longest:.1f} s", found)


@rule(
    "F2",
    "walk",
    "After the choice, in that language: danger, that this is a machine (at most 5 s), whether our phone is open,"
    " the menu. So it is where the language was known from the start.",
)
def after_the_choice(evidence: Evidence) -> Finding:
    found, count, machine = list[Issue](), 0, 0.0
    chosen = [t for t in evidence.walk.transitions if chooses(evidence, t) and not t.old]
    for transition in (*chosen, *known_starts(evidence)):
        count += 1
        said = transition.step.plays
        ids = [play.prompt for play in said]
        hours = next((id_ for id_ in ids if id_.startswith("hours.phone.")), "")
        wanted = [evidence.roles.danger, evidence.roles.machine, hours]
        machine = max([machine, *(evidence.seconds(play) for play in said if play.prompt == evidence.roles.machine)])
        mixed = {play.language for play in said} != {transition.step.state.language}
        if [id_ for id_ in ids if id_ in wanted] != wanted or mixed or machine > 5:
            found.append(
                counterexample(transition.step.state.node, "danger, the machine and our hours are not said in order")
            )
    return Finding(f"{count} choices; 'this is a machine' {machine:.1f} s", found)


@rule(
    "F3",
    "walk",
    "Whoever presses nothing from pick-up on hears in at most 15 s, in all first languages, that waiting is fine, and "
    "ringing within 90 s, at any hour.",
)
def nobody_presses(evidence: Evidence) -> Finding:
    times = [evidence.from_step(start.step) for start in (*starts(evidence), *known_starts(evidence))]
    longest = max((time for time in times if time is not None), default=0.0)
    found = [] if times and None not in times and longest <= 90 else [
        counterexample(evidence.content.flow.start, f"{longest:.0f} s of silence until a phone rings", "Shorten it")
    ]  # fmt: skip
    for again in (t.step for start in starts(evidence) for t in evidence.on(start.step.state, NoInput)):
        fine = {p.language for p in again.plays if p.prompt.endswith(WAIT)}
        told = fine == set(evidence.content.languages.before_choice) and evidence.length(again.plays) <= 15
        if isinstance(again.action, Collect) and not told:
            found.append(counterexample(again.state.node, "the second ask does not say, in 15 s, that waiting is fine"))
    return Finding(f"at most {longest:.1f} s", found)


@rule("F4", "walk", "From 0 to ringing at most 6 s before a language is known, and 10 s after.")
def zero_to_ringing(evidence: Evidence) -> Finding:
    found, before, after = list[Issue](), 0.0, 0.0
    for state in evidence.menus:
        for transition in evidence.on(state, KeyPressed, "0"):
            seconds = evidence.from_step(transition.step) or 0.0
            if state.language is None:
                before = max(before, seconds)
            else:
                after = max(after, seconds)
            if seconds > (10 if state.language else 6):
                found.append(counterexample(state.node, f"{seconds:.1f} s from 0 to ringing in {state.language}"))
    return Finding(f"{before:.1f} s before a language is known, {after:.1f} s after", found)
