"""Our steps to TwiML, by a table (https://www.twilio.com/docs/voice/twiml)."""

from __future__ import annotations

from collections.abc import Iterable

from twilio.twiml.voice_response import Dial, Gather, Pause, Say, VoiceResponse

from ivr.core.utterance import Pause as Silence
from ivr.core.utterance import Play, SpokenByProvider
from ivr.telephony.port import Line, Voice

SLOW = "80%"
"""Pace of what is said again (rule K4)."""
LEAD_IN = 1
"""Seconds after the words before a transfer in which a key is still heard."""
WHISPER_WAIT = 2
WHISPER_ROUNDS = 3
TALK_LIMIT = 14400
"""We never cut a talk: Twilio's own limit, four hours (rule T5)."""
RING_TONE = "fi"


def play(parent: VoiceResponse | Gather, plays: Iterable[Play], voice: Voice) -> None:
    """Append what is said."""
    for part in plays:
        match part:
            case Silence():
                parent.append(Pause(length=part.seconds))
            case _:
                parent.append(_sound(voice(part)))


def _sound(sound: SpokenByProvider) -> Say:
    if not sound.slow:
        return Say(sound.text, voice=sound.voice, language=sound.locale)
    say = Say(voice=sound.voice, language=sound.locale)
    say.prosody(sound.text, rate=SLOW)
    return say


def collect(plays: Iterable[Play], seconds: int, action: str, voice: Voice) -> VoiceResponse:
    """Listen for one key, also `*` and `#`, from the first word on; the redirect is a belt to the empty result."""
    response = VoiceResponse()
    gather = _gather(action, seconds)
    gather.attrs["actionOnEmptyResult"] = "true"
    play(gather, plays, voice)
    response.append(gather)
    response.redirect(action, method="POST")
    return response


def ring(
    plays: tuple[Play, ...], announce: Iterable[Play], number: str, action: str, whisper: str | None, voice: Voice,
    *, seconds: int, line: Line,
) -> VoiceResponse:  # fmt: skip
    """Say what may be interrupted, then the announcement, then ring one number; a key is asked of whoever answers."""
    response = VoiceResponse()
    if plays:
        gather = _gather(action, LEAD_IN)
        play(gather, plays, voice)
        response.append(gather)
    play(response, announce, voice)
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


def hang_up(plays: Iterable[Play], voice: Voice) -> VoiceResponse:
    """Say the last words and end the call."""
    response = VoiceResponse()
    play(response, plays, voice)
    response.hangup()
    return response


def refuse() -> VoiceResponse:
    """Do not take the call at all."""
    response = VoiceResponse()
    response.reject(reason="rejected")
    return response


def whispered(plays: tuple[Play, ...], action: str, voice: Voice) -> VoiceResponse:
    """Ask whoever picked up for any key, three times; without one hang up, or a voicemail would be connected."""
    response = VoiceResponse()
    gather = _gather(action, WHISPER_WAIT)
    play(gather, plays * WHISPER_ROUNDS, voice)
    response.append(gather)
    response.hangup()
    return response


def _gather(action: str, seconds: int) -> Gather:
    return Gather(
        input="dtmf", num_digits=1, finish_on_key="", timeout=seconds, action=action, method="POST"
    )  # fmt: skip
