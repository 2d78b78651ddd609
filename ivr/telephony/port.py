"""What the line asks of a telephony provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, Protocol
from urllib.parse import parse_qsl

from ivr.core.call import CallState, Event, Step
from ivr.core.flow import Matter
from ivr.core.utterance import Sound, Utterance

Route = Literal["start", "node", "whisper", "status"]
SoundOf = Callable[[Utterance], Sound]
"""How an utterance sounds; decided elsewhere, so that a provider's table decides nothing about voices."""


class Headers(Protocol):
    """Header fields by name, in any case."""

    def get(self, name: str, default: str, /) -> str:
        """The value of a field, or the default."""
        ...


@dataclass(frozen=True)
class Webhook:
    """One request of a provider: method, path, raw query and raw body as sent, headers in any case."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Headers

    @cached_property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields of a form, in their order. The standard library reads them in half the framework's time."""
        return tuple(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @cached_property
    def form(self) -> Mapping[str, str]:
        """The fields by name; of several the last."""
        return dict(self.fields)


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
    matter: Matter
    accepted: bool


class Received(NamedTuple):
    """Something that a provider can report: the state as it came back, and the event.

    `old`: the key was pressed against a menu that has changed since.
    """

    state: CallState
    event: Event
    old: bool = False


@dataclass(frozen=True)
class LineNumbers:
    """Our end of every call, in E.164.

    `contacts`: the numbers of each, rung in turn; `rings`: for how many seconds; `at_once`: who connects without a
    key; `languages`: numbers of ours that belong to a language; `country`: whose ring tone callers know.
    """

    public_url: str
    caller_id: str
    contacts: Mapping[str, tuple[str, ...]] = field(repr=False)
    country: str
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
        """The call's state and what happened, from a request to `/voice` (node None) or to the address of a node."""
        ...

    def write(self, step: Step, started: int) -> bytes:
        """The answer that makes the provider do a step; `started`: when the call began, in epoch seconds."""
        ...

    def read_whisper(self, webhook: Webhook) -> WhisperAsked:
        """What a request of the whisper asks."""
        ...

    def write_whisper(self, asked: WhisperAsked, plays: tuple[Utterance, ...]) -> bytes:
        """What the person who picked up hears, or the connection once they have pressed a key."""
        ...

    def emergency(self, webhook: Webhook, route: Route) -> bytes:
        """The fixed answer when anything breaks: built at start, it needs nothing that can fail."""
        ...

    def received(self, step: Step) -> Sequence[Received]:
        """All that can be reported after a step, each once, read back from what was written: the walk goes by it."""
        ...

    def forget(self) -> None:
        """A voice has changed: no answer that was kept may be given again."""
        ...
