"""The caller's leg of a call: its time, its requests and its events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never
from uuid import uuid4

from ivr.phone.errors import CarrierError, ProviderFault
from ivr.phone.network.behaviour import CarrierBehaviour, Place
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import (
    Event,
    FallbackAsked,
    Pressed,
    Requested,
    RequestFailed,
    Said,
    Spoken,
    Warned,
    Where,
)
from ivr.phone.network.people import Attention, Caller, HangsUp, Press
from ivr.phone.network.wire import Wire, twiml_of
from ivr.phone.twiml.document import Audience, Break, Document, PauseVerb, PlayVerb, SayVerb, Sound, Words, read

MAX_REQUESTS = 500
MAX_REQUESTS_AT_ONCE = 10
MAX_SILENCE_SECONDS = 2.0
STATIC_FALLBACK = "https://fallback.example/voice.xml"
"""Stands for the address of a fallback that is a file on another host."""

SecondsOf = Callable[[str, str], float]
"""Takes a text and a language tag; returns the seconds that it takes to say."""
ClipOf = Callable[[str], Spoken]
"""Takes the URL of a clip; returns what it says."""


@dataclass(frozen=True)
class Pending:
    """The action that was due when the caller hung up, the form that it is told, and the verb's kind."""

    url: str
    form: Mapping[str, str]
    of: str


class CallerHungUp(Exception):
    """The caller hung up; the verb that was running sets `pending` if its action is due."""

    pending: Pending | None = None


class NoDocument(Exception):
    """No document could be had, the fallback's neither; the events tell why."""


class ClipLost(Exception):
    """A clip could not be had, and its document ends with it."""

    def __init__(self, url: str, fault: ProviderFault) -> None:
        super().__init__(str(fault))
        self.url, self.fault = url, fault


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


@dataclass(frozen=True)
class Network:
    """What every call of a carrier has: how the line is reached, and what becomes of faults.

    `strict`: a fault that the provider rides out is an error. `fallback`: a URL, or the bytes of a file elsewhere.
    """

    wire: Wire
    clock: VirtualClock
    voices: Voices
    behaviour: CarrierBehaviour
    strict: bool
    fallback: str | bytes | None
    known_voices: frozenset[str]


class CallLeg:
    """The caller's leg, and what every part of the call needs of it."""

    def __init__(self, network: Network, caller: Caller, form: Mapping[str, str]) -> None:
        self.events: list[Event] = []
        self.behaviour = network.behaviour
        self.answered_at: float | None = None
        self._network, self._caller, self._form = network, caller, form
        self._clock = network.clock
        self._early: list[tuple[str, Place]] = []
        self._start = self._utc()
        self._requests = self._at_once = 0
        self._asked_at = self._start
        self._document_url = ""

    @property
    def at(self) -> float:
        """Seconds since the call began."""
        return round((self._utc() - self._start).total_seconds(), 3)

    @property
    def form(self) -> Mapping[str, str]:
        """What every request of the call says now."""
        return {**self._form, "CallStatus": "ringing" if self.answered_at is None else "in-progress"}

    def _utc(self) -> datetime:
        """Now, in UTC: the difference of two local times would be wrong at a clock change."""
        return self._clock.now().astimezone(UTC)

    def answer(self) -> None:
        """The call is answered from now on, if it was not (docs/twilio.md, Request fields)."""
        if self.answered_at is None:
            self.answered_at = self.at

    def emit(self, event: Event) -> None:
        """Keep an event and tell it to the caller's phone."""
        self.events.append(event)
        self._caller.hears(event)

    def fetch(self, url: str, form: Mapping[str, str], audience: Audience = "caller") -> Document:
        """Post a webhook and read its answer, for the caller also that of the fallback; NoDocument if there is none.

        CarrierError if an answer breaks a rule.
        """
        try:
            document = self._document(url, form, audience)
        except ProviderFault as fault:
            if audience != "caller":
                raise NoDocument from fault
            document = self.fall_back(url, form, fault)
        if audience == "caller":
            self.deaf(0.0, "between")  # a key pressed between two documents
        return document

    def _document(self, url: str, form: Mapping[str, str], audience: Audience) -> Document:
        self._count_request(url)
        # After the end of the call there is nobody whose time could pass.
        passes = self._clock.advance if audience == "nobody" else self._wait
        if takes := self.behaviour.delays.request:
            passes(takes)
        reply = self._network.wire.post(url, form, passes, lambda fault: self._failed(url, fault))
        asked = url.partition("#")[0]
        self.emit(Requested(self.at, asked, form, reply.body.decode(errors="replace")))
        try:
            document = read(twiml_of(asked, reply), asked, audience)
        except ProviderFault as fault:
            self._failed(url, fault)
            raise
        self._document_url = asked
        self._know_voices(document)
        return document

    def _know_voices(self, document: Document) -> None:
        for voice in sorted(document.voices() - self._network.known_voices):
            words = f"the provider knows no voice {voice!r} (Twilio error 13511; ivr/phone/twiml/voices.py lists them)"
            self._warn(ProviderFault(13511, f"{self._document_url}: {words}"))

    def _warn(self, fault: ProviderFault) -> None:
        """Note what the call does without."""
        self._not_if_strict(fault)
        self.emit(Warned(self.at, fault.code, str(fault)))

    def _wait(self, seconds: float) -> None:
        self.deaf(seconds, "between")

    def _failed(self, url: str, fault: ProviderFault) -> None:
        self._not_if_strict(fault)
        self.emit(RequestFailed(self.at, url.partition("#")[0], fault.code, str(fault)))

    def _not_if_strict(self, fault: ProviderFault) -> None:
        if self._network.strict:
            raise CarrierError(str(fault)) from fault

    def fall_back(self, url: str, form: Mapping[str, str], fault: ProviderFault) -> Document:
        """Go on with the fallback's document; NoDocument without one (docs/twilio.md, Faults)."""
        fallback, asked = self._network.fallback, url.partition("#")[0]
        if fallback is None:
            raise NoDocument from fault
        self.emit(FallbackAsked(self.at, asked, fault.code))
        try:
            if isinstance(fallback, str):
                return self._document(fallback, {**form, "ErrorCode": str(fault.code), "ErrorUrl": asked}, "caller")
            self._count_request(STATIC_FALLBACK)
            document = read(fallback, STATIC_FALLBACK, "caller")
        except ProviderFault as broken:
            raise NoDocument from broken
        self._document_url = STATIC_FALLBACK
        self._know_voices(document)
        return document

    def notify(self, url: str, form: Mapping[str, str]) -> None:
        """Post a status callback, whose answer controls nothing (docs/twilio.md, Status callbacks)."""
        self._count_request(url)
        try:
            self._network.wire.post(url, form, lambda _seconds: None, lambda _fault: None)
        except ProviderFault as fault:
            self.emit(Warned(self.at, 15003, str(fault)))
        else:
            self.emit(Requested(self.at, url.partition("#")[0], form, ""))

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
        """Begin a sound; return its seconds, those until it is heard too."""
        if isinstance(sound, PauseVerb):
            return sound.seconds
        if where != "whisper":
            self.answer()
        if isinstance(sound, PlayVerb):
            return self._play(sound, where)
        return self._begin(self._network.voices.spoken(sound), where)

    def _play(self, sound: PlayVerb, where: Where) -> float:
        """Begin a clip, or do what the provider does where there is none (docs/twilio.md, Faults)."""
        if self._network.wire.own(sound.url).query:
            raise self.fault(f"{sound.url}: the address of a clip has no query")
        try:
            spoken = self._network.voices.spoken(sound)
        except ProviderFault as fault:
            if self.behaviour.lost_clip == "fatal":
                self._failed(sound.url, fault)
                raise ClipLost(sound.url, fault) from fault
            self._warn(fault)
            return self.behaviour.delays.sentence
        return self._begin(spoken, where)

    def _begin(self, spoken: Spoken, where: Where) -> float:
        self.emit(Said(self.at, spoken, where))
        return self.behaviour.delays.sentence + spoken.seconds

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

    def deaf(self, seconds: float, place: Place) -> None:
        """Let seconds pass in which no Gather listens; keys pressed then are early for the next one."""
        while press := self.ask(seconds, Attention.DEAF):
            self._early.append((press.key, place))
            seconds -= press.after

    def early_key(self) -> str | None:
        """Take the oldest early key that was kept."""
        while self._early:
            key, place = self._early.pop(0)
            if self.behaviour.keeps(place):
                self._at_once = 0  # the requests that several early keys make at the same moment are no loop
                return key
        return None

    def lose_keys(self) -> None:
        """Forget the keys that wait for a Gather, where ringing keeps none."""
        if not self.behaviour.keeps("ringing"):
            self._early.clear()

    def talk(self, seconds: float) -> None:
        """Let seconds of a talk pass; keys pressed then are for the contact, not for the line."""
        while press := self.ask(seconds, Attention.DEAF):
            seconds -= press.after


def new_sid(kind: str) -> str:
    """An identifier like Twilio's: two letters and 32 hexadecimal digits."""
    return kind + uuid4().hex
