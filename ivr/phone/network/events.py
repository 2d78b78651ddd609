"""What happens in a call, as told to the caller's phone and kept in the transcript."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Where = Literal["gather", "plain", "whisper"]


@dataclass(frozen=True)
class Spoken:
    """What one Say or Play says; `clip` is the URL of a Play."""

    language: str
    text: str
    seconds: float
    slow: bool = False
    clip: str | None = None


@dataclass(frozen=True)
class Requested:
    """The line was asked and answered; `url` is the signed one, `twiml` the body of the answer."""

    at: float
    url: str
    form: Mapping[str, str]
    twiml: str


@dataclass(frozen=True)
class Said:
    """Words begin: in a Gather, outside one, or (a whisper) in the contact's ear only."""

    at: float
    spoken: Spoken
    where: Where


@dataclass(frozen=True)
class Pressed:
    """The caller pressed a key."""

    at: float
    key: str


@dataclass(frozen=True)
class Waited:
    """A Gather timed out without a key."""

    at: float
    seconds: float


@dataclass(frozen=True)
class Ringing:
    """A contact's phone begins to ring."""

    at: float
    number: str


@dataclass(frozen=True)
class PickedUp:
    """A contact's phone was answered, which is not yet a talk."""

    at: float
    number: str
    how: Literal["person", "voicemail"]


@dataclass(frozen=True)
class Bridged:
    """Caller and contact hear each other."""

    at: float
    number: str


@dataclass(frozen=True)
class TalkEnded:
    """The talk is over; `limit` is the Dial's timeLimit."""

    at: float
    number: str
    by: Literal["contact", "caller", "limit"]


@dataclass(frozen=True)
class NotReached:
    """A contact was rung without a talk; `status` is the DialCallStatus of that leg."""

    at: float
    number: str
    status: str


@dataclass(frozen=True)
class Ended:
    """The caller's leg is over."""

    at: float
    by: Literal["line", "caller", "rejected"]


Event = Requested | Said | Pressed | Waited | Ringing | PickedUp | Bridged | TalkEnded | NotReached | Ended
