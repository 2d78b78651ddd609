"""The caller's leg of a call: its time, its requests and its events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never
from uuid import uuid4

from ivr.phone.errors import CarrierError
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Event, Pressed, Requested, Said, Spoken, Where
from ivr.phone.network.people import Attention, Caller, HangsUp, Press
from ivr.phone.network.wire import Wire, twiml_of
from ivr.phone.twiml.document import Audience, Break, Document, PauseVerb, PlayVerb, SayVerb, Sound, Words, read

MAX_REQUESTS = 500
MAX_REQUESTS_AT_ONCE = 10
MAX_SILENCE_SECONDS = 2.0

SecondsOf = Callable[[str, str], float]
"""Takes a text and a language tag; returns the seconds that it takes to say."""
ClipOf = Callable[[str], Spoken]
"""Takes the URL of a clip; returns what it says."""


@dataclass(frozen=True)
class Pending:
    """The action that was due when the caller hung up, and the form that it is told."""

    url: str
    form: Mapping[str, str]


class CallerHungUp(Exception):
    """The caller hung up; the verb that was running sets `pending` if its action is due."""

    pending: Pending | None = None


@dataclass(frozen=True)
class Voices:
    """Tells the words and seconds of Say and Play."""

    seconds_of: SecondsOf
    clip_of: ClipOf | None

    def spoken(self, sound: SayVerb | PlayVerb) -> Spoken:
        """What one sound says and how long it takes; CarrierError for a Play without `clip_of`."""
        match sound:
            case PlayVerb(url=url):
                if self.clip_of is None:
                    raise CarrierError(f"{url}: a Play, but this carrier was given no clips (clip_of)")
                return self.clip_of(url)
            case SayVerb(language=language, parts=parts):
                stretches = [part for part in parts if isinstance(part, Words)]
                silence = sum(part.seconds for part in parts if isinstance(part, Break))
                return Spoken(
                    language=language,
                    text=" ".join(words.text for words in stretches),
                    seconds=silence + sum(self.seconds_of(words.text, language) / words.rate for words in stretches),
                    slow=any(words.rate < 1 for words in stretches),
                )
            case _:
                assert_never(sound)


class Silence:
    """Measures the silence that one person hears, and refuses a gap that sounds like a dropped call."""

    def __init__(self, leg: "CallLeg") -> None:
        self._leg = leg
        self._seconds = 0.0

    def after(self, sound: Sound) -> None:
        """Count the silence in a sound that begins now; CarrierError if it is too long."""
        match sound:
            case PauseVerb(seconds=seconds):
                self.add(seconds)
            case PlayVerb():
                self.broken()
            case SayVerb(parts=parts):
                for part in parts:
                    if isinstance(part, Break):
                        self.add(part.seconds)
                    else:
                        self.broken()
            case _:
                assert_never(sound)

    def add(self, seconds: float) -> None:
        """Count seconds in which nothing is heard; CarrierError if they are too many in a row."""
        self._seconds = round(self._seconds + seconds, 6)
        if self._seconds > MAX_SILENCE_SECONDS:
            raise self._leg.fault(f"{self._seconds:g} s of silence that is no Gather's wait; at most 2 s may pass")

    def broken(self) -> None:
        """Begin to count anew: something is heard, or a Gather waits."""
        self._seconds = 0.0


class CallLeg:
    """The caller's leg, and what every part of the call needs of it."""

    def __init__(
        self, wire: Wire, clock: VirtualClock, caller: Caller, voices: Voices, form: Mapping[str, str]
    ) -> None:
        self.events: list[Event] = []
        self.form = form
        self.early: list[str] = []
        self._wire, self._clock, self._caller, self._voices = wire, clock, caller, voices
        self._start = self._utc()
        self._requests = self._at_once = 0
        self._asked_at = self._start
        self._document_url = ""

    @property
    def at(self) -> float:
        """Seconds since the call began."""
        return round((self._utc() - self._start).total_seconds(), 3)

    def _utc(self) -> datetime:
        """Now, in UTC: the difference of two local times would be wrong at a clock change."""
        return self._clock.now().astimezone(UTC)

    def emit(self, event: Event) -> None:
        """Keep an event and tell it to the caller's phone."""
        self.events.append(event)
        self._caller.hears(event)

    def fetch(self, url: str, form: Mapping[str, str], audience: Audience = "caller") -> Document:
        """Post a webhook and read the document in its answer; CarrierError if either breaks a rule."""
        self._count_request(url)
        reply = self._wire.post(url, form)
        self.emit(Requested(self.at, url, form, reply.body.decode(errors="replace")))
        document = read(twiml_of(url, reply), url, audience)
        self._document_url = url
        if audience == "caller":
            self.deaf(0.0)  # a key pressed between two documents
        return document

    def notify(self, url: str, form: Mapping[str, str]) -> None:
        """Post a status callback, whose answer controls nothing (docs/twilio.md, Status callbacks)."""
        self._count_request(url)
        self._wire.post(url, form)
        self.emit(Requested(self.at, url, form, ""))

    def _count_request(self, url: str) -> None:
        now = self._utc()
        self._at_once = self._at_once + 1 if now == self._asked_at else 1
        self._asked_at = now
        self._requests += 1
        if self._at_once > MAX_REQUESTS_AT_ONCE:
            raise CarrierError(f"{url}: a loop: more than {MAX_REQUESTS_AT_ONCE} requests and no time has passed")
        if self._requests > MAX_REQUESTS:
            raise CarrierError(f"{url}: more than {MAX_REQUESTS} requests in one call")

    def fault(self, rule: str) -> CarrierError:
        """The error for a rule that the latest document broke."""
        return CarrierError(f"{self._document_url}: {rule}")

    def announce(self, sound: Sound, where: Where) -> float:
        """Begin a sound; return its seconds."""
        if isinstance(sound, PauseVerb):
            return sound.seconds
        spoken = self._voices.spoken(sound)
        self.emit(Said(self.at, spoken, where))
        return spoken.seconds

    def ask(self, seconds: float, moment: Attention) -> Press | None:
        """Let seconds pass in which the caller may act, up to a key; CallerHungUp if the caller hangs up."""
        act = self._caller.key_within(seconds, moment)
        if act and not 0 <= act.after <= seconds:
            raise ValueError(f"the caller was offered {seconds} s and acted after {act.after} s")
        self._clock.advance(act.after if act else seconds)
        match act:
            case HangsUp():
                raise CallerHungUp
            case Press(key=key):
                self.emit(Pressed(self.at, key))
        return act

    def deaf(self, seconds: float) -> None:
        """Let seconds pass in which no Gather listens; keys pressed then are early for the next one."""
        while press := self.ask(seconds, Attention.DEAF):
            self.early.append(press.key)
            seconds -= press.after

    def early_key(self) -> str | None:
        """Take the oldest early key."""
        if not self.early:
            return None
        self._at_once = 0  # the requests that several early keys make at the same moment are no loop
        return self.early.pop(0)

    def talk(self, seconds: float) -> None:
        """Let seconds of a talk pass; keys pressed then are for the contact, not for the line."""
        while press := self.ask(seconds, Attention.DEAF):
            seconds -= press.after


def new_sid(kind: str) -> str:
    """An identifier like Twilio's: two letters and 32 hexadecimal digits."""
    return kind + uuid4().hex
