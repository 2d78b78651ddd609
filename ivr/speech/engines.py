"""The sources of a language's voice, best first, one row each. A new engine is a file beside this one, and its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from ivr.core.languages import PROVIDER
from ivr.speech.port import Engine, SynthesisRequest


@dataclass(frozen=True)
class VoiceSource:
    """Where a voice comes from: an engine that makes clips before any call, or the provider during it.

    `engine` names the class of an engine as `module:class`; it is imported when it is needed, for it takes long and
    need not be installed. `reads_marks`: it is given the `spoken:` form of a text. `cost` names a function that says
    what requests will cost, for an engine that asks for money.
    """

    name: str
    engine: str = ""
    reads_marks: bool = False
    cost: str = ""

    def make(self) -> Engine:
        """The engine. EngineFault where it is not installed."""
        return cast(Engine, _named(self.engine)())

    def cost_of(self, requests: Sequence[SynthesisRequest]) -> str:
        """What the requests will cost, in words; empty where they cost nothing."""
        return str(_named(self.cost)(requests)) if self.cost else ""


def _named(name: str) -> Callable[..., object]:
    module, _, attribute = name.partition(":")
    return cast(Callable[..., object], getattr(import_module(module), attribute))


VOICE_SOURCES: Mapping[str, VoiceSource] = {
    source.name: source
    for source in (
        VoiceSource("google", "ivr.speech.google:Google", cost="ivr.speech.google:cost"),
        VoiceSource(PROVIDER),
        VoiceSource("offline", "ivr.speech.espeak:Espeak", reads_marks=True),
    )
}
"""A language speaks by the first of these that can say all of it; a person's recording replaces single sentences."""
ENGINES: tuple[str, ...] = tuple(name for name, source in VOICE_SOURCES.items() if source.engine)
"""The sources that make clips, best first."""
