"""The rules of words (M2, T2, W1, W3, W4), proved over every sentence that the line can say."""

from __future__ import annotations

import re
from datetime import date

from ivr.content.checks.lint import MOST_WORDS, SENTENCE_END
from ivr.content.checks.texts import file_of, gap
from ivr.core.flow import About, Menu
from ivr.core.issue import Issue
from ivr.core.prompts import PLAIN, slots_of
from ivr.core.script import closed_set
from ivr.core.speak import whisper
from ivr.core.utterance import Utterance
from ivr.proof.evidence import Evidence
from ivr.proof.registry import Proof, proof

WHISPER_SECONDS = 25
JARGON = re.compile(r"https?:|www\.|\bweekday|\barkipäiv|\bvardag|\bon-call\b|\bpäivysty|\bjour(en)?\b", re.IGNORECASE)
"""Web addresses, "weekday" (Friday is free elsewhere), and words of the office."""


def prove_words(evidence: Evidence, today: date) -> list[Proof]:
    """Every rule that the sentences themselves can prove."""
    said = all_said(evidence, today)
    return [
        plain_words(evidence, said),
        options_last(evidence),
        whispers(evidence),
        whole_sentences(evidence, said),
        twins(evidence),
    ]


def all_said(evidence: Evidence, today: date) -> frozenset[Utterance]:
    """Every sentence that the line can say; each once, not again for its slow version."""
    return frozenset(utterance for utterance in closed_set(evidence.content, today) if not utterance.slow)


def _issue(evidence: Evidence, rule: str, said: Utterance, message: str, remedy: str) -> Issue:
    languages = evidence.content.languages
    severity, file = gap(languages, said.language), file_of(languages, said.language)
    message = f"rule {rule}: '{said.prompt}' in {said.language} {message}"
    return Issue(severity, file, (said.prompt,), message, remedy, said.language)


def plain_words(evidence: Evidence, said: frozenset[Utterance]) -> Proof:
    """W1: at most 12 words a sentence, no jargon, no web address, no digit."""
    found, longest = list[Issue](), 0
    for utterance in said:
        for sentence in SENTENCE_END.split(utterance.text):
            longest = max(longest, words := len(sentence.split()))
            if words > MOST_WORDS:
                found.append(_issue(evidence, "W1", utterance, f"has a sentence of {words} words", "Make two of it"))
        if jargon := JARGON.search(utterance.text):
            found.append(_issue(evidence, "W1", utterance, f"says '{jargon[0]}'", "Say it in plain words"))
        if re.search(r"\d", utterance.text):
            found.append(_issue(evidence, "W1", utterance, "has digits", "Write them as words"))
    return proof(
        "W1",
        "text",
        f"{len(said)} sentences of {len(evidence.content.offered)} languages; at most {longest} words",
        found,
    )


def options_last(evidence: Evidence) -> Proof:
    """M2: "press a number, or wait" once, before the options; each names itself first and its digit last."""
    found, count = list[Issue](), 0
    content = evidence.content
    for name, node in content.flow.nodes.items():
        if not isinstance(node, Menu):
            continue
        if sum(item.name == "main.press" for item in (*node.say, *node.closing)) > 1:
            where = ("nodes", name, "say")
            found.append(Issue("broken", "prompts/flow.yaml", where, f"rule M2: '{name}' asks twice", "Ask once"))
        for language in content.offered:
            for option in node.options.values():
                text = content.catalogue.texts[language].get(option.say or "", "{key}.")
                count += 1
                if not re.search(r"\{key\}\W*$", text):
                    at = Utterance(option.say or "", language, text)
                    found.append(_issue(evidence, "M2", at, "does not end with its key", "Name first, then {key}"))
    return proof("M2", "text", f"{count} options", found)


def whispers(evidence: Evidence) -> Proof:
    """T2: whoever picks up hears, three times within 25 s, what to press and what the call is about."""
    found, longest, staff = list[Issue](), 0.0, evidence.content.languages.staff
    for language in (None, *sorted(evidence.content.offered)):
        for about in About.__args__:  # type: ignore[attr-defined]
            said = whisper(evidence.content, language, about)
            longest = max(longest, seconds := evidence.length(said))
            if seconds > WHISPER_SECONDS:
                found.append(_issue(evidence, "T2", said[2], f"makes the whisper {seconds:.0f} s long", "Shorten it"))
            if {said.count(part) for part in said} != {3} or {p.language for p in said} != {staff}:
                found.append(
                    _issue(evidence, "T2", said[0], f"is not said three times in {staff}", "Say all of it three times")
                )
    return proof("T2", "text", f"at most {longest:.1f} s", found)


def whole_sentences(evidence: Evidence, said: frozenset[Utterance]) -> Proof:
    """W3: a prompt is one whole text without empty slots, ended like a sentence; only digits are single words."""
    found = [
        _issue(
            evidence, "W3", utterance, f"is no whole sentence: '{utterance.text}'", "Write it whole, with its full stop"
        )
        for utterance in said
        if not utterance.prompt.startswith("digit.") and not re.search(r"^[^{}]+[.?!:؟]$", utterance.text)
    ]
    return proof("W3", "text", f"{len(said)} sentences", found)


def twins(evidence: Evidence) -> Proof:
    """W4: every sentence with a day or a time has a twin without, in every language."""
    found, count = list[Issue](), 0
    content = evidence.content
    for language in content.offered:
        texts = content.catalogue.texts[language]
        for prompt, text in texts.items():
            if prompt.startswith("hours.") and slots_of(text):
                count += 1
                twin = texts.get(prompt + PLAIN, "{")
                if slots_of(twin) or not twin.strip("{"):
                    found.append(
                        _issue(
                            evidence, "W4", Utterance(prompt, language, text), "has no twin", f"Add '{prompt}{PLAIN}'"
                        )
                    )
    return proof("W4", "text", f"{count} sentences", found)
