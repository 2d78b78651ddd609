"""The interface of a telephony provider, and the values that cross it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, Protocol
from urllib.parse import unquote, unquote_to_bytes

from ivr.core.call import CallState, Event, Outcome, Step
from ivr.core.flow import Matter
from ivr.core.utterance import Sound, Utterance

Route = Literal["start", "node", "whisper", "status", "emergency"]
SoundOf = Callable[[Utterance], tuple[Sound, ...]]
"""The sounds of an utterance, in turn: one, several where it is said in other languages, none where it has no voice.

Voices are chosen in `ivr.speech.voices`, never by a provider.
"""


class Headers(Protocol):
    """Header fields by name, in any case."""

    def get(self, name: str, default: str, /) -> str:
        """The value of a field, or the default."""


@dataclass(frozen=True)
class Webhook:
    """One HTTP request of a provider: path, query and body undecoded, as they were sent."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Headers

    @cached_property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields of the form, in order."""
        return _fields(self.body.decode("utf-8", "replace"))

    @cached_property
    def form(self) -> Mapping[str, str]:
        """The fields of the form by name, the last value of each; a GET has them in its query."""
        return dict(_fields(self.query) if self.method == "GET" else self.fields)


def _fields(form: str) -> tuple[tuple[str, str], ...]:
    """Names and values, as `urllib.parse.parse_qsl` reads them with `keep_blank_values`, in a third of its time."""
    pairs = (part.partition("=") for part in form.split("&") if part)
    return tuple((_unquoted(name), _unquoted(value)) for name, _, value in pairs)


def _unquoted(text: str) -> str:
    spaced = text.replace("+", " ")
    if "%" not in spaced:
        return spaced
    return unquote_to_bytes(spaced).decode("utf-8", "replace") if spaced.isascii() else unquote(spaced)


class CallRequest(NamedTuple):
    """A webhook of a call, as our values.

    `call_id` is only for the journal. `started`: when the call began, in epoch seconds (None: at this request);
    `talked`: the seconds of a talk that has just ended. `reached`: people have talked, though the caller is gone.
    """

    state: CallState
    event: Event
    call_id: str
    started: int | None
    talked: int = 0
    reached: bool = False


class CallReport(NamedTuple):
    """What a webhook says of its call besides, for the counts.

    `call_id`: that of the caller's call, also where it is about the leg of a contact. `token`: the same for each repeat
    of one request. `of_contact`: one of our contacts is calling. `ended`: the caller's call is over. `rung`: how the
    ringing of an emergency document ended; None where nothing is told of one.
    """

    call_id: str
    token: str
    of_contact: bool
    ended: bool
    rung: Outcome | None


@dataclass(frozen=True, slots=True)
class WhisperRequest:
    """A webhook of a whisper: language and matter of the caller, and whether the contact has pressed a key."""

    language: str | None
    matter: Matter
    accepted: bool


class Received(NamedTuple):
    """Something that a provider can report: the state, read back from what was written, and the event.

    `old`: the key was pressed against another revision of the menu.
    """

    state: CallState
    event: Event
    old: bool


@dataclass(frozen=True)
class LineNumbers:
    """Our address and our numbers, in E.164 (ITU-T).

    `public_url`: where the provider reaches us. `contacts`: the numbers of each contact, rung in turn. `country`: whose
    ring tone callers hear (ISO 3166-1, two letters). `rings`: seconds that a number of each contact rings. `at_once`:
    the contacts that are connected without a key. `languages`: number of ours -> its language. `public_number`: the
    number of on-call that everybody knows, as office.yaml says it; None where it cannot be rung from here. `account`:
    ours at the provider, where it is known. `probe_number`: from which an administrator calls to see that the line
    answers. `resting`: the numbers of contacts in whose place others ring now.
    """

    public_url: str
    caller_id: str
    contacts: Mapping[str, tuple[str, ...]] = field(repr=False)
    country: str
    rings: Mapping[str, int] = field(default_factory=dict)
    at_once: frozenset[str] = frozenset()
    languages: Mapping[str, str] = field(default_factory=dict, repr=False)
    public_number: str | None = field(default=None, repr=False)
    account: str | None = field(default=None, repr=False)
    probe_number: str | None = field(default=None, repr=False)
    resting: frozenset[str] = field(default=frozenset(), repr=False)


class Provider(Protocol):
    """A telephony provider. Reading never fails on a genuine request."""

    content_type: str

    def verify(self, webhook: Webhook) -> bool:
        """Whether the request truly comes from the provider."""

    def names_us(self, webhook: Webhook) -> bool:
        """Whether a request, genuine or not, names our number, and our account where it is known."""

    def is_of_administrator(self, webhook: Webhook, route: Route) -> bool:
        """Whether a genuine request is of a call that an administrator has started: it is answered, and not counted."""

    def read(self, webhook: Webhook, node: str | None) -> CallRequest:
        """The call's state and what happened, from a request to `/voice` (node None) or to the address of a node."""

    def report(self, webhook: Webhook, route: Route) -> CallReport:
        """What a genuine request says of its call, for the counts; it is asked only beside an answer."""

    def write(self, step: Step, started: int) -> bytes:
        """The answer by which the provider does a step; `started`: when the call began, in epoch seconds."""

    def read_whisper(self, webhook: Webhook) -> WhisperRequest:
        """The caller's language and matter, and whether a key was pressed, from a request to `/voice/whisper`."""

    def write_whisper(self, asked: WhisperRequest, plays: tuple[Utterance, ...]) -> bytes:
        """What the person who picked up hears, or the connection once they have pressed a key."""

    def emergency(self, webhook: Webhook | None, route: Route, *, public_only: bool = False) -> bytes:
        """The emergency document of a route: built at start, so that nothing in it can fail.

        `webhook`: what it answers, or None where that cannot be read. `public_only`: it holds no number but the public
        one, as whoever asks may have kept an old request.
        """

    def received(self, step: Step) -> Sequence[Received]:
        """Everything that can be reported after a step, each once, read back from what was written, for the walk."""

    def clear_cache(self) -> None:
        """Drop every cached answer, because a voice has changed."""
