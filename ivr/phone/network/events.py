"""What happens in a call. `at`: seconds since the call began."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Where = Literal["gather", "plain", "whisper"]
EndedBy = Literal["line", "caller", "rejected", "error"]


@dataclass(frozen=True)
class Spoken:
    """What one Say or Play says, and for how many seconds; `clip` is the URL of a Play."""

    language: str
    text: str
    seconds: float
    slow: bool = False
    clip: str | None = None


@dataclass(frozen=True)
class Requested:
    """A webhook was posted and answered; `url` is the signed one, `twiml` the body of the answer."""

    at: float
    url: str
    form: Mapping[str, str]
    twiml: str


@dataclass(frozen=True)
class RequestFailed:
    """An attempt to fetch a document failed; `code` is the error that the provider records."""

    at: float
    url: str
    code: int
    words: str


@dataclass(frozen=True)
class FallbackAsked:
    """The document of `url` could not be had, and the number's fallback takes over the call."""

    at: float
    url: str
    code: int


@dataclass(frozen=True)
class Warned:
    """Something failed, and the call goes on without it: a clip, a voice, a status callback."""

    at: float
    code: int
    words: str


@dataclass(frozen=True)
class Said:
    """Words begin: in a Gather, outside one (plain), or heard by the contact only (whisper)."""

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
    """A Gather timed out after `seconds` without a key."""

    at: float
    seconds: float


@dataclass(frozen=True)
class Ringing:
    """A contact's phone begins to ring."""

    at: float
    number: str


@dataclass(frozen=True)
class PickedUp:
    """A contact's phone was answered; the talk has not begun."""

    at: float
    number: str
    how: Literal["person", "voicemail"]


@dataclass(frozen=True)
class Bridged:
    """Caller and contact are connected."""

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
    """A contact was rung, but no talk began; `status` is the DialCallStatus."""

    at: float
    number: str
    status: str


@dataclass(frozen=True)
class Ended:
    """The call is over: by the line or the caller, not taken by the line (rejected), or no document came (error)."""

    at: float
    by: EndedBy


Failure = RequestFailed | FallbackAsked | Warned
Event = Requested | Failure | Said | Pressed | Waited | Ringing | PickedUp | Bridged | TalkEnded | NotReached | Ended
