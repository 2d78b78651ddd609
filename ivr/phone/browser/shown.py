"""What the page shows before a call: the line that is rung, the languages that it offers, times, and the drawing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr.core.content import Content
from ivr.core.utterance import Utterance
from ivr.phone.browser.drawing import HEIGHT, WIDTH, drawing
from ivr.phone.browser.presets import presets
from ivr.phone.browser.words import INTERFACES, words
from ivr.phone.clip_builder import ClipBuilder
from ivr.phone.hearing import Subtitle
from ivr.phone.network.sounds import SecondsOf
from ivr.phone.offered import in_words
from ivr.phone.ring import BuildApp
from ivr.speech.offer import Offer

EXAMPLES = {"example_day": "morning", "example_night": "evening"}
"""The word of each kind of example call, and the preset at whose time it is made."""


@dataclass(frozen=True)
class SimulatedLine:
    """How to make a simulated line: its application with a clock, what its clips say, and the seconds of a text.

    `content`: all that has its texts; a call is built with what it shall offer. `subtitle` and `offer`, which tells
    what a real line would offer, are called for each call anew, because clips are added meanwhile.
    """

    content: Content
    script: tuple[Utterance, ...]
    build: BuildApp
    subtitle: Callable[[], Subtitle]
    seconds_of: SecondsOf
    offer: Callable[[], Offer]

    def offering(self, *, waiting: bool) -> Content:
        """The content that offers what a real line would now; `waiting`: also what can only be shown."""
        offer = self.offer()
        codes = {*offer.now, *(offer.can_be_shown if waiting else ())}
        return replace(self.content, offered=self.content.offered & codes)


def shown(line: SimulatedLine, builder: ClipBuilder, interface: str) -> dict[str, Any]:
    """What the page is made of, in one language of its interface."""
    content, w = line.content, words(interface)
    languages = content.languages.languages
    hours = presets(content.office, datetime.now(ZoneInfo(content.office.zone)).date())
    return {
        "interface": interface,
        "interfaces": INTERFACES,
        "w": w,
        "presets": [(f"{at:%Y-%m-%dT%H:%M}", w[f"preset_{name}"]) for name, at in hours.items()],
        "examples": [(w[name], f"{hours[preset]:%Y-%m-%dT%H:%M}") for name, preset in EXAMPLES.items()],
        "languages": [(code, language) for code, language in languages.items() if code in content.offered],
        "offer": shown_offer(line, builder, interface),
        "drawing": drawing(content.flow),
        "box": (WIDTH, HEIGHT),
    }


def shown_offer(line: SimulatedLine, builder: ClipBuilder, interface: str) -> dict[str, Any]:
    """What a real line would offer now, by codes and in words."""
    offer = line.offer()
    said = in_words(offer, line.content, interface)
    makes_them = bool(offer.after_build) and not builder.progress().fault
    today = f"{said.today} {words(interface)['built_here']}" if makes_them else said.today
    return {"now": offer.now, "waiting": offer.can_be_shown, "today": today, "waits": said.waits}
