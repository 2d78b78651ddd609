"""Azure's Text to Speech: a speech engine over the network, which costs money. It speaks Somali.

Written from the public documentation of its REST interface (learn.microsoft.com, "Text to speech REST API", "Speech
service quotas and limits", "Customize voice and sound with SSML"; read on 2026-11-29 as they stood in 2024 and 2025),
and not tried against it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from xml.sax.saxutils import escape, quoteattr

from ivr.speech.network import SAME_AGAIN, VOICES, Cost, NoQuota, Outage, Turns, speak, speech_of
from ivr.speech.port import AUDIO_REMEDY, EngineFault, Speech, SynthesisRequest
from ivr.speech.streamed_wav import MOST_BYTES, samples_of
from ivr.speech.web_request import NoWebReply, WebReply, ask

KEY, REGION = "IVR_AZURE_KEY", "IVR_AZURE_REGION"
IN_EUROPE = "westeurope"
"""The region without a setting: the Netherlands. Voices in preview are in this one region of the EU."""
HOST = "{region}.tts.speech.microsoft.com"
FORMAT = "riff-24khz-16bit-mono-pcm"
"""24 kHz is what the voices are made in. A WAV, as its header tells sound from anything else that is answered."""
SLOWEST, FASTEST = 0.5, 2.0
"""Azure's limits of the pace."""
LONGEST = 600.0
"""Seconds of sound after which Azure cuts an answer off, and says nothing of it."""
LONGEST_WAIT = 120.0
"""Most seconds of a Retry-After that are waited for."""
PER_MINUTE = 300
"""Requests. A paid resource (S0) may ask 200 times a second, a free one (F0) 20 times a minute: that one is waited for.

Azure refuses a sudden load also below its quota, and advises to begin slowly."""
MOST_WORDS = 200
"""Characters of what Azure says of a fault."""
GIVE_KEY = (
    f"Set {KEY} to a key of your Speech resource (samples call it SPEECH_KEY or AZURE_SPEECH_KEY), and {REGION} to the "
    f"region of that resource ({IN_EUROPE} without it)"
)
NETWORK = f"Is {REGION} the region of your Speech resource, and the network up? {SAME_AGAIN}"
SOMEBODY_ELSE = "Somebody else answers, such as a proxy that wants a log-in: let this machine through"
SPLIT = "Make two prompts of it"

AS_OF = "2026-11-29"
"""The day of the prices. They are what others tell of them: look at Azure's own list before a large order."""
PER_MILLION, PER_MILLION_HD = 16.0, 30.0
"""Dollars a million characters; HD voices have DragonHD in their name."""
NOTE = f"prices as told on {AS_OF}, without the free part of each month; Azure counts the markup of the pace too"


def cost(requests: Iterable[SynthesisRequest]) -> Cost:
    """The cost of requests."""
    characters, dollars = 0, 0.0
    for request in requests:
        length = len(_paced(request))
        characters += length
        dollars += length * (PER_MILLION_HD if "DragonHD" in request.voice else PER_MILLION) / 1_000_000
    return Cost(characters, dollars, NOTE)


@dataclass(kw_only=True)
class Azure:
    """The engine. A voice is named by its short name: so-SO-UbaxNeural.

    `environment`: where key and region stand. `endpoint`: by default that of the region. `parallel`: requests at once.
    `timeout`: in seconds. `sleep`: by default ends when `speak` is closed.
    """

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    endpoint: str = ""
    parallel: int = 4
    per_minute: int = PER_MINUTE
    timeout: float = 30.0
    attempts: int = 4
    sleep: Callable[[float], object] | None = None

    def speak(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        """Yield each request with its speech. After a fault, what was asked until then is still yielded."""
        texts = list(requests)
        if texts:
            _installed()
            service = _Service(self)
            yield from speak(texts, service.turns, self.parallel, partial(_synthesize, service))

    def voices(self) -> dict[str, tuple[str, ...]]:
        """The voices of the region: name -> BCP 47 tags of their languages."""
        service = _Service(self)
        what = "The list of voices"
        answer = service.ask(what, "GET", "/cognitiveservices/voices/list")
        try:
            return _listed(answer.body)
        except (ValueError, TypeError, KeyError):
            raise EngineFault(
                f"{what}: {service.host} answers 200 with {answer.kind}, no list. {SOMEBODY_ELSE}"
            ) from None


def _listed(body: bytes) -> dict[str, tuple[str, ...]]:
    """Azure's list of voices: name -> BCP 47 tags. Raises ValueError, TypeError and KeyError where it is none."""
    told = json.loads(body)
    if not isinstance(told, list):
        raise TypeError
    return {
        str(voice["ShortName"]): (str(voice["Locale"]), *_texts(voice.get("SecondaryLocaleList"))) for voice in told
    }


def _texts(told: object) -> Iterator[str]:
    """The texts of a list that may be missing. Raises TypeError."""
    if not isinstance(told, list | None):
        raise TypeError
    return map(str, told or [])


def _installed() -> None:
    try:
        import numpy  # noqa: F401 - missed here, and not after the first request is paid for
    except ImportError as missing:
        raise EngineFault(
            f"What makes sound of Azure's answers is not installed ({missing}): {AUDIO_REMEDY}"
        ) from missing


class _Service:
    """Azure's endpoint, which several threads ask in turn. Raises EngineFault where key or region cannot be right."""

    def __init__(self, azure: Azure) -> None:
        self._azure, self.turns = azure, Turns(azure.attempts, azure.sleep)
        self._key = azure.environment.get(KEY, "").strip()
        if not self._key:
            raise EngineFault(f"Azure does not know who asks. {GIVE_KEY}")
        if not re.fullmatch("[!-~]+", self._key):
            raise EngineFault(f"{KEY} has signs that no key has. {GIVE_KEY}")
        region = azure.environment.get(REGION, "").strip() or IN_EUROPE
        if not re.fullmatch("[a-z][a-z0-9]{1,30}", region):  # it becomes part of a host's name
            raise EngineFault(f"{REGION} is no region. Write it in small letters and digits, such as {IN_EUROPE}")
        self.host = HOST.format(region=region)
        self._endpoint = azure.endpoint or f"https://{self.host}"

    def ask(
        self, what: str, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> WebReply:
        """The answer to a request, which has status 200; `what`: for messages. Raises EngineFault."""
        sent = {"Ocp-Apim-Subscription-Key": self._key, "User-Agent": "kemi-guidance-line", **(headers or {})}
        azure = self._azure

        def attempt() -> WebReply:
            try:
                reply = ask(
                    f"{self._endpoint}{path}", sent, body, seconds=azure.timeout, most_bytes=MOST_BYTES, method=method
                )
            except NoWebReply as none:
                kind = Outage if none.may_pass else EngineFault
                raise kind(f"{what}: {self.host}: {none}. {NETWORK if none.may_pass else SOMEBODY_ELSE}") from None
            if reply.status == HTTPStatus.OK:
                return reply
            raise self._refusal(what, reply)

        return self.turns.ask(attempt, azure.per_minute)

    def _refusal(self, what: str, reply: WebReply) -> EngineFault:
        """The fault that a status tells, with its remedy."""
        told = f"{what}: {self.host} answers {reply.status} {self._words(reply)}"
        match reply.status:
            case 429:
                return _told_to_wait(f"{told}. The quota is used up", reply.retry_after)
            case 400:
                return EngineFault(f"{told}. Mend the text or the voice. {VOICES}")
            case 401 | 403:
                return EngineFault(f"{told}. {GIVE_KEY}")
            case 404:
                return EngineFault(f"{told}. Is {REGION} the region of your Speech resource?")
            case status if status == HTTPStatus.REQUEST_TIMEOUT or status >= 500:
                if reply.retry_after is not None:
                    return _told_to_wait(told, reply.retry_after)
                return Outage(f"{told}. {NETWORK}")
            case status if 300 <= status < 400:
                return EngineFault(f"{told}. The key is sent nowhere else. {SOMEBODY_ELSE}")
        return EngineFault(f"{told}. {NETWORK}")

    def _words(self, reply: WebReply) -> str:
        """What is said of a fault, in one line, without markup and without the key."""
        page = "" if reply.kind == "text/html" else reply.body[: 4 * MOST_WORDS].decode(errors="replace")
        words = " ".join(f"{reply.reason} {page}".replace(self._key, "...").split())
        return "".join(filter(str.isprintable, words))[:MOST_WORDS].rstrip(". ")


def _told_to_wait(told: str, seconds: float | None) -> EngineFault:
    if seconds is not None and seconds > LONGEST_WAIT:
        return EngineFault(f"{told}. In {seconds:.0f} s, as it asks for: {SAME_AGAIN}")
    return NoQuota(f"{told}. {SAME_AGAIN}", seconds)


def _ssml(request: SynthesisRequest) -> bytes:
    voice, language = quoteattr(request.voice), quoteattr(request.language)
    speak = f'<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang={language}>'
    return f"{speak}<voice name={voice}>{_paced(request)}</voice></speak>".encode()


def _paced(request: SynthesisRequest) -> str:
    """A text with its pace, relative to the voice's own: Azure takes +10% for faster by a tenth."""
    faster = 100 * (max(SLOWEST, min(FASTEST, request.pace)) - 1)
    return f'<prosody rate="{faster:+.1f}%">{escape(request.text)}</prosody>'


def _synthesize(service: _Service, request: SynthesisRequest) -> Speech:
    what = f"{request.prompt} ({request.voice}, {request.language})"
    headers = {"Content-Type": "application/ssml+xml", "X-Microsoft-OutputFormat": FORMAT}
    answer = service.ask(what, "POST", "/cognitiveservices/v1", _ssml(request), headers)
    if answer.body and not answer.body.startswith(b"RIFF"):
        raise EngineFault(f"{what}: {service.host} answers 200 with {answer.kind}, no sound. {SOMEBODY_ELSE}")
    try:
        samples, rate = samples_of(answer.body, is_framed=answer.is_framed)
    except ValueError as broken:
        words = f"broken audio ({broken})" if answer.body else "no audio"
        raise EngineFault(f"{what}: Azure answered with {words}. {SAME_AGAIN}") from broken
    if not any(samples):
        raise EngineFault(f"{what}: Azure answered with silence. Is that a voice of this language? {VOICES}")
    if len(samples) / 2 / rate >= LONGEST:
        raise EngineFault(f"{what}: Azure cuts off what lasts {LONGEST:g} s. {SPLIT}")
    return speech_of(samples, rate)
