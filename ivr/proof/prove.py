"""Prove what a caller may count on, for this content, by the parts that answer calls."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from ivr.content.load import load
from ivr.core.content import Content
from ivr.core.issue import Issue, any_broken
from ivr.core.script import closed_set
from ivr.core.utterance import Sound, SpokenByProvider, Utterance
from ivr.phone.simulation import AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, contact_numbers
from ivr.proof.evidence import Evidence
from ivr.proof.registry import Proof
from ivr.proof.ringing import RingingTimes, ringing
from ivr.proof.rules import first_words, keys, menus, transfers
from ivr.proof.rules.sound import Heard, made_clips, prove_sound, unvoiced
from ivr.proof.rules.words import prove_words
from ivr.proof.walk import Walk, moments, walk
from ivr.speech.clips import Rendered
from ivr.speech.estimate import estimate
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from ivr.telephony.port import LineNumbers
from ivr.telephony.twilio.provider import Twilio
from ivr.telephony.twiml.received import Happenings

RULES = (
    *("K1", "K2", "K3", "K4", "K5", "K6"),
    *("M1", "M2", "M3", "M4", "M5", "M6"),
    *("F1", "F2", "F3", "F4"),
    *("T1", "T2", "T3", "T4", "T5", "T6", "T7"),
    *("W1", "W2", "W3", "W4", "W5"),
    *("S1", "S2", "S3"),
    *("P1", "P2"),
)
"""Every rule of what a caller may count on."""
BY_TEST = {
    "P1": "tests/test_privacy.py",
    "P2": "tests/telephony/test_nothing_unasked.py",
}


@dataclass(frozen=True)
class Proved:
    """The content, or None where it is broken; all that is wrong with it; and every rule with its proof."""

    content: Content | None
    issues: tuple[Issue, ...]
    proofs: tuple[Proof, ...] = ()
    walked: Walk | None = None
    measured: frozenset[str] = frozenset()
    """The languages whose seconds are those of clips; the others' are estimated."""
    ringing: tuple[RingingTimes, ...] = ()
    offered: frozenset[str] = frozenset()
    """The languages that are whole and have a voice."""


def load_and_prove(folder: Path, today: date, audio: Audio = NO_AUDIO) -> Proved:
    """Read the content of a folder and prove it; a rule that does not hold breaks it.

    Where clips are made, seconds are theirs and sound is proved too. What is proved holds for every language that is
    whole, whether or not it has a voice yet.
    """
    loaded = load(folder, today)
    if loaded.content is None:
        return Proved(None, loaded.issues)
    content = loaded.content
    ladder, rendered = VoiceSelector(content, audio, today), Rendered(content, audio.rendered)
    walked = walk_all(content, today)
    proofs, evidence, measured = prove_walk(walked, today, rendered)
    found = [*unvoiced(content, ladder.voiced), *(issue for proof in proofs for issue in proof.against)]
    issues = loaded.in_order([*loaded.issues, *found])
    whole = None if any_broken(issues) else content
    rings = tuple(ringing(evidence)) if whole else ()
    return Proved(whole, issues, proofs, walked, measured, rings, ladder.voiced)


@contextmanager
def proving(content: Content, today: date) -> Iterator[Callable[[], tuple[Issue, ...]]]:
    """What speaks against a content that was read, once it is asked for.

    Found meanwhile in two processes, whose memory is given back when they end.
    """
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as processes:
        parts = [processes.submit(part, content, today) for part in (_against_walk, _against_words)]
        yield lambda: tuple(issue for part in parts for issue in part.result())


def _against_walk(content: Content, today: date) -> list[Issue]:
    evidence = evidence_of(walk_all(content, today), {})
    with _no_garbage():
        return [issue for proof in _proofs_of_walk(evidence) for issue in proof.against]


def _against_words(content: Content, today: date) -> list[Issue]:
    evidence = evidence_of(Walk(content, (), (), {}, 0), {})
    return [issue for proof in prove_words(evidence, today) for issue in proof.against]


def walk_all(content: Content, today: date) -> Walk:
    """Walk the content through the provider's own writer and reader, with two numbers for each contact."""
    numbers = {name: (*several, several[0]) for name, several in contact_numbers(content.office.contacts).items()}
    content = replace(content, lines={name: len(several) for name, several in numbers.items()})
    rings = {name: contact.ring for name, contact in content.office.contacts.items()}
    line = LineNumbers(PUBLIC_URL, OUR_NUMBER, numbers, rings)
    provider = Twilio(content, line, (AUTH_TOKEN,), _any_voice)
    with _no_garbage():
        return walk(content, moments(content.office, today), Happenings(provider))


def _any_voice(utterance: Utterance) -> Sound:
    """Which voice speaks changes nothing about where a call goes."""
    return SpokenByProvider("any", utterance.language, utterance.text, utterance.slow)


def evidence_of(walked: Walk, made: Mapping[str, list[Heard]]) -> Evidence:
    """The walk with seconds: those of clips, and estimates from the texts where no clip is made."""
    lengths = {heard.said: heard.clip.seconds for clips in made.values() for heard in clips}

    def seconds(utterance: Utterance) -> float:
        return lengths.get(utterance) or estimate(walked.content.languages, utterance)

    return Evidence(walked, seconds)


class Proofs(NamedTuple):
    """A proof, or the name of the test, for every rule; what they looked at; the languages measured by clips."""

    proofs: tuple[Proof, ...]
    evidence: Evidence
    measured: frozenset[str]


def prove_walk(walked: Walk, today: date, rendered: Rendered | None = None) -> Proofs:
    """Prove every rule over a walk and, where clips are made, in their seconds."""
    script = closed_set(walked.content, today)
    made = made_clips(walked.content, rendered, script) if rendered else {}
    evidence = evidence_of(walked, made)
    with _no_garbage():
        proofs = [*_proofs_of_walk(evidence), *prove_words(evidence, today)]
    proofs += [Proof(rule, "test", test) for rule, test in BY_TEST.items()]
    proofs += prove_sound(walked.content, rendered, made, script)
    proofs.sort(key=lambda proof: RULES.index(proof.rule))
    return Proofs(tuple(proofs), evidence, frozenset(made))


def _proofs_of_walk(evidence: Evidence) -> list[Proof]:
    return [rule(evidence) for part in (keys, menus, first_words, transfers) for rule in part.RULES]


@contextmanager
def _no_garbage() -> Iterator[None]:
    """A walk makes a hundred thousand values and drops none: looking for garbage would take as long as walking."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
