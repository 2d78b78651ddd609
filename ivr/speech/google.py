"""Google Cloud Text-to-Speech: a speech engine over the network, which costs money."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ivr.program import how_to_install
from ivr.speech.network import SAME_AGAIN, VOICES, Cost, NoQuota, Outage, Turns, speak, speech_of
from ivr.speech.port import EngineFault, Speech, SynthesisRequest

if TYPE_CHECKING:
    from google.api_core.exceptions import GoogleAPICallError
    from google.cloud.texttospeech_v1 import SynthesizeSpeechRequest, TextToSpeechClient

T = TypeVar("T")

ENDPOINT = "eu-texttospeech.googleapis.com"
RATE, SLOWEST, FASTEST = 24000, 0.25, 2.0
"""Samples a second that are asked for, and Google's limits of the pace."""
LONGEST = 5000
"""Google's limit of a request, in bytes of UTF-8 text."""
INSTALL = how_to_install("google")
CREDENTIALS = "Set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run: gcloud auth application-default login"
REMEDIES = {
    "InvalidArgument": f"Mend the text or the voice. {VOICES}",
    "NotFound": VOICES,
    "PermissionDenied": CREDENTIALS,
    "ResourceExhausted": f"The quota is used up. {SAME_AGAIN}",
    "Unauthenticated": CREDENTIALS,
}
REFUSED_KEY = "metadata from plugin"
"""In gRPC's message where a key gets no token. That is UNAVAILABLE too, but trying again does not help."""


class Family(NamedTuple):
    """Voices with `part` in their name: dollars a million characters and a second of speech, requests a minute.

    `telephony`: whether Google's audio profile for telephones is known to work with them.
    """

    part: str
    per_million: float
    per_second: float
    per_minute: int
    telephony: bool = False


AS_OF = "2026-11-24"
"""The day of these prices and quotas."""
FAMILIES = (
    Family("-standard-", 4, 0, 1000, telephony=True),
    Family("-wavenet-", 4, 0, 1000, telephony=True),
    Family("-neural2-", 16, 0, 1000),
    Family("-chirp3-hd-", 30, 0, 200),
    Family("gemini-2.5-flash", 0, 0.00025, 150),  # 25 tokens a second at $10 a million; the text adds little
    Family("gemini-2.5-pro", 0, 0.0005, 125),
    Family("", 160, 0, 125),  # Studio, the dearest, and all unknown voices
)
"""The first that fits a voice counts."""
CHARACTERS_PER_SECOND = 12
NOTE = f"prices of {AS_OF}, without the free part of each month; Gemini voices roughly"


def _family(voice: str) -> Family:
    return next(each for each in FAMILIES if each.part in voice.lower())


def cost(requests: Iterable[SynthesisRequest]) -> Cost:
    """The cost of requests."""
    characters, dollars = 0, 0.0
    for request in requests:
        length, family = len(request.text), _family(request.voice)
        characters += length
        dollars += length * (family.per_million / 1_000_000 + family.per_second / CHARACTERS_PER_SECOND / request.pace)
    return Cost(characters, dollars, NOTE)


@dataclass(kw_only=True)
class Google:
    """The engine. A Gemini voice is written with its model: gemini-2.5-flash-tts/Kore.

    `parallel`: requests at once. `per_minute`: requests, by default Google's quota for each family. `timeout`: in
    seconds. `client_factory`: makes a client of an endpoint. `sleep`: by default ends when `speak` is closed.
    """

    endpoint: str = ENDPOINT
    parallel: int = 4
    per_minute: int | None = None
    timeout: float = 30.0
    attempts: int = 4
    client_factory: Callable[[str], TextToSpeechClient] | None = None
    sleep: Callable[[float], object] | None = None

    def speak(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        """Yield each request with its speech. After a fault, what was asked until then is still yielded."""
        texts = list(requests)
        for request in texts:
            size = len(request.text.encode())
            if size > LONGEST:
                raise EngineFault(f"{request.prompt}: {size} bytes; Google takes {LONGEST}. Make two prompts of it")
        if texts:
            with _connected(self) as connection:
                yield from speak(texts, connection.turns, self.parallel, partial(_synthesize, connection))

    def voices(self) -> dict[str, tuple[str, ...]]:
        """The voices that Google offers: name -> BCP 47 tags of their languages."""
        with _connected(self) as connection:
            answer = connection.ask("The list of voices", connection.client.list_voices, {}, per_minute=1000)
        return {voice.name: tuple(voice.language_codes) for voice in answer.voices}


@contextmanager
def _connected(google: Google) -> Iterator[_Connection]:
    try:
        import numpy  # noqa: F401 - missed here, and not after the first request is paid for
        from google.auth.exceptions import GoogleAuthError
        from google.cloud.texttospeech_v1 import TextToSpeechClient
    except ImportError as missing:
        raise EngineFault(f"Google's voice is not installed ({missing}): {INSTALL}") from missing
    make = google.client_factory or (lambda endpoint: TextToSpeechClient(client_options={"api_endpoint": endpoint}))
    try:
        client = make(google.endpoint)
    except GoogleAuthError as unknown:
        raise EngineFault(f"Google does not know who asks: {unknown} {CREDENTIALS}") from unknown
    with client:
        yield _Connection(google, client)


class _Connection:
    """A connection that several threads use in turn."""

    def __init__(self, google: Google, client: TextToSpeechClient) -> None:
        self.google, self.client = google, client
        self.turns = Turns(google.attempts, google.sleep)

    def ask(self, what: str, method: Callable[..., T], request: object, per_minute: int) -> T:
        """Google's answer. Its library is told not to retry, as that is done here. Raises EngineFault."""
        from google.api_core import exceptions

        def attempt() -> T:
            try:
                return method(request, timeout=self.google.timeout, retry=None)
            except exceptions.ResourceExhausted as fault:
                raise NoQuota(self._refusal(what, fault)) from fault
            except (exceptions.ServiceUnavailable, exceptions.DeadlineExceeded) as fault:
                may_pass = REFUSED_KEY not in str(fault)
                raise (Outage if may_pass else EngineFault)(self._refusal(what, fault)) from fault
            except exceptions.GoogleAPICallError as fault:
                raise EngineFault(self._refusal(what, fault)) from fault

        return self.turns.ask(attempt, self.google.per_minute or per_minute)

    def _refusal(self, what: str, fault: GoogleAPICallError) -> str:
        kind, words = type(fault).__name__, fault.message.rstrip(".")
        remedy = CREDENTIALS if REFUSED_KEY in words else REMEDIES.get(kind, f"Is the network up? {SAME_AGAIN}")
        return f"{what}: {self.google.endpoint} says {kind}: {words}. {remedy}"


def _synthesize(connection: _Connection, request: SynthesisRequest) -> Speech:
    what, family = f"{request.prompt} ({request.voice}, {request.language})", _family(request.voice)
    answer = connection.ask(what, connection.client.synthesize_speech, _request(request, family), family.per_minute)
    try:
        return _decoded(answer.audio_content)
    except (wave.Error, EOFError, ValueError) as broken:
        words = f"broken audio ({broken})" if answer.audio_content else "no audio"
        raise EngineFault(f"{what}: Google answered with {words}. {SAME_AGAIN}") from broken


def _request(request: SynthesisRequest, family: Family) -> SynthesizeSpeechRequest:
    from google.cloud import texttospeech_v1 as tts

    model, _, name = request.voice.rpartition("/")
    return tts.SynthesizeSpeechRequest(
        input=tts.SynthesisInput(text=request.text),
        voice=tts.VoiceSelectionParams(language_code=request.language, name=name, model_name=model),
        audio_config=tts.AudioConfig(
            audio_encoding=tts.AudioEncoding.LINEAR16,
            sample_rate_hertz=RATE,
            speaking_rate=max(SLOWEST, min(FASTEST, request.pace)),
            effects_profile_id=["telephony-class-application"] if family.telephony else [],
        ),
    )


def _decoded(content: bytes) -> Speech:
    """Google's answer, a WAV file of 16 bits and one channel, as speech."""
    with wave.open(io.BytesIO(content)) as sound:
        params = sound.getparams()
        frames = sound.readframes(params.nframes)
    if (params.nchannels, params.sampwidth) != (1, 2) or not frames or len(frames) != 2 * params.nframes:
        raise ValueError(
            f"{params.nchannels} x {8 * params.sampwidth} bits, {len(frames)} bytes for {params.nframes} samples"
        )
    return speech_of(frames, params.framerate)
