"""Ringing contacts and letting them talk (facts 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from ivr.phone.network.events import Bridged, NotReached, PickedUp, Ringing, TalkEnded
from ivr.phone.network.leg import CallerHungUp, CallLeg, Pending, new_sid
from ivr.phone.network.people import Answer, Busy, Contacts, Failed, NoAnswer, Pickup, Voicemail
from ivr.phone.network.whisper import Whisper
from ivr.phone.twiml.document import DialVerb, Number
from ivr.phone.twiml.grammar import E164

VOICEMAIL_TALK_SECONDS = 60.0


@dataclass
class Child:
    """A contact's leg: its phone, and what has become of it."""

    number: Number
    pickup: Pickup
    sid: str = field(default_factory=lambda: new_sid("CA"))
    answered_at: float | None = None
    bridged: bool = False
    callbacks: int = 0


@dataclass(frozen=True)
class DialEnd:
    """How a Dial ended."""

    status: str
    sid: str
    seconds: float
    bridged: bool

    def form(self, *, tells_bridged: bool) -> dict[str, str]:
        """What the action is told (facts 1.1)."""
        form = {"DialCallStatus": self.status, "DialCallSid": self.sid, "DialCallDuration": str(round(self.seconds))}
        return {**form, "DialBridged": "true" if self.bridged else "false"} if tells_bridged else form


class Dialling:
    """One Dial from the first ring to the end of the talk."""

    def __init__(
        self, line: CallLeg, contacts: Contacts, verb: DialVerb, *, declined_as: str, tells_bridged: bool
    ) -> None:
        self._line, self._contacts, self._verb = line, contacts, verb
        self._declined_as, self._tells_bridged = declined_as, tells_bridged
        self._open: list[Child] = []
        self._caller_id = verb.caller_id or line.form["From"]
        if not E164.fullmatch(self._caller_id):
            raise line.fault(
                f"Dial without callerId would show the caller's {self._caller_id!r}, which no carrier takes"
                " (Twilio error 13214); set callerId to the line's own number"
            )

    def run(self) -> DialEnd:
        """Ring all at once, or one after the other, until somebody talks."""
        verb = self._verb
        rounds = [(number,) for number in verb.numbers] if verb.sequential else [verb.numbers]
        try:
            for numbers in rounds:
                end = self._ring(numbers)
                if end.bridged:
                    break
        except CallerHungUp as gone:
            end = self._abandoned()
            if verb.action:
                gone.pending = Pending(verb.action, self.form(end))
            raise
        return end

    def form(self, end: DialEnd) -> dict[str, str]:
        """What the action is told of an end."""
        return end.form(tells_bridged=self._tells_bridged)

    def _ring(self, numbers: tuple[Number, ...]) -> DialEnd:
        begun = self._line.at
        self._open = [self._start(number) for number in numbers]
        for child in sorted(self._open, key=self._ends_after):
            self._line.deaf(max(0.0, begun + self._ends_after(child) - self._line.at))
            status = self._unanswered(child.pickup)
            if status is None:
                return self._answer(child)
            end = self._close(child, status)
        return end

    def _start(self, number: Number) -> Child:
        child = Child(number, self._contacts.answers(number.number))
        self._report(child, "initiated", "initiated")
        self._line.emit(Ringing(self._line.at, number.number))
        self._report(child, "ringing", "ringing")
        return child

    def _ends_after(self, child: Child) -> float:
        timeout = self._verb.timeout
        return timeout if isinstance(child.pickup, NoAnswer) else min(child.pickup.after, timeout)

    def _unanswered(self, pickup: Pickup) -> str | None:
        match pickup:
            case NoAnswer():
                return "no-answer"
            case _ if pickup.after > self._verb.timeout:
                return "no-answer"
            case Busy():
                return "busy"
            case Failed():
                return "failed"
            case Answer() | Voicemail():
                return None
            case _:
                assert_never(pickup)

    def _answer(self, child: Child) -> DialEnd:
        """The first answer wins, also a machine's; the others stop ringing."""
        for other in [other for other in self._open if other is not child]:
            self._close(other, "canceled")
        person = isinstance(child.pickup, Answer)
        child.answered_at = self._line.at
        self._line.emit(PickedUp(self._line.at, child.number.number, "person" if person else "voicemail"))
        self._report(child, "answered", "in-progress")
        return self._talk(child) if self._accepted(child) else self._close(child, self._declined_as)

    def _accepted(self, child: Child) -> bool:
        if child.number.whisper is None or not isinstance(child.pickup, Answer | Voicemail):
            return True
        whisper = Whisper(
            self._line, child.pickup, self._child_form(child), caller_hears_ringing=self._verb.answer_on_bridge
        )
        return whisper.accepted(child.number.whisper)

    def _talk(self, child: Child) -> DialEnd:
        child.bridged = True
        self._line.emit(Bridged(self._line.at, child.number.number))
        talks = child.pickup.talks if isinstance(child.pickup, Answer) else VOICEMAIL_TALK_SECONDS
        star = self._line.talk(min(talks, self._verb.limit), self._verb.hangup_on_star)
        self._line.emit(
            TalkEnded(
                self._line.at,
                child.number.number,
                "caller" if star else "limit" if talks > self._verb.limit else "contact",
            )
        )
        return self._close(child, "completed")

    def _abandoned(self) -> DialEnd:
        """The caller hung up: everything that rings or talks stops."""
        for child in list(self._open):
            if child.bridged:
                self._line.emit(TalkEnded(self._line.at, child.number.number, "caller"))
            end = self._close(child, "completed" if child.bridged else "canceled")
        return end

    def _close(self, child: Child, status: str) -> DialEnd:
        self._open.remove(child)
        if not child.bridged:
            self._line.emit(NotReached(self._line.at, child.number.number, status))
        seconds = 0.0 if child.answered_at is None else self._line.at - child.answered_at
        self._report(child, "completed", status, {"CallDuration": str(round(seconds))})
        return DialEnd(status, child.sid, seconds, child.bridged)

    def _child_form(self, child: Child) -> dict[str, str]:
        return {
            **self._line.form,
            "CallSid": child.sid,
            "ParentCallSid": self._line.form["CallSid"],
            "From": self._caller_id,
            "Caller": self._caller_id,
            "To": child.number.number,
            "Called": child.number.number,
            "Direction": "outbound-dial",
        }

    def _report(self, child: Child, event: str, status: str, extra: Mapping[str, str] | None = None) -> None:
        """Post the status callback of a Number, if it asked for this event (facts 1.1)."""
        if child.number.status_callback and event in child.number.status_events:
            form = self._child_form(child) | {"CallStatus": status, **(extra or {})}
            form |= {"CallbackSource": "call-progress-events", "SequenceNumber": str(child.callbacks)}
            self._line.notify(child.number.status_callback, form)
        child.callbacks += 1
