"""One call as the carrier holds it: its time, its caller, its requests and its transcript."""

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
from ivr.phone.twiml.document import Break, Document, Leg, PauseVerb, PlayVerb, SayVerb, Sound, Words, read

MAX_REQUESTS = 500
MAX_REQUESTS_AT_ONCE = 10
MAX_SILENCE_SECONDS = 2.0

SecondsOf = Callable[[str, str], float]
"""How long a text in a language (its tag) takes to say."""
ClipOf = Callable[[str], Spoken]
"""What the clip behind a URL says."""


@dataclass(frozen=True)
class Pending:
    """The action that was due when the caller hung up."""

    url: str
    form: Mapping[str, str]


class CallerHungUp(Exception):
    """The caller hung up; whoever owes an action on the way out notes it in `pending`."""

    pending: Pending | None = None


@dataclass(frozen=True)
class Voices:
    """Turns what TwiML says into words and seconds."""

    seconds_of: SecondsOf
    clip_of: ClipOf | None

    def spoken(self, sound: SayVerb | PlayVerb) -> Spoken:
        """The words of one sound and how long they take."""
        match sound:
            case PlayVerb(url=url):
                if self.clip_of is None:
                    raise CarrierError(f"{url}: a Play, but this carrier was told of no clips (clip_seconds)")
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
    """Measures the silence in one ear and refuses a gap that a person takes for a dead line."""

    def __init__(self, line: "CallLeg") -> None:
        self._line = line
        self._seconds = 0.0

    def after(self, sound: Sound) -> None:
        """Count the silence of a sound that is about to play."""
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
        """Nothing is heard for so long."""
        self._seconds = round(self._seconds + seconds, 6)
        if self._seconds > MAX_SILENCE_SECONDS:
            raise self._line.fault(f"{self._seconds:g} s of silence that is no Gather's wait; at most 2 s may pass")

    def broken(self) -> None:
        """Something is heard, or an answer is waited for."""
        self._seconds = 0.0


class CallLeg:
    """What every part of a call needs."""

    def __init__(
        self, wire: Wire, clock: VirtualClock, caller: Caller, voices: Voices, form: Mapping[str, str]
    ) -> None:
        self.transcript: list[Event] = []
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
        """Now, in UTC: two local times are compared by the clock on the wall, wrong at a clock change."""
        return self._clock.now().astimezone(UTC)

    def emit(self, event: Event) -> None:
        """Write it down and tell the caller's phone."""
        self.transcript.append(event)
        self._caller.hears(event)

    def fetch(self, url: str, form: Mapping[str, str], leg: Leg = "caller") -> Document:
        """Ask for a document and read it; then the keys pressed meanwhile count as early."""
        self._count_request(url)
        reply = self._wire.post(url, form)
        self.emit(Requested(self.at, url, form, reply.body.decode(errors="replace")))
        document = read(twiml_of(url, reply), url, leg)
        self._document_url = url
        if leg == "caller":
            self.deaf(0.0)
        return document

    def notify(self, url: str, form: Mapping[str, str]) -> None:
        """Post a status callback, whose answer controls nothing (facts 1.2)."""
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
        """A rule broken while running the latest document."""
        return CarrierError(f"{self._document_url}: {rule}")

    def announce(self, sound: Sound, where: Where) -> float:
        """Begin a sound and say how long it will take."""
        if isinstance(sound, PauseVerb):
            return sound.seconds
        spoken = self._voices.spoken(sound)
        self.emit(Said(self.at, spoken, where))
        return spoken.seconds

    def ask(self, seconds: float, moment: Attention) -> Press | None:
        """Offer the caller some time: it passes up to the key, or all of it."""
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
        """Let time pass that no Gather listens to; keys pressed are early for the next one."""
        while press := self.ask(seconds, Attention.DEAF):
            self.early.append(press.key)
            seconds -= press.after

    def early_key(self) -> str | None:
        """The oldest early key; the requests that several of them make at once are no loop."""
        if not self.early:
            return None
        self._at_once = 0
        return self.early.pop(0)

    def talk(self, seconds: float, star_ends: bool) -> bool:
        """Let a talk pass, whose keys the contact hears; True when the caller ended it with `*`."""
        while press := self.ask(seconds, Attention.DEAF):
            if star_ends and press.key == "*":
                return True
            seconds -= press.after
        return False


def new_sid(kind: str) -> str:
    """An identifier like Twilio's: two letters and 32 hexadecimal digits."""
    return kind + uuid4().hex
