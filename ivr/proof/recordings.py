"""Whether recordings keep the rules of seconds (rule M0): one that is too long is told before it is taken into use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil

from ivr.core.issue import any_broken
from ivr.core.script import recorded_as, to_record
from ivr.proof.evidence import Evidence
from ivr.proof.registry import rules
from ivr.speech.clips import Recordings

Seconds = Mapping[str, float]
"""Id of a sentence -> the seconds of its recording."""
CLOSE_S = 0.05
"""How closely the longest time that is allowed is sought."""


@dataclass(frozen=True)
class TooLong:
    """A recording takes `seconds`; `most` is the most that the `rules` of seconds let it take."""

    seconds: float
    most: float
    rules: tuple[str, ...]

    def __str__(self) -> str:
        return f"It takes {self.seconds:.1f} s; {self.most:.1f} s is the most (ivr rules {' '.join(self.rules)})"


def with_recordings(evidence: Evidence, recordings: Recordings) -> Evidence:
    """The same with the recordings that are there: they are heard before any clip."""
    clips = ((utterance, recordings.clip(utterance)) for utterance in evidence.script)
    return replace(evidence, recorded={utterance: clip.seconds for utterance, clip in clips if clip})


def must_fall(evidence: Evidence, recordings: Recordings) -> dict[str, str]:
    """Name of a recording -> which and why, of those that are there and are too long for a rule of seconds.

    The import takes none: somebody has copied files, or the flow or the hours have changed since. `evidence`: without
    recordings.
    """
    content, why = evidence.content, dict[str, str]()
    for code in content.languages.languages:
        clips = {said.id: clip for said in to_record(content, evidence.today, code) if (clip := recordings.clip(said))}
        seconds = {id_: clip.seconds for id_, clip in clips.items()}
        told = too_long(evidence, code, seconds)
        why |= {clips[id_].name: f"{code}/{id_} is not spoken. {reason}" for id_, reason in told.items()}
        evidence = _with(evidence, code, {id_: each for id_, each in seconds.items() if id_ not in told})
    return why


def _with(evidence: Evidence, language: str, new: Seconds) -> Evidence:
    """What is heard with new recordings of a language."""
    said = (utterance for utterance in evidence.script if utterance.language == language)
    recorded = {utterance: new[id_] for utterance in said if (id_ := recorded_as(utterance).id) in new}
    return replace(evidence, recorded={**evidence.recorded, **recorded})


def too_long(before: Evidence, language: str, new: Seconds) -> dict[str, TooLong]:
    """Id -> why a new recording of a language cannot be used: with it a rule of seconds would be broken.

    The others keep all rules together. A rule that is broken `before` is no reason.
    """
    if not new:
        return {}

    def broken(new: Seconds, ids: Iterable[str]) -> list[str]:
        """Which of some rules are broken with new recordings of these seconds."""
        evidence = _with(before, language, new)
        return [id_ for id_ in ids if _is_broken(evidence, id_)]

    of_seconds = (id_ for id_, rule in rules().items() if rule.by in ("walk", "text") and rule.reads == "words")
    kept = [id_ for id_ in of_seconds if not _is_broken(before, id_)]
    # What all of them keep together, some of them keep too: these rules only say "at most".
    suspected = broken(new, kept)
    usual = {u.id: before.seconds(u) for u in before.script if u.language == language and u == recorded_as(u)}
    # What is hardly longer than now is taken first: so the recording that is refused is the one to be shortened.
    in_order = sorted(new, key=lambda id_: new[id_] - usual.get(id_, 0.0))
    taken = _most(lambda ids: not broken({id_: new[id_] for id_ in ids}, suspected), in_order)
    good = {id_: new[id_] for id_ in taken}

    def why(id_: str) -> TooLong:
        reasons = broken({**good, id_: new[id_]}, suspected)
        most = _longest(lambda seconds: not broken({**good, id_: seconds}, reasons), usual.get(id_, 0.0), new[id_])
        save = ceil((new[id_] - most) * 10) / 10
        return TooLong(new[id_], round(new[id_] - save, 2), tuple(reasons))

    return {id_: why(id_) for id_ in new if id_ not in good}


def _is_broken(evidence: Evidence, rule: str) -> bool:
    return any_broken(rules()[rule].prove(evidence).counterexamples)


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
