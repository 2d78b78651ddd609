"""The voice sources, best first, one row each. A new speech engine is a module beside this one and a row here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from ivr.core.languages import OFFLINE, PROVIDER
from ivr.speech.port import Engine, SynthesisRequest


@dataclass(frozen=True)
class VoiceSource:
    """A voice source: a speech engine, which makes clips before calls, or the telephony provider, during calls.

    `engine`: the class of an engine as `module:class`, imported only when needed, as it is slow and may not be
    installed. `reads_marks`: whether it is given the `spoken:` form of a text. `cost`: for an engine that costs money,
    a function as `module:function` that returns the cost of requests. `cloud`: whether somebody else's machines make
    its clips, and nobody here has heard how it says a language: a language has one such voice at most.
    `reads_environment`: whether it takes its settings from there.
    """

    name: str
    engine: str = ""
    reads_marks: bool = False
    cost: str = ""
    cloud: bool = False
    reads_environment: bool = False

    def make(self, environment: Mapping[str, str] = os.environ) -> Engine:
        """A new engine."""
        settings = {"environment": environment} if self.reads_environment else {}
        return cast(Engine, _imported(self.engine)(**settings))

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
        VoiceSource(
            "azure", "ivr.speech.azure:Azure", cost="ivr.speech.azure:cost", cloud=True, reads_environment=True
        ),
        VoiceSource(PROVIDER),
        VoiceSource(OFFLINE, "ivr.speech.espeak:Espeak", reads_marks=True),
    )
}
"""A language uses the first of these that has all its utterances. Recordings replace single utterances."""
ENGINES: tuple[str, ...] = tuple(name for name, source in VOICE_SOURCES.items() if source.engine)
"""The names of the speech engines, best first."""
CLOUD: tuple[str, ...] = tuple(name for name, source in VOICE_SOURCES.items() if source.cloud)
"""The names of the cloud's, best first: a second reader must hear their safety sentences before callers do."""
