"""The voice sources, best first, one row each. A new speech engine is a module beside this one and a row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from ivr.core.languages import PROVIDER
from ivr.speech.port import Engine, SynthesisRequest


@dataclass(frozen=True)
class VoiceSource:
    """A voice source: a speech engine, which makes clips before calls, or the telephony provider, during calls.

    `engine`: the class of an engine as `module:class`, imported only when needed, as it is slow and may not be
    installed. `reads_marks`: whether it is given the `spoken:` form of a text. `cost`: for an engine that costs money,
    a function as `module:function` that returns the cost of requests. `cloud`: whether it makes its clips elsewhere,
    and nobody here has heard how it says a language.
    """

    name: str
    engine: str = ""
    reads_marks: bool = False
    cost: str = ""
    cloud: bool = False

    def make(self) -> Engine:
        """A new engine."""
        return cast(Engine, _imported(self.engine)())

    def cost_of(self, requests: Sequence[SynthesisRequest]) -> str:
        """The cost of requests, in words; empty where they cost nothing."""
        return str(_imported(self.cost)(requests)) if self.cost else ""


def _imported(name: str) -> Callable[..., object]:
    """The class or function that `module:attribute` names."""
    module, _, attribute = name.partition(":")
    return cast(Callable[..., object], getattr(import_module(module), attribute))


VOICE_SOURCES: Mapping[str, VoiceSource] = {
    source.name: source
    for source in (
        VoiceSource("google", "ivr.speech.google:Google", cost="ivr.speech.google:cost", cloud=True),
        VoiceSource(PROVIDER),
        VoiceSource("offline", "ivr.speech.espeak:Espeak", reads_marks=True),
    )
}
"""A language uses the first of these that has all its utterances. Recordings replace single utterances."""
ENGINES: tuple[str, ...] = tuple(name for name, source in VOICE_SOURCES.items() if source.engine)
"""The names of the speech engines, best first."""
CLOUD: frozenset[str] = frozenset(name for name, source in VOICE_SOURCES.items() if source.cloud)
"""The names of those whose safety sentences a second reader must hear before callers do."""
