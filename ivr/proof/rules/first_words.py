"""The rules of the first words (F1-F4), proved over the whole walk."""

from __future__ import annotations

from collections.abc import Callable

from ivr.core.call import (
    Collect,
    KeyPressed,
    NoInput,
)
from ivr.core.issue import Issue
from ivr.core.prompts import SAFETY, WAIT
from ivr.proof.evidence import (
    DANGER,
    MACHINE,
    Evidence,
    chooses,
    known_starts,
    starts,
)
from ivr.proof.registry import Proof, against, proof


def first_words(evidence: Evidence) -> Proof:
    """F1: who we are and 112 in at most 10 s; each language names itself in 2.5 s; the menu in 30 s."""
    found, opening, menu, longest = list[Issue](), 0.0, 0.0, 0.0
    for start in starts(evidence):
        choices = [p for p in start.step.plays if p.prompt.endswith(".choice")]
        before = start.step.plays[: len(start.step.plays) - len(choices)]
        opening, menu = max(opening, evidence.length(before)), max(menu, evidence.length(tuple(choices)))
        longest = max([longest, *map(evidence.seconds, choices)])
        said = {play.language for play in before if play.prompt.startswith(SAFETY)}
        if said != set(evidence.content.languages.before_choice):
            found.append(against("F1", start.step.state.node, "who we are and 112 are not said in all first languages"))
    for value, most, what in ((opening, 10, "opening"), (menu, 30, "language menu"), (longest, 2.5, "one language")):
        if value > most:
            found.append(
                against("F1", evidence.content.flow.start, f"{what} takes {value:.1f} s of {most}", "Shorten it")
            )
    return proof("F1", "walk", f"opening {opening:.1f} s, languages {menu:.1f} s, one {longest:.1f} s", found)


def after_the_choice(evidence: Evidence) -> Proof:
    """F2: after the choice, in that language: danger, the machine (at most 5 s), our phone's hours, the menu.

    So it is where the language was known from the start.
    """
    found, count, machine = list[Issue](), 0, 0.0
    chosen = [t for t in evidence.walk.transitions if chooses(evidence, t) and not t.old]
    for transition in (*chosen, *known_starts(evidence)):
        count += 1
        said = transition.step.plays
        ids = [play.prompt for play in said]
        hours = next((id_ for id_ in ids if id_.startswith("hours.phone.")), "")
        wanted = [DANGER, MACHINE, hours]
        machine = max([machine, *(evidence.seconds(play) for play in said if play.prompt == MACHINE)])
        mixed = {play.language for play in said} != {transition.step.state.language}
        if [id_ for id_ in ids if id_ in wanted] != wanted or mixed or machine > 5:
            found.append(
                against("F2", transition.step.state.node, "danger, the machine and our hours are not said in order")
            )
    return proof("F2", "walk", f"{count} choices; 'this is a machine' {machine:.1f} s", found)


def nobody_presses(evidence: Evidence) -> Proof:
    """F3: whoever presses nothing from pick-up on hears in at most 15 s, in all first languages, that waiting is
    fine, and ringing within 90 s, whatever the hour."""
    times = [evidence.from_step(start.step) for start in (*starts(evidence), *known_starts(evidence))]
    longest = max((time for time in times if time is not None), default=0.0)
    found = [] if times and None not in times and longest <= 90 else [
        against("F3", evidence.content.flow.start, f"{longest:.0f} s of silence until a phone rings", "Shorten it")
    ]  # fmt: skip
    for again in (t.step for start in starts(evidence) for t in evidence.on(start.step.state, NoInput)):
        fine = {p.language for p in again.plays if p.prompt.endswith(WAIT)}
        told = fine == set(evidence.content.languages.before_choice) and evidence.length(again.plays) <= 15
        if isinstance(again.then, Collect) and not told:
            found.append(against("F3", again.state.node, "the second ask does not say, in 15 s, that waiting is fine"))
    return proof("F3", "walk", f"at most {longest:.1f} s", found)


def zero_to_ringing(evidence: Evidence) -> Proof:
    """F4: from 0 to ringing at most 6 s before a language is known, and 10 s after."""
    found, before, after = list[Issue](), 0.0, 0.0
    for state in evidence.menus:
        for transition in evidence.on(state, KeyPressed, "0"):
            seconds = evidence.from_step(transition.step) or 0.0
            if state.language is None:
                before = max(before, seconds)
            else:
                after = max(after, seconds)
            if seconds > (10 if state.language else 6):
                found.append(against("F4", state.node, f"{seconds:.1f} s from 0 to ringing in {state.language}"))
    return proof("F4", "walk", f"{before:.1f} s before a language is known, {after:.1f} s after", found)


RULES: tuple[Callable[[Evidence], Proof], ...] = (first_words, after_the_choice, nobody_presses, zero_to_ringing)
