"""Ringing a contact and connecting the talk (docs/twilio.md, Ringing)."""

from typing import Literal, assert_never

from ivr.phone.network.events import Bridged, NotReached, PickedUp, Ringing, TalkEnded
from ivr.phone.network.leg import CallerHungUp, CallLeg, Pending, new_sid
from ivr.phone.network.people import TALK_SECONDS, Answer, Busy, Contacts, Failed, LeavesWhisper, NoAnswer, Voicemail
from ivr.phone.network.whisper import ContactHungUp, Whisper
from ivr.phone.twiml.document import DialVerb


class Dialling:
    """One Dial, from the first ring to the end of the talk."""

    def __init__(self, leg: CallLeg, contacts: Contacts, verb: DialVerb) -> None:
        self._leg, self._contacts, self._verb = leg, contacts, verb
        self._sid = new_sid("CA")
        self._rung = False
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
                gone.pending = Pending(self._verb.action, form, "dial")
            raise
        return self._end(status)

    def _ring(self) -> str:
        """Ring, and return the status with which the contact's leg ends."""
        if not self._verb.answer_on_bridge:
            self._leg.answer()
        self._leg.lose_keys()
        self._leg.deaf(self._leg.behaviour.delays.dialling, "ringing")
        pickup, timeout = self._contacts.answers(self._verb.number), self._verb.timeout
        self._rung = True
        self._leg.emit(Ringing(self._leg.at, self._verb.number))
        timeout += self._leg.behaviour.rings_longer
        if isinstance(pickup, NoAnswer) or pickup.after > timeout:
            self._leg.deaf(timeout, "ringing")
            return "no-answer"
        self._leg.deaf(pickup.after, "ringing")
        match pickup:
            case Busy():
                return "busy"
            case Failed():
                return "failed"
            case Answer() | LeavesWhisper() | Voicemail():
                return self._answered(pickup)
            case _:
                assert_never(pickup)

    def _answered(self, pickup: Answer | LeavesWhisper | Voicemail) -> str:
        self._answered_at = self._leg.at
        how: Literal["person", "voicemail"] = "voicemail" if isinstance(pickup, Voicemail) else "person"
        self._leg.emit(PickedUp(self._leg.at, self._verb.number, how))
        try:
            if not self._accepted(pickup):
                return self._leg.behaviour.declined_as
        except ContactHungUp:
            return "completed"
        match pickup:
            case Answer(talks=seconds) | LeavesWhisper(listens=seconds):
                self._talk(seconds)
            case Voicemail():
                self._talk(TALK_SECONDS)
            case _:
                assert_never(pickup)
        return "completed"

    def _accepted(self, pickup: Answer | LeavesWhisper | Voicemail) -> bool:
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
        self._leg.answer()
        self._leg.emit(Bridged(self._leg.at, self._verb.number))
        self._leg.talk(min(seconds, self._verb.limit))
        over = seconds > self._verb.limit
        self._leg.emit(TalkEnded(self._leg.at, self._verb.number, "limit" if over else "contact"))

    def _end(self, status: str) -> dict[str, str]:
        """End the contact's leg, and return what the action is told (docs/twilio.md, Request fields)."""
        if self._rung and not self._bridged:
            self._leg.emit(NotReached(self._leg.at, self._verb.number, status))
        form = {"DialCallStatus": status, "DialCallSid": self._sid}
        if self._answered_at is not None:
            form["DialCallDuration"] = str(round(self._leg.at - self._answered_at))
        if self._leg.behaviour.dial_bridged:
            form["DialBridged"] = "true" if self._bridged else "false"
        return form
