"""Twilio as a provider: the tables of this folder put together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import assert_never

from twilio.twiml.voice_response import VoiceResponse

from ivr.core.call import CallState, Collect, HangUp, Refuse, Ring, Step, Then
from ivr.core.content import Content
from ivr.core.flow import Transfer
from ivr.core.utterance import Utterance
from ivr.telephony.port import Incoming, Line, Route, Voice, Webhook, WhisperAsked
from ivr.telephony.twilio.emergency import FailSafe
from ivr.telephony.twilio.signature import Signature
from ivr.telephony.twiml import document, urls
from ivr.telephony.twiml.events import read_event

STARTED = "STARTED"
"""Stands for the start of the call in a document that is kept: the same step has the same TwiML in every call."""


class Twilio:
    """The provider, for one line and its content."""

    content_type = "text/xml; charset=utf-8"

    def __init__(self, content: Content, line: Line, tokens: Sequence[str], voice: Voice) -> None:
        self._content, self._line = content, line
        self._mouth = document.Mouth(voice, f"{line.public_url}/audio")
        self._signature = Signature(line.public_url, tokens)
        self._fail_safe = FailSafe(content, line, self._mouth)
        self._state = lru_cache(maxsize=1024)(partial(urls.read_state, content))
        self._document = lru_cache(maxsize=4096)(self._render)

    def verify(self, webhook: Webhook) -> bool:
        """Whether Twilio signed the request."""
        return self._signature.matches(webhook)

    def read(self, webhook: Webhook, node: str | None) -> Incoming:
        """State from the address, event from the form."""
        state, revision, started = self._state(webhook.query, node or "")
        here = self._content.flow.nodes.get(state.node)
        at_once = isinstance(here, Transfer) and here.contact in self._line.at_once
        event = read_event(webhook.form, begins=node is None, at_once=at_once, line=self._line, revision=revision)
        return Incoming(state, event, webhook.form.get("CallSid", ""), started)

    def write(self, step: Step, started: int) -> bytes:
        """The TwiML of a step."""
        return self._document(step.state, step.plays, step.then).replace(STARTED, str(started)).encode()

    def read_whisper(self, webhook: Webhook) -> WhisperAsked:
        """Any key accepts, also # and *."""
        query = urls.read_query(webhook.query)
        return WhisperAsked(urls.language(self._content, query), urls.about(query), bool(webhook.form.get("Digits")))

    def write_whisper(self, asked: WhisperAsked, said: tuple[Utterance, ...]) -> bytes:
        """An empty document connects the two."""
        if asked.accepted:
            return str(VoiceResponse()).encode()
        action = urls.whisper_url(self._line.public_url, CallState("", asked.language, asked.about))
        return str(document.whispered(said, action, self._mouth)).encode()

    def forget(self) -> None:
        """A voice has changed: write every document anew."""
        self._document.cache_clear()

    def fail_safe(self, webhook: Webhook, route: Route) -> bytes:
        """What is said and rung when anything breaks."""
        return self._fail_safe.answer(webhook, route)

    def _render(self, state: CallState, plays: tuple[Utterance, ...], then: Then) -> str:
        base = self._line.public_url
        action = urls.state_url(base, state, self._content.revision(state.node), STARTED)
        match then:
            case Collect():
                return str(document.collect(plays, then.seconds, action, self._mouth))
            case Ring():
                return str(self._ring(state, plays, then, action))
            case HangUp():
                return str(document.hang_up(plays, self._mouth))
            case Refuse():
                return str(document.refuse())
            case _:
                assert_never(then)

    def _ring(self, state: CallState, plays: tuple[Utterance, ...], then: Ring, action: str) -> VoiceResponse:
        numbers = self._line.contacts[then.contact]
        whisper = None if then.contact in self._line.at_once else urls.whisper_url(self._line.public_url, state)
        return document.ring(
            plays,
            then.announce,
            numbers[min(then.line, len(numbers) - 1)],
            action,
            whisper,
            self._mouth,
            seconds=self._line.rings[then.contact],
            line=self._line,
        )
