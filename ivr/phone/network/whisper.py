"""What a contact hears between the answer and the talk (docs/twilio.md, Whisper and acceptance)."""

from collections.abc import Mapping
from math import inf

from ivr.phone.network.documents import NoDocument
from ivr.phone.network.gather import collect, posts
from ivr.phone.network.leg import CallLeg, ClipLost
from ivr.phone.network.people import Answer, LeavesWhisper, Voicemail
from ivr.phone.network.sounds import Silence
from ivr.phone.twiml.document import Document, GatherVerb, HangupVerb, PlayVerb, SayVerb, Sound

MAX_WHISPER_SECONDS = 30.0
REACTS_SECONDS = 1.0
"""Seconds until a person who has heard all of the whisper once presses the key."""


class ContactHungUp(Exception):
    """The contact hung up before the talk."""


class Whisper:
    """The contact, as a listener of the line, while the caller waits; `form` is what each webhook is told."""

    def __init__(
        self,
        leg: CallLeg,
        contact: Answer | LeavesWhisper | Voicemail,
        form: Mapping[str, str],
        *,
        caller_hears_ringing: bool,
    ) -> None:
        self._leg, self._form = leg, form
        self._key = contact.presses if isinstance(contact, Answer) else None
        self._listens = contact.listens if isinstance(contact, Answer) else 0.0
        self._first: Sound | None = None
        self._told_at: float | None = None
        self._stays = contact.listens if isinstance(contact, LeavesWhisper) else inf
        self._spent = 0.0
        self._silence = Silence(leg.documents.fault)
        self._caller_silence = None if caller_hears_ringing else Silence(leg.documents.fault)

    def accepted(self, url: str) -> bool:
        """Run the document at `url`: True if its verbs run out, False at a Hangup; CarrierError if it is too long.

        False also where a document cannot be had: whoever picked up hears an error and no caller. ContactHungUp if
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
        asked = self._leg.at
        document = self._leg.documents.fetch(url, {**self._form, "CallStatus": "in-progress", **extra}, "contact")
        self._spent += self._leg.at - asked
        return document

    def _through(self, document: Document) -> Document | bool:
        for verb in document.verbs:
            match verb:
                case SayVerb() | PlayVerb():
                    self._spend(self._begin(verb))
                case GatherVerb():
                    collected = collect(verb, self)
                    if posts(verb, collected):
                        return self._fetch(verb.action, collected.form())
                case HangupVerb():
                    return False
        return True

    def early(self) -> str | None:
        """None: a simulated contact presses only while a Gather listens."""
        return None

    def hear(self, sound: Sound) -> str | None:
        """Play a sound of a Gather."""
        return self._until_pressed(self._begin(sound))

    def wait(self, seconds: float) -> str | None:
        """Wait in a Gather."""
        self._silence.broken()
        self._told()
        return self._until_pressed(seconds)

    def _begin(self, sound: Sound) -> float:
        self._silence.after(sound)
        if self._first is None:
            self._first = sound
        elif sound == self._first:
            self._told()
        return self._leg.announce(sound, "whisper")

    def _told(self) -> None:
        """All of it has been told once: its first words come again, or the line waits for the key."""
        if self._told_at is None:
            self._told_at = self._spent

    def _until_pressed(self, seconds: float) -> str | None:
        due = max(0.0, self._presses_at - self._spent)
        if self._key is None or due > seconds:
            self._spend(seconds)
            return None
        self._spend(due)
        key, self._key = self._key, None
        return key

    @property
    def _presses_at(self) -> float:
        if self._listens is not None:
            return self._listens
        return inf if self._told_at is None else self._told_at + REACTS_SECONDS

    def _spend(self, seconds: float) -> None:
        left = max(0.0, self._stays - self._spent)
        leaves, seconds = seconds >= left, min(seconds, left)
        self._spent = round(self._spent + seconds, 6)
        if self._spent > MAX_WHISPER_SECONDS:
            raise self._leg.documents.fault(
                f"the whisper takes more than {MAX_WHISPER_SECONDS:g} s while the caller waits"
            )
        if self._caller_silence:
            self._caller_silence.add(seconds)
        self._leg.deaf(seconds, "ringing")
        if leaves:
            raise ContactHungUp
