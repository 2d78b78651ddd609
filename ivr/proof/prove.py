"""Prove every rule for a content, with the same engine and provider that answer calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from ivr.content.checks.hours import exact_hours, said_plainly, without_times
from ivr.content.load import load
from ivr.core.content import Content
from ivr.core.issue import Issue, any_broken
from ivr.core.utterance import Sound, SpokenByProvider, Utterance
from ivr.garbage import no_garbage_collection
from ivr.proof.evidence import Evidence
from ivr.proof.kept import NOTHING_KEPT, Kept
from ivr.proof.moves import Moves, Places
from ivr.proof.recordings import must_fall, with_recordings
from ivr.proof.registry import By, Proof, rules
from ivr.proof.ringing import RingingTimes, ringing
from ivr.proof.voices import unusable, voice_issues
from ivr.proof.walk import Moment, Walk, moments, walk, with_any_closing
from ivr.speech.clips import Rendered
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from ivr.telephony.port import LineNumbers
from ivr.telephony.providers import PROVIDER

OF_SECONDS = frozenset({"M1", "M4"})
"""The rules of seconds that sentences about opening hours are part of."""
NUMBERS_A_CONTACT = 2
"""The walk gives each contact so many: what holds for the second number holds for every further one."""

NOTHING_PROVED: Mapping[str, Proof] = MappingProxyType({})


@dataclass(frozen=True)
class Proved:
    """The content, or None where it is broken; its issues; and a proof of every rule.

    `measured`: the languages whose seconds are those of clips; the others are estimated. `offered`: the languages that
    are whole, have a voice and wait for no approval.
    """

    content: Content | None
    issues: tuple[Issue, ...]
    proofs: tuple[Proof, ...] = ()
    walked: Walk | None = None
    measured: frozenset[str] = frozenset()
    ringing: tuple[RingingTimes, ...] = ()
    offered: frozenset[str] = frozenset()


def load_and_prove(
    folder: Path, today: date, audio: Audio = NO_AUDIO, *, require_approval: bool = False, kept: Kept = NOTHING_KEPT
) -> Proved:
    """Read the content of a folder and prove every rule; a counterexample that is broken breaks the content.

    With clips, seconds are theirs and the rules of sound are proved too. The proofs cover every language that is whole,
    whether or not it has a voice. `require_approval`: whether every language waits for that of its safety sentences.
    `kept`: where what was proved before is found, and kept for the next time.
    """
    loaded = load(folder, today, audio.recorded)
    if loaded.content is None:
        return Proved(None, loaded.issues)
    if faults := unusable(loaded.content):
        return Proved(None, loaded.in_order([*loaded.issues, *faults]))
    rendered = Rendered(loaded.content, audio.rendered)
    settled = settle(loaded.content, today, rendered, kept=kept)
    content, evidence, proofs = settled.content, settled.evidence, settled.proofs
    selector = VoiceSelector(content, audio, today, require_approval=require_approval, rendered=rendered)
    if selector.unproved:
        selector.proved(must_fall(evidence, audio.recordings(content)))
    counterexamples = (issue for proof in proofs for issue in proof.counterexamples)
    issues = loaded.in_order([*loaded.issues, *settled.notes, *voice_issues(content, selector), *counterexamples])
    unbroken = None if any_broken(issues) else content
    times = tuple(ringing(evidence)) if unbroken else ()
    return Proved(unbroken, issues, proofs, evidence.walk, frozenset(evidence.made), times, selector.offered)


def made_now(
    content: Content, today: date, audio: Audio, kept: Kept = NOTHING_KEPT, walked: Walk | None = None
) -> Evidence:
    """What is heard with the clips that are there, and without recordings; `walked`: the walk, if there is one."""
    return Evidence(walked or find_moves(content, today, kept).walk, today, Rendered(content, audio.rendered))


def prove_recordings(
    voices: VoiceSelector, content: Content, today: date, audio: Audio, kept: Kept = NOTHING_KEPT
) -> None:
    """Let recordings of which nobody knows whether they keep the rules of seconds be heard, or fall (rule M0)."""
    if voices.unproved:
        voices.proved(must_fall(made_now(content, today, audio, kept), audio.recordings(content)))


def heard_now(content: Content, today: date, audio: Audio, kept: Kept = NOTHING_KEPT) -> Evidence:
    """What is heard with the clips and the recordings that are there."""
    return with_recordings(made_now(content, today, audio, kept), audio.recordings(content))


def prove(evidence: Evidence, *by: By, moves: Mapping[str, Proof] = NOTHING_PROVED) -> tuple[Proof, ...]:
    """Prove every rule, or only those with one of the kinds of proof named; `moves`: proofs that are there already."""
    wanted = (rule for rule in rules().values() if not by or rule.by in by)
    with no_garbage_collection():
        return tuple(moves.get(rule.id) or rule.prove(evidence) for rule in wanted)


@dataclass(frozen=True)
class Settled:
    """A content with the proofs of its rules, and notes on sentences that are said without their times for it.

    `without_times`: the languages in which no day or time is said of the hours.
    """

    content: Content
    evidence: Evidence
    proofs: tuple[Proof, ...]
    notes: tuple[Issue, ...] = ()
    without_times: frozenset[str] = frozenset()


def settle(
    content: Content, today: date, rendered: Rendered | None = None, *by: By, kept: Kept = NOTHING_KEPT
) -> Settled:
    """Prove a content; where only its seconds are too many, prove it with no day or time in what it says of hours.

    They are left out in the languages that are too slow, else in all. So a change of hours is never refused for its
    words or seconds (rule O4).
    """

    def proved(content: Content) -> tuple[Evidence, tuple[Proof, ...]]:
        moves = find_moves(content, today, kept)
        evidence = Evidence(moves.walk, today, rendered, kept=kept)
        return evidence, prove(evidence, *by, moves=moves.proofs)

    settled = Settled(content, *proved(content))
    found = [(proof.rule, issue) for proof in settled.proofs for issue in proof.counterexamples]
    broken = {rule: issue for rule, issue in found if issue.severity == "broken"}
    if not broken or not broken.keys() <= OF_SECONDS:
        return settled
    why = f"would break rule {', '.join(sorted(broken))} in some language"
    slow = frozenset(issue.language for _, issue in found if issue.language)
    for languages in dict.fromkeys((slow, content.offered)):
        exact = exact_hours(content, today, languages)
        shorter = without_times(content, exact)
        evidence, proofs = proved(shorter)
        if not any(any_broken(proof.counterexamples) for proof in proofs):
            return Settled(shorter, evidence, proofs, tuple(said_plainly(exact, why)), languages)
    return settled  # hours are not the reason


def find_moves(content: Content, today: date, kept: Kept) -> Moves:
    """The moves of a content, as they were kept; else it is walked, and they are kept."""
    if not kept.is_possible:
        return Moves(walk_all(content, today), {})
    with no_garbage_collection():
        walkable = _walkable(content, today)
        places = Places(walkable, moments(walkable.office, today))
        if found := places.read(kept):
            return found
        walked = walk_all(content, today)
        evidence = Evidence(walked, today)
        proofs = {rule.id: rule.prove(evidence) for rule in rules().values() if rule.reads == "moves"}
        found = Moves(walked, proofs)
        places.keep(kept, found)
        return found


def walk_all(content: Content, today: date) -> Walk:
    """Walk the content, with any closing, through the writer and the reader of the line's provider."""
    content = _walkable(content, today)
    return walk_at(content, moments(content.office, today))


def walk_at(content: Content, times: Sequence[Moment]) -> Walk:
    """The same with the closings that the content has, at some times."""
    office = content.office
    numbers = {
        name: tuple(f"{name} {place}" for place in range(count)) for name, count in content.number_counts.items()
    }
    line = LineNumbers("https://line.example", "our number", numbers, office.country, office.rings)
    provider = PROVIDER(content, line, ("no secret",), _any_voice)
    with no_garbage_collection():
        return walk(content, times, provider)


def _walkable(content: Content, today: date) -> Content:
    """The content as it is walked: with several numbers of each contact, and with any closing."""
    numbers = dict.fromkeys(content.office.contacts, NUMBERS_A_CONTACT)
    return with_any_closing(content.with_numbers(numbers), today)


def _any_voice(utterance: Utterance) -> tuple[Sound, ...]:
    """A sound for every utterance; which voice it is does not change where a call goes."""
    return (SpokenByProvider("any", utterance.language, utterance.text, utterance.slow),)
