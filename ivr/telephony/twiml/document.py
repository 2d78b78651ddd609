"""Our steps to TwiML, by a table (https://www.twilio.com/docs/voice/twiml)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from twilio.twiml.voice_response import Dial, Gather, Say, VoiceResponse
from twilio.twiml.voice_response import Play as PlayClip

from ivr.core.engine import LEAD_IN
from ivr.core.utterance import Clip, Sound, SpokenByProvider, Utterance
from ivr.telephony.port import Line, Voice

SLOW = "80%"
"""Pace of what is said again (rule K4)."""
GROUP_MS = 400
"""Silence after a group of digits: time to take it in."""
WHISPER_WAIT = 2
TALK_LIMIT = 14400
"""We never cut a talk: Twilio's own limit, four hours (rule T5)."""
RING_TONE = "fi"


@dataclass(frozen=True)
class Mouth:
    """How what is said becomes TwiML: the voice that was decided elsewhere, and where clips are served."""

    voice: Voice
    clips: str

    def say(self, parent: VoiceResponse | Gather, plays: Iterable[Utterance]) -> None:
        """Append what is said."""
        for play in plays:
            parent.append(self._sound(self.voice(play), ends_group=play.ends_group))

    def _sound(self, sound: Sound, *, ends_group: bool) -> Say | PlayClip:
        match sound:
            case Clip():
                return PlayClip(f"{self.clips}/{sound.name}.wav")
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


def collect(plays: Iterable[Utterance], seconds: int, action: str, mouth: Mouth) -> VoiceResponse:
    """Listen for one key, also `*` and `#`, from the first word on; the redirect is a belt to the empty result."""
    response = VoiceResponse()
    gather = _gather(action, seconds)
    gather.attrs["actionOnEmptyResult"] = "true"
    mouth.say(gather, plays)
    response.append(gather)
    response.redirect(action, method="POST")
    return response


def ring(
    plays: tuple[Utterance, ...],
    announce: Iterable[Utterance],
    number: str,
    action: str,
    whisper: str | None,
    mouth: Mouth,
    *,
    seconds: int,
    line: Line,
) -> VoiceResponse:
    """Say what may be interrupted, then the announcement, then ring one number; a key is asked of whoever answers."""
    response = VoiceResponse()
    if plays:
        gather = _gather(action, LEAD_IN)
        mouth.say(gather, plays)
        response.append(gather)
    mouth.say(response, announce)
    response.append(dial(number, seconds, line, action=action, whisper=whisper))
    return response


def dial(number: str, seconds: int, line: Line, *, action: str | None = None, whisper: str | None = None) -> Dial:
    """Ring one number, showing our own: others cannot be verified in Finland and may be blocked."""
    element = Dial(
        action=action,
        method="POST" if action else None,
        answer_on_bridge=True,
        timeout=seconds,
        time_limit=TALK_LIMIT,
        caller_id=line.caller_id,
        ring_tone=RING_TONE,
    )
    element.number(number, url=whisper, method="POST" if whisper else None)
    return element


def hang_up(plays: Iterable[Utterance], mouth: Mouth) -> VoiceResponse:
    """Say the last words and end the call."""
    response = VoiceResponse()
    mouth.say(response, plays)
    response.hangup()
    return response


def refuse() -> VoiceResponse:
    """Do not take the call at all."""
    response = VoiceResponse()
    response.reject(reason="rejected")
    return response


def whispered(plays: tuple[Utterance, ...], action: str, mouth: Mouth) -> VoiceResponse:
    """Ask whoever picked up for any key; without one hang up, or a voicemail would be connected."""
    response = VoiceResponse()
    gather = _gather(action, WHISPER_WAIT)
    mouth.say(gather, plays)
    response.append(gather)
    response.hangup()
    return response


def _gather(action: str, seconds: int) -> Gather:
    return Gather(
        input="dtmf", num_digits=1, finish_on_key="", timeout=seconds, action=action, method="POST"
    )  # fmt: skip
