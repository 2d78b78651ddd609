"""Twilio as a provider: its signature and emergency documents, and what every TwiML provider shares."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import assert_never

from twilio.twiml.voice_response import VoiceResponse

from ivr.core.call import Action, CallState, Collect, Dial, HangUp, Reject, Step
from ivr.core.content import Content
from ivr.core.flow import Transfer
from ivr.core.utterance import Utterance
from ivr.telephony.port import Incoming, LineNumbers, Received, Route, SoundOf, Webhook, WhisperAsked
from ivr.telephony.twilio.emergency import EmergencyDocuments
from ivr.telephony.twilio.signature import Signature
from ivr.telephony.twiml import document, urls, version_0_1
from ivr.telephony.twiml.events import read_event
from ivr.telephony.twiml.received import received

STARTED = "STARTED"
"""Stands for the start of the call in a document that is kept: the same step has the same TwiML in every call."""


class Twilio:
    """The provider, for one line and its content."""

    content_type = "text/xml; charset=utf-8"

    def __init__(self, content: Content, line: LineNumbers, tokens: Sequence[str], sound_of: SoundOf) -> None:
        self._content, self._line = content, line
        self._speak = document.speaking(sound_of, f"{line.public_url}/audio")
        self._signature = Signature(line.public_url, tokens)
        self._emergency = EmergencyDocuments(content, line, self._speak)
        self._state = lru_cache(maxsize=1024)(self._read_state)
        self._document = lru_cache(maxsize=4096)(self._render)

    def verify(self, webhook: Webhook) -> bool:
        """Whether Twilio signed the request."""
        return self._signature.matches(webhook)

    def read(self, webhook: Webhook, node: str | None) -> Incoming:
        """State from the address, event from the form."""
        state, revision, started = self._state(webhook.query, node or "", urls.NODES in webhook.path)
        here = self._content.flow.nodes.get(state.node)
        at_once = isinstance(here, Transfer) and here.contact in self._line.at_once
        event = read_event(webhook.form, begins=node is None, at_once=at_once, line=self._line, revision=revision)
        return Incoming(state, event, webhook.form.get("CallSid", ""), started)

    def write(self, step: Step, started: int) -> bytes:
        """The TwiML of a step."""
        return self._document(step.state, step.plays, step.action).replace(STARTED, str(started)).encode()

    def read_whisper(self, webhook: Webhook) -> WhisperAsked:
        """Any key accepts, also # and *."""
        query = urls.read_query(webhook.query)
        accepted = bool(webhook.form.get("Digits"))
        return WhisperAsked(urls.language(self._content, query), urls.matter(query), accepted)

    def write_whisper(self, asked: WhisperAsked, plays: tuple[Utterance, ...]) -> bytes:
        """An empty document connects the two."""
        if asked.accepted:
            return str(VoiceResponse()).encode()
        action = urls.whisper_url(self._line.public_url, CallState("", asked.language, asked.matter))
        return str(document.whispered(plays, action, self._speak)).encode()

    def emergency(self, webhook: Webhook, route: Route) -> bytes:
        """What is said and rung when anything breaks."""
        return self._emergency.answer(webhook, route)

    def received(self, step: Step) -> Sequence[Received]:
        """All that Twilio can report after a step."""
        return received(self, step)

    def forget(self) -> None:
        """A voice has changed: write every document anew."""
        self._document.cache_clear()

    def _read_state(self, query: str, node: str, is_new: bool) -> tuple[CallState, str, int | None]:
        read = urls.read_state if is_new else version_0_1.read_state
        return read(self._content, urls.read_query(query), node)

    def _render(self, state: CallState, plays: tuple[Utterance, ...], action: Action) -> str:
        revision = self._content.revision(state.node, state.language)
        url = urls.state_url(self._line.public_url, state, revision, STARTED)
        match action:
            case Collect():
                return str(document.collect(plays, action.seconds, url, self._speak))
            case Dial():
                return str(self._ring(state, plays, action, url))
            case HangUp():
                return str(document.hang_up(plays, self._speak))
            case Reject():
                return str(document.reject())
            case _:
                assert_never(action)

    def _ring(self, state: CallState, plays: tuple[Utterance, ...], action: Dial, url: str) -> VoiceResponse:
        number = self._line.contacts[action.contact][action.number_index]
        whisper = None if action.contact in self._line.at_once else urls.whisper_url(self._line.public_url, state)
        dial = document.dial(number, self._line.rings[action.contact], self._line, action=url, whisper=whisper)
        return document.ring(plays, action.announce, url, dial, self._speak)
