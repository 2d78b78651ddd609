"""What the line asks of a telephony provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ivr.core.call import CallState, Event, Step
from ivr.core.flow import About
from ivr.core.utterance import Sound, Utterance

Route = Literal["start", "node", "whisper", "status"]
Voice = Callable[[Utterance], Sound]
"""How an utterance sounds; decided elsewhere (the ladder), so that a provider's table decides nothing about voices."""


class Headers(Protocol):
    """Header fields by name, in any case."""

    def get(self, name: str, default: str, /) -> str:
        """The value of a field, or the default."""
        ...


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request of a provider: path and raw query as sent, form fields in their order, headers in any case."""

    path: str
    query: str
    fields: tuple[tuple[str, str], ...]
    form: Mapping[str, str]
    headers: Headers


@dataclass(frozen=True, slots=True)
class Incoming:
    """A webhook in our words. `call_id` is only for the journal; `started`: when the call began, in epoch seconds."""

    state: CallState
    event: Event
    call_id: str
    started: int | None


@dataclass(frozen=True, slots=True)
class WhisperAsked:
    """A contact has picked up: what to tell them, and whether they have pressed a key."""

    language: str | None
    about: About
    accepted: bool


@dataclass(frozen=True)
class Line:
    """Our end of every call.

    `contacts`: the numbers of each, rung in turn; `at_once`: who connects without a key; `languages`: numbers of ours
    that belong to a language.
    """

    public_url: str
    caller_id: str
    contacts: Mapping[str, tuple[str, ...]] = field(repr=False)
    rings: Mapping[str, int] = field(default_factory=dict)
    at_once: frozenset[str] = frozenset()
    languages: Mapping[str, str] = field(default_factory=dict, repr=False)


class Provider(Protocol):
    """A telephony provider. Reading never fails on a genuine request; writing is a table."""

    content_type: str

    def verify(self, webhook: Webhook) -> bool:
        """Whether the request truly comes from the provider."""
        ...

    def read(self, webhook: Webhook, node: str | None) -> Incoming:
        """The call's state and what happened, from a request to `/voice` (node None) or `/voice/<node>`."""
        ...

    def write(self, step: Step, started: int) -> bytes:
        """The answer that makes the provider do a step."""
        ...

    def read_whisper(self, webhook: Webhook) -> WhisperAsked:
        """What a request of the whisper asks."""
        ...

    def write_whisper(self, asked: WhisperAsked, said: tuple[Utterance, ...]) -> bytes:
        """What the person who picked up hears, or the connection once they have pressed a key."""
        ...

    def fail_safe(self, webhook: Webhook, route: Route) -> bytes:
        """The fixed answer when anything breaks: built at start, it needs nothing that can fail."""
        ...
