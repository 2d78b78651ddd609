"""Our steps to TwiML, by a table (docs/twilio.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import assert_never

from twilio.twiml.voice_response import Dial, Gather, Play, Say, VoiceResponse

from ivr.core.engine import LEAD_IN
from ivr.core.utterance import Clip, Sound, SpokenByProvider, Utterance
from ivr.telephony.port import LineNumbers, SoundOf

SLOW = "80%"
"""Pace of what is said again (rule K4)."""
GROUP_MS = 400
"""Silence after a group of digits: time to take it in."""
WHISPER_WAIT = 2
TALK_LIMIT = 14400
"""We never cut a talk: Twilio's own limit, four hours (rule T5)."""
RING_TONES = (
    *("at", "au", "be", "bg", "br", "ch", "cl", "cn", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hu", "il", "in"),
    *("it", "jp", "lt", "mx", "my", "nl", "no", "nz", "ph", "pl", "pt", "ru", "se", "sg", "th", "tw", "us", "ve", "za"),
)
"""Countries whose ring tone can be asked for; elsewhere callers hear Twilio's usual one."""

Speak = Callable[[VoiceResponse | Gather, Iterable[Utterance]], None]
"""Appends what is said to a document."""


def speaking(sound_of: SoundOf, clips: str) -> Speak:
    """A function that appends what is said; `clips` is the address under which clips are served."""

    def speak(parent: VoiceResponse | Gather, plays: Iterable[Utterance]) -> None:
        for play in plays:
            parent.append(_element(sound_of(play), clips, ends_group=play.ends_group))

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
                say.break_(time=f"{GROUP_MS}ms")  # a clip has this silence in itself
            return say
        case _:
            assert_never(sound)


def collect(plays: Iterable[Utterance], seconds: int, action: str, speak: Speak) -> VoiceResponse:
    """Listen for one key, also `*` and `#`, from the first word on.

    The redirect asks the same again where Twilio does not report an empty result.
    """
    response = VoiceResponse()
    gather = _gather(action, seconds)
    gather.attrs["actionOnEmptyResult"] = "true"
    speak(gather, plays)
    response.append(gather)
    response.redirect(action, method="POST")
    return response


def ring(
    plays: tuple[Utterance, ...], announce: Iterable[Utterance], action: str, dial: Dial, speak: Speak
) -> VoiceResponse:
    """Say what may be interrupted, then the announcement, then ring."""
    response = VoiceResponse()
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
    """Ring one number, showing our own: others cannot be verified in Finland and may be blocked."""
    country = line.country.lower()
    element = Dial(
        action=action,
        method="POST" if action else None,
        answer_on_bridge=True,
        timeout=seconds,
        time_limit=TALK_LIMIT,
        caller_id=line.caller_id,
        ring_tone=country if country in RING_TONES else None,
    )
    element.number(number, url=whisper, method="POST" if whisper else None)
    return element


def hang_up(plays: Iterable[Utterance], speak: Speak) -> VoiceResponse:
    """Say the last words and end the call."""
    response = VoiceResponse()
    speak(response, plays)
    response.hangup()
    return response


def reject() -> VoiceResponse:
    """Do not take the call at all."""
    response = VoiceResponse()
    response.reject(reason="rejected")
    return response


def whispered(plays: tuple[Utterance, ...], action: str, speak: Speak) -> VoiceResponse:
    """Ask whoever picked up for any key; without one hang up, or a voicemail would be connected."""
    response = VoiceResponse()
    gather = _gather(action, WHISPER_WAIT)
    speak(gather, plays)
    response.append(gather)
    response.hangup()
    return response


def _gather(action: str, seconds: int) -> Gather:
    return Gather(
        input="dtmf", num_digits=1, finish_on_key="", timeout=seconds, action=action, method="POST"
    )  # fmt: skip
