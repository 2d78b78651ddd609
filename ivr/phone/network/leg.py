"""The caller's leg of a call: its time, its events, and what is heard and pressed on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from ivr.phone.errors import ProviderFault
from ivr.phone.network.behaviour import Place
from ivr.phone.network.documents import Documents, Network
from ivr.phone.network.events import Event, Pressed, Said, Spoken, Where
from ivr.phone.network.people import Attention, HangsUp, Press
from ivr.phone.network.port import ContactAct, ContactHangsUp, ContactLeg, NetworkCall
from ivr.phone.twiml.document import PauseVerb, PlayVerb, Sound


@dataclass(frozen=True)
class Pending:
    """The action that was due when the caller hung up, the form that it is told, and the verb's kind."""

    url: str
    form: Mapping[str, str]
    of: str


class CallerHungUp(Exception):
    """The caller hung up; the verb that was running sets `pending` if its action is due."""

    pending: Pending | None = None


class ClipLost(Exception):
    """A clip could not be had, and its document ends with it."""

    def __init__(self, url: str, fault: ProviderFault) -> None:
        super().__init__(str(fault))
        self.url, self.fault = url, fault


class CallLeg:
    """The caller's leg, and what every part of the call needs of it."""

    def __init__(self, network: Network, call: NetworkCall, form: Mapping[str, str]) -> None:
        self.events: list[Event] = []
        self.behaviour = network.behaviour
        self.answered_at: float | None = None
        self.call = call
        self._network, self._form = network, form
        self._early: list[tuple[str, Place]] = []
        self.early_keys_taken = 0
        """How many keys were early and kept: each is something that the caller did, though no time passes."""
        self.documents = Documents(network, self)

    @property
    def at(self) -> float:
        """Seconds since the call began."""
        return round(self.call.seconds, 3)

    @property
    def form(self) -> Mapping[str, str]:
        """What every request of the call says now."""
        return {**self._form, "CallStatus": "ringing" if self.answered_at is None else "in-progress"}

    def answer(self) -> None:
        """The call is answered from now on, if it was not (docs/twilio.md, Request fields)."""
        if self.answered_at is None:
            self.call.answer()
            self.answered_at = self.at

    def emit(self, event: Event) -> None:
        """Keep an event and tell it to the caller's phone."""
        self.events.append(event)
        self.call.hears(event)

    def announce(self, sound: Sound, where: Where, contact: ContactLeg | None = None) -> float:
        """Begin a sound for the caller, or for the contact; return its seconds, those until it is heard too."""
        if isinstance(sound, PauseVerb):
            return sound.seconds
        if contact is None:
            self.answer()
        if isinstance(sound, PlayVerb):
            return self._play(sound, where, contact)
        return self._begin(self._network.spoken_of(sound), where, contact)

    def _play(self, sound: PlayVerb, where: Where, contact: ContactLeg | None) -> float:
        """Begin a clip, or do what the provider does where there is none (docs/twilio.md, Faults)."""
        if self._network.wire.own(sound.url).query:
            raise self.documents.fault(f"{sound.url}: the address of a clip has no query")
        try:
            spoken = self._network.spoken_of(sound)
        except ProviderFault as fault:
            if self.behaviour.lost_clip == "fatal":
                self.documents.failed(sound.url, fault)
                raise ClipLost(sound.url, fault) from fault
            self.documents.warn(fault)
            return self.behaviour.delays.sentence
        return self._begin(spoken, where, contact)

    def _begin(self, spoken: Spoken, where: Where, contact: ContactLeg | None) -> float:
        self.emit(Said(self.at, spoken, where))
        (contact or self.call).begin(spoken)
        return self.behaviour.delays.sentence + spoken.seconds

    def ask(self, seconds: float, moment: Attention) -> Press | None:
        """Let seconds pass in which the caller may act, up to a key; CallerHungUp if the caller hangs up."""
        act = self._wait(seconds, moment)
        return act if isinstance(act, Press) else None

    def deaf(self, seconds: float, place: Place) -> None:
        """Let seconds pass in which no Gather listens; keys pressed then are early for the next one."""
        self._until(seconds, place)

    def contact_act(self, seconds: float, contact: ContactLeg) -> ContactAct | None:
        """Let seconds pass while a phone rings or its owner is told who calls, up to what the contact does."""
        return self._until(seconds, "ringing", contact)

    def _until(self, seconds: float, place: Place | None, contact: ContactLeg | None = None) -> ContactAct | None:
        """Let seconds pass up to an act of the contact; keys of the caller are early, or without a place nothing."""
        while isinstance(act := self._wait(seconds, Attention.DEAF, contact), Press):
            if place:
                self._early.append((act.key, place))
            seconds -= act.after
        return act

    def _wait(self, seconds: float, moment: Attention, contact: ContactLeg | None = None) -> Press | ContactAct | None:
        act = self.call.wait(seconds, moment, contact)
        match act:
            case HangsUp():
                raise CallerHungUp
            case Press(key=key):
                self.emit(Pressed(self.at, key))
        return act

    def early_key(self) -> str | None:
        """Take the oldest early key that was kept."""
        while self._early:
            key, place = self._early.pop(0)
            if self.behaviour.keeps(place):
                self.early_keys_taken += 1
                return key
        return None

    def lose_keys(self) -> None:
        """Forget the keys that wait for a Gather, where ringing keeps none."""
        if not self.behaviour.keeps("ringing"):
            self._early.clear()

    def talk(self, seconds: float, contact: ContactLeg) -> bool:
        """Let at most seconds of a talk pass; whether the contact ended it. Keys are for the other side, not for us."""
        ends = self.at + seconds
        while act := self._until(max(0.0, ends - self.at), None, contact):
            if isinstance(act, ContactHangsUp):
                return True
        return False


def new_sid(kind: str) -> str:
    """An identifier like Twilio's: two letters and 32 hexadecimal digits."""
    return kind + uuid4().hex
