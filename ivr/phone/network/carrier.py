"""The simulated carrier: carries calls to a line with signed webhooks, as Twilio does, over any network of port.py."""

from collections.abc import Mapping
from contextlib import suppress
from typing import assert_never
from urllib.parse import urldefrag

from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.dial import Dialling
from ivr.phone.network.documents import Network, NoDocument
from ivr.phone.network.events import Ended, EndedBy, Event, Waited, Where
from ivr.phone.network.gather import Collected, collect, posts
from ivr.phone.network.leg import CallerHungUp, CallLeg, ClipLost, Pending, new_sid
from ivr.phone.network.people import Attention
from ivr.phone.network.port import NetworkCall, SpokenOf
from ivr.phone.network.sounds import Silence
from ivr.phone.network.transport import Transport
from ivr.phone.network.wire import Wire
from ivr.phone.twiml.document import (
    DialVerb,
    Document,
    GatherVerb,
    HangupVerb,
    PauseVerb,
    PlayVerb,
    RedirectVerb,
    RejectVerb,
    SayVerb,
    Sound,
    Verb,
)
from ivr.phone.twiml.voices import VOICES


class Carrier:
    """Carries calls to one line as Twilio does.

    A request that fails is tried again as its address asks, then the call goes on with `fallback`: the URL of one, or
    the bytes of a file on another host. Without any the call ends by an error (docs/twilio.md, Faults). `strict`: each
    such fault is a CarrierError instead. `voice_url`: the number's own address; its overrides hold for the status
    callback too. `known_voices`: the names that a Say may use.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        public_url: str,
        auth_token: str,
        our_number: str,
        spoken_of: SpokenOf,
        behaviour: CarrierBehaviour | None = None,
        voice_url: str | None = None,
        fallback: str | bytes | None = None,
        strict: bool = False,
        known_voices: frozenset[str] = VOICES,
    ) -> None:
        self._url = public_url.rstrip("/")
        self._voice_url = voice_url or f"{self._url}/voice"
        self._status_url = urldefrag(self._voice_url)._replace(url=f"{self._url}/voice/status").geturl()
        self._our_number = our_number
        self._network = Network(
            wire=Wire(transport, self._url, auth_token, fallback if isinstance(fallback, str) else None),
            spoken_of=spoken_of,
            behaviour=behaviour or CarrierBehaviour(),
            strict=strict,
            fallback=fallback,
            known_voices=known_voices,
        )

    def carry(
        self, call: NetworkCall, *, from_: str, to: str | None = None, extra: Mapping[str, str] | None = None
    ) -> list[Event]:
        """Carry one call to its end and return its events; CarrierError if the line breaks a rule.

        `to`: the number called, if not `our_number`. `extra`: more fields of every request.
        """
        form = self._standard_form(from_, to or self._our_number) | dict(extra or {})
        leg = CallLeg(self._network, call, form)
        pending: Pending | None = None
        status = "completed"
        try:
            by, status = _Call(leg).run(self._voice_url)
        except CallerHungUp as gone:
            by, pending = "caller", gone.pending
            status = "no-answer" if leg.answered_at is None else "completed"
        except NoDocument:
            leg.answer()
            by = "error"
        finally:
            call.hang_up()
        leg.emit(Ended(leg.at, by))
        seconds = 0.0 if leg.answered_at is None else leg.at - leg.answered_at
        over = {**leg.form, "CallStatus": status}
        leg.documents.notify(self._status_url, {**over, "CallDuration": str(round(seconds))})
        if pending and self._network.behaviour.action_after_hangup in (pending.of, "all"):
            with suppress(NoDocument):
                leg.documents.fetch(pending.url, {**over, **pending.form}, "nobody")
        return leg.events

    def _standard_form(self, from_: str, to: str) -> dict[str, str]:
        """What every request of the call says (docs/twilio.md, Request fields)."""
        return {
            "AccountSid": "AC" + "0" * 32,
            "ApiVersion": "2010-04-01",
            "CallSid": new_sid("CA"),
            "Called": to,
            "Caller": from_,
            "Direction": "inbound",
            "From": from_,
            "To": to,
        }


class _Call:
    """Interprets documents on the caller's leg."""

    def __init__(self, leg: CallLeg) -> None:
        self._leg = leg
        self._listener = _CallerListener(leg)

    def run(self, url: str) -> tuple[EndedBy, str]:
        """Run one document after another until the line ends the call; return how, and the call's last status."""
        outcome: Document | tuple[EndedBy, str] = self._leg.documents.fetch(url, self._leg.form)
        while isinstance(outcome, Document):
            try:
                outcome = self._through(outcome)
            except ClipLost as lost:
                outcome = self._leg.documents.fall_back(lost.url, self._leg.form, lost.fault)
        return outcome

    def _through(self, document: Document) -> Document | tuple[EndedBy, str]:
        for verb in document.verbs:
            if outcome := self._do(verb):
                return outcome
        raise AssertionError("the parser refuses a document without a final verb")

    def _do(self, verb: Verb) -> Document | tuple[EndedBy, str] | None:
        """Run one verb; None means that the next one follows."""
        match verb:
            case SayVerb() | PlayVerb() | PauseVerb():
                self._listener.overhear(verb)
                return None
            case GatherVerb():
                return self._gather(verb)
            case DialVerb():
                return self._dial(verb)
            case RedirectVerb(url=url):
                return self._leg.documents.fetch(url, self._leg.form)
            case HangupVerb():
                return "line", "completed"
            case RejectVerb(busy=busy):
                # Too late for a call that is answered already (docs/twilio.md, Order of verbs).
                if self._leg.answered_at is not None:
                    return "rejected", "completed"
                self._leg.call.refuse(busy=busy)
                return "rejected", "busy" if busy else "no-answer"
            case _:
                assert_never(verb)

    def _gather(self, verb: GatherVerb) -> Document | None:
        self._leg.answer()
        try:
            collected = collect(verb, self._listener)
            if collected.nothing:
                self._leg.emit(Waited(self._leg.at, verb.timeout))
        except CallerHungUp as gone:
            gone.pending = Pending(verb.action, Collected("", "").form(), "gather")
            raise
        if not posts(verb, collected):
            return None
        return self._leg.documents.fetch(verb.action, {**self._leg.form, **collected.form()})

    def _dial(self, verb: DialVerb) -> Document | None:
        self._listener.silence.broken()
        told = Dialling(self._leg, verb).run()
        if verb.action is None:
            return None
        return self._leg.documents.fetch(verb.action, {**self._leg.form, **told})


class _CallerListener:
    """The caller, as a listener of the line."""

    def __init__(self, leg: CallLeg) -> None:
        self.silence = Silence(leg.documents.fault)
        self._leg = leg

    def early(self) -> str | None:
        """A key pressed while no Gather listened, if it was kept there."""
        return self._leg.early_key()

    def hear(self, sound: Sound) -> str | None:
        """Play a sound of a Gather."""
        return self._key(self._begin(sound, "gather"), Attention.SPEAKING)

    def wait(self, seconds: float) -> str | None:
        """Wait in a Gather."""
        self.silence.broken()
        return self._key(seconds, Attention.WAITING)

    def overhear(self, sound: Sound) -> None:
        """Play a sound outside a Gather, which no key stops."""
        self._leg.deaf(self._begin(sound, "plain"), "words")

    def _begin(self, sound: Sound, where: Where) -> float:
        self.silence.after(sound)
        return self._leg.announce(sound, where)

    def _key(self, seconds: float, moment: Attention) -> str | None:
        press = self._leg.ask(seconds, moment)
        if press is None:
            return None
        self._leg.call.stop()
        return press.key
