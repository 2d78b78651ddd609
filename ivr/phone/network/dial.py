"""Ringing a contact and connecting the talk (docs/twilio.md, Ringing)."""

from typing import assert_never

from ivr.phone.network.events import Bridged, NotReached, PickedUp, Ringing, TalkEnded
from ivr.phone.network.leg import CallerHungUp, CallLeg, Pending, new_sid
from ivr.phone.network.people import Answer, Busy, Contacts, Failed, NoAnswer, Voicemail
from ivr.phone.network.whisper import Whisper
from ivr.phone.twiml.document import DialVerb

VOICEMAIL_TALK_SECONDS = 60.0


class Dialling:
    """One Dial, from the first ring to the end of the talk."""

    def __init__(
        self, leg: CallLeg, contacts: Contacts, verb: DialVerb, *, declined_as: str, tells_bridged: bool
    ) -> None:
        self._leg, self._contacts, self._verb = leg, contacts, verb
        self._declined_as, self._tells_bridged = declined_as, tells_bridged
        self._sid = new_sid("CA")
        self._answered_at: float | None = None
        self._bridged = False

    def run(self) -> dict[str, str]:
        """Ring until the phone is answered or the time is over, and let them talk; return what the action is told."""
        try:
            status = self._ring()
        except CallerHungUp as gone:
            if self._bridged:
                self._leg.emit(TalkEnded(self._leg.at, self._verb.number, "caller"))
            form = self._end("completed" if self._bridged else "canceled")
            if self._verb.action:
                gone.pending = Pending(self._verb.action, form)
            raise
        return self._end(status)

    def _ring(self) -> str:
        """Ring, and return the status with which the contact's leg ends."""
        pickup, timeout = self._contacts.answers(self._verb.number), self._verb.timeout
        self._leg.emit(Ringing(self._leg.at, self._verb.number))
        if isinstance(pickup, NoAnswer) or pickup.after > timeout:
            self._leg.deaf(timeout)
            return "no-answer"
        self._leg.deaf(pickup.after)
        match pickup:
            case Busy():
                return "busy"
            case Failed():
                return "failed"
            case Answer() | Voicemail():
                return self._answered(pickup)
            case _:
                assert_never(pickup)

    def _answered(self, pickup: Answer | Voicemail) -> str:
        self._answered_at = self._leg.at
        person = isinstance(pickup, Answer)
        self._leg.emit(PickedUp(self._leg.at, self._verb.number, "person" if person else "voicemail"))
        if not self._accepted(pickup):
            return self._declined_as
        self._talk(pickup.talks if isinstance(pickup, Answer) else VOICEMAIL_TALK_SECONDS)
        return "completed"

    def _accepted(self, pickup: Answer | Voicemail) -> bool:
        if self._verb.whisper is None:
            return True
        form = {
            **self._leg.form,
            "CallSid": self._sid,
            "ParentCallSid": self._leg.form["CallSid"],
            "From": self._verb.caller_id,
            "Caller": self._verb.caller_id,
            "To": self._verb.number,
            "Called": self._verb.number,
            "Direction": "outbound-dial",
        }
        whisper = Whisper(self._leg, pickup, form, caller_hears_ringing=self._verb.answer_on_bridge)
        return whisper.accepted(self._verb.whisper)

    def _talk(self, seconds: float) -> None:
        self._bridged = True
        self._leg.emit(Bridged(self._leg.at, self._verb.number))
        self._leg.talk(min(seconds, self._verb.limit))
        over = seconds > self._verb.limit
        self._leg.emit(TalkEnded(self._leg.at, self._verb.number, "limit" if over else "contact"))

    def _end(self, status: str) -> dict[str, str]:
        """End the contact's leg, and return what the action is told (docs/twilio.md, Request fields)."""
        if not self._bridged:
            self._leg.emit(NotReached(self._leg.at, self._verb.number, status))
        seconds = 0.0 if self._answered_at is None else self._leg.at - self._answered_at
        form = {"DialCallStatus": status, "DialCallSid": self._sid, "DialCallDuration": str(round(seconds))}
        return {**form, "DialBridged": "true" if self._bridged else "false"} if self._tells_bridged else form
