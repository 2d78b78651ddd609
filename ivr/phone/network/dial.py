"""Ringing a contact and connecting the talk (docs/twilio.md, Ringing)."""

from ivr.phone.network.events import Bridged, NotReached, PickedUp, Ringing, TalkEnded
from ivr.phone.network.leg import CallerHungUp, CallLeg, Pending, new_sid
from ivr.phone.network.port import Answered, ContactLeg, NotAnswered
from ivr.phone.network.whisper import LeftWhisper, Whisper
from ivr.phone.twiml.document import DialVerb


class Dialling:
    """One Dial, from the first ring to the end of the talk."""

    def __init__(self, leg: CallLeg, verb: DialVerb) -> None:
        self._leg, self._verb = leg, verb
        self._sid = new_sid("CA")
        self._contact: ContactLeg | None = None
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
        finally:
            self._leg.call.ringback(heard=False)
            if self._contact:
                self._contact.hang_up()
        return self._end(status)

    def _ring(self) -> str:
        """Ring, and return the status with which the contact's leg ends."""
        if not self._verb.answer_on_bridge:
            self._leg.answer()
        self._leg.lose_keys()
        self._leg.deaf(self._leg.behaviour.delays.dialling, "ringing")
        contact = self._contact = self._leg.call.ring(self._verb.number, self._verb.caller_id)
        self._leg.emit(Ringing(self._leg.at, self._verb.number))
        self._leg.call.ringback(heard=True)
        match self._leg.contact_act(self._verb.timeout + self._leg.behaviour.rings_longer, contact):
            case Answered(how=how):
                self._answered_at = self._leg.at
                self._leg.emit(PickedUp(self._leg.at, self._verb.number, how))
                return self._answered(contact)
            case NotAnswered(status=status):
                return status
            case _:
                return "no-answer"

    def _answered(self, contact: ContactLeg) -> str:
        if not self._verb.answer_on_bridge:
            self._leg.call.ringback(heard=False)
        try:
            if not self._accepted(contact):
                return self._leg.behaviour.declined_as
        except LeftWhisper:
            return "completed"
        self._talk(contact)
        return "completed"

    def _accepted(self, contact: ContactLeg) -> bool:
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
        whisper = Whisper(self._leg, contact, form, caller_hears_ringing=self._verb.answer_on_bridge)
        return whisper.accepted(self._verb.whisper)

    def _talk(self, contact: ContactLeg) -> None:
        self._bridged = True
        self._leg.answer()
        self._leg.call.ringback(heard=False)
        self._leg.call.bridge(contact)
        self._leg.emit(Bridged(self._leg.at, self._verb.number))
        by_contact = self._leg.talk(self._verb.limit, contact)
        self._leg.emit(TalkEnded(self._leg.at, self._verb.number, "contact" if by_contact else "limit"))

    def _end(self, status: str) -> dict[str, str]:
        """End the contact's leg, and return what the action is told (docs/twilio.md, Request fields)."""
        if self._contact and not self._bridged:
            self._leg.emit(NotReached(self._leg.at, self._verb.number, status))
        form = {"DialCallStatus": status, "DialCallSid": self._sid}
        if self._answered_at is not None:
            form["DialCallDuration"] = str(round(self._leg.at - self._answered_at))
        if self._leg.behaviour.dial_bridged:
            form["DialBridged"] = "true" if self._bridged else "false"
        return form
