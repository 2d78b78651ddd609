"""What Say and Play say, and the silence between sounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from ivr.phone.errors import CarrierError
from ivr.phone.network.events import Spoken
from ivr.phone.twiml.document import Break, PauseVerb, PlayVerb, SayVerb, Sound, Words

MAX_SILENCE_SECONDS = 2.0

SecondsOf = Callable[[str, str], float]
"""Takes a text and a language tag; returns the seconds that it takes to say."""
ClipOf = Callable[[str], Spoken]
"""Takes the URL of a clip; returns what it says."""


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
    """Measures the silence that one person hears, and refuses a gap that sounds like a dropped call.

    `fault` makes the error for a rule that the latest document broke.
    """

    def __init__(self, fault: Callable[[str], CarrierError]) -> None:
        self._fault = fault
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
            raise self._fault(f"{self._seconds:g} s of silence that is no Gather's wait; at most 2 s may pass")

    def broken(self) -> None:
        """Begin to count anew: something is heard, or a Gather waits."""
        self._seconds = 0.0
