"""The simulated carrier: makes calls to a line with signed webhooks, as Twilio does, in virtual time."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product, starmap
from typing import Literal, assert_never, get_args

from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.dial import Dialling
from ivr.phone.network.events import Ended, EndedBy, Event, Waited, Where
from ivr.phone.network.gather import Collected, collect, posts
from ivr.phone.network.leg import CallerHungUp, CallLeg, ClipOf, Pending, SecondsOf, Silence, Voices, new_sid
from ivr.phone.network.people import Attention, Caller, Contacts
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

EarlyKeys = Literal["buffered", "lost"]
DeclinedAs = Literal["completed", "no-answer"]


@dataclass(frozen=True)
class CarrierBehaviour:
    """What Twilio's pages leave open (docs/twilio.md, Unknown): a line must be right either way.

    `early_keys`: what becomes of keys pressed while no Gather listens. `action_after_hangup`: whether a due action is
    still posted. `declined_as`: the DialCallStatus of a declined whisper. `dial_bridged`: whether DialBridged is told.
    """

    early_keys: EarlyKeys = "buffered"
    action_after_hangup: bool = False
    declined_as: DeclinedAs = "completed"
    dial_bridged: bool = True


ALL_BEHAVIOURS: tuple[CarrierBehaviour, ...] = tuple(
    starmap(CarrierBehaviour, product(get_args(EarlyKeys), (False, True), get_args(DeclinedAs), (True, False)))
)


class Carrier:
    """Calls one line as Twilio does; an answer that Twilio would not understand is an error here."""

    def __init__(
        self,
        transport: Transport,
        *,
        public_url: str,
        auth_token: str,
        our_number: str,
        clock: VirtualClock,
        seconds_of: SecondsOf,
        clip_of: ClipOf | None = None,
        behaviour: CarrierBehaviour | None = None,
    ) -> None:
        self._url = public_url.rstrip("/")
        self._wire = Wire(transport, self._url, auth_token)
        self._our_number, self._clock = our_number, clock
        self._voices = Voices(seconds_of, clip_of)
        self._behaviour = behaviour or CarrierBehaviour()

    def call(
        self,
        caller: Caller,
        contacts: Contacts,
        *,
        from_: str = "+358401234567",
        to: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> list[Event]:
        """Make one call and return its events; CarrierError if the line breaks a rule.

        `to`: the number called, if not `our_number`. `extra`: more fields of every request.
        """
        form = self._standard_form(from_, to or self._our_number) | dict(extra or {})
        leg = CallLeg(self._wire, self._clock, caller, self._voices, form)
        pending: Pending | None = None
        try:
            by: EndedBy = _Call(leg, contacts, self._behaviour).run(f"{self._url}/voice")
        except CallerHungUp as gone:
            by, pending = "caller", gone.pending
        leg.emit(Ended(leg.at, by))
        over = {**leg.form, "CallStatus": "completed"}
        leg.notify(f"{self._url}/voice/status", {**over, "CallDuration": str(round(leg.at))})
        if pending and self._behaviour.action_after_hangup:
            leg.fetch(pending.url, {**over, **pending.form}, "nobody")
        return leg.events

    def _standard_form(self, from_: str, to: str) -> dict[str, str]:
        """What every request of the call says (docs/twilio.md, Request fields)."""
        return {
            "AccountSid": "AC" + "0" * 32,
            "ApiVersion": "2010-04-01",
            "CallSid": new_sid("CA"),
            "CallStatus": "in-progress",
            "Called": to,
            "Caller": from_,
            "Direction": "inbound",
            "From": from_,
            "To": to,
        }


class _Call:
    """Interprets documents on the caller's leg."""

    def __init__(self, leg: CallLeg, contacts: Contacts, behaviour: CarrierBehaviour) -> None:
        self._leg, self._contacts, self._behaviour = leg, contacts, behaviour
        self._listener = _CallerListener(leg, keeps_early=behaviour.early_keys == "buffered")

    def run(self, url: str) -> EndedBy:
        """Run one document after another until the line ends the call."""
        outcome = self._through(self._leg.fetch(url, {**self._leg.form, "CallStatus": "ringing"}))
        while isinstance(outcome, Document):
            outcome = self._through(outcome)
        return outcome

    def _through(self, document: Document) -> Document | EndedBy:
        for verb in document.verbs:
            if outcome := self._do(verb):
                return outcome
        raise AssertionError("the parser refuses a document without a final verb")

    def _do(self, verb: Verb) -> Document | EndedBy | None:
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
                return self._leg.fetch(url, self._leg.form)
            case HangupVerb():
                return "line"
            case RejectVerb():
                return "rejected"
            case _:
                assert_never(verb)

    def _gather(self, verb: GatherVerb) -> Document | None:
        try:
            collected = collect(verb, self._listener)
            if collected.nothing:
                self._leg.emit(Waited(self._leg.at, verb.timeout))
        except CallerHungUp as gone:
            gone.pending = Pending(verb.action, Collected("", "").form())
            raise
        if not posts(verb, collected):
            return None
        return self._leg.fetch(verb.action, {**self._leg.form, **collected.form()})

    def _dial(self, verb: DialVerb) -> Document | None:
        self._listener.silence.broken()
        dialling = Dialling(
            self._leg,
            self._contacts,
            verb,
            declined_as=self._behaviour.declined_as,
            tells_bridged=self._behaviour.dial_bridged,
        )
        told = dialling.run()
        if verb.action is None:
            return None
        return self._leg.fetch(verb.action, {**self._leg.form, **told})


class _CallerListener:
    """The caller, as a listener of the line."""

    def __init__(self, leg: CallLeg, *, keeps_early: bool) -> None:
        self.silence = Silence(leg)
        self._leg, self._keeps_early = leg, keeps_early

    def early(self) -> str | None:
        """A key pressed while no Gather listened: kept or lost, as `early_keys` says."""
        if not self._keeps_early:
            self._leg.early.clear()
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
        self._leg.deaf(self._begin(sound, "plain"))

    def _begin(self, sound: Sound, where: Where) -> float:
        self.silence.after(sound)
        return self._leg.announce(sound, where)

    def _key(self, seconds: float, moment: Attention) -> str | None:
        press = self._leg.ask(seconds, moment)
        return press.key if press else None
