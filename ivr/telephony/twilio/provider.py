"""The provider Twilio: `ivr/telephony/twiml/` with Twilio's signature and emergency document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import assert_never

from ivr.core.call import Action, CallerGone, CallState, Collect, Dial, HangUp, Reject, Step, TransferEnded
from ivr.core.content import Content
from ivr.core.flow import Transfer
from ivr.core.utterance import Utterance
from ivr.telephony.port import CallReport, CallRequest, LineNumbers, Received, Route, SoundOf, Webhook, WhisperRequest
from ivr.telephony.twilio.emergency import EmergencyDocuments
from ivr.telephony.twilio.signature import MOST_FIELDS, Signature
from ivr.telephony.twiml import document, urls, version_0_1
from ivr.telephony.twiml.events import ENDED, caller, e164, outcome, read_event, seconds_talked
from ivr.telephony.twiml.received import received

DOCUMENTS_KEPT, WHISPERS_KEPT, STATES_KEPT = 4096, 256, 1024
"""How much is kept of what was written and read, before it begins anew."""
STARTED = "STARTED"
"""Placeholder for the start of the call in a cached document: else the same step has the same TwiML in every call."""
ANSWERED = TransferEnded("answered")
REPEATS = "I-Twilio-Idempotency-Token"
"""The header that retries of one request share (docs/twilio.md, Connection overrides)."""
BY_API = "outbound-api"
"""Direction of a leg that was started by the REST API; one that a Dial rings is `outbound-dial`."""


class Twilio:
    """Twilio as the provider of one line; a `Provider` (ivr/telephony/port.py)."""

    content_type = "text/xml; charset=utf-8"

    def __init__(self, content: Content, line: LineNumbers, tokens: Sequence[str], sound_of: SoundOf) -> None:
        self._content, self._line = content, line
        self._speak = document.speaker(sound_of, f"{line.public_url}/audio")
        self._signature = Signature(line.public_url, tokens)
        self._administrators = frozenset({line.caller_id, *line.languages, *filter(None, (line.probe_number,))})
        self._emergency = EmergencyDocuments(content, line)
        # No `lru_cache` of our own methods: it would keep this, and the content, for ever after a swap.
        self._documents: dict[tuple[CallState, tuple[Utterance, ...], Action], str] = {}
        self._whispers: dict[tuple[WhisperRequest, tuple[Utterance, ...]], bytes] = {}
        self._states: dict[tuple[str, str, bool], tuple[CallState, str, int | None]] = {}

    def verify(self, webhook: Webhook) -> bool:
        """Whether Twilio signed the request."""
        return self._signature.matches(webhook)

    def names_us(self, webhook: Webhook) -> bool:
        """Whether the form names our number, and our account where it is known; whoever forges it may know both."""
        if webhook.body.count(b"&") >= MOST_FIELDS:
            return False  # no time is spent on a stranger's form
        number, account = e164(webhook.form.get("To", "")), self._line.account
        ours = number == self._line.caller_id or number in self._line.languages
        return ours and (account is None or webhook.form.get("AccountSid") == account)

    def is_of_administrator(self, webhook: Webhook, route: Route) -> bool:
        """Whether the call comes from a number of ours, or from that of the probe.

        A contact whom the line rings for a caller sees our number too: a whisper is an administrator's only if the REST
        API has started its leg (docs/twilio.md, Calls that we start).
        """
        form = webhook.form
        if route == "whisper" and form.get("Direction") != BY_API:
            return False
        return e164(form.get("From", "")) in self._administrators

    def read(self, webhook: Webhook, node: str | None) -> CallRequest:
        """State from the address, event from the form; what is not known is read as a default, never an error."""
        return self._read(webhook.path, webhook.query, webhook.form, node)

    def report(self, webhook: Webhook, route: Route) -> CallReport:
        """See `Provider.report`. A leg that is rung tells of its parent; only the caller's call is told to end."""
        form = webhook.form
        parent = form.get("ParentCallSid", "")
        token = webhook.headers.get(REPEATS, "")
        if not token:
            token = blake2b(webhook.query.encode() + b"\n" + webhook.body, digest_size=16).hexdigest()
        is_over = not parent and form.get("CallStatus") in ENDED
        rung = outcome(form, at_once=True) if "DialCallStatus" in form else None
        return CallReport(
            parent or form.get("CallSid", ""),
            token,
            route != "whisper" and caller(form.get("From", ""), self._line) == "contact",
            is_over,
            rung if rung == "answered" or not is_over else None,
        )

    def write(self, step: Step, started: int) -> bytes:
        """The TwiML of a step."""
        documents, key = self._documents, (step.state, step.plays, step.action)
        if (text := documents.get(key)) is None:
            if len(documents) >= DOCUMENTS_KEPT:
                documents.clear()
            # Into the cache that was there before: one that a voice has since emptied is another.
            text = documents[key] = self._render(*key)
        return text.replace(STARTED, str(started)).encode()

    def read_whisper(self, webhook: Webhook) -> WhisperRequest:
        """Language and matter from the address; any key accepts, also # and *."""
        query = urls.read_query(webhook.query)
        accepted = bool(webhook.form.get("Digits"))
        return WhisperRequest(urls.language(self._content, query), urls.matter(query), accepted)

    def write_whisper(self, asked: WhisperRequest, plays: tuple[Utterance, ...]) -> bytes:
        """The whisper, or the empty document by which Twilio connects the two."""
        documents, key = self._whispers, (asked, plays)
        if (body := documents.get(key)) is None:
            if len(documents) >= WHISPERS_KEPT:
                documents.clear()
            body = documents[key] = self._whisper(asked, plays)
        return body

    def _whisper(self, asked: WhisperRequest, plays: tuple[Utterance, ...]) -> bytes:
        if asked.accepted:
            return str(document.TwimlDocument()).encode()
        action = urls.whisper_url(self._line.public_url, CallState("", asked.language, asked.matter))
        return str(document.whisper(plays, action, self._speak)).encode()

    def emergency(self, webhook: Webhook | None, route: Route, *, public_only: bool = False) -> bytes:
        """The emergency document."""
        return self._emergency.answer(webhook, route, public_only=public_only)

    def received(self, step: Step) -> Sequence[Received]:
        """All that Twilio can report after a step."""
        return received(self.write, self._read, step)

    def clear_cache(self) -> None:
        """Drop every cached document, because a voice has changed."""
        self._documents, self._whispers = {}, {}

    def _read(self, path: str, query: str, form: Mapping[str, str], node: str | None) -> CallRequest:
        state, revision, started = self._read_state(query, node or "", urls.NODES in path)
        at = self._content.flow.nodes.get(state.node)
        at_once = isinstance(at, Transfer) and at.contact in self._line.at_once
        event = read_event(form, begins=node is None, at_once=at_once, line=self._line, revision=revision)
        talked = seconds_talked(form) if event == ANSWERED else 0
        reached = isinstance(event, CallerGone) and outcome(form, at_once=at_once) == "answered"
        return CallRequest(state, event, form.get("CallSid", ""), started, talked, reached)

    def _read_state(self, query: str, node: str, is_new: bool) -> tuple[CallState, str, int | None]:
        key = (query, node, is_new)
        if (found := self._states.get(key)) is None:
            if len(self._states) >= STATES_KEPT:
                self._states.clear()
            read = urls.read_state if is_new else version_0_1.read_state
            found = self._states[key] = read(self._content, urls.read_query(query), node)
        return found

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

    def _ring(self, state: CallState, plays: tuple[Utterance, ...], action: Dial, url: str) -> document.TwimlDocument:
        number = self._line.contacts[action.contact][action.number_index]
        whisper = None if action.contact in self._line.at_once else urls.whisper_url(self._line.public_url, state)
        dial = document.dial(number, self._line.rings[action.contact], self._line, action=url, whisper=whisper)
        return document.ring(plays, action.announce, url, dial, self._speak)
