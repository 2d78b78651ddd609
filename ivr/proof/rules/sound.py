"""The rules of sound (S1-S3), proved over the clips that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.content.checks.texts import gap
from ivr.core.content import Content
from ivr.core.issue import Issue
from ivr.core.utterance import Clip, Utterance
from ivr.proof.registry import Proof, proof
from ivr.speech.clips import ENGINES, EngineName, Rendered, ending_of
from ivr.speech.port import AUDIO_REMEDY

WORDS_A_MINUTE, MOST_LETTERS_A_SECOND, A_TENTH_LESS = 135, 12.1, 1.1
"""English at most 135 words a minute with pauses; of our texts that is 12.1 letters a second.

Others in proportion: peoples speak at very different rates of syllables, and tell at much the same rate (Coupe and
others, Science Advances 5, 2019). So what English tells in a second, another language may tell in a tenth less.
"""
SPREAD_DB, SPREAD_BETWEEN_DB = 2.0, 3.0
LEAST_SLOWER = 1.15
LANGUAGES, OFFICE = "prompts/languages.yaml", "prompts/office.yaml"
BUILD = "Make the clips: ivr audio build"


@dataclass(frozen=True)
class Heard:
    """One clip and what it says."""

    said: Utterance
    clip: Clip
    path: Path


def unvoiced(content: Content, voiced: frozenset[str]) -> list[Issue]:
    """The languages that are whole and cannot be offered, for want of a voice; and the numbers that belong to one."""
    silent = [code for code in content.languages.languages if code in content.offered - voiced]
    numbers = content.office.languages_by_number
    return [
        *(_voiceless(content, code) for code in silent),
        *(
            Issue("note", OFFICE, ("languages_by_number", number), f"{code} is not offered yet", "Give it a voice")
            for number, code in numbers.items()
            if code not in voiced
        ),
    ]


def _voiceless(content: Content, code: str) -> Issue:
    where, language = ("languages", code), content.languages.languages[code]
    made = language.google or language.offline
    remedy = f"Make its clips: ivr audio build --lang {code}" if made else f"Record it: ivr audio script --lang {code}"
    if gap(content.languages, code) == "broken":
        remedy = f"Give it a provider_voice, or: {remedy}"
        return Issue("broken", LANGUAGES, where, f"{code} is needed on every call, and has no voice", remedy, code)
    return Issue("note", LANGUAGES, where, f"{code} is not offered: no voice", remedy, code)


def made_clips(content: Content, rendered: Rendered, script: tuple[Utterance, ...]) -> Mapping[str, list[Heard]]:
    """The clips of each language that an engine has made whole; of two engines, the better."""
    found: dict[str, list[Heard]] = {}
    for code in content.languages.languages:
        said = [utterance for utterance in script if utterance.language == code]
        for engine in ENGINES:
            if said and (heard := _heard(rendered, said, engine)):
                found[code] = heard
                break
    return found


def _heard(rendered: Rendered, said: Iterable[Utterance], engine: EngineName) -> list[Heard] | None:
    """The clip of each utterance in an engine; None where one is not made."""
    heard = []
    for utterance in said:
        if (clip := rendered.clip(utterance, engine)) is None:
            return None
        heard.append(Heard(utterance, clip, rendered.paths[clip.name]))
    return heard


def prove_sound(
    content: Content, rendered: Rendered | None, made: Mapping[str, list[Heard]], script: Iterable[Utterance]
) -> list[Proof]:
    """S1, S2 and S3, or that there is nothing to hear yet."""
    if not made or rendered is None:
        return [Proof(rule, "not yet", f"no language is made whole. {BUILD}") for rule in ("S1", "S2", "S3")]
    try:
        levels = _levels(content, made)
    except ImportError as missing:
        levels = Proof("S1", "not yet", f"nothing here measures clips ({missing}). {AUDIO_REMEDY}")
    return [levels, _pace(content.languages.source, script, made), _one_voice(content, rendered, made)]


def _levels(content: Content, made: Mapping[str, list[Heard]]) -> Proof:
    """S1: format, level, peak and silences of every clip; alike within a language and between them."""
    from ivr.speech.mulaw import BadClip, read_clip
    from ivr.speech.telephone import faults, measure

    found, count, levels = list[Issue](), 0, dict[str, list[float]]()
    for code, clips in made.items():
        for heard in clips:
            count += 1
            try:
                measured = measure(read_clip(heard.path))
            except BadClip as bad:
                found.append(_issue("S1", heard.said, str(bad)))
                continue
            levels.setdefault(code, []).append(measured.active_dbov)
            found += [_issue("S1", heard.said, fault) for fault in faults(measured, ending_of(content, heard.said))]
    spread = max(max(each) - min(each) for each in levels.values())
    means = [sum(each) / len(each) for each in levels.values()]
    between = max(means) - min(means)
    if spread > SPREAD_DB or between > SPREAD_BETWEEN_DB:
        found.append(_issue("S1", made[next(iter(made))][0].said, f"levels spread {spread:.1f} and {between:.1f} dB"))
    return proof("S1", "sound", f"{count} clips; levels within {spread:.1f} dB, languages {between:.1f} dB", found)


def _pace(source: str, script: Iterable[Utterance], made: Mapping[str, list[Heard]]) -> Proof:
    """S2: slow enough, with pauses; the slow version at least 15 % slower."""
    english = {said.id: len(said.text) for said in script if said.language == source and not said.slow}
    found, told = list[Issue](), list[str]()
    for code, clips in made.items():
        normal = {h.said.id: h for h in clips if not h.said.slow and not h.said.prompt.startswith("digit.")}
        shared = [heard for id_, heard in normal.items() if id_ in english]
        seconds = sum(heard.clip.seconds for heard in shared)
        words = sum(len(heard.said.text.split()) for heard in shared) / seconds * 60
        told.append(f"{code} {words:.0f} words a minute")
        letters = sum(english[heard.said.id] for heard in shared) / seconds
        own = code == source
        if letters > MOST_LETTERS_A_SECOND * (1 if own else A_TENTH_LESS) or (own and words > WORDS_A_MINUTE):
            found.append(_issue("S2", clips[0].said, f"{code} is spoken too fast: {words:.0f} words a minute"))
        found += _not_slower(clips, normal)
    return proof("S2", "sound", "; ".join(told), found)


def _not_slower(clips: list[Heard], normal: Mapping[str, Heard]) -> Iterator[Issue]:
    slow = [heard for heard in clips if heard.said.slow and heard.said.id in normal]
    fast = sum(normal[heard.said.id].clip.seconds for heard in slow)
    if slow and sum(heard.clip.seconds for heard in slow) < LEAST_SLOWER * fast:
        yield _issue("S2", slow[0].said, "the slow version is hardly slower")


def _one_voice(content: Content, rendered: Rendered, made: Mapping[str, list[Heard]]) -> Proof:
    """S3: one made voice a language."""
    found, voices = list[Issue](), list[str]()
    for code, clips in made.items():
        engines = {_engine(rendered, heard) for heard in clips}
        voices.append(f"{code} {'+'.join(sorted(engines))}")
        if len(engines) != 1:
            found.append(_issue("S3", clips[0].said, f"{code} is spoken by more than one voice"))
    return proof("S3", "sound", f"made voices: {', '.join(voices)} of {len(content.offered)} languages", found)


def _engine(rendered: Rendered, heard: Heard) -> EngineName:
    return next(engine for engine in ENGINES if rendered.name(heard.said, engine) == heard.clip.name)


def _issue(rule: str, said: Utterance, message: str) -> Issue:
    text = f"rule {rule}: '{said.id}' in {said.language}: {message}"
    return Issue(
        "broken", LANGUAGES, ("languages", said.language), text, "Make the clip again, or change pace or voice"
    )
