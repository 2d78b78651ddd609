"""The emergency document: 112 in the languages of `before_choice`, then on-call rings. No clip or file is needed."""

from __future__ import annotations

from twilio.twiml.voice_response import VoiceResponse

from ivr.core.content import Content
from ivr.core.office import ON_CALL
from ivr.core.speak import emergency_words
from ivr.core.utterance import Sound, SpokenByProvider, Utterance
from ivr.telephony.port import LineNumbers, Route, Webhook
from ivr.telephony.twiml import document as twiml
from ivr.telephony.twiml import urls
from ivr.telephony.twiml.events import ENDED, outcome


class EmergencyDocuments:
    """The fixed answer of each route. ValueError where a language of `before_choice` has no provider voice."""

    def __init__(self, content: Content, line: LineNumbers) -> None:
        def by_provider(utterance: Utterance) -> tuple[Sound, ...]:
            language = content.languages.languages[utterance.language]
            if not language.provider_voice:
                raise ValueError(f"{utterance.language} has no voice of the provider, which speaks in an emergency")
            return (SpokenByProvider(language.provider_voice, language.locale, utterance.text),)

        words, speak = emergency_words(content), twiml.speaker(by_provider, "")
        number, seconds = line.contacts[ON_CALL][0], line.rings[ON_CALL]
        first, again = VoiceResponse(), VoiceResponse()
        speak(first, words.danger_and_calling)
        # Without an action a talk would be followed by the second ringing.
        first.append(twiml.dial(number, seconds, line, action=f"{line.public_url}/voice/emergency{urls.CONNECTION}"))
        speak(again, words.danger_and_number)
        again.append(twiml.dial(number, seconds, line))
        speak(again, words.danger)
        again.hangup()
        self._first, self._again = str(first).encode(), str(again).encode()
        self._end = str(twiml.hang_up(words.danger, speak)).encode()
        self._connect = str(VoiceResponse()).encode()

    def answer(self, webhook: Webhook, route: Route) -> bytes:
        """Ring on-call, then once more. After a talk, or when the caller has hung up, only say 112 and hang up."""
        talked = webhook.form.get("DialBridged") == "true" or outcome(webhook.form, at_once=True) == "answered"
        match route:
            case "status":
                return b""
            case "whisper":
                return self._connect
            case _ if talked or webhook.form.get("CallStatus") in ENDED:
                return self._end
            case "emergency":
                return self._again
            case _:
                return self._first
