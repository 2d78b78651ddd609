"""Steps to TwiML, by the table in docs/twilio.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import assert_never
from xml.etree.ElementTree import Element

from twilio.twiml.voice_response import Dial, Gather, Play, Say, VoiceResponse

from ivr.core.engine import LEAD_IN
from ivr.core.utterance import Clip, Sound, SpokenByProvider, Utterance
from ivr.telephony.port import LineNumbers, SoundOf

NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document can hold (W3C XML 1.0, Char): Twilio would refuse all of it."""
SLOW = "80%"
"""Rate of the slow version (rule K4), as in W3C SSML `<prosody>`."""
GROUP_MS = 400
"""Milliseconds of silence after a group of digits."""
WHISPER_TIMEOUT = 2
"""Seconds for a key after the whisper."""
LONGEST_TALK = 14400
"""Seconds of the longest talk: Twilio's own limit, four hours, so that we never end one (rule T5)."""
RING_TONES = (
    *("at", "au", "be", "bg", "br", "ch", "cl", "cn", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hu", "il", "in"),
    *("it", "jp", "lt", "mx", "my", "nl", "no", "nz", "ph", "pl", "pt", "ru", "se", "sg", "th", "tw", "us", "ve", "za"),
)
"""The countries that Twilio has a ring tone for; elsewhere callers hear Twilio's default."""


class TwimlDocument(VoiceResponse):  # type: ignore[misc]
    """A TwiML document, which is XML whatever it is given: what XML cannot hold becomes a space, or goes."""

    def xml(self) -> Element:
        """The document as a tree, from which the library writes it."""
        root: Element = super().xml()
        for element in root.iter():
            element.text, element.tail = (part and NOT_IN_XML.sub(" ", part) for part in (element.text, element.tail))
            for name, value in element.items():
                element.set(name, NOT_IN_XML.sub("", value))
        return root


Speak = Callable[[TwimlDocument | Gather, Iterable[Utterance]], None]
"""Appends utterances to a document or to its `<Gather>`, as `<Play>` or `<Say>`."""


def speaker(sound_of: SoundOf, clips: str) -> Speak:
    """The function that appends utterances; `clips` is the address under which clips are served."""

    def speak(parent: TwimlDocument | Gather, plays: Iterable[Utterance]) -> None:
        for play in plays:
            for sound in sound_of(play):
                parent.append(_element(sound, clips, ends_group=play.ends_group))

    return speak


def _element(sound: Sound, clips: str, *, ends_group: bool) -> Say | Play:
    match sound:
        case Clip():
            return Play(f"{clips}/{sound.name}.wav")
        case SpokenByProvider():
            say = Say(voice=sound.voice, language=sound.locale)
            if sound.slow:
                say.prosody(sound.text, rate=SLOW)
            else:
                say.append(sound.text)
            if ends_group:
                say.break_(time=f"{GROUP_MS}ms")  # a clip ends with this silence
            return say
        case _:
            assert_never(sound)


def collect(plays: Iterable[Utterance], seconds: int, action: str, speak: Speak) -> TwimlDocument:
    """Listen for one key, also `*` and `#`, from the first word on.

    The redirect reports silence if Twilio does not, in spite of `actionOnEmptyResult`.
    """
    response = TwimlDocument()
    gather = _gather(action, seconds)
    gather.attrs["actionOnEmptyResult"] = "true"
    speak(gather, plays)
    response.append(gather)
    response.redirect(action, method="POST")
    return response


def ring(
    plays: tuple[Utterance, ...], announce: Iterable[Utterance], action: str, dial: Dial, speak: Speak
) -> TwimlDocument:
    """Say `plays`, which a key interrupts, then the announcement, then ring."""
    response = TwimlDocument()
    if plays:
        gather = _gather(action, LEAD_IN)
        speak(gather, plays)
        response.append(gather)
    speak(response, announce)
    response.append(dial)
    return response


def dial(
    number: str, seconds: int, line: LineNumbers, *, action: str | None = None, whisper: str | None = None
) -> Dial:
    """Ring one number, with our own as the caller id: any other may be blocked, as it cannot be verified in Finland."""
    country = line.country.lower()
    element = Dial(
        action=action,
        method="POST" if action else None,
        answer_on_bridge=True,
        timeout=seconds,
        time_limit=LONGEST_TALK,
        caller_id=line.caller_id or None,
        ring_tone=country if country in RING_TONES else None,
    )
    element.number(number, url=whisper, method="POST" if whisper else None)
    return element


def hang_up(plays: Iterable[Utterance], speak: Speak) -> TwimlDocument:
    """Say `plays` and end the call."""
    response = TwimlDocument()
    speak(response, plays)
    response.hangup()
    return response


def reject() -> TwimlDocument:
    """Refuse the call without answering it."""
    response = TwimlDocument()
    response.reject(reason="rejected")
    return response


def whisper(plays: tuple[Utterance, ...], action: str, speak: Speak) -> TwimlDocument:
    """Ask whoever picked up for any key; without one hang up, since it may be a voicemail."""
    response = TwimlDocument()
    gather = _gather(action, WHISPER_TIMEOUT)
    speak(gather, plays)
    response.append(gather)
    response.hangup()
    return response


def _gather(action: str, seconds: int) -> Gather:
    return Gather(input="dtmf", num_digits=1, finish_on_key="", timeout=seconds, action=action, method="POST")
