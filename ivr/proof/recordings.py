"""Whether recordings keep the rules of seconds (rule M0): one that is too long is told before it is taken into use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from math import ceil

from ivr.core.content import Content
from ivr.core.issue import any_broken
from ivr.core.script import closed_set, recorded_as
from ivr.proof.evidence import Evidence
from ivr.proof.prove import prove, walk_all
from ivr.proof.registry import rules
from ivr.speech.clips import Recordings, Rendered
from ivr.speech.voices import Audio

Seconds = Mapping[str, float]
"""Id of a sentence -> the seconds of its recording."""
CLOSE_S = 0.05
"""How closely the longest time that is allowed is sought."""


def heard_now(content: Content, today: date, audio: Audio) -> Evidence:
    """What is heard with the clips and recordings that are there."""
    recordings = Recordings(content, audio.recorded)
    clips = ((utterance, recordings.clip(utterance)) for utterance in closed_set(content, today))
    recorded = {utterance: clip.seconds for utterance, clip in clips if clip}
    return Evidence(walk_all(content, today), today, Rendered(content, audio.rendered), recorded)


def too_long(before: Evidence, language: str, new: Seconds) -> dict[str, str]:
    """Id -> why a new recording of a language cannot be used: with it a rule of seconds would be broken.

    The others keep all rules together. A rule that is broken `before` is no reason.
    """
    said = [utterance for utterance in before.script if utterance.language == language]

    def broken(new: Seconds, ids: Iterable[str]) -> list[str]:
        """Which of some rules are broken with new recordings of these seconds."""
        recorded = {u: new[id_] for u in said if (id_ := recorded_as(u).id) in new}
        evidence = replace(before, recorded={**before.recorded, **recorded})
        return [id_ for id_ in ids if any_broken(rules()[id_].prove(evidence).counterexamples)]

    kept = [proof.rule for proof in prove(before, "walk", "text") if not any_broken(proof.counterexamples)]
    # What all of them keep together, some of them keep too: these rules only say "at most".
    suspected = broken(new, kept)
    usual = {u.id: before.seconds(u) for u in said if not u.slow and not u.ends_group}
    # What is hardly longer than now is taken first: so the recording that is refused is the one to be shortened.
    in_order = sorted(new, key=lambda id_: new[id_] - usual.get(id_, 0.0))
    taken = _most(lambda ids: not broken({id_: new[id_] for id_ in ids}, suspected), in_order)
    good = {id_: new[id_] for id_ in taken}

    def why(id_: str) -> str:
        reasons = broken({**good, id_: new[id_]}, suspected)
        most = _longest(lambda seconds: not broken({**good, id_: seconds}, reasons), usual.get(id_, 0.0), new[id_])
        save = ceil((new[id_] - most) * 10) / 10
        return (
            f"It takes {new[id_]:.1f} s, which is {save:.1f} s too long for rule {' and '.join(reasons)}. Speak it in "
            f"{new[id_] - save:.1f} s. Callers go on hearing what they heard. Why: ivr rules {' '.join(reasons)}"
        )

    return {id_: why(id_) for id_ in new if id_ not in good}


def _most(hold: Callable[[list[str]], bool], ids: list[str]) -> list[str]:
    """The ids that hold together, in their order; one that does not hold with those before it is left out."""
    taken, waiting = list[str](), [ids]
    while waiting:
        part = waiting.pop()
        if hold([*taken, *part]):
            taken += part
        elif len(part) > 1:
            half = len(part) // 2
            waiting += [part[half:], part[:half]]
    return taken


def _longest(hold: Callable[[float], bool], least: float, most: float) -> float:
    """The longest time that holds, between one that does and one that does not."""
    while most - least > CLOSE_S:
        middle = (least + most) / 2
        least, most = (middle, most) if hold(middle) else (least, middle)
    return least
