"""Issues of voices: unknown voice sources, and languages that are whole but have no voice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from ivr.content.files import LANGUAGES, OFFICE
from ivr.core.content import Content, once_read
from ivr.core.issue import Issue
from ivr.core.languages import PROVIDER, gap_severity
from ivr.speech.engines import VOICE_SOURCES
from ivr.speech.recorded import print_command
from ivr.speech.voices import MOVE, VoiceSelector

FASTER = "Record it again, faster"
"""The remedy for a recording that is too long for a rule of seconds."""
MUTE = "has no voice of the provider, which speaks when anything breaks"
ON_LINE = 'Press "Take into use" on the office\'s page of languages, once it may be offered'
READER = "Invite a reader on the office's page of languages"
"""The remedy for a voice that nobody has heard."""
CODE = "No language has this code: give the folder the code of its language, or remove it"


def voice_issues(content: Content, voices: VoiceSelector) -> list[Issue]:
    """The issues of voices: the sentences and approvals that each language waits for, and recordings not used."""
    stale = (
        Issue("note", LANGUAGES, ("languages", code), f"{content.name_of(code)}: {why}", _record(code), code)
        for code, why in voices.stale().items()
    )
    long = (Issue("note", LANGUAGES, ("languages",), why, FASTER) for why in voices.too_long)
    unheard = (
        Issue("note", LANGUAGES, ("languages",), f"nobody hears the recordings in {folder}", CODE)
        for folder in voices.unheard
    )
    silent = unvoiced(content, voices.voiced, voices.missing())
    return [
        *silent,
        *unapproved(content, voices.unapproved),
        *stale,
        *long,
        *unheard,
        *_decided(content, voices),
        *(Issue("note", LANGUAGES, ("languages",), why, MOVE) for why in voices.to_move),
    ]


def _decided(content: Content, voices: VoiceSelector) -> Iterator[Issue]:
    """Notes on what people have decided, or still have to: languages off the line, and voices to be heard first."""
    for code in sorted(voices.off & content.offered):
        yield _note(code, f"callers cannot choose {content.name_of(code)}: {voices.missing()[code]}", ON_LINE)
    for code, why in voices.unheard_by_a_reader.items():
        yield _note(code, f"{content.name_of(code)}: {why}", READER)


def _note(code: str, message: str, remedy: str) -> Issue:
    return Issue("note", LANGUAGES, ("languages", code), message, remedy, code)


def unvoiced(content: Content, voiced: frozenset[str], why: Mapping[str, str] | None = None) -> list[Issue]:
    """The issues of languages without a voice; `voiced`: those with one for every sentence; `why`: others have none."""
    silent = [code for code in content.languages.languages if code in content.offered - voiced]
    numbers = content.office.languages_by_number
    return [
        *unusable(content),
        *(_voiceless(content, code, (why or {}).get(code, "no voice")) for code in silent),
        *(
            Issue("note", OFFICE, ("languages_by_number", number), _not_yet(content, code), "Give it a voice")
            for number, code in numbers.items()
            if code not in voiced
        ),
    ]


def unusable(content: Content) -> list[Issue]:
    """The issues of voices without which nothing can be said: no call of such a content can even be tried."""
    silent = (c for c in content.languages.before_choice if not content.languages.languages[c].provider_voice)
    add = "Add 'provider' below 'voices'"
    return [
        *_unknown_sources(content),
        *(
            Issue("broken", LANGUAGES, ("languages", code), f"{content.name_of(code)} {MUTE}", add, code)
            for code in silent
        ),
    ]


def unapproved(content: Content, waiting: Iterable[str]) -> list[Issue]:
    """A note for each language that waits for the approval of its safety sentences."""
    remedy = partial(once_read, "its safety sentences")
    return [
        Issue(
            "note",
            LANGUAGES,
            ("languages", code),
            f"callers cannot choose {content.name_of(code)} yet",
            remedy(code, "--safety"),
            code,
        )
        for code in waiting
    ]


def _unknown_sources(content: Content) -> Iterator[Issue]:
    for code, language in content.languages.languages.items():
        for source in language.voices.keys() - VOICE_SOURCES.keys():
            where, known = ("languages", code, "voices", source), ", ".join(VOICE_SOURCES)
            yield Issue("broken", LANGUAGES, where, f"'{source}' gives no voices; there are {known}", "Correct it")


def _voiceless(content: Content, code: str, why: str) -> Issue:
    where, language = ("languages", code), content.languages.languages[code]
    made = any(source != PROVIDER for source in language.voices)
    remedy = f"Make its clips: ivr audio build --lang {code}" if made else _record(code)
    if gap_severity(content.languages, code) == "broken":
        remedy = f"Give it a voice of the provider, or: {remedy}"
        return Issue(
            "broken",
            LANGUAGES,
            where,
            f"{content.name_of(code)} is needed on every call, and has no voice",
            remedy,
            code,
        )
    return Issue("note", LANGUAGES, where, f"{_not_yet(content, code)}: {why}", remedy, code)


def _not_yet(content: Content, code: str) -> str:
    return f"callers cannot choose {content.name_of(code)} yet"


def _record(code: str) -> str:
    return f"Print the page and record it: {print_command(code)}"
