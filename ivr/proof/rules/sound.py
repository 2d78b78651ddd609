"""The rules of sound (S1-S3), proved over the clips that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ivr.content.files import LANGUAGES
from ivr.core.issue import Issue
from ivr.core.utterance import Utterance
from ivr.proof.evidence import Evidence, MadeClip
from ivr.proof.measures import Measures
from ivr.proof.registry import Finding, NotYet, rule, rule_by_test
from ivr.speech.clips import ending_of
from ivr.speech.limits import Measured, faults
from ivr.speech.port import AUDIO_REMEDY

WORDS_A_MINUTE, MOST_LETTERS_A_SECOND, A_TENTH_LESS = 135, 12.0, 1.1
"""English at most 135 words a minute with pauses; in our texts that is 12 letters a second.

Other languages in proportion: they differ much in syllables a second, but little in information a second (Coupé et al.,
Science Advances 5, 2019). So a text may be a tenth faster in another language than in English.
"""
SPREAD_DB, SPREAD_BETWEEN_DB = 2.0, 3.0
"""Largest difference in active speech level (ITU-T P.56): within a language, and between the means of languages."""
LEAST_SLOWER = 1.15
"""Least ratio of the length of the slow clips to that of the others."""


def _clips(evidence: Evidence) -> Mapping[str, list[MadeClip]]:
    """The clips to be measured, by language; NotYet if no language has all of its clips."""
    if not evidence.made:
        raise NotYet("no language is made whole. Make the clips: ivr audio build")
    return evidence.made


@rule(
    "S1",
    "sound",
    "G.711 mu-law, 8 kHz, mono; level, peak and silences of every clip within their limits, alike within a language "
    "and between languages.",
)
def levels_and_silences(evidence: Evidence) -> Finding:
    clips = _clips(evidence)
    measures = Measures(evidence.kept, next(iter(clips.values()))[0].path.parent, _measure)
    issues, count, levels = list[Issue](), 0, dict[str, list[float]]()
    for code, several in clips.items():
        for made in several:
            count += 1
            try:
                measured = measures.of(made.path)
            except _BadClip as bad:
                issues.append(_issue(made.utterance, str(bad)))
                continue
            levels.setdefault(code, []).append(measured.active_dbov)
            ending = ending_of(evidence.content, made.utterance)
            issues += [_issue(made.utterance, fault) for fault in faults(measured, ending)]
    measures.keep()
    spread = max((max(each) - min(each) for each in levels.values()), default=0.0)
    means = [sum(each) / len(each) for each in levels.values()]
    between = max(means, default=0.0) - min(means, default=0.0)
    if spread > SPREAD_DB or between > SPREAD_BETWEEN_DB:
        first = next(iter(clips.values()))[0]
        issues.append(_issue(first.utterance, f"levels spread {spread:.1f} and {between:.1f} dB"))
    return Finding(f"{count} clips; levels within {spread:.1f} dB, languages {between:.1f} dB", issues)


class _BadClip(Exception):
    """A file is not a whole clip; the message gives the remedy."""


def _measure(path: Path) -> Measured:
    """Measure a clip. NotYet where nothing here can."""
    try:
        from ivr.speech.mulaw import BadClip, read_clip
        from ivr.speech.telephone import measure
    except ImportError as missing:
        raise NotYet(f"nothing here measures clips ({missing}). {AUDIO_REMEDY}") from missing
    try:
        return measure(read_clip(path))
    except BadClip as bad:
        raise _BadClip(str(bad)) from bad


@rule(
    "S2",
    "sound",
    "Slow enough: English at most 135 words a minute with pauses, others in proportion; the slow version at least 15 % "
    "slower.",
)
def pace(evidence: Evidence) -> Finding:
    source = evidence.content.languages.source
    english = {u.id: len(u.text) for u in evidence.script if u.language == source and not u.slow}
    issues, rates = list[Issue](), list[str]()
    for code, clips in _clips(evidence).items():
        normal = {made.utterance.id: made for made in clips if _tells_the_pace(made.utterance)}
        shared = [made for id_, made in normal.items() if id_ in english]
        seconds = sum(made.clip.seconds for made in shared)
        words = sum(len(made.utterance.text.split()) for made in shared) / seconds * 60
        rates.append(f"{code} {words:.0f} words a minute")
        letters = sum(english[made.utterance.id] for made in shared) / seconds
        own = code == source
        if letters > MOST_LETTERS_A_SECOND * (1 if own else A_TENTH_LESS) or (own and words > WORDS_A_MINUTE):
            issues.append(_issue(clips[0].utterance, f"{code} is spoken too fast: {words:.0f} words a minute"))
        issues += _not_slower(clips, normal)
    return Finding("; ".join(rates), issues)


def _tells_the_pace(utterance: Utterance) -> bool:
    """Whether it is a sentence at the usual pace that no change of hours makes another: none is refused for it (O4)."""
    of_hours = utterance.prompt.startswith("hours.") and utterance.values
    return not (utterance.slow or of_hours or utterance.prompt.startswith("digit."))


def _not_slower(clips: list[MadeClip], normal: Mapping[str, MadeClip]) -> Iterator[Issue]:
    slow = [made for made in clips if made.utterance.slow and made.utterance.id in normal]
    fast = sum(normal[made.utterance.id].clip.seconds for made in slow)
    if slow and sum(made.clip.seconds for made in slow) < LEAST_SLOWER * fast:
        yield _issue(slow[0].utterance, "the slow version is hardly slower")


@rule("S3", "sound", "One made voice a language.")
def one_voice(evidence: Evidence) -> Finding:
    issues, voices = list[Issue](), list[str]()
    for code, clips in _clips(evidence).items():
        engines = {made.engine for made in clips}
        voices.append(f"{code} {'+'.join(sorted(engines))}")
        if len(engines) != 1:
            issues.append(_issue(clips[0].utterance, f"{code} is spoken by more than one voice"))
    return Finding(f"made voices: {', '.join(voices)} of {len(evidence.content.offered)} languages", issues)


rule_by_test(
    "S4",
    "tests/speech/test_handed_in.py",
    "A recording is spoken for the sentence that it was made for and for no other. One that is stale is told by its "
    "id, and a stale one of a safety sentence falls for itself alone.",
)


def _issue(utterance: Utterance, message: str) -> Issue:
    text = f"'{utterance.id}' in {utterance.language}: {message}"
    where, remedy = ("languages", utterance.language), "Make the clip again, change pace or voice"
    return Issue("broken", LANGUAGES, where, text, remedy)
