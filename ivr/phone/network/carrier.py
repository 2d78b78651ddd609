"""The simulated carrier: plays Twilio's part in a call over signed requests, in virtual time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import Literal, assert_never, get_args

from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.dial import Dialling
from ivr.phone.network.events import Ended, Event, Waited, Where
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
End = Literal["line", "rejected"]


@dataclass(frozen=True)
class CarrierBehaviour:
    """What Twilio's pages leave open (facts 2, 5 and 10): a line must be right either way."""

    early_keys: EarlyKeys = "buffered"
    action_after_hangup: bool = False
    declined_as: DeclinedAs = "completed"
    dial_bridged: bool = True


ALL_BEHAVIOURS: tuple[CarrierBehaviour, ...] = tuple(
    CarrierBehaviour(early_keys, action_after_hangup, declined_as, dial_bridged)
    for early_keys in get_args(EarlyKeys)
    for action_after_hangup in (False, True)
    for declined_as in get_args(DeclinedAs)
    for dial_bridged in (True, False)
)


class Carrier:
    """Rings one line and interprets its answers strictly; a CarrierError is a fault of the line."""

    def __init__(
        self,
        transport: Transport,
        *,
        public_url: str,
        auth_token: str,
        our_number: str,
        clock: VirtualClock,
        seconds_of: SecondsOf,
        clip_seconds: ClipOf | None = None,
        behaviour: CarrierBehaviour | None = None,
    ) -> None:
        self._url = public_url.rstrip("/")
        self._wire = Wire(transport, self._url, auth_token)
        self._our_number, self._clock = our_number, clock
        self._voices = Voices(seconds_of, clip_seconds)
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
        """Ring the line, play the call to its end and return the transcript; `to`: another number of the line."""
        form = self._standard_form(from_, to or self._our_number) | dict(extra or {})
        line = CallLeg(self._wire, self._clock, caller, self._voices, form)
        try:
            ended = _Call(line, contacts, self._behaviour).run(f"{self._url}/voice")
        except CallerHungUp as gone:
            line.emit(Ended(line.at, "caller"))
            self._report_end(line)
            if gone.pending and self._behaviour.action_after_hangup:
                form = {**line.form, **gone.pending.form, "CallStatus": "completed"}
                line.fetch(gone.pending.url, form, "gone")
        else:
            line.emit(Ended(line.at, ended))
            self._report_end(line)
        return line.transcript

    def _standard_form(self, from_: str, to: str) -> dict[str, str]:
        """What every request of the call says (facts 1.1)."""
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

    def _report_end(self, line: CallLeg) -> None:
        """The status callback of the whole call (facts 1.1)."""
        form = {
            **line.form,
            "CallStatus": "completed",
            "CallDuration": str(round(line.at)),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": "0",
            "Timestamp": format_datetime(self._clock.now().astimezone(UTC), usegmt=True),
        }
        line.notify(f"{self._url}/voice/status", form)


class _Call:
    """Interprets documents on the caller's leg."""

    def __init__(self, line: CallLeg, contacts: Contacts, behaviour: CarrierBehaviour) -> None:
        self._line, self._contacts, self._behaviour = line, contacts, behaviour
        self._ear = _CallerEar(line, keeps_early=behaviour.early_keys == "buffered")

    def run(self, url: str) -> End:
        """Follow the line from document to document until it ends the call."""
        outcome = self._through(self._line.fetch(url, {**self._line.form, "CallStatus": "ringing"}))
        while isinstance(outcome, Document):
            outcome = self._through(outcome)
        return outcome

    def _through(self, document: Document) -> Document | End:
        for verb in document.verbs:
            if outcome := self._do(verb):
                return outcome
        raise AssertionError("reading refuses a document that can run out of verbs")

    def _do(self, verb: Verb) -> Document | End | None:
        """Run one verb; None means that the next one follows."""
        match verb:
            case SayVerb() | PlayVerb() | PauseVerb():
                self._ear.overhear(verb)
                return None
            case GatherVerb():
                return self._gather(verb)
            case DialVerb():
                return self._dial(verb)
            case RedirectVerb(url=url):
                return self._line.fetch(url, self._line.form)
            case HangupVerb():
                return "line"
            case RejectVerb():
                return "rejected"
            case _:
                assert_never(verb)

    def _gather(self, verb: GatherVerb) -> Document | None:
        try:
            collected = collect(verb, self._ear)
            if collected.nothing:
                self._line.emit(Waited(self._line.at, verb.timeout))
        except CallerHungUp as gone:
            gone.pending = Pending(verb.action, Collected("", "").form())
            raise
        if not posts(verb, collected):
            return None
        return self._line.fetch(verb.action, {**self._line.form, **collected.form()})

    def _dial(self, verb: DialVerb) -> Document | None:
        self._ear.silence.broken()
        dialling = Dialling(
            self._line,
            self._contacts,
            verb,
            declined_as=self._behaviour.declined_as,
            tells_bridged=self._behaviour.dial_bridged,
        )
        end = dialling.run()
        if verb.action is None:
            return None
        return self._line.fetch(verb.action, {**self._line.form, **dialling.form(end)})


class _CallerEar:
    """The caller's end of the line."""

    def __init__(self, line: CallLeg, *, keeps_early: bool) -> None:
        self.silence = Silence(line)
        self._line, self._keeps_early = line, keeps_early

    def early(self) -> str | None:
        """A key pressed while nothing listened: kept or lost, as the switch says."""
        if not self._keeps_early:
            self._line.early.clear()
        return self._line.early_key()

    def hear(self, sound: Sound) -> str | None:
        """Hear a sound of a Gather."""
        return self._key(self._begin(sound, "gather"), Attention.SPEAKING)

    def wait(self, seconds: float) -> str | None:
        """Wait in a Gather."""
        self.silence.broken()
        return self._key(seconds, Attention.WAITING)

    def overhear(self, sound: Sound) -> None:
        """Hear a sound that no key stops."""
        self._line.deaf(self._begin(sound, "plain"))

    def _begin(self, sound: Sound, where: Where) -> float:
        self.silence.after(sound)
        return self._line.announce(sound, where)

    def _key(self, seconds: float, moment: Attention) -> str | None:
        press = self._line.ask(seconds, moment)
        return press.key if press else None
