"""Whether the voices that languages.yaml names are there and speak their language, by the list of who makes them.

A voice that is given another language's text is no fault to a service: it makes clips of it, and nobody understands.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from ivr.core.content import Content

MOST_NAMES = 4
"""Names that a message proposes."""


class NamedVoice(NamedTuple):
    """The voice of an engine that languages.yaml names for a language; `locale`: that of the language."""

    code: str
    locale: str
    name: str


def named_voices(content: Content, engine: str, codes: Collection[str]) -> tuple[NamedVoice, ...]:
    """The voices of an engine that are named for some languages."""
    languages = content.languages.languages
    return tuple(
        NamedVoice(code, language.locale, language.voices[engine].voice)
        for code, language in languages.items()
        if code in codes and engine in language.voices
    )


def fault_of(voice: NamedVoice, there: Mapping[str, tuple[str, ...]]) -> str:
    """What is wrong with a voice, with the remedy; empty if nothing is. `there`: every voice -> BCP 47 tags."""
    languages = there.get(voice.name) or there.get(_listed_as(voice.name))
    if languages is None:
        return f"IS NOT THERE. {_remedy(voice, there)}"
    if _has_model(voice.name) or any(_is_same(tag, voice.locale) for tag in languages):
        return ""
    return f"SPEAKS ANOTHER LANGUAGE: {', '.join(languages)}, and not {voice.locale}. {_remedy(voice, there)}"


def _has_model(name: str) -> bool:
    """Whether a name begins with its model: that speaks many languages, of which Google's list names en-US alone."""
    return "/" in name


def _listed_as(name: str) -> str:
    """The name in the list: without the model that is written before it, or the variant behind it."""
    return name.rpartition("/")[2].partition("+")[0]


def _remedy(voice: NamedVoice, there: Mapping[str, tuple[str, ...]]) -> str:
    names = [name for name, tags in there.items() if any(_is_same(tag, voice.locale) for tag in tags)]
    if not names:
        return f"It has none for {voice.locale}: take that line out of languages.yaml"
    return f"Name one of these in languages.yaml: {', '.join(_nearest(voice.name, names))}"


def _nearest(name: str, names: Iterable[str]) -> list[str]:
    """The names that are most like one, the most alike first."""
    return difflib.get_close_matches(name, sorted(names), MOST_NAMES, cutoff=0)


def _is_same(tag: str, locale: str) -> bool:
    """Whether two BCP 47 tags are of one language, whatever the country in either."""
    return tag.split("-")[0].lower() == locale.split("-")[0].lower()
