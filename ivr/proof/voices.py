"""Issues of voices: unknown voice sources, and languages that are whole but have no voice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ivr.content.files import LANGUAGES, OFFICE
from ivr.content.texts import gap_severity
from ivr.core.content import Content
from ivr.core.issue import Issue
from ivr.core.languages import PROVIDER
from ivr.speech.engines import VOICE_SOURCES

MUTE = "has no voice of the provider, which speaks when anything breaks"


WAITS = "is not offered before its safety sentences are approved"
APPROVE = "Let a native reader approve them: ivr texts review {code} --safety --by NAME"


def unvoiced(content: Content, voiced: frozenset[str]) -> list[Issue]:
    """The issues of voices; `voiced`: the languages with a voice for every sentence."""
    silent = [code for code in content.languages.languages if code in content.offered - voiced]
    numbers = content.office.languages_by_number
    return [
        *_unknown_sources(content),
        *(
            Issue("broken", LANGUAGES, ("languages", code), f"{code} {MUTE}", "Add 'provider' below 'voices'", code)
            for code in content.languages.before_choice
            if not content.languages.languages[code].provider_voice
        ),
        *(_voiceless(content, code) for code in silent),
        *(
            Issue("note", OFFICE, ("languages_by_number", number), f"{code} is not offered yet", "Give it a voice")
            for number, code in numbers.items()
            if code not in voiced
        ),
    ]


def unapproved(waiting: Iterable[str]) -> list[Issue]:
    """A note for each language that waits for the approval of its safety sentences."""
    return [
        Issue("note", LANGUAGES, ("languages", code), f"{code} {WAITS}", APPROVE.format(code=code), code)
        for code in waiting
    ]


def _unknown_sources(content: Content) -> Iterator[Issue]:
    for code, language in content.languages.languages.items():
        for source in language.voices.keys() - VOICE_SOURCES.keys():
            where, known = ("languages", code, "voices", source), ", ".join(VOICE_SOURCES)
            yield Issue("broken", LANGUAGES, where, f"'{source}' gives no voices; there are {known}", "Correct it")


def _voiceless(content: Content, code: str) -> Issue:
    where, language = ("languages", code), content.languages.languages[code]
    made = any(source != PROVIDER for source in language.voices)
    remedy = f"Make its clips: ivr audio build --lang {code}" if made else f"Record it: ivr audio script --lang {code}"
    if gap_severity(content.languages, code) == "broken":
        remedy = f"Give it a voice of the provider, or: {remedy}"
        return Issue("broken", LANGUAGES, where, f"{code} is needed on every call, and has no voice", remedy, code)
    return Issue("note", LANGUAGES, where, f"{code} is not offered: no voice", remedy, code)
