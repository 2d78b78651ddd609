"""What native speakers have approved of the safety sentences, and the wordings that stay until new ones are approved.

A safety sentence that was approved, and has changed since, goes on in the words that were approved last: nobody has
read the new ones yet, and without the sentence its language could not be offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from ivr.content.checks.lint import lint
from ivr.content.checks.texts import check_texts
from ivr.content.files import file_of
from ivr.content.po import in_reading_order
from ivr.content.texts import Text, Texts
from ivr.core.content import SafetySentences, once_read
from ivr.core.issue import Issue
from ivr.core.prompts import SLOT, slots_of


class Wording(NamedTuple):
    """The words of a sentence, and how an offline voice must read them, where that differs."""

    text: str
    spoken: str = ""


Kept = Mapping[str, Mapping[str, Wording]]
"""Language -> id -> the wording that was approved last, where another text waits for its approval."""


def kept_wordings(texts: Texts) -> Kept:
    """The approved wordings to be said in place of the texts as they are written now.

    One that could not be said any more is left out: with other slots than its source has now, or wrong by a check.
    """
    candidates = {code: dict(_candidates(texts, code)) for code in _read(texts)}
    if not any(candidates.values()):
        return {}
    trial = _with(texts, candidates)
    wrong = {
        (issue.language, issue.where[0])
        for issue in (*check_texts(trial), *lint(trial))
        if issue.severity != "note" and issue.where
    }
    kept = {
        code: {id_: wording for id_, wording in wordings.items() if (code, id_) not in wrong}
        for code, wordings in candidates.items()
    }
    return {code: wordings for code, wordings in kept.items() if wordings}


def _read(texts: Texts) -> list[str]:
    """The languages whose texts could be read."""
    return [code for code in texts.languages.languages if code in texts.translations or code == texts.languages.source]


def _candidates(texts: Texts, code: str) -> Iterator[tuple[str, Wording]]:
    for id_ in texts.safety(code):
        if texts.approval_state(code, id_) != "changed":
            continue
        approval, written = texts.approvals[code][id_], texts.wording(code, id_)
        slots, needed = slots_of(approval.wording), slots_of(texts.sources[id_].source)
        if sorted(slots) == sorted(needed) and not re.search("[{}]", SLOT.sub("", approval.wording)):
            same = approval.is_of(written.translation, approval.english)
            yield id_, Wording(approval.wording, written.spoken if same else in_reading_order(approval.spoken))


def _with(texts: Texts, wordings: Kept) -> Texts:
    """The texts in which these wordings stand."""
    source = texts.languages.source
    own = {id_: replace(texts.sources[id_], source=words.text) for id_, words in wordings[source].items()}
    sources = {**texts.sources, **own}
    translations = {
        code: {
            **entries,
            **{
                id_: Text(sources[id_].source, words.text, spoken=words.spoken) for id_, words in wordings[code].items()
            },
        }
        for code, entries in texts.translations.items()
    }
    return replace(texts, sources=sources, translations=translations)


def as_said(issues: Iterable[Issue], kept: Kept) -> list[Issue]:
    """The issues of the texts: those of a text that is not said yet are notes."""
    waiting = {(code, id_) for code, wordings in kept.items() for id_ in wordings}
    return [
        replace(issue, severity="note") if (issue.language, *issue.where[:1]) in waiting else issue for issue in issues
    ]


def safety_sentences(texts: Texts, kept: Kept) -> dict[str, SafetySentences]:
    """Language -> how far its safety sentences are approved."""
    found = {}
    for code in _read(texts):
        needed, own = texts.safety(code), kept.get(code, {})
        unapproved = (id_ for id_ in needed if id_ not in own and texts.approval_state(code, id_) != "approved")
        found[code] = SafetySentences(tuple(needed), tuple(unapproved), tuple(id_ for id_ in needed if id_ in own))
    return found


def approval_issues(texts: Texts, safety: Mapping[str, SafetySentences]) -> Iterator[Issue]:
    """Notes about the languages whose safety sentences, as they are written now, no native speaker has approved."""
    for code, sentences in safety.items():
        file = file_of(texts.languages, code)
        if sentences.unapproved:
            remedy = f"Print them: ivr texts sheet {code}. {once_read('them', code, '--safety')}"
            message = f"{texts.name_of(code)}: {sentences.why_unapproved}"
            yield Issue("note", file, sentences.unapproved[:1], message, remedy)
        if sentences.kept:
            stale = [id_ for id_ in sentences.kept if texts.state(code, id_) != "fresh"]
            first = f"Translate {' and '.join(stale)} anew. " if stale else ""
            message = sentences.what_is_kept(texts.name_of(code))
            yield Issue("note", file, sentences.kept[:1], message, first + sentences.sign_kept(code))
