"""The emergency document: 112 in the languages of `before_choice`, then on-call rings. Built once, at start."""

from __future__ import annotations

from twilio.twiml.voice_response import VoiceResponse

from ivr.core.content import Content
from ivr.core.office import ON_CALL
from ivr.core.speak import emergency_words
from ivr.telephony.port import LineNumbers, Route, Webhook
from ivr.telephony.twiml import document as twiml
from ivr.telephony.twiml.events import ENDED


class EmergencyDocuments:
    """The fixed answer of each route. It rings without action or whisper, so that Twilio asks us nothing more."""

    def __init__(self, content: Content, line: LineNumbers, speak: twiml.Speak) -> None:
        words = emergency_words(content)
        number, seconds = line.contacts[ON_CALL][0], line.rings[ON_CALL]
        document = VoiceResponse()
        for plays in (words.danger_and_calling, words.danger_and_number):
            speak(document, plays)
            document.append(twiml.dial(number, seconds, line))
        speak(document, words.danger)
        document.hangup()
        self._ring = str(document).encode()
        self._end = str(twiml.hang_up(words.danger, speak)).encode()
        self._connect = str(VoiceResponse()).encode()

    def answer(self, webhook: Webhook, route: Route) -> bytes:
        """Ring on-call. After a talk, or when the caller has hung up, only say 112 and hang up."""
        match route:
            case "status":
                return b""
            case "whisper":
                return self._connect
            case _:
                over = webhook.form.get("DialBridged") == "true" or webhook.form.get("CallStatus") in ENDED
                return self._end if over else self._ring
