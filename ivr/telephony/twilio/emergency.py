"""The emergency document: 112 in the languages of `before_choice`, then on-call rings. No clip or file is needed."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import get_args

from ivr.core.content import Content
from ivr.core.office import ON_CALL
from ivr.core.speak import emergency_words
from ivr.core.utterance import Sound, SpokenByProvider, Utterance
from ivr.telephony.port import LineNumbers, Route, Webhook
from ivr.telephony.twiml import document as twiml
from ivr.telephony.twiml import urls
from ivr.telephony.twiml.events import ENDED, outcome

PUBLIC_ONLY = "public=1"
"""In the address that follows a document without private numbers: what follows holds none either."""
MOST_BYTES = 64_000
"""Longest TwiML (docs/twilio.md, Requests and answers)."""
FALLBACK_RINGS = 55
"""Seconds that the static form rings: it rings once only, and nobody can ring again."""


class EmergencyDocuments:
    """The fixed answer of each route. ValueError where a language of `before_choice` has no provider voice."""

    def __init__(self, content: Content, line: LineNumbers) -> None:
        write = partial(emergency_document, content, line)
        self._documents = {
            (route, over, public): write(route, over=over, public_only=public)
            for route, over, public in product(get_args(Route), (False, True), (False, True))
        }

    def answer(self, webhook: Webhook | None, route: Route, *, public_only: bool = False) -> bytes:
        """Ring on-call, then once more. After a talk, or when the caller has hung up, only say 112 and hang up."""
        if webhook is None:
            return self._documents[route, False, public_only]
        form = webhook.form
        # Only what this document rings is connected without a key. Rather ring once too often than leave somebody.
        talked = form.get("DialBridged") == "true" or outcome(form, at_once=route == "emergency") == "answered"
        over = talked or form.get("CallStatus") in ENDED
        return self._documents[route, over, public_only or PUBLIC_ONLY in webhook.query.split("&")]


def emergency_document(
    content: Content, line: LineNumbers, route: Route, *, over: bool = False, public_only: bool = False
) -> bytes:
    """The answer of a route when anything breaks; empty where no document is wanted.

    `over`: the caller has talked, or is gone. `public_only`: it rings the public number or, where that cannot be rung,
    only says it. ValueError where a language of `before_choice` has no provider voice.
    """
    words, speak = emergency_words(content), _by_provider(content)
    number = line.public_number if public_only else line.contacts[ON_CALL][0]
    document = twiml.TwimlDocument()
    match route:
        case "status":
            return b""
        case "whisper":
            pass  # an empty document connects the two
        case _ if over:
            speak(document, words.danger)
            document.hangup()
        case "start" | "node" if number:
            speak(document, words.danger_and_calling)
            # Without an action a talk would be followed by the second ringing.
            action = f"{line.public_url}/voice/emergency{f'?{PUBLIC_ONLY}' if public_only else ''}{urls.CONNECTION}"
            document.append(twiml.dial(number, line.rings[ON_CALL], line, action=action))
        case _:
            speak(document, words.danger_and_number)
            if number:
                document.append(twiml.dial(number, line.rings[ON_CALL], line))
            speak(document, words.danger)
            document.hangup()
    return str(document).encode()


def static_document(content: Content, number: str, caller_id: str = "") -> bytes:
    """The emergency document where no process answers: a file at another host, for Twilio's fallback address.

    It says everything first, as it can only ring once and nothing of the call comes back to it. `number`: on-call's
    public one, in E.164. `caller_id`: a number of ours; without one the caller's own is shown, which networks may
    refuse. ValueError where a language of `before_choice` has no provider voice.
    """
    words, speak = emergency_words(content), _by_provider(content)
    line = LineNumbers("", caller_id, {}, content.office.country)
    document = twiml.TwimlDocument()
    speak(document, words.everything)
    document.append(twiml.dial(number, FALLBACK_RINGS, line))
    speak(document, words.danger_and_number)
    document.hangup()
    return str(document).encode()


def _by_provider(content: Content) -> twiml.Speak:
    """Speaks by the provider's voices alone: they are there when every clip is lost."""

    def sound(utterance: Utterance) -> tuple[Sound, ...]:
        language = content.languages.languages[utterance.language]
        if not language.provider_voice:
            raise ValueError(f"{utterance.language} has no voice of the provider, which speaks in an emergency")
        return (SpokenByProvider(language.provider_voice, language.locale, utterance.text),)

    return twiml.speaker(sound, "")
