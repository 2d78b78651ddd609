"""What a real line would offer to callers from the files that are there now, and why the other languages wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ivr.core.content import Content
from ivr.core.languages import OFFLINE, PROVIDER
from ivr.speech.engines import CLOUD
from ivr.speech.voices import VoiceSelector

Reason = Literal["texts", "clips", "cloud", "recordings", "reader", "provider", "approval", "off"]
"""What a language waits for: all its texts; clips that a machine can make here; recordings by a person, or clips of a
cloud voice, which cost money; recordings by a person, as no machine speaks it; a second reader who hears its cloud
voice; a voice of the provider, where IVR_SPEECH allows no other; the approval of its safety sentences; a team leader
who has taken it off the line."""


@dataclass(frozen=True)
class Offer:
    """The languages of a line, in the order of languages.yaml.

    `now`: those that a caller could choose today. `after_build`: those that `ivr audio build` would add to them.
    `waiting`: each other language with what it waits for; those of `after_build` are among them.
    """

    now: tuple[str, ...]
    after_build: tuple[str, ...]
    waiting: Mapping[str, tuple[Reason, ...]]

    @property
    def can_be_shown(self) -> tuple[str, ...]:
        """Those waiting that a simulated call can show all the same, as they have their texts."""
        return tuple(code for code, reasons in self.waiting.items() if "texts" not in reasons)


def offer_of(content: Content, voices: VoiceSelector) -> Offer:
    """What is offered with voices as they are; `content`: all of it, also what has no voice."""
    codes = content.languages.languages
    now = tuple(code for code in codes if code in voices.offered)
    waiting = {code: tuple(_reasons(content, voices, code)) for code in codes if code not in voices.offered}
    built = tuple(code for code, reasons in waiting.items() if reasons == ("clips",) and OFFLINE in codes[code].voices)
    return Offer(now, built, waiting)


def _reasons(content: Content, voices: VoiceSelector, code: str) -> Iterator[Reason]:
    if code not in content.offered:
        yield "texts"
    elif code not in voices.voiced:
        yield _lacking(content, voices, code)
    if code in voices.unapproved:
        yield "approval"
    if code in voices.off:
        yield "off"


def _lacking(content: Content, voices: VoiceSelector, code: str) -> Reason:
    """What a language without a voice lacks."""
    if voices.provider_only:
        return "provider"
    if code in voices.unheard_by_a_reader:
        return "reader"
    if not (engines := content.languages.languages[code].voices.keys() - {PROVIDER}):
        return "recordings"
    return "cloud" if engines <= {*CLOUD} else "clips"
