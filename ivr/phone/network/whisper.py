"""What a contact hears between the answer and the talk (docs/twilio.md, Whisper and acceptance)."""

from collections.abc import Mapping

from ivr.phone.network.documents import NoDocument
from ivr.phone.network.gather import collect, posts
from ivr.phone.network.leg import CallLeg, ClipLost
from ivr.phone.network.port import ContactHangsUp, ContactLeg, ContactPresses
from ivr.phone.network.sounds import Silence
from ivr.phone.twiml.document import Document, GatherVerb, HangupVerb, PlayVerb, SayVerb, Sound

MAX_WHISPER_SECONDS = 30.0


class LeftWhisper(Exception):
    """The contact hung up before the talk."""


class Whisper:
    """The contact, as a listener of the line, while the caller waits; `form` is what each webhook is told."""

    def __init__(
        self, leg: CallLeg, contact: ContactLeg, form: Mapping[str, str], *, caller_hears_ringing: bool
    ) -> None:
        self._leg, self._contact, self._form = leg, contact, form
        self._early: list[str] = []
        self._began = leg.at
        self._silence = Silence(leg.documents.fault)
        self._caller_silence = None if caller_hears_ringing else Silence(leg.documents.fault)

    def accepted(self, url: str) -> bool:
        """Run the document at `url`: True if its verbs run out, False at a Hangup; CarrierError if it is too long.

        False also where a document cannot be had: whoever picked up hears an error and no caller. LeftWhisper if
        the contact does not stay for the talk.
        """
        try:
            outcome = self._through(self._fetch(url, {}))
            while isinstance(outcome, Document):
                outcome = self._through(outcome)
        except (NoDocument, ClipLost):
            return False
        return outcome

    def _fetch(self, url: str, extra: Mapping[str, str]) -> Document:
        return self._leg.documents.fetch(url, {**self._form, "CallStatus": "in-progress", **extra}, "contact")

    def _through(self, document: Document) -> Document | bool:
        for verb in document.verbs:
            match verb:
                case SayVerb() | PlayVerb():
                    self._deaf(self._begin(verb))
                case GatherVerb():
                    collected = collect(verb, self)
                    if posts(verb, collected):
                        return self._fetch(verb.action, collected.form())
                case HangupVerb():
                    return False
        return True

    def early(self) -> str | None:
        """A key that the contact pressed before the Gather listened, if any."""
        return self._early.pop(0) if self._early else None

    def hear(self, sound: Sound) -> str | None:
        """Play a sound of a Gather."""
        return self._until_pressed(self._begin(sound))

    def wait(self, seconds: float) -> str | None:
        """Wait in a Gather."""
        self._silence.broken()
        self._contact.awaited()
        return self._until_pressed(seconds)

    def _begin(self, sound: Sound) -> float:
        self._silence.after(sound)
        return self._leg.announce(sound, "whisper", self._contact)

    def _until_pressed(self, seconds: float) -> str | None:
        key = self._pass(seconds)
        if key:
            self._contact.stop()
        return key

    def _deaf(self, seconds: float) -> None:
        """Let seconds pass in which no Gather listens."""
        ends = self._leg.at + seconds
        while key := self._pass(max(0.0, ends - self._leg.at)):
            self._early.append(key)

    def _pass(self, seconds: float) -> str | None:
        """Let seconds pass up to a key of the contact; LeftWhisper if the contact hangs up."""
        began = self._leg.at
        act = self._leg.contact_act(seconds, self._contact)
        if self._leg.at - self._began > MAX_WHISPER_SECONDS:
            raise self._leg.documents.fault(
                f"the whisper takes more than {MAX_WHISPER_SECONDS:g} s while the caller waits"
            )
        if self._caller_silence:
            self._caller_silence.add(self._leg.at - began)
        match act:
            case ContactHangsUp():
                raise LeftWhisper
            case ContactPresses(key=key):
                return key
            case _:
                return None
